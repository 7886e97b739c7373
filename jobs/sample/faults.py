"""Planted faults: what goes wrong between a meter and its head-end, with sizes that overlap natural values.

For about half of the kinds no validation rule is made: rules are to be judged on what they were not written for too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.metering import HOURLY, TEN_MINUTE
from jobs.sample.seeds import generator
from jobs.sample.simbench import SLOTS, YEAR_FIRST

Int32 = NDArray[np.int32]
EVENTS_PER_CHANNEL_DAY = 0.008  # with faults of several days, about 1 % of channel-days are touched
_LONGEST = 20  # days


class View(NamedTuple):
    """What a fault works on: one channel's true day and the day before, and its limit in a quarter-hour."""

    true: Int32
    before: Int32
    partner: Int32  # another meter's day
    limit: float
    home: bool  # homes live by small and uneven loads, businesses by large and steady ones
    rng: np.random.Generator


class Change(NamedTuple):
    """What is delivered: the day, which slots are missing, and where the fault lies."""

    delivered: Int32
    missing: NDArray[np.bool_]
    first_slot: int
    slots: int


@dataclass(frozen=True)
class Kind:
    """One kind of fault: how it changes each of its days, counted from 0."""

    change: Callable[[View, int, int], Change | None]
    has_rule: bool
    days: tuple[int, int] = (1, 1)
    weight: float = 1.0
    among: Literal["all", "registered", "heat", "business"] = "all"  # channels on which the kind can show


@dataclass(frozen=True)
class Event:
    """A fault that starts on a day at a channel: ``size`` seeds its draws on each of its days."""

    row: int
    kind: str
    first_day: date
    days: int
    size: int


class Faults:
    """The faults of all channels: drawn on the day they start, so a grid day has the same in any span."""

    def __init__(self, channels: pd.DataFrame, seed: int) -> None:
        self.channels, self._seed = channels, seed
        possible = ~channels["source"].isin([HOURLY, TEN_MINUTE]) & (channels["code"] < 2)
        among = {
            "all": possible,
            "registered": possible & channels["with_register"],
            "heat": possible & (channels["customer_class"] == "household_heat"),
            "business": possible & channels["customer_class"].isin(["business", "farm"]),
        }
        self._rows = {name: np.flatnonzero(rows) for name, rows in among.items()}
        self._drawn: dict[date, list[Event]] = {}

    def on(self, day: date) -> list[Event]:
        """The faults that touch a grid day, at most one a channel: the one that started first."""
        days = [d for n in range(_LONGEST + 1) if (d := day - timedelta(days=n)) >= YEAR_FIRST]
        by_row: dict[int, Event] = {}
        for start in reversed(days):
            for event in self._starting(start):
                if (day - start).days < event.days:
                    by_row.setdefault(event.row, event)
        return list(by_row.values())

    def _starting(self, day: date) -> list[Event]:
        if day not in self._drawn:
            rng = generator(self._seed, "fault", day)
            names = list(KINDS)
            weight = np.array([kind.weight for kind in KINDS.values()])
            number = rng.poisson(EVENTS_PER_CHANNEL_DAY * len(self._rows["all"]))
            events = []
            for kind in rng.choice(len(names), number, p=weight / weight.sum()):
                low, high = KINDS[names[kind]].days
                rows = self._rows[KINDS[names[kind]].among]
                at, days, size = rng.random(), int(rng.integers(low, high + 1)), int(rng.integers(2**31))
                if len(rows):
                    events.append(Event(int(rows[int(at * len(rows))]), names[kind], day, days, size))
            self._drawn[day] = events
        return self._drawn[day]


def planted(faults: Faults, day: date, true: Int32, before: Int32, unfit: set[int]) -> Iterator[tuple[Event, Change]]:
    """The faults of a day and what is then delivered, but on the channels ``unfit``; arrays as for `plant`."""
    for event in faults.on(day):
        if event.row not in unfit:
            change = plant(event, faults.channels, day, true, before)
            if change is not None:
                yield event, change


