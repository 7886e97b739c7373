"""Published demand from a drop folder, by source YAMLs and the command line, to a trained model and a forecast.

The last weeks are scored; what the model was trained and calibrated on was known before the first of their forecasts
was issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml
from pyspark.sql import SparkSession

from jobs.lake.lake import Lake
from jobs.models.demand.baseline import NAMES
from jobs.models.demand.profile_days import READS
from jobs.models.demand.run import forecast
from jobs.models.demand.train import train
from jobs.models.training.trained import Trained
from jobs.registry import all_jobs
from jobs.settings import Settings, read_settings
from tests.command_line import CommandLine
from tests.conftest import ROOT
from tests.real.demand_drop import sources, write_drop
from tests.real.demand_published import PUBLISHED, Published

FORECASTS = """
select series_kind, series_id, days_ahead, count(*) as n, min(issue_time_utc) as issued,
  max(method) as method, max(reason) as reason
from models.demand_forecast group by series_kind, series_id, days_ahead
"""


@dataclass(frozen=True)
class Made:
    """A lake of one publication, and a model that was trained on it."""

    published: Published
    line: CommandLine
    lake: Lake
    settings: Settings
    trained: Trained


@pytest.fixture(scope="module", params=PUBLISHED)
def made(
    request: pytest.FixtureRequest, spark: SparkSession, real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    published, folder = PUBLISHED[request.param], tmp_path_factory.mktemp(request.param)
    reads, weather, holidays = published.read(real_data)
    drop = write_drop(folder / "drop", reads, weather)
    declared = sources(zone=published.source_zone or published.zone, interval_minutes=published.interval_minutes)
    kept = [one for one in declared if (drop / one["name"]).is_dir()]
    line = CommandLine(folder / "conf", kept, plain=published.settings(holidays))
    demand = yaml.safe_load((ROOT / "conf" / "models" / "demand.yaml").read_text()) | published.demand
    (line.folder / "models").mkdir()
    (line.folder / "models" / "demand.yaml").write_text(yaml.safe_dump(demand))
    line.run("ingest", drop, settings="plain")
    first, end = published.span
    needed = [table for table in READS.values() if table in all_jobs()]
    line.run("build", *needed, "--from", first, "--to", end, settings="plain")
    settings = read_settings(line.folder / "plain.yaml", lake=str(line.folder / "lake"))
    lake = Lake(spark, settings.lake.root)
    return Made(published, line, lake, settings, train(lake, settings, seed=1, echo=print))


@pytest.mark.slow
@pytest.mark.parametrize("ahead", ["h01", "h07"])
def test_at_each_horizon_it_is_a_tenth_better_than_the_best_baseline(made: Made, ahead: str) -> None:
    loss = f"pinball_{ahead}_series"
    best = min(made.trained.baselines[name][loss] for name in NAMES)
    print(f"{ahead}: {1 - made.trained.metrics[loss] / best:.3f} better")
    assert made.trained.metrics[loss] <= 0.9 * best


@pytest.mark.slow
def test_a_forecast_as_of_a_day_stands_in_the_table(made: Made) -> None:
    issue = date.fromisoformat(made.published.span[1]) - timedelta(days=10)
    assert not forecast(made.lake, made.settings, issue, echo=print).failed
    rows = pd.DataFrame(made.line.rows(FORECASTS, settings="plain"))
    slots = 1440 // made.published.interval_minutes
    assert set(rows["series_kind"]) == {"medium_voltage", "feeder"}
    assert set(rows["n"]) == {slots}
    areas = rows["series_id"].nunique()
    assert len(rows) == 2 * 7 * areas
    grid = pd.Timestamp(rows["issued"].iloc[0]) + pd.Timedelta(made.published.utc_offset.lstrip("+") + ":00")
    assert grid.tz_localize(None) == pd.Timestamp(issue) + pd.Timedelta("10h")
    assert set(rows["reason"]) == {"no_model", "parts"}
