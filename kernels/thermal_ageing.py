"""Thermal ageing of transformers: top-oil and hot-spot temperature, loss of life, hours above limits.

Nomenclature, for one unit (the function takes many, one in each row):

=================  =========================================================================================
K                  load, per unit of rated current
theta_a            ambient temperature, degC
theta_o, theta_h   top-oil and hot-spot temperature, degC
x, y               oil and winding exponent
k11, k21, k22      constants of the model; k21 > 1 lets the hot-spot overshoot after a rise of load
tau_o, tau_w       time constants of oil and winding, min
R                  load losses at rated current / no-load losses
d_or, d_hr         rise of top-oil above ambient, and of hot-spot above top-oil (H g), at rated load, K
V                  relative ageing rate: 1 at a hot-spot of 98 degC, of thermally upgraded paper at 110 degC
L                  loss of life: V summed over time, in hours of normal ageing
=================  =========================================================================================

The differential equations, t in minutes::

    k11 tau_o  d(theta_o)/dt + theta_o = theta_a + d_or ((1 + R K^2) / (1 + R))^x
    k22 tau_w  d(h1)/dt + h1 = k21 d_hr K^y
    tau_o/k22  d(h2)/dt + h2 = (k21 - 1) d_hr K^y
    theta_h = theta_o + h1 - h2

Load and ambient are constant within a step, so that each step has the exact solution: an exponential for theta_o, h1
and h2. It does not depend on how a constant stretch is cut into steps. Ageing, hours above limits and maxima are those
of this solution, not of its values at the ends of steps: ageing by four Gauss-Legendre points in each step (or in each
part, where a step is longer than twice the shortest time constant), the others from where it turns and crosses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels import _thermal_ageing as loops
from kernels.asset_years import Floats, failing_values, flag_per_asset, per_asset


@dataclass(frozen=True)
class ThermalCharacteristics:
    """What the thermal model knows of units, each a number or (units,) float64; all finite.

    Source
    ------
    IEC 60076-7:2018, table 4 (exponents, constants, time constants); 8.2.2 (R, rises at rated load).
    """

    oil_exponent: ArrayLike
    """x, > 0."""
    winding_exponent: ArrayLike
    """y, > 0."""
    k11: ArrayLike
    """> 0."""
    k21: ArrayLike
    """>= 1."""
    k22: ArrayLike
    """> 0."""
    oil_minutes: ArrayLike
    """tau_o, > 0 min."""
    winding_minutes: ArrayLike
    """tau_w, > 0 min."""
    loss_ratio: ArrayLike
    """R, >= 0."""
    top_oil_rise_k: ArrayLike
    """d_or, >= 0 K, in the open."""
    hot_spot_rise_k: ArrayLike
    """d_hr, >= 0 K."""
    indoor_rise_k: ArrayLike = 0.0
    """Added to d_or where air cannot leave freely (a kiosk, a vault), >= 0 K."""


FIELDS = tuple(field.name for field in fields(ThermalCharacteristics))
"""Order of the loop's columns; the last is added to top_oil_rise_k before the loop."""
LEAST = {name: 0.0 for name in FIELDS} | {"k21": 1.0}
MAY_BE_LEAST = {"k21", "loss_ratio", "top_oil_rise_k", "hot_spot_rise_k", "indoor_rise_k"}


@dataclass(frozen=True)
class ThermalAgeing:
    """What was found of each unit in the steps after the lead, and its temperatures at every step's end."""

    top_oil_max_degc: Floats
    """(units,)"""
    hot_spot_max_degc: Floats
    """(units,)"""
    loss_of_life_hours: Floats
    """(units,)"""
    ageing_rate: Floats
    """(units,) mean of V: loss of life / hours of the steps after the lead."""
    hours_above_hot_spot: Floats
    """(units, limits)"""
    hours_above_top_oil: Floats
    """(units, limits)"""
    top_oil_degc: Floats
    """(units, steps), of the lead too; (units, 0) unless asked for."""
    hot_spot_degc: Floats
    """(units, steps), as `top_oil_degc`."""


