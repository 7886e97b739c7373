"""What `gridlake tables`, `describe` and `runs` print."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyspark.sql import functions as F

from jobs.dictionary import page
from jobs.errors import first_keys
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, table_version
from jobs.ops.run import RUN
from jobs.registry import all_tables, table_named
from jobs.settings import Settings

OpenLake = Callable[[Settings], Lake]


def table_lines(settings: Settings, open_lake: OpenLake) -> Iterator[str]:
    """Every declared table: its version in the lake (or none) and its grain."""
    lake = open_lake(settings)
    for name, table in all_tables().items():
        version = table_version(lake, table)
        yield f"{name:<36} {'-' if version is None else f'v{version}':>6}  {table.grain}"


def description_lines(settings: Settings, name: str, open_lake: OpenLake) -> Iterator[str]:
    """The table's page of the data dictionary, and its last run."""
    table = table_named(name)
    yield from page(table)
    last = read_table(open_lake(settings), RUN).where(F.col("table_name") == table.name)
    row = last.orderBy(F.col("started_at_utc").desc(), "run_id").first()
    yield ""
    if row is None:
        yield "Last run: none in this lake."
        return
    yield (
        f"Last run: {row['run_id']} at {row['started_at_utc']:%Y-%m-%d %H:%M:%S} UTC, {row['status']}, "
        f"{row['rows']:,} rows, {row['seconds']:.1f} s, version {row['table_version']}"
        + (f": {row['reason']}" if row["reason"] else "")
    )


def run_lines(lake: Lake, limit: int) -> Iterator[str]:
    """Newest rows of ops.run."""
    rows = read_table(lake, RUN).orderBy(F.col("started_at_utc").desc(), "run_id", "table_name").limit(limit).collect()
    if not rows:
        yield "no run in this lake yet"
    for row in rows:
        provisional = f"  provisional ({first_keys(row['provisional_days'])})" if row["provisional_days"] else ""
        yield (
            f"{row['started_at_utc']:%Y-%m-%d %H:%M:%S}  {row['run_id']}  {row['table_name']:<34} {row['status']:<8}"
            f"{row['rows']:>12,} rows {row['seconds']:>7.1f} s{provisional}"
            + (f"  {row['reason']}" if row["reason"] else "")
        )
