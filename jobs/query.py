"""Queries over the lake by table name: what `gridlake sql` runs and prints."""

from __future__ import annotations

import csv
import json
import re
import sys
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table as Grid

from jobs.errors import GridlakeError
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.ops.release import RELEASE
from jobs.registry import SCHEMAS

NAME = re.compile(rf"\b({'|'.join(SCHEMAS)})\.(\w+)\b")


def run_query(lake: Lake, query: str, *, release: str | None = None) -> DataFrame:
    """Rows of a query; tables go by ``schema.table``, as of a release where one is named."""
    versions = release_versions(lake, release) if release is not None else {}
    named = sorted({match.group(0) for match in NAME.finditer(query)})
    for name in named:
        _register(lake, name)
    if versions:
        query = NAME.sub(lambda match: _at(match.group(0), versions), query)
    try:
        return lake.spark.sql(query)
    except PySparkException as fault:
        raise GridlakeError(f"the query over {', '.join(named) or 'no table'} failed: {fault}") from fault


def release_versions(lake: Lake, release: str) -> dict[str, int]:
    """Table versions that belong together in a release (``latest``: the newest)."""
    rows = read_table(lake, RELEASE)
    if release != "latest":
        rows = rows.where(F.col("release_id") == release)
    row = rows.orderBy(F.col("released_at_utc").desc(), "release_id").first()
    if row is None:
        raise GridlakeError(f"no release '{release}' in this lake: a build that ends well makes one")
    return dict(row["table_versions"])


def print_rows(rows: DataFrame, output: str) -> None:
    """Print rows as a table for people, or as CSV or one JSON object a line, as they come."""
    if output == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(rows.columns)
        writer.writerows([_plain(value) for value in row] for row in rows.toLocalIterator())
    elif output == "json":
        for row in rows.toLocalIterator():
            print(json.dumps(row.asDict(recursive=True), default=str, ensure_ascii=False))
    elif output == "table":
        shown = rows.limit(1000).collect()
        grid = Grid(*rows.columns)
        for row in shown:
            grid.add_row(*[_short(value) for value in row])
        Console().print(grid)
        if len(shown) == 1000:
            print("the first 1,000 rows; --format csv or json prints all")
    else:
        raise GridlakeError(f"--format is '{output}'; table, csv or json is needed")


def _register(lake: Lake, name: str) -> None:
    schema, table = name.split(".")
    location = f"{lake.root.rstrip('/')}/{schema}/{table}"
    lake.spark.sql(f"create schema if not exists {schema}")
    try:
        lake.spark.sql(f"create table if not exists {name} using delta location '{location}'")
    except PySparkException as fault:
        raise GridlakeError(f"{name}: no such table in {lake.root}; `gridlake tables` lists what there is") from fault


def _at(name: str, versions: dict[str, int]) -> str:
    if name not in versions:
        raise GridlakeError(f"{name} is not in the release, which holds {', '.join(sorted(versions))}")
    return f"{name} version as of {versions[name]}"


def _plain(value: Any) -> Any:
    return json.dumps(value, default=str) if isinstance(value, list | dict | tuple) else value


def _short(value: Any, longest: int = 60) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"
