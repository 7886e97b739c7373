"""Break-even values against the case worked by hand; its README says how."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from kernels.decision_sensitivity import FACTORS, Cases, Successors, decision_sensitivity
from kernels.life_cycle_cost import NOT_WITHIN_HORIZON

CASE = "cost_break_even"


def read(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / CASE / name).open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_what_it_takes_to_change_a_decision() -> None:
    units = read("when/units.csv")
    figures = {
        name: np.array([float(unit[name]) for unit in units])
        for name in ("no_load_difference_cost", "load_difference_cost", "maintenance_cost", "failure_cost")
    }
    factors = {
        row["factor"]: Cases(float(row["base"]), float(row["base"]), float(row["base"]), *bounds)
        for row in read("when/factors.csv")
        for bounds in [(float(row["at_least"]), float(row["at_most"]))]
    }
    found = decision_sensitivity(
        **figures,
        hazard=[[float(unit["hazard"])] * 3 for unit in units],
        removal_value=0.0,
        successor=0,
        successors=Successors([100.0], [0.0], [0.0], [0.0], np.zeros((1, 2)), [True]),
        factors=factors,
    )
    assert found.replacement_year.tolist() == [NOT_WITHIN_HORIZON, 0]
    rows = [unit["asset_id"] for unit in units]
    for row in read("then/break_even.csv"):
        where = FACTORS.index(row["factor"]), rows.index(row["asset_id"])
        value = float(row["value"] or "nan")
        assert found.break_even[where] == pytest.approx(value, rel=1e-6, nan_ok=True), row
        year = row["replacement_year"]
        assert found.break_even_year[where] == (NOT_WITHIN_HORIZON if year == "not_within_horizon" else int(year)), row
