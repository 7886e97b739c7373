"""The health method's word on units, as it would have been said at the dates that are scored: a baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.asset_health import JOB
from jobs.query.snapshot import Snapshot
from jobs.registry import table_named
from jobs.settings import Settings
from jobs.span import Span

AtDates = Callable[[Sequence[date]], DataFrame]
"""From dates to ``asset_id, as_of, health_probability`` of the units that the method judges then."""
READS = tuple(read.table for read in JOB.reads.values())


def health_at(release: Snapshot, settings: Settings) -> AtDates:
    """The method by the release's tables: gold.asset_health holds the years built, this any year of the record.

    A study year's health is of its end by what was known then, so it stands beside the features of the new year after
    it. Failures a year are taken as the chance of at least one: 1 - exp(-failures).
    """

    def at(dates: Sequence[date]) -> DataFrame:
        frames = {name: release.rows(table_named(read.table)) for name, read in JOB.reads.items()}
        ends = {day.year - 1 for day in dates}
        span = Span(date(min(ends), 1, 1), date(max(ends) + 1, 1, 1))
        judged = JOB.transform(**frames, **JOB.options(settings, span)).where("_outcome = 'accepted'")
        rows = judged.select(
            "asset_id",
            F.make_date(F.year("period_start") + 1, F.lit(1), F.lit(1)).alias("as_of"),
            (1 - F.exp(-F.col("failure_probability"))).alias("health_probability"),
        )
        return rows.where(F.col("as_of").isin([*dates]))

    return at
