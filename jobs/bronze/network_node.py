"""Bronze ``network_node``: nodes of delivered network models, by the model's own ids."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql.types import DoubleType, StringType

from jobs import columns as c
from jobs.table import Column, Table

MODEL = (
    c.FILE_ID,
    Column(
        "network",
        StringType(),
        None,
        "Network that the model describes: it goes as 'network:' before the ids of its transformers, feeders and "
        "substations; null where neither source nor model name it",
        nullable=True,
    ),
    replace(c.VALID_FROM_UTC, meaning="From when the model stands: the time in its name where declared, else arrival"),
    *c.PROVENANCE,
)
"""Which delivered model a row belongs to: the hash over its files' names and contents, and its source."""

NETWORK_NODE = Table(
    name="bronze.network_node",
    grain="One node of one delivered network model.",
    key=("file_id", "source", "node_id"),
    replace="file",
    columns=(
        *MODEL,
        Column("node_id", StringType(), None, "Node"),
        Column("nominal_kv", DoubleType(), "kV", "Nominal voltage, line to line", nullable=True, minimum=0),
        c.optional(c.SUBSTATION_ID, "Substation the node lies in; null outside, or where the model does not say"),
        c.X,
        c.Y,
    ),
)
