"""What is usual rests on 12 weeks of reads that stand by themselves, ending 14 days before the month it judges."""

from datetime import date, timedelta

from pyspark.sql import SparkSession

from jobs.settings import Settings
from jobs.silver.received_block import RECEIVED_BLOCK
from jobs.silver.usage_point_baseline import USAGE_POINT_BASELINE, history, usage_point_baselines
from jobs.span import Span
from tests.builders import frame
from tests.spark.test_interval_block import day_row, plain

MARCH, APRIL = date(2016, 3, 1), date(2016, 4, 1)


def test_baseline_of_each_month(spark: SparkSession, settings: Settings) -> None:
    first, end = history(MARCH).first - timedelta(7), history(APRIL).end + timedelta(7)
    rows = []
    for number in range((end - first).days):
        day = first + timedelta(number)
        # Usual is 100; days that serve April only are 300, days outside both windows 9000.
        level = 100 if day in set(history(MARCH)) else 300 if day in set(history(APRIL)) else 9000
        rows.append(day_row(0, plain(level), grid_date=day))
    spiked = next(row for row in rows if row["grid_date"] == date(2016, 1, 13))
    spiked["reading"][40] = 20000
    found = usage_point_baselines(
        frame(spark, RECEIVED_BLOCK, *rows),
        span=Span(MARCH, date(2016, 4, 2)),
        time=settings.grid_time,
        validation=settings.validation,
    )
    assert found.columns == USAGE_POINT_BASELINE.column_names
    usual = {(row["day_type"], row["month_start"]): row for row in found.collect()}
    assert len(usual) == 6
    march = usual["workday", MARCH]
    assert (march["days"], march["typical"][40], march["high"][40]) == (
        59,
        99,
        99,
    )  # the spike is no raw material, New Year no workday
    assert (march["day_low"], march["day_high"]) == (9600, 9600)
    april = usual["sunday", APRIL]
    assert april["days"] == 13
    assert (april["low"][1], april["high"][1]) == (101, 301)
