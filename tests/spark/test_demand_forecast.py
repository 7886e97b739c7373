"""Demand forecasts in Spark: which series there are, when their reads were known, and that means add up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.bronze.file import BRONZE_FILE
from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.gold.line_loss_coefficient import LINE_LOSS_COEFFICIENT
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.transformer_profile import TRANSFORMER_PROFILE
from jobs.lake.write import conform
from jobs.models.demand.clock import EPOCH
from jobs.models.demand.features import Issue
from jobs.models.demand.model import DemandModel, fit
from jobs.models.demand.training_rows import drawn_rows
from jobs.models.demand_forecast import DEMAND_FORECAST, JOB, demand_forecasts
from jobs.models.training.trained import Champion
from jobs.settings import GridTime, Settings
from jobs.silver.asset import ASSET
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.feeder import FEEDER
from jobs.silver.power_transformer import POWER_TRANSFORMER
from jobs.silver.received_block import RECEIVED_BLOCK
from jobs.silver.substation import SUBSTATION
from jobs.silver.weather_hour import WEATHER_HOUR
from jobs.span import Span
from tests.builders import frame
from tests.unit.demand_panels import day, households, small_settings

ISSUE = date(2016, 3, 15)
DAYS = [ISSUE - timedelta(days=number) for number in range(40, 0, -1)]
MOVED = ISSUE - timedelta(days=20)
SETTINGS = small_settings(days_ahead=(1, 7))
GIVEN: dict[str, Any] = {
    "issue_day": (ISSUE - EPOCH).days,
    "demand": SETTINGS,
    "profile": ProfileSettings(interval_minutes=60),
    "time": GridTime(utc_offset="+01:00", zone="Europe/Berlin"),
    "tasks": 2,
}
MEDIUM_WH = 5000


def load_wh(name: str, on: date) -> list[int]:
    """Demand that tells series, day and hour apart: of T1 on the first day 1,000,000 Wh and more."""
    size = {"T1": 1_000_000, "T2": 2_000_000, "T3": 500_000}[name]
    return [size + 1000 * (on - DAYS[0]).days + 10 * hour for hour in range(24)]


def feeder_of(name: str, on: date) -> str:
    """T2 hangs on F2 until it is moved to F1."""
    return {"T1": "F1", "T2": "F1" if on >= MOVED else "F2", "T3": "F2"}[name]


def profile(delivered: list[int], **values: Any) -> dict[str, Any]:
    nothing = [0] * 24
    zeros = dict.fromkeys(
        ("received_wh", "estimated_wh", "reactive_varh", "profiled_wh", "unmetered_wh", "meters_estimated"), nothing
    )
    seen = {"meters_seen": [4] * 24, "meters_expected": 4, "apparent_va": [float(one) for one in delivered]}
    return {"interval_minutes": 60, "delivered_wh": delivered, **zeros, **seen, **values}


def frames(spark: SparkSession, late: dict[tuple[str, date], datetime] | None = None) -> dict[str, DataFrame]:
    """A lake of two feeders; ``late`` says when the reads of a transformer's day were written."""
    transformers, feeders, received = [], [], []
    for on in DAYS:
        total = {"F1": np.full(24, MEDIUM_WH), "F2": np.zeros(24, int)}
        for name in ("T1", "T2", "T3"):
            wh, feeder = load_wh(name, on), feeder_of(name, on)
            total[feeder] += np.array(wh)
            transformers.append(profile(wh, transformer_id=name, feeder_id=feeder, grid_date=on))
            written = (late or {}).get((name, on), datetime(on.year, on.month, on.day, 23, 30, tzinfo=UTC))
            received.append(
                {
                    "usage_point_id": name,
                    "kind": "customer",
                    "grid_date": on,
                    "transformer_id": name,
                    "feeder_id": feeder,
                    "version": int(written.timestamp() * 1e6),
                }
            )
        feeders += [profile(wh.tolist(), feeder_id=name, grid_date=on) for name, wh in total.items()]
    always = {"valid_from_utc": datetime(2000, 1, 1, tzinfo=UTC)}
    units = [{"asset_id": f"U{n}", "transformer_id": f"T{n}", **always} for n in (1, 2, 3)]
    nameplate = {"rating_kva": 2000.0, "no_load_loss_w": 1500.0, "load_loss_w": 16_000.0}
    lines = [
        {"level": "mv", "place_id": "F1", "month_start": month, "basis": "computed", "loss_w_per_va2": 1e-9}
        for month in (date(2016, 2, 1), date(2016, 3, 1))
    ]
    places = [{"feeder_id": name, "substation_id": "S", **always} for name in ("F1", "F2")]
    return {
        "feeder_profile": frame(spark, FEEDER_PROFILE, *feeders),
        "transformer_profile": frame(spark, TRANSFORMER_PROFILE, *transformers),
        "received": frame(spark, RECEIVED_BLOCK, *received),
        "files": frame(spark, BRONZE_FILE),
        "deployments": frame(spark, ASSET_DEPLOYMENT, *units),
        "assets": frame(spark, ASSET, *[{"asset_id": one["asset_id"], **nameplate} for one in units]),
        "coefficients": frame(spark, LINE_LOSS_COEFFICIENT, *lines),
        "power_transformers": frame(spark, POWER_TRANSFORMER),
        "feeders": frame(spark, FEEDER, *places),
        "substations": frame(spark, SUBSTATION, {"substation_id": "S", **always}),
        "weather_hours": frame(spark, WEATHER_HOUR),
    }


