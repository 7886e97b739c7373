"""Metrics of load by local month and year: what feeders and transformers (and areas) share.

Profiles of one feeder or transformer are few rows; they are brought together and measured by the kernel, many
of them in one call. Coincidence takes one more pass over the blocks (``jobs/gold/profile/own_peaks.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import LongType, StringType, StructField, StructType

from jobs.batches import flat, group_starts, lists, numbers, whole_groups
from jobs.gold.profile.columns import METRICS
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.settings import ProfileSettings
from jobs.lake.direct import Batches
from jobs.ordered import ordered_sum
from jobs.settings import Settings
from jobs.silver.validity import day_start_utc, is_valid_at
from jobs.span import Span
from kernels.profile_metrics import Intervals, LoadMetrics, load_metrics

OWN_PEAKS = ("own_delivered_peak_wh", "own_received_peak_wh")
COINCIDENCE = ("delivered_coincidence_factor", "received_coincidence_factor")
PLANES = (
    "delivered_wh",
    "received_wh",
    "profiled_wh",
    "unmetered_wh",
    "resampled_delivered_wh",
    "resampled_received_wh",
    "estimated_wh",
    "meters_estimated",
)
ROWS_A_CALL = 2000  # of a day each; whole years of one key are never split


def days_of_years(span: Span) -> Span:
    """Grid days whose intervals fall into the local years that a span touches."""
    return span.whole_years().widened(before=1, after=1)


def days_of_months(span: Span) -> Span:
    """Grid days whose intervals fall into the local months that a span touches."""
    return span.whole_months().widened(before=1, after=1)


def metrics_options(settings: Settings, span: Span) -> dict[str, Any]:
    profile = settings.profile
    return {
        "settings": profile,
        "complete_share": settings.audit.complete_share,
        "periods": LocalPeriods(
            tuple(span.months),
            tuple(span.years),
            settings.grid_time.offset,
            settings.grid_time.zone,
            profile.interval_minutes,
        ),
    }


def metrics_by_period(
    profiles: DataFrame,
    ratings: DataFrame,
    *,
    keys: tuple[str, ...],
    settings: ProfileSettings,
    complete_share: float,
    periods: LocalPeriods,
) -> DataFrame:
    """Metrics of each key and period, coincidence apart: in its place stand the peaks of the sums it needs.

    Parameters
    ----------
    ratings
        ``keys``, ``grid_date``, ``rating_kva``: what holds on that day.
    """
    key_fields = [StructField(name, StringType()) for name in keys]
    metric_fields = [StructField(column.name, column.type) for column in METRICS if column.name not in COINCIDENCE]
    schema = StructType([*key_fields, *metric_fields, *(StructField(name, LongType()) for name in OWN_PEAKS)])
    needed = (*PLANES, "apparent_va", "meters_seen", "meters_expected")
    rows = profiles.select(*keys, "grid_date", *needed).join(ratings, [*keys, "grid_date"], "left")
    measure = partial(
        measured,
        keys=keys,
        settings=settings,
        complete_share=complete_share,
        periods=periods,
        schema=to_arrow_schema(schema, timezone="UTC"),
    )
    return rows.repartition(*keys).sortWithinPartitions(*keys, "grid_date").mapInArrow(measure, schema)


def with_coincidence(metrics: DataFrame, own_peaks: DataFrame, *, key: str) -> DataFrame:
    """Metrics with the coincidence factors: peak of the sum / sum of the usage points' own peaks of that month."""
    by_channel = own_peaks.groupBy(key, "period_start").agg(
        *[
            F.sum(F.when(F.col("channel") == channel, F.col("peak_wh"))).alias(f"_{channel}_peaks_wh")
            for channel in ("delivered", "received")
        ]
    )
    joined = metrics.join(
        by_channel.withColumn("period_kind", F.lit("month")), [key, "period_kind", "period_start"], "left"
    )
    for channel in ("delivered", "received"):
        own = F.col(f"_{channel}_peaks_wh")
        factor = F.when(own > 0, F.col(f"own_{channel}_peak_wh") / own)
        joined = joined.withColumn(f"{channel}_coincidence_factor", factor)
    return joined.select(key, *[column.name for column in METRICS])


def feeder_ratings(profiles: DataFrame, feeders: DataFrame, utc_offset: timedelta) -> DataFrame:
    """Rating of each feeder on each day it has a profile."""
    start = day_start_utc(F.col("grid_date"), utc_offset)
    days = profiles.select("feeder_id", "grid_date")
    return days.join(feeders, "feeder_id").where(is_valid_at(start)).select("feeder_id", "grid_date", "rating_kva")


def transformer_ratings(
    profiles: DataFrame, deployments: DataFrame, assets: DataFrame, utc_offset: timedelta
) -> DataFrame:
    """Rating of each position on each day it has a profile: the sum of its units', null where one is unknown."""
    start = day_start_utc(F.col("grid_date"), utc_offset)
    units = deployments.select("asset_id", "transformer_id", "valid_from_utc", "valid_to_utc").join(
        assets.select("asset_id", "rating_kva"), "asset_id", "left"
    )
    standing = profiles.select("transformer_id", "grid_date").join(units, "transformer_id").where(is_valid_at(start))
    all_known = F.count("rating_kva") == F.count(F.lit(1))
    return standing.groupBy("transformer_id", "grid_date").agg(
        F.when(all_known, ordered_sum("rating_kva")).alias("rating_kva")
    )


