"""Models ``failure_probability``: how likely each unit is to fail, by the champion of the failure models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, BooleanType, DateType, DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.gold.features.spine import KEY
from jobs.job import Job, Read
from jobs.models.failure.attributes import with_attributes
from jobs.models.failure.model import FailureModel, InputError
from jobs.models.training.champions import champion_of
from jobs.models.training.trained import Champion
from jobs.notice import Notice
from jobs.rule import Rule, RuleSet
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table


def _chance(name: str, meaning: str) -> Column:
    return Column(name, DoubleType(), "1", meaning, minimum=0, maximum=1)


FAILURE_PROBABILITY = Table(
    name="models.failure_probability",
    grain="One unit in service as of a date of gold.asset_feature whose outcome the model has not seen.",
    key=(*KEY, "horizon_months"),
    columns=(
        c.ASSET_ID,
        Column("as_of", DateType(), None, "Grid day at whose start this was known"),
        Column("horizon_months", IntegerType(), "month", "Within how many months the unit fails", minimum=1),
        _chance("probability", "Chance that it fails within them, if nobody takes it away"),
        _chance("probability_low", "Lower end of the 90 % interval: how far the boosters of the model differ"),
        _chance("probability_high", "Upper end"),
        Column(
            "top_reasons",
            ArrayType(StringType(), False),
            None,
            "What moves it most: column, value, and by what the odds are multiplied",
        ),
        Column(
            "unknown_category",
            BooleanType(),
            None,
            "True where a text of the unit, such as its maker, is one that training never met: it counts as not known",
        ),
        Column("model_version", StringType(), None, "Model that said so, such as `failure 3`"),
    ),
)
NOTICES = RuleSet(
    "What the failure model tells of units it scored",
    Rule("F01", "unknown_category", "a text of the unit, such as its maker, is one that training never met"),
)
SCORED = (
    "asset_id string, as_of date, horizon_months int, probability double, probability_low double, "
    "probability_high double, top_reasons array<string>, unknown_category boolean, model_version string"
)


def failure_probabilities(asset_feature: DataFrame, *, champion: Champion | None) -> DataFrame:
    """gold.asset_feature -> models.failure_probability; no rows without a champion: the curve of the class goes on.

    Raises
    ------
    InputError
        The champion takes a column that gold.asset_feature does not have, or is no failure model.
    """
    if champion is None:
        nothing = asset_feature.select(*KEY).where(F.lit(False))
        absent = [field.split(" ", 1) for field in SCORED.split(", ")]
        return nothing.select(*[name if name in KEY else F.lit(None).cast(kind).alias(name) for name, kind in absent])
    model = champion.model
    if not isinstance(model, FailureModel):
        raise InputError(f"{champion.source} is a {type(model).__name__}, no failure model")
    if tuple(model.inputs.names) != tuple(champion.columns):
        raise InputError(
            f"{champion.source}: its signature names {list(champion.columns)}, the model takes {model.inputs.names}"
        )
    takes = model.inputs
    known = with_attributes(asset_feature, takes.columns, takes.categories, whose=champion.source)
    rows = known.where(F.col("as_of") > F.lit(model.trained_until)).select(*KEY, *model.inputs.names)
    source = champion.source

    def scored(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            if len(batch):
                said = model.predict(batch)
                new = pd.Series(False, batch.index)
                for name, texts in model.inputs.unknown(batch).items():
                    new |= batch[name].isin(texts)
                yield batch[[*KEY]].assign(
                    horizon_months=model.horizon_months,
                    **{str(name): said[name] for name in said},
                    unknown_category=new,
                    model_version=source,
                )

    return rows.mapInPandas(scored, SCORED)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"champion": champion_of("failure", settings)}


def _unknown(rows: DataFrame, settings: Settings, span: Span) -> DataFrame:
    return rows.where("unknown_category")


JOB = Job(
    FAILURE_PROBABILITY,
    failure_probabilities,
    {"asset_feature": Read("gold.asset_feature")},
    _options,
    notices=(Notice(NOTICES["unknown_category"], KEY, _unknown),),
)
