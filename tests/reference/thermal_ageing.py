"""Top-oil, hot-spot and ageing of one unit as IEC 60076-7 writes them: solved exactly, and by its own differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Unit:
    x: float
    y: float
    k11: float
    k21: float
    k22: float
    tau_o: float
    tau_w: float
    R: float
    top_oil_rise: float
    hot_spot_rise: float


DISTRIBUTION = Unit(0.8, 1.6, 1.0, 1.0, 2.0, 180.0, 4.0, 5.0, 55.0, 23.0)
ONAN = Unit(0.8, 1.3, 0.5, 2.0, 2.0, 210.0, 10.0, 6.0, 52.0, 26.0)
ONAF = Unit(0.8, 1.3, 0.5, 2.0, 2.0, 150.0, 7.0, 6.0, 52.0, 26.0)
OF = Unit(1.0, 1.3, 1.0, 1.3, 1.0, 90.0, 7.0, 6.0, 56.0, 22.0)
OD = Unit(1.0, 2.0, 1.0, 1.0, 1.0, 90.0, 7.0, 6.0, 49.0, 29.0)
"""Of the standard: exponents, constants and time constants of table 4; R and the rises of its examples."""
UNITS = {"distribution": DISTRIBUTION, "onan": ONAN, "onaf": ONAF, "of": OF, "od": OD}

State = tuple[float, float, float]
"""theta_o, h1, h2: the hot-spot is theta_o + h1 - h2."""


def steady(unit: Unit, load: float, ambient: float) -> State:
    """Where everything tends to."""
    top_oil = ambient + unit.top_oil_rise * ((1 + unit.R * load**2) / (1 + unit.R)) ** unit.x
    gradient = unit.hot_spot_rise * load**unit.y
    return top_oil, unit.k21 * gradient, (unit.k21 - 1) * gradient


def time_constants(unit: Unit) -> State:
    return unit.k11 * unit.tau_o, unit.k22 * unit.tau_w, unit.tau_o / unit.k22


def after(unit: Unit, state: State, load: float, ambient: float, minutes: float) -> State:
    """The state so many minutes later under a constant load and ambient."""
    oil, h1, h2 = (
        end + (now - end) * exp(-minutes / tau)
        for now, end, tau in zip(state, steady(unit, load, ambient), time_constants(unit), strict=True)
    )
    return oil, h1, h2


def by_differences(unit: Unit, state: State, load: float, ambient: float, minutes: float, dt: float) -> State:
    """The same by the standard's difference equations, which want a step of at most half the smallest time constant."""
    oil, h1, h2 = state
    oil_end, h1_end, h2_end = steady(unit, load, ambient)
    oil_tau, h1_tau, h2_tau = time_constants(unit)
    for _ in range(round(minutes / dt)):
        oil += dt / oil_tau * (oil_end - oil)
        h1 += dt / h1_tau * (h1_end - h1)
        h2 += dt / h2_tau * (h2_end - h2)
    return oil, h1, h2


def hot_spot(state: State) -> float:
    oil, h1, h2 = state
    return oil + h1 - h2


def ageing_rate(hot_spot_degc: float, upgraded: bool) -> float:
    if upgraded:
        return exp(15000 / (110 + 273) - 15000 / (hot_spot_degc + 273))
    return float(2 ** ((hot_spot_degc - 98) / 6))


def course(
    unit: Unit,
    loads: Sequence[float],
    ambients: Sequence[float],
    minutes: float,
    pieces: int,
    start: State | None = None,
) -> tuple[Floats, Floats]:
    """Top-oil and hot-spot in the middle of each of so many pieces of every step, (steps, pieces)."""
    state = steady(unit, loads[0], ambients[0])
    top_oil, hottest = np.empty((len(loads), pieces)), np.empty((len(loads), pieces))
    for step, (load, ambient) in enumerate(zip(loads, ambients, strict=True)):
        for piece in range(pieces):
            there = after(unit, state, load, ambient, (piece + 0.5) * minutes / pieces)
            top_oil[step, piece], hottest[step, piece] = there[0], hot_spot(there)
        state = after(unit, state, load, ambient, minutes)
    return top_oil, hottest
