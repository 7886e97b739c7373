"""How well the rules find planted faults: recall and precision by kind, and how often clean readings are named.

A *fault* is one planted event (it may last days); a *finding* is one row of ``silver.reading_flag``. A finding is
*of the kind* where its rule is one of ``RULES_OF_KIND``, and *overlaps* a fault where they share a channel-interval.

- recall by fault = faults of the kind with an overlapping finding of the kind / faults of the kind
- recall by reading = channel-intervals of these faults that findings of the kind cover / all of them
- precision of a rule = its findings that overlap a fault of a kind it is made for / its findings
- false flags = clean channel-intervals that some finding covers / clean channel-intervals
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.errors import SourceError
from jobs.protected.identifier import IDENTIFIER
from jobs.report.snapshot import Snapshot
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.reading_flag import READING_FLAG

RULES_OF_KIND: dict[str, tuple[str, ...]] = {
    "catch_up_after_gap": ("catch_up", "missing"),
    "catch_up_after_zero": ("catch_up",),
    "catch_up_over_midnight": ("catch_up",),
    "zero_run": ("zero_run", "zero_day"),
}
"""Rules made for a kind of planted fault; any other kind that has a rule bears its rule's name."""

TRUTH_COLUMNS = ("usage_point", "channel", "grid_date", "first_slot", "slots", "kind", "has_rule", "began")
DAY_SLOTS = 96  # faults are planted in quarter-hours
FAULT = ("usage_point_id", "channel", "kind", "began")


@dataclass(frozen=True)
class Score:
    """How rules and planted faults met.

    Parameters
    ----------
    kinds
        ``kind, has_rule, faults, found, recall, readings, covered, reading_recall, found_by_any``.
    rules
        ``rule_id, findings, right, precision, on_any_fault``.
    clean, falsely_flagged
        Channel-intervals without a planted fault, and how many of them some finding covers.
    """

    kinds: pd.DataFrame
    rules: pd.DataFrame
    clean: int
    falsely_flagged: int

    @property
    def false_flag_share(self) -> float | None:
        return self.falsely_flagged / self.clean if self.clean else None


def read_planted(snapshot: Snapshot, truth: Path) -> DataFrame:
    """Planted faults on the days the lake holds, with hashed ids.

    Raises
    ------
    SourceError
        The folder holds no planted faults, or not the columns needed.
    """
    file = truth / "fault.parquet"
    if not file.is_file():
        raise SourceError(f"{truth}: no fault.parquet with the planted faults of a sample")
    planted = snapshot.lake.spark.read.parquet(file.resolve().as_uri())
    lacking = sorted(set(TRUTH_COLUMNS) - set(planted.columns))
    if lacking:
        raise SourceError(f"{file}: planted faults lack the columns {lacking}")
    known = snapshot.rows(IDENTIFIER).where("id_kind = 'usage_point_id'")
    ids = known.select(F.col("id").alias("usage_point_id"), F.col("source_id").alias("usage_point"))
    days = snapshot.rows(INTERVAL_BLOCK).select("grid_date").distinct()
    known_only = planted.select(*TRUTH_COLUMNS).join(ids, "usage_point").drop("usage_point")
    return known_only.join(days, "grid_date", "left_semi")


def score(snapshot: Snapshot, truth: Path) -> Score:
    """The rules of a lake held against the planted truth of its sample."""
    blocks = snapshot.rows(INTERVAL_BLOCK)
    readings = blocks.agg(F.sum(F.lit(1440) / F.col("interval_minutes"))).first()
    assert readings is not None  # an aggregate without groups has one row
    return scored(read_planted(snapshot, truth), snapshot.rows(READING_FLAG), readings=round(readings[0] or 0))


