"""What gridlake calls of Delta's own classes in the JVM: they are no interface, and another Delta may have others.

All of it stands here, for one series of Delta, so that an upgrade has one file to look at. Of another series nothing is
called: parameters that it took otherwise would end as a Java trace, or as a commit that says something else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from pyspark.sql import SparkSession

from jobs.errors import LakeError
from jobs.lake.lake import Lake
from jobs.table import Table

SERIES = "4.4"
_DELTA = "org.apache.spark.sql.delta"
_WRITE_OPTIONS = 6
"""What `DeltaOperations.Write` may be told of a write besides mode, partitioning and condition."""


def delta_log(lake: Lake, table: Table) -> Any:
    """Delta's log of a table."""
    return _class(lake.spark, f"{_DELTA}.DeltaLog").forTable(lake.spark._jsparkSession, lake.path(table))


def snapshot(lake: Lake, table: Table) -> Any:
    """Delta's newest snapshot of a table: ``DeltaTable.history`` runs a Spark job, 30 times as long."""
    none = _class(lake.spark, "scala.Option").empty()
    return delta_log(lake, table).update(False, none, none)


def metadata(of_snapshot: Any) -> dict[str, Any]:
    """What Delta's log says of the table as a whole: its schema and its properties."""
    said: dict[str, Any] = json.loads(of_snapshot.metadata().json())["metaData"]
    return said


def commit_mark(lake: Lake, table: Table, version: int) -> str | None:
    """What the writer of a version left as its mark (``userMetadata``)."""
    log = delta_log(lake, table)
    paths = _class(lake.spark, f"{_DELTA}.util.FileNames")
    lines = log.store().read(paths.unsafeDeltaFile(log.logPath(), version), log.newDeltaHadoopConf())
    for number in range(lines.size()):
        told = json.loads(lines.apply(number)).get("commitInfo")
        if told is not None:
            mark: str | None = told.get("userMetadata")
            return mark
    return None


def expression(spark: SparkSession, condition: str) -> Any:
    """A condition in SQL, as Spark has it parsed."""
    return spark._jsparkSession.sessionState().sqlParser().parseExpression(condition)


def commit_write(
    spark: SparkSession,
    transaction: Any,
    *,
    removed: Sequence[Any],
    added: Sequence[str],
    overwrite: bool,
    partition_by: Sequence[str],
    condition: str,
) -> int:
    """Commit files removed (as Delta has them) and added (as its log says them), as Spark's writer would name it.

    The version that this made is returned.
    """
    option = _class(spark, "scala.Option")
    action = _class(spark, f"{_DELTA}.actions.Action")
    changes = [one.remove() for one in removed] + [action.fromJson(one) for one in added]
    mode = getattr(_class(spark, "org.apache.spark.sql.SaveMode"), "Overwrite" if overwrite else "Append")
    more = [option.empty()] * _WRITE_OPTIONS
    write = _class(spark, f"{_DELTA}.DeltaOperations$Write")
    operation = write(mode, option.apply(sequence(spark, partition_by)), option.apply(condition), *more)
    return int(transaction.commit(sequence(spark, changes), operation))


def scan_of(spark: SparkSession, index: Any) -> Any:
    """The files that Spark has found to hold rows of a plan; None where they are of no Delta table."""
    if index.getClass().getSimpleName() != "PreparedDeltaFileIndex":
        return None
    _check_series(spark._jvm)
    return index.preparedScan()


def renames_columns(scan: Any) -> bool:
    """Whether the table's files name its columns otherwise than the table does."""
    return str(scan.scannedSnapshot().metadata().columnMappingMode().name()) != "none"


def files_of(spark: SparkSession, scan: Any) -> list[dict[str, Any]]:
    """What Delta's log says of each file of a scan."""
    text = _class(spark, f"{_DELTA}.util.JsonUtils").toJson(scan.files(), None)  # one call, not one a file
    files: list[dict[str, Any]] = json.loads(text)
    return files


def sequence(spark: SparkSession, items: Sequence[Any]) -> Any:
    """A sequence as Scala has it."""
    jvm: Any = spark._jvm
    return jvm.PythonUtils.toSeq(list(items))


def items_of(scala_sequence: Any) -> list[Any]:
    return [scala_sequence.apply(number) for number in range(scala_sequence.size())]


def _class(spark: SparkSession, name: str) -> Any:
    _check_series(spark._jvm)
    return getattr(spark._jvm, name)


@cache  # once for each JVM
def _check_series(jvm: Any) -> None:
    found = str(getattr(jvm, "io.delta.package").VERSION())
    if not found.startswith(f"{SERIES}."):
        raise LakeError(
            f"Delta {found} runs in this Spark; needed {SERIES}, whose classes {__name__} calls: start Spark with the "
            "JARs of that series (conf/jars.xml)"
        )
