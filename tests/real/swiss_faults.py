"""Faults planted in copies of the sound Swiss homes, with sizes that lie among those other homes' reads have.

For half of the kinds no rule is made: a rule is judged by what it was not written for, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.real.swiss import DAYS, SLOTS, Found, Homes

Floats = NDArray[np.float64]
Fault = tuple[int, int, int] | None
"""Day, first slot, slots; None where this home's reads do not allow the fault."""
Kind = Callable[[Floats, int, int, np.random.Generator], Fault]
"""Changes a home's reads, (days, 96), on a day from a slot on."""


@dataclass
class Planted:
    """Homes with faults.

    Parameters
    ----------
    where
        By kind: first channel-interval over all homes and days, and length.
    register
        (homes, days): what a register counted, Wh: the reads before the fault, for none were published. NaN for homes
        that are given none.
    """

    homes: Homes
    where: dict[str, list[tuple[int, int]]]
    register: Floats


def plant(homes: Homes, kinds: dict[str, Kind], days: tuple[int, ...], seed: int) -> Planted:
    """Each kind in homes of its own, a fault on each of the days; kinds of several days on the first and the last."""
    random = np.random.default_rng(seed)
    kwh, register = homes.kwh.copy(), np.full(homes.kwh.shape[:2], np.nan)
    where: dict[str, list[tuple[int, int]]] = {kind: [] for kind in kinds}
    for kind, mine in zip(kinds, np.array_split(random.permutation(len(kwh)), len(kinds)), strict=True):
        if kind == "register_difference":
            register[mine] = np.rint(homes.kwh[mine] * 1000).sum(axis=2)
        for home in mine:
            for day in LONG.get(kind, days):
                fault = kinds[kind](kwh[home], day, int(random.integers(8, 60)), random)
                if fault is not None:
                    where[kind].append(((int(home) * DAYS + fault[0]) * SLOTS + fault[1], fault[2]))
    return Planted(replace(homes, kwh=kwh), where, register)


