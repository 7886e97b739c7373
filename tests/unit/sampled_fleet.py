"""A fleet of the sample around two metered transformers, as large as a test wants it."""

import pandas as pd

from jobs.sample.assets import Fleet
from jobs.sample.fleet import fleet
from jobs.sample.fleet_positions import fleet_positions

METERED = pd.DataFrame(
    {
        "network": ["LV1", "LV2"], "transformer": ["T1", "T2"], "x": [11.41, 11.43], "y": [53.62, 53.66],
        "high_kv": 20.0, "low_kv": 0.4, "rating_kva": [400.0, 250.0], "utilisation": [0.62, 0.4],
        "customers": [80, 45], "area": ["A001", "A001"],
    }
)  # fmt: skip


def fleet_of(transformers: int, seed: int) -> Fleet:
    return fleet(fleet_positions(METERED, transformers, seed), seed)
