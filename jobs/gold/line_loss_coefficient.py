"""Gold ``line_loss_coefficient``: what lines lose per square of the load, behind each transformer and in each feeder.

The loss of an area is c S2 in each interval, S its apparent power: c = sum over its lines of R f2 / U2, with f the
share of the area's energy of the month that hangs behind the line (`kernels.line_loss`). What the method leaves out:

- customers take turns: single lines bear more at times than their share, so that the true loss is higher, most where
  few homes hang behind a line (on the sample by 5 to 25 % at low voltage);
- three balanced phases at nominal voltage; neutral currents and single-phase lines lose more;
- usage points that no model places count where the others hang;
- a feeder whose generation and load nearly cancel has little S and yet losses.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DateType, DoubleType, IntegerType, StringType, StructField, StructType

from jobs.job import Job, Read
from jobs.lake.direct import Batches
from jobs.settings import Settings
from jobs.silver.validity import day_start_utc, is_valid_at
from jobs.span import Span
from jobs.table import Column, Table
from kernels.line_loss import loss_coefficient

LEVELS = {"lv": "the lines behind a service transformer", "mv": "the lines of a feeder at medium voltage"}
BASES = {
    "computed": "from the resistance of every line",
    "no_lines": "no delivered model has lines of it",
    "no_resistance": "the model does not say the resistance or voltage of a line",
    "no_energy": "no usage point of known place took or fed in energy",
    "not_joined": "energy hangs at a node that the model's lines do not join to the source",
}

LINE_LOSS_COEFFICIENT = Table(
    name="gold.line_loss_coefficient",
    grain="The lines behind one transformer or of one feeder, one month.",
    key=("level", "place_id", "month_start"),
    replace="period",
    columns=(
        Column("level", StringType(), None, "Which lines", codes=LEVELS),
        Column("place_id", StringType(), None, "The transformer, or the feeder"),
        Column("month_start", DateType(), None, "First day of the month, by grid days"),
        Column("lines", IntegerType(), "1", "Lines with a resistance above 0", minimum=0),
        Column("basis", StringType(), None, "Whether there is a coefficient, or why not", codes=BASES),
        Column(
            "located_share",
            DoubleType(),
            "1",
            "Share of the energy taken or fed in that is of usage points whose node the model says",
            nullable=True,
            minimum=0,
            maximum=1,
        ),
        Column(
            "loss_w_per_va2",
            DoubleType(),
            "1/W",
            "Loss of the lines over the square of the area's apparent power, W/VA2: sum of R f2 / U2, f the share of "
            "the month's energy behind each line; three balanced phases at nominal voltage. Customers who take turns "
            "lose more, generation beside load more or less than it says. Null where it cannot be computed",
            nullable=True,
            minimum=0,
        ),
    ),
)

AREA = ("level", "place_id", "month_start")


def line_loss_coefficients(
    network_branch: DataFrame, connectivity: DataFrame, usage_point_day: DataFrame, *, utc_offset: timedelta
) -> DataFrame:
    """silver.network_branch, silver.connectivity, gold.usage_point_day -> gold.line_loss_coefficient.

    Lines are those that stand as the month's last day begins; energy is what went either way, delivered and received.
    """
    month = F.trunc("grid_date", "month").alias("month_start")
    energy = (
        usage_point_day.where("customer_class <> 'grid' and unit = 'Wh'")
        .groupBy("usage_point_id", "transformer_id", "feeder_id", month)
        .agg(F.sum(F.abs("energy")).alias("wh"))
    )
    months = energy.select("month_start").distinct()
    last_day = day_start_utc(F.last_day("month_start"), utc_offset)
    standing = network_branch.join(F.broadcast(months), is_valid_at(last_day))
    loads = _loads(energy, connectivity, standing)
    area_of = F.when(F.col("supply_level") == "lv", F.col("transformer_id")).otherwise(F.col("feeder_id"))
    line = F.struct("branch_id", "node_a", "node_b", _resistance_per_v2().alias("per_v2"))
    lines = (
        standing.where("kind <> 'transformer' or supply_level <> 'mv' or transformer_id is null")
        .groupBy(F.col("supply_level").alias("level"), area_of.alias("place_id"), "month_start")
        .agg(F.array_sort(F.collect_list(line)).alias("_lines"), F.min("source_node_id").alias("_source"))
    )
    schema = StructType([StructField(one.name, one.type) for one in LINE_LOSS_COEFFICIENT.columns])
    arrow = to_arrow_schema(schema)

    def computed(batches: Batches) -> Batches:
        for batch in batches:
            yield pa.RecordBatch.from_pylist([_coefficient(row) for row in batch.to_pylist()], arrow)

    return loads.join(lines, list(AREA), "left").mapInArrow(computed, schema)


def _resistance_per_v2() -> Any:
    """Of lines over the square of their voltage; 0 of all else, which joins its ends."""
    per_v2 = F.col("resistance_ohm") / F.pow(F.nullif(F.col("nominal_kv"), F.lit(0.0)) * 1000, F.lit(2.0))
    return F.when(F.col("kind") == "line", per_v2).otherwise(F.lit(0.0))


def _loads(energy: DataFrame, connectivity: DataFrame, standing: DataFrame) -> DataFrame:
    """Energy by node of each area (``_loads``), and all of it (``_wh``); a transformer's hangs at its higher side."""
    node = (
        connectivity.where("node_id is not null")
        .groupBy(
            "usage_point_id",
            F.col("transformer_id").alias("_transformer"),
            F.col("feeder_id").alias("_feeder"),
        )
        .agg(F.max_by("node_id", "valid_from_utc").alias("node_id"))
        .withColumnRenamed("usage_point_id", "_point")
    )
    at_node = energy.join(
        node,
        (F.col("usage_point_id") == F.col("_point"))
        & F.col("transformer_id").eqNullSafe(F.col("_transformer"))
        & F.col("feeder_id").eqNullSafe(F.col("_feeder")),
        "left",
    )
    low = at_node.where("transformer_id is not null").select(
        F.lit("lv").alias("level"), F.col("transformer_id").alias("place_id"), "month_start", "node_id", "wh"
    )
    higher_side = (
        standing.where("kind = 'transformer' and supply_level = 'mv' and transformer_id is not null")
        .groupBy("transformer_id", "month_start")
        .agg(F.min("node_a").alias("node_id"))
    )
    of_transformers = (
        energy.where("transformer_id is not null and feeder_id is not null")
        .groupBy("feeder_id", "transformer_id", "month_start")
        .agg(F.sum("wh").alias("wh"))
        .join(higher_side, ["transformer_id", "month_start"], "left")
    )
    at_medium = at_node.where("transformer_id is null and feeder_id is not null")
    medium = [
        rows.select(F.lit("mv").alias("level"), F.col("feeder_id").alias("place_id"), "month_start", "node_id", "wh")
        for rows in (of_transformers, at_medium)
    ]
    return (
        low.unionByName(medium[0])
        .unionByName(medium[1])
        .groupBy(*AREA, "node_id")
        .agg(F.sum("wh").alias("wh"))
        .groupBy(*AREA)
        .agg(
            F.array_sort(F.collect_list(F.when(F.col("node_id").isNotNull(), F.struct("node_id", "wh")))).alias(
                "_loads"
            ),
            F.sum("wh").alias("_wh"),
        )
    )


