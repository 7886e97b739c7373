"""Where each threshold of the rules comes from; those of tests/calibration/usual_ratios.py are derived there.

Where a value of conf/base.yaml differs by customer class, the same holds of each. What real data had a part in is said:
the history of jobs/silver/validation.py shows each change.
"""

from typing import Final

PHYSICS, PRACTICE, SAMPLE, REAL = "physics", "practice", "sample", "real data"

ORIGINS: Final = {
    "limit_kw": (PHYSICS, "fuse of the largest usual connection: 3 x 160 A at 230 V is 110 kW"),
    "limit_margin": (PHYSICS, "fuses carry a quarter more for a quarter of an hour"),
    "spike_ratio": (PRACTICE, "against the third highest read of the day, as in the California VEE rules"),
    "spike_min_kw": (PHYSICS, "a large appliance alone may be a lone peak below 5 kW, a machine below 25"),
    "catch_up_minutes": (PRACTICE, "an hour of zeros; set before any measured data were read"),
    "catch_up_range": (SAMPLE, "faults planted on seeds 1 and 2"),
    "catch_up_ratio": (SAMPLE, "faults planted on seeds 1 and 2"),
    "low_min_kw": (PHYSICS, "10 Wh a quarter of an hour, of which rounding to whole Wh is a twentieth"),
    "level_rise_ratio": (PRACTICE, "set before any measured data were read"),
    "level_fall_ratio": (PRACTICE, "an empty home falls to a fifth; set before any measured data were read"),
    "level_deviations": (SAMPLE, "of heating homes by seeds 1 and 2, else 5, set before any measured data were read"),
    "level_min_kw": (REAL, "of homes probably: lowered from 0.5 kW on the day the Swiss homes were first read"),
    "flat_minutes": (PRACTICE, "set before any measured data were read"),
    "flat_min_kw": (PHYSICS, "standby below 0.1 kW may well be constant"),
    "zero_minutes": (PRACTICE, "set before any measured data were read"),
    "zero_day": (PRACTICE, "a meter of demand counts something in two weeks"),
    "register_share": (PRACTICE, "one per cent, beside the rounding of the reads"),
    "drift_course": (SAMPLE, "faults planted on seeds 1 and 2"),
    "drift_correlation": (SAMPLE, "faults planted on seeds 1 and 2"),
    "drift_factor": (SAMPLE, "faults planted on seeds 1 and 2"),
}
"""Threshold -> kind of origin, and what it is."""
