"""How often lightning strikes where: it differs from place to place and from year to year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.seeds import generator
from jobs.sample.years import YEARS, Floats

_TYPICAL_PER_KM2 = 2.0  # ground flashes per km2 and year, as in northern Germany
_SPREAD, _YEAR_SPREAD, _MEASUREMENT_SPREAD = 0.45, 0.3, 0.08  # of logarithms
_WAVES, _WAVE_DEGREES = 12, (0.3, 2.0)  # the field is smooth: waves of so many degrees


def flash_density(x: Floats, y: Floats, seed: int, *, years: int = len(YEARS)) -> Floats:
    """Ground flashes per km2 and year at places, (places, years): a smooth field, some years stormier than others.

    The first so many ``years`` of the record and after it.
    """
    rng = generator(seed, "lightning field")
    direction, phase = rng.uniform(0, 2 * np.pi, (2, _WAVES))
    per_degree = 2 * np.pi / rng.uniform(*_WAVE_DEGREES, _WAVES)
    along = np.outer(x, np.cos(direction)) + np.outer(y, np.sin(direction))
    field = np.cos(along * per_degree + phase).sum(axis=1) * np.sqrt(2 / _WAVES)
    year = generator(seed, "lightning years").normal(0, _YEAR_SPREAD, years)
    density: Floats = _TYPICAL_PER_KM2 * np.exp(np.add.outer(_SPREAD * field, year))
    return density


def lightning_by_area(position: pd.DataFrame, seed: int) -> pd.DataFrame:
    """What a lightning location service counted: mean density over each area's positions, by year."""
    middle = position.groupby("area")[["x", "y"]].mean()
    density = flash_density(middle["x"].to_numpy(), middle["y"].to_numpy(), seed)
    counted = density * np.exp(generator(seed, "lightning counted").normal(0, _MEASUREMENT_SPREAD, density.shape))
    return pd.DataFrame(
        {
            "district": np.repeat(middle.index.to_numpy(), len(YEARS)),
            "year": np.tile(YEARS, len(middle)),
            "flashes": counted.round(2).ravel(),
        }
    )
