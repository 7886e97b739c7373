"""Gold ``replacement_plan_year``: what the plan makes of each year's budget, and what the budget puts off."""

from __future__ import annotations

from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType

from jobs import columns as c
from jobs.gold.cost.settings import Plan
from jobs.job import Job, Read
from jobs.ordered import ordered_sum
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table


def _money(name: str, meaning: str) -> Column:
    return Column(name, DoubleType(), c.PRICE_YEAR_MONEY, meaning, minimum=0)


def _units(name: str, meaning: str) -> Column:
    return Column(name, IntegerType(), "1", meaning, minimum=0)


REPLACEMENT_PLAN_YEAR = Table(
    name="gold.replacement_plan_year",
    grain="One year of the replacement plan, one study year.",
    key=("period_kind", "period_start", "plan_year"),
    replace="period",
    columns=(
        c.PERIOD_KIND,
        c.PERIOD_START,
        Column("plan_year", IntegerType(), None, "Calendar year of the plan"),
        _money("budget_cost", "Its budget"),
        _money("spent_cost", "What the units planned in it take"),
        _units("planned_units", "Units planned in it"),
        _units("later_units", "Of these, put off from an earlier year"),
        _money("saving_cost", "Present value that these save over leaving them out"),
        _money("wanted_cost", "What the units would take whose best year it is, were there no budget"),
        _units("wanted_units", "Units whose best year it is"),
        _units("left_out_units", "Of these, left out of the plan"),
        _money("deferral_cost", "Present value lost because these are planned in other years or left out"),
    ),
)


def replacement_plan_years(planned: DataFrame, *, span: Span, plan: Plan) -> DataFrame:
    """gold.replacement_plan -> gold.replacement_plan_year, for each year that ``span`` touches."""
    spark = planned.sparkSession
    return reduce(
        DataFrame.unionByName,
        [
            _of_study_year(planned.where(F.col("period_start") == year), plan.budgets(year.year), spark.range(1))
            .withColumns({"period_kind": F.lit("year"), "period_start": F.lit(year)})
            for year in span.whole_years().years
        ],
    )  # fmt: skip


def _of_study_year(planned: DataFrame, budgets: dict[int, float], one: DataFrame) -> DataFrame:
    each = F.explode(F.create_map(*[F.lit(x) for pair in budgets.items() for x in pair]))
    years = one.select(each.alias("plan_year", "budget_cost"))
    spent = planned.groupBy(F.col("planned_year").alias("plan_year")).agg(
        ordered_sum("replacement_cost").alias("spent_cost"),
        F.count("*").cast("int").alias("planned_units"),
        F.count_if(F.col("outcome") == "later").cast("int").alias("later_units"),
        ordered_sum("saving_cost").alias("saving_cost"),
    )
    wanted = planned.groupBy(F.col("best_year").alias("plan_year")).agg(
        ordered_sum("replacement_cost").alias("wanted_cost"),
        F.count("*").cast("int").alias("wanted_units"),
        F.count_if(F.col("outcome") == "left_out").cast("int").alias("left_out_units"),
        ordered_sum("deferral_cost").alias("deferral_cost"),
    )
    return years.join(spent, "plan_year", "left").join(wanted, "plan_year", "left").fillna(0)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"span": span, "plan": settings.life_cycle_cost.plan}


JOB = Job(REPLACEMENT_PLAN_YEAR, replacement_plan_years, {"planned": Read("gold.replacement_plan")}, _options)