def plant(event: Event, channels: pd.DataFrame, day: date, true: Int32, before: Int32) -> Change | None:
    """What the event's channel delivers on a day; None where it cannot be planted on such a day.

    Parameters
    ----------
    true, before
        Channels × slots, of the day and of the day before.
    """
    kind = KINDS[event.kind]
    rng = np.random.default_rng(event.size)
    own = channels.iloc[event.row]
    step = max(own["multiplier"] / 10, 1)
    partners = np.flatnonzero((channels["source"] == own["source"]) & (channels["code"] == own["code"]))
    partner = true[partners[rng.integers(len(partners))]]
    view = View(
        true[event.row].copy(),
        before[event.row],
        partner,
        own["limit_kw"] * 250,
        own["customer_class"].startswith("household"),
        rng,
    )
    change = kind.change(view, (day - event.first_day).days, event.days)
    if change is None:
        return None
    delivered = (np.rint(change.delivered / step) * step).astype(np.int32)
    if not change.missing.any() and np.array_equal(delivered, true[event.row]):
        return None
    return change._replace(delivered=delivered)


def _where(values: NDArray[np.bool_]) -> tuple[int, int]:
    at = np.flatnonzero(values)
    return int(at[0]), int(at[-1] - at[0] + 1)


def _changed(view: View, values: NDArray[np.floating[Any]] | Int32) -> Change | None:
    """A change of the whole day, as far as it changes anything."""
    values = np.rint(values).astype(np.int32)
    differs = values != view.true
    return Change(values, np.zeros(SLOTS, bool), *_where(differs)) if differs.any() else None


def _run(view: View, shortest: int, longest: int) -> slice:
    length = int(np.exp(view.rng.uniform(np.log(shortest), np.log(longest + 1))))
    first = int(view.rng.integers(0, SLOTS - length + 1))
    return slice(first, first + length)


def _of_run(view: View, run: slice, values: NDArray[np.floating[Any]] | Int32 | float) -> Change:
    delivered = view.true.astype(np.float64)
    delivered[run] = values
    return Change(np.rint(delivered).astype(np.int32), np.zeros(SLOTS, bool), run.start, run.stop - run.start)


def _missing(view: View, day: int, days: int) -> Change | None:
    run = _run(view, 1, SLOTS)
    missing = np.zeros(SLOTS, bool)
    missing[run] = True
    return Change(np.where(missing, 0, view.true).astype(np.int32), missing, run.start, run.stop - run.start)


def _negative(view: View, day: int, days: int) -> Change | None:
    run = _run(view, 1, 4)
    return _of_run(view, run, -np.maximum(view.true[run], 2))


def _above_limit(view: View, day: int, days: int) -> Change | None:
    run = _run(view, 1, 2)
    return _of_run(view, run, view.limit * view.rng.uniform(1.2, 4))


def _spike(view: View, day: int, days: int) -> Change | None:
    third = np.sort(view.true)[-3]
    size = max(third * view.rng.uniform(4.8, 15), (1250 if view.home else 6250) * view.rng.uniform(0.95, 2))
    return None if third < 20 or size > view.limit else _of_run(view, _run(view, 1, 1), size)


def _catch_up(view: View, gap: bool) -> Change | None:
    run = _run(view, 5, 48)
    if run.stop >= SLOTS or view.true[run].sum() < max(400, 3 * view.true[run.stop]):
        return None
    delivered = view.true.copy()
    delivered[run] = 0
    delivered[run.stop] += view.true[run].sum()
    missing = np.zeros(SLOTS, bool)
    missing[run] = gap
    return Change(delivered, missing, run.start, run.stop - run.start + 1)


def _catch_up_over_midnight(view: View, day: int, days: int) -> Change | None:
    """A zero run from the evening of the first day to the small hours of the second, then all of it at once."""
    start, stop = int(view.rng.integers(72, SLOTS)), int(view.rng.integers(1, 24))
    if day == 0:
        return _of_run(view, slice(start, SLOTS), 0.0) if view.true[start:].any() else None
    delivered = view.true.copy()
    delivered[:stop] = 0
    delivered[stop] += view.before[start:].sum() + view.true[:stop].sum()
    return Change(delivered, np.zeros(SLOTS, bool), 0, stop + 1)


def _scaled(low: float, high: float) -> Callable[[View, int, int], Change | None]:
    def change(view: View, day: int, days: int) -> Change | None:
        factor = view.rng.uniform(low, high)
        if view.true.sum() < 1500 or view.true.max() * factor > view.limit:
            return None
        return _changed(view, view.true * factor)

    return change


