"""Metrics of load from profiles: peak, load factor, ramp, reverse flow, losses, utilisation, duration, by group.

A *group* is one feeder or transformer in one period. Intervals of many groups stand in one array, those of a group
side by side and in order of time, so that a handful of NumPy passes serve all of them.
"""

from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

Numbers = TypeVar("Numbers", Integers, Floats)

HUNDREDTHS: Final = np.arange(101)


@dataclass(frozen=True)
class Intervals:
    """Intervals of many groups, (intervals,) each, sorted by group and then by time.

    Parameters
    ----------
    group : int64, never falling.
    number : int64. Running number of the interval since the epoch; rises within a group.
    delivered_wh, received_wh : int64.
    profiled_wh, unmetered_wh : int64. What no interval meter measured.
    resampled_delivered_wh, resampled_received_wh : int64. What of them came in another interval length.
    estimated_wh : int64. What of both is estimated, each reading counted without its sign.
    meters_estimated, meters_expected : int64. Usage points with an estimate, and all that should be there.
    apparent_va : float64. Mean apparent power.
    rating_va : float64. What it is held against at that time; NaN where there is none.
    """

    group: Integers
    number: Integers
    delivered_wh: Integers
    received_wh: Integers
    profiled_wh: Integers
    unmetered_wh: Integers
    resampled_delivered_wh: Integers
    resampled_received_wh: Integers
    estimated_wh: Integers
    meters_estimated: Integers
    meters_expected: Integers
    apparent_va: Floats
    rating_va: Floats

    def only(self, chosen: Flags) -> "Intervals":
        return Intervals(**{name: values[chosen] for name, values in vars(self).items()})


@dataclass(frozen=True)
class LoadMetrics:
    """Metrics of each group; NaN, or an interval number of -1, where there is none."""

    intervals_used: Integers
    delivered_wh: Integers
    received_wh: Integers
    profiled_wh: Integers
    unmetered_wh: Integers
    estimated_share: Floats
    """Estimated energy / (delivered + received); where that is 0, estimated / expected meter-intervals; NaN where
    there is none either."""
    peak_kw: Floats
    """Highest net load, P = delivered - received + profiled + unmetered; NaN where it is not positive."""
    peak_number: Integers
    """Number of the first interval that has it."""
    mean_kw: Floats
    load_factor: Floats
    """mean / peak; NaN where either is not positive."""
    largest_ramp_kw: Floats
    """Highest |P of one interval - P of the next|."""
    delivered_peak_kw: Floats
    received_peak_kw: Floats
    reverse_peak_kw: Floats
    """Highest -P; NaN where load never flows back."""
    reverse_hours: Floats
    reverse_wh: Integers
    apparent_peak_kva: Floats
    loss_factor: Floats
    """mean(S**2) / peak(S)**2; NaN where S is 0 throughout."""
    utilisation: Floats
    """Highest S / rating."""
    hours_above_rating: Floats
    duration_kva: Floats
    """(groups, 101): S reached in at least 0, 1, … 100 hundredths of the intervals; NaN in a group of none."""
    own_delivered_peak_wh: Integers
    """Highest delivered energy of an interval without what was resampled: numerator of coincidence."""
    own_received_peak_wh: Integers


