"""What `gridlake tables`, `describe`, `plan` and `runs` print of a lake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pyspark.sql import Row
from pyspark.sql import functions as F

from jobs.dictionary import page
from jobs.errors import first_keys, first_lines
from jobs.job import Job
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, table_version
from jobs.notice import Told
from jobs.ops.last_runs import last_runs_of
from jobs.ops.release import RELEASE
from jobs.ops.run import RUN
from jobs.plan import in_order, mermaid_graph, reads_of
from jobs.registry import all_tables, table_named
from jobs.settings import Settings

OpenLake = Callable[[Settings], Lake]


def table_lines(lake: Lake) -> Iterator[str]:
    """Every declared table: its version in the lake (or none) and its grain."""
    for name, table in all_tables().items():
        version = table_version(lake, table)
        yield f"{name:<36} {'-' if version is None else f'v{version}':>6}  {table.grain}"


def plan_records(jobs: dict[str, Job]) -> list[dict[str, Any]]:
    """The jobs in order, each with its layer and the jobs it reads from: what a scheduler makes its tasks from."""
    reads = reads_of(jobs)
    return [
        {"table": name, "layer": jobs[name].table.schema_name, "reads": sorted(reads[name])} for name in in_order(jobs)
    ]


def plan_lines(jobs: dict[str, Job], lake: Lake, *, mermaid: bool) -> Iterator[str]:
    """The jobs in order, each with the version of its table in the lake; as a graph, the versions in its nodes."""
    if mermaid:
        yield from mermaid_graph(jobs)
    for name in in_order(jobs):
        version = table_version(lake, jobs[name].table)
        stands = "not built" if version is None else f"v{version}"
        yield f'  {name}["{name}<br/>{stands}"]' if mermaid else f"{name:<36} {stands:>9}"


def description_lines(settings: Settings, name: str, open_lake: OpenLake) -> Iterator[str]:
    """The table's page of the data dictionary, and its last run."""
    table = table_named(name)
    yield from page(table)
    yield from ("", last_runs(open_lake(settings), [table.name])[table.name])


def last_runs(lake: Lake, names: Iterable[str]) -> dict[str, str]:
    """How the last run of each of the tables went, in words."""
    told = {
        row["table_name"]: f"Last run: {row['run_id']} at {row['started_at_utc']:%Y-%m-%d %H:%M:%S} UTC, "
        f"{row['status']}, {row['rows']:,} rows, {row['seconds']:.1f} s, version {row['table_version']}"
        + (f": {row['reason']}" if row["reason"] else "")
        for row in last_runs_of(lake, names)
    }
    return {name: told.get(name, "Last run: none in this lake.") for name in names}


def run_lines(lake: Lake, limit: int) -> Iterator[str]:
    """Newest rows of ops.run."""
    rows = read_table(lake, RUN).orderBy(F.col("started_at_utc").desc(), "run_id", "table_name").limit(limit).collect()
    if not rows:
        yield "no run in this lake yet"
    for row in rows:
        provisional = f"  provisional ({first_keys(row['provisional_days'])})" if row["provisional_days"] else ""
        notices = "".join(f"  {Told(**one.asDict())}" for one in row["notices"])
        yield (
            f"{row['started_at_utc']:%Y-%m-%d %H:%M:%S}  {row['run_id']}  {row['table_name']:<34} {row['status']:<8}"
            f"{row['rows']:>12,} rows {row['seconds']:>7.1f} s{provisional}{notices}" + _shortened(row)
        )


def _shortened(row: Row) -> str:
    """The first lines of a run's reason, and where all of them stand."""
    reason = row["reason"] or ""
    shown = first_lines(reason)
    where = f"run_id = '{row['run_id']}' and table_name = '{row['table_name']}'"
    more = "" if shown == reason else f': gridlake sql "select reason from ops.run where {where}" --format csv'
    return f"  {shown}{more}" if reason else ""


def release_lines(lake: Lake, limit: int) -> Iterator[str]:
    """Newest rows of ops.release."""
    rows = read_table(lake, RELEASE).orderBy(F.col("released_at_utc").desc(), "release_id").limit(limit).collect()
    if not rows:
        yield "no release in this lake yet: a build that ends well makes one"
    for row in rows:
        made = f"{row['released_at_utc']:%Y-%m-%d %H:%M:%S}  {row['release_id']}"
        yield f"{made}  {len(row['table_versions'])} tables for {row['span_first']} to {row['span_end']}"
