"""When to replace an asset, from a few numbers and what is believed: by way of the yearly costs of life_cycle_cost."""

from dataclasses import dataclass

from tests.reference import life_cycle_cost
from tests.reference.life_cycle_cost import AssetInService, NewAsset


@dataclass(frozen=True)
class Beliefs:
    real_rate: float
    energy_price: float
    price_growth: float
    load_growth: float
    failure_probability: float


@dataclass(frozen=True)
class Unit:
    no_load_difference_cost: float
    load_difference_cost: float
    maintenance_cost: float
    hazard: list[float]
    failure_cost: float
    removal_value: float


@dataclass(frozen=True)
class Successor:
    investment_cost: float
    maintenance_cost: float
    failure_cost: float
    disposal_cost: float
    hazard: list[float]
    repaired: bool


def annual_cost(successor: Successor, rate: float) -> float:
    """a0."""
    lives = len(successor.hazard)
    new = NewAsset(
        investment_cost=successor.investment_cost,
        study_year_losses_cost=0.0,
        ageing_operation_cost=[0.0] * lives,
        maintenance_cost=[successor.maintenance_cost] * lives,
        hazard=successor.hazard,
        failure_cost=successor.failure_cost,
        disposal_cost=[successor.disposal_cost] * lives,
        rate=rate,
        repaired=successor.repaired,
    )
    return min(life_cycle_cost.annual_cost(new, life) for life in range(1, lives + 1))


def year_by_year(unit: Unit, successor: Successor, believed: Beliefs) -> AssetInService:
    """The unit's coming years; what both units lose is left out, for only the difference counts."""
    years = range(1, len(unit.hazard) + 1)
    price = [believed.energy_price * (1 + believed.price_growth) ** t for t in years]
    load = [(1 + believed.load_growth) ** t for t in years]
    highest = float("inf") if successor.repaired else 1.0
    return AssetInService(
        losses_cost=[
            p * (unit.no_load_difference_cost + s**2 * unit.load_difference_cost)
            for p, s in zip(price, load, strict=True)
        ],
        successor_losses_cost=[0.0 for _ in years],
        successor_annual_cost=annual_cost(successor, believed.real_rate),
        ageing_operation_cost=[0.0 for _ in years],
        maintenance_cost=[unit.maintenance_cost for _ in years],
        hazard=[min(believed.failure_probability * h, highest) for h in unit.hazard],
        failure_cost=unit.failure_cost,
        removal_value=[unit.removal_value] * (len(years) + 1),
        rate=believed.real_rate,
        repaired=successor.repaired,
    )


def waiting_costs(unit: Unit, successor: Successor, believed: Beliefs) -> list[float]:
    """W(0), W(1), …"""
    asset = year_by_year(unit, successor, believed)
    return [life_cycle_cost.waiting_cost(asset, n) for n in range(len(unit.hazard) + 1)]


def decision(year: int, years: int) -> str:
    return "now" if year == 0 else "not within the horizon" if year == years else "later"
