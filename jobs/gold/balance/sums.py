"""What a head or total meter counted, and all that is accounted for behind it, summed by grid day and local month."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DateType, DoubleType, IntegerType, LongType, StringType, StructField, StructType

from jobs.batches import from_bytes, numbers, whole_groups
from jobs.gold.balance.columns import PERIODS
from jobs.gold.line_loss_coefficient import LOSSES as COEFFICIENTS
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.settings import ProfileSettings
from jobs.lake.carry import carried
from jobs.lake.direct import Batches

METERED = ("import_wh", "export_wh")
ACCOUNTED = ("delivered_wh", "received_wh", "profiled_wh", "unmetered_wh", "estimated_wh")
TAKEN = ("delivered_wh", "profiled_wh", "unmetered_wh")
COUNTS = ("meters_seen", "meters_estimated")
METERS = ("meters_missing", "meters_expected")
LOSSES = ("no_load_loss_wh", "load_loss_wh", "line_loss_wh")
SUMS = StructType(
    [
        StructField("place_id", StringType()),
        StructField("period_kind", StringType()),
        StructField("period_start", DateType()),
        StructField("intervals_used", IntegerType()),
        StructField("intervals_present", IntegerType()),
        StructField("coverage", DoubleType()),
        *[StructField(name, LongType()) for name in (*METERED, *ACCOUNTED, *METERS)],
        *[StructField(name, DoubleType()) for name in LOSSES],
    ]
)
Floats = NDArray[np.float64]


def metered_profiles(
    profiles: DataFrame, measured: DataFrame, doubtful: DataFrame, lines: DataFrame, *, key: str
) -> DataFrame:
    """Profiles of places that have a meter, beside what it counted: their lists as bytes.

    Parameters
    ----------
    profiles
        gold.feeder_profile or gold.transformer_profile.
    measured
        The profile of the head or total meters alone, by ``key`` and grid day (`jobs.gold.profile.sums`).
    doubtful
        ``place_id`` and ``grid_date`` of days that are not used.
    lines
        ``place_id``, ``month_start`` and the coefficients of gold.line_loss_coefficient, of the lines that the place's
        own load flows through.
    """
    own = carried(
        profiles.select(key, "grid_date", *ACCOUNTED, *COUNTS, "apparent_va", "meters_expected")
    ).withColumnRenamed(key, "place_id")
    meter = carried(
        measured.select(
            F.col(key).alias("place_id"),
            "grid_date",
            F.col("delivered_wh").alias("import_wh"),
            F.col("received_wh").alias("export_wh"),
            F.col("meters_seen").alias("total_seen"),
            F.col("meters_expected").alias("total_expected"),
        )
    )
    month = F.trunc("grid_date", "month").alias("month_start")
    marked = doubtful.withColumn("doubtful", F.lit(True))
    joined = own.join(meter, ["place_id", "grid_date"]).join(marked, ["place_id", "grid_date"], "left")
    joined = joined.select("*", month).fillna({"doubtful": False})
    return joined.join(F.broadcast(lines), ["place_id", "month_start"], "left").drop("month_start")


def balance_sums(
    places: DataFrame, losing: DataFrame, *, settings: ProfileSettings, periods: LocalPeriods
) -> DataFrame:
    """Sums of each place and period over the intervals that are used.

    Parameters
    ----------
    places
        As `metered_profiles` makes them.
    losing
        Transformers between the meter and the usage points, a row each and grid day: ``place_id``, ``grid_date``,
        ``transformer_id``, ``apparent_va`` and energies as bytes, ``no_load_loss_w``, ``load_loss_w_per_va2`` and the
        coefficients of the lines behind it (null where unknown).
    """
    both = places.unionByName(losing, allowMissingColumns=True)
    none = {name: F.coalesce(name, F.lit(b"")) for name in (*METERED, *ACCOUNTED, *COUNTS, "total_seen", "apparent_va")}
    rows = (
        both.withColumns(none)
        .repartition("place_id")
        .sortWithinPartitions("place_id", "grid_date", F.col("transformer_id").asc_nulls_first())
    )
    add_up = partial(_summed, settings=settings, periods=periods, schema=to_arrow_schema(SUMS))
    return rows.mapInArrow(add_up, SUMS)


def _summed(batches: Batches, *, settings: ProfileSettings, periods: LocalPeriods, schema: pa.Schema) -> Batches:
    whole = _intervals_of_months(periods)
    for rows in whole_groups(batches, ("place_id",)):
        own = rows.column("total_expected").is_valid().to_numpy(zero_copy_only=False)
        if own.any():
            days = _Days(rows.filter(pa.array(own)), rows.filter(pa.array(~own)), settings, periods)
            for kind in PERIODS:
                yield from days.of_kind(kind, whole, schema)


def _intervals_of_months(periods: LocalPeriods) -> NDArray[np.int64]:
    """Intervals of each local month."""
    first = np.datetime64(periods.months[0], "D").astype(np.int64) - 1
    end = (np.datetime64(periods.months[-1], "M") + 1).astype("datetime64[D]").astype(np.int64) + 1
    place = periods.of_intervals("month", np.arange(first, end))
    return np.bincount(place[place >= 0], minlength=len(periods.months))


class _Days:
    """Metered grid days of some places, (days, slots), with what the transformers behind each meter lose."""

    def __init__(
        self, own: pa.RecordBatch, losing: pa.RecordBatch, settings: ProfileSettings, periods: LocalPeriods
    ) -> None:
        def plane(rows: pa.RecordBatch, name: str, kind: Any) -> NDArray[Any]:
            return from_bytes(rows.column(name), kind)[0].reshape(rows.num_rows, periods.slots)

        def number(rows: pa.RecordBatch, name: str) -> Floats:
            column: Any = rows.column(name)
            return numbers(column.fill_null(np.nan), np.float64)

        self.periods = periods
        place: Any = own.column("place_id").dictionary_encode()
        self.names = place.dictionary
        self.place = numbers(place.indices, np.int64)
        self.day = numbers(own.column("grid_date").cast(pa.int32()), np.int64)
        self.energy = {name: plane(own, name, np.int64) for name in (*METERED, *ACCOUNTED)}
        seen, estimated = (plane(own, name, np.int32) for name in COUNTS)
        expected = numbers(own.column("meters_expected"), np.int64)[:, None]
        every = plane(own, "total_seen", np.int32) == numbers(own.column("total_expected"), np.int64)[:, None]
        self.standing = ~numbers(own.column("doubtful"), bool)[:, None]
        self.used = every & settings.enough(seen, estimated, expected) & self.standing
        lacking = np.maximum(expected - seen - estimated, 0)
        self.energy |= dict(zip(METERS, (lacking, np.broadcast_to(expected, lacking.shape)), strict=True))
        hours = periods.interval_minutes / 60
        row_of = {
            key: row for row, key in enumerate(zip(own.column("place_id").to_pylist(), self.day.tolist(), strict=True))
        }
        their_days = losing.column("grid_date").cast(pa.int32()).to_pylist()
        row = np.array(
            [row_of.get(key, -1) for key in zip(losing.column("place_id").to_pylist(), their_days, strict=True)],
            np.int64,
        )
        known = row >= 0
        square = plane(losing, "apparent_va", np.float64)[known] ** 2 * hours
        no_load = np.zeros(len(self.day))
        np.add.at(no_load, row[known], number(losing, "no_load_loss_w")[known] * hours)
        load, line = np.zeros(self.used.shape), np.zeros(self.used.shape)
        np.add.at(load, row[known], number(losing, "load_loss_w_per_va2")[known][:, None] * square)
        np.add.at(line, row[known], _line_loss(losing, plane, number, hours)[known])
        line += _line_loss(own, plane, number, hours)
        self.loss = dict(zip(LOSSES, (np.broadcast_to(no_load[:, None], load.shape), load, line), strict=True))

    def of_kind(self, kind: str, whole: NDArray[np.int64], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """A row for each place and period of one kind of which a day is there."""
        months = self.periods.months
        of_day = self.periods.of_days("month", self.day)
        if kind == "day":
            starts = self.day[of_day >= 0]
            group = np.where(of_day >= 0, np.cumsum(of_day >= 0) - 1, -1)
            slot_group = np.broadcast_to(group[:, None], self.used.shape)
            place, total = self.place[of_day >= 0], np.full(len(starts), self.periods.slots)
        else:
            groups = len(self.names) * len(months)
            within = self.periods.of_intervals("month", self.day)
            slot_group = np.where(within >= 0, self.place[:, None] * len(months) + within, -1)
            group = np.where(of_day >= 0, self.place * len(months) + of_day, -1)
            number = np.array(months, "datetime64[D]").astype(np.int64)
            starts, place = np.tile(number, len(self.names)), np.arange(groups) // len(months)
            total = np.tile(whole, len(self.names))
        groups = len(starts)
        inside = slot_group >= 0
        chosen = inside & self.used
        into = slot_group[chosen]
        present = np.bincount(slot_group[inside & self.standing], minlength=groups)
        used = np.bincount(into, minlength=groups)
        columns: dict[str, Any] = {
            "place_id": self.names.take(pa.array(place)),
            "period_kind": pa.repeat(kind, groups),
            "period_start": pa.array(starts.astype(np.int32)).cast(pa.date32()),
            "intervals_used": used,
            "intervals_present": present,
            "coverage": used / total,
            # whole watt-hours: exact in float64
            **{name: np.bincount(into, plane[chosen], groups) for name, plane in self.energy.items()},
            **{name: np.bincount(into, plane[chosen], groups) for name, plane in self.loss.items()},
        }
        days = np.bincount(group[group >= 0], minlength=groups)
        table = pa.RecordBatch.from_arrays([_arrow(columns[field.name], field.type) for field in schema], schema=schema)
        yield table.filter(pa.array(days > 0))


def _line_loss(rows: pa.RecordBatch, plane: Any, number: Any, hours: float) -> Floats:
    """What lines lose in each interval by what flows through them, Wh (`jobs.gold.line_loss_coefficient`)."""
    taken_w = sum(plane(rows, name, np.int64) for name in TAKEN) / hours
    fed_in_w = plane(rows, "received_wh", np.int64) / hours
    reactive_square = plane(rows, "apparent_va", np.float64) ** 2 - (taken_w - fed_in_w) ** 2
    c, taken, fed_in, mutual = (number(rows, name)[:, None] for name in COEFFICIENTS)
    lost_w = taken * taken_w**2 - 2 * mutual * taken_w * fed_in_w + fed_in * fed_in_w**2 + c * reactive_square
    return np.asarray(lost_w * hours)


def _arrow(values: Any, kind: pa.DataType) -> Any:
    """A column of the type; NaN is null."""
    return pa.array(values, from_pandas=True).cast(kind) if isinstance(values, np.ndarray) else values.cast(kind)
