"""Who may be champion: only a model that beats every baseline, and the champion, on the same rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Whether a version becomes champion, and why or why not."""

    promoted: bool
    reason: str


def verdict(score: float, others: Mapping[str, float], *, metric: str) -> Verdict:
    """Judge a challenger's score against those of others on the same rows; smaller is better, and a tie is no win.

    >>> verdict(0.2, {"weibull": 0.3, "champion 4": 0.25}, metric="brier")
    Verdict(promoted=True, reason='brier 0.2 beats champion 4 (0.25), weibull (0.3)')
    >>> verdict(0.27, {"weibull": 0.3, "champion 4": 0.25}, metric="brier")
    Verdict(promoted=False, reason='brier 0.27 does not beat champion 4 (0.25)')
    """
    ranked = sorted(others.items(), key=lambda one: (one[1], one[0]))
    if not math.isfinite(score):
        return Verdict(False, f"{metric} is {score}")
    unbeaten = [(name, other) for name, other in ranked if not score < other]
    told = ", ".join(f"{name} ({other:.6g})" for name, other in unbeaten or ranked)
    if unbeaten:
        return Verdict(False, f"{metric} {score:.6g} does not beat {told}")
    return Verdict(True, f"{metric} {score:.6g} beats {told}" if told else f"{metric} {score:.6g}, nothing to beat")
