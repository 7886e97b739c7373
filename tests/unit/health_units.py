"""Units for tests of health: of a category, with what is said of each and nothing else known."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jobs.gold.health.check import check_health
from jobs.gold.health.kernel import Money, judge
from jobs.gold.health.method import Method, read_method
from jobs.gold.health.settings import HealthSettings

NUMBERS = (
    "utilisation", "rating_kva", "low_voltage_kv", "peak_kva", "position_peak_kva", "customers", "moisture_ppm",
    "acidity_mg_koh_per_g", "breakdown_voltage_kv", "furfural_ppm",
)  # fmt: skip
POUNDS = Money(1.0, 0.035)


@cache
def method() -> Method:
    return read_method(Path(__file__).resolve().parents[2] / "conf" / "cnaim")


def judged(category: str, *units: dict[str, Any], areas: dict[str, Any] | None = None, **of_class: Any) -> pd.DataFrame:
    """Units of one category and class, judged; each is 20 years old where it does not say."""
    mapped = {"categories": [{"up_to_kv": 1, "category": category}], **of_class}
    health = HealthSettings.model_validate({"years": 5, "classes": {"x": mapped}, "areas": areas or {}})
    check_health(health, method())
    gases = list(method().gases.states)
    nothing = dict.fromkeys([*NUMBERS, *gases, *(f"before_{gas}" for gas in gases)], np.nan)
    unknown = {told.column: None for one in health.classes["x"].conditions.values() for told in one}
    base = {"age_years": 20, "manufactured_year": 1996, "area_id": None, **nothing, **unknown}
    rows = pd.DataFrame([base | unit for unit in units or ({},)])
    return judge(rows, health, method(), POUNDS, "x", category)