def _level(view: View, day: int, days: int) -> Change | None:
    factor = 1 / view.rng.uniform(9, 25) if view.rng.random() < 0.5 else view.rng.uniform(3.8, 8)
    return _changed(view, np.minimum(view.true * factor, view.limit))


def _flat(view: View, day: int, days: int) -> Change | None:
    run = _run(view, 17, 80) if view.home else _run(view, 49, SLOTS)
    value = view.true[run.start]
    return _of_run(view, run, float(value)) if value >= (25 if view.home else 250) else None


def _zero(view: View, day: int, days: int) -> Change | None:
    run = _run(view, 6, 80) if view.home else _run(view, 17, 80)
    return _of_run(view, run, 0.0) if (view.true[run] > 0).all() else None


def _register(view: View, day: int, days: int) -> Change | None:
    run = _run(view, 8, 32)
    return _of_run(view, run, view.true[run] * view.rng.uniform(0.3, 0.8)) if view.true[run].sum() > 500 else None


def _drift(view: View, day: int, days: int) -> Change | None:
    return _changed(view, np.roll(np.concatenate([view.before, view.true]), int(view.rng.integers(4, 13)))[SLOTS:])


def _one_slot(view: View, day: int, days: int) -> Change | None:
    return _changed(view, np.roll(view.true, 1))


def _noise(view: View, day: int, days: int) -> Change | None:
    return _changed(view, view.true * view.rng.uniform(0.7, 1.3, SLOTS))


def _stuck_bits(view: View, day: int, days: int) -> Change | None:
    return _changed(view, view.true | 15)


def _partner(view: View, day: int, days: int) -> Change | None:
    return _changed(view, np.minimum(view.partner, view.limit))


def _repeated(view: View, day: int, days: int) -> Change | None:
    return _changed(view, view.before)


def _averaged(view: View, day: int, days: int) -> Change | None:
    return _changed(view, np.repeat(view.true.reshape(24, 4).mean(axis=1), 4))


def _cut_off(view: View, day: int, days: int) -> Change | None:
    return _changed(view, np.minimum(view.true, np.quantile(view.true, 0.8)))


def _offset(view: View, day: int, days: int) -> Change | None:
    return _changed(view, view.true + max(5.0, view.true.mean() * 0.3))


def _reversed(view: View, day: int, days: int) -> Change | None:
    return _changed(view, view.true[::-1])


def _doubled(view: View, day: int, days: int) -> Change | None:
    pairs = view.true.reshape(48, 2).sum(axis=1)
    return _changed(view, np.stack([np.zeros(48), pairs], axis=1).ravel())


KINDS: dict[str, Kind] = {
    "missing": Kind(_missing, True, weight=2.0),
    "negative": Kind(_negative, True),
    "above_limit": Kind(_above_limit, True),
    "spike": Kind(_spike, True, weight=1.5),
    "catch_up_after_gap": Kind(lambda view, day, days: _catch_up(view, True), True),
    "catch_up_after_zero": Kind(lambda view, day, days: _catch_up(view, False), True),
    "catch_up_over_midnight": Kind(_catch_up_over_midnight, True, (2, 2), 0.5),
    "high": Kind(_scaled(3, 8), True),
    "low": Kind(_scaled(0.01, 0.12), True),
    "level_change": Kind(_level, True, (10, _LONGEST), 0.4, "heat"),
    "flat_run": Kind(_flat, True, weight=2.0),
    "zero_run": Kind(_zero, True),
    "register_difference": Kind(_register, True, among="registered"),
    "clock_drift": Kind(_drift, True, (5, 10), 1.0, "business"),
    "phase_lost": Kind(_scaled(0.6, 0.75), False),
    "one_slot_late": Kind(_one_slot, False),
    "noise": Kind(_noise, False),
    "stuck_bits": Kind(_stuck_bits, False),
    "other_meter": Kind(_partner, False),
    "day_repeated": Kind(_repeated, False),
    "hourly_means": Kind(_averaged, False),
    "cut_off": Kind(_cut_off, False),
    "offset": Kind(_offset, False),
    "time_reversed": Kind(_reversed, False),
    "half_hours": Kind(_doubled, False),
    "slow_meter": Kind(_scaled(0.88, 0.95), False, (5, 10), 0.4),
}
"""Kinds of planted fault; ``has_rule`` says whether a rule of DESIGN section 6 is made for it.

A home's day is too uneven to show a drifting clock, and a small home's too empty to show a change of level.
"""
