"""The life-cycle cost kernel against its definition, simulation, dynamic programming, and what must hold."""

from dataclasses import asdict, replace
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import weibull_min

from kernels.life_cycle_cost import (
    NOT_WITHIN_HORIZON,
    NewAssetCost,
    ReplacementDecision,
    new_asset_cost,
    replacement_decision,
    weibull_hazard,
)
from tests.reference import life_cycle_cost as reference

Floats = NDArray[np.float64]
YEARS = 12

rates = st.sampled_from([-0.02, 0.0, 0.01, 0.03, 0.05, 0.1])


def money(low: int, high: int) -> st.SearchStrategy[float]:
    """Whole cents between whole amounts."""
    return st.integers(low * 100, high * 100).map(lambda cents: cents / 100)


def by_year(values: st.SearchStrategy[float], years: int = YEARS) -> st.SearchStrategy[list[float]]:
    return st.lists(values, min_size=years, max_size=years)


def rising(first: st.SearchStrategy[float], step: st.SearchStrategy[float]) -> st.SearchStrategy[list[float]]:
    return st.tuples(first, by_year(step, YEARS - 1)).map(
        lambda drawn: np.cumsum([drawn[0], *drawn[1]]).tolist()
    )


@st.composite
def new_assets(draw: st.DrawFn) -> reference.NewAsset:
    repaired = draw(st.booleans())
    return reference.NewAsset(
        investment_cost=draw(money(0, 20_000)),
        study_year_losses_cost=draw(money(0, 1_000)),
        ageing_operation_cost=draw(by_year(money(0, 100))),
        maintenance_cost=draw(rising(money(0, 500), money(0, 500))),
        hazard=draw(by_year(st.floats(0, 3 if repaired else 1))),
        failure_cost=draw(money(-1_000, 9_000)),
        disposal_cost=draw(by_year(money(-5_000, 2_000))),
        rate=draw(rates),
        repaired=repaired,
    )


@st.composite
def assets_in_service(draw: st.DrawFn) -> reference.AssetInService:
    return reference.AssetInService(
        losses_cost=draw(by_year(money(0, 400))),
        successor_losses_cost=draw(by_year(money(0, 400))),
        successor_annual_cost=draw(money(0, 3_000)),
        ageing_operation_cost=draw(by_year(money(0, 100))),
        maintenance_cost=draw(rising(money(0, 1_000), money(0, 500))),
        hazard=draw(by_year(st.floats(0, 0.3))),
        failure_cost=draw(money(0, 9_000)),
        removal_value=draw(by_year(money(-2_000, 5_000), YEARS + 1)),
        rate=draw(rates),
        repaired=draw(st.booleans()),
    )


def stacked(assets: list[Any]) -> dict[str, NDArray[Any]]:
    """The assets as the kernel takes them, one in each row."""
    rows = [asdict(asset) for asset in assets]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def cost(*assets: reference.NewAsset) -> NewAssetCost:
    return new_asset_cost(**stacked(list(assets)), curves=True)


def decision(*assets: reference.AssetInService) -> ReplacementDecision:
    return replacement_decision(**stacked(list(assets)), curve=True)


def assert_close(found: Any, wanted: Any) -> None:
    """Equal but for rounding; the amounts reach some 1e5."""
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-7)


# --- against the definition --------------------------------------------------------------------------------


