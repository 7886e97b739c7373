"""Each usage point's own peak of a month, which coincidence divides by: one pass over the blocks."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import IntegerType, StringType, StructField, StructType

from jobs import columns as c
from jobs.batches import flat, numbers
from jobs.gold.profile.local_periods import LocalPeriods
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.profile.sums import SUMMED_KINDS, is_in
from jobs.lake.direct import Batches, map_in_arrow
from kernels.load_profile import summarise_blocks

COLUMNS = (
    "grid_date", "usage_point_id", "channel", "kind", "interval_minutes", "reading", "reading_quality",
)  # fmt: skip


def own_peaks(
    blocks: DataFrame, profiles: DataFrame, *, key: str, settings: ProfileSettings, periods: LocalPeriods
) -> DataFrame:
    """Highest interval of each usage point and active channel in each local month, under each key it hung on.

    Over the intervals that its key's metrics use; blocks that came in another interval length are left out.
    """
    used = F.zip_with(
        "meters_seen",
        "meters_estimated",
        lambda seen, estimated: settings.enough(seen, estimated, F.col("meters_expected")),
    )
    partly = profiles.select(key, "grid_date", used.alias("_used")).where(F.exists("_used", lambda one: ~one))
    schema = StructType(
        [
            StructField(key, StringType()),
            StructField("usage_point_id", StringType()),
            StructField("channel", StringType()),
            StructField("period_start", c.PERIOD_START.type),
            StructField("peak_wh", IntegerType()),
        ]
    )
    peaks = partial(day_peaks, key=key, periods=periods, schema=to_arrow_schema(schema, timezone="UTC"))
    by_day = map_in_arrow(blocks.select(key, *COLUMNS), peaks, schema, beside=partly)
    return by_day.groupBy(key, "usage_point_id", "channel", "period_start").agg(F.max("peak_wh").alias("peak_wh"))


def day_peaks(batches: Batches, partly: pa.Table, *, key: str, periods: LocalPeriods, schema: pa.Schema) -> Batches:
    """Each block's highest interval in each month it touches, where it has one.

    Parameters
    ----------
    partly
        Keys and days of which not every interval is used, with those that are (``_used``).
    """
    used = flat(partly["_used"].combine_chunks(), np.bool_)[0].reshape(-1, periods.slots)
    allowed = np.concatenate([used, np.ones((1, periods.slots), np.bool_)])
    days_of_partly = partly["grid_date"].cast(pa.int32()).to_pylist()
    number_of = {pair: number for number, pair in enumerate(zip(partly[key].to_pylist(), days_of_partly, strict=True))}
    for batch in map(partial(_summed, key=key, interval_minutes=periods.interval_minutes), batches):
        names: Any = batch.column(key).dictionary_encode()
        days, day = np.unique(numbers(batch.column("grid_date").cast(pa.int32()), np.int64), return_inverse=True)
        pairs, pair_of_row = np.unique(numbers(names.indices, np.int64) * len(days) + day, return_inverse=True)
        name_of_pair = names.dictionary.take(pa.array(pairs // max(len(days), 1))).to_pylist()
        day_of_pair = pairs % max(len(days), 1)
        met = zip(name_of_pair, days[day_of_pair].tolist(), strict=True)
        allowed_of_pair = allowed[[number_of.get(pair, -1) for pair in met]]
        month = periods.of_intervals("month", days)
        reading, start = flat(batch.column("reading"), np.int32)
        quality = flat(batch.column("reading_quality"), np.int8)[0]
        for place in np.unique(month[month >= 0]):
            masks = allowed_of_pair & (month == place)[day_of_pair]
            found = summarise_blocks(start.astype(np.int32), reading, quality, mask_of_block=pair_of_row, masks=masks)
            rows = np.flatnonzero(found.peak_slot >= 0)
            kept = [batch.column(name).take(rows).cast(pa.string()) for name in (key, "usage_point_id", "channel")]
            first_days = pa.repeat(pa.scalar(periods.months[place], pa.date32()), len(rows))
            yield pa.RecordBatch.from_arrays([*kept, first_days, pa.array(found.peak[rows])], schema=schema)


def _summed(batch: pa.RecordBatch, *, key: str, interval_minutes: int) -> pa.RecordBatch:
    """The blocks that enter the sums of a key, on active channels and of the profiles' interval length."""
    chosen = is_in(batch.column("kind"), SUMMED_KINDS) & is_in(batch.column("channel"), ("delivered", "received"))
    chosen &= numbers(batch.column("interval_minutes"), np.int64) == interval_minutes
    chosen &= batch.column(key).is_valid().to_numpy(zero_copy_only=False)
    return batch if chosen.all() else batch.filter(pa.array(chosen))
