"""How decisions move: the table against the decisions of gold.asset_life_cycle_cost at other prices and beliefs."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.gold.asset_cost_sensitivity import ASSET_COST_SENSITIVITY, asset_cost_sensitivities
from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.gold.cost.failure_probability import WeibullByClass
from jobs.models.failure_probability import FAILURE_PROBABILITY
from jobs.span import Span
from kernels.decision_sensitivity import FACTORS
from tests.builders import frame
from tests.spark.life_cycle_cost_inputs import (
    COST,
    DAY,
    Case,
    classes_of,
    judged,
    judged_rows,
    placed,
    prices,
    profile,
    unit,
)

PRICE = 60.0
FLEET = Case(
    [profile(name, 60.0, 30.0) for name in ("T1", "T2", "T3")],
    [
        unit("WASTEFUL", no_load_loss_w=1_500.0, manufactured_year=1970),
        unit("AGEING", manufactured_year=1996, no_load_loss_w=600.0),
        unit("GOOD", manufactured_year=2015, no_load_loss_w=60.0, load_loss_w=600.0),
    ],
    [placed("WASTEFUL", "T1"), placed("AGEING", "T2"), placed("GOOD", "T3")],
)
SPAN = Span(DAY, DAY.replace(day=2))


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]]:
    """Each unit's life-cycle cost, and its sensitivities by unit and factor."""
    classes = classes_of(["fleet"])
    costs = judged_rows(spark, prices(PRICE, PRICE), fleet=FLEET).select(*ASSET_LIFE_CYCLE_COST.column_names).persist()
    cost = COST.model_copy(update={"classes": classes})
    rows = asset_cost_sensitivities(
        costs, frame(spark, FAILURE_PROBABILITY), span=SPAN, cost=cost, failures=WeibullByClass(classes), rate=0.03
    )
    assert sorted(rows.columns) == sorted(ASSET_COST_SENSITIVITY.column_names)
    return (
        {row["asset_id"]: row.asDict() for row in costs.collect()},
        {(row["asset_id"], row["factor"]): row.asDict() for row in rows.collect()},
    )


def test_each_unit_has_each_factor_and_the_decision_of_its_life_cycle_cost(found: Any) -> None:
    costs, moved = found
    assert set(moved) == {(unit_id, factor) for unit_id in costs for factor in FACTORS}
    for (unit_id, _), row in moved.items():
        same = ("transformer_id", "period_kind", "period_start", "decision", "replacement_year")
        assert {name: row[name] for name in same} == {name: costs[unit_id][name] for name in same}
    assert len({row["decision"] for row in costs.values()}) >= 2


def test_dearer_energy_and_likelier_failure_bring_the_ageing_unit_forward(found: Any) -> None:
    _, moved = found
    for factor in ("energy_price", "failure_probability"):
        row = moved["fleet.AGEING", factor]
        low, base, high = (row[f"{case}replacement_year"] or 9999 for case in ("low_", "", "high_"))
        assert high < base < low
    assert (row["base_value"], row["low_value"], row["high_value"]) == (1.0, 0.5, 2.0)


def test_at_the_break_even_price_the_life_cycle_cost_itself_decides_otherwise(spark: SparkSession, found: Any) -> None:
    costs, moved = found
    flips = 0
    for unit_id, cost in costs.items():
        row = moved[unit_id, "energy_price"]
        if row["break_even_value"] is None:
            assert (row["break_even_decision"], row["break_even_replacement_year"]) == (None, None)
            continue
        flips += 1
        name = unit_id.split(".")[1]
        away = 1e-6 if row["break_even_value"] > 1 else -1e-6

        def at(multiple: float, name: str = name) -> tuple[str, int | None]:
            dearer = judged(spark, prices(PRICE * multiple, PRICE * multiple), fleet=FLEET)["fleet"][name]
            return dearer["decision"], dearer["replacement_year"]

        assert at(row["break_even_value"] + away) == (row["break_even_decision"], row["break_even_replacement_year"])
        assert at(row["break_even_value"] - away)[0] == cost["decision"] != row["break_even_decision"]
    assert flips


def test_where_no_unit_is_costed_nothing_is_said(spark: SparkSession) -> None:
    none = judged_rows(spark, [], fleet=FLEET).where("_rule is null").select(*ASSET_LIFE_CYCLE_COST.column_names)
    classes = classes_of(["fleet"])
    cost = COST.model_copy(update={"classes": classes})
    rows = asset_cost_sensitivities(
        none, frame(spark, FAILURE_PROBABILITY), span=SPAN, cost=cost, failures=WeibullByClass(classes), rate=0.03
    )
    assert rows.count() == 0