def _coefficient(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the table from the lines and loads of an area."""
    lines, loads = row["_lines"] or [], row["_loads"]
    located = sum(one["wh"] for one in loads)
    resistance = np.array([np.nan if one["per_v2"] is None else one["per_v2"] for one in lines])
    made = {
        **{name: row[name] for name in AREA},
        "lines": int((resistance > 0).sum()),
        "located_share": located / row["_wh"] if row["_wh"] else None,
        "loss_w_per_va2": None,
    }
    if not lines:
        return made | {"basis": "no_lines"}
    if np.isnan(resistance).any():
        return made | {"basis": "no_resistance"}
    if located == 0:
        return made | {"basis": "no_energy"}
    nodes = sorted(
        {row["_source"], *(one["node_id"] for one in loads)}.union(*({a["node_a"], a["node_b"]} for a in lines))
    )
    number = {name: at for at, name in enumerate(nodes)}
    share = np.zeros(len(nodes))
    for one in loads:
        share[number[one["node_id"]]] += one["wh"] / located
    a, b = ([number[one[end]] for one in lines] for end in ("node_a", "node_b"))
    try:
        found = loss_coefficient(a, b, resistance, number[row["_source"]], share)
    except ValueError:
        return made | {"basis": "not_joined"}
    return made | {"basis": "computed", "loss_w_per_va2": found}


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"utc_offset": settings.grid_time.offset}


JOB = Job(
    LINE_LOSS_COEFFICIENT,
    line_loss_coefficients,
    {
        "network_branch": Read("silver.network_branch"),
        "connectivity": Read("silver.connectivity"),
        "usage_point_day": Read("gold.usage_point_day", Span.whole_months),
    },
    _options,
)
