"""Ops ``run``: what each build and each ingest did to each table."""

from __future__ import annotations

from pyspark.sql.types import (
    ArrayType,
    DoubleType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from jobs import columns as c
from jobs.table import Column, Table

NOTICE = StructType(
    [
        StructField("rule", StringType(), False),
        StructField("found", LongType(), False),
        StructField("keys", ArrayType(StringType(), False), False),
    ]
)
RUN = Table(
    name="ops.run",
    grain="One table in one run.",
    key=("run_id", "table_name"),
    replace="key",
    columns=(
        c.RUN_ID,
        Column("table_name", StringType(), None, "Table that was built or fed"),
        Column("started_at_utc", TimestampType(), None, "When work on the table, or the ingest, began"),
        Column("seconds", DoubleType(), "s", "How long it took; an ingest feeds its tables together", minimum=0),
        Column(
            "status",
            StringType(),
            None,
            "How it ended",
            codes={
                "ok": "every day of the span, or every file, was committed",
                "partial": "some days failed their audit, or some files could not be read, and were not committed; or "
                "the table's part of an ingest that did not end: its files are read again",
                "failed": "nothing was committed",
                "blocked": "not built: something it reads failed",
            },
        ),
        Column("reason", StringType(), None, "Why it did not end well", nullable=True),
        Column(
            "span_first",
            c.GRID_DATE.type,
            None,
            "First grid day of the table's build; null of an ingest",
            nullable=True,
        ),
        Column("span_end", c.GRID_DATE.type, None, "Grid day after its last one", nullable=True),
        Column("rows", LongType(), "1", "Rows written", minimum=0),
        Column("accepted", LongType(), "1", "Accepted, in rows or channel-intervals", minimum=0),
        Column("rejected", LongType(), "1", "Rejected", minimum=0),
        Column("duplicates", LongType(), "1", "Identical duplicates", minimum=0),
        Column("superseded", LongType(), "1", "Superseded by a higher version", minimum=0),
        Column("bad_days", ArrayType(StringType(), False), None, "Grid days that failed their audit"),
        Column(
            "provisional_days",
            ArrayType(StringType(), False),
            None,
            "Grid days committed of which, or of what they stand on, less was received than makes a day complete",
        ),
        Column(
            "notices",
            ArrayType(NOTICE, False),
            None,
            "What stands and is told all the same: by which rule, of how many, and the first of them",
        ),
        Column("table_version", LongType(), None, "Version of the table after the run", nullable=True),
        Column("read_versions", MapType(StringType(), LongType(), False), None, "Tables read and their versions"),
        Column("settings_digest", StringType(), None, "Hash of the settings that decide results"),
        Column("code_version", StringType(), None, "Version of gridlake"),
    ),
)
