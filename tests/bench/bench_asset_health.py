"""Health, failures and risk of given units: the table's own way in Spark's batches, and a plain loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jobs.gold.health.kernel import Money, judge
from jobs.gold.health.method import Method, read_method
from jobs.gold.health.settings import HealthSettings
from tests.bench.timing import measured
from tests.reference import asset_health as reference

BATCH_ROWS = 10_000
"""As Spark hands rows over (``spark.sql.execution.arrow.maxRecordsPerBatch``)."""
LOOP_ASSETS = 1_000
CATEGORY = "6.6/11kV Transformer (GM)"
STATES = {"as_new": "none", "normal_wear": "minor", "some_deterioration": "some"}
STATES["substantial_deterioration"] = "substantial"
CONDITIONS = {"external": [{"column": "external_condition", "states": STATES}]}
FACTORS = {"as_new": (0.9, 0.5), "normal_wear": (1.0, 0.5), "some_deterioration": (1.25, 3.0)}
FACTORS["substantial_deterioration"] = (1.4, 8.0)
OIL = ("moisture_ppm", "acidity_mg_koh_per_g", "breakdown_voltage_kv", "furfural_ppm")


def run(assets: int, years: int) -> list[dict[str, Any]]:
    """Time both ways to the score, failures and risk of ``assets`` distribution transformers, ``years`` ahead.

    `readings` counts units. The plain loop takes life, condition and score of a slice only: no oil, no costs. Raises if
    the two disagree.
    """
    method = read_method(Path(__file__).resolve().parents[2] / "conf" / "cnaim")
    mapped = {"categories": [{"up_to_kv": 12, "category": CATEGORY}], "conditions": CONDITIONS}
    health = HealthSettings.model_validate({"years": years, "classes": {"x": mapped}})
    units = _units(assets, method)
    few = units.iloc[:LOOP_ASSETS]
    np.testing.assert_allclose(_loop(few, years), _batches(few, health, method), rtol=1e-9)
    return [
        measured("asset_health", assets, lambda: _batches(units, health, method)),
        measured("asset_health python loop", len(few), lambda: _loop(few, years)),
    ]


def _units(assets: int, method: Method) -> pd.DataFrame:
    random = np.random.default_rng(1)
    gases = list(method.gases.states)
    nothing = dict.fromkeys([*OIL, *gases, *(f"before_{gas}" for gas in gases)], np.nan)
    age = random.integers(0, 60, assets)
    rating = random.choice([100.0, 250.0, 400.0, 630.0, 1000.0], assets)
    load = random.uniform(0.1, 1.4, assets)
    return pd.DataFrame(
        {
            "age_years": age,
            "manufactured_year": 2016 - age,
            "area_id": None,
            "utilisation": load,
            "rating_kva": rating,
            "low_voltage_kv": 0.4,
            "peak_kva": load * rating,
            "position_peak_kva": load * rating,
            "customers": random.integers(1, 300, assets).astype(float),
            "external_condition": random.choice(list(STATES), assets),
            **nothing,
        }
    )


def _batches(units: pd.DataFrame, health: HealthSettings, method: Method) -> np.ndarray:
    money = Money(1.0, 0.03)
    found = [
        judge(units.iloc[first : first + BATCH_ROWS], health, method, money, "x", CATEGORY)
        for first in range(0, len(units), BATCH_ROWS)
    ]
    return np.concatenate([np.vstack(one["failure_probabilities"].to_list())[:, -1] for one in found])


def _loop(units: pd.DataFrame, years: int) -> np.ndarray:
    found = []
    for one in units.itertuples():
        duty = next((f for bound, f in ((0.5, 0.9), (0.7, 0.95), (1.0, 1.0)) if one.utilisation <= bound), 1.4)
        factor, collar = FACTORS[one.external_condition]
        age = float(one.age_years)
        rate, score = reference.current_score(
            life=60 / (duty * 0.925), age=age, factor=factor, reliability=1.0, cap=10.0, collar=collar
        )
        ahead = [reference.score_ahead(score=score, rate=rate, age=age, years=year) for year in range(years + 1)]
        found.append([reference.failures(score=one, k=0.0078e-2, c=1.087, least=4.0) for one in ahead][-1])
    return np.array(found)
