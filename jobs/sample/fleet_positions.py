"""Where the transformers of the whole utility stand: the metered area, and districts around it with no meters."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.ratings import LADDER_KVA
from jobs.sample.seeds import generator

_PER_DISTRICT = 40
_EAST_DEGREES, _NORTH_DEGREES = 1.6, 1.0  # districts lie so far around the metered area
_DISTRICT_DEGREES = 0.02
_MIDDLE_RATING, _RATING_STEPS, _TOWN_STEPS = 4.0, 1.3, 1.8  # a place on the ladder; towns have larger units
_UTILISATION, _UTILISATION_SPREAD, _UTILISATION_BOUNDS = 0.5, 0.35, (0.08, 1.4)
_CUSTOMERS_PER_PEAK_KVA, _CUSTOMERS_SPREAD = 0.45, 0.35


def fleet_positions(metered: pd.DataFrame, number: int, seed: int) -> pd.DataFrame:
    """Positions of the fleet, the metered ones first; the others hang on no feeder that the network model knows.

    Whatever is drawn of a position is the same in a larger fleet: each quantity has a generator of its own.
    """
    others = max(number - len(metered), 0)
    district = np.arange(others) // _PER_DISTRICT
    districts = -(-others // _PER_DISTRICT)
    middle = generator(seed, "district middle").uniform(-1, 1, (districts, 2))[district]
    beside = generator(seed, "fleet place").normal(0, _DISTRICT_DEGREES, (others, 2))
    town = generator(seed, "district town").normal(0, 1, districts)[district]
    step = _MIDDLE_RATING + _TOWN_STEPS * town + generator(seed, "fleet rating").normal(0, _RATING_STEPS, others)
    rating = LADDER_KVA[np.clip(np.rint(step), 0, len(LADDER_KVA) - 1).astype(int)]
    spread = generator(seed, "fleet utilisation").normal(0, _UTILISATION_SPREAD, others)
    utilisation = np.clip(_UTILISATION * np.exp(spread), *_UTILISATION_BOUNDS)
    per_kva = _CUSTOMERS_PER_PEAK_KVA * np.exp(generator(seed, "fleet customers").normal(0, _CUSTOMERS_SPREAD, others))
    return pd.concat(
        [
            metered,
            pd.DataFrame(
                {
                    "network": pd.Series([None] * others, dtype=object),
                    "transformer": [f"TS-{n:06}" for n in range(1, others + 1)],
                    "x": (metered["x"].mean() + _EAST_DEGREES * middle[:, 0] + beside[:, 0]).round(5),
                    "y": (metered["y"].mean() + _NORTH_DEGREES * middle[:, 1] + beside[:, 1]).round(5),
                    "high_kv": np.where(town > 1, 10.0, 20.0),
                    "low_kv": 0.4,
                    "rating_kva": rating,
                    "utilisation": utilisation.round(3),
                    "customers": np.maximum(np.rint(per_kva * utilisation * rating), 1).astype(int),
                    "area": [f"D{n + 1:04}" for n in district],
                }
            ),
        ],
        ignore_index=True,
    )
