"""A fleet's decisions with all their sensitivities, and its replacement plan: kernels, and the best NumPy found."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.decision_sensitivity import FACTORS, STEPS, Cases, DecisionSensitivity, Successors, decision_sensitivity
from kernels.life_cycle_cost import new_asset_cost, replacement_decision, weibull_hazard
from kernels.replacement_plan import replacement_plan
from tests.bench.timing import measured

Floats = NDArray[np.float64]

NUMPY_ASSETS = 2_000
NUMPY_ROWS = 500
PLAN_YEARS = 10
HALVINGS = 24
BELIEVED = {
    "real_rate": Cases(0.03, 0.01, 0.05, 0.0, 0.15),
    "energy_price": Cases(1.0, 0.7, 1.5, 0.1, 5.0),
    "price_growth": Cases(0.0, -0.01, 0.02, -0.05, 0.1),
    "load_growth": Cases(0.0, -0.01, 0.02, -0.05, 0.1),
    "failure_probability": Cases(1.0, 0.5, 2.0, 0.0, 10.0),
}


def run(assets: int, years: int, *, cores: int) -> list[dict[str, Any]]:
    """Time each way to the decision of `assets` assets as believed, in ten cases, and to five break-evens each.

    `readings` counts asset-years, each once however many cases look at it. NumPy runs on a slice. Raises if two ways
    disagree.
    """
    fleet, successors = _inputs(assets, years)
    few = {name: values[:NUMPY_ASSETS] for name, values in fleet.items()}
    found, in_numpy = _kernel(few, successors), _in_blocks(few, successors)
    assert (found.case_year == in_numpy[0]).mean() > 0.9999  # two years that cost the same but for rounding
    np.testing.assert_allclose(found.break_even, in_numpy[1], rtol=1e-4, atol=1e-6)
    saving, cost = _savings(fleet)
    budget = np.full(PLAN_YEARS, 0.02 * cost.sum())
    two = measured(
        "decision sensitivity kernel, threads", assets * years, lambda: _in_threads(fleet, successors, cores)
    )
    return [
        measured("decision sensitivity kernel", assets * years, lambda: _kernel(fleet, successors)),
        two | {"cores": cores},
        measured("decision sensitivity numpy", len(few["successor"]) * years, lambda: _in_blocks(few, successors)),
        measured("replacement plan", saving.size, lambda: replacement_plan(saving=saving, cost=cost, budget=budget)),
    ]


def _inputs(assets: int, years: int) -> tuple[dict[str, NDArray[Any]], Successors]:
    random = np.random.default_rng(1)
    kinds = 44
    fleet = {
        "no_load_difference_cost": random.uniform(0.0, 300.0, assets),
        "load_difference_cost": random.uniform(-50.0, 400.0, assets),
        "maintenance_cost": random.uniform(40.0, 120.0, assets),
        "failure_cost": random.uniform(5_000.0, 16_000.0, assets),
        "removal_value": random.uniform(-600.0, 1_000.0, assets),
        "hazard": weibull_hazard(random.uniform(0.0, 55.0, assets), 4.0, 57.0, years),
        "successor": random.integers(0, kinds, assets),
    }
    return fleet, Successors(
        investment_cost=random.uniform(5_000.0, 25_000.0, kinds),
        maintenance_cost=random.uniform(40.0, 100.0, kinds),
        failure_cost=random.uniform(5_000.0, 16_000.0, kinds),
        disposal_cost=random.uniform(-1_000.0, 600.0, kinds),
        hazard=np.repeat(weibull_hazard(0.0, 4.0, 57.0, 2 * years), kinds, axis=0),
        repaired=np.zeros(kinds, dtype=np.bool_),
    )


def _kernel(fleet: dict[str, Any], successors: Successors) -> DecisionSensitivity:
    return decision_sensitivity(**fleet, successors=successors, factors=BELIEVED)


def _in_threads(fleet: dict[str, NDArray[Any]], successors: Successors, cores: int) -> list[DecisionSensitivity]:
    edges = np.linspace(0, len(fleet["successor"]), cores + 1).astype(int)
    parts = [{name: values[a:b] for name, values in fleet.items()} for a, b in pairwise(edges)]
    with ThreadPoolExecutor(cores) as pool:
        return list(pool.map(lambda part: _kernel(part, successors), parts))


def _in_blocks(fleet: dict[str, NDArray[Any]], successors: Successors) -> tuple[NDArray[np.int32], Floats]:
    starts = range(0, len(fleet["successor"]), NUMPY_ROWS)
    blocks = [_numpy({name: v[a : a + NUMPY_ROWS] for name, v in fleet.items()}, successors) for a in starts]
    year, break_even = zip(*blocks, strict=True)
    return np.concatenate(year, axis=2), np.concatenate(break_even, axis=1)


def _numpy(fleet: dict[str, NDArray[Any]], successors: Successors) -> tuple[NDArray[np.int32], Floats]:
    """Case years and break-evens, all assets of a block a step further at a time."""
    assets, years = fleet["hazard"].shape
    base = {name: np.full(assets, BELIEVED[name].base) for name in FACTORS}
    believed = _kind(_best_year(fleet, successors, base), years)
    case_year = np.empty((len(FACTORS), 2, assets), dtype=np.int32)
    break_even = np.full((len(FACTORS), assets), np.nan)
    for number, name in enumerate(FACTORS):
        cases = BELIEVED[name]
        for case, value in enumerate((cases.low, cases.high)):
            year = _best_year(fleet, successors, base | {name: np.full(assets, value)})
            case_year[number, case] = np.where(year == years, -1, year)
        for bound in (cases.at_least, cases.at_most):
            inside, outside, open_ = base[name].copy(), np.full(assets, np.nan), np.ones(assets, dtype=np.bool_)
            for step in range(1, STEPS + 1):
                value = np.full(assets, cases.base + (bound - cases.base) * (step / STEPS))
                changed = open_ & (_kind(_best_year(fleet, successors, base | {name: value}), years) != believed)
                outside = np.where(changed, value, outside)
                open_ &= ~changed
                inside = np.where(open_, value, inside)
            (row,) = np.nonzero(~np.isnan(outside))
            some = {key: values[row] for key, values in fleet.items()}
            low, high = inside[row], outside[row]
            for _ in range(HALVINGS):
                middle = 0.5 * (low + high)
                within = {key: values[row] for key, values in base.items()} | {name: middle}
                same = _kind(_best_year(some, successors, within), years) == believed[row]
                low, high = np.where(same, middle, low), np.where(same, high, middle)
            nearer = ~(abs(high - cases.base) >= abs(break_even[number, row] - cases.base))
            break_even[number, row] = np.where(nearer, high, break_even[number, row])
    return case_year, break_even


def _kind(year: NDArray[np.intp], years: int) -> NDArray[np.intp]:
    return np.where(year == 0, 0, np.where(year == years, 2, 1))


def _best_year(fleet: dict[str, NDArray[Any]], successors: Successors, value: dict[str, Floats]) -> NDArray[np.intp]:
    years = fleet["hazard"].shape[1]
    ahead = np.arange(1.0, years + 1)
    rate = value["real_rate"]
    a0 = _annual_cost(fleet["successor"], successors, rate)
    hazard = np.minimum(value["failure_probability"][:, None] * fleet["hazard"], 1.0)
    survival = np.ones((len(hazard), years + 1))
    np.cumprod(1.0 - hazard, axis=1, out=survival[:, 1:])
    discount = (1.0 + rate[:, None]) ** -np.arange(years + 1.0)
    price = value["energy_price"][:, None] * (1.0 + value["price_growth"][:, None]) ** ahead
    load = (1.0 + value["load_growth"][:, None]) ** (2 * ahead)
    losses = price * (fleet["no_load_difference_cost"][:, None] + load * fleet["load_difference_cost"][:, None])
    running = losses + (fleet["maintenance_cost"] - a0)[:, None] + hazard * fleet["failure_cost"][:, None]
    removal = fleet["removal_value"][:, None]
    waiting = removal - survival * discount * removal
    waiting[:, 1:] += np.cumsum(survival[:, :-1] * discount[:, 1:] * running, axis=1)
    return waiting.argmin(axis=1)


def _annual_cost(successor: NDArray[np.int64], successors: Successors, rate: Floats) -> Floats:
    """a0, worked out once for each pair of successor and rate."""
    pairs, row = np.unique(np.column_stack([successor, rate]), axis=0, return_inverse=True)
    of = pairs[:, 0].astype(int)
    return new_asset_cost(
        investment_cost=np.asarray(successors.investment_cost)[of],
        study_year_losses_cost=0.0,
        maintenance_cost=np.repeat(
            np.asarray(successors.maintenance_cost)[of][:, None], np.shape(successors.hazard)[1], axis=1
        ),
        hazard=np.asarray(successors.hazard)[of],
        failure_cost=np.asarray(successors.failure_cost)[of],
        disposal_cost=np.repeat(
            np.asarray(successors.disposal_cost)[of][:, None], np.shape(successors.hazard)[1], axis=1
        ),
        rate=pairs[:, 1],
        repaired=np.asarray(successors.repaired)[of],
    ).annual_cost[row]


def _savings(fleet: dict[str, NDArray[Any]]) -> tuple[Floats, Floats]:
    """What each year of a plan saves a unit over the best after it, and what a unit costs."""
    assets, years = fleet["hazard"].shape
    waiting = replacement_decision(
        losses_cost=np.repeat(fleet["no_load_difference_cost"][:, None], years, axis=1),
        successor_losses_cost=0.0,
        successor_annual_cost=500.0,
        maintenance_cost=np.repeat(fleet["maintenance_cost"][:, None], years, axis=1),
        hazard=fleet["hazard"],
        failure_cost=fleet["failure_cost"],
        removal_value=0.0,
        rate=0.03,
        repaired=False,
        curve=True,
    ).waiting_cost_curve
    saving = waiting[:, PLAN_YEARS:].min(axis=1)[:, None] - waiting[:, :PLAN_YEARS]
    return saving, np.random.default_rng(2).uniform(6_000.0, 28_000.0, assets)
