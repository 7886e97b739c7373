"""True load of every usage point, day by day: SimBench's usual shapes with a life of its own behind every meter.

The constants of homes were fitted to the coincidence, load factor and autocorrelation of measured Swiss homes
(DESIGN, section 10); ``tests/unit/test_sample_calibration.py`` measures them on what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.days import AHEAD, RESTING
from jobs.sample.seeds import generator
from jobs.sample.shapes import Shapes
from jobs.sample.simbench import DAYS, SLOTS, YEAR_FIRST
from jobs.sample.sun import Sun

Float = NDArray[np.float32]
Int = NDArray[np.int64]

_APPLIANCE = (1.0, 0.75)  # a large appliance runs one slot in full and part of the next
_MULTIPLE = {"household": (7.3, 0.3), "household_heat": (2.3, 0.3)}  # its power over the home's mean: median, log sd
_APPLIANCE_SHARE = {"household": (0.25, 0.5), "household_heat": (0.2, 0.4)}  # of the home's energy
_BASE_SHARE = {"household": (0.075, 0.225), "household_heat": (0.15, 0.35)}  # of the home's energy, at every hour
_DAY_SPREAD = 0.35  # log standard deviation of a home's energy from day to day
_HABIT_SHIFT = 5  # standard deviation, slots, by which a home's day runs earlier or later than the usual
_MAX_SHIFT = 16
_BUSINESS_NOISE, _BUSINESS_SHIFT = 0.12, 2  # of the load itself; slots
_HEAT_RUNNING = 0.6  # running power of a heat pump over its rated power
_HEAT_FLAT = 0.6  # share of a day's heat that does not follow SimBench's tariff hours
_HEAT_SHIFT = 8
_CHARGER_KW = (1.0, 1.5)  # home chargers are throttled by the network operator
_CHARGES_PER_DAY = 0.6
_CHARGE_START = (80.0, 10.0)  # habit of a home, slot of its wall clock: mean, standard deviation over homes
_OWN_USE = 0.002  # of a generator's rating, when it stands still
_GENERATOR_REACTIVE = 0.03  # of a generator's rating: its transformer and cables


@dataclass(frozen=True)
class Day:
    """True power of one grid day, usage points × slots."""

    net_kw: Float  # from the grid, negative into it
    reactive_kvar: Float  # from the grid, negative into it; 0 where it is not metered


class LoadModel:
    """Loads of all usage points of a plan; a day depends on the seed and the day alone."""

    def __init__(self, plan: pd.DataFrame, shapes: Shapes, seed: int) -> None:
        self.seed, self.size = seed, len(plan)
        self._homes = [
            _Homes(plan, shapes, seed, name)
            for name in ("household", "household_heat")
            if (plan["customer_class"] == name).any()
        ]
        self._business = _Businesses(plan, shapes, seed)
        self._heat = _HeatPumps(plan, shapes, seed)
        self._charger = _Chargers(plan, seed)
        self.sun = Sun(plan, shapes, seed)
        self._generator = _Generators(plan, shapes, seed)

    def days(self, first: date, end: date) -> list[Day]:
        """The grid days of a span, in order.

        A battery starts a day with what the day before, begun empty, left in it, so each day can be made alone.
        """
        before = first - timedelta(days=1)
        previous = self._without_battery(before) if before >= YEAR_FIRST else None
        result = []
        day = first
        while day < end:
            load, reactive = self._without_battery(day)
            result.append(Day(self.sun.net(load, previous[0] if previous else None, day), reactive))
            previous = load, reactive
            day += timedelta(days=1)
        return result

    def _without_battery(self, day: date) -> tuple[Float, Float]:
        """Load less plain generation at medium voltage, before PV and batteries."""
        index = (day - YEAR_FIRST).days
        if not 0 <= index < DAYS:
            raise ValueError(f"{day} is outside SimBench's year 2016")
        rng = generator(self.seed, "loads", day)
        load = np.zeros((self.size, SLOTS), np.float32)
        reactive = np.zeros((self.size, SLOTS), np.float32)
        for homes in self._homes:
            load[homes.rows] = homes.day(index, rng)
        load[self._business.rows], reactive[self._business.rows] = self._business.day(index, rng)
        load[self._heat.rows] += self._heat.day(index, rng)
        load[self._charger.rows] += self._charger.day(index, rng)
        output, own_reactive = self._generator.day(index, rng)
        load[self._generator.rows] -= output
        reactive[self._generator.rows] += own_reactive
        return load, reactive


class _Homes:
    def __init__(self, plan: pd.DataFrame, shapes: Shapes, seed: int, customer_class: str) -> None:
        rng = generator(seed, customer_class)
        self.rows: Int = np.flatnonzero(plan["customer_class"] == customer_class)
        home = plan.iloc[self.rows]
        names = sorted(shapes.home)
        self._usual = np.stack([shapes.home[name] for name in names])
        self._crowd = np.stack([shapes.crowd[name] for name in names])
        profile = home["profile"].map({name: i for i, name in enumerate(names)}).to_numpy()
        n = len(home)
        shift = np.clip(np.rint(rng.normal(0, _HABIT_SHIFT, n)), -_MAX_SHIFT, _MAX_SHIFT).astype(np.int64)
        self._course = profile * (2 * _MAX_SHIFT + 1) + shift + _MAX_SHIFT
        self._mean_kw = (home["load_kw"] * home["profile"].map(shapes.home_mean)).to_numpy(np.float32)[:, np.newaxis]
        median, spread = _MULTIPLE[customer_class]
        self._appliance = np.exp(rng.normal(np.log(median), spread, (n, 1))).astype(np.float32)
        share = rng.uniform(*_APPLIANCE_SHARE[customer_class], (n, 1)).astype(np.float32)
        self._chance = share / (self._appliance * sum(_APPLIANCE))
        self._base = rng.uniform(*_BASE_SHARE[customer_class], (n, 1)).astype(np.float32)
        self._activity = 1 - share - self._base

    def day(self, index: int, rng: np.random.Generator) -> Float:
        """Base load, small appliances that come and go, and large ones that run now and then."""
        n = len(self.rows)
        usual, crowd = (_all_shifts(year[:, index])[self._course] for year in (self._usual, self._crowd))
        of_day = np.exp(rng.normal(-(_DAY_SPREAD**2) / 2, _DAY_SPREAD, (n, 1))).astype(np.float32)
        noise = rng.standard_exponential((n, SLOTS + 2), dtype=np.float32)
        load = 0.5 * noise[:, 1:-1]
        load += 0.25 * noise[:, :-2]
        load += 0.25 * noise[:, 2:]
        load *= usual
        load *= self._activity * of_day
        load += self._base
        crowd *= self._chance * of_day
        started = np.where(rng.random((n, SLOTS), dtype=np.float32) < crowd, self._appliance, np.float32(0))
        load += _APPLIANCE[0] * started
        load[:, 1:] += np.float32(_APPLIANCE[1]) * started[:, :-1]
        load *= self._mean_kw
        return load


class _Businesses:
    def __init__(self, plan: pd.DataFrame, shapes: Shapes, seed: int) -> None:
        rng = generator(seed, "business")
        self.rows: Int = np.flatnonzero(plan["customer_class"].isin(["business", "farm"]))
        business = plan.iloc[self.rows]
        names = sorted(shapes.business)
        self._year = np.stack([shapes.business[name] for name in names])
        self._reactive_year = np.stack([shapes.business_reactive[name] for name in names])
        self._profile = business["profile"].map({name: i for i, name in enumerate(names)}).to_numpy()
        n = len(business)
        self._weeks = rng.integers(-1, 2, n)
        self._shift = rng.integers(-_BUSINESS_SHIFT, _BUSINESS_SHIFT + 1, n)
        self._kw = business["load_kw"].to_numpy(np.float32)[:, np.newaxis]
        self._kvar = np.where(business["reactive"], business["load_kvar"], 0.0).astype(np.float32)[:, np.newaxis]

    def day(self, index: int, rng: np.random.Generator) -> tuple[Float, Float]:
        """The profile of this weekday one week earlier or later, noisy, never above its own peak.

        A holiday is its own, and no other day is like one.
        """
        n = len(self.rows)
        other = index + 7 * self._weeks
        other = np.where((other < 0) | (other >= DAYS), index, other)
        day = np.where(RESTING[index] | RESTING[other], index, other)
        shift = self._shift + AHEAD[day] - AHEAD[index]
        slot = (np.arange(SLOTS) - shift[:, np.newaxis]) % SLOTS
        day = day[:, np.newaxis]
        profile = self._profile[:, np.newaxis]
        noise = rng.standard_normal((n, SLOTS + 2), dtype=np.float32)
        factor = 1 + np.float32(_BUSINESS_NOISE / np.sqrt(3)) * (noise[:, :-2] + noise[:, 1:-1] + noise[:, 2:])
        shape = np.clip(self._year[profile, day, slot] * factor, 0, 1)
        return shape * self._kw, self._reactive_year[profile, day, slot] * factor * self._kvar


class _HeatPumps:
    def __init__(self, plan: pd.DataFrame, shapes: Shapes, seed: int) -> None:
        rng = generator(seed, "heat pump")
        self.rows: Int = np.flatnonzero(plan["heat_kw"] > 0)
        home = plan.iloc[self.rows]
        names = sorted(shapes.heat_day)
        self._daily = np.stack([shapes.heat_day[name] for name in names])
        self._usual = np.stack([shapes.heat_usual[name] for name in names])
        profile = home["heat_profile"].map({name: i for i, name in enumerate(names)}).to_numpy(np.int64)
        n = len(home)
        self._profile = profile
        shift = np.clip(np.rint(rng.normal(0, _HEAT_SHIFT, n)), -_MAX_SHIFT, _MAX_SHIFT).astype(np.int64)
        self._course = profile * (2 * _MAX_SHIFT + 1) + shift + _MAX_SHIFT
        self._kw = home["heat_kw"].to_numpy(np.float32)[:, np.newaxis]
        self._running = self._kw * (_HEAT_RUNNING * rng.uniform(0.85, 1.15, (n, 1))).astype(np.float32)
        self._phase = rng.integers(0, 2, n)

    def day(self, index: int, rng: np.random.Generator) -> Float:
        """The day's heat in runs of half an hour at running power, more of them where the usual day has more."""
        n = len(self.rows)
        usual = _all_shifts(self._usual[:, index])[self._course]
        of_day = np.exp(rng.normal(-0.02, 0.2, (n, 1))).astype(np.float32)
        demand = (
            self._kw
            * self._daily[self._profile, index][:, np.newaxis]
            * of_day
            * (_HEAT_FLAT + (1 - _HEAT_FLAT) * usual)
        )
        draw = np.repeat(rng.random((n, SLOTS // 2 + 1), dtype=np.float32), 2, axis=1)
        draw = np.where(self._phase[:, np.newaxis] == 1, draw[:, 1:-1], draw[:, :-2])
        share = demand / self._running
        return np.where(share > 1, demand, np.where(draw < share, self._running, np.float32(0)))


class _Chargers:
    def __init__(self, plan: pd.DataFrame, seed: int) -> None:
        rng = generator(seed, "charger")
        self.rows: Int = np.flatnonzero(plan["charger_kw"] > 0)
        home = plan.iloc[self.rows]
        n = len(home)
        at_home = home["customer_class"].to_numpy() == "household_heat"
        limited = np.minimum(home["charger_kw"].to_numpy(), rng.uniform(*_CHARGER_KW, n))
        self._kw = np.where(at_home, limited, home["charger_kw"]).astype(np.float32)
        self._slots = (
            home["charger_mean_kw"].to_numpy() * SLOTS / _CHARGES_PER_DAY / self._kw
        )  # of a charge, on average
        self._start = np.where(at_home, rng.normal(*_CHARGE_START, n), rng.uniform(32, 64, n))

    def day(self, index: int, rng: np.random.Generator) -> Float:
        """At most one charge a day; what runs past midnight is taken in the morning."""
        n = len(self.rows)
        length = np.where(rng.random(n) < _CHARGES_PER_DAY, self._slots * rng.gamma(6, 1 / 6, n), 0.0)[:, np.newaxis]
        start = np.rint(self._start + rng.normal(0, 4, n)).astype(np.int64)[:, np.newaxis] - AHEAD[index]
        since = (np.arange(SLOTS) - start) % SLOTS
        charged: Float = (np.clip(length - since, 0, 1) * self._kw[:, np.newaxis]).astype(np.float32)
        return charged


class _Generators:
    """Generators with a connection of their own, at medium voltage."""

    def __init__(self, plan: pd.DataFrame, shapes: Shapes, seed: int) -> None:
        rng = generator(seed, "generator")
        self.rows: Int = np.flatnonzero(plan["generation_kw"] > 0)
        own = plan.iloc[self.rows]
        self._year = [shapes.generation[name].ravel() for name in own["profile"]]
        self._kw = own["generation_kw"].to_numpy(np.float32)[:, np.newaxis]
        self._shift = np.where(own["profile"].str.startswith("WP"), rng.integers(-4, 5, len(own)), 0)
        self._site = rng.uniform(0.9, 1.0, (len(own), 1)).astype(np.float32)

    def day(self, index: int, rng: np.random.Generator) -> tuple[Float, Float]:
        """Output less own use, and reactive power taken from the grid."""
        n = len(self.rows)
        at = (np.arange(SLOTS) + index * SLOTS + self._shift[:, np.newaxis]) % (DAYS * SLOTS)
        shape = (
            np.stack([year[slots] for year, slots in zip(self._year, at, strict=True)]) if n else np.zeros((0, SLOTS))
        )
        noise = 1 + 0.02 * rng.standard_normal((n, SLOTS), dtype=np.float32)
        output = np.clip(shape * noise, 0, 1).astype(np.float32) * self._site * self._kw
        own_use = _OWN_USE * self._kw * rng.uniform(0.8, 1.2, (n, SLOTS)).astype(np.float32)
        return output - own_use, _GENERATOR_REACTIVE * self._kw + 0.05 * output


def _all_shifts(course: Float) -> Float:
    """Each course of a day rolled by every shift, as rows: a gather from them is cheaper than a roll each."""
    shifts = range(-_MAX_SHIFT, _MAX_SHIFT + 1)
    return np.stack([np.roll(course, shift, axis=1) for shift in shifts], axis=1).reshape(-1, SLOTS)
