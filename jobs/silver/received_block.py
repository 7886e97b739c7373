"""Silver ``received_block``: bronze reads resolved to one block a usage point, channel and grid day, unvalidated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
)

from jobs import columns as c
from jobs.job import Job, Read
from jobs.lake.day_files import DayFiles, in_tasks
from jobs.outcome import SCRATCH
from jobs.settings import Settings
from jobs.silver.block_columns import DAY_OF_CHANNEL, GRAIN, KEY, KIND, PLACE, ROUNDING_WH
from jobs.silver.block_packing import RULES, packed_batches
from jobs.silver.expected_channel import expected_channels
from jobs.silver.read_piece import read_pieces, reads_taken
from jobs.span import Span
from jobs.table import Column, Table

RECEIVED_BLOCK = Table(
    name="silver.received_block",
    grain=GRAIN,
    key=KEY,
    replace="day",
    partition_by=("grid_date",),
    columns=(
        *DAY_OF_CHANNEL,
        Column(
            "reading", ArrayType(IntegerType(), False), None, "Whole units received in each interval; 0 where missing"
        ),
        Column(
            "reading_quality",
            ArrayType(ByteType(), False),
            None,
            "Quality before validation: valid, missing, or estimated by the source",
        ),
        ROUNDING_WH,
        Column("version", LongType(), None, "Highest version among the reads that won", nullable=True),
        KIND,
        c.CUSTOMER_CLASS,
        Column("connection_limit_kw", DoubleType(), "kW", "Limit of the connection", nullable=True, minimum=0),
        *PLACE,
        Column(
            "feeds_in",
            BooleanType(),
            None,
            "True where the usage point measures energy it feeds in: what it does then follows sun and wind",
        ),
        Column("day_total", LongType(), "Wh or varh", "Sum of the readings"),
        Column(
            "active_first_half",
            LongType(),
            None,
            "Bit i is set where a reading in quarter-hour i of the day is not zero",
        ),
        Column(
            "active_second_half",
            LongType(),
            None,
            "Bit i is set where a reading in quarter-hour 48 + i of the day is not zero",
        ),
    ),
)

MOST_DAYS = 31
"""So many days a task holds at most, each of which is a file that it writes."""

# Scratch of one piece: what packing needs, and what stands in the record of a rejection.
PIECE = StructType(
    [
        StructField("_meter_id", StringType()),
        StructField("_register", StringType()),
        StructField("_start_utc", c.VALID_FROM_UTC.type),
        StructField("_value", ArrayType(DoubleType())),
        StructField("_factor", DoubleType()),
        StructField("_version", LongType()),
    ]
)
PACKED = StructType(
    [StructField(field.name, field.dataType) for field in RECEIVED_BLOCK.schema]
    + [field for field in SCRATCH if field.name != "_record"]
    + PIECE.fields
)


def received_blocks(
    bronze: DataFrame,
    files: DataFrame,
    meters: DataFrame,
    usage_points: DataFrame,
    connectivity: DataFrame,
    agreements: DataFrame,
    *,
    span: Span,
    offset_seconds: int,
    interval_minutes: int,
    tasks: int,
    into: DayFiles | None = None,
) -> DataFrame:
    """bronze.interval_block -> silver.received_block, with the outcome of each read (``jobs.outcome``).

    Parameters
    ----------
    offset_seconds
        The utility's fixed UTC offset, which bounds grid days.
    interval_minutes
        Interval of blocks of which no read came.
    tasks
        Into how many tasks the span is to be parted, about; each holds whole grid days, or parts of one.
    """
    pieces = read_pieces(bronze, files, meters, span, offset_seconds)
    expected = expected_channels(usage_points, connectivity, agreements, span, offset_seconds)
    days = min(MOST_DAYS, -(-len(span) // tasks))
    groups = -(-len(span) // days)
    parts = -(-tasks // groups)
    bucket = F.pmod(F.hash("usage_point_id"), F.lit(parts))
    task = F.floor(F.datediff("grid_date", F.lit(span.first)) / days) * parts + bucket
    order = (F.col("_day_row").desc(), "_file_id", "_line", "_register", "transformer_id", "feeder_id")
    sorted_pieces = (
        pieces.unionByName(expected, allowMissingColumns=True)
        .withColumn("_value", F.coalesce("_value", F.lit(b"")))
        .withColumn("_source_estimated", F.coalesce("_source_estimated", F.lit(b"")))
        .fillna(0, ["interval_minutes", "_first_minute", "_factor", "_version"])
        .repartitionById(groups * parts, task.cast("int"))
        .sortWithinPartitions("usage_point_id", "grid_date", "channel", *order)  # ids differ in their first bytes
    )
    schema = to_arrow_schema(PACKED, timezone="UTC")

    def packed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return packed_batches(batches, schema=schema, interval_minutes=interval_minutes)

    record = F.struct(
        *[F.col(name).alias(name[1:]) for name in PIECE.names[:3]], "channel", "interval_minutes",
        *[F.col(name).alias(name[1:]) for name in PIECE.names[3:]],
    )  # fmt: skip
    judged = in_tasks(sorted_pieces, packed, PACKED, into)
    of_piece = F.col("_meter_id").isNotNull()
    return judged.withColumn("_record", F.when(of_piece, F.to_json(record))).drop(*PIECE.names)


def _reads_taken(bronze: DataFrame, settings: Settings, span: Span) -> DataFrame:
    return reads_taken(bronze, span, settings.grid_time.offset_seconds)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {
        "span": span,
        "offset_seconds": settings.grid_time.offset_seconds,
        "interval_minutes": settings.profile.interval_minutes,
        "tasks": settings.spark.shuffle_partitions,
    }


JOB = Job(
    RECEIVED_BLOCK,
    received_blocks,
    {
        "bronze": Read("bronze.interval_block"),
        "files": Read("bronze.file"),
        "meters": Read("silver.meter"),
        "usage_points": Read("silver.usage_point"),
        "connectivity": Read("silver.connectivity"),
        "agreements": Read("silver.customer_agreement"),
    },
    _options,
    judges="bronze",
    counts=_reads_taken,
    rules=RULES,
    writes_files=True,
)
