"""Gold ``replacement_plan``: which units to replace in which year, within each year's budget, to save most."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.gold.cost.settings import Plan
from jobs.job import Job, Read
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table
from kernels.replacement_plan import NOT_PLANNED, replacement_plan

REPLACEMENT_PLAN = Table(
    name="gold.replacement_plan",
    grain="One unit that some year of the plan saves more than any after it, one study year.",
    key=("asset_id", "period_kind", "period_start"),
    replace="period",
    columns=(
        c.ASSET_ID,
        c.TRANSFORMER_ID,
        c.PERIOD_KIND,
        c.PERIOD_START,
        Column(
            "replacement_cost",
            DoubleType(),
            c.PRICE_YEAR_MONEY,
            "What it takes of a year's budget: its successor's price and its own removal, at least 0",
            minimum=0,
        ),
        Column("best_year", IntegerType(), None, "Calendar year of least W, were there no budget"),
        Column(
            "planned_year", IntegerType(), None, "Calendar year planned; null: the plan leaves it out", nullable=True
        ),
        Column(
            "outcome",
            StringType(),
            None,
            "What the budgets do to it",
            codes={
                "in_best_year": "planned in its best year",
                "later": "planned after its best year",
                "earlier": "planned before it, for want of money then",
                "left_out": "not planned: what is budgeted saves more elsewhere",
            },
        ),
        Column(
            "saving_cost",
            DoubleType(),
            c.PRICE_YEAR_MONEY,
            "Present value that the plan saves over leaving it out, and replacing it in its best year after the plan; "
            "0 where left out",
            minimum=0,
        ),
        Column(
            "deferral_years",
            IntegerType(),
            "a",
            "From its best year to the planned; null where left out",
            nullable=True,
        ),
        Column(
            "deferral_cost",
            DoubleType(),
            c.PRICE_YEAR_MONEY,
            "Present value by which the plan costs more than its best year would: W there less the least W",
            minimum=0,
        ),
        Column(
            "budget_price",
            DoubleType(),
            "1",
            "What one more unit of money in the planned year would save; null where left out",
            nullable=True,
            minimum=0,
        ),
        Column(
            "plan_gap",
            DoubleType(),
            "1",
            "Of the whole plan: share of the greatest possible saving that it may lack, at most",
            minimum=0,
            maximum=1,
        ),
    ),
)
COMPUTED = (
    "asset_id string, transformer_id string, replacement_cost double, best int, planned int, saving_cost double, "
    "deferral_cost double, budget_price double, plan_gap double"
)


def replacement_plans(costs: DataFrame, *, span: Span, plan: Plan) -> DataFrame:
    """gold.asset_life_cycle_cost -> gold.replacement_plan, for each year that ``span`` touches.

    A plan weighs every unit against every other, so one task makes it: of a unit it needs a saving for each of the
    plan's years.
    """
    frames = []
    for year in span.whole_years().years:
        units = costs.where((F.col("period_kind") == "year") & (F.col("period_start") == year))
        budgets = plan.budgets(year.year)
        made = _planned(_savings(units, plan.years), np.array(list(budgets.values())))
        frames.append(_told(made, first=min(budgets)).withColumn("period_start", F.lit(year)))
    return reduce(DataFrame.unionByName, frames)


def _savings(units: DataFrame, years: int) -> DataFrame:
    """Units that a year of the plan suits best, with what each of its years saves over the best after it."""
    beyond = F.array_min(F.slice("waiting_cost_curve", years + 1, F.size("waiting_cost_curve") - years))
    within = F.slice("waiting_cost_curve", 1, years)
    return units.select(
        "asset_id",
        "transformer_id",
        F.greatest(F.col("successor_investment_cost") + F.col("removal_cost"), F.lit(0.0)).alias("replacement_cost"),
        F.transform(within, lambda waiting: beyond - waiting).alias("saving"),
    ).where("array_max(saving) > 0")


def _planned(units: DataFrame, budgets: np.ndarray[Any, np.dtype[np.float64]]) -> DataFrame:
    """The plan of all units together, years counted from its first."""

    def made(fleet: pd.DataFrame) -> pd.DataFrame:
        fleet = fleet.sort_values("asset_id", ignore_index=True)  # a sum in another order is another sum
        saving = np.stack(fleet["saving"].to_list()).astype(np.float64)
        found = replacement_plan(saving=saving, cost=fleet["replacement_cost"].to_numpy(), budget=budgets)
        planned = found.year != NOT_PLANNED
        saved = np.where(planned, saving[np.arange(len(fleet)), found.year], 0.0)
        return fleet[["asset_id", "transformer_id", "replacement_cost"]].assign(
            best=saving.argmax(axis=1).astype(np.int32),
            planned=pd.Series(found.year).astype("Int32").where(planned),
            saving_cost=saved,
            deferral_cost=saving.max(axis=1) - saved,
            budget_price=pd.Series(found.budget_price[found.year]).where(planned).astype("Float64"),
            plan_gap=found.gap,
        )

    return units.groupBy().applyInPandas(made, COMPUTED)


def _told(made: DataFrame, *, first: int) -> DataFrame:
    late = F.col("planned") - F.col("best")
    return made.select(
        "asset_id", "transformer_id", "replacement_cost", "saving_cost", "deferral_cost", "budget_price", "plan_gap",
        F.lit("year").alias("period_kind"),
        (F.lit(first) + F.col("best")).alias("best_year"),
        (F.lit(first) + F.col("planned")).alias("planned_year"),
        late.alias("deferral_years"),
        F.when(late.isNull(), "left_out").when(late == 0, "in_best_year").when(late > 0, "later").otherwise("earlier")
        .alias("outcome"),
    )  # fmt: skip


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"span": span, "plan": settings.life_cycle_cost.plan}


JOB = Job(REPLACEMENT_PLAN, replacement_plans, {"costs": Read("gold.asset_life_cycle_cost")}, _options)
