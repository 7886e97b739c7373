"""ISO New England's prices and weather of January to April 2017, from the published table by the command line.

Three sources of conf/sources read one file, each a part of it. Hours are named by their end at the time of New York; on
12 March 2017 the table fills hour 2, which no clock showed, with the mean of hours 1 and 3.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tests.command_line import CommandLine

FILE = Path("isone_smd_2017") / "smd_hourly_2017_jan_apr.parquet"
SOURCES = ("isone_day_ahead_prices", "isone_real_time_prices", "isone_weather")
ZONES = {"ISO NE CA", "ME", "NH", "VT", "CT", "RI", "SEMASS", "WCMASS", "NEMASSBOST"}
HOURS = 120 * 24 - 1  # the clock went forward once

PRICES = """
select price_zone, market, interval_start_utc, interval_minutes, price_per_mwh, currency, known_from_utc, synthetic
from silver.price_interval
"""
WEATHER = "select place_id, hour_utc, issue_time_utc, temperature_degc, synthetic from silver.weather_hour"
REJECTED = """
select source, rule_id, line, reason from bronze.price_interval_rejected
union all select source, rule_id, line, reason from bronze.weather_hour_rejected
"""


@pytest.fixture(scope="module")
def found(spark: SparkSession, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("isone")
    gridlake = CommandLine(folder / "conf", [], plain={})
    for source in SOURCES:
        (folder / "drop" / source).mkdir(parents=True)
        (folder / "drop" / source / FILE.name).symlink_to((real_data / FILE).resolve())
    printed = gridlake.run("ingest", folder / "drop", settings="plain")
    assert printed.count("25,920 rows, 9 rejected") == len(SOURCES)
    days = ("--from", "2017-01-01", "--to", "2017-05-01")
    gridlake.run("build", "silver.price_interval", "silver.weather_hour", *days, settings="plain")
    queries = {"prices": PRICES, "weather": WEATHER, "rejected": REJECTED}
    return {name: pd.DataFrame(gridlake.rows(query, settings="plain")) for name, query in queries.items()}


def at(rows: pd.DataFrame, **where: Any) -> Any:
    """The one row of those values."""
    for name, value in where.items():
        rows = rows[rows[name] == value]
    (row,) = rows.to_dict("records")
    return row


def test_every_hour_of_every_zone_is_there_once(found: dict[str, pd.DataFrame]) -> None:
    prices, weather = found["prices"], found["weather"]
    assert set(prices["price_zone"]) == set(weather["place_id"]) == ZONES
    assert set(prices.groupby(["price_zone", "market"]).size()) == {HOURS}
    assert set(weather.groupby("place_id").size()) == {HOURS}
    times = pd.to_datetime(prices["interval_start_utc"].unique())
    assert len(times) == HOURS == (times.max() - times.min()) / pd.Timedelta("1h") + 1
    assert (times.min().isoformat(), times.max().isoformat()) == (
        "2017-01-01T05:00:00+00:00",  # 00:00 in winter
        "2017-05-01T03:00:00+00:00",  # 23:00 in summer
    )


def test_values_read_off_the_table(found: dict[str, pd.DataFrame]) -> None:
    first = at(
        found["prices"], price_zone="ISO NE CA", market="day_ahead", interval_start_utc="2017-01-01T05:00:00.000Z"
    )
    assert (first["price_per_mwh"], first["currency"], first["interval_minutes"]) == (35.12, "USD", 60)
    assert first["known_from_utc"] == "2016-12-31T18:30:00.000Z"  # 13:30 of the day before
    last_hour = at(
        found["prices"], price_zone="ISO NE CA", market="real_time", interval_start_utc="2017-01-02T04:00:00.000Z"
    )
    assert last_hour["price_per_mwh"] == -70.04  # hour 24 of 1 January, below zero
    warm = at(found["weather"], place_id="ISO NE CA", hour_utc="2017-01-01T05:00:00.000Z")
    assert warm["temperature_degc"] == pytest.approx(37 / 1.8 - 32 / 1.8)
    assert found["weather"]["issue_time_utc"].isna().all()  # observed
    assert not found["weather"]["synthetic"].any()
    assert not found["prices"]["synthetic"].any()
    assert found["weather"]["temperature_degc"].agg(["min", "max"]).tolist() == pytest.approx([-185 / 9, 275 / 9])


def test_the_hour_that_no_clock_showed_is_rejected(found: dict[str, pd.DataFrame], real_data: Path) -> None:
    rejected = found["rejected"]
    assert rejected.groupby("source").size().to_dict() == dict.fromkeys(SOURCES, len(ZONES))
    assert set(rejected["rule_id"]) == {"B22"}
    assert rejected["reason"].str.endswith("is not a time that the clock of America/New_York shows").all()
    table = pd.read_parquet(real_data / FILE)
    filled = table.iloc[rejected["line"].unique() - 1]
    assert set(filled["zone"]) == ZONES
    assert set(zip(filled["Date"].dt.strftime("%Y-%m-%d"), filled["Hour"], strict=True)) == {("2017-03-12", 2)}
    hours = {
        start: at(found["prices"], price_zone="ME", market="real_time", interval_start_utc=start)["price_per_mwh"]
        for start in ("2017-03-12T05:00:00.000Z", "2017-03-12T06:00:00.000Z", "2017-03-12T07:00:00.000Z")
    }
    assert list(hours.values()) == [60.54, 72.52, 42.20]  # hours 1, 3 and 4 of Maine
    assert filled.loc[filled["zone"] == "ME", "RT_LMP"].tolist() == [pytest.approx((60.54 + 72.52) / 2)]
