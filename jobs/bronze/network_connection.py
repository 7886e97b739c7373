"""Bronze ``network_connection``: loads, generators, storage and supplies of delivered network models."""

from __future__ import annotations

from pyspark.sql.types import DoubleType, StringType

from jobs.bronze.network_node import MODEL
from jobs.table import Column, Table

KINDS = {
    "load": "load",
    "generator": "generator",
    "storage": "storage",
    "supply": "where the model's network is fed from outside",
}

NETWORK_CONNECTION = Table(
    name="bronze.network_connection",
    grain="One connection of one delivered network model.",
    key=("file_id", "source", "connection_id"),
    replace="file",
    columns=(
        *MODEL,
        Column(
            "connection_id",
            StringType(),
            None,
            "Connection: the usage point's keyed hash where the source declares a "
            "namespace for usage_point_id, else as the model names it",
        ),
        Column("kind", StringType(), None, "What is connected", codes=KINDS),
        Column("node_id", StringType(), None, "Node it is connected to"),
        Column("phases", StringType(), None, "Phases, such as B; null where the model does not say", nullable=True),
        Column("rated_kw", DoubleType(), "kW", "Rated power", nullable=True, minimum=0),
        Column("profile", StringType(), None, "Profile the model gives it", nullable=True),
    ),
)
