"""What the cost kernel needs of each unit: its place, load, prices and successor, one row a unit."""

from __future__ import annotations

from calendar import isleap
from datetime import datetime, timedelta, timezone
from functools import reduce
from operator import add, or_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.cost.settings import CostSettings
from jobs.rule import Rule, RuleSet

RULES = RuleSet(
    "Why a unit is not costed",
    Rule("C11", "no_nameplate", "the unit's losses or year of manufacture are unknown"),
    Rule("C12", "no_load_profile", "no transformer of its class has a usable profile in the year"),
    Rule("C13", "no_energy_price", "no energy price of the market and currency is known for the year"),
    Rule("C14", "no_successor", "no unit of the tier bought today is offered with its losses"),
    Rule("C15", "no_unit_cost", "no investment, maintenance, failure or disposal cost of its class is known"),
)
WHOLE = (Window.unboundedPreceding, Window.unboundedFollowing)
UNIT_COSTS = ("investment", "maintenance_per_year", "failure", "disposal")


def catalogue(asset_cost: DataFrame) -> DataFrame:
    """Newest cost of each kind by class, rating and tier, with the losses of a new unit."""
    newest = F.row_number().over(
        Window.partitionBy("asset_class", "rating_kva", "loss_class", "cost_kind").orderBy(F.col("booked_on").desc())
    )
    return asset_cost.withColumn("_newest", newest).where("_newest = 1").drop("_newest")


def deployed(
    asset: DataFrame, asset_deployment: DataFrame, classes: list[str], *, year: int, offset: timedelta
) -> DataFrame:
    """Units of the configured classes in service at the end of a year, and each one's share of its bank's load."""
    end = F.lit(datetime(year + 1, 1, 1, tzinfo=timezone(offset)))
    there = asset_deployment.where(
        (F.col("valid_from_utc") < end) & (F.col("valid_to_utc").isNull() | (F.col("valid_to_utc") >= end))
    )
    bank = Window.partitionBy("transformer_id").orderBy("asset_id").rowsBetween(*WHOLE)
    return (
        asset.where(F.col("asset_class").isin(classes) & (F.col("rating_kva") > 0))
        .join(there.select("asset_id", "transformer_id"), "asset_id")
        .withColumn("bank_share", F.col("rating_kva") / F.sum("rating_kva").over(bank))
        .withColumn("age_years", F.greatest(F.lit(year) - F.col("manufactured_year"), F.lit(0)))
        .select(
            "asset_id", "transformer_id", "asset_class", "rating_kva", "loss_class", "no_load_loss_w", "load_loss_w",
            "age_years", "bank_share",
        )
    )  # fmt: skip


def asset_years(
    units: DataFrame,
    loads: DataFrame,
    asset: DataFrame,
    known: DataFrame,
    record: DataFrame,
    cost: CostSettings,
    *,
    year: int,
) -> DataFrame:
    """Units with the load of a year in per unit of their rating, the costs of a new unit of their type, and `record`.

    A unit whose own profile has no usable interval takes a typical load and is marked: see `_typical`.
    """
    load = units.join(loads.where("used_hours > 0"), "transformer_id", "left")
    scale = F.col("bank_share") / F.col("rating_kva")
    load = load.withColumns(
        {
            "square_pu2_h": F.col("square_kva2_h") * scale * scale / F.col("used_hours"),  # mean S^2, per unit
            "priced_pu2": F.col("priced_square") * scale * scale / F.col("used_hours"),
            "peak_pu": F.col("peak_kva") * scale,
        }
    )
    load = _typical(load, cost).withColumn("unit_peak_kva", F.col("peak_pu") * F.col("rating_kva"))
    hours = 8784.0 if isleap(year) else 8760.0
    load = load.withColumns(
        {
            "year_hours": F.lit(hours),
            "observed_share": F.least(F.coalesce(F.col("used_hours"), F.lit(0.0)) / hours, F.lit(1.0)),
        }
    )
    types = asset.select("asset_class", "rating_kva", "loss_class")
    own = priced(load, types, known, prefix="own_")
    return own.join(F.broadcast(record), "asset_class", "left").fillna(
        {"work_order_cost": 0.0, "failure_cost_ratio": 1.0}
    )


def _typical(load: DataFrame, cost: CostSettings) -> DataFrame:
    """The load of each unit, where it has none that of the metered units of its class near its rating.

    It is their mean by hour observed, per unit of rating: losses follow the mean of the square, so that a fleet's add
    up. A rating group with too few metered units takes the mean of the whole class.
    """
    group = reduce(add, [(F.col("rating_kva") > bound).cast("int") for bound in cost.rating_groups_kva], F.lit(0))
    load = load.withColumn("_group", group)
    # Unit after unit: a mean of floats in another order is another mean.
    of_class = Window.partitionBy("asset_class").orderBy("asset_id").rowsBetween(*WHOLE)
    near = Window.partitionBy("asset_class", "_group").orderBy("asset_id").rowsBetween(*WHOLE)
    enough = F.count("used_hours").over(near) >= cost.minimum_profiles

    def mean(name: str) -> Column:
        hours = F.when(F.col(name).isNotNull(), F.col("used_hours"))
        nearby, all_of_class = (
            F.sum(F.col(name) * hours).over(units) / F.sum(hours).over(units) for units in (near, of_class)
        )
        return F.coalesce(F.col(name), F.when(enough, nearby).otherwise(all_of_class))

    own = F.col("used_hours").isNotNull()
    source = F.when(own, "own").when(enough, "rating_group").otherwise("class")
    behind = F.when(own, 1).when(enough, F.count("used_hours").over(near))
    filled = {name: mean(name) for name in ("square_pu2_h", "priced_pu2", "peak_pu", "mean_price", "estimated_share")}
    filled["profile_source"] = source
    filled["profiles_behind"] = F.coalesce(behind, F.count("used_hours").over(of_class)).cast("int")
    return load.withColumns(filled).drop("_group")


