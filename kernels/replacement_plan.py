"""Which assets to replace in which year, where each year has a budget.

To maximise: the sum of the savings of what is planned; each asset at most once, each year's costs within its budget.
The exact optimum is a generalised assignment problem, out of reach for a fleet. What is done instead:

1. Every year gets a price of its money: what another unit of it would save. Where assets, each in the year that then
   suits it best, ask for more than a year's budget its price rises, where for less it falls, by steps that shrink as
   the bound below comes near to what a plan saves.
2. Options (an asset in a year) are taken by saving per money less the year's price, best first, while their year's
   budget lasts and where they save anything.

Prices do two things. With them a year is left to those who cannot wait; at no price (rule 2 alone, plain greedy) it
goes to those who save most, were it only a little more than a year later. And whatever the prices, no plan can save
more than ``sum(price x budget) + sum over assets of the most it saves beyond what its year's money is worth``, so that
each plan says how far from the best it can be at most.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels import _replacement_plan as loops
from kernels.asset_years import Floats, failing_values, per_asset

NOT_PLANNED: Final = -1
"""In place of a year: the asset is not replaced within the plan."""
ROUNDS: Final = 150
"""So often the prices are moved; after 100 the bound was within 0.1 % of the least of all prices."""
PATIENCE: Final = 5
"""Rounds without a better bound after which steps are half as long."""


@dataclass(frozen=True)
class ReplacementPlan:
    """A plan, and how good it is at least."""

    year: NDArray[np.int32]
    """(assets,). From 0, or `NOT_PLANNED`."""
    spent: Floats
    """(years,). Never above the budget."""
    budget_price: Floats
    """(years,). What another unit of money in that year would save."""
    saving: float
    """Sum over the assets planned."""
    saving_bound: float
    """No plan within the budgets saves more; never below `saving`."""

    @property
    def gap(self) -> float:
        """Share of the greatest possible saving that the plan may lack, at most."""
        return 1.0 - self.saving / self.saving_bound if self.saving_bound > 0.0 else 0.0


def replacement_plan(*, saving: ArrayLike, cost: ArrayLike, budget: ArrayLike, priced: bool = True) -> ReplacementPlan:
    """The plan that saves most, as far as a greedy choice by saving per money finds it.

    Parameters
    ----------
    saving : (assets, years). What replacing an asset in a year saves over leaving it out of the plan; what saves
        nothing (<= 0) is never planned.
    cost : per asset, >= 0. What it takes of the budget of whichever year.
    budget : (years,), >= 0. Money left over is not carried on.
    priced : False for the plain greedy choice, with the same bound.

    Raises
    ------
    ValueError : a shape does not fit, a number is not finite, a cost or budget is negative.

    Source
    ------
    Martello, Toth: Knapsack Problems, 1990, chapter 7 (generalised assignment, Lagrangian relaxation of the
    capacities).

    Examples
    --------
    Money for one a year. The first saves more now but can wait; the second cannot:

    >>> found = replacement_plan(saving=[[100.0, 99.0], [90.0, 10.0]], cost=1.0, budget=[1.0, 1.0])
    >>> found.year.tolist(), found.saving, found.saving_bound
    ([1, 0], 189.0, 189.0)
    >>> replacement_plan(saving=[[100.0, 99.0], [90.0, 10.0]], cost=1.0, budget=[1.0, 1.0], priced=False).saving
    110.0
    """
    table = np.ascontiguousarray(saving, dtype=np.float64)
    money = np.ascontiguousarray(budget, dtype=np.float64)
    if table.ndim != 2 or money.shape != table.shape[1:] or not money.size:
        raise ValueError(f"saving, budget: found shapes {table.shape}, {money.shape}; needed (assets, years), (years,)")
    taken = per_asset(len(table), cost=cost)["cost"]
    failing = [
        *failing_values("saving", table, np.isfinite(table), "finite", first_year=0),
        *failing_values("cost", taken, np.isfinite(taken) & (taken >= 0), "finite and >= 0"),
        *failing_values("budget of years", money, np.isfinite(money) & (money >= 0), "finite and >= 0"),
    ]
    if failing:
        raise ValueError("\n".join(failing))
    plain = _taken(table, taken, money, np.zeros_like(money))
    price, bound = _prices(table, taken, money, plain.saving)
    best = max(plain, _taken(table, taken, money, price), key=lambda plan: plan.saving) if priced else plain
    return ReplacementPlan(best.year, best.spent, price, best.saving, max(bound, best.saving))


class _Plan(NamedTuple):
    year: NDArray[np.int32]
    spent: Floats
    saving: float


def _prices(saving: Floats, cost: Floats, budget: Floats, reachable: float) -> tuple[Floats, float]:
    """Prices of each year's money with the least bound that was found, and that bound: Polyak's subgradient steps."""
    asset = np.arange(len(cost))
    price, best, bound = np.zeros_like(budget), np.zeros_like(budget), np.inf
    length, since = 1.0, 0
    for _ in range(ROUNDS):
        beyond = saving - cost[:, None] * price
        year = beyond.argmax(axis=1)
        most = beyond[asset, year]
        wanted = most > 0.0
        found = float(price @ budget + most[wanted].sum())
        if found < bound:
            best, bound, since = price, found, 0
        elif (since := since + 1) == PATIENCE:
            length, since = length / 2, 0
        left = budget - np.bincount(year[wanted], weights=cost[wanted], minlength=len(budget))
        left[(price <= 0.0) & (left > 0.0)] = 0.0
        if not left.any():
            break
        price = np.maximum(price - length * (found - reachable) / (left @ left) * left, 0.0)
    return best, bound


def _taken(saving: Floats, cost: Floats, budget: Floats, price: Floats) -> _Plan:
    """Year of each asset, what each year spends and what all of it saves, options taken best first."""
    asset, year = np.nonzero(saving > 0.0)
    option = (asset * len(budget) + year).astype(np.int64)
    with np.errstate(divide="ignore"):
        per_money = saving[asset, year] / cost[asset] - price[year]
    best_first = option[np.lexsort((-saving[asset, year], -per_money))]
    left, planned = budget.copy(), np.full(len(cost), NOT_PLANNED, dtype=np.int32)
    loops.take_in_order(best_first, cost, left, planned)
    row = np.flatnonzero(planned >= 0)
    spent: Floats = np.bincount(planned[row], weights=cost[row], minlength=len(budget)).astype(np.float64)
    return _Plan(planned, spent, float(saving[row, planned[row]].sum()))
