"""Rows of a lake's tables as Arrow tables, read by this process alone: for answers that need few rows and no Spark.

Which files are opened is decided by the Delta log: by partition values and by each file's smallest and largest values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_, ge, le, or_
from typing import Any, Literal
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema

from jobs.lake.files import file_system, opens
from jobs.lake.lake import Lake
from jobs.lake.log import Added, Logged, UnreadError, read_log
from jobs.lake.scan import read_table
from jobs.table import Table

Condition = tuple[str, Literal["in", "<=", ">="], Any]
"""Column, comparison, and what it is held against (of ``in`` several values)."""
Expression = Any  # of pyarrow: the stubs know too few of its methods
BOUNDED = (pa.types.is_string, pa.types.is_integer, pa.types.is_date)
"""Types that Delta's statistics bound exactly or from outside."""


@dataclass
class LakeReader:
    """Tables of a lake at the versions asked for; one not named is read at its newest.

    Parameters
    ----------
    root
        Folder or URL of the lake.
    versions
        Table -> version.
    open_lake
        Opens the lake with Spark, for tables that only Spark's reader knows.
    """

    root: str
    open_lake: Callable[[], Lake]
    versions: dict[str, int] = field(default_factory=dict)
    _logs: dict[str, Logged | None] = field(default_factory=dict, repr=False)

    def at(self, versions: dict[str, int]) -> LakeReader:
        """The same lake with other versions of some tables."""
        return LakeReader(self.root, self.open_lake, self.versions | versions)

    def version(self, table: Table) -> int | None:
        """The version that is read; None where none stands, or only Spark could say."""
        try:
            logged = self._log(table)
        except UnreadError:
            return self.versions.get(table.name)
        return None if logged is None else logged.version

    def days(self, table: Table) -> list[date]:
        """Grid days of which a table kept by day holds rows, ascending."""
        try:
            logged = self._log(table)
        except UnreadError:
            return sorted(set(self.rows(table, (), ["grid_date"])["grid_date"].to_pylist()))
        texts = {one.values["grid_date"] for one in logged.files} if logged else set()
        return sorted(date.fromisoformat(text) for text in texts if text is not None)

    def rows(self, table: Table, where: Iterable[Condition] = (), columns: Iterable[str] | None = None) -> pa.Table:
        """Rows that meet all conditions, with the declared columns or those named; none where no table stands."""
        names, conditions = list(columns or table.column_names), list(where)
        schema = arrow_schema(table)
        try:
            logged = self._log(table)
        except UnreadError:
            return self._by_spark(table, conditions).select(names).cast(pa.schema([schema.field(one) for one in names]))
        if logged is None:
            return schema.empty_table().select(names)
        system, root = file_system(self._place(table))
        layout = ds.ParquetFileFormat()
        fragments = [
            layout.make_fragment(f"{root}/{unquote(one.path)}", system, partition_expression=_known_of(one, schema))
            for one in logged.files
        ]
        found = ds.FileSystemDataset(fragments, schema, layout, system)
        return found.to_table(columns=names, filter=reduce(and_, map(_expression, conditions), pc.scalar(True)))

    def _place(self, table: Table) -> str:
        return f"{self.root.rstrip('/')}/{table.name.replace('.', '/')}"

    def _log(self, table: Table) -> Logged | None:
        if table.name not in self._logs:
            place = self._place(table)
            if not opens(place):
                raise UnreadError(f"{place}: pyarrow does not reach it")
            system, root = file_system(place)
            self._logs[table.name] = read_log(system, root, self.versions.get(table.name))
        return self._logs[table.name]

    def _by_spark(self, table: Table, conditions: list[Condition]) -> pa.Table:
        rows = read_table(self.open_lake(), table, version=self.versions.get(table.name))
        for name, sign, value in conditions:
            column = F.col(name)
            rows = rows.where(column.isin(list(value)) if sign == "in" else {"<=": le, ">=": ge}[sign](column, value))
        return rows.toArrow()


def arrow_schema(table: Table) -> pa.Schema:
    """The declaration as Arrow has it, instants in UTC."""
    return to_arrow_schema(table.schema, timezone="UTC").remove_metadata()


def _expression(condition: Condition) -> Expression:
    """``in`` as comparisons: by these whole files are left out."""
    name, sign, value = condition
    column = pc.field(name)
    if sign == "in":
        return reduce(or_, [column == pa.scalar(one) for one in sorted(value)], pc.scalar(False))
    return {"<=": le, ">=": ge}[sign](column, pa.scalar(value))


def _known_of(file: Added, schema: pa.Schema) -> Expression:
    """What holds of every row of a file: its partition's values, and the bounds of what is never null in it."""
    facts = [pc.scalar(True)]
    for name, text in file.values.items():
        value = pa.scalar(text, pa.string()).cast(schema.field(name).type)
        facts.append(pc.field(name).is_null() if text is None else pc.field(name) == value)
    nulls = file.stats.get("nullCount", {})
    for side, bound in (("minValues", pc.greater_equal), ("maxValues", pc.less_equal)):
        for name, value in file.stats.get(side, {}).items():
            if name not in schema.names or nulls.get(name) != 0:
                continue
            kind = schema.field(name).type
            if any(is_kind(kind) for is_kind in BOUNDED):
                typed = date.fromisoformat(value) if pa.types.is_date(kind) else value
                facts.append(bound(pc.field(name), pa.scalar(typed, kind)))
    return reduce(and_, facts)
