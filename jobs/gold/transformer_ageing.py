"""Gold ``transformer_ageing``: how hot each transformer got on a day, and what of its life that took."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

from jobs import columns as c
from jobs.gold.ageing.inputs import HOURS, NAN, ambient_days, unit_days, weather_places
from jobs.gold.ageing.kernel import (
    ASSUMED,
    COMPUTED,
    FILLED,
    LOAD_UNKNOWN,
    NAMEPLATE,
    OBSERVED,
    OF_KIND,
    RATING_UNKNOWN,
    UNIT,
    Ager,
)
from jobs.gold.ageing.settings import LEAD_DAYS, AgeingSettings
from jobs.gold.profile.settings import ProfileSettings
from jobs.job import Job, Read
from jobs.lake.carry import carried
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table


def _result(name: str, unit: str, meaning: str, minimum: float | None = None, maximum: float | None = None) -> Column:
    return Column(
        name, DoubleType(), unit, meaning + "; null unless computed", nullable=True, minimum=minimum, maximum=maximum
    )


def _share(name: str, meaning: str) -> Column:
    return Column(name, DoubleType(), "1", meaning, minimum=0, maximum=1)


TRANSFORMER_AGEING = Table(
    name="gold.transformer_ageing",
    grain="One unit, one grid day at whose start it stood at a position that has a profile.",
    key=("asset_id", "grid_date"),
    replace="day",
    partition_by=("grid_date",),
    columns=(
        c.ASSET_ID,
        c.GRID_DATE,
        c.TRANSFORMER_ID,
        Column("asset_class", StringType(), None, "Class of the unit"),
        Column("rating_kva", DoubleType(), "kVA", "Rated apparent power", nullable=True, minimum=0),
        Column(
            "bank_share",
            DoubleType(),
            "1",
            "Rating / ratings of all units at the position: its share of the load; null where one is unknown",
            nullable=True,
            minimum=0,
            maximum=1,
        ),
        Column(
            "outcome",
            StringType(),
            None,
            "Whether its temperatures are computed",
            codes={
                COMPUTED: "they are",
                LOAD_UNKNOWN: "they are not: too much of the day's load is unknown",
                RATING_UNKNOWN: "they are not: the rating of a unit at the position is unknown",
            },
        ),
        _result("load_peak_pu", "1", "Highest load / rating", minimum=0),
        _result("top_oil_max_degc", "degC", "Highest top-oil temperature"),
        _result("hot_spot_max_degc", "degC", "Highest hot-spot temperature"),
        _result("ageing_rate", "1", "Mean relative ageing rate: loss of life / hours of the day", minimum=0),
        _result("loss_of_life_hours", "h", "Loss of life, in hours of normal ageing", minimum=0),
        _result("hours_above_hot_spot_limit", "h", "Hot-spot above its limit in normal cyclic loading", 0, 24.0001),
        _result("hours_above_emergency_hot_spot_limit", "h", "The same in long-time emergency loading", 0, 24.0001),
        _result("hours_above_top_oil_limit", "h", "Top-oil above its limit in normal cyclic loading", 0, 24.0001),
        _result("hours_above_emergency_top_oil_limit", "h", "The same in long-time emergency loading", 0, 24.0001),
        _share("load_missing_share", "Share of the day's intervals whose load is unknown, and filled where computed"),
        _share("lead_load_missing_share", "The same of the three days before, which lead to its temperatures"),
        Column(
            "weather_place_id", StringType(), None, "Whose weather it is; null where its area names none", nullable=True
        ),
        Column("ambient_mean_degc", DoubleType(), "degC", "Mean ambient temperature that was reckoned with"),
        Column(
            "ambient_source",
            StringType(),
            None,
            "Where the day's ambient temperature comes from",
            codes={
                OBSERVED: "observed throughout",
                FILLED: "observed, its gaps filled from hours and days beside",
                ASSUMED: "configured, for none was observed on the day or the three before",
            },
        ),
        _share("ambient_missing_share", "Share of the day's intervals whose ambient temperature was not observed"),
        _share("lead_ambient_missing_share", "The same of the three days before"),
        Column("cooling", StringType(), None, "Kind of cooling that its class is configured with"),
        Column(
            "paper",
            StringType(),
            None,
            "Insulation that its class is configured with",
            codes={"normal": "paper, ages normally at 98 degC", "upgraded": "thermally upgraded paper, at 110 degC"},
        ),
        Column("loss_ratio", DoubleType(), "1", "R: load losses at rated load / no-load losses", minimum=0),
        Column(
            "loss_ratio_source",
            StringType(),
            None,
            "Where the loss ratio comes from",
            codes={NAMEPLATE: "the unit's losses", OF_KIND: "its kind of cooling, for they are not known"},
        ),
    ),
)
CARRIED = ("interval_minutes", "meters_expected", "apparent_va", "meters_seen", "meters_estimated")


def transformer_ageing(
    profile: DataFrame,
    asset: DataFrame,
    asset_deployment: DataFrame,
    power_transformer: DataFrame,
    area: DataFrame,
    weather_hour: DataFrame,
    *,
    span: Span,
    ageing: AgeingSettings,
    profiles: ProfileSettings,
    utc_offset: timedelta,
) -> DataFrame:
    """Profiles, units and weather -> gold.transformer_ageing for the days of ``span``.

    A day is a function of its own load and weather and those of the three days before, and of nothing else: it starts
    from the steady state of the first interval three days earlier, which is then forgotten. The three days take the
    position's load whichever unit stood there.

    An interval's load is known where `ProfileSettings.enough` meters are behind it. What is unknown of load or weather
    is filled as `jobs.gold.ageing.gaps.filled` says; a day with too much of its own load unknown has no temperatures.
    """
    days = unit_days(profile, asset, asset_deployment, ageing, span=span, utc_offset=utc_offset)
    loads = carried(profile.select("transformer_id", "grid_date", *CARRIED))
    places = weather_places(profile, power_transformer, area, utc_offset=utc_offset)
    lead = span.widened(before=LEAD_DAYS)
    ambient = ambient_days(weather_hour, span=lead, utc_offset=utc_offset)
    unknown = F.array_repeat(F.lit(NAN), HOURS)
    rows = (
        days.join(loads, ["transformer_id", "grid_date"])
        .join(places, ["transformer_id", "grid_date"], "left")
        .join(ambient, ["weather_place_id", "grid_date"], "left")
        .withColumn("ambient_degc", F.coalesce("ambient_degc", unknown))
        .repartition("asset_id")
        .sortWithinPartitions(*UNIT, "grid_date")
    )
    schema = StructType([StructField(column.name, column.type) for column in TRANSFORMER_AGEING.columns])
    ager = Ager(ageing, profiles, int(utc_offset.total_seconds()), to_arrow_schema(schema))
    return rows.mapInArrow(ager, schema)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {
        "span": span,
        "ageing": settings.transformer_ageing,
        "profiles": settings.profile,
        "utc_offset": settings.grid_time.offset,
    }


JOB = Job(
    TRANSFORMER_AGEING,
    transformer_ageing,
    {
        "profile": Read("gold.transformer_profile", days=lambda span: span.widened(before=LEAD_DAYS)),
        "asset": Read("silver.asset"),
        "asset_deployment": Read("silver.asset_deployment"),
        "power_transformer": Read("silver.power_transformer"),
        "area": Read("silver.area"),
        "weather_hour": Read("silver.weather_hour"),
    },
    _options,
    bears_on=(0, LEAD_DAYS),
)
