"""Protected ``rejected_record``: rejected records that hold source ids or personal data."""

from __future__ import annotations

from pyspark.sql.types import LongType, StringType

from jobs import columns as c
from jobs.table import Column, Table

REJECTED_RECORD = Table(
    name="protected.rejected_record",
    grain="One rejected record and the rule it broke.",
    key=("file_id", "source", "line", "rule_id"),
    replace="file",
    columns=(
        c.FILE_ID,
        c.SOURCE,
        Column("line", LongType(), None, "Line of the record in its file (Parquet: row), from 1", minimum=1),
        Column("rule_id", StringType(), None, "Rule broken"),
        Column("record", StringType(), None, "The record itself", personal=True),
    ),
)
