"""`gridlake release`: the tables as they stand become one release, where they belong together."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from jobs.errors import GridlakeError
from jobs.lake.lake import Lake
from jobs.lake.scan import table_version
from jobs.ops.last_runs import last_runs_of
from jobs.ops.record import record_release
from jobs.plan import in_order
from jobs.registry import all_jobs, all_tables
from jobs.span import Span


def release_standing(lake: Lake, span: Span) -> str:
    """Record every table of the lake as it stands, after builds of single tables for ``span``; the release's id.

    Raises
    ------
    GridlakeError
        They do not belong together: one was not built, its last run did not end well or is not the one that stands, or
        something that it reads has changed since.
    """
    jobs = all_jobs()
    versions = {name: table_version(lake, table) for name, table in all_tables().items()}
    runs = {str(row["table_name"]): row for row in last_runs_of(lake, jobs)}
    faults = [
        fault
        for name in in_order(jobs)
        if (fault := _fault(name, runs.get(name), versions, {read.table for read in jobs[name].reads.values()}))
    ]
    if faults:
        raise GridlakeError(
            "no release: the tables as they stand do not belong together; build these again, and what stands on them\n"
            + "\n".join(faults)
        )
    release_id = uuid.uuid4().hex[:12]
    record_release(lake, release_id, span, {name: versions[name] for name in jobs}, whole=True)
    return release_id


def _fault(name: str, run: Mapping[str, Any] | None, versions: Mapping[str, int | None], reads: set[str]) -> str | None:
    """Why a table does not belong to what stands beside it; None where it does."""
    if run is None:
        return f"{name}: never built"
    if run["status"] != "ok":
        return f"{name}: its last run ({run['run_id']}) ended {run['status']}"
    if run["table_version"] not in (None, versions[name]):
        return f"{name}: version {versions[name]} stands, its last run made version {run['table_version']}"
    changed = [
        f"{read} {_told(run['read_versions'].get(read))}, now {_told(versions[read])}"
        for read in sorted(reads)
        if run["read_versions"].get(read) != versions[read]
    ]
    return f"{name}: built from {'; '.join(changed)}" if changed else None


def _told(version: int | None) -> str:
    return "not there" if version is None else f"v{version}"
