"""Silver ``profiled_block``: the load of usage points without interval meters, one grid day a row.

Customers of whom only registers are read take the energy between two reads, shaped by their standard profile; where no
two reads say it, what they are thought to take in a year. Lamps that follow the sun burn with their installed power
while it is down. All of it is a model: it stands apart from what was measured, in every product.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, DoubleType, IntegerType, LongType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.outcome import computed_outcomes
from jobs.rule import Rule, RuleSet
from jobs.settings import GridTime, Settings
from jobs.silver.blocks_of import EPOCH
from jobs.silver.connected_day import connected_days
from jobs.silver.local_clock import QUARTERS
from jobs.silver.register_read import counted_to_next
from jobs.silver.shaping import SUNSET_TO_SUNRISE, ShapeDays, shaped_batches
from jobs.silver.shaping_settings import ShapingSettings
from jobs.silver.standard_profile import PROFILE_ID
from jobs.span import Span
from jobs.table import Column, Table

SERIES = {
    "profiled": "a customer's, by registers or a yearly estimate, in the shape of a standard profile",
    "unmetered": "of what has no meter at all, such as street lighting",
}

PROFILED_BLOCK = Table(
    name="silver.profiled_block",
    grain="One grid day of one usage point that is connected and has registers alone, or no meter and a profile.",
    key=("usage_point_id", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(
        c.USAGE_POINT_ID,
        c.GRID_DATE,
        c.INTERVAL_MINUTES,
        Column("series", StringType(), None, "Which series of a profile it enters", codes=SERIES),
        PROFILE_ID,
        Column("reading", ArrayType(IntegerType(), False), "Wh", "Energy of each interval, shaped", minimum=0),
        Column("energy_wh", LongType(), "Wh", "Energy of the day: the sum of its readings", minimum=0),
        Column(
            "register_share",
            DoubleType(),
            "1",
            "Share of the day's intervals whose energy two register reads enclose; the rest is of a yearly estimate, "
            "or of burning hours",
            minimum=0,
            maximum=1,
        ),
        c.optional(c.CUSTOMER_CLASS),
        c.optional(c.TRANSFORMER_ID, "Service transformer the usage point hung on that day; null at medium voltage"),
        c.optional(c.FEEDER_ID, "Feeder the usage point hung on that day; null on the busbar"),
        c.SUBSTATION_ID,
        c.optional(c.AREA_ID),
    ),
)

RULES = RuleSet(
    "Why a day of a usage point without an interval meter has no load",
    Rule(
        "S11",
        "no_profile",
        "a usage point with registers names no standard profile, or one that was not delivered whole",
    ),
    Rule("S12", "no_energy", "neither two register reads nor a yearly estimate, or no installed power, say its energy"),
    Rule("S13", "not_connected", "the usage point hangs on nothing that day"),
)


def profiled_blocks(
    usage_point: DataFrame,
    connectivity: DataFrame,
    agreement: DataFrame,
    register_read: DataFrame,
    standard_profile: DataFrame,
    *,
    span: Span,
    time: GridTime,
    shaping: ShapingSettings,
) -> DataFrame:
    """Usage points without interval meters, their registers and profiles -> silver.profiled_block."""
    offset_seconds = int(time.offset.total_seconds())
    rows = (
        connected_days(_points(usage_point), connectivity, agreement, span, offset_seconds)
        .join(_windows(register_read, span, shaping, offset_seconds), "usage_point_id", "left")
        .join(F.broadcast(_shapes(standard_profile)), "profile_id", "left")
    )
    lacking = (
        F.when(F.col("substation_id").isNull(), F.lit("not_connected"))
        .when(F.col("_by_sun"), F.when(F.col("installed_w").isNull(), F.lit("no_energy")))
        .when(F.col("_weights").isNull(), F.lit("no_profile"))
    )
    none = F.array().cast("array<struct<from: bigint, to: bigint, wh: bigint>>")
    rows = rows.withColumns({"_windows": F.coalesce("_windows", none), "_rule": lacking})
    schema = PROFILED_BLOCK.schema.add("_rule", StringType())
    days = ShapeDays.of(span, time, shaping)
    arrow = to_arrow_schema(schema)

    def shaped(batches: Any) -> Any:
        return shaped_batches(batches, days=days, shaping=shaping, schema=arrow)

    judged = rows.mapInArrow(shaped, schema)
    record = F.to_json(F.struct("usage_point_id", "grid_date", "profile_id", "series"))
    return judged.withColumns({"_record": F.when(F.col("_rule").isNotNull(), record), **computed_outcomes(RULES)})


def _points(usage_point: DataFrame) -> DataFrame:
    """Usage points without an interval meter of which something is to be known: registers, or a profile."""
    modelled = "metering = 'register' or (metering = 'none' and profile_id is not null)"
    return usage_point.where(f"kind in ('customer', 'unmetered') and ({modelled})").select(
        "usage_point_id",
        "valid_from_utc",
        "valid_to_utc",
        F.when(F.col("kind") == "unmetered", "unmetered").otherwise("profiled").alias("series"),
        "profile_id",
        (F.coalesce("profile_id", F.lit("")) == SUNSET_TO_SUNRISE).alias("_by_sun"),
        "annual_energy_wh",
        "installed_w",
        "x",
        "y",
        "area_id",
    )


def _windows(register_read: DataFrame, span: Span, shaping: ShapingSettings, offset_seconds: int) -> DataFrame:
    """By usage point: what its register counted between consecutive reads of one meter, where the span has part in it.

    ``_windows``: from and to in quarter-hours since 1970 in grid time, Wh; in order of time. A read within a
    quarter-hour counts as of its start. A register that falls says nothing, nor does one whose multiplier changed.
    """
    quarter = F.floor((F.unix_seconds("read_at_utc") + offset_seconds) / 900)
    first, end = ((day - EPOCH).days * QUARTERS for day in (span.first, span.end))
    of_meter = Window.partitionBy("usage_point_id", "meter_id").orderBy("read_at_utc")
    between = (
        register_read.where("channel = 'delivered'")
        .withColumns({"from": quarter, "to": F.lead(quarter).over(of_meter)})
        .withColumn("wh", counted_to_next(of_meter))
        .where((F.col("to") > first) & (F.col("from") < end) & (F.col("to") > F.col("from")) & (F.col("wh") >= 0))
        .where(F.col("to") - F.col("from") <= shaping.longest_register_days * QUARTERS)
    )
    listed = F.array_sort(F.collect_list(F.struct("from", "to", "wh")))
    return between.groupBy("usage_point_id").agg(listed.alias("_windows"))


def _shapes(standard_profile: DataFrame) -> DataFrame:
    """Each profile that was delivered as a whole: its powers by season, day type and quarter-hour in one list."""
    cell = F.struct("season", "day_type", "time_of_day", "power_w")
    listed = standard_profile.groupBy("profile_id").agg(F.array_sort(F.collect_list(cell)).alias("_cells"))
    return listed.where(F.size("_cells") == 9 * QUARTERS).select(
        "profile_id", F.col("_cells.power_w").alias("_weights")
    )


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"span": span, "time": settings.grid_time, "shaping": settings.shaping}


JOB = Job(
    PROFILED_BLOCK,
    profiled_blocks,
    {
        "usage_point": Read("silver.usage_point"),
        "connectivity": Read("silver.connectivity"),
        "agreement": Read("silver.customer_agreement"),
        "register_read": Read("silver.register_read"),
        "standard_profile": Read("silver.standard_profile"),
    },
    _options,
    rules=RULES,
)
