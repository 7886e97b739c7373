"""A commit of files that tasks have written: Delta's own transaction, which Spark's writer would otherwise make."""

from __future__ import annotations

import json
from typing import Any

from pyspark.sql.types import StructType

from jobs.errors import LakeError, first_keys
from jobs.lake.lake import Lake
from jobs.lake.scan import delta_log
from jobs.table import Table


class Transaction:
    """One commit in the JVM, over the rows that meet ``condition``; it fails where others change them meanwhile."""

    def __init__(self, lake: Lake, table: Table, condition: str) -> None:
        self._jvm: Any = lake.spark._jvm
        self._table, self._condition = table, condition
        expression = lake.spark._jsparkSession.sessionState().sqlParser().parseExpression(condition)
        self._transaction = delta_log(lake, table).startTransaction()
        _refuse_other_columns(table, self._transaction.metadata().schemaString())
        self._stood = self._transaction.filterFiles(self._sequence([expression]), False)

    @property
    def version(self) -> int:
        """The table's version that it started from."""
        return int(self._transaction.readVersion())

    def commit(self, added: list[str], *, replace: bool) -> int:
        """The files ``added`` come and, with ``replace``, those that meet the condition go; the version made."""
        option = getattr(self._jvm, "scala.Option")
        action = getattr(self._jvm, "org.apache.spark.sql.delta.actions.Action")
        stood = self._stood
        changes = [stood.apply(number).remove() for number in range(stood.size() if replace else 0)]
        changes += [action.fromJson(one) for one in added]
        mode = getattr(getattr(self._jvm, "org.apache.spark.sql.SaveMode"), "Overwrite" if replace else "Append")
        by = self._sequence(list(self._table.partition_by))
        write = getattr(self._jvm, "org.apache.spark.sql.delta.DeltaOperations$Write")
        more = [option.empty()] * 6  # what Delta 4.4 may say of a write besides
        how = write(mode, option.apply(by), option.apply(self._condition), *more)
        return int(self._transaction.commit(self._sequence(changes), how))

    def _sequence(self, items: list[Any]) -> Any:
        return self._jvm.PythonUtils.toSeq(items)


def _refuse_other_columns(table: Table, stands: str) -> None:
    """Delta holds a DataFrame's columns against the table's, and takes files as they are."""
    have = {f"{one.name} {one.dataType.simpleString()}" for one in StructType.fromJson(json.loads(stands))}
    want = {f"{one.name} {one.dataType.simpleString()}" for one in table.schema}
    if have != want:
        raise LakeError(
            f"{table.name}: it stands with other columns than are declared: {first_keys(sorted(have ^ want))}"
        )
