"""How a failure model is held against what was planted: by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.failure_truth import deciles, saved, slope_of, with_costs, with_truth


def test_slope_and_deciles_of_an_estimate_that_is_half_of_the_truth() -> None:
    truth = np.linspace(0.01, 0.4, 40)
    assert slope_of(truth, truth / 2 + 0.003) == pytest.approx(2.0)
    assert deciles(truth, truth / 2) == pytest.approx([-0.5] * 10)


def test_truth_is_met_by_unit_and_year(tmp_path: Path) -> None:
    """A hazard of ln 2 is a chance of a half; of 2015 nobody knows B, and A's fault is under way."""
    pd.DataFrame(
        {
            "unit": ["A", "A", "B"], "year": [2014, 2015, 2014], "hazard": [np.log(2), 0.0, 0.1],
            "fault_under_way": [False, True, False], "failure_probability": [0.4, 1.0, 0.08],
        }
    ).to_parquet(tmp_path / "unit_hazard.parquet")  # fmt: skip
    said = pd.DataFrame(
        {"asset_id": ["A", "A", "B"], "as_of": pd.to_datetime(["2014-01-01", "2015-01-01", "2015-01-01"])}
    )
    found = with_truth(said, tmp_path).set_index(["asset_id", "year"])
    assert list(found.index) == [("A", 2014), ("A", 2015)]
    assert found["by_state"].tolist() == [0.4, 1.0]
    assert found["planted"].tolist() == pytest.approx([0.5, 0.0])


def test_what_a_choice_saves_is_counted_by_the_truth_year_by_year(tmp_path: Path) -> None:
    """A large unit's failure costs 100, a small one's 10 (mean of 8 and 12): of each year's two units one is replaced.

    The estimate picks B in 2014, whose truth is 0.1 x 100, and in 2015 A, for 0.3 x 10 is more than 0.02 x 100.
    """
    pd.DataFrame({"unit": ["A", "A", "B"], "cost": [8.0, 12.0, 100.0]}).to_parquet(tmp_path / "unit_failure.parquet")
    pd.DataFrame({"unit": ["A", "B"], "rating_kva": [50.0, 630.0]}).to_parquet(tmp_path / "unit.parquet")
    rows = pd.DataFrame(
        {
            "asset_id": ["A", "B"] * 2, "year": [2014, 2014, 2015, 2015], "said": [0.2, 0.05, 0.3, 0.02],
            "by_state": [0.0, 0.1, 0.9, 0.4],
        }
    )  # fmt: skip
    costed = with_costs(rows, tmp_path)
    assert costed["failure_cost"].tolist() == [10.0, 100.0] * 2
    assert saved(costed, "said", "by_state", 0.5) == pytest.approx(0.1 * 100 + 0.9 * 10)
    assert saved(costed, "by_state", "by_state", 0.5) == pytest.approx(0.1 * 100 + 0.4 * 100)
