"""Demand of ISO New England's zones, January to April 2017, from a drop folder to a trained model and a forecast.

Nine zones of hourly demand, with the weather that was observed there. The last four weeks are scored; what the model
was trained and calibrated on was known before the first of their forecasts was issued.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from pyspark.sql import SparkSession

from jobs.lake.lake import Lake
from jobs.models.demand.baseline import NAMES
from jobs.models.demand.run import forecast
from jobs.models.demand.train import train
from jobs.models.training.trained import Trained
from jobs.settings import Settings, read_settings
from tests.command_line import CommandLine
from tests.conftest import ROOT
from tests.real.demand_drop import sources, write_drop

FILE = Path("isone_smd_2017") / "smd_hourly_2017_jan_apr.parquet"
DAYS = ("--from", "2017-01-01", "--to", "2017-04-30")
OVER: dict[str, Any] = {
    "grid_time": {
        "utc_offset": "-05:00",
        "zone": "America/New_York",
        "holidays": ["2017-01-02", "2017-01-16", "2017-02-20"],
    },
    "profile": {"interval_minutes": 60},
    "validation": {"classes": {"generation": {"limit_kw": 100_000, "flat_minutes": 1440, "flat_min_kw": 1}}},
}
DEMAND = {"weather": "observed", "training": {"score_days": 28, "calibrate_days": 14}}


@pytest.fixture(scope="module")
def gridlake(spark: SparkSession, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    folder = tmp_path_factory.mktemp("isone_demand")
    table = pd.read_parquet(real_data / FILE)
    table = table[~((table["Date"] == "2017-03-12") & (table["Hour"] == 2))]  # no clock showed it: the publisher's mean
    table["start"] = (table["Date"] + pd.to_timedelta(table["Hour"] - 1, unit="h")).dt.strftime("%Y-%m-%d %H:%M")
    table = table.rename(columns={"zone": "area", "DEMAND": "mean_power"})
    table["temperature_degc"] = (table["DryBulb"] - 32) / 1.8
    drop = write_drop(
        folder / "drop", table[["area", "start", "mean_power"]], table[["area", "start", "temperature_degc"]]
    )
    line = CommandLine(folder / "conf", sources(zone="America/New_York", interval_minutes=60), plain=OVER)
    demand = yaml.safe_load((ROOT / "conf" / "models" / "demand.yaml").read_text()) | DEMAND
    (line.folder / "models").mkdir()
    (line.folder / "models" / "demand.yaml").write_text(yaml.safe_dump(demand))
    line.run("ingest", drop, settings="plain")
    line.run("build", "gold.feeder_profile", "gold.transformer_profile", "gold.line_loss_coefficient",
             "silver.weather_hour", "silver.substation", "silver.asset_deployment", "silver.asset", *DAYS,
             settings="plain")  # fmt: skip
    return line


@pytest.fixture(scope="module")
def its_settings(gridlake: CommandLine) -> Settings:
    return read_settings(gridlake.folder / "plain.yaml", lake=str(gridlake.folder / "lake"))


@pytest.fixture(scope="module")
def trained(spark: SparkSession, its_settings: Settings) -> Trained:
    return train(Lake(spark, its_settings.lake.root), its_settings, seed=1, echo=print)


@pytest.mark.parametrize("ahead", ["h01", "h07"])
def test_at_each_horizon_it_is_a_tenth_better_than_the_best_baseline(trained: Trained, ahead: str) -> None:
    best = min(trained.baselines[name][f"pinball_{ahead}_series"] for name in NAMES)
    print(ahead, 1 - trained.metrics[f"pinball_{ahead}_series"] / best, trained.metrics[f"coverage_80_{ahead}_series"])
    assert trained.metrics[f"pinball_{ahead}_series"] <= 0.9 * best


def test_a_forecast_as_of_a_day_stands_in_the_table(
    trained: Trained, gridlake: CommandLine, its_settings: Settings, spark: SparkSession
) -> None:
    from datetime import date

    built = forecast(Lake(spark, its_settings.lake.root), its_settings, date(2017, 4, 20), echo=print)
    assert not built.failed
    rows = pd.DataFrame(
        gridlake.rows(
            "select series_kind, series_id, days_ahead, count(*) as n, min(issue_time_utc) as issued, "
            "min(interval_start_utc) as first, max(method) as method, max(reason) as reason "
            "from models.demand_forecast group by series_kind, series_id, days_ahead",
            settings="plain",
        )
    )
    assert set(rows["series_kind"]) == {"medium_voltage", "feeder"}
    assert set(rows["n"]) == {24}
    assert len(rows) == 2 * 9 * 7
    assert set(rows["issued"]) == {"2017-04-20T15:00:00.000Z"}  # 10:00 at UTC-5
    assert rows["first"].min() == "2017-04-21T05:00:00.000Z"
    assert set(rows["reason"]) == {"no_model", "parts"}
