"""Queries over the lake by table name: what `gridlake sql` runs and prints."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table as Grid

from jobs.errors import GridlakeError
from jobs.lake.conflict import SPARK_FAULTS, cause
from jobs.lake.lake import Lake
from jobs.query.identify import with_hashed_ids
from jobs.query.reading_only import tables_read
from jobs.query.views import register_view, versions_of

Output = Literal["table", "csv", "json"]
SHOWN = 1000
CELL = 60  # characters
WIDE = 10_000  # characters, more than any row of `_short` values


def run_query(lake: Lake, query: str, *, release: str | None = None, protected: bool = False) -> DataFrame:
    """Rows of one query that only reads; tables go by ``schema.table``, as of a release where one is named.

    Source ids may stand for hashed ones: `jobs.query.identify.CALL`.

    Parameters
    ----------
    protected
        Whether it may read tables of source ids and personal data.

    Raises
    ------
    GridlakeError
        It would do anything else (`jobs.query.reading_only`), or fails.
    """
    versions = versions_of(lake, release)
    with _readable(query):
        written = with_hashed_ids(lake, query)
        for name in sorted(tables_read(lake.spark, written, protected=protected)):
            register_view(lake, name, versions)
        return lake.spark.sql(written)


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


@contextmanager
def _readable(what: str) -> Iterator[None]:
    """Spark's fault as one that names the query."""
    try:
        yield
    except SPARK_FAULTS as fault:
        raise GridlakeError(f"the query failed ({what}; `gridlake tables` lists the tables): {cause(fault)}") from fault


def _plain(value: Any) -> Any:
    return json.dumps(value, default=str) if isinstance(value, list | dict | tuple) else value


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"
