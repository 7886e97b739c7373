"""area_energy: a month of two usage points in one area, worked by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyspark.sql import SparkSession

from jobs.gold.area_energy import AREA_ENERGY, area_energy
from jobs.gold.profile.metrics import metrics_options
from jobs.lake.write import conform
from jobs.settings import Settings
from jobs.silver.area import AREA
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.profiled_block import PROFILED_BLOCK
from jobs.silver.weather_hour import WEATHER_HOUR
from jobs.span import Span
from kernels.quality import FIRST_ESTIMATED, MISSING, VALID
from tests.builders import frame

START = datetime(2015, 1, 1, tzinfo=UTC)


def block(
    usage_point: str,
    day: int,
    reading: int,
    customer_class: str = "household",
    area: str | None = "1",
    quality: int = VALID,
) -> dict[str, Any]:
    return {
        "usage_point_id": usage_point, "area_id": area, "grid_date": date(2016, 1, day), "interval_minutes": 15,
        "kind": "customer", "customer_class": customer_class, "received_intervals": 96 if reading else 0,
        "reading": [reading] * 96, "reading_quality": [quality if reading else MISSING] * 96,
    }  # fmt: skip


def rows(spark: SparkSession, settings: Settings) -> dict[tuple[str, str], Any]:
    blocks = [
        block("A", 15, 100), block("A", 16, 200), block("A", 17, 400, area="2"),
        block("B", 15, 50, quality=FIRST_ESTIMATED), block("S", 15, 0),
        block("C", 15, 7, "business"), block("X", 15, 9, area=None),
    ]  # fmt: skip
    areas = [
        {"area_id": "1", "year": year, "population": people, "income_per_person": 2e4, "weather_place_id": "W"}
        for year, people in ((2014, 10), (2015, 24), (2017, 99))
    ]
    # 5 degrees through the 15th of local time, 20 through the 16th; a forecast that must not count
    midnight = datetime(2016, 1, 14, 23, tzinfo=UTC)
    hours = [
        {
            "place_id": "W",
            "hour_utc": midnight + timedelta(hours=hour),
            "temperature_degc": 5.0 if hour < 24 else 20.0,
        }
        for hour in range(48)
    ]
    forecast = {**hours[0], "issue_time_utc": START, "temperature_degc": -40.0}
    found = area_energy(
        frame(spark, INTERVAL_BLOCK, *blocks),
        frame(spark, PROFILED_BLOCK),
        frame(spark, AREA, *areas),
        frame(spark, WEATHER_HOUR, *hours, forecast),
        **metrics_options(settings, Span(date(2016, 1, 1), date(2016, 2, 1))),
    )
    return {(row["area_id"], row["customer_class"]): row for row in conform(AREA_ENERGY, found).collect()}


def test_a_month_of_two_areas(spark: SparkSession, settings: Settings) -> None:
    found = rows(spark, settings)
    assert set(found) == {("1", "household"), ("1", "business"), ("2", "household")}
    homes = found[("1", "household")]
    assert homes["delivered_wh"] == 96 * (100 + 200 + 50)
    assert homes["estimated_share"] == 1 / 7  # B's 50 Wh of 100 + 200 + 50 in each interval
    assert homes["usage_points"] == 2  # S sent nothing
    assert homes["peak_kw"] == 0.8  # 200 Wh on the 16th, above 100 + 50 on the 15th
    assert homes["delivered_wh_per_customer"] == 96 * 350 / 2
    assert (homes["population"], homes["delivered_wh_per_inhabitant"]) == (24, 96 * 350 / 24)
    assert homes["days_present"] == 2
    assert (homes["heating_degree_days"], homes["cooling_degree_days"]) == (10.0, 2.0)
    business = found[("1", "business")]
    assert (business["delivered_wh"], business["delivered_wh_per_inhabitant"]) == (672, None)
    assert business["estimated_share"] == 0.0
    assert business["heating_degree_days"] == 10.0
    moved = found[("2", "household")]
    assert (moved["delivered_wh"], moved["population"], moved["heating_degree_days"]) == (38400, None, None)
    assert moved["period_start"] == date(2016, 1, 1)


def test_a_month_outside_the_span_is_left_out(spark: SparkSession, settings: Settings) -> None:
    blocks = frame(spark, INTERVAL_BLOCK, block("A", 15, 1))
    options = metrics_options(settings, Span(date(2016, 2, 1), date(2016, 3, 1)))
    found = area_energy(blocks, frame(spark, PROFILED_BLOCK), frame(spark, AREA), frame(spark, WEATHER_HOUR), **options)
    assert found.count() == 0
