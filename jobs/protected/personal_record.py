"""Protected ``personal_record``: names, addresses, telephone numbers; no other table holds them."""

from __future__ import annotations

from pyspark.sql.types import StringType

from jobs import columns as c
from jobs.table import Column, Table

PERSONAL_RECORD = Table(
    name="protected.personal_record",
    grain="One personal value in one delivered record.",
    key=("file_id", "source", "first_line", "field"),
    replace="file",
    columns=(
        c.FILE_ID,
        c.SOURCE,
        c.FIRST_LINE,
        Column("id", StringType(), None, "Customer, or else the first id of the record (keyed hash)", nullable=True),
        Column("field", StringType(), None, "Column of the source"),
        Column("value", StringType(), None, "The value as delivered", personal=True),
    ),
)
