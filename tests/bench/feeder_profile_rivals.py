"""Feeder profiles by DuckDB and Polars, as one who knows them writes them: sums of what is alike, then the rest of it.

What was tried is in RESULTS.md; each case here is the fastest that was found.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from jobs.gold.profile.sums import SUMMED_KINDS
from tests.bench.feeder_profile_outputs import ARRAYS, BY_SLOT, KINDS, OF_DAY, TANGENT, WITH_APPARENT, Case

BLOCKS = "lake/silver/interval_block/grid_date=*/*.parquet"
LONG = "long/grid_date=*/*.parquet"
ALIKE = ("feeder_id", "grid_date", "kind", "channel", "interval_minutes", "counts_as_meter", "reactive_metered")
SLOTS = 96


def _duckdb(name: str, cores: int, readings: str) -> Case:
    connection = duckdb.connect(config={"threads": cores})
    lists = ", ".join(f"list({column} order by slot) as {column}" for column in ARRAYS)
    query = f"""with readings as (
          select {", ".join(ALIKE)}, slot, quality, sum(reading)::bigint as reading,
            sum(abs(reading))::bigint as absolute, count(*) as n
          from ({readings}) where kind in ({KINDS}) group by all),
        by_slot as ({BY_SLOT}), apparent as ({WITH_APPARENT})
        select feeder_id, grid_date, {lists}, {OF_DAY} from apparent group by feeder_id, grid_date"""
    return Case(name, lambda: connection.sql(query).to_arrow_table(), lambda: connection.sql(query).df())


def duckdb_long(folder: Path, cores: int) -> Case:
    return _duckdb("duckdb_long", cores, f"from read_parquet('{folder}/{LONG}', hive_partitioning = true)")


def duckdb_blocks(folder: Path, cores: int) -> Case:
    unnested = f"""select {", ".join(ALIKE)}, unnest(reading) as reading, unnest(reading_quality) as quality,
        unnest(range({SLOTS})) as slot from read_parquet('{folder}/{BLOCKS}', hive_partitioning = true)"""
    return _duckdb("duckdb_blocks", cores, unnested)


def polars_long(folder: Path, cores: int) -> Case:
    return _polars("polars_long", lambda: _alike(_summed_kinds(folder / LONG)))


def polars_blocks(folder: Path, cores: int) -> Case:
    """Down the columns where all of a block was received, exploded where not: seldom."""
    reading, quality = pl.col("reading"), pl.col("reading_quality")
    plain = (quality.list.max() < 3) & (reading.list.min() >= 0)
    slots = pl.int_ranges(0, SLOTS, dtype=pl.Int32).alias("slot")

    def readings() -> pl.LazyFrame:
        blocks = _summed_kinds(folder / BLOCKS)
        by_slot = [reading.arr.get(slot).cast(pl.Int64).sum().alias(str(slot)) for slot in range(SLOTS)]
        summed = (
            blocks.filter(plain)
            .select(*ALIKE, reading.list.to_array(SLOTS))
            .group_by(ALIKE)
            .agg(*by_slot, n=pl.len())
            .select(*ALIKE, slots, reading=pl.concat_list(map(str, range(SLOTS))), n="n")
            .explode("slot", "reading")
            .select(*ALIKE, "slot", pl.lit(0, pl.Int8).alias("quality"), "reading", absolute="reading", n="n")
        )
        others = blocks.filter(~plain).select(*ALIKE, slots, quality.alias("quality"), reading)
        return pl.concat([summed, _alike(others.explode("slot", "quality", "reading"))])

    return _polars("polars_blocks", readings)


def _summed_kinds(place: Path) -> pl.LazyFrame:
    return pl.scan_parquet(place, hive_partitioning=True).filter(pl.col("kind").is_in(SUMMED_KINDS))


def _alike(readings: pl.LazyFrame) -> pl.LazyFrame:
    reading = pl.col("reading").cast(pl.Int64)
    summed = readings.group_by(*ALIKE, "slot", "quality").agg(
        reading=reading.sum(), absolute=reading.abs().sum(), n=pl.len()
    )
    return summed.select(*ALIKE, "slot", "quality", "reading", "absolute", "n")


def _polars(name: str, readings: Callable[[], pl.LazyFrame]) -> Case:
    def answer() -> pl.DataFrame:
        estimated = pl.col("quality") > 3
        value = pl.when(pl.col("quality") != 3).then(pl.col("reading")).otherwise(0)
        absolute, n = pl.col("absolute"), pl.col("n").cast(pl.Int64)
        is_delivered, is_received = pl.col("channel") == "delivered", pl.col("channel") == "received"
        active, counts = is_delivered | is_received, pl.col("counts_as_meter")
        sign = pl.when(pl.col("channel").str.ends_with("delivered")).then(1).otherwise(-1)
        resampled = pl.col("interval_minutes") != 15
        by_slot = (
            readings()
            .group_by("feeder_id", "grid_date", "slot")
            .agg(
                delivered_wh=(value * is_delivered).sum(),
                received_wh=(value * is_received).sum(),
                resampled_delivered_wh=(value * (is_delivered & resampled)).sum(),
                resampled_received_wh=(value * (is_received & resampled)).sum(),
                estimated_wh=(absolute * (active & estimated)).sum(),
                reactive_varh=(value * sign * ~active).sum(),
                metered_net_wh=(value * sign * (active & pl.col("reactive_metered"))).sum(),
                absolute_wh=(absolute * (active & (pl.col("quality") != 3))).sum(),
                meters_seen=(n * (counts & (pl.col("quality") < 3))).sum(),
                meters_estimated=(n * (counts & estimated)).sum(),
                meters_expected=(n * counts).sum(),
                resampled=(n * resampled).sum(),
                readings=n.sum(),
            )
            .with_columns(net_wh=pl.col("delivered_wh") - pl.col("received_wh"))
            .with_columns(assumed_wh=(pl.col("net_wh") - pl.col("metered_net_wh")).abs())
            .with_columns(
                apparent_va=4
                * (
                    pl.col("net_wh").cast(pl.Float64) ** 2
                    + (pl.col("reactive_varh") + pl.col("assumed_wh") * TANGENT) ** 2
                ).sqrt()
            )
        )
        assumed, metered = pl.col("assumed_wh").sum(), pl.col("metered_net_wh").abs().sum()
        return (
            by_slot.group_by("feeder_id", "grid_date")
            .agg(
                *[pl.col(column).sort_by("slot") for column in ARRAYS],
                pl.col("meters_expected").max(),
                interval_minutes=pl.lit(15),
                estimated_share=pl.col("estimated_wh").sum() / pl.col("absolute_wh").sum(),
                resampled_share=pl.col("resampled").sum() / pl.col("readings").sum(),
                reactive_assumed_share=assumed / (assumed + metered),
            )
            .collect(engine="streaming")
        )

    return Case(name, answer, lambda: answer().to_pandas())
