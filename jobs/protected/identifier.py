"""Protected ``identifier``: the only place where source ids stand beside the keyed hashes used everywhere else."""

from __future__ import annotations

from pyspark.sql.types import IntegerType, StringType

from jobs.table import Column, Table

ID_KINDS = {"usage_point_id": "usage point", "customer_id": "customer", "meter_id": "meter"}

IDENTIFIER = Table(
    name="protected.identifier",
    grain="One hashed id of one kind.",
    key=("id", "id_kind"),
    replace="key",
    columns=(
        Column("id", StringType(), None, "Keyed hash"),
        Column("id_kind", StringType(), None, "What the id identifies", codes=ID_KINDS),
        Column("namespace", StringType(), None, "Namespace of the source id: who numbers"),
        Column("source_id", StringType(), None, "Id as the source writes it, outer blanks removed", personal=True),
        Column("key_version", IntegerType(), None, "Version of the key that made the hash", minimum=1),
    ),
)
