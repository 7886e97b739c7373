"""Life-cycle cost of many assets at once: what a new asset costs a year, and when to replace one in service.

Nomenclature, for one asset (the functions take many, one in each row):

======  ====================================================================================
r, v    real rate a year, and v = 1 / (1 + r); money is of one price year throughout
t       year, 1, 2, …; its costs fall at its end
h_t     failure in year t given service at its start: a probability where failure ends life,
        the expected number of failures where the asset is repaired
S_t     chance of still being in service after year t: prod of (1 - h_s) for s = 1..t where
        failure ends life, 1 where the asset is repaired
C       cost of one failure, without the price of a new asset
CI      investment
CO_t    operation: CO^a_t, which comes with age (usually none), plus CO^c, losses at the load and
        price of a calendar year
CM_t    planned maintenance
CD_t    disposal in year t, net of what is recovered, so it may be negative; V_t = -CD_t
======  ====================================================================================

Arguments "per asset" and "per asset and year" have the shapes that `kernels.asset_years` describes; `hazard` is
always (assets, years), and so says how many of both there are.
"""

from dataclasses import dataclass
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels import _life_cycle_cost as loops
from kernels.asset_years import Floats, failing_values, flag_per_asset, hazard_table, per_asset, per_year

NOT_WITHIN_HORIZON: Final = -1
"""In place of a year: the least cost lies at the last year looked at, so the true year may be later."""
HAZARD_NEEDED: Final = "finite and >= 0, and <= 1 where failure ends life"


@dataclass(frozen=True)
class NewAssetCost:
    """Cost of a new asset kept for its economic life, as present values in the currency of the inputs.

    `economic_life_years` is the smallest T of least EAC(T), or `NOT_WITHIN_HORIZON` where that is the last year
    looked at; all other per-asset figures then describe keeping it to that last year.
    """

    economic_life_years: NDArray[np.int32]
    annual_cost: Floats
    """EAC, a year."""
    life_cycle_cost: Floats
    """LCC = CI + CO + CM + CF + CD."""
    investment_cost: Floats
    operation_cost: Floats
    maintenance_cost: Floats
    failure_cost: Floats
    disposal_cost: Floats
    life_cycle_cost_curve: Floats
    """LCC(T), shape (assets, years), column 0 for T = 1; (assets, 0) unless asked for."""
    annual_cost_curve: Floats
    """EAC(T), as `life_cycle_cost_curve`."""


@dataclass(frozen=True)
class ReplacementDecision:
    """When to replace assets in service, and what waiting costs, as present values of today.

    `replacement_year` is the smallest n of least W(n), 0 meaning now, or `NOT_WITHIN_HORIZON` where that is the
    last year looked at; the gain is then that of waiting till the last year, so at least what it says.
    """

    replacement_year: NDArray[np.int32]
    waiting_gain: Floats
    """-W(n) at the least W(n); never negative."""
    one_year_waiting_cost: Floats
    """W(1), the price of waiting one year; negative where waiting pays."""
    waiting_cost_curve: Floats
    """W(n), shape (assets, years + 1), column 0 for n = 0; (assets, 0) unless asked for."""


def weibull_hazard(age_years: ArrayLike, shape: ArrayLike, scale_years: ArrayLike, years: int) -> Floats:
    """Chance of failing in each coming year, given service at its start, for assets on a Weibull curve.

    ``h_t = 1 - S(a + t) / S(a + t - 1)`` with ``S(x) = exp(-(x / scale)**shape)``.

    This is one way to fill the `hazard` array that the other functions take; a failure model fills it with its own
    figures.

    Parameters
    ----------
    age_years : number or (assets,), >= 0. Age today; 0 for a new asset.
    shape : number or (assets,), > 0. Above 1 the hazard rises with age; 1 is a constant hazard.
    scale_years : number or (assets,), > 0. Age by which 63.2 % (1 - 1/e) have failed.
    years : how many years from today.

    Returns
    -------
    (assets, years) float64, each from 0 to 1; column 0 is the year that starts today.

    Raises
    ------
    ValueError : a value is not finite or out of its range, or `years` < 1.

    Source
    ------
    IEC 61649:2008, Weibull analysis: the two-parameter reliability function.

    Examples
    --------
    >>> weibull_hazard([0.0, 30.0], shape=2.0, scale_years=50.0, years=2).round(6).tolist()
    [[0.0004, 0.001199], [0.024105, 0.024885]]
    """
    if years < 1:
        raise ValueError(f"years: found {years}; needed at least 1")
    assets = max(np.size(age_years), np.size(shape), np.size(scale_years))
    age, power, scale = per_asset(assets, age_years=age_years, shape=shape, scale_years=scale_years).values()
    failing = [
        *failing_values("age_years", age, np.isfinite(age) & (age >= 0), "finite and >= 0"),
        *failing_values("shape", power, np.isfinite(power) & (power > 0), "finite and > 0"),
        *failing_values("scale_years", scale, np.isfinite(scale) & (scale > 0), "finite and > 0"),
    ]
    if failing:
        raise ValueError("\n".join(failing))
    cumulative = ((age[:, None] + np.arange(years + 1)) / scale[:, None]) ** power[:, None]
    hazard: Floats = -np.expm1(cumulative[:, :-1] - cumulative[:, 1:])
    return hazard