def thermal_ageing(
    load_pu: ArrayLike,
    ambient_degc: ArrayLike,
    step_minutes: ArrayLike,
    unit: ThermalCharacteristics,
    *,
    upgraded_paper: ArrayLike = False,
    lead_steps: int = 0,
    hot_spot_limits_degc: Sequence[float] = (),
    top_oil_limits_degc: Sequence[float] = (),
    start_degc: tuple[ArrayLike, ArrayLike] | None = None,
    traces: bool = False,
) -> ThermalAgeing:
    """Temperatures, loss of life and hours above limits of many units under their load.

    Parameters
    ----------
    load_pu : (units, steps) float64, >= 0. Load in each step per unit of rated current.
    ambient_degc : (units, steps) float64, or (1, steps) where all units share it. Ambient temperature in each step.
        Of neither is any value missing: NaN is refused, for what stands in for it is for the caller to decide.
    step_minutes : number or (steps,), > 0. Length of the steps, any.
    unit : what is known of the units.
    upgraded_paper : bool or (units,) bool. Whether the paper is thermally upgraded.
    lead_steps : so many first steps only lead to the temperatures of the next; nothing is counted in them.
    hot_spot_limits_degc, top_oil_limits_degc : limits to count hours above, the same for all units.
    start_degc : top-oil and hot-spot temperature before the first step, each a number or (units,); the hot-spot is then
        taken to lie above the oil as a steady load would have it. None: the steady state of the first step.
    traces : whether to keep the temperatures of each step.

    Returns
    -------
    ThermalAgeing. Maxima are NaN where no step is left after the lead.

    Raises
    ------
    ValueError : a shape does not fit, or a value is out of its range; the first bad unit is named.

    Source
    ------
    IEC 60076-7:2018, Power transformers - Part 7: Loading guide for mineral-oil-immersed power transformers: 6.3
    (relative ageing rate, equations 2 and 3), 6.4 (loss of life), 8.2.2 and 8.2.3 (differential equations and
    exponential solution), 8.3.2 (rise in enclosures).

    Examples
    --------
    A distribution unit at rated load and 20 degC has a hot-spot of 98 degC, and ages an hour in an hour:

    >>> unit = ThermalCharacteristics(0.8, 1.6, 1.0, 1.0, 2.0, 180.0, 4.0, 5.0, 55.0, 23.0)
    >>> found = thermal_ageing(np.ones((1, 24)), np.full((1, 24), 20.0), 60.0, unit)
    >>> found.hot_spot_max_degc.round(6).tolist(), found.loss_of_life_hours.round(6).tolist()
    ([98.0], [24.0])
    """
    load = _rows("load_pu", load_pu)
    units, steps = load.shape
    ambient = _rows("ambient_degc", ambient_degc)
    if ambient.shape not in ((units, steps), (1, steps)):
        raise ValueError(f"ambient_degc: found shape {ambient.shape}; needed (1, {steps}) or ({units}, {steps})")
    minutes = per_asset(steps, step_minutes=step_minutes)["step_minutes"]
    if not 0 <= lead_steps <= steps:
        raise ValueError(f"lead_steps: found {lead_steps}; needed 0 to {steps}")
    if not (np.isfinite(minutes).all() and (minutes > 0).all()):
        raise ValueError("step_minutes: needed finite and > 0")
    known = _known(unit, units)
    upgraded = flag_per_asset("upgraded_paper", upgraded_paper, units).view(np.uint8)
    limits = [np.ascontiguousarray(one, np.float64) for one in (hot_spot_limits_degc, top_oil_limits_degc)]
    most, aged = np.empty((units, 2)), np.empty(units)
    above_hot_spot, above_top_oil = (np.zeros((units, len(one))) for one in limits)
    kept = np.empty((2, units, steps if traces else 0))
    bad = loops.thermal_ageing(
        load,
        np.broadcast_to(ambient, (units, steps)),
        minutes,
        lead_steps,
        known,
        upgraded,
        limits[0],
        limits[1],
        _start(start_degc, known, units),
        start_degc is None,
        traces,
        most,
        aged,
        above_hot_spot,
        above_top_oil,
        *kept,
    )
    if bad >= 0:
        raise ValueError(_bad_values(load[bad], ambient[bad if len(ambient) > 1 else 0], bad))
    counted = minutes[lead_steps:].sum()
    return ThermalAgeing(
        top_oil_max_degc=most[:, 0],
        hot_spot_max_degc=most[:, 1],
        loss_of_life_hours=aged / 60,
        ageing_rate=aged / counted if counted > 0 else np.full(units, np.nan),
        hours_above_hot_spot=above_hot_spot / 60,
        hours_above_top_oil=above_top_oil / 60,
        top_oil_degc=kept[0],
        hot_spot_degc=kept[1],
    )


def _rows(name: str, values: ArrayLike) -> Floats:
    """The values as rows that are contiguous each; how far apart is free."""
    table = np.asarray(values, np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise ValueError(f"{name}: found shape {table.shape}; needed (units, steps) with at least one step")
    return table if table.strides[1] == table.itemsize else np.ascontiguousarray(table)


def _known(unit: ThermalCharacteristics, units: int) -> NDArray[np.float64]:
    """The loop's columns, (units, 10)."""
    columns = per_asset(units, **{name: getattr(unit, name) for name in FIELDS})
    failing = []
    for name, values in columns.items():
        least, open_end = LEAST[name], name not in MAY_BE_LEAST
        holds = np.isfinite(values) & ((values > least) if open_end else (values >= least))
        failing += failing_values(name, values, holds, f"finite and {'>' if open_end else '>='} {least:g}")
    if failing:
        raise ValueError("\n".join(failing))
    indoors = columns.pop("indoor_rise_k")
    columns["top_oil_rise_k"] = columns["top_oil_rise_k"] + indoors
    return np.ascontiguousarray(np.stack(list(columns.values()), axis=1))


def _start(start_degc: tuple[ArrayLike, ArrayLike] | None, known: Floats, units: int) -> Floats:
    """theta_o, h1 and h2 before the first step, (units, 3): of a steady gradient g, h1 = k21 g and h2 = (k21 - 1) g."""
    if start_degc is None:
        return np.zeros((units, 3))
    given = per_asset(units, top_oil=start_degc[0], hot_spot=start_degc[1])
    if not all(np.isfinite(values).all() for values in given.values()):
        raise ValueError("start_degc: needed finite temperatures")
    gradient, k21 = given["hot_spot"] - given["top_oil"], known[:, FIELDS.index("k21")]
    return np.ascontiguousarray(np.stack([given["top_oil"], k21 * gradient, (k21 - 1) * gradient], axis=1))


def _bad_values(load: Floats, ambient: Floats, row: int) -> str:
    """What is wrong with a row that the loop refused."""
    load_holds, ambient_holds = (load >= 0) & np.isfinite(load), (ambient > -273.15) & np.isfinite(ambient)
    name, values, holds, need = (
        ("ambient_degc", ambient, ambient_holds, "finite and > -273.15")
        if load_holds.all()
        else ("load_pu", load, load_holds, "finite and >= 0")
    )
    step = int(np.argmin(holds))
    return f"{name}: fails '{need}'; first at unit row {row}, step {step}: {values[step]}"
