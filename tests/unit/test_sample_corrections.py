"""Factors that the register of meters first had wrong: planted where the truth says so, put right by a later record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from jobs.sample.multiplier_corrections import with_corrections
from jobs.sample.utility import write_sample

pytest.importorskip("simbench")
FIRST, END = date(2016, 1, 1), date(2016, 4, 1)
PLAN = pd.DataFrame(
    {
        "usage_point": [f"P{number}" for number in range(400)],
        "multiplier": [40.0] * 300 + [1.0] * 100,
        "namespace": ["mdm"] * 250 + ["plc"] * 50 + ["mdm"] * 100,
    }
)


def corrected(end: date, still_wrong: list[str] | None = None, seed: int = 1) -> pd.DataFrame:
    found = with_corrections(PLAN, pd.Series(still_wrong or [], dtype=object), seed, end)
    pd.testing.assert_frame_equal(found[PLAN.columns], PLAN)
    return found.dropna(subset=["corrected_at"])


def test_a_few_of_the_meters_that_may_have_one_are_wrong_and_none_of_the_others() -> None:
    found = corrected(END)
    assert 3 <= len(found) <= 25  # of 250
    assert found.index.max() < 250
    assert found["first_multiplier"].isin([20.0, 26.6667, 60.0, 80.0]).all()
    assert found["first_multiplier"].nunique() > 1
    assert found["corrected_at"].is_unique


def test_a_longer_span_knows_more_corrections_and_the_same() -> None:
    """One is on the second day; what is not known by the end never was wrong."""
    assert corrected(date(2016, 1, 2)).empty
    (first,) = corrected(date(2016, 1, 3)).to_dict("records")
    assert first["corrected_at"].date() == date(2016, 1, 2)
    month, quarter = corrected(date(2016, 2, 1)), corrected(END)
    assert 1 <= len(month) < len(quarter)
    pd.testing.assert_frame_equal(quarter.loc[month.index], month)
    assert (month["corrected_at"] < datetime(2016, 1, 31, 23, tzinfo=UTC)).all()


def test_a_meter_with_a_fault_that_nobody_found_is_never_put_right() -> None:
    found = corrected(END)["usage_point"].tolist()
    assert set(corrected(END, found)["usage_point"]).isdisjoint(found)


def test_the_drop_folder_holds_the_wrong_factor_and_the_right_one_later(tmp_path: Path) -> None:
    write_sample(
        tmp_path / "drop", tmp_path / "truth", first=FIRST, end=date(2016, 1, 3), low_voltage_networks=2,
        echo=lambda line: None,
    )  # fmt: skip
    true = pd.read_parquet(tmp_path / "truth" / "usage_point.parquet").set_index("meter")
    wrong = true.dropna(subset=["corrected_at"])
    assert len(wrong) > 0
    folder = tmp_path / "drop" / "meters_mdm"
    first, again = (pd.read_csv(folder / f"{name}.csv", dtype={"meter": str}).set_index("meter")
                    for name in ("meters_mdm", "corrections"))  # fmt: skip
    assert again["factor"].to_dict() == wrong["multiplier"].to_dict()
    assert first.loc[wrong.index, "factor"].to_dict() == wrong["first_multiplier"].to_dict()
    assert (first.loc[wrong.index, "factor"] != wrong["multiplier"]).all()
    sound = first.index.difference(wrong.index)
    assert first.loc[sound, "factor"].to_dict() == true.loc[sound, "multiplier"].to_dict()
    same = ["premise", "installed_at"]
    pd.testing.assert_frame_equal(again[same], first.loc[again.index, same])
    known = pd.to_datetime(again["recorded_at"])
    assert known.to_dict() == wrong["corrected_at"].to_dict()
    assert (known > pd.to_datetime(first.loc[again.index, "recorded_at"])).all()
    planted = pd.read_parquet(tmp_path / "truth" / "balance_fault.parquet")["usage_point"]
    assert set(wrong["usage_point"]).isdisjoint(planted)