@given(st.lists(new_assets(), min_size=1, max_size=4))
def test_new_asset_cost_is_the_definition(assets: list[reference.NewAsset]) -> None:
    found = cost(*assets)
    for row, asset in enumerate(assets):
        lives = range(1, YEARS + 1)
        assert_close(found.life_cycle_cost_curve[row], [reference.life_cycle_cost(asset, t) for t in lives])
        eac = [reference.annual_cost(asset, t) for t in lives]
        assert_close(found.annual_cost_curve[row], eac)
        life = found.economic_life_years[row]
        assert life == NOT_WITHIN_HORIZON or 1 <= life < YEARS
        kept = YEARS if life == NOT_WITHIN_HORIZON else life
        assert_close(eac[kept - 1], min(eac))
        assert_close(found.annual_cost[row], min(eac))
        nothing = [0.0] * YEARS
        free = replace(
            asset,
            investment_cost=0.0,
            study_year_losses_cost=0.0,
            ageing_operation_cost=nothing,
            maintenance_cost=nothing,
            failure_cost=0.0,
            disposal_cost=nothing,
        )
        operation = {
            name: getattr(asset, name) for name in ("study_year_losses_cost", "ageing_operation_cost")
        }
        parts = {
            "investment_cost": {"investment_cost": asset.investment_cost},
            "operation_cost": operation,
            "maintenance_cost": {"maintenance_cost": asset.maintenance_cost},
            "failure_cost": {"failure_cost": asset.failure_cost},
            "disposal_cost": {"disposal_cost": asset.disposal_cost},
        }
        for name, only in parts.items():
            assert_close(getattr(found, name)[row], reference.life_cycle_cost(replace(free, **only), kept))
        assert_close(found.life_cycle_cost[row], reference.life_cycle_cost(asset, kept))


@given(st.lists(assets_in_service(), min_size=1, max_size=4))
def test_replacement_decision_is_the_definition(assets: list[reference.AssetInService]) -> None:
    found = decision(*assets)
    for row, asset in enumerate(assets):
        waiting = [reference.waiting_cost(asset, n) for n in range(YEARS + 1)]
        assert_close(found.waiting_cost_curve[row], waiting)
        year = found.replacement_year[row]
        assert year == NOT_WITHIN_HORIZON or 0 <= year < YEARS
        assert_close(waiting[YEARS if year == NOT_WITHIN_HORIZON else year], min(waiting))
        assert_close(found.waiting_gain[row], -min(waiting))
        assert_close(found.one_year_waiting_cost[row], waiting[1])


@given(new_assets(), assets_in_service())
def test_rate_zero_sums_money_as_it_is(new: reference.NewAsset, old: reference.AssetInService) -> None:
    """With whole amounts and no discounting nothing is rounded, so equality is exact."""
    whole = [float(round(amount)) for amount in new.maintenance_cost]
    kept = replace(new, rate=0.0, repaired=True, hazard=[0.0] * YEARS, maintenance_cost=whole)
    kept = replace(kept, ageing_operation_cost=[3.0] * YEARS, disposal_cost=[-7.0] * YEARS)
    kept = replace(kept, investment_cost=round(kept.investment_cost), study_year_losses_cost=11)
    lcc = [kept.investment_cost + sum(whole[:t]) + 14 * t - 7 for t in range(1, YEARS + 1)]
    assert cost(kept).life_cycle_cost_curve[0].tolist() == lcc
    assert cost(kept).annual_cost_curve[0].tolist() == [lcc[t - 1] / t for t in range(1, YEARS + 1)]
    in_service = replace(
        old,
        rate=0.0,
        hazard=[0.0] * YEARS,
        maintenance_cost=whole,
        ageing_operation_cost=[3.0] * YEARS,
        losses_cost=[5.0] * YEARS,
        successor_losses_cost=[4.0] * YEARS,
        successor_annual_cost=500.0,
        removal_value=[100.0 - t for t in range(YEARS + 1)],
    )
    waiting = [n + sum(whole[:n]) - 496 * n for n in range(YEARS + 1)]
    assert decision(in_service).waiting_cost_curve[0].tolist() == waiting


# --- against simulation and dynamic programming ------------------------------------------------------------


@pytest.mark.parametrize(("rate", "runs", "horizon_years"), [(0.05, 20_000, 400), (0.0, 400, 4_000)])
@pytest.mark.parametrize("life", [3, 20, 60])
def test_annual_cost_is_that_of_renewing_for_ever(
    rate: float, runs: int, horizon_years: int, life: int
) -> None:
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


# --- what must hold ----------------------------------------------------------------------------------------


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
def test_a_dearer_successor_never_brings_replacement_forward(
    asset: reference.AssetInService, extra: float
) -> None:
    dearer = replace(asset, successor_annual_cost=asset.successor_annual_cost + extra)
    assert_never_later(dearer, asset)


