"""A small world for life-cycle cost: profiles of two levels at two prices, units, and what new ones cost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.gold.asset_life_cycle_cost import life_cycle_costs
from jobs.gold.cost.failure_probability import FailureProbability, WeibullByClass
from jobs.gold.cost.settings import AssetClass, CostSettings
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.transformer_profile import TRANSFORMER_PROFILE
from jobs.models.failure_probability import FAILURE_PROBABILITY
from jobs.silver.asset import ASSET
from jobs.silver.asset_cost import ASSET_COST
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.asset_event import ASSET_EVENT
from jobs.silver.price_interval import PRICE_INTERVAL
from jobs.span import Span
from jobs.table import Table
from tests.builders import frame

DAY = date(2016, 3, 1)
OFFSET = timedelta(hours=1)
CLASS = "distribution_transformer"
COST = CostSettings.model_validate(
    {
        "horizon_years": 40,
        "rating_groups_kva": [160.0],
        "minimum_profiles": 2,
        "minimum_failures": 2,
        "classes": {
            CLASS: {
                "policy": "failure_ends_life",
                "weibull": {"shape": 4.0, "scale_years": 57.0},
                "successor_loss_class": "T2",
                "successor_utilisation": 0.8,
            }
        },
    }
)


def profile(transformer: str, first_kva: float, second_kva: float, *, day: date = DAY, **values: Any) -> dict[str, Any]:
    """A day of hours: ``first_kva`` for the first twelve, ``second_kva`` for the others, all of it delivered."""
    return {
        "transformer_id": transformer,
        "grid_date": day,
        "interval_minutes": 60,
        "apparent_va": [first_kva * 1e3] * 12 + [second_kva * 1e3] * 12,
        "delivered_wh": [round(first_kva * 1e3)] * 12 + [round(second_kva * 1e3)] * 12,
        "received_wh": [0] * 24,
        "estimated_wh": [0] * 24,
        "meters_seen": [10] * 24,
        "meters_estimated": [0] * 24,
        "meters_expected": 10,
        **values,
    }


def prices(first: float | None, second: float | None, day: date = DAY) -> list[dict[str, Any]]:
    """Hourly prices of the same two halves of a grid day; None is an unknown price."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - OFFSET
    return [
        {
            "market": "day_ahead",
            "interval_start_utc": start + timedelta(hours=hour),
            "interval_minutes": 60,
            "price_per_mwh": price,
            "currency": "EUR",
        }
        for hour in range(24)
        if (price := first if hour < 12 else second) is not None
    ]


def unit(name: str, rating_kva: float = 100.0, **values: Any) -> dict[str, Any]:
    return {
        "asset_id": name,
        "asset_class": CLASS,
        "rating_kva": rating_kva,
        "no_load_loss_w": 100.0,
        "load_loss_w": 1000.0,
        "manufactured_year": 2006,
        "loss_class": "T1",
        **values,
    }


def placed(name: str, transformer: str, first: date = date(2006, 1, 1), end: date | None = None) -> dict[str, Any]:
    midnight = [
        None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC) - OFFSET for day in (first, end)
    ]
    return {"asset_id": name, "transformer_id": transformer, "valid_from_utc": midnight[0], "valid_to_utc": midnight[1]}


def price_list(*investments: tuple[float, str, float]) -> list[dict[str, Any]]:
    """Investment by (rating, tier, cost), each offered with losses of 80 W and 800 W a 100 kVA; other costs for any."""
    offered = [
        {
            "rating_kva": rating,
            "loss_class": tier,
            "cost_kind": "investment",
            "unit_cost": cost,
            "no_load_loss_w": 0.8 * rating,
            "load_loss_w": 8.0 * rating,
        }
        for rating, tier, cost in investments
    ]
    other = {"maintenance_per_year": 50.0, "failure": 4000.0, "disposal": 300.0}
    offered += [
        {"rating_kva": 100.0, "loss_class": "any", "cost_kind": kind, "unit_cost": cost} for kind, cost in other.items()
    ]
    return [{"asset_class": CLASS, "amount": Decimal(1), **row} for row in offered]


PRICE_LIST = price_list((50.0, "T2", 5000.0), (100.0, "T2", 8000.0), (200.0, "T2", 12000.0), (100.0, "T1", 7000.0))


@dataclass(frozen=True)
class Case:
    """Units, where they stand and what they carry; the fields of several cases meet in one run, each as a class."""

    profiles: Sequence[Mapping[str, Any]]
    units: Sequence[Mapping[str, Any]]
    deployments: Sequence[Mapping[str, Any]]
    costs: Sequence[Mapping[str, Any]] = tuple(PRICE_LIST)
    events: Sequence[Mapping[str, Any]] = ()


TWO_LEVELS = Case([profile("T", 100.0, 50.0)], [unit("U")], [placed("U", "T")])


def judged(
    spark: SparkSession,
    price_intervals: Iterable[Mapping[str, Any]],
    failures: FailureProbability | None = None,
    /,
    **cases: Case,
) -> dict[str, dict[str, dict[str, Any]]]:
    """What becomes of the units of each case, by case and unit; no unit comes out twice.

    A case's ids bear its name and its units' class is its name, so that none shares a bank, a mean, a price list or
    recorded work with another.
    """
    found = judged_rows(spark, price_intervals, failures, **cases).collect()
    by_case: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in cases}
    for row in found:
        case, unit_id = (row["asset_id"] or json.loads(row["_record"])["asset_id"]).split(".")
        assert unit_id not in by_case[case]
        by_case[case][unit_id] = row.asDict()
    return by_case


def classes_of(cases: Iterable[str]) -> dict[str, AssetClass]:
    """A class for each case, all alike."""
    return dict.fromkeys(cases, COST.classes[CLASS])


def judged_rows(
    spark: SparkSession,
    price_intervals: Iterable[Mapping[str, Any]],
    failures: FailureProbability | None = None,
    /,
    *probabilities: Mapping[str, Any],
    **cases: Case,
) -> DataFrame:
    """The rows themselves; probabilities of failure are those of the classes' curves where no other is given."""

    def rows(table: Table, field: str) -> DataFrame:
        named = (_named(name, one) for name, case in cases.items() for one in getattr(case, field))
        return frame(spark, table, *named)

    classes = classes_of(cases)
    return life_cycle_costs(
        rows(TRANSFORMER_PROFILE, "profiles"),
        rows(ASSET, "units"),
        rows(ASSET_DEPLOYMENT, "deployments"),
        rows(ASSET_COST, "costs"),
        rows(ASSET_EVENT, "events"),
        frame(spark, PRICE_INTERVAL, *map(dict, price_intervals)),
        frame(spark, FAILURE_PROBABILITY, *probabilities),
        span=Span(DAY, DAY + timedelta(days=1)),
        cost=COST.model_copy(update={"classes": classes}),
        failures=failures or WeibullByClass(classes),
        shares=ProfileSettings(interval_minutes=60),
        rate=0.03,
        currency="EUR",
        utc_offset=OFFSET,
    )


def _named(case: str, row: Mapping[str, Any]) -> dict[str, Any]:
    ids = {key: f"{case}.{row[key]}" for key in ("asset_id", "transformer_id", "event_id") if key in row}
    return {**row, **ids} | ({"asset_class": case} if row.get("asset_class") == CLASS else {})