def load_metrics(intervals: Intervals, groups: int, *, interval_minutes: int) -> LoadMetrics:
    """Metrics of each group over its intervals, all of which count.

    With P = delivered - received + profiled + unmetered and S the apparent power: peak, the first interval that has
    it, mean, ``load factor = mean(P) / peak(P)``, largest ramp between intervals that follow each other, reverse flow
    (P < 0), ``loss factor = mean(S**2) / peak(S)**2``, ``utilisation = max(S / rating)``, hours with S above the
    rating, and the duration curve: the k-th highest S with ``k = max(1, ceil(n * p / 100))``.
    ``estimated share = sum(estimated) / sum(delivered + received)``, of energy without its sign, so at most 1 even
    where negative readings stand. Sums of floats depend on a group's own intervals alone.

    Parameters
    ----------
    groups : how many; a group may have no interval.

    Raises
    ------
    ValueError : groups are not sorted or out of range, or numbers do not rise within one.

    Source
    ------
    Loss factor and load factor: T. Gönen, Electric Power Distribution System Engineering, chapter 2 (load
    characteristics), with S in place of P.

    Examples
    --------
    A feeder of 100, 300 and 200 Wh in three quarter-hours:

    >>> three = Intervals(
    ...     group=np.zeros(3, np.int64), number=np.arange(3), delivered_wh=np.array([100, 300, 200]),
    ...     received_wh=np.zeros(3, np.int64), profiled_wh=np.zeros(3, np.int64),
    ...     unmetered_wh=np.zeros(3, np.int64), resampled_delivered_wh=np.zeros(3, np.int64),
    ...     resampled_received_wh=np.zeros(3, np.int64), estimated_wh=np.array([0, 300, 0]),
    ...     meters_estimated=np.array([0, 1, 0]), meters_expected=np.full(3, 1),
    ...     apparent_va=np.array([400.0, 1200.0, 800.0]), rating_va=np.full(3, 1000.0),
    ... )
    >>> found = load_metrics(three, 1, interval_minutes=15)
    >>> [float(value[0]) for value in (found.peak_kw, found.load_factor, found.hours_above_rating)]
    [1.2, 0.6666666666666666, 0.25]
    >>> float(found.estimated_share[0])
    0.5
    """
    group, number = intervals.group, intervals.number
    step = np.diff(group)
    if len(group) and (group[0] < 0 or group[-1] >= groups or (step < 0).any()):
        raise ValueError(f"group: found {group[0]} to {group[-1]}; needed sorted numbers from 0 to {groups - 1}")
    if ((step == 0) & (np.diff(number) <= 0)).any():
        raise ValueError("number: needed rising numbers within each group")
    segments = Segments(group, groups)
    net = intervals.delivered_wh - intervals.received_wh + intervals.profiled_wh + intervals.unmetered_wh
    count = segments.count
    peak = segments.highest(net)
    mean = _ratio(segments.total(net), count)
    has_peak = segments.filled & (peak > 0)
    follows = (step == 0) & (np.diff(number) == 1)
    ramps = Segments(group[1:][follows], groups)
    reverse_peak = segments.highest(-net)
    back = net < 0
    apparent = intervals.apparent_va
    apparent_peak = segments.highest(apparent)
    mean_square = _ratio(segments.total(apparent**2), count)
    rated = intervals.only(intervals.rating_va > 0)
    held = Segments(rated.group, groups)
    above = held.total((rated.apparent_va > rated.rating_va).astype(np.int64))

    def kw(energy_wh: Integers | Floats, known: Flags) -> Floats:
        return np.where(known, energy_wh * 60 / (interval_minutes * 1000), np.nan)

    def hours(intervals_of: Integers) -> Floats:
        return intervals_of * interval_minutes / 60

    return LoadMetrics(
        intervals_used=count,
        delivered_wh=segments.total(intervals.delivered_wh),
        received_wh=segments.total(intervals.received_wh),
        profiled_wh=segments.total(intervals.profiled_wh),
        unmetered_wh=segments.total(intervals.unmetered_wh),
        estimated_share=_estimated_share(intervals, segments),
        peak_kw=kw(peak, has_peak),
        peak_number=np.where(has_peak, segments.first(net == peak[group], number), -1),
        mean_kw=kw(mean, segments.filled),
        load_factor=np.where(mean > 0, _ratio(mean, peak), np.nan),
        largest_ramp_kw=kw(ramps.highest(np.abs(np.diff(net))[follows]), ramps.filled),
        delivered_peak_kw=kw(segments.highest(intervals.delivered_wh), segments.filled),
        received_peak_kw=kw(segments.highest(intervals.received_wh), segments.filled),
        reverse_peak_kw=kw(reverse_peak, segments.filled & (reverse_peak > 0)),
        reverse_hours=hours(segments.total(back.astype(np.int64))),
        reverse_wh=-segments.total(np.where(back, net, 0)),
        apparent_peak_kva=np.where(segments.filled, apparent_peak / 1000, np.nan),
        loss_factor=_ratio(mean_square, apparent_peak**2),
        utilisation=np.where(held.filled, held.highest(_ratio(rated.apparent_va, rated.rating_va)), np.nan),
        hours_above_rating=np.where(held.filled, hours(above), np.nan),
        duration_kva=segments.reached(apparent) / 1000,
        own_delivered_peak_wh=segments.highest(intervals.delivered_wh - intervals.resampled_delivered_wh),
        own_received_peak_wh=segments.highest(intervals.received_wh - intervals.resampled_received_wh),
    )


class Segments:
    """Runs of equal group number in a sorted array, and what can be said of values in them."""

    def __init__(self, group: Integers, groups: int) -> None:
        self.group = group
        self.groups = groups
        bounds = np.searchsorted(group, np.arange(groups + 1))
        self.start, self.count = bounds[:-1], np.diff(bounds)
        self.filled = self.count > 0

    def total(self, values: Numbers) -> Numbers:
        """Sum of each group, from first to last; 0 without values."""
        return self._reduced(np.add, values)

    def highest(self, values: Numbers) -> Numbers:
        """Highest value of each group; 0 without values."""
        return self._reduced(np.maximum, values)

    def first(self, chosen: Flags, values: Integers) -> Integers:
        """Of each group the first value chosen; -1 where none is."""
        result = np.full(self.groups, -1, np.int64)
        places = np.flatnonzero(chosen)
        groups, first = np.unique(self.group[places], return_index=True)
        result[groups] = values[places[first]]
        return result

    def reached(self, values: Floats) -> Floats:
        """(groups, 101): the highest value reached in at least 0, 1, … 100 hundredths of each group."""
        result = np.full((self.groups, len(HUNDREDTHS)), np.nan)
        if len(values):
            rising = values[np.lexsort((values, self.group))]
            count = self.count[self.filled, None]
            place = np.maximum(1, (count * HUNDREDTHS + 99) // 100)
            result[self.filled] = rising[self.start[self.filled, None] + count - place]
        return result

    def _reduced(self, function: np.ufunc, values: Numbers) -> Numbers:
        result = np.zeros(self.groups, values.dtype)
        if len(values):
            result[self.filled] = function.reduceat(values, self.start[self.filled])
        return result


def _estimated_share(intervals: Intervals, segments: Segments) -> Floats:
    energy_wh = segments.total(np.abs(intervals.delivered_wh) + np.abs(intervals.received_wh))
    of_energy = _ratio(segments.total(intervals.estimated_wh), energy_wh)
    of_meters = _ratio(segments.total(intervals.meters_estimated), segments.total(intervals.meters_expected))
    return np.minimum(np.where(energy_wh > 0, of_energy, of_meters), 1.0)


def _ratio(part: Integers | Floats, whole: Integers | Floats) -> Floats:
    """Part of whole; NaN where the whole is not positive."""
    result: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return result
