"""Rows to train on: which of them train, calibrate and are scored, and how often each booster sees a unit."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.errors import TrainingError, first_keys
from jobs.models.failure.settings import FailureSettings

TRAIN, CALIBRATE, SCORE = "train", "calibrate", "score"
_OF_UNITS = (0.6, 0.8)  # of one year: up to here they train, up to here they calibrate, the others are scored
_FINE = 1_000_000
TURNS = 5
# Poisson of mean 1: how often a row is drawn in a bootstrap of many (Oza and Russell 2001).
_DRAWN = (0.367879441, 0.735758882, 0.919698603, 0.981011843, 0.996340153, 0.999405815)


@dataclass(frozen=True)
class Folds:
    """How rows are shared out: by date, or by unit where there are too few dates."""

    by: str
    calibrate: tuple[str, ...]
    """Dates that calibrate; none where units are shared out."""
    score_from: str


def folds(labelled: DataFrame, settings: FailureSettings) -> Folds:
    """Which dates calibrate and are scored.

    Raises
    ------
    TrainingError
        No date's outcome is on record, nothing failed, or everything did: there is nothing to learn.
    """
    rows = labelled.groupBy("as_of").agg(F.count("*").alias("rows"), F.sum("failed").alias("failed"))
    known = sorted(rows.collect(), key=lambda one: one["as_of"])
    total, failed = sum(one["rows"] for one in known), sum(one["failed"] for one in known)
    if not total:
        raise TrainingError(
            "gold.asset_feature: no date lies a whole horizon before the last one, so no outcome is known: "
            "build a span that ends later, or ingest events of earlier years"
        )
    if not 0 < failed < total:
        what = "no failure is on record" if not failed else "every unit failed"
        raise TrainingError(f"silver.asset_event: {what} among {total:,} unit-years: a failure model needs both kinds")
    days = [one["as_of"] for one in known]
    before, score = days[: -settings.years.score], days[-settings.years.score :]
    calibrate = before[:: -settings.years.calibrate_every]
    if len(before) <= settings.years.calibrate_every:
        return Folds("unit", (), str(days[0]))
    for name, of in (
        (TRAIN, [one for one in known if one["as_of"] in set(before) - set(calibrate)]),
        (CALIBRATE, [one for one in known if one["as_of"] in calibrate]),
        (SCORE, [one for one in known if one["as_of"] in score]),
    ):
        if not any(one["failed"] for one in of):
            raise TrainingError(
                f"silver.asset_event: no failure in the years that {name} "
                f"({first_keys([str(one['as_of']) for one in of])}): models/failure.yaml shares out the years"
            )
    return Folds("year", tuple(str(day) for day in sorted(calibrate)), str(score[0]))


def with_folds(labelled: DataFrame, found: Folds, settings: FailureSettings, *, seed: int, turn: int = 0) -> DataFrame:
    """Rows with their fold ``_fold`` and ``_drawn``, how often each booster's draw of units holds the row's unit.

    Where units are shared out, each is scored in just one of the five turns.
    """
    if found.by == "unit":
        at = F.pmod(_even("fold", seed) + turn / TURNS, F.lit(1.0))
        fold = F.when(at < _OF_UNITS[0], TRAIN).when(at < _OF_UNITS[1], CALIBRATE).otherwise(SCORE)
    else:
        day = F.col("as_of")
        fold = F.when(day >= F.lit(found.score_from), SCORE).when(day.isin(*found.calibrate), CALIBRATE)
        fold = fold.otherwise(TRAIN)
    drawn = [
        sum(((_even(f"booster {one}", seed) >= limit).cast("int") for limit in _DRAWN), F.lit(0))
        for one in range(settings.members)
    ]
    rows = labelled.withColumns({"_fold": fold, "_drawn": F.array(*drawn)})
    too_early = (F.col("_fold") == TRAIN) & (F.year("as_of") < settings.years.train_from)
    return rows.where(~too_early) if found.by == "year" else rows


def _even(what: str, seed: int) -> Column:
    """A number from 0 to 1 by the unit's id: the same on each run and machine."""
    return F.pmod(F.xxhash64(F.lit(f"{what} {seed}"), F.col("asset_id")), F.lit(_FINE)) / _FINE