@dataclass(frozen=True)
class Score:
    """How the findings of one rule and the faults of its kind meet: faults found, findings that are right."""

    faults: int
    found: int
    findings: int
    right: int

    @property
    def recall(self) -> float:
        return self.found / self.faults

    @property
    def precision(self) -> float:
        return self.right / self.findings

    def __add__(self, other: Score) -> Score:
        return Score(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        found = f"{self.faults} faults, recall {self.recall:.3f}"
        return f"{found}; {self.findings} findings, precision {self.precision:.3f}"


ALSO_RIGHT = {"above_limit": "level_change", "zero_run": "low"}
"""Rule -> another kind whose reads may well break it: raised twentyfold above the limit, lowered to zero."""


def scores(planted: Planted, found: Found, rules: Iterable[str]) -> dict[str, Score]:
    """Recall: faults that a finding of their rule overlaps. Precision: findings that overlap a fault made for it."""
    return {rule: _score(planted, found, rule) for rule in rules}


def _score(planted: Planted, found: Found, rule: str) -> Score:
    faults = planted.where[rule]
    mine = (found.table["rule"] == rule).to_numpy()
    spans = list(zip(found.start[mine], found.table["slots"][mine], strict=True))
    size = planted.homes.kwh.size
    made_for = faults + planted.where.get(ALSO_RIGHT.get(rule, ""), [])
    named, dirty = _covered(spans, size), _covered(made_for, size)
    hit = sum(named[start : start + slots].any() for start, slots in faults)
    right = sum(dirty[max(start, 0) : start + slots].any() for start, slots in spans)
    return Score(len(faults), int(hit), len(spans), int(right))


def noticed(planted: Planted, found: Found, kinds: Iterable[str]) -> dict[str, float]:
    """Share of each kind's faults that any finding overlaps."""
    named = _covered(list(zip(found.start, found.table["slots"], strict=True)), planted.homes.kwh.size)
    return {
        kind: float(np.mean([named[start : start + slots].any() for start, slots in planted.where[kind]]))
        for kind in kinds
    }


def clean(planted: Planted) -> NDArray[np.bool_]:
    """(meters, days, 96): no fault was planted there."""
    every = [fault for faults in planted.where.values() for fault in faults]
    return ~_covered(every, planted.homes.kwh.size).reshape(planted.homes.kwh.shape)


def _covered(spans: list[Any], size: int) -> NDArray[np.bool_]:
    covered = np.zeros(size, bool)
    for start, slots in spans:
        covered[max(start, 0) : start + slots] = True
    return covered


def _negative(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    home[day, slot] = -random.lognormal(-1.0, 1.0) - 0.001
    return day, slot, 1


def _above_limit(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    """One or two reads of 32 to 115 kWh, the highest that the real meters have."""
    slots = int(random.integers(1, 3))
    home[day, slot : slot + slots] = np.exp(random.uniform(np.log(32), np.log(115), slots))
    return day, slot, slots


def _spike(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    """A lone read of 6 to 20 times the day's second highest, 1.5 to 30 kWh: below any limit."""
    home[day, slot] = min(30.0, max(1.5, np.sort(home[day])[-2] * random.uniform(6, 20)))
    return day, slot, 1


def _catch_up(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    """Zeros for one to nine hours, then all that they lacked at once: no less than three usual reads."""
    slots = int(random.integers(5, 37))
    lacked = home[day, slot : slot + slots].sum()
    if lacked < max(0.4, 3 * home[day, slot + slots]):
        return None
    home[day, slot + slots - 1] = lacked
    home[day, slot : slot + slots - 1] = 0.0
    return day, slot, slots


def _flat_run(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    """A read that stays for four to nine hours."""
    slots = int(random.integers(16, 36))
    if home[day, slot] < 0.025:
        return None
    home[day, slot : slot + slots] = home[day, slot]
    return day, slot, slots


def _missing(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    slots = int(random.integers(1, 36))
    home[day, slot : slot + slots] = np.nan
    return day, slot, slots


def _level_change(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    """Six days with a current transformer's factor applied or left out, 10 to 60, of a home that is lived in."""
    if np.median(home[day - 14 : day].sum(axis=1)) < 6.0:
        return None
    home[day : day + 6] *= random.uniform(10, 40) if random.random() < 0.5 else 1 / random.uniform(20, 60)
    return day, 0, 6 * SLOTS


def _zero_day(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    """A meter that counts nothing from the first day on; a week has to go before."""
    home[:] = 0.0
    return 7, 0, (DAYS - 7) * SLOTS


def _register_difference(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    """Two to eight hours, of 1 kWh or more, that lack 20 to 70 % of what the register counted."""
    slots = int(random.integers(8, 33))
    if home[day, slot : slot + slots].sum() < 1:
        return None
    home[day, slot : slot + slots] *= random.uniform(0.3, 0.8)
    return day, 0, SLOTS


def _zero_run(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
    """Zeros for one and a half to twelve hours, of a home that has none."""
    slots = int(random.integers(6, 49))
    if (home == 0).any():
        return None
    home[day, slot : slot + slots] = 0.0
    return day, slot, slots


def _scaled(low: float, high: float) -> Kind:
    def change(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
        home[day] *= random.uniform(low, high)
        return (day, 0, SLOTS) if home[day].any() else None

    return change


def _of_day(change: Callable[[Floats, Floats, np.random.Generator], Floats]) -> Kind:
    """A fault of a whole day, from that day's reads and those of the day before."""

    def changed(home: Floats, day: int, slot: int, random: np.random.Generator) -> Fault:
        home[day] = change(home[day], home[day - 1], random)
        return day, 0, SLOTS

    return changed


WITH_RULE: dict[str, Kind] = {
    "negative": _negative, "above_limit": _above_limit, "spike": _spike, "catch_up": _catch_up, "flat_run": _flat_run,
    "missing": _missing, "level_change": _level_change, "zero_day": _zero_day,
    "register_difference": _register_difference,
}  # fmt: skip
"""Each by the name of its rule; no baseline is needed."""
WITHOUT_RULE: dict[str, Kind] = {
    "phase_lost": _scaled(0.6, 0.75),
    "one_slot_late": _of_day(lambda now, before, random: np.append(before[-1], now[:-1])),
    "noise": _of_day(lambda now, before, random: now * random.uniform(0.7, 1.3, SLOTS)),
    "day_repeated": _of_day(lambda now, before, random: before),
    "hourly_means": _of_day(lambda now, before, random: np.repeat(now.reshape(24, 4).mean(axis=1), 4)),
    "cut_off": _of_day(lambda now, before, random: np.minimum(now, np.quantile(now, 0.8))),
    "offset": _of_day(lambda now, before, random: now + max(0.005, 0.3 * now.mean())),
    "time_reversed": _of_day(lambda now, before, random: now[::-1].copy()),
    "slow_meter": _scaled(0.88, 0.95),
}
WITH_BASELINE: dict[str, Kind] = {"zero_run": _zero_run, "high": _scaled(3, 8), "low": _scaled(0.01, 0.15)}
LONG: dict[str, tuple[int, ...]] = {"level_change": (16, 35), "zero_day": (0,)}
"""Days on which faults that last begin."""
