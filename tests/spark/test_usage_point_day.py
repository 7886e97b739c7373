"""usage_point_day: energy, peak and qualities of single blocks, worked by hand."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.gold.usage_point_day import USAGE_POINT_DAY, usage_point_days
from jobs.lake.write import conform
from jobs.silver.interval_block import INTERVAL_BLOCK
from tests.builders import frame


def day(spark: SparkSession, **values: Any) -> Any:
    row = {"grid_date": date(2016, 1, 15), "interval_minutes": 15, "kind": "customer", **values}
    found = usage_point_days(frame(spark, INTERVAL_BLOCK, row), utc_offset=timedelta(hours=1))
    return conform(USAGE_POINT_DAY, found).collect()[0]


def test_energy_peak_and_shares(spark: SparkSession) -> None:
    """24 intervals of each kind; the missing ones hold a number that means nothing; the peak is met twice."""
    reading = [10] * 24 + [40] * 24 + [999] * 24 + [20] * 24
    quality = [0] * 24 + [1] * 12 + [2] * 12 + [3] * 24 + [4] * 8 + [5] * 8 + [6] * 8
    found = day(spark, reading=reading, reading_quality=quality)
    assert found["energy"] == 240 + 960 + 480
    assert found["peak_kw"] == 0.16
    assert found["peak_at_utc"] == datetime(2016, 1, 15, 5)  # interval 24 of a day that starts at 23:00 UTC
    shares = [found[f"{name}_share"] for name in ("valid", "suspect", "estimated", "missing")]
    assert shares == [0.25] * 4


def test_a_silent_day_has_no_peak(spark: SparkSession) -> None:
    found = day(spark, reading=[0] * 96, reading_quality=[3] * 96)
    assert (found["energy"], found["peak_kw"], found["peak_at_utc"], found["missing_share"]) == (0, None, None, 1.0)


@pytest.mark.parametrize(("minutes", "peak_kw"), [(60, 0.5), (10, 3.0)])
def test_power_follows_the_blocks_own_interval(spark: SparkSession, minutes: int, peak_kw: float) -> None:
    n = 1440 // minutes
    found = day(spark, interval_minutes=minutes, reading=[0] * (n - 1) + [500], reading_quality=[0] * n)
    assert found["peak_kw"] == peak_kw
    assert found["peak_at_utc"] == datetime(2016, 1, 15, 23) - timedelta(minutes=minutes)
