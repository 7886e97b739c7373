"""The edge between Spark rows of units and the health kernel: one call a category of a batch, no decision here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame

from jobs.gold.health.consequences import consequences_of
from jobs.gold.health.method import Method
from jobs.gold.health.scores import scores_of, surroundings_of
from jobs.gold.health.settings import HealthSettings
from kernels.asset_health import failure_probability, present_value

KEPT = (
    "asset_id string, transformer_id string, asset_class string, category string, rating_kva double, age_years int, "
    "utilisation double, utilisation_source string, customers int, _rule string, _record string"
)
COMPUTED = (
    "component string, duty_factor double, location_factor double, expected_life_years double, ageing_rate double, "
    "forecast_ageing_rate double, initial_score double, condition_factor double, score_cap double, "
    "score_collar double, current_score double, future_scores array<double>, failure_probability double, "
    "failure_probabilities array<double>, financial_cost double, safety_cost double, environmental_cost double, "
    "network_cost double, consequence_cost double, risk_cost double, risk_present_value_cost double, "
    "known_inputs array<string>, default_inputs array<string>"
)


@dataclass(frozen=True)
class Money:
    """From the methodology's money to the configured one, and the rate that years are discounted at."""

    per_gbp: float
    rate: float


def health_rows(units: DataFrame, health: HealthSettings, method: Method, money: Money) -> DataFrame:
    """Rows of gold.asset_health from `jobs.gold.health.inputs`; those with a ``_rule`` are passed on as they are."""
    schema = f"{KEPT}, {COMPUTED}"
    names = [one.split()[0] for one in schema.split(", ")]

    def judged(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            refused = batch["_rule"].notna()
            for (of_class, category), part in batch[~refused].groupby(["asset_class", "category"], sort=True):
                yield judge(part, health, method, money, str(of_class), str(category))[names]
            if refused.any():
                yield batch[refused].reindex(columns=names).astype(object).replace({np.nan: None})

    return units.mapInPandas(judged, schema)


def judge(
    units: pd.DataFrame, health: HealthSettings, method: Method, money: Money, of_class: str, category_name: str
) -> pd.DataFrame:
    """Units of one class and category, judged."""
    one, group = health.classes[of_class], method.group_of(category_name)
    category = group.categories[category_name]
    units = pd.concat([units, surroundings_of(units["area_id"], one, health.areas)], axis=1)
    scores = scores_of(units, method, category, group, one, health.years)
    costs = consequences_of(units, method, category, group, one)
    curve = method.curves[category.curve or group.curve]
    of_kilometres = one.length_km if group.curve.endswith(("cable", "conductor")) else 1.0
    probabilities = failure_probability(scores.future, curve.k_percent / 100 * of_kilometres, curve.c, curve.level_to)
    kinds = {name: getattr(costs, name) * money.per_gbp for name in ("financial", "safety", "environmental", "network")}
    consequence = np.sum(list(kinds.values()), axis=0)
    known = scores.known | _of_place(units) | costs.known
    told, not_told = _names(known)
    return units.assign(
        component=scores.component,
        duty_factor=scores.duty,
        location_factor=scores.location,
        expected_life_years=scores.expected_life,
        ageing_rate=scores.initial_rate,
        forecast_ageing_rate=scores.forecast_rate,
        initial_score=scores.initial,
        condition_factor=scores.factor,
        score_cap=scores.cap,
        score_collar=scores.collar,
        current_score=scores.current,
        future_scores=list(scores.future[:, 1:]),
        failure_probability=probabilities[:, 0],
        failure_probabilities=list(probabilities[:, 1:]),
        **{f"{name}_cost": cost for name, cost in kinds.items()},
        consequence_cost=consequence,
        risk_cost=probabilities[:, 0] * consequence,
        risk_present_value_cost=present_value(probabilities, consequence, money.rate),
        known_inputs=pd.Series(told, index=units.index),
        default_inputs=pd.Series(not_told, index=units.index),
    )


def _of_place(units: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    return {name: units[name].notna().to_numpy() for name in ("indoors", "altitude_m", "coast_km", "corrosion")}


def _names(known: dict[str, NDArray[np.bool_]]) -> tuple[list[list[str]], list[list[str]]]:
    """Names of the inputs that are known of each unit, and of those that are not; one list for units that are alike."""
    names = np.array(list(known))
    table = np.column_stack(list(known.values()))
    bits = table @ (1 << np.arange(len(names), dtype=np.int64))  # sorting numbers is far faster than sorting rows
    _, first, place = np.unique(bits, return_index=True, return_inverse=True)
    told, not_told = ([list(names[one]) for one in rows] for rows in (table[first], ~table[first]))
    return [told[p] for p in place], [not_told[p] for p in place]
