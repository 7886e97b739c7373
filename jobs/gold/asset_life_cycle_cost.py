"""Gold ``asset_life_cycle_cost``: what each transformer in service costs over its life, and when to replace it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from typing import Any

from pyspark.sql import Column as SparkColumn
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.gold.cost.failure_probability import FailureProbability, WeibullByClass
from jobs.gold.cost.inputs import RULES, asset_years, catalogue, deployed, lacking, successors
from jobs.gold.cost.kernel import cost_rows
from jobs.gold.cost.loss_year import loss_years, priced_intervals
from jobs.gold.cost.record import recorded_costs
from jobs.gold.cost.settings import CostSettings
from jobs.gold.cost.spoken import with_model
from jobs.gold.profile.settings import ProfileSettings
from jobs.job import Job, Read
from jobs.outcome import computed_outcomes
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table

CURVE = ArrayType(DoubleType(), False)


NEW, THIS = "New unit of this type: ", "This unit: "
"""Whom a figure describes: LCC, EAC and economic life one that is bought, W and the decision the one that stands."""


def _cost(name: str, meaning: str) -> Column:
    return Column(name, DoubleType(), c.PRICE_YEAR_MONEY, meaning)


ASSET_LIFE_CYCLE_COST = Table(
    name="gold.asset_life_cycle_cost",
    grain="One unit in service, one study year.",
    key=("asset_id", "period_kind", "period_start"),
    replace="period",
    columns=(
        c.ASSET_ID,
        c.TRANSFORMER_ID,
        c.PERIOD_KIND,
        c.PERIOD_START,
        Column("asset_class", StringType(), None, "Class of the unit"),
        Column("rating_kva", DoubleType(), "kVA", "Rated apparent power", minimum=0),
        Column("age_years", IntegerType(), "a", "Age in the study year", minimum=0),
        Column(
            "failure_policy",
            StringType(),
            None,
            "What a failure does",
            codes={"failure_ends_life": "the unit is replaced", "repaired": "the unit is repaired and goes on"},
        ),
        Column(
            "profile_source",
            StringType(),
            None,
            "Whose load the losses rest on",
            codes={
                "own": "its own profile",
                "rating_group": "the mean per unit of rating of the metered units of its class and rating group",
                "class": "the same of its whole class, for too few of its group are metered",
            },
        ),
        Column("profiles_behind", IntegerType(), "1", "Units whose profiles the load rests on", minimum=1),
        Column(
            "observed_share",
            DoubleType(),
            "1",
            "Share of the year's hours with a usable profile; the rest is scaled in proportion",
            minimum=0,
            maximum=1,
        ),
        Column(
            "estimated_share",
            DoubleType(),
            "1",
            "Estimated Wh (absolute) / total Wh of the profile in these hours; where that is 0, the share of "
            "meter-intervals estimated; with a typical load, the mean over the units that it rests on",
            minimum=0,
            maximum=1,
        ),
        Column("peak_kva", DoubleType(), "kVA", "Highest apparent power of the unit in the hours observed", minimum=0),
        Column("loss_wh", DoubleType(), "Wh", THIS + "losses of the study year, no-load and load", minimum=0),
        Column("mean_energy_price", DoubleType(), "currency/MWh", "Mean energy price of the days observed"),
        _cost("no_load_loss_cost", THIS + "no-load losses of the study year"),
        _cost("load_loss_cost", THIS + "load losses of the study year"),
        _cost("maintenance_year_cost", THIS + "CM, planned maintenance and corrective work of a year"),
        _cost("work_order_cost", THIS + "of that corrective work, as recorded for its class in a year of service"),
        _cost("one_failure_cost", THIS + "C, one failure: the listed cost x failure_cost_ratio"),
        Column(
            "failure_cost_ratio",
            DoubleType(),
            "1",
            "Recorded / listed cost of its class's failures; 1 where too few are on record",
            minimum=0,
        ),
        _cost("removal_cost", THIS + "CD, planned removal and disposal in any year, net of what is recovered"),
        _cost("investment_cost", NEW + "CI, its price"),
        _cost("operation_cost", NEW + "CO, present value over the economic life, at the study year's load and price"),
        _cost("maintenance_cost", NEW + "CM, present value over the economic life"),
        _cost("failure_cost", NEW + "CF, present value over the economic life"),
        _cost("disposal_cost", NEW + "CD, present value at the end of the economic life, net of what is recovered"),
        _cost("life_cycle_cost", NEW + "LCC = CI + CO + CM + CF + CD"),
        _cost("equivalent_annual_cost", NEW + "least EAC, the cost of a year where it is renewed for ever"),
        Column("equivalent_annual_cost_curve", CURVE, c.PRICE_YEAR_MONEY, NEW + "EAC(T) for T = 1, 2, … years"),
        Column(
            "economic_life_years",
            IntegerType(),
            "a",
            NEW + "T of least EAC; null: not within the horizon",
            nullable=True,
        ),
        Column(
            "failure_probability",
            DoubleType(),
            "1",
            THIS + "chance that it fails in the year after the study year; expected failures where it is repaired",
            minimum=0,
        ),
        Column(
            "failure_probability_source",
            StringType(),
            None,
            THIS + "who says how likely it is to fail: `weibull` (the curve of its class) or the name of a model",
        ),
        Column(
            "successor_rating_kva",
            DoubleType(),
            "kVA",
            "Successor: its rating, right-sized to this unit's load",
            minimum=0,
        ),
        Column("successor_loss_class", StringType(), None, "Successor: its efficiency tier, the one bought today"),
        _cost("successor_annual_cost", "Successor: a0, its least EAC without losses"),
        _cost("successor_loss_cost", "Successor: losses of the study year under this unit's load"),
        _cost("successor_no_load_loss_cost", "Successor: no-load losses of the study year"),
        _cost("successor_load_loss_cost", "Successor: load losses of the study year under this unit's load"),
        _cost("successor_investment_cost", "Successor: CI, its price"),
        _cost("successor_maintenance_year_cost", "Successor: CM of a year"),
        _cost("successor_one_failure_cost", "Successor: C, one failure"),
        _cost("successor_removal_cost", "Successor: CD in any year"),
        Column(
            "waiting_cost_curve",
            CURVE,
            c.PRICE_YEAR_MONEY,
            THIS + "W(n), cost of waiting n = 0, 1, … years instead of replacing it now by the successor",
        ),
        Column(
            "years_to_replacement",
            IntegerType(),
            "a",
            THIS + "n of least W(n), 0 is now; null: not within the horizon",
            nullable=True,
        ),
        Column(
            "replacement_year",
            IntegerType(),
            None,
            THIS + "calendar year of replacement; null: not within the horizon",
            nullable=True,
        ),
        _cost("waiting_gain", THIS + "what waiting until then gains over replacing now"),
        _cost("one_year_waiting_cost", THIS + "W(1), price of waiting one year; negative where waiting pays"),
        Column(
            "decision",
            StringType(),
            None,
            THIS + "what to do",
            codes={
                "replace_now": "waiting only costs",
                "replace_later": "waiting pays until the year given",
                "keep": "waiting pays beyond the horizon",
            },
        ),
        Column("reason", StringType(), None, THIS + "why, in words, and how sure its load is"),
    ),
)


def life_cycle_costs(
    profile: DataFrame,
    asset: DataFrame,
    asset_deployment: DataFrame,
    asset_cost: DataFrame,
    asset_event: DataFrame,
    price_interval: DataFrame,
    failure_probability: DataFrame,
    *,
    span: Span,
    cost: CostSettings,
    failures: FailureProbability,
    shares: ProfileSettings,
    rate: float,
    currency: str,
    utc_offset: timedelta,
) -> DataFrame:
    """Profiles, units and their costs -> gold.asset_life_cycle_cost, for each year that ``span`` touches.

    Parameters
    ----------
    failures
        How likely units are to fail where ``failure_probability`` says nothing of them, and in later years.
    """
    prices = priced_intervals(
        price_interval,
        market=cost.price_market,
        currency=currency,
        offset=utc_offset,
        interval_minutes=shares.interval_minutes,
    )
    known = catalogue(asset_cost)
    frames = []
    for year in span.whole_years().years:
        days = profile.where(F.year("grid_date") == year.year)
        loads = loss_years(days, prices, settings=shares)
        units = deployed(asset, asset_deployment, list(cost.classes), year=year.year, offset=utc_offset)
        record = recorded_costs(asset_event, asset, asset_deployment, known, cost, year=year.year, offset=utc_offset)
        rows = asset_years(units, loads, asset, known, record, cost, year=year.year)
        judged = successors(rows, known, cost).withColumn("_rule", lacking())
        told = judged.withColumn("_record", _record(judged))
        told = with_model(told, failure_probability, as_of=date(year.year + 1, 1, 1))
        frames.append(cost_rows(told, cost, failures, rate=rate, year=year.year))
    return reduce(DataFrame.unionByName, frames).withColumns(computed_outcomes(RULES))


def _record(judged: DataFrame) -> SparkColumn:
    """What is known of a unit that cannot be costed."""
    known = F.struct(*[name for name in judged.columns if not name.startswith("_")])
    return F.when(F.col("_rule").isNotNull(), F.to_json(known))


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {
        "span": span,
        "cost": settings.life_cycle_cost,
        "failures": WeibullByClass(settings.life_cycle_cost.classes),
        "shares": settings.profile,
        "rate": settings.money.real_rate,
        "currency": settings.money.currency,
        "utc_offset": settings.grid_time.offset,
    }


JOB = Job(
    ASSET_LIFE_CYCLE_COST,
    life_cycle_costs,
    {
        "profile": Read("gold.transformer_profile", days=Span.whole_years),
        "asset": Read("silver.asset"),
        "asset_deployment": Read("silver.asset_deployment"),
        "asset_cost": Read("silver.asset_cost"),
        "asset_event": Read("silver.asset_event"),
        "price_interval": Read("silver.price_interval"),
        "failure_probability": Read("models.failure_probability"),
    },
    _options,
    rules=RULES,
)
