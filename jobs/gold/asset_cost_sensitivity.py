"""Gold ``asset_cost_sensitivity``: how a decision moves with what is believed, and what it takes to change it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.gold.cost.failure_probability import FailureProbability, WeibullByClass
from jobs.gold.cost.settings import CostSettings
from jobs.gold.cost.spoken import by_model, with_model
from jobs.job import Job, Read
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table
from kernels.decision_sensitivity import FACTORS, Cases, Successors, decision_sensitivity
from kernels.life_cycle_cost import NOT_WITHIN_HORIZON

DECISIONS = ASSET_LIFE_CYCLE_COST.column("decision").codes
MEANING = {
    "real_rate": "real discount rate a year",
    "energy_price": "multiple of the energy price's whole path",
    "price_growth": "real growth of the energy price a year",
    "load_growth": "growth of load a year",
    "failure_probability": "multiple of this unit's own probability of failure in each year",
}


def _decision(name: str, meaning: str, *, nullable: bool = False) -> Column:
    return Column(name, StringType(), None, meaning, nullable=nullable, codes=DECISIONS)


def _year(name: str, meaning: str) -> Column:
    return Column(name, IntegerType(), None, meaning, nullable=True)


ASSET_COST_SENSITIVITY = Table(
    name="gold.asset_cost_sensitivity",
    grain="One factor of one unit's decision, one study year; the other factors stay as believed.",
    key=("asset_id", "period_kind", "period_start", "factor"),
    replace="period",
    columns=(
        c.ASSET_ID,
        c.TRANSFORMER_ID,
        c.PERIOD_KIND,
        c.PERIOD_START,
        Column("factor", StringType(), None, "What is varied", codes={name: MEANING[name] for name in FACTORS}),
        Column("base_value", DoubleType(), "1", "Factor: as believed, in gold.asset_life_cycle_cost"),
        Column("low_value", DoubleType(), "1", "Factor: its low case"),
        Column("high_value", DoubleType(), "1", "Factor: its high case"),
        _decision("decision", "What to do, as believed"),
        _year("replacement_year", "Calendar year of replacement, as believed; null: not within the horizon"),
        _decision("low_decision", "What to do in the low case"),
        _year("low_replacement_year", "Calendar year of replacement in the low case; null: not within the horizon"),
        Column(
            "low_waiting_gain",
            DoubleType(),
            c.PRICE_YEAR_MONEY,
            "What waiting until then gains in the low case",
            minimum=0,
        ),
        _decision("high_decision", "What to do in the high case"),
        _year("high_replacement_year", "Calendar year of replacement in the high case; null: not within the horizon"),
        Column(
            "high_waiting_gain",
            DoubleType(),
            c.PRICE_YEAR_MONEY,
            "What waiting until then gains in the high case",
            minimum=0,
        ),
        Column(
            "break_even_value",
            DoubleType(),
            "1",
            "Factor: value nearest to what is believed at which the decision is another; null: none found between the "
            "configured bounds",
            nullable=True,
        ),
        _decision("break_even_decision", "What to do at the break-even; null without one", nullable=True),
        _year(
            "break_even_replacement_year",
            "Calendar year of replacement at the break-even; null: without one, or not within the horizon",
        ),
    ),
)
NEEDED = (
    "asset_id", "transformer_id", "asset_class", "age_years", "no_load_loss_cost", "load_loss_cost",
    "maintenance_year_cost", "one_failure_cost", "removal_cost", "successor_no_load_loss_cost",
    "successor_load_loss_cost", "successor_investment_cost", "successor_maintenance_year_cost",
    "successor_one_failure_cost", "successor_removal_cost",
)  # fmt: skip
YEARS = ("years", "low_years", "high_years", "break_even_years")  # from today, -1 where not within the horizon
COMPUTED = (
    "asset_id string, transformer_id string, factor string, base_value double, low_value double, high_value double, "
    "low_waiting_gain double, high_waiting_gain double, break_even_value double, "
) + ", ".join(f"{name} int" for name in YEARS)


def asset_cost_sensitivities(
    costs: DataFrame,
    failure_probability: DataFrame,
    *,
    span: Span,
    cost: CostSettings,
    failures: FailureProbability,
    rate: float,
) -> DataFrame:
    """gold.asset_life_cycle_cost -> gold.asset_cost_sensitivity, for each year that ``span`` touches."""
    factors = cases(cost, rate=rate)
    return reduce(
        DataFrame.unionByName,
        [_of_year(costs, failure_probability, year, factors, cost, failures) for year in span.whole_years().years],
    )


def cases(cost: CostSettings, *, rate: float) -> dict[str, Cases]:
    """Each factor as it is believed, with the cases and bounds of the configuration."""
    base = dict.fromkeys(FACTORS, 1.0)
    base |= {"real_rate": rate, "price_growth": cost.price_growth, "load_growth": cost.load_growth}
    return {name: Cases(base[name], **getattr(cost.sensitivity, name).model_dump()) for name in FACTORS}


def _of_year(
    costs: DataFrame,
    failure_probability: DataFrame,
    year: date,
    factors: dict[str, Cases],
    cost: CostSettings,
    failures: FailureProbability,
) -> DataFrame:
    units = costs.where((F.col("period_kind") == "year") & (F.col("period_start") == year)).select(*NEEDED)
    first = year.year + 1
    units = with_model(units, failure_probability, as_of=date(first, 1, 1))

    def judged(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            if len(batch):
                yield _judged(batch, factors, cost, failures, today=date(first, 1, 1))

    def decision(years: str) -> SparkColumn:
        n = F.col(years)
        return F.when(n == 0, "replace_now").when(n == NOT_WITHIN_HORIZON, "keep").otherwise("replace_later")

    def calendar(years: str) -> SparkColumn:
        return F.when(F.col(years) != NOT_WITHIN_HORIZON, F.lit(first) + F.col(years))

    found = F.col("break_even_value").isNotNull()
    named = {"": "years"} | {f"{case}_": f"{case}_years" for case in ("low", "high", "break_even")}
    told = {f"{case}decision": decision(years) for case, years in named.items()}
    told |= {f"{case}replacement_year": calendar(years) for case, years in named.items()}
    told |= {name: F.when(found, told[name]) for name in ("break_even_decision", "break_even_replacement_year")}
    return (
        units.mapInPandas(judged, COMPUTED)
        .withColumns({"period_kind": F.lit("year"), "period_start": F.lit(year), **told})
        .drop(*YEARS)
    )


def _judged(
    unit: pd.DataFrame, factors: dict[str, Cases], cost: CostSettings, failures: FailureProbability, *, today: date
) -> pd.DataFrame:
    """One batch of units through the kernel: a row for each factor of each."""
    failures = by_model(unit, failures)
    money = {name: unit[name].to_numpy(np.float64) for name in NEEDED[4:]}
    of_class = unit["asset_class"].to_numpy(str)
    hazard = failures.in_service(
        unit["asset_id"].to_numpy(str), of_class, unit["age_years"].to_numpy(float), as_of=today,
        years=cost.horizon_years,
    ).hazard  # fmt: skip
    successor, successors = _successors(of_class, money, cost, failures)
    found = decision_sensitivity(
        no_load_difference_cost=money["no_load_loss_cost"] - money["successor_no_load_loss_cost"],
        load_difference_cost=money["load_loss_cost"] - money["successor_load_loss_cost"],
        maintenance_cost=money["maintenance_year_cost"],
        hazard=hazard,
        failure_cost=money["one_failure_cost"],
        removal_value=-money["removal_cost"],
        successor=successor,
        successors=successors,
        factors=factors,
    )
    number, times = len(FACTORS), len(unit)
    known = [factors[name] for name in FACTORS]
    return pd.DataFrame(
        {
            "asset_id": np.tile(unit["asset_id"].to_numpy(), number),
            "transformer_id": np.tile(unit["transformer_id"].to_numpy(), number),
            "factor": np.repeat(FACTORS, times),
            "base_value": np.repeat([one.base for one in known], times),
            "low_value": np.repeat([one.low for one in known], times),
            "high_value": np.repeat([one.high for one in known], times),
            "low_waiting_gain": found.case_gain[:, 0].ravel(),
            "high_waiting_gain": found.case_gain[:, 1].ravel(),
            "break_even_value": pd.Series(found.break_even.ravel()).astype("Float64"),
            "years": np.tile(found.replacement_year, number),
            "low_years": found.case_year[:, 0].ravel(),
            "high_years": found.case_year[:, 1].ravel(),
            "break_even_years": found.break_even_year.ravel(),
        }
    )


def _successors(
    of_class: NDArray[np.str_], money: dict[str, NDArray[np.float64]], cost: CostSettings, failures: FailureProbability
) -> tuple[NDArray[np.intp], Successors]:
    """The successors that differ, and which of them each unit has."""
    names, number = np.unique(of_class, return_inverse=True)
    of_successor = ("investment_cost", "maintenance_year_cost", "one_failure_cost", "removal_cost")
    figures = np.column_stack([number, *(money[f"successor_{name}"] for name in of_successor)])
    distinct, row = np.unique(figures, axis=0, return_inverse=True)
    classes = names[distinct[:, 0].astype(int)]
    _, investment, upkeep, failure, removal = distinct.T
    return row, Successors(
        investment_cost=investment,
        maintenance_cost=upkeep,
        failure_cost=failure,
        disposal_cost=removal,
        hazard=failures.of_new(classes, cost.longest_life_years),
        repaired=np.array([cost.classes[name].policy == "repaired" for name in classes]),
    )


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {
        "span": span,
        "cost": settings.life_cycle_cost,
        "failures": WeibullByClass(settings.life_cycle_cost.classes),
        "rate": settings.money.real_rate,
    }


JOB = Job(
    ASSET_COST_SENSITIVITY,
    asset_cost_sensitivities,
    {"costs": Read("gold.asset_life_cycle_cost"), "failure_probability": Read("models.failure_probability")},
    _options,
)
