"""How decisions move with what is believed: against the definition, and what must hold of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.decision_sensitivity import (
    FACTORS,
    STEPS,
    Cases,
    DecisionSensitivity,
    Successors,
    decision_sensitivity,
)
from kernels.life_cycle_cost import NOT_WITHIN_HORIZON, new_asset_cost, replacement_decision, weibull_hazard
from tests.reference import decision_sensitivity as reference
from tests.reference.decision_sensitivity import Beliefs, Successor, Unit
from tests.unit.life_cycle_cost_assets import by_year, money, rising

YEARS, LIVES = 12, 15
ROUNDING = 1e-6  # of amounts that reach some 1e5
BOUNDS = {
    "real_rate": Cases(0.03, 0.01, 0.06, 0.0, 0.15),
    "energy_price": Cases(1.0, 0.6, 1.8, 0.1, 4.0),
    "price_growth": Cases(0.0, -0.02, 0.03, -0.05, 0.1),
    "load_growth": Cases(0.0, -0.02, 0.03, -0.05, 0.1),
    "failure_probability": Cases(1.0, 0.5, 2.0, 0.0, 8.0),
}
BASE = Beliefs(**{name: cases.base for name, cases in BOUNDS.items()})


@st.composite
def units(draw: st.DrawFn) -> Unit:
    return Unit(
        no_load_difference_cost=draw(money(-200, 900)),
        load_difference_cost=draw(money(-200, 900)),
        maintenance_cost=draw(money(0, 400)),
        hazard=draw(by_year(st.floats(0, 0.3))),
        failure_cost=draw(money(0, 9_000)),
        removal_value=draw(money(-1_000, 2_000)),
    )


@st.composite
def successors(draw: st.DrawFn) -> Successor:
    return Successor(
        investment_cost=draw(money(500, 20_000)),
        maintenance_cost=draw(money(0, 400)),
        failure_cost=draw(money(0, 9_000)),
        disposal_cost=draw(money(-400, 1_000)),
        hazard=draw(by_year(st.floats(0, 0.2), LIVES)),
        repaired=draw(st.booleans()),
    )


def stacked(rows: list[Any]) -> dict[str, Any]:
    dicts = [asdict(row) for row in rows]
    return {name: np.array([row[name] for row in dicts]) for name in dicts[0]}


def judged(
    units: list[Unit], successors: list[Successor], factors: Mapping[str, Cases] = BOUNDS
) -> DecisionSensitivity:
    """Each unit with the successor of its row, every array read-only."""
    arrays, new = stacked(units), stacked(successors)
    for array in (*arrays.values(), *new.values()):
        array.flags.writeable = False
    return decision_sensitivity(
        **arrays, successor=np.arange(len(units)), successors=Successors(**new), factors=factors
    )


def believing(**values: float) -> dict[str, Cases]:
    """The bounds with other values believed."""
    return {name: replace(cases, base=values.get(name, cases.base)) for name, cases in BOUNDS.items()}


def reached(year: int) -> int:
    return YEARS if year == NOT_WITHIN_HORIZON else int(year)


def kind(year: int) -> str:
    return reference.decision(reached(year), YEARS)


@given(units(), successors())
def test_years_and_gains_are_those_of_the_definition(unit: Unit, successor: Successor) -> None:
    found = judged([unit], [successor])
    answers = [(BASE, found.replacement_year[0], found.waiting_gain[0])]
    for number, name in enumerate(FACTORS):
        for case, value in enumerate((BOUNDS[name].low, BOUNDS[name].high)):
            where = (number, case, 0)
            answers.append((replace(BASE, **{name: value}), found.case_year[where], found.case_gain[where]))
    for believed, year, gain in answers:
        costs = reference.waiting_costs(unit, successor, believed)
        assert gain == pytest.approx(-min(costs), rel=1e-10, abs=ROUNDING)
        assert costs[reached(year)] == pytest.approx(min(costs), rel=1e-10, abs=ROUNDING)
        assert all(cost > min(costs) - ROUNDING for cost in costs[: reached(year)])


@given(units(), successors())
def test_as_believed_it_is_the_decision_of_the_yearly_costs(unit: Unit, successor: Successor) -> None:
    asset = reference.year_by_year(unit, successor, BASE)
    new = new_asset_cost(
        investment_cost=successor.investment_cost,
        study_year_losses_cost=0.0,
        maintenance_cost=successor.maintenance_cost,
        hazard=[successor.hazard],
        failure_cost=successor.failure_cost,
        disposal_cost=successor.disposal_cost,
        rate=BASE.real_rate,
        repaired=successor.repaired,
    )
    yearly = stacked([replace(asset, successor_annual_cost=float(new.annual_cost[0]))])
    whole = replacement_decision(**yearly, curve=True)
    found = judged([unit], [successor])
    assert found.waiting_gain[0] == pytest.approx(whole.waiting_gain[0], rel=1e-10, abs=ROUNDING)
    costs = whole.waiting_cost_curve[0]
    assert costs[reached(found.replacement_year[0])] == pytest.approx(costs.min(), rel=1e-10, abs=ROUNDING)


@given(units(), successors())
def test_a_break_even_flips_the_decision_and_costs_the_same_either_way(unit: Unit, successor: Successor) -> None:
    found = judged([unit], [successor])
    believed = kind(found.replacement_year[0])
    for number, name in enumerate(FACTORS):
        value = found.break_even[number, 0]
        if np.isnan(value):
            assert found.break_even_year[number, 0] == found.replacement_year[0]
            continue
        assert BOUNDS[name].at_least <= value <= BOUNDS[name].at_most
        there = judged([unit], [successor], believing(**{name: float(value)}))
        assert kind(there.replacement_year[0]) != believed
        assert there.replacement_year[0] == found.break_even_year[number, 0]
        costs = reference.waiting_costs(unit, successor, replace(BASE, **{name: float(value)}))
        same = min(cost for n, cost in enumerate(costs) if reference.decision(n, YEARS) == believed)
        assert same == pytest.approx(min(costs), rel=1e-6, abs=0.05)


@given(units(), successors())
def test_nothing_nearer_than_the_break_even_was_passed_over(unit: Unit, successor: Successor) -> None:
    """At every step of the search that lies nearer to what is believed, the decision stands."""
    found = judged([unit], [successor])
    start = reached(found.replacement_year[0])
    for number, name in enumerate(FACTORS):
        cases, value = BOUNDS[name], found.break_even[number, 0]
        reach = np.inf if np.isnan(value) else abs(value - cases.base)
        for bound in (cases.at_least, cases.at_most):
            for step in np.linspace(cases.base, bound, STEPS + 1)[1:]:
                if abs(step - cases.base) >= reach:
                    continue
                costs = reference.waiting_costs(unit, successor, replace(BASE, **{name: float(step)}))
                of_kind = [c for n, c in enumerate(costs) if reference.decision(n, YEARS) == kind(start)]
                assert min(of_kind) == pytest.approx(min(costs), rel=1e-10, abs=ROUNDING)


def assert_never_later(unit: Unit, successor: Successor, name: str) -> None:
    """From the low case to what is believed to the high, unless two years cost the same but for rounding."""
    found, number, cases = judged([unit], [successor]), FACTORS.index(name), BOUNDS[name]
    low, high = found.case_year[number, :, 0]
    steps = [(cases.low, low), (cases.base, found.replacement_year[0]), (cases.high, high)]
    for (less, before), (more, after) in pairwise((value, reached(year)) for value, year in steps):
        if after > before:
            at_less, at_more = (
                reference.waiting_costs(unit, successor, replace(BASE, **{name: value})) for value in (less, more)
            )
            assert at_less[after] - at_less[before] < ROUNDING or at_more[before] - at_more[after] < ROUNDING


@given(units(), successors(), st.sampled_from(["energy_price", "price_growth"]))
def test_dearer_energy_never_puts_off_a_unit_that_loses_more(unit: Unit, successor: Successor, name: str) -> None:
    more = replace(unit, load_difference_cost=abs(unit.load_difference_cost))
    assert_never_later(replace(more, no_load_difference_cost=abs(unit.no_load_difference_cost)), successor, name)


@given(units(), successors())
def test_growing_load_never_puts_off_a_unit_with_the_higher_load_loss(unit: Unit, successor: Successor) -> None:
    assert_never_later(replace(unit, load_difference_cost=abs(unit.load_difference_cost)), successor, "load_growth")


@given(units(), successors(), rising(st.floats(0, 0.02), st.floats(0, 0.02)))
def test_a_higher_probability_of_failure_never_puts_replacement_off(
    unit: Unit, successor: Successor, hazard: list[float]
) -> None:
    """Costs and hazard rise with age, and a failure costs at least what removal recovers (DESIGN, section 9)."""
    ageing = replace(
        unit,
        hazard=hazard,
        load_difference_cost=0.0,
        removal_value=max(unit.removal_value, -unit.failure_cost),
    )
    assert_never_later(ageing, successor, "failure_probability")


@given(units(), successors(), money(1, 20_000))
def test_a_dearer_successor_never_brings_replacement_forward_in_any_case(
    unit: Unit, successor: Successor, extra: float
) -> None:
    dearer = replace(successor, investment_cost=successor.investment_cost + extra)
    found = judged([unit, unit], [dearer, successor])
    sooner = found.case_year[..., 1] != found.case_year[..., 0]
    for number, case in np.argwhere(sooner):
        name = FACTORS[number]
        believed = replace(BASE, **{name: (BOUNDS[name].low, BOUNDS[name].high)[case]})
        late, early = (reached(year) for year in found.case_year[number, case])
        if early > late:
            costs = reference.waiting_costs(unit, dearer, believed)
            assert costs[early] - costs[late] < ROUNDING


def test_units_that_share_a_successor_are_judged_as_if_each_had_its_own() -> None:
    random = np.random.default_rng(5)
    fleet = 60
    arrays = {
        "no_load_difference_cost": random.uniform(0, 300, fleet),
        "load_difference_cost": random.uniform(-50, 400, fleet),
        "maintenance_cost": random.uniform(40, 120, fleet),
        "failure_cost": random.uniform(5e3, 1.6e4, fleet),
        "removal_value": random.uniform(-600, 1000, fleet),
        "hazard": weibull_hazard(random.uniform(0, 55, fleet), 4.0, 57.0, 40),
    }
    of_two = {"maintenance_cost": [60.0, 90.0], "failure_cost": [6e3, 9e3], "disposal_cost": [300.0, -200.0]}
    table = np.repeat(weibull_hazard(0.0, 4.0, 57.0, 80), 2, axis=0)
    two = {"investment_cost": np.array([9e3, 15e3]), **of_two, "hazard": table, "repaired": np.array([False, False])}
    which = random.integers(0, 2, fleet)
    shared = decision_sensitivity(**arrays, successor=which, successors=Successors(**two), factors=BOUNDS)
    own = {name: np.asarray(values)[which] for name, values in two.items()}
    alone = decision_sensitivity(**arrays, successor=np.arange(fleet), successors=Successors(**own), factors=BOUNDS)
    for name in ("replacement_year", "case_year", "break_even", "break_even_year", "waiting_gain"):
        np.testing.assert_array_equal(getattr(shared, name), getattr(alone, name))
    assert {kind(year) if year < YEARS else "later" for year in shared.replacement_year} >= {"now", "later"}


UNIT = Unit(40.0, 0.0, 0.0, [0.0] * 3, 0.0, 0.0)
SUCCESSOR = Successor(100.0, 0.0, 0.0, 0.0, [0.0] * 2, False)


@pytest.mark.parametrize(
    ("unit", "successor", "factors", "message"),
    [
        (replace(UNIT, hazard=[0.0, 1.5, 0.0]), SUCCESSOR, BOUNDS, r"^hazard: 1 of 3 values fail .* year 2: 1\.5"),
        (replace(UNIT, hazard=[0.0, float("nan"), 0.0]), SUCCESSOR, BOUNDS, "^hazard: 1 of 3 .* year 2: nan"),
        (replace(UNIT, failure_cost=float("inf")), SUCCESSOR, BOUNDS, "^failure_cost: 1 of 1 values fail 'finite'"),
        (UNIT, replace(SUCCESSOR, hazard=[0.0, 2.0]), BOUNDS, "^hazard of successors: 1 of 2 values fail"),
        (UNIT, replace(SUCCESSOR, disposal_cost=float("nan")), BOUNDS, "^successor_disposal_cost: 1 of 1 values"),
        (UNIT, SUCCESSOR, {"real_rate": BOUNDS["real_rate"]}, "^factors: found real_rate; needed energy_price, "),
        (UNIT, SUCCESSOR, BOUNDS | {"real_rate": Cases(0.0, 0.0, 0.0, -1.0, 0.0)}, "^real_rate: found .* > -1"),
        (UNIT, SUCCESSOR, BOUNDS | {"energy_price": Cases(1.0, -1.0, 1.0, 0.0, 1.0)}, "^energy_price: found .* >= 0"),
    ],
)
def test_what_cannot_be_judged_is_named(
    unit: Unit, successor: Successor, factors: dict[str, Cases], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        judged([unit], [successor], factors)


@pytest.mark.parametrize(("row", "message"), [(1, "from 0 to 0"), (0.0, "whole number")])
def test_a_successor_is_a_row_of_the_successors(row: float, message: str) -> None:
    arrays = stacked([UNIT])
    with pytest.raises(ValueError, match=message):
        decision_sensitivity(**arrays, successor=row, successors=Successors(**stacked([SUCCESSOR])), factors=BOUNDS)
