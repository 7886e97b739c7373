"""Queries over the lake by table name: what `gridlake sql` runs and prints."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table as Grid

from jobs.errors import GridlakeError
from jobs.identify import with_hashed_ids
from jobs.lake.conflict import cause
from jobs.lake.lake import Lake
from jobs.registry import SCHEMAS
from jobs.snapshot import read_snapshot

Output = Literal["table", "csv", "json"]
SHOWN = 1000
WIDE = 10_000  # characters, more than any row of `_short` values
NAME = re.compile(rf"\b({'|'.join(SCHEMAS)})\.(\w+)\b")


def run_query(lake: Lake, query: str, *, release: str | None = None) -> DataFrame:
    """Rows of a query; tables go by ``schema.table``, as of a release where one is named.

    Source ids may stand for hashed ones: `jobs.identify.CALL`.
    """
    versions = None
    if release is not None:
        snapshot = read_snapshot(lake, release)
        if snapshot.release_id is None:
            raise GridlakeError("this lake holds no release yet: a build that ends well makes one")
        versions = snapshot.versions
    for name in sorted({match.group(0) for match in NAME.finditer(query)}):
        _register(lake, name, versions)
    with _readable(query):
        return lake.spark.sql(with_hashed_ids(lake, query))


def print_rows(rows: DataFrame, output: Output) -> None:
    """Print rows as a table for people, or as CSV or one JSON object a line, as they come."""
    with _readable("its rows"):
        if output == "csv":
            writer = csv.writer(sys.stdout)
            writer.writerow(rows.columns)
            writer.writerows([_plain(value) for value in row] for row in rows.toLocalIterator())
        elif output == "json":
            for row in rows.select(F.to_json(F.struct("*"), {"ignoreNullFields": "false"})).toLocalIterator():
                print(row[0])
        else:
            shown = rows.limit(SHOWN + 1).collect()
            grid = Grid(*rows.columns)
            for row in shown[:SHOWN]:
                grid.add_row(*[_short(value) for value in row])
            console = Console(width=None if sys.stdout.isatty() else WIDE)  # in a file or pipe nothing need be cut
            console.print(grid)
            if len(shown) > SHOWN:
                print(f"the first {SHOWN:,} rows; --format csv or json prints all")


def _register(lake: Lake, name: str, versions: dict[str, int] | None) -> None:
    """Make ``name`` the lake's table (of the release) in this session, where there is such a table.

    A view: the session may have opened another lake before, and a name may stand in a text of the query.
    """
    lake.spark.sql(f"create schema if not exists {name.split('.')[0]}")
    lake.spark.sql(f"drop view if exists {name}")
    version = None if versions is None else versions.get(name)
    if lake.holds(name) and (versions is None or version is not None):
        at = "" if version is None else f" version as of {version}"
        lake.spark.sql(f"create view {name} as select * from delta.`{lake.place(name)}`{at}")


@contextmanager
def _readable(what: str) -> Iterator[None]:
    """Spark's fault as one that names the query."""
    try:
        yield
    except (PySparkException, Py4JJavaError) as fault:
        raise GridlakeError(f"the query failed ({what}; `gridlake tables` lists the tables): {cause(fault)}") from fault


def _plain(value: Any) -> Any:
    return json.dumps(value, default=str) if isinstance(value, list | dict | tuple) else value


def _short(value: Any, longest: int = 60) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"
