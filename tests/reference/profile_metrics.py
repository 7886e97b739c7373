"""Metrics of load as the definition reads, for one group's intervals in order of time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    number: int
    delivered_wh: int
    received_wh: int
    resampled_delivered_wh: int
    resampled_received_wh: int
    estimated_wh: int
    meters_estimated: int
    meters_expected: int
    apparent_va: float
    rating_va: float | None
    profiled_wh: int = 0
    unmetered_wh: int = 0


def metrics(intervals: Sequence[Interval], minutes: int) -> dict[str, float | int | list[float] | None]:
    """Each metric by name; None where there is none."""
    kw = 60 / minutes / 1000
    net = [one.delivered_wh - one.received_wh + one.profiled_wh + one.unmetered_wh for one in intervals]
    apparent = [one.apparent_va for one in intervals]
    peak = max(net, default=0)
    mean = sum(net) / len(net) if net else None
    ramps = [
        abs(net[i + 1] - net[i]) for i in range(len(net) - 1) if intervals[i + 1].number == intervals[i].number + 1
    ]
    rated = [(one.apparent_va, one.rating_va) for one in intervals if one.rating_va is not None]
    falling = sorted(apparent, reverse=True)
    energy = sum(abs(one.delivered_wh) + abs(one.received_wh) for one in intervals)
    expected = sum(one.meters_expected for one in intervals)
    if energy > 0:
        estimated_share: float | None = min(1.0, sum(one.estimated_wh for one in intervals) / energy)
    elif expected > 0:
        estimated_share = sum(one.meters_estimated for one in intervals) / expected
    else:
        estimated_share = None
    mean_square = sum(value**2 for value in apparent) / len(apparent) if apparent else 0.0
    return {
        "intervals_used": len(intervals),
        "delivered_wh": sum(one.delivered_wh for one in intervals),
        "received_wh": sum(one.received_wh for one in intervals),
        "profiled_wh": sum(one.profiled_wh for one in intervals),
        "unmetered_wh": sum(one.unmetered_wh for one in intervals),
        "estimated_share": estimated_share,
        "peak_kw": peak * kw if peak > 0 else None,
        "peak_number": intervals[net.index(peak)].number if peak > 0 else None,
        "mean_kw": None if mean is None else mean * kw,
        "load_factor": mean / peak if mean is not None and mean > 0 and peak > 0 else None,
        "largest_ramp_kw": max(ramps) * kw if ramps else None,
        "delivered_peak_kw": max(one.delivered_wh for one in intervals) * kw if intervals else None,
        "received_peak_kw": max(one.received_wh for one in intervals) * kw if intervals else None,
        "reverse_peak_kw": -min(net) * kw if net and min(net) < 0 else None,
        "reverse_hours": sum(value < 0 for value in net) * minutes / 60,
        "reverse_wh": -sum(value for value in net if value < 0),
        "apparent_peak_kva": max(apparent) / 1000 if apparent else None,
        "loss_factor": mean_square / max(apparent) ** 2 if apparent and max(apparent) > 0 else None,
        "utilisation": max(s / rating for s, rating in rated) if rated else None,
        "hours_above_rating": sum(s > rating for s, rating in rated) * minutes / 60 if rated else None,
        "duration_kva": [falling[max(1, math.ceil(len(falling) * p / 100)) - 1] / 1000 for p in range(101)]
        if apparent
        else None,
        "own_delivered_peak_wh": max((one.delivered_wh - one.resampled_delivered_wh for one in intervals), default=0),
        "own_received_peak_wh": max((one.received_wh - one.resampled_received_wh for one in intervals), default=0),
    }