def new_asset_cost(
    *,
    investment_cost: ArrayLike,
    study_year_losses_cost: ArrayLike,
    maintenance_cost: ArrayLike,
    hazard: ArrayLike,
    failure_cost: ArrayLike,
    disposal_cost: ArrayLike,
    rate: ArrayLike,
    repaired: ArrayLike,
    ageing_operation_cost: ArrayLike = 0.0,
    curves: bool = False,
) -> NewAssetCost:
    """Life-cycle cost, equivalent annual cost and economic life of a new asset under the study year's load.

    ``LCC(T) = CI + sum(S_{t-1} v^t (CO_t + CM_t + h_t C), t = 1..T) + S_T v^T CD_T``
    ``EAC(T) = LCC(T) / sum(S_{t-1} v^t, t = 1..T)``

    With failures, EAC(T) is the annual cost of renewing for ever, at failure or age T. The economic life is the
    smallest T of least EAC. Losses are one number per asset, not one per year, so growth of load or price
    cannot move it. The least EAC of a successor with `study_year_losses_cost` 0 is the
    `successor_annual_cost` of `replacement_decision`.

    Parameters
    ----------
    investment_cost : per asset. CI.
    study_year_losses_cost : per asset, a year. CO^c at the load and price of the study year.
    maintenance_cost : per asset and year. CM_t.
    hazard : (assets, years). h_t from age 0, at most 1 where failure ends life; its width is T_max.
    failure_cost : per asset. C.
    disposal_cost : per asset and year. CD_T, where the asset is removed at the end of year T.
    rate : per asset, above -1. r; at 0 money is summed as it is.
    repaired : bool, per asset. False where failure ends life.
    ageing_operation_cost : per asset and year. CO^a_t.
    curves : whether to return LCC(T) and EAC(T) too.

    Raises
    ------
    ValueError : a shape does not fit, a number is not finite, a hazard or rate is out of its range; names
        each such argument, how many values, and the first asset row, year and value.

    Source
    ------
    IEC 60300-3-3:2017 for the method of costing. The divisor follows from renewal: the cost of one cycle over
    1 - E[v^L] for a life L, times r, with 1 - E[v^L] = r sum(S_{t-1} v^t).

    Examples
    --------
    An asset of 1,000 whose upkeep doubles each year, without failures:

    >>> cost = new_asset_cost(
    ...     investment_cost=1000.0, study_year_losses_cost=0.0, maintenance_cost=[[100.0, 200.0, 400.0, 800.0]],
    ...     hazard=np.zeros((1, 4)), failure_cost=0.0, disposal_cost=0.0, rate=0.0, repaired=False, curves=True,
    ... )
    >>> cost.annual_cost_curve.round(2).tolist(), cost.economic_life_years.tolist()
    ([[1100.0, 650.0, 566.67, 625.0]], [3])
    """
    inputs = _inputs(
        hazard,
        rate,
        repaired,
        each={
            "investment_cost": investment_cost,
            "study_year_losses_cost": study_year_losses_cost,
            "failure_cost": failure_cost,
        },
        yearly={
            "ageing_operation_cost": ageing_operation_cost,
            "maintenance_cost": maintenance_cost,
            "disposal_cost": disposal_cost,
        },
    )
    assets, years = inputs["hazard"].shape
    life = np.empty(assets, dtype=np.int32)
    eac = np.empty(assets)
    parts = np.empty((4, assets))
    lcc_curve, eac_curve = np.empty((2, assets, years if curves else 0))
    bad_row = loops.new_asset_cost(
        **inputs,
        curves=curves,
        least_year=life,
        least_eac=eac,
        least_parts=parts,
        lcc_curve=lcc_curve,
        eac_curve=eac_curve,
    )
    if bad_row >= 0:
        _refuse(bad_row, **inputs)
    life[life == years] = NOT_WITHIN_HORIZON
    operation, maintenance, failure, disposal = parts
    return NewAssetCost(
        economic_life_years=life,
        annual_cost=eac,
        life_cycle_cost=inputs["investment_cost"] + operation + maintenance + failure + disposal,
        investment_cost=inputs["investment_cost"],
        operation_cost=operation,
        maintenance_cost=maintenance,
        failure_cost=failure,
        disposal_cost=disposal,
        life_cycle_cost_curve=lcc_curve,
        annual_cost_curve=eac_curve,
    )


