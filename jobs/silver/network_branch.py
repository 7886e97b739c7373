"""Silver ``network_branch``: lines, switches and service transformers that carry load, with the place each lies in."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType

from jobs import columns as c
from jobs.bronze.network_branch import KINDS
from jobs.job import Job, Read
from jobs.network.trace import TraceResult
from jobs.silver.network_models import MODEL_KEY, each_model, from_ever, model_ends
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

NETWORK_BRANCH = Table(
    name="silver.network_branch",
    grain="One closed branch of a delivered network model within a feeder or behind a transformer, while it stands.",
    key=("source", "branch_id", "valid_from_utc"),
    columns=(
        c.SOURCE,
        Column("branch_id", StringType(), None, "Branch, after its network's name and a colon where that has one"),
        *c.VALIDITY,
        Column("kind", StringType(), None, "What the branch is", codes=KINDS),
        Column(
            "supply_level",
            StringType(),
            None,
            "Level of the branch: of a service transformer that of its higher side",
            codes={"lv": "behind a service transformer", "mv": "within a feeder, or joins it"},
        ),
        c.optional(
            c.TRANSFORMER_ID, "Service transformer (bank) it lies behind or is a unit of; null at medium voltage"
        ),
        c.FEEDER_ID,
        Column("node_a", StringType(), None, "One end; of a transformer the higher side"),
        Column("node_b", StringType(), None, "The other end"),
        Column("source_node_id", StringType(), None, "Node that feeds what it lies in: busbar, or low-voltage side"),
        Column("nominal_kv", DoubleType(), "kV", "Nominal voltage between lines", nullable=True, minimum=0),
        Column(
            "resistance_ohm",
            DoubleType(),
            "ohm",
            "Resistance of one phase, positive sequence; null where the model does not say, and of what is no line",
            nullable=True,
            minimum=0,
        ),
        *[one for one in c.PROVENANCE if one is not c.SOURCE],
    ),
)

PLACED = (
    "file_id string, source string, branch_id string, kind string, supply_level string, transformer_id string, "
    "feeder_id string, node_a string, node_b string, source_node_id string, nominal_kv double, resistance_ohm double"
)
MADE = pa.schema(
    [
        (name, pa.float64() if kind == "double" else pa.string())
        for name, kind in (field.split() for field in PLACED.split(", ")[2:])
    ]
)
Row = dict[str, Any]


def network_branches(network_node: DataFrame, network_branch: DataFrame, network_connection: DataFrame) -> DataFrame:
    """Traced network models -> silver.network_branch.

    A model stands until a later one of its source describes the same network; the first stands for the time before
    it, too.
    """
    elements = {"node": network_node, "branch": network_branch, "connection": network_connection}
    of_network = Window.partitionBy("source", "network")
    models = (
        network_branch.select(
            *MODEL_KEY, "network", "valid_from_utc", "known_from_utc", "known_from_basis", "synthetic"
        )
        .distinct()
        .withColumn("version", F.unix_micros("valid_from_utc"))
        .withColumn("valid_from_utc", from_ever(of_network))
        .join(model_ends(network_branch), [*MODEL_KEY])
        .withColumn("first_line", F.lit(1).cast("long"))
    )
    rows = each_model(elements, _placed, PLACED).join(F.broadcast(models), [*MODEL_KEY])
    named = F.concat_ws(":", "network", "branch_id")
    return standing(rows.withColumn("branch_id", named), NETWORK_BRANCH)


def _placed(parts: dict[str, pa.Table], found: TraceResult) -> pa.Table:
    """Closed branches whose ends lie in one feeder or behind one transformer, and the units of the transformers."""
    place = {row["node_id"]: row for row in found.place.to_pylist()}
    kv = dict(zip(*(parts["node"][name].to_pylist() for name in ("node_id", "nominal_kv")), strict=True))
    unit = {row["branch_id"]: row for row in found.bank.to_pylist()}
    head = {row["feeder_id"]: row["head_node_id"] for row in found.feeder.to_pylist()}
    branches = [row for row in parts["branch"].to_pylist() if row["closed"]]
    low = {row["branch_id"]: row["node_b"] for row in branches if row["branch_id"] in unit}
    rows: list[Row] = []
    for row in branches:
        if row["branch_id"] in unit:
            of = unit[row["branch_id"]]
            fed_by: Row = {"supply_level": "mv", "source_node_id": head[of["feeder_id"]]}
        else:
            ends = [one for end in ("node_a", "node_b") if (one := place.get(row[end])) and one["feeder_id"]]
            if not ends:  # on the busbar, or where nothing is fed
                continue
            of = ends[0]
            behind = of["transformer_id"]
            fed_by = {
                "supply_level": of["supply_level"],
                "source_node_id": low[behind] if behind else head[of["feeder_id"]],
            }
        fed_by |= {name: of[name] for name in ("transformer_id", "feeder_id")}
        rows.append(row | fed_by | {"nominal_kv": kv.get(row["node_b"]) or kv.get(row["node_a"])})
    return pa.Table.from_pylist(rows, MADE)


JOB = Job(
    NETWORK_BRANCH,
    network_branches,
    {
        "network_node": Read("bronze.network_node"),
        "network_branch": Read("bronze.network_branch"),
        "network_connection": Read("bronze.network_connection"),
    },
    rules=RULES,
)
