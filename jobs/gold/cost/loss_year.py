"""A year of losses behind each transformer position: what its own profile cost at each interval's price."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DateType, DoubleType, StringType, StructField, StructType

from jobs.batches import flat, numbers
from jobs.gold.profile.settings import ProfileSettings
from jobs.lake.direct import Batches, map_in_arrow
from jobs.ordered import ordered_mean

PROFILE_COLUMNS = (
    "transformer_id", "grid_date", "interval_minutes", "apparent_va", "meters_seen", "meters_estimated",
    "meters_expected", "delivered_wh", "received_wh", "estimated_wh",
)  # fmt: skip
SUMMED = (
    "used_hours", "square_kva2_h", "priced", "unpriced", "price_sum", "price_count", "energy_wh", "estimated_wh",
    "meters_estimated", "meters_expected",
)  # fmt: skip
DAY_SUMS = StructType(
    [StructField("transformer_id", StringType()), StructField("grid_date", DateType())]
    + [StructField(name, DoubleType()) for name in SUMMED]
    + [StructField("highest", DoubleType())]
)


def priced_intervals(
    price_interval: DataFrame, *, market: str, currency: str, offset: timedelta, interval_minutes: int
) -> DataFrame:
    """Energy price of every interval of each grid day: ``grid_date``, ``price`` (currency/MWh, NaN where unknown).

    The mean over the market's price zones, and over shorter price intervals where they are shorter.
    """
    seconds = int(offset.total_seconds())
    step = interval_minutes * 60
    slots = 86400 // step
    start = F.unix_timestamp("interval_start_utc") + seconds
    each = F.sequence(start, start + F.col("interval_minutes") * 60 - 1, F.lit(step))
    by_slot = (
        price_interval.where((F.col("market") == market) & (F.col("currency") == currency))
        .select(F.explode(each).alias("second"), "price_per_mwh")
        .groupBy(
            F.date_from_unix_date(F.floor(F.col("second") / 86400).cast("int")).alias("grid_date"),
            F.floor(F.pmod("second", F.lit(86400)) / step).cast("int").alias("slot"),
        )
        .agg(ordered_mean("price_per_mwh").alias("price"))
    )
    known = F.map_from_entries(F.collect_list(F.struct("slot", "price")))
    filled = by_slot.groupBy("grid_date").agg(known.alias("known"))
    every = F.transform(
        F.sequence(F.lit(0), F.lit(slots - 1)), lambda slot: F.coalesce(F.col("known")[slot], F.lit(float("nan")))
    )
    return filled.select("grid_date", every.alias("price"))


def loss_years(profile: DataFrame, prices: DataFrame, *, settings: ProfileSettings) -> DataFrame:
    """Squares of load summed over the intervals of each transformer's year, plain and priced.

    Returns
    -------
    DataFrame
        One row a transformer: ``used_hours``, ``square_kva2_h`` (sum of S^2 dt), ``priced_square`` (sum of S^2 dt
        x price, kVA^2 h currency/MWh), ``mean_price`` (currency/MWh over its days), ``peak_kva``,
        ``estimated_share`` (of the energy in these intervals; of their meter-intervals where there is no energy). An
        interval with no known price takes the mean price of the transformer's days.
    """
    sum_days = partial(day_sums, settings=settings, schema=to_arrow_schema(DAY_SUMS))
    sums = map_in_arrow(profile.select(*PROFILE_COLUMNS), sum_days, DAY_SUMS, beside=prices)
    # Day after day, whatever order they come in: a sum of floats in another order is another sum.
    days = F.array_sort(F.collect_list(F.struct("grid_date", *SUMMED))).alias("days")
    listed = sums.groupBy("transformer_id").agg(days, F.sqrt(F.max("highest")).alias("peak_kva"))
    year = listed.select(
        "transformer_id",
        "peak_kva",
        *[F.aggregate(F.col(f"days.{name}"), F.lit(0.0), lambda sum, day: sum + day).alias(name) for name in SUMMED],
    ).withColumn("mean_price", F.col("price_sum") / F.nullif("price_count", F.lit(0.0)))
    priced = F.col("priced") + F.col("unpriced") * F.col("mean_price")
    of_energy = F.col("estimated_wh") / F.nullif("energy_wh", F.lit(0.0))
    of_meters = F.col("meters_estimated") / F.nullif("meters_expected", F.lit(0.0))
    return year.select(
        "transformer_id", "used_hours", "square_kva2_h", priced.alias("priced_square"), "mean_price", "peak_kva",
        F.least(F.coalesce(of_energy, of_meters), F.lit(1.0)).alias("estimated_share"),
    )  # fmt: skip


def day_sums(batches: Batches, prices: pa.Table, *, settings: ProfileSettings, schema: pa.Schema) -> Batches:
    """Sums over the used intervals of each transformer-day: those that enough of the expected meters stand behind."""
    number_of = {day: number for number, day in enumerate(prices["grid_date"].to_pylist())}
    known_prices = flat(prices["price"].combine_chunks(), np.float64)[0]
    for batch in batches:
        if batch.num_rows == 0:
            continue
        apparent_va, seen, estimated, delivered_wh, received_wh, estimated_wh = (
            flat(batch.column(name), np.float64)[0].reshape(batch.num_rows, -1)
            for name in (
                "apparent_va", "meters_seen", "meters_estimated", "delivered_wh", "received_wh", "estimated_wh",
            )
        )  # fmt: skip
        expected = numbers(batch.column("meters_expected"), np.float64)[:, None]
        used = settings.enough(seen, estimated, expected) & (expected > 0)
        slots = apparent_va.shape[1]
        of_day = [number_of.get(day, -1) for day in batch.column("grid_date").to_pylist()]
        price = np.concatenate([known_prices.reshape(-1, slots), np.full((1, slots), np.nan)])[of_day]
        priced = ~np.isnan(price)
        square = np.where(used, (apparent_va / 1000) ** 2, 0.0)
        hours = numbers(batch.column("interval_minutes"), np.float64) / 60
        columns = {
            "used_hours": used.sum(axis=1) * hours,
            "square_kva2_h": square.sum(axis=1) * hours,
            "priced": np.where(priced, square * price, 0.0).sum(axis=1) * hours,
            "unpriced": np.where(priced, 0.0, square).sum(axis=1) * hours,
            "price_sum": np.nansum(price, axis=1),
            "price_count": priced.sum(axis=1, dtype=np.float64),
            "energy_wh": np.where(used, np.abs(delivered_wh) + np.abs(received_wh), 0.0).sum(axis=1),
            "estimated_wh": np.where(used, estimated_wh, 0.0).sum(axis=1),
            "meters_estimated": np.where(used, estimated, 0.0).sum(axis=1),
            "meters_expected": np.where(used, expected, 0.0).sum(axis=1),
            "highest": np.where(used.any(axis=1), square.max(axis=1), np.nan),
        }
        arrays = [pa.array(columns[name], from_pandas=True) for name in schema.names[2:]]  # NaN: no interval used
        keys = [batch.column("transformer_id").cast(pa.string()), batch.column("grid_date")]
        yield pa.RecordBatch.from_arrays([*keys, *arrays], schema=schema)
