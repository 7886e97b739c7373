"""Bronze ``file``: the only ledger of what was received."""

from __future__ import annotations

from pyspark.sql.types import DateType, LongType, StringType, TimestampType

from jobs import columns as c
from jobs.table import Column, Table

STATUS = {
    "ok": "read; its rows are in bronze",
    "kept": "its rows are in bronze as they were read before: its source is declared otherwise since, and so it cannot "
    "be read, or is no longer where it was kept",
    "failed": "could not be read as a whole, or no source names it: nothing of it is in bronze; or the run that read "
    "it did not end: what it left is replaced when the file is read again",
}

IN_BRONZE = ("ok", "kept")

BRONZE_FILE = Table(
    name="bronze.file",
    grain="One content delivered for one source, under whatever name.",
    key=("file_id", "source"),
    replace="key",
    columns=(
        c.FILE_ID,
        c.SOURCE,
        Column("path", StringType(), None, "Path under which the content first arrived"),
        Column("kept_path", StringType(), None, "Where the content is kept and read again from"),
        Column("size_bytes", LongType(), "B", "Size of the content", minimum=0),
        Column(
            "arrived_utc",
            TimestampType(),
            None,
            "First arrival, apart by a microsecond within a batch: the order of arrival; of network models of a "
            "batch one instant",
        ),
        Column("first_grid_date", DateType(), None, "First grid day of its intervals", nullable=True),
        Column("last_grid_date", DateType(), None, "Last grid day of its intervals", nullable=True),
        Column("rows", LongType(), "1", "Records in the file, blank lines and headers left out", minimum=0),
        Column("reads", LongType(), "1", "Channel-intervals with a value in the file; 0 for entities", minimum=0),
        Column("rejected_rows", LongType(), "1", "Rows in the rejected tables", minimum=0),
        Column("rejected_reads", LongType(), "1", "Channel-intervals that those rows hold", minimum=0),
        Column("status", StringType(), None, "What became of it", codes=STATUS),
        Column("reason", StringType(), None, "Why it failed, is kept, or was read again", nullable=True),
        Column("settings_hash", StringType(), None, "Hash of all that decides how the file is read"),
        Column("read_at_utc", TimestampType(), None, "When it was last read"),
        c.SYNTHETIC,
        Column(
            "notice", StringType(), None, "Words its source asks to be shown with what is made of it", nullable=True
        ),
    ),
)
