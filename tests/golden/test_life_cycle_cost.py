"""The life-cycle cost kernel against the cases worked by hand; each case's README says how."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kernels.life_cycle_cost import NOT_WITHIN_HORIZON, new_asset_cost, replacement_decision

CASES = ["life_cycle_cost_failure_ends_life", "life_cycle_cost_repaired"]
RATES = ["0", "0.25"]
EXACT = 1e-9
SIX_DECIMALS = 5.1e-7


def read(case: str, name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / case / name).open(newline="") as lines:
        return list(csv.DictReader(lines))


def arguments(case: str, name: str, rate: str) -> dict[str, Any]:
    """One asset's figures as the kernel takes them; year 0 holds nothing but the removal value."""
    (asset,) = read(case, f"when/{name}.csv")
    policy = {"true": True, "false": False}[asset.pop("repaired")]
    rows = read(case, f"when/{name}_year.csv")
    yearly = {
        column: np.array([[float(row[column]) for row in rows if row[column]]])
        for column in rows[0]
        if column != "year"
    }
    return {
        **{key: float(value) for key, value in asset.items()},
        **yearly,
        "rate": float(rate),
        "repaired": policy,
    }


def column(case: str, name: str, rate: str, of: str) -> list[float]:
    return [float(row[of]) for row in read(case, name) if row["rate"] == rate]


def year(text: str) -> int:
    return NOT_WITHIN_HORIZON if text == "not_within_horizon" else int(text)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", CASES)
def test_new_asset_cost(case: str, rate: str) -> None:
    found = new_asset_cost(**arguments(case, "new_asset", rate), curves=True)
    sheet = "then/new_asset_year.csv"
    assert found.life_cycle_cost_curve[0] == pytest.approx(column(case, sheet, rate, "life_cycle_cost"), abs=EXACT)
    assert found.annual_cost_curve[0] == pytest.approx(column(case, sheet, rate, "annual_cost"), abs=SIX_DECIMALS)
    (wanted,) = (row for row in read(case, "then/new_asset.csv") if row.pop("rate") == rate)
    assert found.economic_life_years[0] == year(wanted.pop("economic_life_years"))
    for name, value in wanted.items():
        tolerance = SIX_DECIMALS if name == "annual_cost" else EXACT
        assert getattr(found, name)[0] == pytest.approx(float(value), abs=tolerance), name


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", CASES)
def test_replacement_decision(case: str, rate: str) -> None:
    found = replacement_decision(**arguments(case, "asset_in_service", rate), curve=True)
    sheet = "then/asset_in_service_year.csv"
    assert found.waiting_cost_curve[0] == pytest.approx(column(case, sheet, rate, "waiting_cost"), abs=EXACT)
    (wanted,) = (row for row in read(case, "then/asset_in_service.csv") if row["rate"] == rate)
    assert found.replacement_year[0] == year(wanted["replacement_year"])
    assert found.waiting_gain[0] == pytest.approx(float(wanted["waiting_gain"]), abs=EXACT)
    assert found.one_year_waiting_cost[0] == pytest.approx(float(wanted["one_year_waiting_cost"]), abs=EXACT)
