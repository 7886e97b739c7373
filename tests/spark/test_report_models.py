"""What the report reads of ageing, failures and forecasts, from tables written by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.gold.ageing.kernel import COMPUTED, LOAD_UNKNOWN
from jobs.gold.asset_feature import ASSET_FEATURE
from jobs.gold.asset_health import ASSET_HEALTH
from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.gold.transformer_ageing import TRANSFORMER_AGEING
from jobs.lake.lake import Lake
from jobs.lake.write import replace_all
from jobs.models.demand_forecast import DEMAND_FORECAST
from jobs.models.failure_probability import FAILURE_PROBABILITY
from jobs.query.snapshot import read_snapshot
from jobs.report.ageing_data import read_ageing
from jobs.report.forecast_data import read_forecast
from jobs.report.risk_data import read_risk
from jobs.settings import Settings
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.asset_event import ASSET_EVENT
from jobs.table import Table
from tests.builders import frame

DAY = date(2016, 1, 15)


def put(lake: Lake, table: Table, *rows: dict[str, Any]) -> None:
    replace_all(lake, table, frame(lake.spark, table, *rows))


def hot(unit: str, day: date, degc: float | None, **more: Any) -> dict[str, Any]:
    return {"asset_id": unit, "grid_date": day, "transformer_id": f"at {unit}", "hot_spot_max_degc": degc,
            "outcome": COMPUTED, "hours_above_hot_spot_limit": 0.0, "loss_of_life_hours": 6.0, **more}  # fmt: skip


def test_the_hottest_units_come_first_and_a_day_without_temperatures_counts_for_nothing(
    spark: SparkSession, tmp_path: Path
) -> None:
    lake, later = Lake(spark, str(tmp_path)), DAY + timedelta(days=1)
    put(
        lake,
        TRANSFORMER_AGEING,
        hot("a", DAY, 90.0),
        hot("a", later, 130.0, hours_above_hot_spot_limit=2.5, loss_of_life_hours=50.0),
        hot("b", DAY, 95.0),
        hot("b", later, None, outcome=LOAD_UNKNOWN, hours_above_hot_spot_limit=None, loss_of_life_hours=None),
    )
    found = read_ageing(read_snapshot(lake))
    assert (found.computed, found.above) == (2, 1)
    columns = [
        "asset_id",
        "hot_spot_max_degc",
        "hottest_day",
        "hours_above_hot_spot_limit",
        "loss_of_life_hours",
        "days",
    ]
    assert found.units[columns].values.tolist() == [["a", 130.0, later, 2.5, 56.0, 2], ["b", 95.0, DAY, 0.0, 6.0, 1]]
    assert found.days["hot_spot_max_degc"].tolist() == [90.0, 130.0, 95.0]


def said(unit: str, year: int, probability: float) -> dict[str, Any]:
    return {"asset_id": unit, "as_of": date(year, 1, 1), "horizon_months": 12, "probability": probability,
            "probability_low": probability / 2, "probability_high": probability * 2, "top_reasons": ["age_years 44"],
            "unknown_category": False, "model_version": "failure 3"}  # fmt: skip


def health(unit: str, chance: float, cost: float) -> dict[str, Any]:
    """A unit's health in 2014, at scores that the table takes."""
    scores = {name: 4.0 for name in ("initial_score", "current_score", "score_cap", "score_collar")}
    return {"asset_id": unit, "period_kind": "year", "period_start": date(2014, 1, 1), "failure_probability": chance,
            "failure_probabilities": [chance], "future_scores": [4.0], "consequence_cost": cost, **scores}  # fmt: skip


