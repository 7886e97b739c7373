"""Ops ``release``: versions of tables that belong together, one set for each build that finished."""

from __future__ import annotations

from pyspark.sql.types import LongType, MapType, StringType, TimestampType

from jobs import columns as c
from jobs.table import Column, Table

RELEASE = Table(
    name="ops.release",
    grain="One finished build, of all tables at once or of one after the other.",
    key=("release_id",),
    replace="key",
    columns=(
        Column("release_id", StringType(), None, "Release; the run that made it has the same id, if one build did"),
        Column("released_at_utc", TimestampType(), None, "When the build finished"),
        Column("span_first", c.GRID_DATE.type, None, "First grid day built"),
        Column("span_end", c.GRID_DATE.type, None, "Grid day after the last one built"),
        Column(
            "table_versions", MapType(StringType(), LongType(), False), None, "Every table of the lake and its version"
        ),
    ),
)
