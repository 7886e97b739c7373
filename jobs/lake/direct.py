"""Arrow batches of a Delta table's rows straight from its Parquet files, within Spark's tasks.

Moving wide rows from the JVM to Python costs more than reading and summing them. Where the rows asked for are
columns of whole files of one Delta version, each task reads its share of these files itself; the driver plans
them from the snapshot that Spark has pruned, and Spark still schedules, retries and merges. Anything else (a
filter on values, deletion vectors, renamed columns, a file system that pyarrow does not open, rows that are no
table) goes through Spark's own reader: the results are the same.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark import Broadcast
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from jobs.lake.delta_internals import files_of, items_of, renames_columns, scan_of
from jobs.lake.files import file_system, opens
from jobs.lake.local import local_rows

Batches = Iterator[pa.RecordBatch]
BATCH_ROWS = 8192
GRID_DATE = StructType().add("grid_date", "date")
TASK_BYTES = 128 * 2**20  # a task's share of the files, as Spark's own reader takes it


@dataclass(frozen=True)
class Piece:
    """Part ``part`` of ``parts`` of a file's row groups, and the values that its place in the table gives it."""

    uri: str
    values: dict[str, str | None]
    part: int
    parts: int
    size: float


def map_in_arrow(
    rows: DataFrame,
    function: Callable[..., Batches],
    schema: StructType,
    *,
    beside: DataFrame | None = None,
    refilters: bool = False,
) -> DataFrame:
    """``rows.mapInArrow(function, schema)``, with the table's files read by the tasks where that is possible.

    ``function`` gets the columns of ``rows`` in their order; strings may come dictionary-encoded. It may meet the
    rows in any order and any number of batches.

    Parameters
    ----------
    beside
        A small frame that each task gets whole, as the second argument of ``function``: a table. It passes through
        the driver now, as the small side of a broadcast join does later.
    refilters
        True where ``function`` itself drops the rows that do not meet the conditions of ``rows``: these then choose
        files only.
    """
    if beside is not None:
        function = partial(_with, function, rows.sparkSession.sparkContext.broadcast(beside.toArrow()))
    files = _files_of(rows, refilters=refilters)
    if files is None:
        return rows.mapInArrow(function, schema)
    spark = rows.sparkSession
    tasks = _balanced(files, spark.sparkContext.defaultParallelism)
    wanted = to_arrow_schema(rows.schema, timezone="UTC")

    def read(numbers: Batches) -> Batches:
        mine = (piece for batch in numbers for number in batch.column("id").to_numpy() for piece in tasks[number])
        return function(batch for piece in mine for batch in _batches(piece, wanted))

    return spark.range(0, len(tasks), numPartitions=max(1, len(tasks))).mapInArrow(read, schema)


def _with(function: Callable[[Batches, pa.Table], Batches], beside: Broadcast[pa.Table], batches: Batches) -> Batches:
    return function(batches, beside.value)


def grid_days_of(rows: DataFrame) -> DataFrame:
    """The distinct ``grid_date`` of ``rows``; from the snapshot alone where that is possible."""
    files = _files_of(rows.select("grid_date"))
    if files is None:
        return rows.select("grid_date").distinct()
    return local_rows(rows.sparkSession, GRID_DATE, ((day,) for day in _days_of(files)))


def standing_days(rows: DataFrame) -> list[date]:
    """The grid days that ``rows`` hold, ascending."""
    files = _files_of(rows.select("grid_date"))
    if files is None:
        return sorted(row["grid_date"] for row in rows.select("grid_date").distinct().collect())
    return _days_of(files)


def _days_of(files: list[Piece]) -> list[date]:
    return sorted({date.fromisoformat(day) for file in files if (day := file.values["grid_date"]) is not None})


def _files_of(rows: DataFrame, *, refilters: bool = False) -> list[Piece] | None:
    """The files that hold exactly ``rows`` (or them and more); None where only Spark's reader can say."""
    if not hasattr(rows, "_jdf"):  # Spark Connect
        return None
    node = rows._jdf.queryExecution().optimizedPlan()
    conditions = []
    while (kind := node.getClass().getSimpleName()) in ("Project", "Filter"):
        if kind == "Filter":
            conditions.append(node.condition())
        elif any(one.getClass().getSimpleName() != "AttributeReference" for one in items_of(node.projectList())):
            return None
        node = node.child()
    if kind != "LogicalRelation" or node.relation().getClass().getSimpleName() != "HadoopFsRelation":
        return None
    relation = node.relation()
    scan = scan_of(rows.sparkSession, relation.location())
    if scan is None:
        return None
    partition_columns = set(relation.partitionSchema().fieldNames())
    filtered = {one.name() for condition in conditions for one in items_of(condition.references().toSeq())}
    root = relation.location().path().toString()
    if renames_columns(scan) or not (refilters or filtered <= partition_columns) or not opens(root):
        return None
    return _pieces(root, files_of(rows.sparkSession, scan))


def _pieces(root: str, files: list[dict[str, Any]]) -> list[Piece] | None:
    """The files of a scan; None where some of their rows are deleted by vector."""
    if any(file.get("deletionVector") for file in files):
        return None
    pieces = []
    for file in files:
        path = unquote(file["path"])
        uri = path if ":" in path.split("/")[0] else f"{root}/{path}"
        parts = max(1, math.ceil(file["size"] / TASK_BYTES))
        pieces += [Piece(uri, file["partitionValues"], part, parts, file["size"] / parts) for part in range(parts)]
    return pieces


def _balanced(pieces: list[Piece], parallelism: int) -> list[list[Piece]]:
    """The pieces in tasks of about equal size: the largest first, each to the task that has least."""
    total = sum(piece.size for piece in pieces)
    number = min(len(pieces), max(parallelism, math.ceil(total / TASK_BYTES)))
    tasks: list[list[Piece]] = [[] for _ in range(number)]
    least = [(0.0, task) for task in range(number)]
    for piece in sorted(pieces, key=lambda piece: (-piece.size, piece.uri, piece.part)):
        size, task = heapq.heappop(least)
        tasks[task].append(piece)
        heapq.heappush(least, (size + piece.size, task))
    return [sorted(task, key=lambda piece: (piece.uri, piece.part)) for task in tasks]


def _batches(piece: Piece, wanted: pa.Schema) -> Batches:
    """The rows of a piece, with the columns of ``wanted`` in their order."""
    system, path = file_system(piece.uri)
    strings = [field.name for field in wanted if pa.types.is_string(field.type)]
    with system.open_input_file(path) as source, pq.ParquetFile(source, read_dictionary=strings) as file:
        in_file = [name for name in wanted.names if name in file.schema_arrow.names]
        groups = file.num_row_groups
        mine = list(range(groups * piece.part // piece.parts, groups * (piece.part + 1) // piece.parts))
        for batch in file.iter_batches(BATCH_ROWS, row_groups=mine, columns=in_file, use_threads=False):
            yield pa.RecordBatch.from_arrays(
                [
                    batch.column(field.name)
                    if field.name in in_file
                    # a column younger than the file is null, as Delta says
                    else pa.repeat(
                        pa.scalar(piece.values.get(field.name), pa.string()).cast(field.type), batch.num_rows
                    )
                    for field in wanted
                ],
                names=wanted.names,
            )
