"""The edge between Spark rows of units and the life-cycle cost kernel: arrays in, columns out, no decision here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.gold.cost.failure_probability import FailureProbability
from jobs.gold.cost.settings import CostSettings
from jobs.gold.cost.spoken import by_model
from kernels.life_cycle_cost import NOT_WITHIN_HORIZON, new_asset_cost, replacement_decision

KEPT = (
    "asset_id string, transformer_id string, asset_class string, rating_kva double, age_years int, "
    "profile_source string, profiles_behind int, observed_share double, estimated_share double, mean_price double, "
    "unit_peak_kva double, work_order_cost double, failure_cost_ratio double, successor_rating_kva double, "
    "successor_loss_class string, _rule string, _record string"
)
COMPUTED = (
    "loss_wh double, no_load_loss_cost double, load_loss_cost double, maintenance_year_cost double, "
    "one_failure_cost double, removal_cost double, investment_cost double, operation_cost double, "
    "maintenance_cost double, failure_cost double, disposal_cost double, life_cycle_cost double, "
    "equivalent_annual_cost double, equivalent_annual_cost_curve array<double>, economic_life_years int, "
    "failure_probability double, failure_probability_source string, successor_annual_cost double, "
    "successor_loss_cost double, successor_no_load_loss_cost double, successor_load_loss_cost double, "
    "successor_investment_cost double, successor_maintenance_year_cost double, successor_one_failure_cost double, "
    "successor_removal_cost double, waiting_cost_curve array<double>, years_to_replacement int, waiting_gain double, "
    "one_year_waiting_cost double"
)


def cost_rows(
    units: DataFrame, cost: CostSettings, failures: FailureProbability, *, rate: float, year: int
) -> DataFrame:
    """Rows of gold.asset_life_cycle_cost for one study year, from ``jobs.gold.cost.inputs``.

    Units with a ``_rule`` are passed on uncosted, with their ``_record``.
    """
    schema = f"{KEPT}, {COMPUTED}"
    names = [field.split()[0] for field in schema.split(", ")]
    today = date(year + 1, 1, 1)  # the first year ahead follows the study year

    def costed(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            refused = batch["_rule"].notna()
            if not refused.all():
                yield _costed(batch[~refused], cost, failures, rate=rate, today=today)
            if refused.any():
                yield batch[refused].reindex(columns=names).astype(object).replace({np.nan: None})

    rows = units.mapInPandas(costed, schema)
    policy = F.create_map(*[F.lit(x) for name, one in cost.classes.items() for x in (name, one.policy)])
    within = F.col("years_to_replacement")
    decision = F.when(within == 0, "replace_now").when(within.isNull(), "keep").otherwise("replace_later")
    return (
        rows.withColumnsRenamed({"mean_price": "mean_energy_price", "unit_peak_kva": "peak_kva"})
        .withColumns(
            {
                "period_kind": F.lit("year"),
                "period_start": F.make_date(F.lit(year), F.lit(1), F.lit(1)),
                "failure_policy": policy[F.col("asset_class")],
                "replacement_year": F.lit(year) + 1 + within,
                "decision": decision,
            }
        )
        .withColumn("reason", _reason(cost.horizon_years))
    )


def _reason(horizon_years: int) -> Column:
    facts = F.format_string(
        "Age %d years, peak load %.0f %% of %.0f kVA, losses cost %.0f a year against %.0f of a new %.0f kVA unit, "
        "chance of failure %.2f %% next year. ",
        "age_years",
        F.col("peak_kva") / F.col("rating_kva") * 100,
        "rating_kva",
        F.col("no_load_loss_cost") + F.col("load_loss_cost"),
        "successor_loss_cost",
        "successor_rating_kva",
        F.col("failure_probability") * 100,
    )
    verdict = (
        F.when(
            F.col("decision") == "replace_now",
            F.format_string("Waiting one year costs %.0f.", "one_year_waiting_cost"),
        )
        .when(
            F.col("decision") == "replace_later",
            F.format_string("Waiting until %d gains %.0f over replacing now.", "replacement_year", "waiting_gain"),
        )
        .otherwise(F.format_string(f"Waiting pays for at least {horizon_years} years; it gains %.0f.", "waiting_gain"))
    )
    estimated = F.col("estimated_share") * 100
    known = F.when(
        F.col("profile_source") == "own",
        F.format_string(
            " Its load is known for %.1f %% of the year, %.2f %% of that energy estimated.",
            F.col("observed_share") * 100,
            estimated,
        ),
    ).otherwise(
        F.format_string(
            " It has no usable profile of its own: the mean load of %d units of its class%s stands in, %.2f %% of that"
            " estimated.",
            "profiles_behind",
            F.when(F.col("profile_source") == "rating_group", " and rating group").otherwise(""),
            estimated,
        )
    )
    return F.concat(facts, verdict, known)


def each_year(cost: NDArray[np.float64], years: int) -> NDArray[np.float64]:
    """The same cost of an asset in every year: (assets,) to (assets, years)."""
    return np.repeat(cost[:, None], years, axis=1)


def _costed(
    unit: pd.DataFrame, cost: CostSettings, failures: FailureProbability, *, rate: float, today: date
) -> pd.DataFrame:
    """One batch of units through the kernel."""
    failures = by_model(unit, failures)
    repaired = unit["asset_class"].map({n: one.policy == "repaired" for n, one in cost.classes.items()}).to_numpy(bool)
    unit_id, of_class = unit["asset_id"].to_numpy(str), unit["asset_class"].to_numpy(str)
    life, horizon = cost.longest_life_years, cost.horizon_years
    hours, price = unit["year_hours"].to_numpy(), unit["mean_price"].to_numpy()

    no_load = unit["no_load_loss_w"].to_numpy() * hours * price * 1e-6  # W h x currency/MWh
    load = unit["load_loss_w"].to_numpy() * unit["priced_pu2"].to_numpy() * hours * 1e-6
    loss_wh = hours * (unit["no_load_loss_w"] + unit["load_loss_w"] * unit["square_pu2_h"]).to_numpy()
    resized = (unit["rating_kva"] / unit["successor_rating_kva"]).to_numpy() ** 2  # the same load on another rating
    new_no_load = unit["successor_no_load_loss_w"].to_numpy() * hours * price * 1e-6
    new_load = unit["successor_load_loss_w"].to_numpy() * unit["priced_pu2"].to_numpy() * resized * hours * 1e-6

    born = failures.of_new(of_class, life)
    upkeep = (unit["own_maintenance_per_year"] + unit["work_order_cost"]).to_numpy()
    new_upkeep = (unit["successor_maintenance_per_year"] + unit["work_order_cost"]).to_numpy()
    failure, new_failure = (
        (unit[f"{of}_failure"] * unit["failure_cost_ratio"]).to_numpy() for of in ("own", "successor")
    )
    removal, new_removal = (unit[f"{of}_disposal"].to_numpy() for of in ("own", "successor"))
    own = new_asset_cost(
        investment_cost=unit["own_investment"].to_numpy(),
        study_year_losses_cost=no_load + load,
        maintenance_cost=each_year(upkeep, life),
        hazard=born,
        failure_cost=failure,
        disposal_cost=each_year(removal, life),
        rate=rate,
        repaired=repaired,
        curves=True,
    )
    successor = new_asset_cost(
        investment_cost=unit["successor_investment"].to_numpy(),
        study_year_losses_cost=0.0,
        maintenance_cost=each_year(new_upkeep, life),
        hazard=born,
        failure_cost=new_failure,
        disposal_cost=each_year(new_removal, life),
        rate=rate,
        repaired=repaired,
    )
    ahead = np.arange(1, horizon + 1)
    dearer = (1 + cost.price_growth) ** ahead
    heavier = dearer * (1 + cost.load_growth) ** (2 * ahead)  # load loss goes with the square of the load
    aged = failures.in_service(unit_id, of_class, unit["age_years"].to_numpy(float), as_of=today, years=horizon)
    decision = replacement_decision(
        losses_cost=no_load[:, None] * dearer + load[:, None] * heavier,
        successor_losses_cost=new_no_load[:, None] * dearer + new_load[:, None] * heavier,
        successor_annual_cost=successor.annual_cost,
        maintenance_cost=each_year(upkeep, horizon),
        hazard=aged.hazard,
        failure_cost=failure,
        removal_value=each_year(-removal, horizon + 1),
        rate=rate,
        repaired=repaired,
        curve=True,
    )
    kept = unit[[field.split()[0] for field in KEPT.split(", ")]]
    return kept.assign(
        loss_wh=loss_wh,
        no_load_loss_cost=no_load,
        load_loss_cost=load,
        maintenance_year_cost=upkeep,
        one_failure_cost=failure,
        removal_cost=removal,
        investment_cost=own.investment_cost,
        operation_cost=own.operation_cost,
        maintenance_cost=own.maintenance_cost,
        failure_cost=own.failure_cost,
        disposal_cost=own.disposal_cost,
        life_cycle_cost=own.life_cycle_cost,
        equivalent_annual_cost=own.annual_cost,
        equivalent_annual_cost_curve=list(own.annual_cost_curve),
        economic_life_years=_within(own.economic_life_years),
        failure_probability=aged.hazard[:, 0],
        failure_probability_source=aged.source,
        successor_annual_cost=successor.annual_cost,
        successor_loss_cost=new_no_load + new_load,
        successor_no_load_loss_cost=new_no_load,
        successor_load_loss_cost=new_load,
        successor_investment_cost=successor.investment_cost,
        successor_maintenance_year_cost=new_upkeep,
        successor_one_failure_cost=new_failure,
        successor_removal_cost=new_removal,
        waiting_cost_curve=list(decision.waiting_cost_curve),
        years_to_replacement=_within(decision.replacement_year),
        waiting_gain=decision.waiting_gain,
        one_year_waiting_cost=decision.one_year_waiting_cost,
    )


def _within(years: NDArray[np.int32]) -> pd.Series[int]:
    """Years, null where the least cost lies at the horizon's end."""
    found = pd.Series(years, dtype="Int32")
    return found.mask(found == NOT_WITHIN_HORIZON)
