"""The replacement plan and its years against the case worked by hand; its README says how."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.gold.cost.settings import Plan
from jobs.gold.replacement_plan import REPLACEMENT_PLAN, replacement_plans
from jobs.gold.replacement_plan_year import REPLACEMENT_PLAN_YEAR, replacement_plan_years
from jobs.span import Span
from tests.builders import frame

CASE = "replacement_plan_small"
SPAN = Span(date(2016, 5, 1), date(2016, 5, 2))
PLAN = Plan(years=2, annual_budget=10.0)


def read(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / CASE / name).open(newline="") as lines:
        return list(csv.DictReader(lines))


def assert_rows(found: dict[Any, Any], wanted: list[dict[str, str]], key: str) -> None:
    assert sorted(map(str, found)) == sorted(row[key] for row in wanted)
    for row in wanted:
        for name, text in row.items():
            value = found[row[key]][name]
            assert (
                value == pytest.approx(float(text))
                if isinstance(value, float)
                else str(value or "") == text or (value == 0 and text == "0")
            ), (row[key], name)


def test_the_plan_and_its_years(spark: SparkSession) -> None:
    units = [
        {
            "asset_id": row["asset_id"],
            "period_kind": "year",
            "period_start": date(2016, 1, 1),
            "successor_investment_cost": float(row["replacement_cost"]) + 2.0,
            "removal_cost": -2.0,
            "waiting_cost_curve": [float(row[f"w{n}"]) for n in range(4)],
        }
        for row in read("when/units.csv")
    ]
    other_year = {**units[0], "period_start": date(2015, 1, 1)}
    costs = frame(spark, ASSET_LIFE_CYCLE_COST, *units, other_year)
    planned = replacement_plans(costs, span=SPAN, plan=PLAN).select(*REPLACEMENT_PLAN.column_names).persist()
    rows = {row["asset_id"]: row.asDict() for row in planned.collect()}
    assert_rows(rows, read("then/units.csv"), "asset_id")
    assert [row["plan_gap"] for row in rows.values()] == pytest.approx([0.0] * 3, abs=1e-9)
    assert {row["period_start"] for row in rows.values()} == {date(2016, 1, 1)}
    years = replacement_plan_years(planned, span=SPAN, plan=PLAN).select(*REPLACEMENT_PLAN_YEAR.column_names)
    by_year = {str(row["plan_year"]): row.asDict() for row in years.collect()}
    assert_rows(by_year, read("then/years.csv"), "plan_year")


def test_where_nothing_is_worth_planning_each_year_still_has_its_budget(spark: SparkSession) -> None:
    planned = replacement_plans(frame(spark, ASSET_LIFE_CYCLE_COST), span=SPAN, plan=PLAN)
    assert planned.count() == 0
    years = replacement_plan_years(planned, span=SPAN, plan=PLAN).collect()
    assert {(row["plan_year"], row["budget_cost"], row["spent_cost"], row["planned_units"]) for row in years} == {
        (2017, 10.0, 0.0, 0),
        (2018, 10.0, 0.0, 0),
    }
