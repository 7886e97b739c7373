"""Delivered network models one by one: the rows of each together, and the span it stands for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame, Window, WindowSpec
from pyspark.sql import functions as F

from jobs.network.model import BRANCH, CONNECTION, NODE
from jobs.network.trace import TraceResult, trace

ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)  # the first model of a network stands for the time before it, too
MODEL_KEY = ("file_id", "source")
NAMED = ("transformer_id", "feeder_id", "substation_id")
ELEMENTS = {"node": NODE, "branch": BRANCH, "connection": CONNECTION}
Traced = Callable[[dict[str, pa.Table], TraceResult], pa.Table]


def each_model(elements: dict[str, DataFrame], found: Traced, schema: str) -> DataFrame:
    """What ``found`` makes of each model's tables and their trace, with the model's key: one call a model.

    Ids of a network that has a name begin with it, as those of entity files begin with their namespace.

    Parameters
    ----------
    elements
        bronze.network_node, network_branch and network_connection.
    schema
        Columns of the result: those of `MODEL_KEY` first, then those that ``found`` makes.
    """
    frames = [
        frame.withColumn("_element", F.lit(element)).drop(
            "valid_from_utc", "known_from_utc", "known_from_basis", "synthetic"
        )
        for element, frame in elements.items()
    ]
    together = (
        frames[0].unionByName(frames[1], allowMissingColumns=True).unionByName(frames[2], allowMissingColumns=True)
    )
    names = [field.split()[0] for field in schema.split(", ")]

    def of_model(key: tuple[Any, ...], rows: pa.Table) -> pa.Table:
        parts = {
            element: rows.filter(pc.field("_element") == element).select(kind.names).cast(kind)
            for element, kind in ELEMENTS.items()
        }
        both = found(parts, trace(parts["node"], parts["branch"], parts["connection"]))
        network = rows["network"][0].as_py()
        for name in NAMED if network is not None else ():
            if name in both.column_names:
                named = pc.binary_join_element_wise(pa.scalar(network), both[name], ":")
                both = both.set_column(both.schema.get_field_index(name), name, named)
        for name, value in zip(MODEL_KEY, key, strict=True):
            both = both.append_column(name, pa.repeat(value, len(both)))
        return both.select(names)

    return together.groupBy(*MODEL_KEY).applyInArrow(of_model, schema)


def from_ever(same: WindowSpec) -> Column:
    """When a row begins to hold: the first of ``same`` stands for the time before it, too."""
    begin = F.col("valid_from_utc")
    return F.when(begin == F.min(begin).over(same), F.lit(ALWAYS)).otherwise(begin)


def model_ends(rows: DataFrame) -> DataFrame:
    """The key of each model and when a later one of its source describes the same network (``valid_to_utc``).

    Models without a name are of the one network of their source.
    """
    begin = F.unix_micros("valid_from_utc")
    later = Window.partitionBy("source", "network").orderBy(begin).rangeBetween(1, Window.unboundedFollowing)
    models = rows.select(*MODEL_KEY, "network", "valid_from_utc").distinct()
    return models.select(*MODEL_KEY, F.min("valid_from_utc").over(later).alias("valid_to_utc"))
