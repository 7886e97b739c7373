"""Training of the failure model: rows shared out by time, boosters, calibration, scores beside the baselines'."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.features.spine import KEY
from jobs.lake.lake import Lake
from jobs.models.failure.attributes import with_attributes
from jobs.models.failure.card import Scored, model_card
from jobs.models.failure.figures import reliability_figure
from jobs.models.failure.fold import Fitted, fitted_fold, pooled
from jobs.models.failure.health_method import READS as HEALTH_READS
from jobs.models.failure.health_method import AtDates, health_at
from jobs.models.failure.model import FailureModel, Floats
from jobs.models.failure.outcome import outcomes
from jobs.models.failure.rows import Folds, folds, with_folds
from jobs.models.failure.scores import intervals, scores
from jobs.models.failure.settings import FailureSettings, read_failure_settings
from jobs.models.training.trained import Model, Trained
from jobs.progress import Echo
from jobs.query.snapshot import read_snapshot
from jobs.registry import table_named
from jobs.settings import Settings

READS = ("gold.asset_feature", "silver.asset_event", "silver.asset_deployment")
DECISIVE = "log_loss"
_EXAMPLE_ROWS = 5


def train(lake: Lake, settings: Settings, *, seed: int, echo: Echo) -> Trained:
    """Train on the newest release.

    Raises
    ------
    TrainingError
        The release has no features, no failures or no date with a known outcome.
    InputError
        A column of ``models/failure.yaml`` is none of gold.asset_feature, and no unit has an attribute of its name.
    """
    own = read_failure_settings(settings.conf_folder)
    release = read_snapshot(lake)
    feature, event, deployment = (release.rows(table_named(name)) for name in READS)
    labelled = outcomes(feature, event, deployment, months=own.horizon_months, utc_offset=settings.grid_time.offset)
    inputs = {name: release.versions[name] for name in (*READS, *HEALTH_READS) if name in release.versions}
    return trained(labelled, own, inputs=inputs, health=health_at(release, settings), seed=seed, echo=echo)


def trained(
    labelled: DataFrame,
    settings: FailureSettings,
    *,
    inputs: Mapping[str, int],
    health: AtDates,
    seed: int,
    echo: Echo,
) -> Trained:
    """Train on features with their outcomes (`outcomes`); ``health`` says what the health method said at a date."""
    known = with_attributes(labelled, settings.columns, settings.categories, whose="models/failure.yaml")
    needed = ["asset_id", "as_of", "failed", "exposure", *dict.fromkeys((*settings.inputs, "service_years"))]
    narrow = known.select(*needed).persist()
    try:
        found = folds(narrow, settings)
        turns = range(settings.turns if found.by == "unit" else 1)
        shared = (with_folds(narrow, found, settings, seed=seed, turn=turn) for turn in turns)
        fitted = [fitted_fold(rows, settings, health=health, seed=seed, echo=echo) for rows in shared]
        return _told(fitted, found, settings, labelled, inputs=inputs, seed=seed)
    finally:
        narrow.unpersist()


def _told(
    fitted: Sequence[Fitted],
    found: Folds,
    settings: FailureSettings,
    labelled: DataFrame,
    *,
    inputs: Mapping[str, int],
    seed: int,
) -> Trained:
    """What is handed over: the model of the first fold with its scores, and those of all folds together."""
    first = fitted[0]
    model, held, happened = first.model, first.held, first.happened
    score = partial(scores, base_rate=first.base_rate)
    metrics, between = _scored(first.said, happened, score, settings, seed=seed)
    crossed: Scored = ({}, {})
    if len(fitted) > 1:
        crossed = _scored(*pooled(fitted), score, settings, seed=seed)
    params = {
        **settings.boosting.model_dump(),
        "members": settings.members,
        "distributed": str(settings.distributed),
        "split_by": found.by,
        "turns": len(fitted),
        "calibrated_on": " ".join(found.calibrate),
        "score_from": found.score_from,
        "calibration_slope_applied": model.calibration.slope,
        "calibration_intercept_applied": model.calibration.intercept,
        "base_rate": first.base_rate,
        **first.told,
    }

    def rescore(other: Model) -> Mapping[str, float]:
        rows = _as_taken(other, held, labelled)
        return score(np.asarray(other.predict(rows)["probability"], np.float64), happened)

    logged = {
        name: {**one, **{f"cross_validated_{key}": value for key, value in crossed[0].get(name, {}).items()}}
        for name, one in metrics.items()
    }
    ends = _ends(between) | _ends(crossed[1], "cross_validated_")
    return Trained(
        name="failure",
        model=model,
        example=held[model.inputs.names].head(_EXAMPLE_ROWS).astype(dict.fromkeys(model.inputs.columns, "float64")),
        metrics=logged["failure"] | ends,
        baselines={name: one for name, one in logged.items() if name != "failure"},
        decisive=DECISIVE,
        card=model_card(settings, params, (metrics, between), crossed, counts=first.counts),
        inputs=inputs,
        scored_rows=_hash(held),
        seed=seed,
        rescore=rescore,
        params=params,
        plots={"reliability": reliability_figure(first.said, happened)},
    )


def _as_taken(model: Model, held: pd.DataFrame, labelled: DataFrame) -> pd.DataFrame:
    """The rows scored with the columns that another model takes, which other settings may have named."""
    if not isinstance(model, FailureModel) or set(model.inputs.names) <= set(held.columns):
        return held
    takes = model.inputs
    known = with_attributes(labelled, takes.columns, takes.categories, whose="the model to compare with")
    more = [name for name in takes.names if name not in held.columns]
    found = known.where(F.col("as_of") >= F.lit(held["as_of"].min())).select(*KEY, *more).toPandas()
    return held.merge(found, on=list(KEY), how="left", validate="one_to_one")


def _scored(
    said: Mapping[str, Floats],
    happened: Floats,
    score: Callable[[Floats, Floats], dict[str, float]],
    settings: FailureSettings,
    *,
    seed: int,
) -> Scored:
    metrics = {name: score(probability, happened) for name, probability in said.items()}
    return metrics, intervals(score, said["failure"], happened, draws=settings.bootstrap_draws, seed=seed)


def _ends(between: Mapping[str, tuple[float, float]], prefix: str = "") -> dict[str, float]:
    lows = {f"{prefix}{name}_p05": low for name, (low, _) in between.items()}
    return lows | {f"{prefix}{name}_p95": high for name, (_, high) in between.items()}


def _hash(rows: pd.DataFrame) -> str:
    keys = "\n".join(rows["as_of"].astype(str) + " " + rows["asset_id"])
    return hashlib.sha256(keys.encode()).hexdigest()[:16]