def replacement_decision(
    *,
    losses_cost: ArrayLike,
    successor_losses_cost: ArrayLike,
    successor_annual_cost: ArrayLike,
    maintenance_cost: ArrayLike,
    hazard: ArrayLike,
    failure_cost: ArrayLike,
    removal_value: ArrayLike,
    rate: ArrayLike,
    repaired: ArrayLike,
    ageing_operation_cost: ArrayLike = 0.0,
    curve: bool = False,
) -> ReplacementDecision:
    """Year in which replacing each asset in service costs least, and what waiting gains or costs.

    ``W(n) = V_0 - S_n v^n V_n
    + sum(S_{t-1} v^t (CO^a_t + CO^c_t - CO'_t + CM_t + h_t C - a0), t = 1..n)``, ``W(0) = 0``

    W(n) is the present cost of waiting n years instead of replacing now; the year to replace is the smallest n of
    least W(n). All years count from today, at today's age; what the asset once cost is sunk.

    Parameters
    ----------
    losses_cost : per asset and year. CO^c_t, the asset's losses at the load and price of calendar year t.
    successor_losses_cost : per asset and year. CO'_t, the successor's losses in the same calendar year.
    successor_annual_cost : per asset, a year. a0, the least EAC of the successor without losses.
    maintenance_cost : per asset and year. CM_t at the age reached.
    hazard : (assets, years). h_t from today's age, at most 1 where failure ends life; its width is N_max.
    failure_cost : per asset. C.
    removal_value : number, (1, years + 1) or (assets, years + 1). V_t, what planned removal after t years
        recovers, net; column 0 is today.
    rate : per asset, above -1. r; at 0 money is summed as it is.
    repaired : bool, per asset. False where failure ends life.
    ageing_operation_cost : per asset and year. CO^a_t at the age reached.
    curve : whether to return W(n) too.

    Raises
    ------
    ValueError : as `new_asset_cost`.

    Source
    ------
    Optimal stopping against a chain of successors whose cost without losses is a0 a year for ever and whose
    losses follow the calendar, so that both cancel outside the years waited.

    Examples
    --------
    Upkeep passes the successor's 250 a year in the third year:

    >>> decision = replacement_decision(
    ...     losses_cost=80.0, successor_losses_cost=50.0, successor_annual_cost=250.0,
    ...     maintenance_cost=[[100.0, 200.0, 400.0]], hazard=np.zeros((1, 3)), failure_cost=0.0,
    ...     removal_value=0.0, rate=0.0, repaired=False, curve=True,
    ... )
    >>> decision.waiting_cost_curve.tolist(), decision.replacement_year.tolist()
    ([[0.0, -120.0, -140.0, 40.0]], [2])
    """
    inputs = _inputs(
        hazard,
        rate,
        repaired,
        each={"failure_cost": failure_cost, "successor_annual_cost": successor_annual_cost},
        yearly={
            "ageing_operation_cost": ageing_operation_cost,
            "losses_cost": losses_cost,
            "successor_losses_cost": successor_losses_cost,
            "maintenance_cost": maintenance_cost,
        },
    )
    assets, years = inputs["hazard"].shape
    inputs |= per_year(assets, years + 1, removal_value=removal_value)
    year = np.empty(assets, dtype=np.int32)
    least, one_year = np.empty((2, assets))
    waiting_curve = np.zeros((assets, years + 1 if curve else 0))
    bad_row = loops.waiting_cost(
        **inputs,
        curves=curve,
        least_year=year,
        least_cost=least,
        one_year_cost=one_year,
        cost_curve=waiting_curve,
    )
    if bad_row >= 0:
        _refuse(bad_row, **inputs)
    year[year == years] = NOT_WITHIN_HORIZON
    return ReplacementDecision(
        replacement_year=year,
        waiting_gain=0.0 - least,
        one_year_waiting_cost=one_year,
        waiting_cost_curve=waiting_curve,
    )


def _inputs(
    hazard: ArrayLike, rate: ArrayLike, repaired: ArrayLike, *, each: dict[str, ArrayLike], yearly: dict[str, ArrayLike]
) -> dict[str, NDArray[Any]]:
    """The arguments of both functions as the loops take them, by name; ``hazard`` says how many assets and years."""
    table = hazard_table(hazard)
    assets, years = table.shape
    return {
        **per_asset(assets, **each, rate=rate),
        **per_year(assets, years, **yearly),
        "hazard": table,
        "repaired": flag_per_asset("repaired", repaired, assets).view(np.uint8),
    }


def _refuse(row: int, *, rate: Floats, hazard: Floats, repaired: NDArray[np.uint8], **money: NDArray[Any]) -> NoReturn:
    """Say what made the loop stop at asset `row`, and what else is wrong."""
    highest = np.where(repaired, np.finfo(np.float64).max, 1.0)[:, None]
    in_range = (hazard >= 0.0) & (hazard <= highest)
    failing = [
        *failing_values("rate", rate, np.isfinite(rate) & (rate > -1.0), "finite and > -1"),
        *failing_values("hazard", hazard, in_range, HAZARD_NEEDED),
    ]
    for name, values in money.items():
        first_year = 0 if name == "removal_value" else 1
        failing += failing_values(name, values, np.isfinite(values), "finite", first_year)
    raise ValueError("\n".join(failing) or f"asset row {row}: values so large that their sum is not finite")
