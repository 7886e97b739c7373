"""Changes within a grid day: the link of the day's start holds for all of it, so they count from the next one."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.rule import Rule, RuleSet
from jobs.span import Span

RULES = RuleSet(
    "What a build tells of links that stand (`notices` of ops.run)",
    Rule("D01", "change_within_day", "the place changes within a grid day: what holds then counts from the next day"),
)
PLACE = ("transformer_id", "feeder_id", "substation_id")


def changes_within_day(connectivity: DataFrame, *, span: Span, offset_seconds: int) -> DataFrame:
    """Usage point and instant of each change of place within a grid day of the span: moved, connected, disconnected.

    Where a link ends and the next has the same place, nothing changes.
    """
    in_time = Window.partitionBy("usage_point_id").orderBy("valid_from_utc")
    links = connectivity.select(
        "usage_point_id", "valid_from_utc", "valid_to_utc", F.struct(*PLACE).alias("_place")
    ).withColumns(
        {
            "_before": F.lag(F.struct("valid_to_utc", "_place")).over(in_time),
            "_next_from": F.lead("valid_from_utc").over(in_time),
        }
    )
    goes_on = F.col("_before.valid_to_utc").eqNullSafe(F.col("valid_from_utc"))
    stays = goes_on & F.col("_before._place").eqNullSafe(F.col("_place"))
    begun = links.where(~stays).select("usage_point_id", F.col("valid_from_utc").alias("changed_at_utc"))
    ended = links.where("valid_to_utc is not null and not valid_to_utc <=> _next_from")
    changed = begun.unionByName(ended.select("usage_point_id", F.col("valid_to_utc").alias("changed_at_utc")))
    day_us = 86_400_000_000
    grid_us = F.unix_micros("changed_at_utc") + F.lit(offset_seconds * 1_000_000)
    grid_date = F.date_from_unix_date(F.floor(grid_us / day_us).cast("int"))
    within = F.pmod(grid_us, F.lit(day_us)) != 0
    return changed.where(within & (grid_date >= F.lit(span.first)) & (grid_date < F.lit(span.end)))