def test_risk_is_chance_times_cost_and_only_years_on_record_are_set_against_what_happened(
    spark: SparkSession, tmp_path: Path, settings: Settings
) -> None:
    """20 units in 2014, of which the two with the greatest chance failed; 2015 has no outcome yet."""
    lake, truth = Lake(spark, str(tmp_path / "lake")), tmp_path / "truth"
    units = [f"U{n:02d}" for n in range(20)]
    chance = {unit: 0.01 * (n + 1) for n, unit in enumerate(units)}
    put(lake, FAILURE_PROBABILITY, *(said(unit, year, chance[unit]) for unit in units for year in (2014, 2015)))
    put(
        lake, ASSET_FEATURE,
        *({"asset_id": u, "as_of": date(y, 1, 1), "transformer_id": f"T{u}"}
          for u in units for y in (2014, 2015)),
    )  # fmt: skip
    put(
        lake, ASSET_HEALTH,
        *(health(unit, 0.02, 90_000.0 if unit == "U00" else 1_000.0) for unit in units),
    )  # fmt: skip
    since = datetime(2000, 1, 1, tzinfo=UTC)
    put(lake, ASSET_DEPLOYMENT, *({"asset_id": u, "transformer_id": f"T{u}", "valid_from_utc": since} for u in units))
    put(
        lake, ASSET_EVENT,
        *({"event_id": unit, "asset_id": unit, "kind": "failure", "occurred_at_utc": datetime(2014, 11, 3, tzinfo=UTC)}
          for unit in ("U18", "U19")),
    )  # fmt: skip
    truth.mkdir()
    hazards = pd.DataFrame({"unit": units, "year": 2014, "failure_probability": [2 * chance[unit] for unit in units]})
    hazards.to_parquet(truth / "unit_hazard.parquet")
    found = read_risk(read_snapshot(lake), settings, F.lit(True), truth)
    assert found.model == "failure 3"
    assert found.units["asset_id"].tolist()[:3] == ["U00", "U19", "U18"]  # 0.01 x 90,000, 0.2 and 0.19 x 1,000
    assert found.units["risk_cost"].tolist()[:2] == pytest.approx([900.0, 200.0])
    assert found.bins["rows"].tolist() == [2] * 10
    assert found.bins["failed"].tolist() == [0.0] * 9 + [1.0]
    assert found.bins["said"].tolist() == pytest.approx([0.015 + 0.02 * n for n in range(10)])
    assert found.bins["truth"].tolist() == pytest.approx([0.03 + 0.04 * n for n in range(10)])


def test_a_lake_without_a_champion_ranks_by_health(spark: SparkSession, tmp_path: Path, settings: Settings) -> None:
    lake = Lake(spark, str(tmp_path))
    put(
        lake, ASSET_HEALTH,
        *(health(unit, chance, 100.0) for unit, chance in (("a", 0.01), ("b", 0.03))),
    )  # fmt: skip
    found = read_risk(read_snapshot(lake), settings, F.lit(True), None)
    assert (found.model, found.units["asset_id"].tolist(), len(found.bins)) == (None, ["b", "a"], 0)


def test_a_fan_is_set_against_what_its_feeder_took(spark: SparkSession, tmp_path: Path, settings: Settings) -> None:
    """Two days after the issue's stand in the profiles, 96 intervals of 1 kWh: 4 kW each."""
    lake, issue = Lake(spark, str(tmp_path)), DAY
    start = datetime(2016, 1, 16, tzinfo=UTC) - settings.grid_time.offset + timedelta(days=1)
    slots = [start + timedelta(minutes=15 * n) for n in range(3 * 96)]
    for_feeder = {"series_kind": "feeder", "grid_date": issue, "issue_time_utc": start, "interval_minutes": 15,
                  "method": "model", "days_ahead": 1}  # fmt: skip
    put(
        lake, DEMAND_FORECAST,
        *({**for_feeder, "series_id": feeder, "interval_start_utc": slot, "mean_kw": kw,
           "quantile_kw": [kw + n for n in range(11)]} for feeder, kw in (("F1", 5.0), ("F2", 3.0)) for slot in slots),
    )  # fmt: skip
    ones, zeros = [1] * 96, [0] * 96
    planes = {"received_wh": zeros, "profiled_wh": zeros, "unmetered_wh": zeros, "estimated_wh": zeros,
              "meters_estimated": zeros, "apparent_va": [4000.0] * 96}  # fmt: skip
    put(
        lake, FEEDER_PROFILE,
        *({"feeder_id": feeder, "grid_date": issue + timedelta(days=n), "interval_minutes": 15, "meters_expected": 1,
           "delivered_wh": [1000] * 96, "meters_seen": ones, **planes} for feeder in ("F1", "F2") for n in (1, 2, 3)),
    )  # fmt: skip
    found = read_forecast(read_snapshot(lake), settings)
    assert (found.feeder_id, found.method) == ("F1", "model")
    assert len(found.rows) == 3 * 96
    known = found.rows["actual_kw"].to_numpy()
    np.testing.assert_allclose(known[: 2 * 96], 4.0)
    assert np.isnan(known[2 * 96 :]).all()