def forecast(spark: SparkSession, champion: Champion | None = None, **given: Any) -> pd.DataFrame:
    rows = demand_forecasts(**GIVEN, champion=champion, **frames(spark, **given))
    return conform(DEMAND_FORECAST, rows).toPandas()


@pytest.fixture(scope="module")
def plain(spark: SparkSession) -> pd.DataFrame:
    return forecast(spark)


def of(rows: pd.DataFrame, kind: str, name: str, ahead: int = 1) -> pd.DataFrame:
    chosen = (rows["series_kind"] == kind) & (rows["series_id"] == name) & (rows["days_ahead"] == ahead)
    return rows[chosen].sort_values("interval_start_utc").reset_index(drop=True)


def test_every_series_has_every_interval_of_each_day_ahead(plain: pd.DataFrame) -> None:
    series = set(zip(plain["series_kind"], plain["series_id"], plain["feeder_id"], strict=True))
    assert series == {
        ("transformer", "T1", "F1"),
        ("transformer", "T2", "F1"),  # where it hangs now
        ("transformer", "T3", "F2"),
        ("medium_voltage", "F1", "F1"),  # F2 has nothing there, in no hour
        ("losses", "F1", "F1"),
        ("losses", "F2", "F2"),
        ("feeder", "F1", "F1"),
        ("feeder", "F2", "F2"),
    }
    assert set(plain.groupby(["series_kind", "series_id", "days_ahead"]).size()) == {24}
    row = of(plain, "transformer", "T1").iloc[0]
    assert row["issue_time_utc"] == pd.Timestamp("2016-03-15 09:00")  # 10:00 grid time
    assert row["interval_start_utc"] == pd.Timestamp("2016-03-15 23:00")
    assert (row["method"], row["reason"], row["weather_kind"]) == ("baseline", "no_model", "none")


def test_the_baseline_is_the_same_time_last_week(plain: pd.DataFrame) -> None:
    for ahead, back in ((1, 6), (7, 7)):
        expected = np.array(load_wh("T1", ISSUE - timedelta(days=back))) / 1000
        np.testing.assert_allclose(of(plain, "transformer", "T1", ahead)["mean_kw"], expected, rtol=1e-6)


def test_what_hangs_at_medium_voltage_is_what_transformers_leave_whoever_moved(plain: pd.DataFrame) -> None:
    assert of(plain, "medium_voltage", "F1")["mean_kw"].tolist() == pytest.approx([MEDIUM_WH / 1000] * 24)


