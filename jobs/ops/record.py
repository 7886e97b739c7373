"""Writes of ``ops.run`` and ``ops.release``: one commit each at the end of a run, whichever way it ended."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pyspark.sql import functions as F

from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import read_table, table_version
from jobs.lake.write import replace_where
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.registry import all_tables
from jobs.settings import Settings
from jobs.span import Span
from jobs.table_run import TableRun

Row = dict[str, Any]


@cache
def code_version() -> str:
    """The package's version; of a checkout with its commit, and ``+`` where files differ from it."""
    try:
        version = metadata.version("gridlake")
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        version = "0"
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return version
    described = subprocess.run(
        ["git", "-C", root, "describe", "--always", "--dirty=+", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{version}+g{described.stdout.strip()}" if described.returncode == 0 else version


def record_runs(lake: Lake, settings: Settings, run_id: str, runs: Iterable[TableRun]) -> None:
    """One row of ``ops.run`` for each table that a run came to."""
    rows: list[Row] = [
        {
            "run_id": run_id,
            "table_name": run.table.name,
            "started_at_utc": run.started,
            "seconds": run.seconds,
            "status": run.status,
            "reason": run.reason,
            "span_first": run.span and run.span.first,
            "span_end": run.span and run.span.end,
            "rows": run.counts.rows,
            "accepted": run.counts.accepted,
            "rejected": run.counts.rejected,
            "duplicates": run.counts.duplicates,
            "superseded": run.counts.superseded,
            "bad_days": [str(day) for day in sorted(run.bad_days)],
            "provisional_days": [str(day) for day in sorted(run.provisional_days)],
            "notices": [(told.rule, told.found, told.keys) for told in run.notices],
            "table_version": run.version,
            "read_versions": run.read_versions,
            "settings_digest": settings.digest(),
            "code_version": code_version(),
        }
        for run in runs
    ]
    if rows:
        frame = local_rows(lake.spark, RUN.schema, (tuple(row[name] for name in RUN.column_names) for row in rows))
        replace_where(lake, RUN, frame.coalesce(1), f"run_id = '{run_id}'")


@contextmanager
def of_a_stopped_run(run_id: str) -> Iterator[None]:
    """Recording a run that something stopped: where not even that can be written, what stopped it matters more."""
    try:
        yield
    except Exception:
        logging.getLogger(__name__).exception("ops.run has not every row of run %s", run_id)


def released_beside(lake: Lake, read: Mapping[str, int | None]) -> dict[str, int]:
    """Versions of the newest release, where it holds the very versions that were read; else none belong together."""
    rows = read_table(lake, RELEASE).orderBy(F.desc("released_at_utc"), "release_id").limit(1).collect()
    versions: dict[str, int] = dict(rows[0]["table_versions"]) if rows else {}
    return versions if all(versions.get(name) == version for name, version in read.items()) else {}


def record_release(
    lake: Lake, release_id: str, span: Span, read_and_built: Mapping[str, int | None], *, whole: bool
) -> None:
    """The versions of all tables that belong together, now that every table of a build is good.

    A build of some tables leaves out the others: what stands of them may rest on older versions.

    Parameters
    ----------
    read_and_built
        Versions of the tables that the build read, None of those that were not there, and of those it built.
    whole
        True where it built every table.
    """
    versions = {name: version for name, version in read_and_built.items() if version is not None}
    for name, table in all_tables().items():
        of_this = whole or name.removesuffix("_rejected") in read_and_built
        if name not in read_and_built and of_this and not name.startswith("ops."):
            version = table_version(lake, table)
            if version is not None:
                versions[name] = version
    row: Row = {
        "release_id": release_id,
        "released_at_utc": datetime.now(UTC),
        "span_first": span.first,
        "span_end": span.end,
        "table_versions": versions,
    }
    frame = local_rows(lake.spark, RELEASE.schema, [tuple(row[name] for name in RELEASE.column_names)])
    replace_where(lake, RELEASE, frame.coalesce(1), f"release_id = '{release_id}'")
