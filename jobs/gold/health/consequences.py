"""What one failure of each unit costs: financial, safety, environmental and network, in the methodology's money."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.gold.health.method import Category, Group, Method, Size
from jobs.gold.health.settings import HealthClass
from kernels.asset_health import banded

Floats = NDArray[np.float64]


@dataclass
class Consequences:
    """Of each unit, in GBP of 2020/21, and what was known of it."""

    financial: Floats
    safety: Floats
    environmental: Floats
    network: Floats
    known: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def consequences_of(
    units: pd.DataFrame, method: Method, category: Category, group: Group, one: HealthClass
) -> Consequences:
    """Reference costs of a category by the factors of each unit.

    Parameters
    ----------
    units
        ``rating_kva``, ``low_voltage_kv``, ``peak_kva``, ``position_peak_kva`` and ``customers`` (NaN where not known),
        and surroundings.
    """
    financial, safety, environmental, network = category.costs
    size_financial, size_environmental, sized = _sizes(units, category)
    access = units["access"].fillna("normal").map(group.access).fillna(1.0).to_numpy(float)
    kind = category.types.get(one.type, 1.0) if one.type is not None else 1.0
    water, watered = _water(units, method, group)
    insulation = group.insulation.get(one.insulation, 1.0)
    load, loaded = _load(units, method, category, one)
    known = {"size": sized, "customers" if category.customers else "peak_load": loaded}
    if group.water:
        known["water"] = watered
    return Consequences(
        financial=financial * size_financial * access * kind,
        safety=safety * _safety(units, method, group, one),
        environmental=environmental * size_environmental * category.environmental_size * water * insulation,
        network=network * load,
        known=known,
    )


def _sizes(units: pd.DataFrame, category: Category) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Factors by rating and ratio of voltages; 1 where one of them is not known, or the category has none."""
    size = len(units)
    financial, environmental, known = np.ones(size), np.ones(size), np.zeros(size, dtype=bool)
    if not category.sizes:
        return financial, environmental, ~known
    rating, low = units["rating_kva"].to_numpy(float), units["low_voltage_kv"].to_numpy(float)
    for one in category.sizes:
        fits = ~known & _of_ratio(one, low) & (~np.isnan(rating) | (len(one.upper_kva) == 0))
        for factors, table in ((financial, one.financial), (environmental, one.environmental)):
            factors[fits] = banded(rating[fits], one.upper_kva, table, table[0], closed=False)
        known |= fits
    return financial, environmental, known


def _of_ratio(one: Size, low_kv: Floats) -> NDArray[np.bool_]:
    return np.ones(len(low_kv), dtype=bool) if one.low_kv is None else low_kv <= one.low_kv


def _safety(units: pd.DataFrame, method: Method, group: Group, one: HealthClass) -> Floats:
    if group.safety == "cable":
        by_state = method.cable_safety
        return np.where(units["exposed"].to_numpy(bool), by_state["exposed"], by_state["buried"])
    by_place = {place: by_type[one.type_risk] for place, by_type in method.safety.items()}
    blanket = method.safety_blanket if one.safety_blanket else 1.0
    return np.asarray(units["place_risk"].map(by_place), dtype=np.float64) * blanket


def _water(units: pd.DataFrame, method: Method, group: Group) -> tuple[Floats, NDArray[np.bool_]]:
    distance = units["water_m"].to_numpy(float)
    if not group.water:
        return np.ones(len(units)), np.zeros(len(units), dtype=bool)
    table = method.water
    bund = np.asarray(units["bunded"].map({True: table.bunded, False: table.not_bunded}).fillna(1.0), dtype=np.float64)
    near = banded(distance, table.upper_m, table.factor, 1.0, closed=False)
    return near * bund, ~np.isnan(distance)


def _load(
    units: pd.DataFrame, method: Method, category: Category, one: HealthClass
) -> tuple[Floats, NDArray[np.bool_]]:
    """Load against the reference: customers below 33 kV, where those of high demand count several times, else MVA."""
    customers = units["customers"].to_numpy(float)
    if category.mva is not None:
        peak = units["peak_kva"].to_numpy(float)
        known = ~np.isnan(peak)
        network = 1.0 if one.secure else method.not_secure
        return np.where(known, peak / 1e3 / category.mva, 1.0) * network, known
    assert category.customers is not None  # a category has one of the two
    known = ~np.isnan(customers)
    bank = units["position_peak_kva"].to_numpy(float)
    each = np.divide(bank, customers, out=np.full(len(units), np.nan), where=customers > 0)
    times = banded(each, method.high_demand.upper_kva, method.high_demand.times, 1.0, closed=False)
    return np.where(known, times * customers / category.customers, 1.0) * one.customer_sensitivity, known
