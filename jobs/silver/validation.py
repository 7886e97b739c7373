"""Validation of interval data: the rules in words, and the thresholds of each customer class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from jobs.columns import CUSTOMER_CLASSES
from jobs.rule import Rule, RuleSet
from jobs.section import Section
from kernels.block_rules import RULES, THRESHOLDS, Floats

RULE_SET_VERSION = "3"
"""Rises with any change of a rule's meaning; thresholds are in each finding and in the run's configuration hash."""

History = Literal["none", "earlier days", "baseline", "register reads"]


@dataclass(frozen=True)
class ValidationRule(Rule):
    """One rule: what it needs beyond the days beside the block, what it does, what it finds and measures."""

    needs: History
    disposition: Literal["estimate", "spread", "flag"]
    measured: str


RULE_TABLE = RuleSet(
    "What validation finds on reads",
    ValidationRule(
        "V01",
        "missing",
        "no read came, or what came was rejected",
        "none",
        "estimate",
        "length of the gap, min",
    ),
    ValidationRule(
        "V02",
        "negative",
        "below zero; no channel can be",
        "none",
        "estimate",
        "lowest read of the run, Wh or varh",
    ),
    ValidationRule(
        "V03",
        "above_limit",
        "above limit_margin x the limit of the connection (limit_kw where it is unknown)",
        "none",
        "estimate",
        "highest read of the run, kW",
    ),
    ValidationRule(
        "V04",
        "spike",
        "at least spike_min_kw and more than spike_ratio x the third highest read of the day and the two "
        "reads beyond either midnight, and more than 1.5 x all reads of the days beside it",
        "none",
        "estimate",
        "the read, kW",
    ),
    ValidationRule(
        "V05",
        "catch_up",
        "a read after catch_up_minutes or more of zeros or gap (reaching back at most into the day before) "
        "that is within a factor catch_up_range of what the run lacked, by the mean of this and the last "
        "day's other reads, and more than catch_up_ratio x their highest; after a gap, and of a channel with "
        "no other zero, the hour on either side gives the highest, and may give the mean",
        "none",
        "spread",
        "the read, Wh or varh; the threshold is what the run lacked",
    ),
    ValidationRule(
        "V06",
        "high",
        "above high_ratio x the highest usual high of the day; all of a day above high_day_ratio x the highest of any "
        "type; both where that has a mean of level_min_kw or more; all of a day above the usual sum, its quiet level "
        "(one read in twenty is below) above high_quiet_ratio x that day's, where that is 4 Wh or more. Not run where "
        "none of it can be judged",
        "baseline",
        "flag",
        "highest read of the run, or the day's mean or quiet level, kW",
    ),
    ValidationRule(
        "V07",
        "low",
        "above zero, below low_ratio x the lowest usual low of the day, where that is low_min_kw or more; all "
        "of a day with few zeros below low_day_ratio x the lowest of any type, likewise",
        "baseline",
        "flag",
        "lowest read of the run, or the day's mean, kW",
    ),
    ValidationRule(
        "V08",
        "level_change",
        "the day's mean is level_rise_ratio x above, or level_fall_ratio x below, the median of the 14 days "
        "before (7 of them received), and by level_deviations of their own spread; a rise lasts an hour or "
        "longer. Not run where that median is below level_min_kw",
        "earlier days",
        "flag",
        "the day's mean, kW",
    ),
    ValidationRule(
        "V09",
        "flat_run",
        "one value of flat_min_kw or more for flat_minutes or longer",
        "none",
        "flag",
        "length, min",
    ),
    ValidationRule(
        "V10",
        "zero_run",
        "zeros for zero_minutes or longer, the transformer live and the usual low above zero",
        "baseline",
        "flag",
        "length, min",
    ),
    ValidationRule(
        "V11",
        "zero_day",
        "all that came is zero, at least half of the day, as it was on all of the 14 days before (7 of them "
        "received), though the transformer was live",
        "earlier days",
        "flag",
        "zeros, min",
    ),
    ValidationRule(
        "V12",
        "register_difference",
        "the sum of the day's reads is not what the register counted, by more than register_share of it and "
        "half a unit an interval, as rounding may make",
        "register reads",
        "flag",
        "sum less register, Wh or varh",
    ),
    ValidationRule(
        "V13",
        "clock_drift",
        "moved by half an hour to three hours, the day fits the usual day with a correlation of "
        "drift_correlation or more, and what does not fit falls to 1 / drift_factor. Not run where the usual "
        "day has no course: where its standard deviation over the day is below drift_course x the width (root "
        "mean square) from low to high",
        "baseline",
        "flag",
        "shift, min, positive where late",
    ),
)
assert tuple(RULE_TABLE) == RULES


class Thresholds(Section):
    """Thresholds of one customer class; the defaults are a household's. What each means is in the rules' meanings."""

    limit_kw: float = Field(
        100.0, gt=0, description="limit where none is known for the connection: 3 x 160 A at 230 V is 110 kW"
    )
    limit_margin: float = Field(1.25, ge=1, description="fuses carry this for a quarter of an hour")
    spike_ratio: float = Field(5.0, gt=1)
    spike_min_kw: float = Field(5.0, ge=0, description="a large appliance alone may be a lone peak below this")
    catch_up_minutes: float = Field(60.0, gt=0)
    catch_up_range: float = Field(4.0, gt=1)
    catch_up_ratio: float = Field(1.5, ge=1)
    high_ratio: float = Field(2.0, gt=1)
    high_day_ratio: float = Field(1.9, gt=1)
    high_quiet_ratio: float = Field(2.3, gt=1, description="a wrong scale raises the quiet hours of a day too")
    low_ratio: float = Field(0.7, gt=0, lt=1)
    low_day_ratio: float = Field(0.35, gt=0, lt=1)
    low_min_kw: float = Field(0.04, ge=0)
    level_rise_ratio: float = Field(4.0, gt=1)
    level_fall_ratio: float = Field(10.0, gt=1, description="an empty home falls to a fifth")
    level_deviations: float = Field(5.0, gt=0)
    level_min_kw: float = Field(
        0.25, ge=0, description="below this mean a home is not lived in, and its level tells nothing"
    )
    flat_minutes: float = Field(240.0, gt=0)
    flat_min_kw: float = Field(0.1, ge=0, description="standby below this may well be constant")
    zero_minutes: float = Field(60.0, gt=0)
    zero_day: bool = Field(True, description="whether a day of zeros is suspect")
    register_share: float = Field(0.01, gt=0)
    drift_course: float = Field(0.4, gt=0)
    drift_correlation: float = Field(
        1.0, gt=0, le=1, description="1: not run; a home's day is too uneven to show a clock that drifts"
    )
    drift_factor: float = Field(2.0, gt=1)


class ValidationSettings(Section):
    """Section ``validation`` of the configuration."""

    enabled: bool = Field(True, description="False: reads stand as they came, gaps stay missing")
    linear_minutes: float = Field(120.0, ge=0, description="longest gap filled by a straight line")
    baseline_min_days: int = Field(3, ge=1, description="fewer days of a day type are no history")
    baseline_judging_weeks: int = Field(
        4,
        ge=1,
        description="a day type with fewer weeks of history (five workdays, one Saturday, one Sunday a week), or with "
        "fewer of workdays, estimates reads, but judges none: what is usual is then known too narrowly",
    )
    baseline_quantile: float = Field(0.05, gt=0, lt=0.5, description="usual low, and from above usual high, of a slot")
    classes: dict[str, Thresholds] = Field(description="thresholds by customer class, of every class")

    @model_validator(mode="after")
    def every_class(self) -> ValidationSettings:
        if set(self.classes) != set(CUSTOMER_CLASSES):
            raise ValueError(f"classes are {sorted(self.classes)}; needed are exactly {sorted(CUSTOMER_CLASSES)}")
        return self

    def thresholds(self) -> Floats:
        """(classes, thresholds), classes in the order of `jobs.columns.CUSTOMER_CLASSES`."""
        rows = [[float(getattr(self.classes[name], one)) for one in THRESHOLDS] for name in CUSTOMER_CLASSES]
        return np.array(rows)