@given(assets_in_service(), money(1, 2_000))
def test_a_constant_own_cost_never_puts_replacement_off(
    asset: reference.AssetInService, extra: float
) -> None:
    assert_never_later(
        asset, replace(asset, ageing_operation_cost=[c + extra for c in asset.ageing_operation_cost])
    )


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
    asset = replace(asset, ageing_operation_cost=[0.0] * YEARS, hazard=hazard)
    assume(all(asset.failure_cost + value >= 0 for value in asset.removal_value))
    higher = [min(h + more, 1.0) for h, more in zip(hazard, extra, strict=True)]
    flat = {"losses_cost": [100.0] * YEARS, "successor_losses_cost": [60.0] * YEARS}
    assert_never_later(replace(asset, **flat), replace(asset, **flat, hazard=higher))


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


# --- years, ties and the horizon ---------------------------------------------------------------------------


def test_ties_take_the_smallest_year_and_a_least_cost_at_the_bound_is_no_year() -> None:
    upkeep = np.array([[5.0, 5.0, 5.0], [5.0, 4.0, 3.0], [5.0, 6.0, 7.0], [9.0, 1.0, 5.0]])
    found = new_asset_cost(
        investment_cost=0.0,
        study_year_losses_cost=0.0,
        maintenance_cost=upkeep,
        hazard=np.zeros_like(upkeep),
        failure_cost=0.0,
        disposal_cost=0.0,
        rate=0.0,
        repaired=False,
    )
    assert found.economic_life_years.tolist() == [1, NOT_WITHIN_HORIZON, 1, 2]
    assert found.annual_cost.tolist() == [5.0, 4.0, 5.0, 5.0]
    waiting = replacement_decision(
        losses_cost=0.0,
        successor_losses_cost=0.0,
        successor_annual_cost=[5.0, 5.0, 5.0, 8.0],
        maintenance_cost=upkeep,
        hazard=np.zeros_like(upkeep),
        failure_cost=0.0,
        removal_value=0.0,
        rate=0.0,
        repaired=False,
    )
    assert waiting.replacement_year.tolist() == [0, NOT_WITHIN_HORIZON, 0, NOT_WITHIN_HORIZON]
    assert waiting.waiting_gain.tolist() == [0.0, 3.0, 0.0, 9.0]
    assert waiting.one_year_waiting_cost.tolist() == [0.0, 0.0, 0.0, 1.0]
    assert waiting.waiting_cost_curve.shape == (4, 0)


def test_nothing_follows_a_certain_failure() -> None:
    """An asset that fails for certain in year 1 costs CI + C a year, whatever is planned later."""
    asset = stacked(
        [
            reference.NewAsset(
                70.0, 0.0, [0.0] * 3, [1.0, 9e9, 9e9], [1.0, 0.5, 0.5], 30.0, [9e9] * 3, 0.0, False
            )
        ]
    )
    found = new_asset_cost(**asset, curves=True)
    assert found.annual_cost_curve.tolist() == [[101.0, 101.0, 101.0]]
    assert found.economic_life_years.tolist() == [1]


# --- arrays as they come -----------------------------------------------------------------------------------


@given(st.lists(new_assets(), min_size=2, max_size=3), st.lists(assets_in_service(), min_size=2, max_size=3))
def test_layout_and_shared_rows_change_nothing(
    new: list[reference.NewAsset], old: list[reference.AssetInService]
) -> None:
    same_upkeep = [replace(asset, maintenance_cost=new[0].maintenance_cost) for asset in new]
    arguments = stacked(same_upkeep)
    shared: dict[str, Any] = {name: np.asfortranarray(value) for name, value in arguments.items()}
    shared["maintenance_cost"] = arguments["maintenance_cost"][:1]
    for array in shared.values():
        array.flags.writeable = False
    for name, wanted in asdict(new_asset_cost(**arguments, curves=True)).items():
        np.testing.assert_array_equal(getattr(new_asset_cost(**shared, curves=True), name), wanted)
    waiting = stacked(old)
    for array in waiting.values():
        array.flags.writeable = False
    backwards = {name: value[::-1] for name, value in waiting.items()}
    for name, wanted in asdict(replacement_decision(**waiting, curve=True)).items():
        found = getattr(replacement_decision(**backwards, curve=True), name)
        np.testing.assert_array_equal(found[::-1], wanted)


