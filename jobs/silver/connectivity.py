"""Silver ``connectivity``: which transformer, feeder and substation a usage point hangs on, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.network.trace import RULES as TRACE_RULES
from jobs.network.trace import TraceResult
from jobs.notice import Notice
from jobs.settings import Settings
from jobs.silver.day_changes import RULES as CHANGES
from jobs.silver.day_changes import changes_within_day
from jobs.silver.network_models import MODEL_KEY, each_model, from_ever, model_ends
from jobs.silver.versions import RULES, standing
from jobs.span import Span
from jobs.table import Column, Table

CONNECTIVITY = Table(
    name="silver.connectivity",
    grain="One usage point's place in the network from a given instant.",
    key=("usage_point_id", "valid_from_utc"),
    columns=(
        c.USAGE_POINT_ID,
        *c.VALIDITY,
        c.SUPPLY_LEVEL,
        Column("phases", StringType(), None, "Phases by the network model", nullable=True),
        Column(
            "node_id",
            StringType(),
            None,
            "Node of the network model it is connected to; null where a link does not name it",
            nullable=True,
        ),
        c.optional(c.TRANSFORMER_ID, "Service transformer; null at medium voltage"),
        c.optional(c.FEEDER_ID, "Feeder; null on the busbar"),
        c.SUBSTATION_ID,
        *c.PROVENANCE,
    ),
)

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
TRACED = (
    "file_id string, source string, usage_point_id string, supply_level string, phases string, node_id string, "
    "transformer_id string, feeder_id string, substation_id string, _rule string, _reason string"
)
REFUSED = pa.schema([(name, pa.string()) for name in ("usage_point_id", "_rule", "_reason")])


def connectivities(
    network_node: DataFrame,
    network_branch: DataFrame,
    network_connection: DataFrame,
    connectivity: DataFrame,
    power_transformer: DataFrame,
    usage_point: DataFrame,
) -> DataFrame:
    """Traced network models and delivered links -> silver.connectivity.

    A delivered link holds from its own date and overrides the model from then on; where it names only the
    transformer, feeder and substation are those of the transformer's position when the link began.
    """
    elements = {"node": network_node, "branch": network_branch, "connection": network_connection}
    metered = usage_point.select("usage_point_id", F.lit(True).alias("_metered")).distinct()
    places = (
        traced(elements)
        .join(_spans(network_connection), [*MODEL_KEY, "usage_point_id"], "left")
        .join(metered, "usage_point_id", "left")
        .where("_metered or _rule is not null")  # what a model connects behind a meter is no usage point
        .withColumn("_rule", F.coalesce("_rule", "_clash"))
    )
    return standing(places.unionByName(_links(connectivity, power_transformer), allowMissingColumns=True), CONNECTIVITY)


def traced(elements: dict[str, DataFrame]) -> DataFrame:
    """Place of every connection of each delivered model, or the rule by which it is refused."""
    return each_model(elements, _placed_or_refused, TRACED)


def _placed_or_refused(parts: dict[str, pa.Table], found: TraceResult) -> pa.Table:
    placed = found.connectivity.rename_columns({"connection_id": "usage_point_id"}).drop_columns(["kind"])
    refused = [
        {
            "usage_point_id": row["id"],
            "_rule": row["rule"],
            "_reason": f"{TRACE_RULES[row['rule']].number}: {row['reason']}",
        }
        for row in found.rejected.to_pylist()
    ]
    return pa.concat_tables([placed, pa.Table.from_pylist(refused, REFUSED)], promote_options="permissive")


def _spans(network_connection: DataFrame) -> DataFrame:
    """Each connection of each delivered model with the span the model stands for.

    A model stands until a later one of its source describes the same network; models without a name are of the one
    network of their source. What the later one leaves out or cannot place is connected no more. The first to name a
    connection stands for the time before it, too. Models of one instant have one version: where they disagree is a
    conflict. An id is of one thing: what the newest models of two networks both name is refused, and what one of them
    named while another did before, then and after.
    """
    same = Window.partitionBy("source", "connection_id")
    ends = model_ends(network_connection)
    newest = F.when(F.col("valid_to_utc").isNull(), F.col("network"))
    of_two = F.col("valid_to_utc").isNull() & (F.min(newest).over(same) != F.max(newest).over(same))
    before = same.orderBy("version", "file_id").rowsBetween(Window.unboundedPreceding, -1)
    until = F.coalesce("valid_to_utc", F.lit(NEVER))
    within = F.max(until).over(before) > until
    return (
        network_connection.where("kind <> 'supply'")
        .withColumn("version", F.unix_micros("valid_from_utc"))
        .join(F.broadcast(ends), [*MODEL_KEY])
        .select(
            *MODEL_KEY,
            F.col("connection_id").alias("usage_point_id"),
            from_ever(same).alias("valid_from_utc"),
            "valid_to_utc",
            "known_from_utc",
            "known_from_basis",
            "synthetic",
            "version",
            F.lit(1).cast("long").alias("first_line"),
            F.when(of_two | within, F.lit("two_networks")).alias("_clash"),
        )
    )


def _links(connectivity: DataFrame, power_transformer: DataFrame) -> DataFrame:
    """Delivered links, their feeder and substation filled from the transformer's position of that time."""
    position = power_transformer.select(
        F.col("transformer_id").alias("_transformer"),
        F.col("feeder_id").alias("_feeder"),
        F.col("substation_id").alias("_substation"),
        F.col("valid_from_utc").alias("_from"),
        F.col("valid_to_utc").alias("_to"),
    )
    there = (
        (F.col("transformer_id") == F.col("_transformer"))
        & (F.col("valid_from_utc") >= F.col("_from"))
        & (F.col("_to").isNull() | (F.col("valid_from_utc") < F.col("_to")))
    )
    level = F.when(F.col("transformer_id").isNotNull(), "lv").otherwise("mv")
    return (
        connectivity.join(position, there, "left")
        .withColumns(
            {
                "feeder_id": F.coalesce("feeder_id", "_feeder"),
                "substation_id": F.coalesce("substation_id", "_substation"),
                "supply_level": F.coalesce("supply_level", level),
            }
        )
        .drop("_transformer", "_feeder", "_substation", "_from", "_to")
    )


def _changes(connectivity: DataFrame, settings: Settings, span: Span) -> DataFrame:
    offset_seconds = settings.grid_time.offset_seconds
    return changes_within_day(connectivity, span=span, offset_seconds=offset_seconds)


JOB = Job(
    CONNECTIVITY,
    connectivities,
    {
        "network_node": Read("bronze.network_node"),
        "network_branch": Read("bronze.network_branch"),
        "network_connection": Read("bronze.network_connection"),
        "connectivity": Read("bronze.connectivity"),
        "power_transformer": Read("silver.power_transformer"),
        "usage_point": Read("silver.usage_point"),
    },
    rules={**TRACE_RULES, **RULES},
    notices=(Notice(CHANGES["change_within_day"], ("usage_point_id", "changed_at_utc"), _changes),),
)
