"""Which series the model may forecast, and why others get the baseline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jobs.models.demand.history import RECENT_DAYS
from jobs.models.demand.panel import Floats
from jobs.models.demand.settings import DemandSettings

REASONS = {
    "no_model": "no model is champion",
    "no_reads": "nothing was known of it in the history: there is no forecast",
    "short": "known for too few days yet",
    "gappy": "too many of the last 28 days are not known",
    "flat": "it hardly moves: a constant, or nothing",
}
OF_A_DAY = 0.8
"""A day counts as known where this share of its intervals is."""


def standing(seen: Floats, settings: DemandSettings) -> NDArray[np.object_]:
    """Why each series gets the baseline, one of `REASONS`; None where the model may forecast it.

    Parameters
    ----------
    seen : (series, days, slots). The days before the issue as they were known, oldest first.
    """
    known = (~np.isnan(seen)).mean(axis=2) >= OF_A_DAY
    recent = known[:, -RECENT_DAYS:].sum(axis=1)
    age = np.where(known.any(axis=1), known.shape[1] - known.argmax(axis=1), 0)
    values = seen[:, -RECENT_DAYS:].astype(np.float64)
    values = values.reshape(len(seen), values.shape[1] * values.shape[2])
    has = ~np.isnan(values)
    filled = np.where(has, values, 0)
    count = np.maximum(has.sum(axis=1), 1)
    mean = filled.sum(axis=1) / count
    deviation = np.sqrt((np.where(has, filled - mean[:, None], 0) ** 2).sum(axis=1) / count)
    flat = deviation <= settings.flat_share * np.abs(filled).max(axis=1, initial=0)
    few = recent < settings.minimum_days
    nothing = np.isnan(seen).all(axis=(1, 2))
    young = age < RECENT_DAYS
    found = np.full(len(seen), None, object)
    for reason, where in (("flat", flat), ("gappy", few & ~young), ("short", few & young), ("no_reads", nothing)):
        found[where] = reason
    return found
