"""What is configured is what the criterion gives, and each threshold has an origin."""

import numpy as np
import pytest

from jobs.settings import read_settings
from kernels.block_rules import THRESHOLDS
from tests.calibration.origins import ORIGINS
from tests.calibration.usual_ratios import NAMED_AT_MOST, PARTS, CleanDays, clean_days


def test_every_threshold_is_derived_or_has_an_origin() -> None:
    assert sorted([*PARTS, *ORIGINS]) == sorted(THRESHOLDS)


@pytest.mark.slow
def test_configured_ratios_are_those_that_the_clean_loads_give() -> None:
    pytest.importorskip("simbench")
    days, classes = clean_days(), read_settings().validation.classes
    assert {customer_class for customer_class, _ in days} == {"household", "household_heat", "business", "farm"}
    for name, part in PARTS.items():
        of_household = getattr(classes["household"], name)
        for customer_class, thresholds in classes.items():
            derived = days[customer_class, name].derived if (customer_class, name) in days else None
            assert getattr(thresholds, name) == (of_household if derived is None else derived), (customer_class, name)
            if derived is not None:
                assert days[customer_class, name].named(derived) <= NAMED_AT_MOST[part.rule]


def test_a_ratio_is_the_tightest_step_that_names_no_more_than_allowed() -> None:
    """Of 1,000 days judged by `high` two may be named: not the third highest, 2.31, so 2.4 is the next step."""
    beyond = np.array([9.0, 5.0, 2.31, 2.3, 1.2])
    high = CleanDays(PARTS["high_ratio"], beyond, 1000)
    assert high.derived == 2.4
    assert (high.named(2.4), high.named(2.3)) == (0.002, 0.003)
    assert CleanDays(PARTS["high_ratio"], beyond, 499).derived is None