def scored(planted: DataFrame, flags: DataFrame, *, readings: int) -> Score:
    """Score of findings against planted faults.

    Parameters
    ----------
    planted
        ``usage_point_id, channel, grid_date, first_slot, slots, kind, has_rule, began``; slots of a quarter-hour.
    flags
        Rows of silver.reading_flag.
    readings
        Channel-intervals judged.
    """
    first = F.datediff("grid_date", F.lit("1970-01-01")) * DAY_SLOTS
    per_slot = F.col("interval_minutes") / (1440 / DAY_SLOTS)
    start = first + F.col("first_slot")
    faults = planted.withColumns({"start": start, "stop": start + F.col("slots")})
    findings = flags.select(
        "usage_point_id",
        "channel",
        "rule_id",
        F.struct("grid_date", "first_slot").alias("finding"),
        F.floor(first + F.col("first_slot") * per_slot).alias("from_slot"),
        F.ceil(first + (F.col("first_slot") + F.col("slots")) * per_slot).alias("to_slot"),
    )
    meet = (F.col("from_slot") < F.col("stop")) & (F.col("to_slot") > F.col("start"))
    hits = faults.join(findings, ["usage_point_id", "channel"]).where(meet).withColumn("right", _made_for())
    hits = hits.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        kinds, rules = _by_kind(faults, hits), _by_rule(findings, hits)
        dirty = _slots(faults, "start", "stop")
        named = _slots(findings, "from_slot", "to_slot")
        false_flags = named.join(dirty, ["usage_point_id", "channel", "slot"], "left_anti").count()
        return Score(kinds.toPandas(), rules.toPandas(), readings - dirty.count(), false_flags)
    finally:
        hits.unpersist()


def _made_for() -> Column:
    """True where the finding's rule is made for the fault's kind."""
    rules = F.array("kind")
    for kind, names in RULES_OF_KIND.items():
        rules = F.when(F.col("kind") == kind, F.array(*map(F.lit, names))).otherwise(rules)
    return F.array_contains(rules, F.col("rule_id")) & F.col("has_rule")


def _slots(rows: DataFrame, start: str, stop: str) -> DataFrame:
    """Each channel-interval that the rows cover, once."""
    slot = F.explode(F.sequence(F.col(start), F.col(stop) - 1)).alias("slot")
    return rows.select("usage_point_id", "channel", slot).distinct()


def _by_kind(faults: DataFrame, hits: DataFrame) -> DataFrame:
    planted = faults.groupBy("kind").agg(
        F.max("has_rule").alias("has_rule"), F.countDistinct(*FAULT).alias("faults"), F.sum("slots").alias("readings")
    )
    found = hits.groupBy("kind").agg(
        F.countDistinct(F.when(F.col("right"), F.struct(*FAULT))).alias("found"),
        F.countDistinct(*FAULT).alias("found_by_any"),
    )
    overlap = F.sequence(F.greatest("start", "from_slot"), F.least("stop", "to_slot") - 1)
    slots = hits.where("right").select("usage_point_id", "channel", "kind", F.explode(overlap).alias("slot")).distinct()
    covered = slots.groupBy("kind").agg(F.count("*").alias("covered"))
    joined = planted.join(found, "kind", "left").join(covered, "kind", "left").na.fill(0)
    shares = {"recall": F.col("found") / F.col("faults"), "reading_recall": F.col("covered") / F.col("readings")}
    return joined.withColumns(shares).orderBy(F.desc("has_rule"), "kind")


def _by_rule(findings: DataFrame, hits: DataFrame) -> DataFrame:
    finding = F.struct("usage_point_id", "channel", "finding")
    right = hits.groupBy("rule_id").agg(
        F.countDistinct(F.when(F.col("right"), finding)).alias("right"), F.countDistinct(finding).alias("on_any_fault")
    )
    joined = findings.groupBy("rule_id").agg(F.count("*").alias("findings")).join(right, "rule_id", "left").na.fill(0)
    return joined.withColumn("precision", F.col("right") / F.col("findings")).orderBy("rule_id")
