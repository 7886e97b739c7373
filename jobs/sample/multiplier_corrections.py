"""Factors of instrument transformers that the register of meters first had wrong, and their corrections.

What meters deliver does not depend on it: they count on the secondary side whatever anybody wrote down. Until a
correction is known, all that is made of their reads is wrong by the same ratio.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from jobs.sample.metering import midnight_utc
from jobs.sample.seeds import generator
from jobs.sample.simbench import YEAR_FIRST

_SHARE = 0.04  # of the meters behind instrument transformers
_RATIO = (0.5, 2 / 3, 1.5, 2.0)  # as first written down, over the true one
_LATEST_DAY = 80  # of the year; the check of a billing cycle brings them to light
_KNOWN_LATER = pd.Timedelta(days=1)  # an installation that needed no correction


def with_corrections(plan: pd.DataFrame, still_wrong: pd.Series, seed: int, end: date) -> pd.DataFrame:
    """The plan with ``first_multiplier`` and ``corrected_at``, null of meters that were registered rightly.

    One correction is on the second day, so that even two days show it.

    Parameters
    ----------
    still_wrong
        Usage points whose meter has another fault, which nobody has found.
    end
        What would be corrected from then on never was wrong.
    """
    possible = plan.index[
        (plan["multiplier"] > 1) & (plan["namespace"] == "mdm") & ~plan["usage_point"].isin(still_wrong)
    ]
    drawn = pd.DataFrame([_drawn(point, seed) for point in plan.loc[possible, "usage_point"]], possible, _DRAWN)
    chosen = drawn[(drawn["draw"] < _SHARE) | (drawn["draw"] == drawn["draw"].min())]
    day = chosen["day"].mask(chosen["draw"] == drawn["draw"].min(), 1)
    found = pd.Timestamp(midnight_utc(YEAR_FIRST)) + pd.to_timedelta(day * 24 + chosen["hour"], unit="h")
    known = found[found < midnight_utc(end)].astype("datetime64[us, UTC]")
    first = (plan.loc[known.index, "multiplier"] * chosen["ratio"]).round(4)
    return plan.assign(first_multiplier=first, corrected_at=known)


_DRAWN = ["draw", "ratio", "day", "hour"]


def _drawn(usage_point: str, seed: int) -> tuple[float, float, int, int]:
    rng = generator(seed, f"corrected factor {usage_point}")
    return rng.random(), float(rng.choice(_RATIO)), int(rng.integers(1, _LATEST_DAY)), int(rng.integers(7, 17))


def as_registered(meters: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """Meters of the plan's rows as the register first had them, each with when it was entered."""
    first = plan["first_multiplier"].reindex(meters.index)
    return meters.assign(factor=first.fillna(meters["factor"]), recorded_at=meters["installed_at"] + _KNOWN_LATER)


def corrections(meters: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """The meters that were put right, as the register has them since."""
    known = plan["corrected_at"].reindex(meters.index)
    return meters.assign(recorded_at=known)[known.notna()]
