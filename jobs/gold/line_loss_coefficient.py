"""Gold ``line_loss_coefficient``: what lines lose per square of the load, behind each transformer and in each feeder.

The loss of an area is c_dd D2 - 2 c_dg D G + c_gg G2 + c Q2 in each interval, D what it takes, G what is fed in within
it, Q its reactive power: c_fg = sum over its lines of R f g / U2, with f and g the shares of the month's energies that
hang behind the line (`kernels.line_loss`), of Q of the energy either way. What the method leaves out:

- customers take turns: single lines bear more at times than their share, so that the true loss is higher, most where
  few homes hang behind a line (on the sample by 5 to 25 % at low voltage);
- three balanced phases at nominal voltage; neutral currents and single-phase lines lose more;
- usage points that no model places count where the others hang.
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
from kernels.line_loss import loss_matrix

LEVELS = {"lv": "the lines behind a service transformer", "mv": "the lines of a feeder at medium voltage"}
BASES = {
    "computed": "from the resistance of every line",
    "no_lines": "no delivered model has lines of it",
    "no_resistance": "the model does not say the resistance or voltage of a line",
    "no_energy": "no usage point of known place took or fed in energy",
    "not_joined": "energy hangs at a node that the model's lines do not join to the source",
}


def _loss(name: str, power: str, energy: str) -> Column:
    return Column(
        name,
        DoubleType(),
        "1/W",
        f"Loss of the lines over the square {power}, W/VA2: sum of R f2 / U2, f the share {energy} of the month behind "
        "each line; three balanced phases at nominal voltage. Customers who take turns lose more than it says. "
        "Null where it cannot be computed",
        nullable=True,
        minimum=0,
    )


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
        _loss("loss_w_per_va2", "of its reactive power", "of the energy taken or fed in"),
        _loss("delivered_loss_w_per_va2", "of the power it takes", "of the energy delivered"),
        _loss("received_loss_w_per_va2", "of the power fed in within it", "of the energy received"),
        _loss("mutual_loss_w_per_va2", "of the two, taken off twice their product", "of either"),
    ),
)

FLOWS = ("delivered", "received")
WH = tuple(f"{one}_wh" for one in FLOWS)
LOSSES = ("loss_w_per_va2", "delivered_loss_w_per_va2", "received_loss_w_per_va2", "mutual_loss_w_per_va2")
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
        .agg(
            *[F.sum(F.when(F.col("channel") == one, F.abs("energy")).otherwise(0)).alias(f"{one}_wh") for one in FLOWS]
        )
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
        F.lit("lv").alias("level"), F.col("transformer_id").alias("place_id"), "month_start", "node_id", *WH
    )
    higher_side = (
        standing.where("kind = 'transformer' and supply_level = 'mv' and transformer_id is not null")
        .groupBy("transformer_id", "month_start")
        .agg(F.min("node_a").alias("node_id"))
    )
    of_transformers = (
        energy.where("transformer_id is not null and feeder_id is not null")
        .groupBy("feeder_id", "transformer_id", "month_start")
        .agg(*[F.sum(one).alias(one) for one in WH])
        .join(higher_side, ["transformer_id", "month_start"], "left")
    )
    at_medium = at_node.where("transformer_id is null and feeder_id is not null")
    medium = [
        rows.select(F.lit("mv").alias("level"), F.col("feeder_id").alias("place_id"), "month_start", "node_id", *WH)
        for rows in (of_transformers, at_medium)
    ]
    return (
        low.unionByName(medium[0])
        .unionByName(medium[1])
        .groupBy(*AREA, "node_id")
        .agg(*[F.sum(one).alias(one) for one in WH])
        .groupBy(*AREA)
        .agg(
            F.array_sort(F.collect_list(F.when(F.col("node_id").isNotNull(), F.struct("node_id", *WH)))).alias(
                "_loads"
            ),
            F.sum(sum(map(F.col, WH), F.lit(0))).alias("_wh"),
        )
    )


def _coefficient(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the table from the lines and loads of an area."""
    lines, loads = row["_lines"] or [], row["_loads"]
    located = sum(one[name] for one in loads for name in WH)
    resistance = np.array([np.nan if one["per_v2"] is None else one["per_v2"] for one in lines])
    made = {
        **{name: row[name] for name in AREA},
        "lines": int((resistance > 0).sum()),
        "located_share": located / row["_wh"] if row["_wh"] else None,
        **dict.fromkeys(LOSSES),
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
    energy = np.zeros((3, len(nodes)))  # either way, delivered, received
    for one in loads:
        energy[1:, number[one["node_id"]]] += [one[name] for name in WH]
    energy[0] = energy[1] + energy[2]
    total = energy.sum(axis=1, keepdims=True)
    share = np.divide(energy, total, out=np.zeros_like(energy), where=total > 0)
    a, b = ([number[one[end]] for one in lines] for end in ("node_a", "node_b"))
    try:
        found = loss_matrix(a, b, resistance, number[row["_source"]], share)
    except ValueError:
        return made | {"basis": "not_joined"}
    of_each = (found[0, 0], found[1, 1], found[2, 2], max(found[1, 2], 0.0))
    return made | {"basis": "computed", **dict(zip(LOSSES, map(float, of_each), strict=True))}


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
