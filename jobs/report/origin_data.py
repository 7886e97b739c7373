"""Where the report's figures come from: sources and whether they are invented, runs, versions, settings."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.bronze.file import BRONZE_FILE, IN_BRONZE
from jobs.lake.scan import read_table
from jobs.ops.last_runs import newest_of_each_table
from jobs.ops.record import code_version
from jobs.ops.run import RUN
from jobs.query.snapshot import Snapshot
from jobs.settings import Settings


@dataclass(frozen=True)
class Origin:
    """``sources``: source, synthetic, notice, files, rows, reads, failed or kept; ``runs``: what was done."""

    sources: pd.DataFrame
    runs: pd.DataFrame
    settings_digest: str
    code_version: str


def read_origin(snapshot: Snapshot, settings: Settings) -> Origin:
    files = snapshot.rows(BRONZE_FILE)
    sources = files.groupBy("source").agg(
        F.max("synthetic").alias("synthetic"),
        F.max_by("notice", "read_at_utc").alias("notice"),
        F.sum(F.col("status").isin(*IN_BRONZE).cast("int")).alias("files"),
        F.sum("rows").alias("rows"),
        F.sum("reads").alias("reads"),
        F.sum((F.col("status") != "ok").cast("int")).alias("failed"),
    )
    columns = (
        "table_name",
        "status",
        "rows",
        "accepted",
        "rejected",
        "duplicates",
        "superseded",
        "seconds",
        "table_version",
        "settings_digest",
        "code_version",
    )
    done = _runs(snapshot).orderBy("table_name").toPandas()
    own = done[done["run_id"] == snapshot.release_id]
    built = not own.empty
    return Origin(
        sources=sources.orderBy("source").toPandas(),
        runs=done[[*columns]],
        settings_digest=str(own["settings_digest"].iloc[0]) if built else settings.digest(),
        code_version=str(own["code_version"].iloc[0]) if built else code_version(),
    )


def _runs(snapshot: Snapshot) -> DataFrame:
    """The newest run that left each table at the release's version: a release joins tables of several runs."""
    known = read_table(snapshot.lake, RUN)
    if not snapshot.versions:
        return known.where(F.lit(False))
    of_release = F.create_map(*[F.lit(part) for row in snapshot.versions.items() for part in row])
    return newest_of_each_table(known.where(F.col("table_version") == of_release[F.col("table_name")]))
