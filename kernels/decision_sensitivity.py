"""How the year to replace an asset moves with what is believed, and what it would take to change the decision.

`kernels.life_cycle_cost` says when to replace an asset from arrays of its yearly costs. Here these years follow from a
few numbers an asset, so that many cases of them are looked at in one pass. With the factors of `FACTORS`, W(n) is that
of `replacement_decision` where

======  ======================================================================================================
r       `real_rate`; the successor's a0, its least EAC without losses, follows it
CO_t    CO^c_t - CO'_t = p (1 + e)^t (D0 + (1 + g)^(2 t) D1) with p `energy_price`, e `price_growth` and
        g `load_growth`; D0 and D1 are the asset's no-load and load losses of the study year less its successor's
h_t     min(k h_t, 1) with k `failure_probability`; k h_t where the asset is repaired. The successor keeps its own
CM, V   the same in every year
======  ======================================================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels import _decision_sensitivity as loops
from kernels.asset_years import Floats, failing_values, flag_per_asset, hazard_table, per_asset
from kernels.life_cycle_cost import HAZARD_NEEDED, NOT_WITHIN_HORIZON

Years = NDArray[np.int32]
FACTORS: Final = ("real_rate", "energy_price", "price_growth", "load_growth", "failure_probability")
"""What is varied, in the order of the answer's first axis: rates and growths a year, and multiples of the energy price
and of the asset's own probability of failure."""
STEPS: Final = 8
"""Into how many steps the way to either bound is cut where a change of the decision is looked for."""


@dataclass(frozen=True)
class Cases:
    """One factor: what is believed of it, a low and a high case, and how far a change of the decision is looked for."""

    base: float
    low: float
    high: float
    at_least: float
    at_most: float


@dataclass(frozen=True)
class Successors:
    """What assets are replaced by, one in each row; assets that share a row share its work.

    Parameters
    ----------
    investment_cost, maintenance_cost, failure_cost, disposal_cost : per successor. CI, CM a year, C, and CD at any age.
    hazard : (successors, years). h_t from age 0; its width is T_max.
    repaired : bool, per successor. The policy of it and of the assets it replaces, for they are of one class.
    """

    investment_cost: ArrayLike
    maintenance_cost: ArrayLike
    failure_cost: ArrayLike
    disposal_cost: ArrayLike
    hazard: ArrayLike
    repaired: ArrayLike


@dataclass(frozen=True)
class DecisionSensitivity:
    """When to replace assets in each case. Years are n of least W(n), 0 meaning now, or `NOT_WITHIN_HORIZON`.

    The decision is one of three: now, in a later year, not within the horizon.
    """

    replacement_year: Years
    """(assets,), with every factor as believed."""
    waiting_gain: Floats
    """(assets,). -W(n) at the least W(n)."""
    case_year: Years
    """(factors, 2, assets), the low case and the high."""
    case_gain: Floats
    """As `case_year`."""
    break_even: Floats
    """(factors, assets). The factor's value nearest to what is believed at which the decision is another; NaN where
    none is found within the bounds. The change lies in the 24th halving of a step before it."""
    break_even_year: Years
    """(factors, assets). The year to replace at that value; without one, as `replacement_year`."""


def decision_sensitivity(
    *,
    no_load_difference_cost: ArrayLike,
    load_difference_cost: ArrayLike,
    maintenance_cost: ArrayLike,
    hazard: ArrayLike,
    failure_cost: ArrayLike,
    removal_value: ArrayLike,
    successor: ArrayLike,
    successors: Successors,
    factors: Mapping[str, Cases],
) -> DecisionSensitivity:
    """Year to replace each asset as believed and in each factor's low and high case, and each factor's break-even.

    One factor is varied at a time, the others stay as believed. A break-even is looked for in `STEPS` equal steps
    from what is believed to either bound; the first over which the decision changes is halved 24 times, and of the two
    sides the nearer counts. A decision that changes and changes back within one step is not seen.

    Parameters
    ----------
    no_load_difference_cost, load_difference_cost : per asset, a year. D0 and D1; negative where the asset loses less.
    maintenance_cost : per asset, a year. CM.
    hazard : (assets, years). h_t from today's age, at most 1 where failure ends life; its width is N_max.
    failure_cost : per asset. C.
    removal_value : per asset. V, what planned removal recovers, net.
    successor : whole number, per asset. Its row in `successors`.
    factors : for each of `FACTORS` its cases; rates and growths above -1, multiples at least 0.

    Raises
    ------
    ValueError : a shape does not fit, a number is not finite or out of its range; names each such argument, how many
        values, and the first.

    Examples
    --------
    A unit whose losses cost 40 a year more than its successor's, which costs 50 a year: no replacement within 3 years
    until energy costs a quarter more.

    >>> still = Cases(base=0.0, low=0.0, high=0.0, at_least=0.0, at_most=0.0)
    >>> multiple = Cases(base=1.0, low=0.5, high=2.0, at_least=0.0, at_most=3.0)
    >>> found = decision_sensitivity(
    ...     no_load_difference_cost=40.0, load_difference_cost=0.0, maintenance_cost=0.0, hazard=np.zeros((1, 3)),
    ...     failure_cost=0.0, removal_value=0.0, successor=0,
    ...     successors=Successors([100.0], [0.0], [0.0], [0.0], np.zeros((1, 2)), [False]),
    ...     factors=dict.fromkeys(FACTORS, still) | dict.fromkeys(("energy_price", "failure_probability"), multiple),
    ... )
    >>> found.replacement_year.tolist(), found.case_year[1, :, 0].tolist(), found.break_even[1].round(5).tolist()
    ([-1], [-1, 0], [1.25])
    """
    table = hazard_table(hazard)
    assets, years = table.shape
    money: dict[str, NDArray[Any]] = per_asset(
        assets,
        no_load_difference_cost=no_load_difference_cost,
        load_difference_cost=load_difference_cost,
        maintenance_cost=maintenance_cost,
        failure_cost=failure_cost,
        removal_value=removal_value,
    )
    new = _successors(successors)
    row = _rows(successor, assets, len(new["repaired"]))
    base, cases, steps = _values(factors)
    year, least = np.empty(assets, dtype=np.int32), np.empty(assets)
    case_year = np.empty((len(FACTORS), 2, assets), dtype=np.int32)
    break_even = np.empty((len(FACTORS), assets))
    break_even_year = np.empty((len(FACTORS), assets), dtype=np.int32)
    case_cost = np.empty((len(FACTORS), 2, assets))
    bad_row = loops.decision_sensitivity(
        **money,
        hazard=table,
        successor=row,
        **new,
        base=base,
        cases=cases,
        steps=steps,
        annual_costs=np.empty((len(new["repaired"]), 3 + 2 * STEPS)),
        base_year=year,
        least_cost=least,
        case_year=case_year,
        case_cost=case_cost,
        break_even=break_even,
        break_even_year=break_even_year,
    )
    if bad_row >= 0:
        _refuse(bad_row, table, new["repaired"].view(np.bool_)[row], money)
    for found in (year, case_year, break_even_year):
        found[found == years] = NOT_WITHIN_HORIZON
    return DecisionSensitivity(year, 0.0 - least, case_year, 0.0 - case_cost, break_even, break_even_year)


