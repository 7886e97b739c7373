"""Gold ``asset_health``: how worn each unit is, how likely it fails now and in each year ahead, and what that risks."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.gold.health.check import check_health
from jobs.gold.health.inputs import RULES, UTILISATION_SOURCES, units_at
from jobs.gold.health.kernel import Money, health_rows
from jobs.gold.health.method import Method, read_method
from jobs.gold.health.settings import HealthSettings
from jobs.job import Job, Read
from jobs.outcome import computed_outcomes
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table

AHEAD = ArrayType(DoubleType(), False)
NAMES = ArrayType(StringType(), False)


def _cost(name: str, meaning: str) -> Column:
    return Column(name, DoubleType(), c.PRICE_YEAR_MONEY, meaning, minimum=0)


def _number(name: str, unit: str, meaning: str, **bounds: Any) -> Column:
    return Column(name, DoubleType(), unit, meaning, **{"minimum": 0, **bounds})


ASSET_HEALTH = Table(
    name="gold.asset_health",
    grain="One unit in service at the end of a study year.",
    key=("asset_id", "period_kind", "period_start"),
    replace="period",
    columns=(
        c.ASSET_ID,
        c.optional(c.TRANSFORMER_ID, "Position it stands at; null of units that stand at none"),
        c.PERIOD_KIND,
        c.PERIOD_START,
        Column("asset_class", StringType(), None, "Class of the unit"),
        Column("category", StringType(), None, "Asset register category of the methodology"),
        Column("component", StringType(), None, "Component with the highest score, whose life and rates these are"),
        Column("rating_kva", DoubleType(), "kVA", "Rated apparent power", nullable=True, minimum=0),
        Column("age_years", IntegerType(), "a", "Age in the study year", minimum=0),
        _number("utilisation", "1", "Highest load / rating; null where not known", nullable=True),
        Column("utilisation_source", StringType(), None, "Where utilisation comes from", codes=UTILISATION_SOURCES),
        _number("duty_factor", "1", "How much its load or operation shortens its life"),
        _number("location_factor", "1", "How much its place shortens its life"),
        _number("expected_life_years", "a", "Normal expected life / (duty factor x location factor)"),
        _number("ageing_rate", "1/a", "Initial ageing rate: ln(5.5 / 0.5) / expected life"),
        _number("forecast_ageing_rate", "1/a", "Ageing rate that explains its current score, before reduction"),
        _number("initial_score", "1", "Health score by age alone", minimum=0.5, maximum=5.5),
        _number("condition_factor", "1", "What findings and the type's reliability multiply the initial score by"),
        _number("score_cap", "1", "Highest score that its findings leave", maximum=10),
        _number("score_collar", "1", "Lowest score that its findings leave", maximum=10),
        _number("current_score", "1", "Health score at the end of the study year", minimum=0.5, maximum=10),
        Column("future_scores", AHEAD, "1", "Health score 1, 2, … years later", minimum=0.5, maximum=15),
        _number("failure_probability", "1/a", "Failures in the year that follows"),
        Column("failure_probabilities", AHEAD, "1/a", "The same in the 1st, 2nd, … year after it", minimum=0),
        Column(
            "customers",
            IntegerType(),
            "1",
            "Customers behind its position; null where no link is known: the reference number then counts",
            nullable=True,
            minimum=0,
        ),
        _cost("financial_cost", "Of one failure: repair or replacement"),
        _cost("safety_cost", "Of one failure: people hurt"),
        _cost("environmental_cost", "Of one failure: oil, gas, fire and waste"),
        _cost("network_cost", "Of one failure: supply interrupted, or at risk"),
        _cost("consequence_cost", "Of one failure: the four together"),
        _cost("risk_cost", "Failures in the year that follows x consequence_cost"),
        _cost("risk_present_value_cost", "Risk of that year and those after it, in money of the study year's end"),
        _number(
            "currency_per_gbp", "1/GBP", "Configured currency for a pound: the methodology's costs are GBP of 2020/21"
        ),
        _number("price_ratio", "1", "Prices of the configured price year / those of 2020/21"),
        Column("known_inputs", NAMES, None, "Inputs of the methodology that are known of the unit"),
        Column("default_inputs", NAMES, None, "Inputs that are not, for which it takes its default"),
    ),
)


def asset_healths(
    asset: DataFrame,
    asset_deployment: DataFrame,
    power_transformer: DataFrame,
    connectivity: DataFrame,
    usage_point: DataFrame,
    load_metrics: DataFrame,
    inspection: DataFrame,
    oil_test: DataFrame,
    *,
    span: Span,
    health: HealthSettings,
    method: Method,
    rate: float,
    utc_offset: timedelta,
) -> DataFrame:
    """Units, their places, loads and findings -> gold.asset_health, for each year that ``span`` touches."""
    money = Money(health.currency_per_gbp * health.price_ratio, rate)
    frames = []
    for year in span.whole_years().years:
        units = units_at(
            asset, asset_deployment, power_transformer, connectivity, usage_point, load_metrics, inspection, oil_test,
            health=health, method=method, year=year.year, offset=utc_offset,
        )  # fmt: skip
        known = F.struct(*[name for name in units.columns if not name.startswith("_")])
        told = units.withColumn("_record", F.when(F.col("_rule").isNotNull(), F.to_json(known)))
        frames.append(health_rows(told, health, method, money).withColumn("period_start", F.lit(year)))
    rows = reduce(DataFrame.unionByName, frames).withColumns(
        {
            "period_kind": F.lit("year"),
            "currency_per_gbp": F.lit(health.currency_per_gbp),
            "price_ratio": F.lit(health.price_ratio),
        }
    )
    return rows.withColumns(computed_outcomes(RULES))


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    method = read_method(settings.conf_folder / "cnaim")
    check_health(settings.asset_health, method)
    return {
        "span": span,
        "health": settings.asset_health,
        "method": method,
        "rate": settings.money.real_rate,
        "utc_offset": settings.grid_time.offset,
    }


JOB = Job(
    ASSET_HEALTH,
    asset_healths,
    {
        "asset": Read("silver.asset"),
        "asset_deployment": Read("silver.asset_deployment"),
        "power_transformer": Read("silver.power_transformer"),
        "connectivity": Read("silver.connectivity"),
        "usage_point": Read("silver.usage_point"),
        "load_metrics": Read("gold.transformer_load_metrics"),
        "inspection": Read("silver.inspection"),
        "oil_test": Read("silver.oil_test"),
    },
    _options,
    rules=RULES,
)