def test_no_assets_have_no_costs() -> None:
    nothing = np.empty((0, 5))
    found = new_asset_cost(
        investment_cost=1.0,
        study_year_losses_cost=1.0,
        maintenance_cost=nothing,
        hazard=nothing,
        failure_cost=1.0,
        disposal_cost=1.0,
        rate=0.05,
        repaired=True,
        curves=True,
    )
    assert found.annual_cost.shape == (0,)
    assert found.annual_cost_curve.shape == (0, 5)


# --- bad values --------------------------------------------------------------------------------------------


def three_new_assets(**changed: Any) -> NewAssetCost:
    arguments: dict[str, Any] = {
        "investment_cost": 1_000.0,
        "study_year_losses_cost": 10.0,
        "maintenance_cost": np.ones((3, 4)),
        "hazard": np.full((3, 4), 0.1),
        "failure_cost": 100.0,
        "disposal_cost": 0.0,
        "rate": 0.04,
        "repaired": np.array([False, False, True]),
    }
    return new_asset_cost(**(arguments | changed))


def with_values(*places: tuple[int, int, float], fill: float = 0.1, years: int = 4) -> Floats:
    values = np.full((3, years), fill)
    for row, column, value in places:
        values[row, column] = value
    return values


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"hazard": with_values((1, 2, 1.5), (2, 3, 1.5))},
            r"hazard: 1 of 12 values fail 'finite and >= 0, and <= 1 where failure ends life'; "
            r"first at asset row 1, year 3: 1\.5$",
        ),
        (
            {"hazard": with_values((2, 0, -0.1), (2, 1, -0.2))},
            r"hazard: 2 of 12 .* asset row 2, year 1: -0\.1$",
        ),
        ({"hazard": with_values((0, 3, np.nan))}, r"hazard: 1 of 12 .* asset row 0, year 4: nan$"),
        ({"hazard": with_values((2, 3, np.inf))}, r"hazard: 1 of 12 .* asset row 2, year 4: inf$"),
        (
            {"maintenance_cost": with_values((1, 3, np.nan))},
            r"^maintenance_cost: 1 of 12 .* row 1, year 4: nan$",
        ),
        ({"disposal_cost": with_values((2, 1, -np.inf))}, r"^disposal_cost: 1 of 12 .* row 2, year 2: -inf$"),
        ({"ageing_operation_cost": with_values((0, 0, np.nan))}, r"^ageing_operation_cost: 1 of 12 "),
        (
            {"investment_cost": [1.0, np.nan, np.inf]},
            r"^investment_cost: 2 of 3 .* first at asset row 1: nan$",
        ),
        ({"study_year_losses_cost": np.inf}, r"^study_year_losses_cost: 3 of 3 "),
        (
            {"failure_cost": [1.0, 1.0, np.inf], "hazard": np.zeros((3, 4))},
            r"^failure_cost: 1 of 3 .* row 2: inf$",
        ),
        ({"rate": [0.1, -1.0, np.nan]}, r"^rate: 2 of 3 values fail 'finite and > -1'; .* row 1: -1\.0$"),
        ({"rate": np.inf}, r"^rate: 3 of 3 "),
        ({"investment_cost": np.nan, "rate": -2.0}, r"(?s)rate: 3 of 3 .*investment_cost: 3 of 3 "),
        ({"maintenance_cost": with_values((1, 0, 1e308), (1, 1, 1e308))}, r"asset row 1: values so large"),
        (
            {"maintenance_cost": np.ones(3)},
            r"maintenance_cost: found shape \(3,\); needed .*\(1, 4\) or \(3, 4\)",
        ),
        ({"investment_cost": np.ones(4)}, r"investment_cost: found shape \(4,\); needed a number or \(3,\)"),
        ({"hazard": np.ones(4)}, r"hazard: found shape \(4,\); needed \(assets, years\)"),
        ({"hazard": np.ones((3, 0))}, r"hazard: found shape \(3, 0\); .* at least one year"),
        ({"repaired": [0, 1, 1]}, r"repaired: found int64 of shape \(3,\)"),
    ],
)
def test_bad_values_are_named_counted_and_placed(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        three_new_assets(**changed)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hazard": with_values((1, 2, 1.5))}, r"^hazard: 1 of 12 .* asset row 1, year 3: 1\.5$"),
        (
            {"removal_value": with_values((1, 0, np.nan), years=5)},
            r"^removal_value: 1 of 15 .* row 1, year 0: nan$",
        ),
        (
            {"removal_value": with_values((1, 4, np.nan), years=5)},
            r"^removal_value: 1 of 15 .* row 1, year 4: nan$",
        ),
        ({"removal_value": np.ones((3, 4))}, r"removal_value: found shape \(3, 4\); needed .*\(3, 5\)"),
        ({"losses_cost": with_values((0, 0, np.inf))}, r"^losses_cost: 1 of 12 .* row 0, year 1: inf$"),
        ({"successor_losses_cost": with_values((0, 0, np.inf))}, r"^successor_losses_cost: 1 of 12 "),
        ({"maintenance_cost": np.nan}, r"^maintenance_cost: 12 of 12 "),
        ({"successor_annual_cost": np.nan}, r"^successor_annual_cost: 3 of 3 "),
        ({"rate": -1.0}, r"^rate: 3 of 3 "),
    ],
)
def test_bad_values_stop_a_decision(changed: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {
        "losses_cost": 20.0,
        "successor_losses_cost": 10.0,
        "successor_annual_cost": 100.0,
        "maintenance_cost": 50.0,
        "hazard": np.full((3, 4), 0.1),
        "failure_cost": 100.0,
        "removal_value": 5.0,
        "rate": 0.04,
        "repaired": False,
    }
    with pytest.raises(ValueError, match=message):
        replacement_decision(**(arguments | changed))


# --- the default hazard ------------------------------------------------------------------------------------


@given(
    hnp.arrays(np.float64, 3, elements=st.floats(0, 80)),
    st.floats(0.5, 6),
    st.floats(5, 100),
)
def test_weibull_hazard_compounds_to_the_survival_function(age: Floats, shape: float, scale: float) -> None:
    hazard = weibull_hazard(age, shape, scale, YEARS)
    assert hazard.shape == (3, YEARS)
    assert ((hazard >= 0) & (hazard <= 1)).all()
    curve = weibull_min(shape, scale=scale)
    surviving = curve.sf(age)[:, None] * np.cumprod(1 - hazard, axis=1)
    np.testing.assert_allclose(surviving, curve.sf(age[:, None] + np.arange(1, YEARS + 1)), atol=1e-12)


def test_weibull_hazard_by_hand() -> None:
    """Shape 1 is memoryless; shape 2 from age 3 with scale 1 gives 1 - exp(9 - 16), 1 - exp(16 - 25)."""
    np.testing.assert_allclose(weibull_hazard([0, 9], 1.0, 10.0, 2), np.full((2, 2), 0.09516258196404048))
    np.testing.assert_allclose(weibull_hazard(3.0, 2.0, 1.0, 2), [[0.9990881180344455, 0.9998765901959134]])


@pytest.mark.parametrize(
    ("age", "shape", "scale", "years", "message"),
    [
        (
            [1.0, -1.0],
            2.0,
            30.0,
            5,
            r"^age_years: 1 of 2 values fail 'finite and >= 0'; first at asset row 1: -1\.0$",
        ),
        (1.0, 0.0, 30.0, 5, r"^shape: 1 of 1 "),
        (1.0, 2.0, [30.0, np.nan], 5, r"^scale_years: 1 of 2 .* row 1: nan$"),
        (np.nan, np.nan, 30.0, 5, r"(?s)^age_years: .*shape: "),
        (1.0, 2.0, 30.0, 0, r"^years: found 0"),
        ([1.0, 2.0], [2.0, 2.0, 2.0], 30.0, 5, r"age_years: found shape \(2,\); needed a number or \(3,\)"),
    ],
)
def test_weibull_hazard_refuses(age: Any, shape: Any, scale: Any, years: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        weibull_hazard(age, shape, scale, years)