def _successors(given: Successors) -> dict[str, NDArray[Any]]:
    """The successors as the loop takes them; the loop does not check them, for they are few."""
    table = hazard_table(given.hazard)
    rows = table.shape[0]
    repaired = flag_per_asset("repaired", given.repaired, rows)
    read = per_asset(
        rows,
        successor_investment_cost=given.investment_cost,
        successor_maintenance_cost=given.maintenance_cost,
        successor_failure_cost=given.failure_cost,
        successor_disposal_cost=given.disposal_cost,
    )
    in_range = (table >= 0.0) & (table <= np.where(repaired, np.finfo(np.float64).max, 1.0)[:, None])
    failing = failing_values("hazard of successors", table, in_range, HAZARD_NEEDED)
    for name, values in read.items():
        failing += failing_values(name, values, np.isfinite(values), "finite")
    if failing:
        raise ValueError("\n".join(failing))
    return {**read, "successor_hazard": table, "repaired": repaired.view(np.uint8)}


def _rows(successor: ArrayLike, assets: int, successors: int) -> Years:
    row = np.asarray(successor)
    if row.dtype.kind not in "iu" or row.shape not in ((), (assets,)):
        raise ValueError(f"successor: found {row.dtype} of shape {row.shape}; needed one whole number or ({assets},)")
    row = np.broadcast_to(row, (assets,))
    within = (row >= 0) & (row < successors)
    if not within.all():
        raise ValueError("\n".join(failing_values("successor", row, within, f"from 0 to {successors - 1}")))
    return np.ascontiguousarray(row, dtype=np.int32)


def _values(factors: Mapping[str, Cases]) -> tuple[Floats, Floats, Floats]:
    """Of each factor what is believed, its two cases, and the steps to its lower and its upper bound, nearest first."""
    if set(factors) != set(FACTORS):
        raise ValueError(f"factors: found {', '.join(sorted(factors))}; needed {', '.join(sorted(FACTORS))}")
    known = [factors[name] for name in FACTORS]
    base = np.array([one.base for one in known])
    cases = np.array([[one.low, one.high] for one in known])
    share = np.arange(1, STEPS + 1) / STEPS
    bounds = np.array([[min(one.at_least, one.base), max(one.at_most, one.base)] for one in known])
    for number, name in enumerate(FACTORS):
        multiple = name in ("energy_price", "failure_probability")
        found = np.array([base[number], *cases[number], *bounds[number]])
        if not (np.isfinite(found) & ((found >= 0.0) if multiple else (found > -1.0))).all():
            raise ValueError(f"{name}: found {known[number]}; needed finite and {'>= 0' if multiple else '> -1'}")
    return base, cases, base[:, None, None] + (bounds - base[:, None])[:, :, None] * share


def _refuse(row: int, hazard: Floats, repaired: NDArray[np.bool_], money: Mapping[str, Floats]) -> None:
    """Say what made the loop stop at asset `row`, and what else is wrong."""
    highest = np.where(repaired, np.finfo(np.float64).max, 1.0)[:, None]
    in_range = (hazard >= 0.0) & (hazard <= highest)
    failing = failing_values("hazard", hazard, in_range, HAZARD_NEEDED)
    for name, values in money.items():
        failing += failing_values(name, values, np.isfinite(values), "finite")
    raise ValueError("\n".join(failing) or f"asset row {row}: values so large that their sum is not finite")
