"""Silver ``weather_hour``: observed and forecast weather."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql.types import DoubleType, StringType, TimestampType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

WEATHER_HOUR = Table(
    name="silver.weather_hour",
    grain="One place, one hour, one issue of the forecast (or the observation).",
    key=("place_id", "hour_utc", "issue_time_utc"),
    columns=(
        Column("place_id", StringType(), None, "Weather station or grid cell"),
        Column("hour_utc", TimestampType(), None, "Start of the hour"),
        Column(
            "issue_time_utc", TimestampType(), None, "When the forecast was issued; null is observed", nullable=True
        ),
        Column("temperature_degc", DoubleType(), "degC", "Air temperature", nullable=True, minimum=-90, maximum=65),
        Column(
            "irradiance_w_per_m2",
            DoubleType(),
            "W/m2",
            "Global horizontal irradiance",
            nullable=True,
            minimum=0,
            maximum=1500,
        ),
        Column("wind_speed_m_per_s", DoubleType(), "m/s", "Wind speed", nullable=True, minimum=0, maximum=120),
        c.X,
        c.Y,
        *c.PROVENANCE,
    ),
)


def weather_hours(weather_hour: DataFrame) -> DataFrame:
    """bronze.weather_hour -> silver.weather_hour."""
    return standing(weather_hour, WEATHER_HOUR)


JOB = Job(
    WEATHER_HOUR, weather_hours, {"weather_hour": Read("bronze.weather_hour")}, judges="weather_hour", rules=RULES
)
