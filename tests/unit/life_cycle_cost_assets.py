"""Assets drawn at random for the tests of life-cycle cost, and the kernel called on them."""

from dataclasses import asdict
from typing import Any

import numpy as np
from hypothesis import strategies as st

from kernels.life_cycle_cost import NewAssetCost, ReplacementDecision, new_asset_cost, replacement_decision
from tests.reference import life_cycle_cost as reference

YEARS = 12

rates = st.sampled_from([-0.02, 0.0, 0.01, 0.03, 0.05, 0.1])


def money(low: int, high: int) -> st.SearchStrategy[float]:
    """Whole cents between whole amounts."""
    return st.integers(low * 100, high * 100).map(lambda cents: cents / 100)


def by_year(values: st.SearchStrategy[float], years: int = YEARS) -> st.SearchStrategy[list[float]]:
    return st.lists(values, min_size=years, max_size=years)


def rising(first: st.SearchStrategy[float], step: st.SearchStrategy[float]) -> st.SearchStrategy[list[float]]:
    return st.tuples(first, by_year(step, YEARS - 1)).map(lambda drawn: np.cumsum([drawn[0], *drawn[1]]).tolist())


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


def stacked(assets: list[Any]) -> dict[str, Any]:
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