def test_losses_by_hand(plain: pd.DataFrame) -> None:
    """Each unit 1.5 kW and 16 kW (S / 2000 kVA)2, the lines of F1 1e-9 S2."""
    last = ISSUE - timedelta(days=6)
    one, two = (load_wh(name, last)[5] / 1e6 for name in ("T1", "T2"))  # MVA
    units = 2 * 1.5 + 16 * (one / 2) ** 2 + 16 * (two / 2) ** 2
    lines = 1e-9 * ((one + two + MEDIUM_WH / 1e6) * 1e6) ** 2 / 1000
    assert of(plain, "losses", "F1")["mean_kw"][5] == pytest.approx(units + lines, rel=1e-5)


def test_a_feeders_mean_is_the_sum_of_its_parts_and_its_quantiles_do_not_cross(plain: pd.DataFrame) -> None:
    key = ["feeder_id", "interval_start_utc"]
    parts = plain[plain["series_kind"] != "feeder"].groupby(key)["mean_kw"].sum()
    feeders = plain[plain["series_kind"] == "feeder"].set_index(key)
    pd.testing.assert_series_equal(feeders["mean_kw"].sort_index(), parts.sort_index(), rtol=1e-12)
    assert set(feeders["parts"]) == {2, 4}
    assert all((np.diff(one) >= 0).all() and len(one) == len(SETTINGS.quantiles) for one in plain["quantile_kw"])


def test_reads_written_after_the_issue_are_not_looked_at(spark: SparkSession) -> None:
    """T1's day of last week was written an hour after the issue, T3's an hour before."""
    last, issued = ISSUE - timedelta(days=6), datetime(2016, 3, 15, 9, tzinfo=UTC)
    hour = timedelta(hours=1)
    found = forecast(spark, late={("T1", last): issued + hour, ("T3", last): issued - hour})
    week_before = np.array(load_wh("T1", last - timedelta(days=7))) / 1000
    np.testing.assert_allclose(of(found, "transformer", "T1")["mean_kw"], week_before, rtol=1e-6)
    np.testing.assert_allclose(
        of(found, "transformer", "T3")["mean_kw"], np.array(load_wh("T3", last)) / 1000, rtol=1e-6
    )


def champion() -> Champion:
    panel, weather = households(6, 100, seed=1, first=day(2015, 11, 1))
    issues = [Issue(panel.first_day + start, ahead) for start in range(30, 90) for ahead in (1, 7)]
    model: DemandModel = fit(drawn_rows(panel, weather, issues, SETTINGS, most=5000, seed=1), SETTINGS, 1)
    return Champion("demand", 3, "run", model, tuple(model.columns))


def test_the_champion_speaks_where_a_series_is_fit_for_it(spark: SparkSession) -> None:
    found = forecast(spark, champion())
    assert set(of(found, "transformer", "T1")["model_version"]) == {"demand 3"}
    assert set(of(found, "transformer", "T1")["method"]) == {"model"}
    constant = of(found, "medium_voltage", "F1")
    assert (set(constant["method"]), set(constant["reason"])) == ({"baseline"}, {"flat"})
    assert constant["model_version"].isna().all()
    feeder = of(found, "feeder", "F1")
    assert set(feeder["method"]) == {"model"}
    parts = sum(
        of(found, kind, name)["mean_kw"]
        for kind, name in (("transformer", "T1"), ("transformer", "T2"), ("medium_voltage", "F1"), ("losses", "F1"))
    )
    np.testing.assert_allclose(feeder["mean_kw"], parts, rtol=1e-12)


def test_what_a_build_tells_of_baselines(plain: pd.DataFrame, spark: SparkSession, settings: Settings) -> None:
    rows = spark.createDataFrame(plain.drop(columns="quantile_kw")[["series_kind", "series_id", "reason"]])
    told = JOB.told(rows, settings, Span(ISSUE - timedelta(days=1), ISSUE))
    assert [(one.rule, one.found) for one in told] == [("Q01 no_champion", 5), ("Q02 baseline", 1)]
