"""Plans within budgets: what must hold of each, and how near they come to the exact optimum of small fleets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from kernels.life_cycle_cost import replacement_decision, weibull_hazard
from kernels.replacement_plan import NOT_PLANNED, ReplacementPlan, replacement_plan

Floats = NDArray[np.float64]
ROUNDING = 1e-6


def exact(saving: Floats, cost: Floats, budget: Floats) -> float:
    """The greatest saving there is, as an integer programme: x = 1 where an asset is replaced in a year."""
    assets, years = saving.shape
    once = np.kron(np.eye(assets), np.ones(years))
    spent = np.kron(cost, np.eye(years)).reshape(years, -1)
    found = milp(
        -saving.ravel(),
        integrality=np.ones(saving.size),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(once, ub=np.ones(assets)), LinearConstraint(spent, ub=budget)],
        options={"mip_rel_gap": 0.0},
    )
    assert found.status == 0
    return -float(found.fun)


def fleet(assets: int, years: int, seed: int) -> tuple[Floats, Floats]:
    """Savings and costs of a drawn fleet of distribution transformers, from W(n)."""
    random = np.random.default_rng(seed)
    waiting = replacement_decision(
        losses_cost=np.repeat(random.uniform(0, 600, (assets, 1)), 40, axis=1),
        successor_losses_cost=0.0,
        successor_annual_cost=random.uniform(400, 900, assets),
        maintenance_cost=60.0,
        hazard=weibull_hazard(random.uniform(0, 55, assets), 4.0, 57.0, 40),
        failure_cost=random.uniform(5e3, 1.6e4, assets),
        removal_value=0.0,
        rate=0.03,
        repaired=False,
        curve=True,
    ).waiting_cost_curve
    return waiting[:, years:].min(axis=1)[:, None] - waiting[:, :years], random.uniform(6e3, 2.8e4, assets)


whole = st.integers(0, 40).map(float)


@st.composite
def small_fleets(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    assets, years = draw(st.integers(0, 6)), draw(st.integers(1, 3))
    saving = draw(arrays.arrays(np.float64, (assets, years), elements=st.integers(-20, 60).map(float)))
    cost = draw(arrays.arrays(np.float64, assets, elements=whole))
    return saving, cost, draw(arrays.arrays(np.float64, years, elements=whole))


def assert_sound(plan: ReplacementPlan, saving: Floats, cost: Floats, budget: Floats) -> None:
    """Within the budgets, nothing planned that saves nothing, and the figures are those of the plan."""
    (row,) = np.nonzero(plan.year != NOT_PLANNED)
    spent = [cost[row[plan.year[row] == year]].sum() for year in range(len(budget))]
    assert plan.spent == pytest.approx(spent)
    assert (plan.spent <= budget + ROUNDING).all()
    assert (saving[row, plan.year[row]] > 0).all()
    assert plan.saving == pytest.approx(saving[row, plan.year[row]].sum())
    assert 0.0 <= plan.gap <= 1.0


@settings(deadline=None)  # the exact optimum takes what it takes
@given(small_fleets())
def test_no_plan_breaks_a_budget_and_the_optimum_lies_between_plan_and_bound(
    given_fleet: tuple[Floats, Floats, Floats],
) -> None:
    saving, cost, budget = given_fleet
    plans = [replacement_plan(saving=saving, cost=cost, budget=budget, priced=priced) for priced in (True, False)]
    best = exact(saving, cost, budget) if len(cost) else 0.0
    for plan in plans:
        assert_sound(plan, saving, cost, budget)
        assert plan.saving <= best + ROUNDING
        assert best <= plan.saving_bound + ROUNDING
    assert plans[0].saving >= plans[1].saving


@given(small_fleets())
def test_with_money_for_all_each_comes_in_its_best_year(given_fleet: tuple[Floats, Floats, Floats]) -> None:
    saving, cost, budget = given_fleet
    plan = replacement_plan(saving=saving, cost=cost, budget=np.full(len(budget), cost.sum() + 1.0))
    best = saving.max(axis=1, initial=0.0)
    assert plan.saving == plan.saving_bound == pytest.approx(best.sum())
    assert plan.gap == pytest.approx(0.0, abs=1e-12)
    assert ((plan.year != NOT_PLANNED) == (best > 0)).all()


def test_small_fleets_come_within_a_few_hundredths_of_the_exact_optimum() -> None:
    """30 units, of which five years' budgets buy about half; the share of the optimum that the plan lacks."""
    lacking = []
    for seed in range(20):
        saving, cost = fleet(30, 5, seed)
        budget = np.full(5, 0.06 * cost.sum())
        plan = replacement_plan(saving=saving, cost=cost, budget=budget)
        assert_sound(plan, saving, cost, budget)
        best = exact(saving, cost, budget)
        assert best <= plan.saving_bound * (1 + 1e-9)
        lacking.append(1 - plan.saving / best)
    assert np.mean(lacking) < 0.03
    assert max(lacking) < 0.1


def test_a_large_fleet_knows_how_near_the_optimum_it_is() -> None:
    saving, cost = fleet(5_000, 10, seed=1)
    budget = np.full(10, 0.02 * cost.sum())
    plan = replacement_plan(saving=saving, cost=cost, budget=budget)
    plain = replacement_plan(saving=saving, cost=cost, budget=budget, priced=False)
    assert_sound(plan, saving, cost, budget)
    assert plan.gap < 0.005
    assert plan.gap <= plain.gap
    assert (plan.spent > 0.99 * budget).all()


def test_the_order_of_assets_does_not_matter() -> None:
    saving, cost = fleet(300, 4, seed=3)
    budget = np.full(4, 0.05 * cost.sum())
    order = np.random.default_rng(0).permutation(300)
    one = replacement_plan(saving=saving, cost=cost, budget=budget)
    other = replacement_plan(saving=saving[order], cost=cost[order], budget=budget)
    assert other.year.tolist() == one.year[order].tolist()
    assert other.saving == pytest.approx(one.saving)


@pytest.mark.parametrize(
    ("saving", "cost", "budget", "message"),
    [
        ([[1.0, 2.0]], 1.0, [1.0], r"found shapes \(1, 2\), \(1,\)"),
        ([[1.0, float("nan")]], 1.0, [1.0, 1.0], "^saving: 1 of 2 values .* year 1: nan"),
        ([[1.0], [2.0]], [1.0, -1.0], [1.0], "^cost: 1 of 2 values fail 'finite and >= 0'; first at asset row 1: -1"),
        ([[1.0]], 1.0, [-5.0], "^budget of years: 1 of 1 values"),
    ],
)
def test_what_cannot_be_planned_is_named(saving: object, cost: object, budget: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replacement_plan(saving=saving, cost=cost, budget=budget)  # type: ignore[arg-type]
