"""Random generators that depend on what is drawn, never on how the work is cut: by subject, and by day."""

from __future__ import annotations

import zlib
from datetime import date

import numpy as np


def generator(seed: int, subject: str, day: date | None = None) -> np.random.Generator:
    """A generator for one subject, of one day where given: the same day of a longer span draws the same."""
    key = [seed, zlib.crc32(subject.encode())] + ([] if day is None else [day.toordinal()])
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(key)))
