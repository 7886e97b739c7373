"""The life-cycle cost kernel: its definition, ties and bounds, arrays as they come, bad values."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.life_cycle_cost import NOT_WITHIN_HORIZON, NewAssetCost, new_asset_cost, replacement_decision
from tests.reference import life_cycle_cost as reference
from tests.unit.life_cycle_cost_assets import (
    YEARS,
    assert_close,
    assets_in_service,
    cost,
    decision,
    new_assets,
    stacked,
)


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
        operation = {name: getattr(asset, name) for name in ("study_year_losses_cost", "ageing_operation_cost")}
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
        [reference.NewAsset(70.0, 0.0, [0.0] * 3, [1.0, 9e9, 9e9], [1.0, 0.5, 0.5], 30.0, [9e9] * 3, 0.0, False)]
    )
    found = new_asset_cost(**asset, curves=True)
    assert found.annual_cost_curve.tolist() == [[101.0, 101.0, 101.0]]
    assert found.economic_life_years.tolist() == [1]


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


def with_values(*places: tuple[int, int, float], fill: float = 0.1, years: int = 4) -> NDArray[np.float64]:
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
        ({"rate": [0.1, 0.1, -2.0]}, r"^rate: 1 of 3 .* row 2: -2\.0$"),
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
        ({"rate": [0.1, -2.0, 0.1]}, r"^rate: 1 of 3 .* row 1: -2\.0$"),
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
