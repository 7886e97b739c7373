"""The gate: what would be written is audited by Great Expectations before anything is committed.

The suite of a table comes from its declaration. It is judged over the rows as they will stand after the
write; where it fails, the rows that fail are counted, the first keys named, and the days they stand in found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.data_context import EphemeralDataContext
from great_expectations.expectations.expectation import Expectation
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, MapType

from jobs.errors import first_keys
from jobs.table import Column, Table


@dataclass(frozen=True)
class Fault:
    """One expectation that the rows do not meet."""

    where: str
    needed: str
    rows: int
    total: int
    first: list[tuple[object, ...]]
    days: frozenset[date]

    def __str__(self) -> str:
        return f"{self.where}: {self.rows:,} of {self.total:,} rows fail '{self.needed}'; first by key: {first_keys(self.first)}"


@dataclass
class Verdict:
    """What an audit found; ``bad_days`` are the grid days that must not be written."""

    faults: list[str] = field(default_factory=list)
    bad_days: dict[date, list[str]] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        self.faults.append(str(fault))
        for day in fault.days:
            self.bad_days.setdefault(day, []).append(str(fault))


@cache
def _context() -> EphemeralDataContext:
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}  # type: ignore[assignment]
    return context


def expectations(table: Table) -> list[tuple[Expectation, str, str]]:
    """The table's suite: each expectation, the SQL condition that a row failing it does not meet, and where."""
    suite: list[tuple[Expectation, str, str]] = [
        (gxe.ExpectCompoundColumnsToBeUnique(column_list=list(table.key)), "", f"{table.name} key {table.key}")
        if len(table.key) > 1
        else (gxe.ExpectColumnValuesToBeUnique(column=table.key[0]), "", f"{table.name} key {table.key}")
    ]
    for column in table.columns:
        where = f"{table.name}.{column.name}"
        if not column.nullable:
            suite.append((gxe.ExpectColumnValuesToNotBeNull(column=column.name), f"{column.name} is not null", where))
        suite += [(expectation, condition, where) for expectation, condition in _bounds(column)]
    return suite


def _bounds(column: Column) -> Iterable[tuple[Expectation, str]]:
    """Bounds and codes; of arrays they are left to the table's CHECK constraints."""
    if isinstance(column.type, ArrayType | MapType):
        return
    if column.minimum is not None or column.maximum is not None:
        yield (
            gxe.ExpectColumnValuesToBeBetween(column=column.name, min_value=column.minimum, max_value=column.maximum),
            " and ".join(condition for condition in column.constraints() if " in (" not in condition),
        )
    if column.codes is not None:
        yield (
            gxe.ExpectColumnValuesToBeInSet(column=column.name, value_set=list(column.codes)),
            column.constraints()[-1],
        )


def audit(table: Table, rows: DataFrame) -> Verdict:
    """Judge ``rows`` by the table's suite; they are read once, and again only where something fails."""
    scalar = [column.name for column in table.columns if not isinstance(column.type, ArrayType | MapType)]
    suite = [one for one in expectations(table) if _column_of(one[0]) in (*scalar, None)]
    context = _context()
    source = context.data_sources.add_or_update_spark("spark", persist=False)
    batch = (
        source.add_dataframe_asset(table.name)
        .add_batch_definition_whole_dataframe("rows")
        .get_batch({"dataframe": rows.select(*scalar)})
    )
    named = gx.ExpectationSuite(name=table.name, expectations=[one[0] for one in suite])
    result = batch.validate(named, result_format="BOOLEAN_ONLY")
    verdict = Verdict()
    if result.success:
        return verdict
    failed = {_signature(one.expectation_config.type, one.expectation_config.kwargs) for one in result.results if not one.success}
    for expectation, condition, where in suite:
        config = expectation.configuration
        if _signature(config.type, config.kwargs) in failed:
            verdict.add(_fault(table, rows, condition, where))
    return verdict


def _column_of(expectation: Expectation) -> str | None:
    return getattr(expectation, "column", None)


def _signature(kind: str, kwargs: dict[str, object]) -> tuple[str, str]:
    return kind, str(kwargs.get("column") or kwargs.get("column_list"))


def _fault(table: Table, rows: DataFrame, condition: str, where: str) -> Fault:
    """Count the rows that fail, with their first keys and days."""
    if condition:
        bad = rows.where(f"not coalesce({condition}, {'false' if condition.endswith('not null') else 'true'})")
        needed = condition
    else:
        again = rows.groupBy(*table.key).count().where("count > 1").drop("count")
        bad, needed = again, "the key is unique"
    keys = bad.select(*table.key).orderBy(*table.key)
    days = (
        frozenset(row[0] for row in keys.select("grid_date").distinct().collect())
        if "grid_date" in table.key
        else frozenset()
    )
    return Fault(where, needed, keys.count(), rows.count(), [tuple(map(str, row)) for row in keys.take(3)], days)
