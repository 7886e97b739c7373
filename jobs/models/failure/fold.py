"""One fold: boosters trained on some rows, calibrated on others, and what they and the baselines say of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import TrainingError
from jobs.models.failure.baselines import fitted_logistic, fitted_weibull, weibull_probability
from jobs.models.failure.boosting import boosted, boosted_by_spark
from jobs.models.failure.health_method import AtDates
from jobs.models.failure.model import Calibration, FailureModel, Floats, Inputs, expit
from jobs.models.failure.rows import CALIBRATE, SCORE, TRAIN
from jobs.models.failure.scores import calibration_line
from jobs.models.failure.settings import FailureSettings
from jobs.progress import Echo

_BASELINE_ROWS = 500_000  # of training rows, at most, come to this process where Spark's tasks train the boosters


@dataclass(frozen=True)
class Fitted:
    """A model with what it and its baselines say of rows that it was neither trained nor calibrated on.

    Parameters
    ----------
    held : those rows.
    said : name of model or baseline -> chance of failing of each.
    base_rate : share of the rows that train that failed, by exposure.
    counts : rows that train, calibrate and are scored.
    told : parameters of the baselines: of the Weibull curve, none where all units are as long in service, so that age
        tells nothing, and the share of the rows scored that the health method judges.
    """

    model: FailureModel
    held: pd.DataFrame
    said: Mapping[str, Floats]
    base_rate: float
    counts: tuple[int, int, int]
    told: Mapping[str, float]

    @property
    def happened(self) -> Floats:
        return _numbers(self.held, "failed")


def fitted_fold(rows: DataFrame, settings: FailureSettings, *, health: AtDates, seed: int, echo: Echo) -> Fitted:
    """Fit on rows with their fold (`with_folds`); ``health`` says what the health method said at a date.

    Raises
    ------
    TrainingError
        A fold holds one class alone, or the columns say nothing of the rows that calibrate.
    """
    training = rows.where(F.col("_fold") == TRAIN)
    takes = Inputs(tuple(settings.columns), {name: _texts(training, name) for name in settings.categories})
    few = _sample(training, seed) if settings.distributed else training
    learnt, tuned, held = (
        _in_order(part) for part in (few, *(rows.where(F.col("_fold") == fold) for fold in (CALIBRATE, SCORE)))
    )
    for name, part in ((TRAIN, learnt), (CALIBRATE, tuned), (SCORE, held)):
        if not 0 < part["failed"].sum() < len(part):
            raise TrainingError(
                f"the failure model: {len(part):,} rows that {name}, {int(part['failed'].sum()):,} of them failed; "
                "both kinds are needed"
            )
    echo(f"failure model: {len(learnt):,} rows train, {len(tuned):,} calibrate, {len(held):,} are scored")
    matrix, failed, exposure = takes.matrix(learnt), _numbers(learnt, "failed"), _numbers(learnt, "exposure")
    drawn = np.array(learnt["_drawn"].tolist(), np.float64)
    boosters = tuple(
        boosted_by_spark(training, takes, settings, member=member, seed=seed + member)
        if settings.distributed
        else boosted(matrix, failed, exposure * drawn[:, member], settings, seed=seed + member)
        for member in range(settings.members)
    )
    until = str(max(tuned["as_of"].max(), learnt["as_of"].max()))
    raw = FailureModel(takes, boosters, Calibration(1.0, 0.0), settings.reasons, settings.horizon_months, until)
    model = replace(raw, calibration=_calibrated(raw.log_odds(takes.matrix(tuned)).mean(axis=0), tuned))
    base_rate = float(np.average(failed, weights=exposure))
    logistic = fitted_logistic(matrix, failed, exposure)
    said = {
        "failure": model.probability(held),
        "logistic_regression": logistic.predict_proba(takes.matrix(held))[:, 1],
        "base_rate": np.full(len(held), base_rate),
    }
    by_method, judged = _by_health_method(held, health, otherwise=base_rate)
    told, years = {"health_method_share": judged}, _numbers(learnt, "service_years")
    if judged:
        said["health_method"] = by_method
    if years.min() < years.max():
        shape, scale = fitted_weibull(years, failed, exposure)
        said["weibull_of_age"] = weibull_probability(_numbers(held, "service_years"), shape, scale)
        told |= {"weibull_shape": shape, "weibull_scale_years": scale}
    return Fitted(model, held, said, base_rate, (len(learnt), len(tuned), len(held)), told)


def pooled(fitted: Sequence[Fitted]) -> tuple[dict[str, Floats], Floats]:
    """What was said of the rows of all folds, and what happened: by those baselines that every fold has."""
    names = [name for name in fitted[0].said if all(name in one.said for one in fitted)]
    said = {name: np.concatenate([one.said[name] for one in fitted]) for name in names}
    # One share for all: those of the folds differ by chance, lower where more failed, and would rank the folds.
    said["base_rate"] = np.full(len(said["base_rate"]), np.mean([one.base_rate for one in fitted]))
    return said, np.concatenate([one.happened for one in fitted])


def _by_health_method(held: pd.DataFrame, health: AtDates, *, otherwise: float) -> tuple[Floats, float]:
    """What the health method says of the rows, and the share that it judges; of the others it says the base rate."""
    said = health(sorted(held["as_of"].unique())).toPandas()
    beside = held[["asset_id", "as_of"]].merge(said, on=["asset_id", "as_of"], how="left", validate="one_to_one")
    found = beside["health_probability"].to_numpy(np.float64)
    known = ~np.isnan(found)
    return np.where(known, found, otherwise), float(known.mean())


def _calibrated(log_odds: Floats, tuned: pd.DataFrame) -> Calibration:
    slope, intercept = calibration_line(expit(log_odds), _numbers(tuned, "failed"), _numbers(tuned, "exposure"))
    if slope <= 0:
        raise TrainingError(
            f"the failure model tells nothing on the years that calibrate (slope {slope:.3f}): too few failures to "
            "learn from, or columns that say nothing"
        )
    return Calibration(slope, intercept)


def _texts(training: DataFrame, name: str) -> tuple[str, ...]:
    return tuple(sorted(row[0] for row in training.select(name).where(F.col(name).isNotNull()).distinct().collect()))


def _sample(training: DataFrame, seed: int) -> DataFrame:
    share = min(1.0, _BASELINE_ROWS / max(training.count(), 1))
    return training.sample(fraction=share, seed=seed) if share < 1 else training


def _in_order(rows: DataFrame) -> pd.DataFrame:
    """Rows in one order, whatever tasks bring them: sums and draws follow it."""
    return rows.toPandas().sort_values(["as_of", "asset_id"], ignore_index=True)


def _numbers(rows: pd.DataFrame, name: str) -> Floats:
    return rows[name].to_numpy(np.float64)
