"""Blocks for benchmarks: like silver.interval_block, drawn by seed, kept as the lake keeps them; and one a reading."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.lake.day_files import day_files, in_tasks
from jobs.lake.direct import Batches
from jobs.lake.lake import Lake
from jobs.silver.interval_block import INTERVAL_BLOCK

SLOTS = 96
FIRST_DAY = date(2016, 1, 1)
LONG_KEYS = (
    "usage_point_id",
    "channel",
    "kind",
    "interval_minutes",
    "counts_as_meter",
    "reactive_metered",
    "feeder_id",
)


def write_blocks(
    lake: Lake, *, blocks_a_day: int, days: int, feeders: int, seed: int = 1, tasks: int | None = None
) -> None:
    """silver.interval_block of ``blocks_a_day * days`` blocks of 96 readings, one file a day, as its job writes it."""
    into = day_files(lake, INTERVAL_BLOCK)
    assert into is not None

    def draw(numbers: Batches) -> Batches:
        for batch in numbers:
            for day in batch.column("id").to_pylist():
                yield from day_of_blocks(blocks_a_day, feeders, day, seed)

    rows = in_tasks(lake.spark.range(0, days, numPartitions=tasks or days), draw, INTERVAL_BLOCK.schema, into)
    into.commit(lake, into.held(rows, audited=False), [FIRST_DAY + timedelta(days=day) for day in range(days)])


def write_long(lake: Lake, folder: Path, *, blocks_a_day: int, days: int, feeders: int, seed: int = 1) -> None:
    """The same readings, one a row, as most people keep them: Parquet in ``folder``, parted by day."""

    def write(day: int) -> None:
        place = folder / f"grid_date={FIRST_DAY + timedelta(days=day)}"
        place.mkdir(parents=True)
        batches = map(long_format, day_of_blocks(blocks_a_day, feeders, day, seed))
        first = next(batches)
        with pq.ParquetWriter(place / "readings.parquet", first.schema, compression="zstd", store_schema=False) as file:
            file.write_batch(first)
            for batch in batches:
                file.write_batch(batch)

    lake.spark.sparkContext.parallelize(range(days), days).foreach(write)


def day_of_blocks(blocks: int, feeders: int, day: int, seed: int, chunk: int = 20_000) -> Iterator[pa.RecordBatch]:
    """One day's blocks: seven usage points of ten deliver only, three deliver and receive."""
    rng = np.random.default_rng([seed, day])
    spark_types = {field.name: field.dataType for field in INTERVAL_BLOCK.schema.fields}
    for first in range(0, blocks, chunk):
        number = np.arange(first, min(first + chunk, blocks))
        usage_point = number - number // 13 * 3 - 3 * (number % 13 >= 10)  # blocks 10 to 12 of 13 are of 7 to 9
        received = number % 13 >= 10
        feeder = usage_point % feeders
        transformer = usage_point % (feeders * 12)
        shape = 60 + 50 * np.sin((np.arange(SLOTS) / SLOTS - 0.3) * 2 * np.pi)
        size = np.exp(np.random.default_rng([seed, first]).normal(0, 0.6, len(number)))
        energy = rng.gamma(2.0, 0.5, (len(number), SLOTS)) * size[:, None] * shape
        quality = np.zeros((len(number), SLOTS), np.int8)
        gaps = rng.random(len(number)) < 0.02  # each in one run of up to 8 intervals
        for row in np.flatnonzero(gaps):
            at = int(rng.integers(0, SLOTS - 8))
            quality[row, at : at + int(rng.integers(1, 9))] = rng.choice([3, 4, 5])
        energy[quality == 3] = 0
        reading = energy.astype(np.int32)
        offsets = np.arange(0, (len(number) + 1) * SLOTS, SLOTS, dtype=np.int32)
        n = len(number)
        columns = {
            "usage_point_id": pa.array([f"UP{one:022d}AA" for one in usage_point]),
            "channel": pa.array(np.where(received, "received", "delivered")),
            "unit": pa.array(["Wh"] * n),
            "grid_date": pa.array([FIRST_DAY + timedelta(days=day)] * n),
            "interval_minutes": pa.array(np.full(n, 15, np.int32)),
            "reading": pa.ListArray.from_arrays(offsets, pa.array(reading.ravel())),
            "reading_quality": pa.ListArray.from_arrays(offsets, pa.array(quality.ravel())),
            "energy": pa.array(reading.sum(axis=1, dtype=np.int64)),
            "rule_set_version": pa.array(["1"] * n),
            "rules_not_run": pa.array([[]] * n, pa.list_(pa.string())),
            "findings": pa.array([[]] * n, _findings_type()),
            "rounding_wh": pa.array(np.zeros(n)),
            "kind": pa.array(["customer"] * n),
            "customer_class": pa.array(["household"] * n),
            "counts_as_meter": pa.array(~received),
            "reactive_metered": pa.array(usage_point % 20 == 0),
            "transformer_id": pa.array([f"T{one:06d}" for one in transformer]),
            "feeder_id": pa.array([f"F{one:05d}" for one in feeder]),
            "substation_id": pa.array(["S1"] * n),
            "area_id": pa.array(["A1"] * n),
            "received_intervals": pa.array((quality != 3).sum(axis=1).astype(np.int32)),
        }
        yield pa.RecordBatch.from_arrays([columns[name] for name in spark_types], names=list(spark_types))


def _findings_type() -> pa.DataType:
    return pa.list_(
        pa.struct(
            [
                ("rule_id", pa.string()),
                ("first_slot", pa.int32()),
                ("slots", pa.int32()),
                ("measured", pa.float64()),
                ("threshold", pa.float64()),
                ("disposition", pa.string()),
            ]
        )
    )


def long_format(blocks: pa.RecordBatch) -> pa.RecordBatch:
    """A row for each reading of the blocks; the grid day is said by the folder."""
    of_block = pa.array(np.repeat(np.arange(blocks.num_rows, dtype=np.int32), SLOTS))
    columns: dict[str, Any] = {}
    for name in LONG_KEYS:
        column: Any = blocks.column(name)
        if pa.types.is_string(column.type):
            coded = column.dictionary_encode()
            columns[name] = pa.DictionaryArray.from_arrays(coded.indices.take(of_block), coded.dictionary)
        else:
            columns[name] = column.take(of_block)
    lists: dict[str, Any] = {"reading": blocks.column("reading"), "quality": blocks.column("reading_quality")}
    slot = pa.array(np.tile(np.arange(SLOTS, dtype=np.int32), blocks.num_rows))
    return pa.RecordBatch.from_pydict(columns | {"slot": slot} | {name: one.flatten() for name, one in lists.items()})
