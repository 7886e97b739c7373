"""The ratios of `high` and `low`, derived from clean loads of the sample utility alone.

Criterion: each part of a rule by itself, the other parts off, names at most so many of the clean days that the rule
judged (`NAMED_AT_MOST`), by customer class; of the ratios, in steps, the tightest that does. The days are all of March
and December on seeds 1 and 4, each after two months of history: a month that is warmer than its history, and one that
is colder. A class with so few days that the share allows not one has the household's ratios.

The shares are of 1, 2, 5, 10 and so on in 10,000, chosen by faults planted in the same two seeds, in January to
March, and scored as tests/unit/test_rules_on_sample.py does. 20 is the least tried with which `high` finds 0.9 of
its faults: 2, 5 and 10 find 0.81, 0.81 and 0.90 of 41; 10 and 20 find 0.898 and 0.913 of 127 planted anew. 1 is the
greatest tried with which 0.8 of the findings of `low` are right: 5, 2 and 1 give 0.57, 0.795 and 0.93.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jobs.columns import CUSTOMER_CLASSES
from jobs.settings import read_settings
from jobs.span import Span
from kernels.block_rules import DEMAND, RULES, THRESHOLDS, Baseline, Blocks, Floats, validate
from tests.judging import with_history
from tests.sample_channels import SampleChannels

SEEDS = (1, 4)
SPANS = (Span(date(2016, 1, 1), date(2016, 4, 1)), Span(date(2016, 10, 1), date(2017, 1, 1)))
"""Of each only the last month has four weeks of history 14 days before it."""
NAMED_AT_MOST = {"high": 0.002, "low": 0.0001}
STEPS_OF_ONE = {"high": 10, "low": 20}


class Part(NamedTuple):
    """A ratio with which a rule judges, at a value that names nearly every day, and at one that names none."""

    rule: Literal["high", "low"]
    near: float
    off: float


PARTS = {
    "high_ratio": Part("high", 1.01, 1e9),
    "high_day_ratio": Part("high", 1.01, 1e9),
    "high_quiet_ratio": Part("high", 1.01, 1e9),
    "low_ratio": Part("low", 0.99, 1e-9),
    "low_day_ratio": Part("low", 0.99, 1e-9),
}


@dataclass(frozen=True)
class CleanDays:
    """The clean days of one class that a rule judged, by one part of it.

    Parameters
    ----------
    ratio
        Of each day the part's measure to what is usual, where it is on the rule's side of 1.
    judged
        How many days there are, those on the other side too.
    """

    part: Part
    ratio: Floats
    judged: int

    @property
    def derived(self) -> float | None:
        """The tightest ratio that meets the criterion; None where the days are too few to tell."""
        allowed = int(NAMED_AT_MOST[self.part.rule] * self.judged)
        if allowed == 0:
            return None
        steps = STEPS_OF_ONE[self.part.rule]
        worst = np.sort(self.ratio)
        # A day exactly at the ratio is not named, so the first that must not be may stand there.
        if self.part.rule == "high":
            return math.ceil(round(float(worst[::-1][allowed]) * steps, 6)) / steps
        return math.floor(round(float(worst[allowed]) * steps, 6)) / steps

    def named(self, ratio: float) -> float:
        """Share of the days that the part names at a ratio."""
        beyond = self.ratio > ratio if self.part.rule == "high" else self.ratio < ratio
        return float(beyond.sum()) / self.judged


def clean_days() -> dict[tuple[str, str], CleanDays]:
    """By customer class and name of the ratio."""
    found: dict[tuple[str, str], list[CleanDays]] = {}
    for seed in SEEDS:
        channels = SampleChannels.of(seed)
        demand = channels.quarter_hourly & (channels.nature == DEMAND)
        for span in SPANS:
            true = channels.energy(span)
            no_register = np.full(true.shape[:2], np.nan)
            judged = with_history(channels.read(span, true, np.zeros(true.shape, bool), no_register, demand))
            for name in PARTS:
                for customer_class, days in _by_class(*judged, name):
                    found.setdefault((customer_class, name), []).append(days)
    return {
        key: CleanDays(PARTS[key[1]], np.concatenate([one.ratio for one in days]), sum(one.judged for one in days))
        for key, days in found.items()
    }


def _by_class(blocks: Blocks, usual: Baseline, name: str) -> Iterable[tuple[str, CleanDays]]:
    part, settings = PARTS[name], read_settings().validation
    thresholds = settings.thresholds()
    for other, its in PARTS.items():
        thresholds[:, THRESHOLDS.index(other)] = its.near if other == name else its.off
    result = validate(blocks, usual, thresholds, linear_minutes=settings.linear_minutes)
    rule, found = RULES.index(part.rule), result.findings
    mine = found.rule == rule
    ratio = np.round(found.measured[mine] / found.threshold[mine] * part.near, 9)  # 8 of 10 Wh is 0.8
    judged: NDArray[np.bool_] = result.not_run[:, rule] == 0
    beyond = np.full(len(judged), np.nan)
    (np.fmax if part.rule == "high" else np.fmin).at(beyond, found.block[mine], ratio)
    for number, customer_class in enumerate(CUSTOMER_CLASSES):
        of_class = judged & (blocks.of_class == number)
        if of_class.any():
            yield customer_class, CleanDays(part, beyond[of_class & ~np.isnan(beyond)], int(of_class.sum()))
