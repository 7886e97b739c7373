"""What must hold of life-cycle cost: renewal for ever, dynamic programming, and how answers may move."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.life_cycle_cost import NOT_WITHIN_HORIZON, new_asset_cost, weibull_hazard
from tests.reference import life_cycle_cost as reference
from tests.unit.life_cycle_cost_assets import (
    YEARS,
    assert_close,
    assets_in_service,
    by_year,
    cost,
    decision,
    money,
    new_assets,
    rates,
    rising,
    stacked,
)

Floats = NDArray[np.float64]


@pytest.mark.parametrize(("rate", "runs", "horizon_years"), [(0.05, 20_000, 400), (0.0, 400, 4_000)])
@pytest.mark.parametrize("life", [3, 20, 60])
def test_annual_cost_is_that_of_renewing_for_ever(rate: float, runs: int, horizon_years: int, life: int) -> None:
    hazard = weibull_hazard(0.0, shape=2.5, scale_years=30.0, years=60)
    maintenance = np.linspace(100.0, 900.0, 60)
    disposal = np.linspace(-4_000.0, 500.0, 60)
    investment, losses, failure = 10_000.0, 150.0, 6_000.0
    found = new_asset_cost(
        investment_cost=investment,
        study_year_losses_cost=losses,
        maintenance_cost=maintenance[None, :],
        hazard=hazard,
        failure_cost=failure,
        disposal_cost=disposal[None, :],
        rate=rate,
        repaired=False,
        curves=True,
    )
    random = np.random.default_rng(life)
    age = np.zeros(runs, dtype=np.int64)
    paid = np.full(runs, investment)
    for year in range(1, horizon_years + 1):
        fails = random.random(runs) < hazard[0, age]
        retires = ~fails & (age + 1 == life)
        bill = maintenance[age] + losses + fails * failure + retires * disposal[life - 1]
        renewed = fails | retires
        paid += (bill + renewed * investment) / (1.0 + rate) ** year
        age = np.where(renewed, 0, age + 1)
    yearly = paid * rate if rate else paid / horizon_years
    # Four standard errors, and the part of the last asset's price that the horizon cuts off.
    tolerance = 4 * yearly.std() / np.sqrt(runs) + (0.0 if rate else investment / horizon_years)
    assert found.annual_cost_curve[0, life - 1] == pytest.approx(yearly.mean(), abs=tolerance)
    assert tolerance < 0.012 * yearly.mean()


@pytest.mark.parametrize("growth", [0.0, 0.01, 0.02, 0.03])
@pytest.mark.parametrize("repaired", [False, True])
@pytest.mark.parametrize("rate", [0.03, 0.05, 0.08])
@pytest.mark.parametrize("age_years", [10, 25, 40])
def test_replacement_year_is_that_of_a_dynamic_programme(
    growth: float, repaired: bool, rate: float, age_years: int
) -> None:
    """Losses follow the square of the load; the successor loses half."""
    waits, lives, calendar_years = 40, 80, 500
    upkeep = 60.0 + 0.35 * np.arange(1, age_years + max(waits, lives) + 1) ** 1.9
    load = (1.0 + growth) ** np.arange(1, calendar_years + 1)
    losses = 100.0 * load**2
    successor = reference.NewAsset(
        investment_cost=11_000.0,
        study_year_losses_cost=0.0,
        ageing_operation_cost=[0.0] * lives,
        maintenance_cost=upkeep[:lives].tolist(),
        hazard=weibull_hazard(0.0, 3.0, 55.0, lives)[0].tolist(),
        failure_cost=7_000.0,
        disposal_cost=np.linspace(-1_500.0, 0.0, lives).tolist(),
        rate=rate,
        repaired=repaired,
    )
    old = reference.AssetInService(
        losses_cost=(2 * losses[:waits]).tolist(),
        successor_losses_cost=losses[:waits].tolist(),
        successor_annual_cost=float(cost(successor).annual_cost[0]),
        ageing_operation_cost=[0.0] * waits,
        maintenance_cost=upkeep[age_years : age_years + waits].tolist(),
        hazard=weibull_hazard(float(age_years), 3.0, 55.0, waits)[0].tolist(),
        failure_cost=7_000.0,
        removal_value=np.linspace(900.0, 0.0, waits + 1).tolist(),
        rate=rate,
        repaired=repaired,
    )
    year, gain = reference.best_replacement(old, successor, losses.tolist())
    found = decision(old)
    assert found.replacement_year[0] == (year if year < waits else NOT_WITHIN_HORIZON)
    assert found.waiting_gain[0] == pytest.approx(gain, abs=0.1)


def reached(year: int) -> int:
    return YEARS if year == NOT_WITHIN_HORIZON else year


def assert_never_later(asset: reference.AssetInService, changed: reference.AssetInService) -> None:
    """`changed` is replaced no later than `asset`, unless two years cost the same but for rounding."""
    found = decision(asset, changed)
    before, after = (reached(year) for year in found.replacement_year)
    if after > before:
        waiting, changed_waiting = found.waiting_cost_curve
        surely_worse = waiting[after] - waiting[before] > 1e-7
        surely_better = changed_waiting[before] - changed_waiting[after] > 1e-7
        assert not (surely_worse and surely_better)


@given(assets_in_service(), money(1, 2_000))
def test_a_dearer_successor_never_brings_replacement_forward(asset: reference.AssetInService, extra: float) -> None:
    dearer = replace(asset, successor_annual_cost=asset.successor_annual_cost + extra)
    assert_never_later(dearer, asset)


@given(assets_in_service(), money(1, 2_000))
def test_a_constant_own_cost_never_puts_replacement_off(asset: reference.AssetInService, extra: float) -> None:
    assert_never_later(asset, replace(asset, ageing_operation_cost=[c + extra for c in asset.ageing_operation_cost]))


@given(assets_in_service(), st.floats(1.01, 4))
def test_dearer_energy_follows_who_loses_more(asset: reference.AssetInService, factor: float) -> None:
    less, more = np.sort([asset.losses_cost, asset.successor_losses_cost], axis=0)

    def with_losses(own: Floats, successor: Floats) -> reference.AssetInService:
        return replace(asset, losses_cost=own.tolist(), successor_losses_cost=successor.tolist())

    assert_never_later(with_losses(more, less), with_losses(more * factor, less * factor))
    assert_never_later(with_losses(less * factor, more * factor), with_losses(less, more))


@given(assets_in_service(), by_year(st.floats(0, 0.3)), rising(st.floats(0, 0.05), st.floats(0, 0.02)))
def test_a_higher_own_hazard_never_puts_replacement_off(
    asset: reference.AssetInService, extra: list[float], hazard: list[float]
) -> None:
    asset = replace(
        asset,
        ageing_operation_cost=[0.0] * YEARS,
        losses_cost=[100.0] * YEARS,
        successor_losses_cost=[60.0] * YEARS,
        hazard=hazard,
    )
    assume(all(asset.failure_cost + value >= 0 for value in asset.removal_value))
    higher = [min(h + more, 1.0) for h, more in zip(hazard, extra, strict=True)]
    assert_never_later(asset, replace(asset, hazard=higher))


@given(new_assets(), st.floats(0, 0.05))
def test_growth_never_moves_the_economic_life(asset: reference.NewAsset, growth: float) -> None:
    """A heavier study year adds the same to every EAC(T); one figure per asset leaves no room for a trend."""
    later = replace(asset, study_year_losses_cost=asset.study_year_losses_cost * (1 + growth) ** (2 * YEARS))
    found = cost(asset, later)
    added = later.study_year_losses_cost - asset.study_year_losses_cost
    assert_close(found.annual_cost_curve[1], found.annual_cost_curve[0] + added)
    now, then = (reached(life) for life in found.economic_life_years)
    assert_close(found.annual_cost_curve[0, then - 1], found.annual_cost_curve[0, now - 1])
    trend = stacked([asset]) | {"study_year_losses_cost": np.ones((1, YEARS))}
    with pytest.raises(ValueError, match=r"study_year_losses_cost: found shape \(1, 12\)"):
        new_asset_cost(**trend)


@given(new_assets(), rising(st.floats(0, 0.05), st.floats(0, 0.05)), st.tuples(rates, rates))
def test_a_higher_rate_never_shortens_the_life_of_a_repaired_asset(
    asset: reference.NewAsset, hazard: list[float], pair: tuple[float, float]
) -> None:
    """Costs rise with age, disposal costs the same at any age: without that it can, see the next test."""
    asset = replace(
        asset,
        repaired=True,
        hazard=hazard,
        failure_cost=abs(asset.failure_cost),
        ageing_operation_cost=[0.0] * YEARS,
        disposal_cost=[max(asset.disposal_cost[0], -asset.investment_cost)] * YEARS,
    )
    found = cost(replace(asset, rate=min(pair)), replace(asset, rate=max(pair)))
    low, high = (reached(life) for life in found.economic_life_years)
    if high < low:
        at_low, at_high = found.annual_cost_curve
        assert at_low[high - 1] - at_low[low - 1] < 1e-7 or at_high[low - 1] - at_high[high - 1] < 1e-7


def test_a_higher_rate_can_shorten_it_where_costs_do_not_rise() -> None:
    """One overhaul in year 2 that eight cheap years pay back at r = 0 and not at r = 10 %."""
    found = new_asset_cost(
        investment_cost=1_120.0,
        study_year_losses_cost=0.0,
        maintenance_cost=[[0.0, 10_000.0, *[0.0] * 8, 1e6]],
        hazard=np.zeros((2, 11)),
        failure_cost=0.0,
        disposal_cost=0.0,
        rate=[0.0, 0.1],
        repaired=True,
    )
    assert found.economic_life_years.tolist() == [10, 1]
