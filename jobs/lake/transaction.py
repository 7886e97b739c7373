"""A commit of files that tasks have written: Delta's own transaction, which Spark's writer would otherwise make."""

from __future__ import annotations

import json

from pyspark.sql.types import StructType

from jobs.errors import LakeError, first_keys
from jobs.lake.delta_internals import commit_write, delta_log, expression, items_of, sequence
from jobs.lake.lake import Lake
from jobs.table import Table


class Transaction:
    """One commit in the JVM, over the rows that meet ``condition``; it fails where others change them meanwhile."""

    def __init__(self, lake: Lake, table: Table, condition: str) -> None:
        self._spark, self._table, self._condition = lake.spark, table, condition
        self._transaction = delta_log(lake, table).startTransaction()
        _refuse_other_columns(table, self._transaction.metadata().schemaString())
        of_condition = sequence(lake.spark, [expression(lake.spark, condition)])
        self._stood = self._transaction.filterFiles(of_condition, False)

    @property
    def version(self) -> int:
        """The table's version that it started from."""
        return int(self._transaction.readVersion())

    def commit(self, added: list[str], *, replace: bool) -> int:
        """The files ``added`` come and, with ``replace``, those that meet the condition go; the version made."""
        return commit_write(
            self._spark,
            self._transaction,
            removed=items_of(self._stood) if replace else [],
            added=added,
            overwrite=replace,
            partition_by=self._table.partition_by,
            condition=self._condition,
        )


def _refuse_other_columns(table: Table, stands: str) -> None:
    """Delta holds a DataFrame's columns against the table's, and takes files as they are."""
    have = {f"{one.name} {one.dataType.simpleString()}" for one in StructType.fromJson(json.loads(stands))}
    want = {f"{one.name} {one.dataType.simpleString()}" for one in table.schema}
    if have != want:
        raise LakeError(
            f"{table.name}: it stands with other columns than are declared: {first_keys(sorted(have ^ want))}"
        )
