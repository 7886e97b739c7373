"""Models ``demand_forecast``: what each feeder and transformer is expected to take, with quantiles, as issued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, DoubleType, IntegerType, StringType, StructField, StructType, TimestampType

from jobs import columns as c
from jobs.gold.profile.settings import ProfileSettings
from jobs.job import Job, Read
from jobs.models.demand.panel import KINDS
from jobs.models.demand.profile_days import READS, profile_days, weather_places, weather_rows
from jobs.models.demand.settings import DemandSettings, read_demand_settings
from jobs.models.demand.standing import REASONS
from jobs.models.demand.tasks import Forecaster
from jobs.models.demand.weather import KINDS as WEATHER_KINDS
from jobs.models.training.champions import champion_of
from jobs.models.training.trained import Champion
from jobs.notice import Notice
from jobs.rule import Rule, RuleSet
from jobs.settings import GridTime, Settings
from jobs.span import Span
from jobs.table import Column, Table

HISTORY_DAYS = 56
"""Days read before an issue: as many as a forecast may look at (`DemandSettings.history_days`)."""
EPOCH = date(1970, 1, 1)

DEMAND_FORECAST = Table(
    name="models.demand_forecast",
    grain="One series, one interval to come, as forecast at one issue.",
    key=("series_kind", "series_id", "grid_date", "interval_start_utc"),
    replace="day",
    partition_by=("grid_date",),
    columns=(
        Column("series_kind", StringType(), None, "What the series is", codes=KINDS),
        Column(
            "series_id", StringType(), None, "The transformer or feeder; of what a feeder has beside it, the feeder"
        ),
        c.optional(c.FEEDER_ID, "Feeder that the series is a part of"),
        Column("grid_date", c.GRID_DATE.type, None, "Last grid day before that of the issue"),
        Column("issue_time_utc", TimestampType(), None, "When it is issued: nothing known later is used"),
        Column("interval_start_utc", TimestampType(), None, "Start of the interval forecast"),
        c.INTERVAL_MINUTES,
        Column("days_ahead", IntegerType(), "d", "Horizon: grid days from the issue's to the interval's", minimum=1),
        Column(
            "mean_kw",
            DoubleType(),
            "kW",
            "Mean expected net demand; of a feeder the sum of its parts' means; null where nothing was known",
            nullable=True,
        ),
        Column(
            "quantile_kw",
            ArrayType(DoubleType(), False),
            "kW",
            "Quantiles at the levels of conf/models/demand.yaml, ascending; empty where there is no mean",
        ),
        Column(
            "method",
            StringType(),
            None,
            "What made it",
            codes={
                "model": "the champion; of a feeder, of at least one of its parts",
                "baseline": "the same time last week",
                "none": "nothing: there is no forecast",
            },
        ),
        Column(
            "reason",
            StringType(),
            None,
            "Why it is not the model's",
            nullable=True,
            codes={**REASONS, "parts": "of a feeder: none of its parts is"},
        ),
        Column("weather_kind", StringType(), None, "Weather that it saw", codes=WEATHER_KINDS),
        Column("parts", IntegerType(), "1", "Series that it is the sum of", minimum=0),
        Column("parts_lacking", IntegerType(), "1", "Parts that nothing was known of, left out", minimum=0),
        Column("model_version", StringType(), None, "Model and version; null without one", nullable=True),
    ),
)

RULES = RuleSet(
    "Demand forecasts",
    Rule("Q01", "no_champion", "no demand model is champion: every series gets the baseline"),
    Rule("Q02", "baseline", "a series that is short, gappy or flat gets the baseline, or none where nothing is known"),
)


def demand_forecasts(
    *,
    issue_day: int,
    demand: DemandSettings,
    profile: ProfileSettings,
    time: GridTime,
    tasks: int,
    champion: Champion | None = None,
    **frames: DataFrame,
) -> DataFrame:
    """Profiles, what is known of their losses, and weather -> models.demand_forecast of one issue.

    Rows of one feeder meet in one task, which forecasts all series of its feeders at once.

    Parameters
    ----------
    issue_day
        Grid day of the issue, days since 1970; days from it on are not looked at.
    champion
        Who forecasts; None: the baseline does.
    """
    model: Any = None if champion is None else champion.model
    version = None if champion is None else champion.source
    frames = {
        name: rows.where(F.unix_date("grid_date") < issue_day) if "grid_date" in rows.columns else rows
        for name, rows in frames.items()
    }
    rows = profile_days(frames, utc_offset=time.offset, profile=profile, demand=demand)
    rows = rows.repartition(tasks, "group_id").sortWithinPartitions(
        "group_id", F.col("transformer_id").asc_nulls_first(), "grid_date"
    )
    last = issue_day + max(demand.days_ahead) + 1
    weather = weather_rows(
        frames["weather_hours"],
        first_minute=(issue_day - demand.history_days) * 1440 - time.offset_seconds // 60,
        last_minute=last * 1440 - time.offset_seconds // 60,
        demand=demand,
    ).toArrow()  # of the days looked at: hours of places, few beside readings
    places = {row["group_id"]: row["place_id"] for row in weather_places(frames).collect()}
    schema = StructType([StructField(one.name, one.type, True) for one in DEMAND_FORECAST.columns])
    forecaster = Forecaster(issue_day, model, version, demand, profile, time, to_arrow_schema(schema, timezone="UTC"))
    shared = rows.sparkSession.sparkContext.broadcast((forecaster, weather, places))

    def forecast(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        ours, hours, of_group = shared.value
        return ours(batches, hours, of_group)

    return rows.mapInArrow(forecast, schema)


def last_days(span: Span) -> Span:
    """The days that a forecast issued after the span looks at."""
    return Span(span.end - timedelta(days=HISTORY_DAYS), span.end)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {
        "issue_day": (span.end - EPOCH).days,
        "demand": read_demand_settings(settings.conf_folder),
        "profile": settings.profile,
        "time": settings.grid_time,
        "tasks": settings.spark.shuffle_partitions,
        "champion": champion_of("demand", settings),
    }


def _without_model(rows: DataFrame, settings: Settings, span: Span) -> DataFrame:
    return rows.where("reason = 'no_model'").select("series_kind", "series_id").distinct()


def _by_baseline(rows: DataFrame, settings: Settings, span: Span) -> DataFrame:
    told = rows.where("reason in ('short', 'gappy', 'flat', 'no_reads')")
    return told.select("series_kind", "series_id", "reason").distinct()


JOB = Job(
    DEMAND_FORECAST,
    demand_forecasts,
    reads={parameter: Read(table, last_days) for parameter, table in READS.items()},
    options=_options,
    notices=(
        Notice(RULES["no_champion"], ("series_kind", "series_id"), _without_model),
        Notice(RULES["baseline"], ("series_kind", "series_id", "reason"), _by_baseline),
    ),
)
