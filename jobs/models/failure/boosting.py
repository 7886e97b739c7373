"""Training of one booster: in this process, or in Spark tasks that each hold a part of the rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.models.failure.model import Inputs
from jobs.models.failure.settings import FailureSettings

Floats = NDArray[np.float64]


def boosted(matrix: pd.DataFrame, failed: Floats, weight: Floats, settings: FailureSettings, *, seed: int) -> bytes:
    """A booster trained on these rows, as XGBoost saves it."""
    kept = weight > 0
    parameters = settings.boosting.model_dump(exclude={"num_boost_round"}) | {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "seed": seed,
        "monotone_constraints": str(_signs(settings)),
    }
    data = xgb.DMatrix(matrix[kept], failed[kept], weight=weight[kept])
    return bytes(xgb.train(parameters, data, settings.boosting.num_boost_round).save_raw("ubj"))


def boosted_by_spark(rows: DataFrame, inputs: Inputs, settings: FailureSettings, *, member: int, seed: int) -> bytes:
    """The same, by ``workers`` tasks: no row comes to the driver."""
    from xgboost.spark import SparkXGBClassifier  # loads Spark's machine learning, which nothing else needs

    boosting = settings.boosting
    weight = (F.col("exposure") * F.col("_drawn")[member]).alias("_weight")
    numbers = rows.select(*encoded(inputs), F.col("failed").cast("double").alias("_failed"), weight)
    trainer = SparkXGBClassifier(
        features_col=inputs.names,
        label_col="_failed",
        weight_col="_weight",
        num_workers=settings.workers,
        missing=float("nan"),
        n_estimators=boosting.num_boost_round,
        learning_rate=boosting.eta,
        monotone_constraints=str(_signs(settings)),
        tree_method="hist",
        seed=seed,
        **boosting.model_dump(include={"max_depth", "min_child_weight", "subsample", "colsample_bytree", "reg_lambda"}),
    )
    return bytes(trainer.fit(numbers.where("_weight > 0")).get_booster().save_raw("ubj"))


def encoded(inputs: Inputs) -> list[Column]:
    """Columns as `Inputs.matrix` makes them."""
    unknown = F.lit(float("nan"))
    numbers = [F.coalesce(F.col(name).cast("double"), unknown).alias(name) for name in inputs.columns]
    codes = [_code(name, known).alias(name) for name, known in inputs.categories.items()]
    return [*numbers, *codes]


def _code(name: str, known: tuple[str, ...]) -> Column:
    texts: Mapping[str, int] = {text: code for code, text in enumerate(known)}
    code = F.lit(float("nan"))
    for text, number in texts.items():
        code = F.when(F.col(name) == text, F.lit(float(number))).otherwise(code)
    return code


def _signs(settings: FailureSettings) -> tuple[int, ...]:
    return (*settings.columns.values(), *(0 for _ in settings.categories))
