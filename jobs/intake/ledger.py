"""``bronze.file``, the only ledger of what was received: its entries read, made and committed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.bronze.file import BRONZE_FILE
from jobs.intake.file_plan import Received, content_hash
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import read_table
from jobs.lake.write import merge_keys
from jobs.sources.declaration import Source

Entry = dict[str, Any]
DELIVERED = StructType().add("file_id", "string").add("_here", "boolean")
KEPT = StructType().add("file_id", "string").add("source", "string").add("_reason", "string")
DECLARED = StructType().add("source", "string").add("_declared", "string")
UNDECLARED = ""
"""Settings hash of a file that no source read."""


def read_entries(lake: Lake, file_ids: list[str], hashes: dict[str, str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Ledger entries of the files, of all last read, well or not, under another declaration, and of the kept."""
    if not lake.exists(BRONZE_FILE) or not hashes:
        return {}
    delivered = local_rows(lake.spark, DELIVERED, ((file_id, True) for file_id in set(file_ids)))
    declared = local_rows(lake.spark, DECLARED, hashes.items())
    entries = (
        read_table(lake, BRONZE_FILE)
        .join(F.broadcast(declared), "source")
        .join(F.broadcast(delivered), "file_id", "left")
    )
    outdated = ~F.col("settings_hash").isin(F.col("_declared"), F.lit(UNDECLARED))
    wanted = entries.where(F.col("_here") | outdated | (F.col("status") == "kept")).select(
        "file_id", "source", "path", "kept_path", "size_bytes", "status", "settings_hash", "rejected_rows",
        F.unix_micros("arrived_utc").alias("arrived_us"),
    )  # fmt: skip
    return {(row["file_id"], row["source"]): row.asDict() for row in wanted.collect()}


def commit_entries(lake: Lake, entries: list[Entry], *, update: bool = True) -> None:
    """Enter what became of files; without ``update`` only of those that have no entry yet."""
    unique = {
        (entry["file_id"], entry["source"]): tuple(entry[name] for name in BRONZE_FILE.column_names)
        for entry in entries
    }
    if unique:
        rows = local_rows(lake.spark, BRONZE_FILE.schema, unique.values())
        merge_keys(lake, BRONZE_FILE, rows.coalesce(1), update=update)


def commit_kept(lake: Lake, reasons: dict[tuple[str, str], str]) -> None:
    """Enter why files, by (file_id, source), stand as they were read before; all else of their entries stays."""
    if reasons:
        why = local_rows(lake.spark, KEPT, ((*key, reason) for key, reason in reasons.items()))
        entries = read_table(lake, BRONZE_FILE).join(F.broadcast(why), ["file_id", "source"])
        kept = {"status": F.lit("kept"), "reason": F.col("_reason")}
        merge_keys(lake, BRONZE_FILE, entries.withColumns(kept).drop("_reason").coalesce(1))


def arrival_entry(one: Received) -> Entry:
    """A file that has arrived and is about to be read."""
    second, microsecond = divmod(one.arrived_us, 10**6)
    return _entry(one.file_id, one.source.name, str(one.path), one.size_bytes) | {
        "path": one.first_path,
        "arrived_utc": datetime.fromtimestamp(second, UTC).replace(microsecond=microsecond),
        "reason": "the run that received it did not end",
        "settings_hash": one.settings_hash,
        **_marks(one.source),
    }


def outcome_entry(one: Received, outcome: Entry) -> Entry:
    """A file that was read, well or not."""
    failure = outcome.pop("failure")
    status = "ok" if failure is None else "kept" if one.stands else "failed"
    if status == "kept":
        failure += "; its rows stay as they were read before"
    return arrival_entry(one) | outcome | {"status": status, "reason": failure or one.why}


def failed_entry(name: str, path: Path, reason: str, source: Source | None) -> Entry:
    """A file that no source reads; ``source`` is None where none of that name is declared."""
    file_id, size = content_hash(None, path)
    return _entry(file_id, name, str(path), size) | {"reason": reason} | ({} if source is None else _marks(source))


def _marks(source: Source) -> Entry:
    return {"synthetic": source.synthetic, "notice": source.notice}


def _entry(file_id: str, source: str, path: str, size_bytes: int) -> Entry:
    now = datetime.now(UTC)
    return {
        "file_id": file_id,
        "source": source,
        "path": path,
        "kept_path": path,
        "size_bytes": size_bytes,
        "arrived_utc": now,
        "first_grid_date": None,
        "last_grid_date": None,
        **dict.fromkeys(("rows", "reads", "rejected_rows", "rejected_reads"), 0),
        "status": "failed",
        "reason": None,
        "settings_hash": UNDECLARED,
        "read_at_utc": now,
        "synthetic": False,
        "notice": None,
    }
