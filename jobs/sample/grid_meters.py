"""Meters of the grid itself: at each feeder's head and at the low-voltage side of most transformers. All invented.

With them comes what nobody reads off a meter: customers whose meter records only a share of what they take, and
factors of instrument transformers that the register has wrong. Nothing that customers' meters deliver depends on it:
what they deliver stays, and what was truly taken differs from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.entities import Places
from jobs.sample.seeds import generator

Float = NDArray[np.float64]

_TOTAL_METERS = 0.85  # share of transformers that have one
_CLASS, _CT_CLASS = {"total": 0.5, "head": 0.2}, {"total": 0.2, "head": 0.2}  # limits of error, percent
_CUSTOMER_CLASS, _CUSTOMER_CT_CLASS = 1.0, 0.5  # percent
# over 5 A, IEC 61869-2
_CURRENT_A = (50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 750, 1000, 1250, 1500, 2000, 2500)
_HEAD_FACTOR = 200.0 * 60  # 20/0.1 kV, 300/5 A
_THEFT, _WRONG_TOTAL, _WRONG_CUSTOMER = 0.14, 0.05, 0.06  # of transformers, total meters, meters behind transformers
_RECORDED = (0.1, 0.5)  # share of what is taken that a tampered meter records
_LARGE = 0.7  # of thefts are at one of the ten largest connections, the others at any
_WRONG_RATIO = (0.5, 2 / 3, 1.5, 2.0)  # factor of the register over the true one
_SINCE = datetime(2012, 6, 1, tzinfo=UTC)
_FIRST_NUMBER = 7_001_000_001


@dataclass(frozen=True)
class GridMeters:
    """``meter``: usage_point, kind, place, meter, factor (true) and register_factor, class, ct_class, error.

    ``fault`` is what was planted: kind, usage_point, transformer (null at medium voltage), feeder, recorded_share.
    ``true_share`` is what each customer of the plan takes over what its meter delivers, ``tan_phi`` its reactive
    share where none is metered.
    """

    meter: pd.DataFrame
    fault: pd.DataFrame
    true_share: Float
    tan_phi: Float


def grid_meters(plan: pd.DataFrame, places: Places, seed: int) -> GridMeters:
    """Meters of every feeder and of most transformers of an area."""
    rows = [_total(place, seed, number == 0) for number, place in enumerate(places.position.to_dict("records"))]
    rows += [
        _head(number, place, seed)
        for number, place in enumerate(places.feeder.sort_values("feeder").to_dict("records"))
    ]
    meter = pd.DataFrame([row for row in rows if row is not None])
    meter = meter.assign(meter=[str(_FIRST_NUMBER + number) for number in range(len(meter))])
    own = meter[meter["register_factor"] != meter["factor"]]
    wrong_total = own[["usage_point", "transformer", "feeder"]].assign(
        kind="wrong_multiplier", recorded_share=own["register_factor"] / own["factor"]
    )
    tampered = [one for place in places.position.to_dict("records") if (one := _theft(place, plan, seed)) is not None]
    wrong = [one for row in np.flatnonzero(plan["multiplier"] > 1) if (one := _wrong(int(row), plan, seed)) is not None]
    planted = pd.DataFrame([*tampered, *wrong], columns=["row", "kind", "recorded_share"]).drop_duplicates("row")
    at = planted.pop("row").to_numpy(np.int64)
    for name in ("transformer", "feeder"):
        planted[name] = places.point[name].to_numpy()[at]
    planted["usage_point"] = plan["usage_point"].to_numpy()[at]
    behind = (plan["multiplier"] > 1).to_numpy()
    error = generator(seed, "customer meter error").uniform(-_CUSTOMER_CLASS, _CUSTOMER_CLASS, len(plan))
    of_transformers = generator(seed, "customer ct error").uniform(-_CUSTOMER_CT_CLASS, _CUSTOMER_CT_CLASS, len(plan))
    share = 1 / (1 + (error + np.where(behind, of_transformers, 0.0)) / 100)
    share[at] /= planted["recorded_share"].to_numpy(np.float64)
    cos_phi = generator(seed, "power factor").uniform(0.93, 0.98, len(plan))
    names = ["kind", "usage_point", "transformer", "feeder", "recorded_share"]
    faults = pd.concat([planted, wrong_total], ignore_index=True)[names]
    return GridMeters(meter, faults.sort_values("usage_point", ignore_index=True), share, np.tan(np.arccos(cos_phi)))


def _total(place: Mapping[Any, Any], seed: int, always: bool) -> dict[str, object] | None:
    rng = generator(seed, f"total meter {place['transformer']}")
    if rng.random() >= _TOTAL_METERS and not always:
        return None
    ampere = place["rating_kva"] / (np.sqrt(3) * place["low_kv"])
    step = min(int(np.searchsorted(_CURRENT_A, ampere)), len(_CURRENT_A) - 1)
    registered = step
    if rng.random() < _WRONG_TOTAL:
        registered = step + (1 if step == 0 or (rng.random() < 0.5 and step + 1 < len(_CURRENT_A)) else -1)
    return {
        "usage_point": f"TM-{place['transformer']}",
        "kind": "total",
        **{name: place[name] for name in ("transformer", "feeder", "substation", "x", "y")},
        "factor": _CURRENT_A[step] / 5,
        "register_factor": _CURRENT_A[registered] / 5,
        **_accuracy("total", rng),
    }


def _head(number: int, place: Mapping[Any, Any], seed: int) -> dict[str, object]:
    rng = generator(seed, f"head meter {place['feeder']}")
    return {
        "usage_point": f"FH-{number + 1:03}",
        "kind": "head",
        "transformer": None,
        "feeder": place["feeder"],
        "substation": place["substation"],
        "x": None,
        "y": None,
        "factor": _HEAD_FACTOR,
        "register_factor": _HEAD_FACTOR,
        **_accuracy("head", rng),
    }


def _accuracy(kind: str, rng: np.random.Generator) -> dict[str, float]:
    limits = _CLASS[kind], _CT_CLASS[kind]
    error = sum(rng.uniform(-limit, limit) for limit in limits) / 100
    return {"class": limits[0], "ct_class": limits[1], "error": error}


def _theft(place: Mapping[Any, Any], plan: pd.DataFrame, seed: int) -> tuple[int, str, float] | None:
    """One customer behind a transformer, more often a large one."""
    rng = generator(seed, f"theft {place['transformer']}")
    if rng.random() >= _THEFT:
        return None
    own = np.flatnonzero((plan["network"] == place["network"]) & (plan["multiplier"] == 1))
    if len(own) == 0:
        return None
    by_size = own[np.argsort(-plan["limit_kw"].to_numpy()[own], kind="stable")]
    among = by_size[:10] if rng.random() < _LARGE else by_size
    return int(rng.choice(among)), "theft", float(rng.uniform(*_RECORDED))


def _wrong(row: int, plan: pd.DataFrame, seed: int) -> tuple[int, str, float] | None:
    rng = generator(seed, f"wrong factor {plan['usage_point'].iat[row]}")
    if rng.random() >= _WRONG_CUSTOMER:
        return None
    return row, "wrong_multiplier", float(rng.choice(_WRONG_RATIO))


def usage_points(found: GridMeters) -> pd.DataFrame:
    """The meters' rows among the supply points."""
    meter = found.meter
    total = meter["kind"] == "total"
    return pd.DataFrame(
        {
            "premise": meter["usage_point"],
            "kind": meter["kind"],
            "metering": "interval",
            "channels": "delivered|received",
            "level": np.where(total, "LV", "MV"),
            "phases": "ABC",
            "longitude": meter["x"],
            "latitude": meter["y"],
            "connected_at": pd.Timestamp(_SINCE),
        }
    )


def links(found: GridMeters) -> pd.DataFrame:
    """What each of them measures: a transformer or a feeder."""
    meter = found.meter
    return pd.DataFrame(
        {
            "premise": meter["usage_point"],
            "level": np.where(meter["kind"] == "total", "LV", "MV"),
            **{name: meter[name] for name in ("transformer", "feeder", "substation")},
            "from_utc": pd.Timestamp(_SINCE),
            "to_utc": pd.Series(pd.NaT, meter.index, dtype="datetime64[us, UTC]"),
        }
    )


def register(found: GridMeters) -> pd.DataFrame:
    """Their register: where each stands, the factor that the register has, its class and that of its transformers."""
    meter = found.meter
    return pd.DataFrame(
        {
            "meter": meter["meter"],
            "point": meter["usage_point"],
            "installed_at": pd.Timestamp(_SINCE),
            "removed_at": pd.Series(pd.NaT, meter.index, dtype="datetime64[us, UTC]"),
            "factor": meter["register_factor"],
            "class_percent": meter["class"],
            "ct_class_percent": meter["ct_class"],
        }
    )
