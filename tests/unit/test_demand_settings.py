"""Settings of the demand model: bounds, and what a fault of them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.errors import SettingsError
from jobs.models.demand.features import FEATURES
from jobs.models.demand.settings import read_demand_settings
from tests.conftest import ROOT


def test_the_file_names_features_that_there_are() -> None:
    found = read_demand_settings(ROOT / "conf")
    assert set(found.features) <= set(FEATURES)
    assert len(set(found.features)) == len(found.features)


def test_a_folder_without_the_file_takes_gridlakes_own(tmp_path: Path) -> None:
    assert read_demand_settings(tmp_path) == read_demand_settings(ROOT / "conf")


def test_every_fault_is_told_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "demand.yaml").write_text("issue_hour: 24\nfeatures: [week_1]\nmoon: 1\n")
    with pytest.raises(SettingsError, match=r"2 fault\(s\)") as told:
        read_demand_settings(tmp_path)
    assert "issue_hour" in str(told.value)
    assert "moon" in str(told.value)


@pytest.mark.parametrize(
    ("line", "fault"),
    [("quantiles: [0.9, 0.5, 0.1]", "must ascend"), ("quantiles: [0.1, 0.6, 0.9]", "must hold 0.5"),
     ("days_ahead: [7, 1]", "must ascend")],
)  # fmt: skip
def test_levels_and_days_ascend_and_hold_the_median(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "demand.yaml").write_text(f"{line}\nfeatures: [week_1]\n")
    with pytest.raises(SettingsError, match=fault):
        read_demand_settings(tmp_path)
