"""Year shapes to draw loads and generation from: what SimBench's profiles say is usual, without their accidents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.sample.days import KIND, at_wall_time_of
from jobs.sample.simbench import DAYS, SLOTS, read_shapes

HEAT_PUMPS = tuple(
    f"{kind}_{n}"
    for kind in ("Air_Alternative", "Air_Parallel", "Air_Semi-Parallel", "Soil_Alternative")
    for n in (1, 2)
)
PV = tuple(f"PV{n}" for n in range(1, 9))
CONCENTRATION = 2.5
"""Power of the usual day by which large appliances crowd at its peak; fitted to the coincidence of 50 Swiss homes."""
_HABIT_DAYS, _HABIT_SLOTS = 21, 7  # what is usual: days of the same type within three weeks, smoothed over 1 3/4 h
_HEAT_DAYS, _HEAT_SLOTS = 10, 9


@dataclass(frozen=True)
class Shapes:
    """Shapes by name, each days × slots of the year."""

    home: dict[str, NDArray[np.float32]]  # usual day of a home, mean of the year 1
    crowd: dict[str, NDArray[np.float32]]  # the same, crowded at its peaks
    home_mean: dict[str, float]  # mean of SimBench's profile, per unit of its pLoad
    business: dict[str, NDArray[np.float32]]  # active load per unit of pLoad
    business_reactive: dict[str, NDArray[np.float32]]  # reactive load per unit of qLoad
    heat_day: dict[str, NDArray[np.float32]]  # mean of each day, per unit of a heat pump's pLoad
    heat_usual: dict[str, NDArray[np.float32]]  # usual course of the day, mean of each day 1
    charger_mean: dict[str, float]  # mean of a charger, per unit of its pLoad
    generation: dict[str, NDArray[np.float32]]  # output per unit of rated power


def read_year(loads: set[str], generation: set[str], whole_systems: set[str]) -> Shapes:
    """Shapes of the profiles that an area's loads, generators and whole PV-and-battery systems name."""
    heat = sorted(set(HEAT_PUMPS) | {name for name in loads if name.startswith(("Air", "Soil"))})
    chargers = sorted(name for name in loads if name.startswith(("HLS", "APLS")))
    homes = sorted(name for name in loads if name.startswith("H0"))
    businesses = sorted(loads - set(heat) - set(chargers) - set(homes))
    active = read_shapes("LoadProfile", [f"{name}_pload" for name in heat + chargers + homes + businesses])
    reactive = read_shapes("LoadProfile", [f"{name}_qload" for name in businesses])
    output = read_shapes("RESProfile", sorted(generation | set(PV)))
    if whole_systems:
        output |= read_shapes("StorageProfile", sorted(whole_systems))
    usual = {name: _usual(active[f"{name}_pload"]) for name in homes}
    return Shapes(
        home=usual,
        crowd={name: _crowded(shape) for name, shape in usual.items()},
        home_mean={name: float(active[f"{name}_pload"].mean()) for name in homes},
        business={name: active[f"{name}_pload"] for name in businesses},
        business_reactive={name: reactive[f"{name}_qload"] for name in businesses},
        heat_day={name: active[f"{name}_pload"].mean(axis=1) for name in heat},
        heat_usual={name: _heat_usual(active[f"{name}_pload"]) for name in heat},
        charger_mean={name: float(active[f"{name}_pload"].mean()) for name in chargers},
        generation=output,
    )


def _usual(year: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = np.stack([_near(year, day, _HABIT_DAYS, of_kind=True) for day in range(DAYS)])
    smooth = _smoothed(mean.ravel(), _HABIT_SLOTS).reshape(DAYS, SLOTS)
    usual: NDArray[np.float32] = (smooth / smooth.mean()).astype(np.float32)
    return usual


def _near(year: NDArray[np.float32], day: int, days: int, *, of_kind: bool = False) -> NDArray[np.float32]:
    """Mean of the days (of its kind) around one, at its wall time."""
    near = slice(max(0, day - days), day + days + 1)
    moved = at_wall_time_of(year[near], near, day)
    mean: NDArray[np.float32] = (moved[KIND[near] == KIND[day]] if of_kind else moved).mean(axis=0)
    return mean


def _crowded(usual: NDArray[np.float32]) -> NDArray[np.float32]:
    """The usual day to a power, with each day's mean kept: energy stays, and crowds where it is most."""
    power = usual**CONCENTRATION
    crowded: NDArray[np.float32] = power * (usual.mean(axis=1) / power.mean(axis=1))[:, np.newaxis]
    return crowded


def _heat_usual(year: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = np.stack([_near(year, day, _HEAT_DAYS) for day in range(DAYS)])
    smooth = _smoothed(mean.ravel(), _HEAT_SLOTS).reshape(DAYS, SLOTS) + 1e-6  # no heat in summer leaves no course
    usual: NDArray[np.float32] = (smooth / smooth.mean(axis=1, keepdims=True)).astype(np.float32)
    return usual


def _smoothed(values: NDArray[np.float32], slots: int) -> NDArray[np.float32]:
    padded = np.pad(values, slots // 2, mode="edge")
    return np.convolve(padded, np.full(slots, 1 / slots, np.float32), "valid")
