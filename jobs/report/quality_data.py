"""What the report shows of data quality: readings by quality, findings by rule, and what was rejected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.bronze.file import BRONZE_FILE
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.gold.usage_point_day import USAGE_POINT_DAY
from jobs.query.snapshot import Snapshot
from jobs.registry import all_tables
from jobs.rejected import rejected_table
from jobs.report import words
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.reading_flag import READING_FLAG
from jobs.silver.received_block import RECEIVED_BLOCK
from jobs.table import Table

OF_INTERVALS = {rejected_table(table).name for table in (BRONZE_INTERVAL_BLOCK, RECEIVED_BLOCK)}
"""Where refused reads stand, counted in channel-intervals."""
UNITS = ("Wh", "varh")
MOST_FILES = 50
QUALITIES = ("valid", "suspect", "estimated", "missing")


@dataclass(frozen=True)
class Quality:
    """Counts are channel-intervals unless a column says otherwise.

    Parameters
    ----------
    rounding
        What rounding to whole units moved in all (rounded less received), by unit: ``Wh``, ``varh``.
    days
        ``grid_date`` and one column for each of `QUALITIES`.
    findings
        ``rule_id``, ``disposition``, ``findings``, ``readings``.
    not_run
        ``rule_id``, ``blocks``: days of a channel for which the rule lacked history.
    rejected
        ``table_name``, ``rule_id``, ``records``, ``readings`` (0 for entities).
    failed_files
        ``source``, ``file``, ``status``, ``reason``: the first `MOST_FILES` of ``failed_count`` files that could not be
        read, or not again.
    """

    blocks: int
    readings: int
    received: int
    rounding: dict[str, float]
    first_day: pd.Timestamp | None
    last_day: pd.Timestamp | None
    days: pd.DataFrame
    findings: pd.DataFrame
    not_run: pd.DataFrame
    rejected: pd.DataFrame
    failed_files: pd.DataFrame
    failed_count: int

    @property
    def rejected_readings(self) -> int:
        return int(self.rejected["readings"].sum())

    @property
    def rounding_words(self) -> str:
        """What rounding moved, unit by unit; what floating point leaves of a sum of none is none."""
        return " and ".join(words.quantity(round(moved, 3) + 0.0, unit) for unit, moved in self.rounding.items())

    def share(self, quality: str) -> float | None:
        return float(self.days[quality].sum()) / self.readings if self.readings and len(self.days) else None


def read_quality(snapshot: Snapshot) -> Quality:
    blocks = snapshot.rows(INTERVAL_BLOCK)
    intervals = F.lit(1440) / F.col("interval_minutes")
    totals = blocks.agg(
        F.count("*").alias("blocks"),
        F.sum(intervals).alias("readings"),
        F.sum("received_intervals").alias("received"),
        *[F.sum(F.when(F.col("unit") == unit, F.col("rounding_wh"))).alias(unit) for unit in UNITS],
        F.min("grid_date").alias("first_day"),
        F.max("grid_date").alias("last_day"),
    ).first()
    assert totals is not None  # an aggregate without groups has one row
    days = snapshot.rows(USAGE_POINT_DAY).groupBy("grid_date")
    flags = snapshot.rows(READING_FLAG).groupBy("rule_id", "disposition")
    not_run = blocks.select(F.explode("rules_not_run").alias("rule_id")).groupBy("rule_id")
    files = snapshot.rows(BRONZE_FILE).where("status <> 'ok'")
    return Quality(
        blocks=totals["blocks"],
        readings=round(totals["readings"] or 0),
        received=totals["received"] or 0,
        rounding={unit: totals[unit] or 0.0 for unit in UNITS},
        first_day=totals["first_day"],
        last_day=totals["last_day"],
        days=days.agg(*[F.round(F.sum(intervals * F.col(f"{name}_share"))).alias(name) for name in QUALITIES])
        .orderBy("grid_date")
        .toPandas(),
        findings=flags.agg(F.count("*").alias("findings"), F.sum("slots").alias("readings"))
        .orderBy(F.desc("findings"), "rule_id", "disposition")
        .toPandas(),
        not_run=not_run.agg(F.count("*").alias("blocks")).orderBy("rule_id").toPandas(),
        rejected=_rejected(snapshot),
        failed_files=files.select("source", F.element_at(F.split("path", "/"), -1).alias("file"), "status", "reason")
        .orderBy("source", "file", "reason")
        .limit(MOST_FILES)
        .toPandas(),
        failed_count=files.count(),
    )


def _rejected(snapshot: Snapshot) -> pd.DataFrame:
    """Rejected records by table and rule, over every table of rejected records that the lake has."""
    declared = all_tables()
    tables = {name: table for name, table in declared.items() if name.endswith("_rejected")}
    for table in list(declared.values()):
        beside = rejected_table(table)
        if not table.name.endswith("_rejected"):
            tables.setdefault(beside.name, beside)
    counts = [_by_rule(snapshot, table) for table in tables.values() if snapshot.lake.exists(table)]
    if not counts:
        return pd.DataFrame({"table_name": [], "rule_id": [], "records": [], "readings": []})
    return reduce(DataFrame.union, counts).orderBy(F.desc("records"), "table_name", "rule_id").toPandas()


def _by_rule(snapshot: Snapshot, table: Table) -> DataFrame:
    of_intervals = table.name in OF_INTERVALS
    readings = "reads" if "reads" in table.column_names else "weight"
    return (
        snapshot.rows(table)
        .groupBy("rule_id")
        .agg(F.count("*").alias("records"), (F.sum(readings) if of_intervals else F.lit(0)).alias("readings"))
        .select(F.lit(table.name.removesuffix("_rejected")).alias("table_name"), "rule_id", "records", "readings")
    )
