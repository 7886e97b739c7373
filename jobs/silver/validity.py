"""Which version of a thing holds on a grid day: the one valid at the day's start."""

from __future__ import annotations

from datetime import timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def day_start_utc(grid_date: Column, utc_offset: timedelta) -> Column:
    """Instant at which a grid day starts."""
    return F.timestamp_seconds(F.unix_date(grid_date).cast("long") * 86400 - F.lit(int(utc_offset.total_seconds())))


def is_valid_at(instant: Column) -> Column:
    """Whether a row with ``valid_from_utc`` and ``valid_to_utc`` holds at ``instant``."""
    return (F.col("valid_from_utc") <= instant) & (F.col("valid_to_utc").isNull() | (F.col("valid_to_utc") > instant))


def valid_on_days(versions: DataFrame, days: DataFrame, utc_offset: timedelta) -> DataFrame:
    """``versions`` once for each of ``days`` (column ``grid_date``) at whose start they hold."""
    return versions.join(F.broadcast(days), is_valid_at(day_start_utc(F.col("grid_date"), utc_offset)))
