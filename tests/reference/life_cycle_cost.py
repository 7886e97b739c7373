"""Life-cycle cost of one asset as DESIGN section 9 writes it, and a dynamic programme that knows none of it.

Lists of yearly values start with year 1, except `removal_value`, which starts with today.
"""

from dataclasses import dataclass
from functools import cache
from math import prod


@dataclass(frozen=True)
class NewAsset:
    investment_cost: float
    study_year_losses_cost: float
    ageing_operation_cost: list[float]
    maintenance_cost: list[float]
    hazard: list[float]
    failure_cost: float
    disposal_cost: list[float]
    rate: float
    repaired: bool


@dataclass(frozen=True)
class AssetInService:
    losses_cost: list[float]
    successor_losses_cost: list[float]
    successor_annual_cost: float
    ageing_operation_cost: list[float]
    maintenance_cost: list[float]
    hazard: list[float]
    failure_cost: float
    removal_value: list[float]
    rate: float
    repaired: bool


def survival(asset: NewAsset | AssetInService, t: int) -> float:
    """S_t."""
    return 1.0 if asset.repaired else prod(1.0 - h for h in asset.hazard[:t])


def discount(asset: NewAsset | AssetInService, t: int) -> float:
    """v^t."""
    return (1.0 + asset.rate) ** -t


def life_cycle_cost(asset: NewAsset, life: int) -> float:
    """LCC(T)."""
    yearly = (
        survival(asset, t - 1)
        * discount(asset, t)
        * (
            asset.ageing_operation_cost[t - 1]
            + asset.study_year_losses_cost
            + asset.maintenance_cost[t - 1]
            + asset.hazard[t - 1] * asset.failure_cost
        )
        for t in range(1, life + 1)
    )
    disposal = survival(asset, life) * discount(asset, life) * asset.disposal_cost[life - 1]
    return asset.investment_cost + sum(yearly) + disposal


def annual_cost(asset: NewAsset, life: int) -> float:
    """EAC(T)."""
    years_in_service = sum(survival(asset, t - 1) * discount(asset, t) for t in range(1, life + 1))
    return life_cycle_cost(asset, life) / years_in_service


def waiting_cost(asset: AssetInService, n: int) -> float:
    """W(n)."""
    if n == 0:
        return 0.0
    yearly = (
        survival(asset, t - 1)
        * discount(asset, t)
        * (
            asset.ageing_operation_cost[t - 1]
            + asset.losses_cost[t - 1]
            - asset.successor_losses_cost[t - 1]
            + asset.maintenance_cost[t - 1]
            + asset.hazard[t - 1] * asset.failure_cost
            - asset.successor_annual_cost
        )
        for t in range(1, n + 1)
    )
    kept_value = survival(asset, n) * discount(asset, n) * asset.removal_value[n]
    return asset.removal_value[0] - kept_value + sum(yearly)


def best_replacement(old: AssetInService, successor: NewAsset, successor_losses_cost: list[float]) -> tuple[int, float]:
    """Year to replace `old`, and what the best plan saves over replacing now, by dynamic programming.

    Nothing of W, EAC or a0 is used: each year every asset, old or successor, is kept or replaced, whichever
    costs less from then on, till the end of `successor_losses_cost`. That list is the successor's losses by
    calendar year, whatever its age; it must be so long that discounting makes its end irrelevant. The
    successor's own list of losses is not used.
    """
    v = 1.0 / (1.0 + old.rate)
    end, last_age, last_wait = len(successor_losses_cost), len(successor.hazard), len(old.hazard)

    def kept(asset: NewAsset | AssetInService, age: int, losses: float, renewed: float, aged: float) -> float:
        """Cost of keeping `asset` for the year that ends at `age`, and of all that follows."""
        h = asset.hazard[age - 1]
        running = asset.ageing_operation_cost[age - 1] + losses + asset.maintenance_cost[age - 1]
        after = aged if asset.repaired else h * renewed + (1.0 - h) * aged
        return v * (running + h * asset.failure_cost + after)

    # buy[k]: least cost from the end of year k on, with a successor to be bought at that moment.
    buy = [0.0] * (end + 1)
    by_age = [0.0] * (last_age + 1)
    for k in range(end - 1, -1, -1):
        losses = successor_losses_cost[k]
        keep = [kept(successor, age + 1, losses, buy[k + 1], by_age[age + 1]) for age in range(last_age)]
        buy[k] = successor.investment_cost + keep[0]
        replace = [buy[k] + successor.disposal_cost[age - 1] for age in range(1, last_age + 1)]
        by_age = [keep[0], *map(min, keep[1:], replace), replace[-1]]

    @cache
    def best(k: int) -> float:
        """Least cost from the end of year k on, with the old asset in service."""
        now = buy[k] - old.removal_value[k]
        return now if k == last_wait else min(now, keep_old(k))

    def keep_old(k: int) -> float:
        return kept(old, k + 1, old.losses_cost[k], buy[k + 1], best(k + 1))

    year = next(k for k in range(last_wait + 1) if best(k) == buy[k] - old.removal_value[k])
    return year, buy[0] - old.removal_value[0] - best(0)