def measured(
    batches: Batches,
    *,
    keys: tuple[str, ...],
    settings: ProfileSettings,
    complete_share: float,
    periods: LocalPeriods,
    schema: pa.Schema,
) -> Batches:
    """Metrics of profiles that come sorted by key and day."""
    for rows in whole_groups(_in_slices(batches), keys):
        profiles = _Profiles(rows, keys, periods.slots)
        counted = settings.enough(profiles.seen, profiles.planes["meters_estimated"], profiles.expected[:, None])
        provisional = profiles.seen.sum(axis=1) < profiles.expected * periods.slots * complete_share
        for kind in ("month", "year"):
            yield from _of_kind(profiles, kind, counted, provisional, periods, schema)


class _Profiles:
    """Arrays of a batch of profiles, (rows,) and (rows, slots)."""

    def __init__(self, rows: pa.RecordBatch, keys: tuple[str, ...], slots: int) -> None:
        def plane(name: str, kind: Any) -> NDArray[Any]:
            return flat(rows.column(name), kind)[0].reshape(-1, slots)

        starts = group_starts(rows, keys)
        self.identity = {name: rows.column(name).take(starts[:-1]) for name in keys}
        self.groups = len(starts) - 1
        self.group = np.repeat(np.arange(self.groups), np.diff(starts))
        self.days = numbers(rows.column("grid_date").cast(pa.int32()), np.int64)
        self.planes = {name: plane(name, np.int64) for name in PLANES}
        self.apparent_va = plane("apparent_va", np.float64)
        self.seen = plane("meters_seen", np.int64)
        self.expected = numbers(rows.column("meters_expected"), np.int64)
        rating: Any = rows.column("rating_kva")
        self.rating_kva = numbers(rating.fill_null(np.nan), np.float64)


def _of_kind(
    profiles: _Profiles,
    kind: str,
    counted: NDArray[np.bool_],
    provisional: NDArray[np.bool_],
    periods: LocalPeriods,
    schema: pa.Schema,
) -> Iterator[pa.RecordBatch]:
    """The metrics of all keys in all periods of one kind; none for a period without a day."""
    starts = periods.starts(kind)
    groups = profiles.groups * len(starts)
    day_place = periods.of_days(kind, profiles.days)
    day_group = (profiles.group * len(starts) + day_place)[day_place >= 0]
    unique_days, day_of_row = np.unique(profiles.days, return_inverse=True)
    place = periods.of_intervals(kind, unique_days)[day_of_row]
    group = profiles.group[:, None] * len(starts) + place
    inside = place >= 0
    chosen = inside & counted
    slots = np.broadcast_to(np.arange(periods.slots), place.shape)
    intervals = Intervals(
        group=group[chosen],
        number=(profiles.days[:, None] * periods.slots + slots)[chosen],
        **{name: plane[chosen] for name, plane in profiles.planes.items()},
        meters_expected=np.broadcast_to(profiles.expected[:, None], place.shape)[chosen],
        apparent_va=profiles.apparent_va[chosen],
        rating_va=np.broadcast_to(profiles.rating_kva[:, None] * 1000, place.shape)[chosen],
    )
    made = load_metrics(intervals, groups, interval_minutes=periods.interval_minutes)
    latest_rating = np.full(groups, np.nan)
    latest_rating[day_group] = profiles.rating_kva[day_place >= 0]  # rows rise by day: the last assignment stays
    days_present = np.bincount(day_group, minlength=groups)
    columns = {
        **{name: column.take(np.arange(groups) // len(starts)) for name, column in profiles.identity.items()},
        "period_kind": pa.array([kind] * groups, pa.string()),
        "period_start": pa.array(list(starts) * profiles.groups, pa.date32()),
        "days_expected": np.tile(periods.days_expected(kind), profiles.groups),
        "days_present": days_present,
        "days_provisional": np.bincount(day_group, provisional[day_place >= 0], groups).astype(np.int64),
        "intervals_present": np.bincount(group[inside], minlength=groups),
        "rating_kva": latest_rating,
        **_metric_columns(made, periods),
    }
    table = pa.RecordBatch.from_arrays([_arrow(columns[field.name], field.type) for field in schema], schema=schema)
    yield table.filter(pa.array(days_present > 0))


def _metric_columns(made: LoadMetrics, periods: LocalPeriods) -> dict[str, Any]:
    values = dict(vars(made))
    number = values.pop("peak_number")
    values["peak_at_utc"] = pa.array(periods.start_utc(number), mask=number < 0)
    curve = values.pop("duration_kva")
    filled = made.intervals_used > 0
    offset = np.append(0, np.cumsum(np.where(filled, curve.shape[1], 0)))
    values["duration_kva"] = lists(curve[filled].reshape(-1), offset, pa.float64())
    return values


def _arrow(values: Any, kind: pa.DataType) -> Any:
    """A column of the type; NaN is null."""
    if not isinstance(values, np.ndarray):
        return values.cast(kind)
    return pa.array(values, from_pandas=True).cast(kind)


def _in_slices(batches: Batches) -> Batches:
    for batch in batches:
        for first in range(0, batch.num_rows, ROWS_A_CALL):
            yield batch.slice(first, ROWS_A_CALL)