def successors(rows: DataFrame, known: DataFrame, cost: CostSettings) -> DataFrame:
    """Each unit with its successor: the smallest of today's tier that carries its peak, else the largest there is."""
    tier = F.create_map(*[F.lit(x) for name, one in cost.classes.items() for x in (name, one.successor_loss_class)])
    load = F.create_map(*[F.lit(x) for name, one in cost.classes.items() for x in (name, one.successor_utilisation)])
    rows = rows.withColumns(
        {
            "successor_loss_class": tier[F.col("asset_class")],
            "_needed": F.col("unit_peak_kva") / load[F.col("asset_class")],
        }
    )
    offered = known.where("cost_kind = 'investment'").select(
        F.col("asset_class").alias("_class"),
        F.col("loss_class").alias("_tier"),
        F.col("rating_kva").alias("successor_rating_kva"),
        F.col("no_load_loss_w").alias("successor_no_load_loss_w"),
        F.col("load_loss_w").alias("successor_load_loss_w"),
    )
    fits = (F.col("asset_class") == F.col("_class")) & (F.col("successor_loss_class") == F.col("_tier"))
    carries = F.col("successor_rating_kva") >= F.col("_needed")
    best = F.row_number().over(
        Window.partitionBy("asset_id").orderBy(
            F.when(carries, 0).otherwise(1),
            F.when(carries, F.col("successor_rating_kva")).otherwise(-F.col("successor_rating_kva")),
        )
    )
    chosen = rows.join(F.broadcast(offered), fits, "left").withColumn("_best", best).where("_best = 1")
    types = offered.select(
        F.col("_class").alias("asset_class"), "successor_rating_kva", F.col("_tier").alias("successor_loss_class")
    )
    return priced(chosen.drop("_best", "_class", "_tier", "_needed"), types, known, prefix="successor_")


def lacking() -> Column:
    """The first rule by which a unit cannot be costed, or null."""
    rules = {
        "no_nameplate": F.col("no_load_loss_w").isNull() | F.col("load_loss_w").isNull() | F.col("age_years").isNull(),
        "no_load_profile": F.col("square_pu2_h").isNull(),
        "no_energy_price": F.col("mean_price").isNull() | F.col("priced_pu2").isNull(),
        "no_successor": F.col("successor_no_load_loss_w").isNull() | F.col("successor_load_loss_w").isNull(),
        "no_unit_cost": reduce(
            or_, [F.col(f"{of}_{kind}").isNull() for of in ("own", "successor") for kind in UNIT_COSTS]
        ),
    }
    return F.coalesce(*[F.when(lacks, F.lit(rule)) for rule, lacks in rules.items()])


def priced(rows: DataFrame, types: DataFrame, known: DataFrame, *, prefix: str) -> DataFrame:
    """Rows with the costs of their type (class, rating, tier): of the nearest rating; there of its own tier, else any.

    ``types`` are all that occur in ``rows``, from a table of their own: a plan over ``rows`` is long.
    """
    _, rating, loss_class = types.columns
    types = types.where(F.col(rating) > 0).distinct()
    offers = known.select(
        F.col("asset_class").alias("_class"), F.col("rating_kva").alias("_rating"),
        F.col("loss_class").alias("_tier"), "cost_kind", "unit_cost",
    )  # fmt: skip
    near = types.join(F.broadcast(offers), F.col("asset_class") == F.col("_class"))
    nearest = F.row_number().over(
        Window.partitionBy("asset_class", rating, loss_class, "cost_kind").orderBy(
            F.abs(F.log(F.col("_rating") / F.col(rating))).asc_nulls_last(), _tier_order(loss_class), "_tier", "_rating"
        )
    )
    found = near.withColumn("_nearest", nearest).where("_nearest = 1")
    wide = (
        found.groupBy("asset_class", rating, loss_class).pivot("cost_kind", list(UNIT_COSTS)).agg(F.first("unit_cost"))
    )
    renamed = wide.select(
        F.col("asset_class").alias("_class"), F.col(rating).alias("_rating"), F.col(loss_class).alias("_tier"),
        *[F.col(kind).alias(f"{prefix}{kind}") for kind in UNIT_COSTS],
    )  # fmt: skip
    same = (
        (F.col("asset_class") == F.col("_class"))
        & (F.col(rating) == F.col("_rating"))
        & F.col(loss_class).eqNullSafe(F.col("_tier"))
    )
    return rows.join(F.broadcast(renamed), same, "left").drop("_class", "_rating", "_tier")


def _tier_order(loss_class: str) -> Column:
    return F.when(F.col("_tier").eqNullSafe(F.col(loss_class)), 0).when(F.col("_tier") == "any", 1).otherwise(2)
