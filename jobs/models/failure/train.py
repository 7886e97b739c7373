"""Training of the failure model: rows shared out by time, boosters, calibration, scores beside the baselines'."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import TrainingError, first_keys
from jobs.gold.asset_feature import ASSET_FEATURE
from jobs.lake.lake import Lake
from jobs.models.failure.baselines import fitted_logistic, fitted_weibull, weibull_probability
from jobs.models.failure.boosting import boosted, boosted_by_spark
from jobs.models.failure.card import model_card
from jobs.models.failure.figures import reliability_figure
from jobs.models.failure.model import Calibration, FailureModel, Floats, Inputs, expit
from jobs.models.failure.outcome import outcomes
from jobs.models.failure.rows import CALIBRATE, SCORE, TRAIN, Folds, folds, with_folds
from jobs.models.failure.scores import calibration_line, intervals, scores
from jobs.models.failure.settings import FailureSettings, read_failure_settings
from jobs.models.training.trained import Model, Trained
from jobs.progress import Echo
from jobs.query.snapshot import read_snapshot
from jobs.registry import table_named
from jobs.settings import Settings

READS = ("gold.asset_feature", "silver.asset_event", "silver.asset_deployment")
DECISIVE = "log_loss"
_EXAMPLE_ROWS = 5
_BASELINE_ROWS = 500_000  # of training rows, at most, come to this process where Spark's tasks train the boosters


def train(lake: Lake, settings: Settings, *, seed: int, echo: Echo) -> Trained:
    """Train on the newest release.

    Raises
    ------
    TrainingError
        The release has no features, no failures or no date with a known outcome, or a column of
        ``models/failure.yaml`` is none of gold.asset_feature.
    """
    own = read_failure_settings(settings.conf_folder)
    release = read_snapshot(lake)
    feature, event, deployment = (release.rows(table_named(name)) for name in READS)
    labelled = outcomes(feature, event, deployment, months=own.horizon_months, utc_offset=settings.grid_time.offset)
    inputs = {name: release.versions[name] for name in READS if name in release.versions}
    return trained(labelled, own, inputs=inputs, seed=seed, echo=echo)


def trained(
    labelled: DataFrame, settings: FailureSettings, *, inputs: Mapping[str, int], seed: int, echo: Echo
) -> Trained:
    """Train on features with their outcomes (`outcomes`)."""
    unknown = [name for name in settings.inputs if name not in labelled.columns]
    if unknown:
        raise TrainingError(f"models/failure.yaml: {ASSET_FEATURE.name} has no column {first_keys(unknown)}")
    needed = ["asset_id", "as_of", "failed", "exposure", *dict.fromkeys((*settings.inputs, "service_years"))]
    narrow = labelled.select(*needed).persist()
    try:
        found = folds(narrow, settings)
        rows = with_folds(narrow, found, settings, seed=seed)
        return _trained(rows, found, settings, inputs=inputs, seed=seed, echo=echo)
    finally:
        narrow.unpersist()


def _trained(
    rows: DataFrame, found: Folds, settings: FailureSettings, *, inputs: Mapping[str, int], seed: int, echo: Echo
) -> Trained:
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
    model = FailureModel(
        takes, boosters, _calibrated(raw.log_odds(takes.matrix(tuned)).mean(axis=0), tuned), settings.reasons,
        settings.horizon_months, until,
    )  # fmt: skip
    shape, scale = fitted_weibull(_numbers(learnt, "service_years"), failed, exposure)
    logistic = fitted_logistic(matrix, failed, exposure)
    said = {
        "failure": model.probability(held),
        "logistic_regression": logistic.predict_proba(takes.matrix(held))[:, 1],
        "weibull_of_age": weibull_probability(_numbers(held, "service_years"), shape, scale),
    }
    happened, base_rate = _numbers(held, "failed"), float(np.average(failed, weights=exposure))
    score = partial(scores, base_rate=base_rate)
    metrics = {name: score(probability, happened) for name, probability in said.items()}
    between = {
        name: intervals(score, probability, happened, draws=settings.bootstrap_draws, seed=seed)
        for name, probability in said.items()
    }
    ends = {f"{name}_p05": low for name, (low, _) in between["failure"].items()}
    ends |= {f"{name}_p95": high for name, (_, high) in between["failure"].items()}
    params = {
        **settings.boosting.model_dump(),
        "members": settings.members,
        "distributed": str(settings.distributed),
        "split_by": found.by,
        "calibrated_on": " ".join(found.calibrate),
        "score_from": found.score_from,
        "weibull_shape": shape,
        "weibull_scale_years": scale,
        "calibration_slope_applied": model.calibration.slope,
        "calibration_intercept_applied": model.calibration.intercept,
        "base_rate": base_rate,
    }
    rescore_rows = held.copy()

    def rescore(other: Model) -> Mapping[str, float]:
        return score(np.asarray(other.predict(rescore_rows)["probability"], np.float64), happened)

    return Trained(
        name="failure",
        model=model,
        example=held[takes.names].head(_EXAMPLE_ROWS).astype(dict.fromkeys(takes.columns, "float64")),
        metrics=metrics["failure"] | ends,
        baselines={name: one for name, one in metrics.items() if name != "failure"},
        decisive=DECISIVE,
        card=model_card(settings, params, metrics, between, counts=[len(one) for one in (learnt, tuned, held)]),
        inputs=inputs,
        scored_rows=_hash(held),
        seed=seed,
        rescore=rescore,
        params=params,
        plots={"reliability": reliability_figure(said, happened)},
    )


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


def _hash(rows: pd.DataFrame) -> str:
    keys = "\n".join(rows["as_of"].astype(str) + " " + rows["asset_id"])
    return hashlib.sha256(keys.encode()).hexdigest()[:16]
