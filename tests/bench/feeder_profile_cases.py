"""The cases of the feeder profile bench: each opens the data, and answers with every feeder-day."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.gold.feeder_profile import feeder_profiles
from jobs.gold.profile_settings import ProfileSettings
from jobs.gold.profiles import BLOCK_COLUMNS, SUMMED_KINDS
from jobs.session import spark_session
from jobs.settings import read_settings
from jobs.silver.feeder import FEEDER
from tests.bench.data import long_format, write_blocks

TANGENT = math.sqrt(1 - 0.95**2) / 0.95
ARRAYS = (
    "delivered_wh",
    "received_wh",
    "estimated_wh",
    "reactive_varh",
    "meters_seen",
    "meters_estimated",
    "apparent_va",
)
SCALARS = ("meters_expected", "estimated_share", "reactive_assumed_share")
KINDS = ", ".join(map(repr, SUMMED_KINDS))


@dataclass(frozen=True)
class Case:
    """``answer`` is what is timed; ``result`` the same feeder-days as a frame, to be compared."""

    name: str
    answer: Callable[[], object]
    result: Callable[[], pd.DataFrame] | None


def session(cores: int) -> SparkSession:
    settings = read_settings()
    spark = settings.spark.model_copy(update={"master": f"local[{cores}]", "shuffle_partitions": 2 * cores})
    return spark_session(settings.model_copy(update={"spark": spark}), name="gridlake bench")


def write_data(folder: Path, cores: int, *, blocks_a_day: int, days: int, feeders: int) -> None:
    """The blocks as the lake keeps them, and the same readings one a row."""
    spark = session(cores)
    write_blocks(spark, str(folder / "block"), blocks_a_day=blocks_a_day, days=days, feeders=feeders)
    rows = long_format(spark.read.format("delta").load(str(folder / "block")))
    rows.write.partitionBy("grid_date").mode("overwrite").parquet(str(folder / "long"))


def canonical(found: pd.DataFrame) -> dict[str, Any]:
    """Every output as one array, feeder-days in order."""
    rows = found.assign(grid_date=found["grid_date"].astype(str)).sort_values(["feeder_id", "grid_date"])
    arrays: dict[str, Any] = {name: np.array(rows[name].tolist()) for name in ARRAYS}
    arrays |= {name: rows[name].to_numpy() for name in SCALARS}
    return arrays | {"feeder_id": rows["feeder_id"].to_numpy(str), "grid_date": rows["grid_date"].to_numpy(str)}


def _spark_case(name: str, rows: DataFrame) -> Case:
    return Case(name, lambda: rows.write.format("noop").mode("overwrite").save(), rows.toPandas)


def _blocks(folder: Path, cores: int) -> DataFrame:
    return session(cores).read.format("delta").load(str(folder / "block"))


def bare_scan(folder: Path, cores: int) -> Case:
    rows = _blocks(folder, cores).select("feeder_id", "grid_date", *BLOCK_COLUMNS)
    return Case("scan", lambda: rows.write.format("noop").mode("overwrite").save(), None)


def job(folder: Path, cores: int) -> Case:
    blocks = _blocks(folder, cores)
    feeders = blocks.sparkSession.createDataFrame([], FEEDER.schema)

    def rows() -> DataFrame:  # made anew in each round: planning the files is part of the job
        return feeder_profiles(blocks, feeders, settings=ProfileSettings(), utc_offset=timedelta(hours=1))

    return Case("job", lambda: rows().write.format("noop").mode("overwrite").save(), lambda: rows().toPandas())


BY_SLOT = f"""
  select feeder_id, grid_date, slot,
    sum(case when channel = 'delivered' and quality <> 3 then reading else 0 end) as delivered_wh,
    sum(case when channel = 'received' and quality <> 3 then reading else 0 end) as received_wh,
    sum(case when channel in ('delivered', 'received') and quality >= 4 then abs(reading) else 0 end) as estimated_wh,
    sum(case when quality = 3 then 0 when channel = 'reactive_delivered' then reading
        when channel = 'reactive_received' then -reading else 0 end) as reactive_varh,
    sum(case when not reactive_metered or quality = 3 then 0 when channel = 'delivered' then reading
        when channel = 'received' then -reading else 0 end) as metered_net_wh,
    sum(case when channel in ('delivered', 'received') and quality <> 3 then abs(reading) else 0 end) as absolute_wh,
    sum(case when counts_as_meter and quality < 3 then 1 else 0 end) as meters_seen,
    sum(case when counts_as_meter and quality > 3 then 1 else 0 end) as meters_estimated,
    sum(case when counts_as_meter then 1 else 0 end) as meters_expected
  from readings where kind in ({KINDS}) group by feeder_id, grid_date, slot"""
WITH_APPARENT = f"""
  select *, delivered_wh - received_wh as net_wh,
    4 * sqrt(pow(delivered_wh - received_wh, 2)
      + pow(reactive_varh + abs(delivered_wh - received_wh - metered_net_wh) * {TANGENT!r}, 2)) as apparent_va
  from by_slot"""
SHARES = """
    max(meters_expected) as meters_expected,
    sum(estimated_wh) / sum(absolute_wh) as estimated_share,
    sum(abs(net_wh - metered_net_wh)) / sum(abs(net_wh - metered_net_wh) + abs(metered_net_wh))
      as reactive_assumed_share"""


def spark_sql(folder: Path, cores: int) -> Case:
    spark = session(cores)
    spark.read.parquet(str(folder / "long")).createOrReplaceTempView("readings")
    lists = ", ".join(f"transform(_slots, one -> one.{name}) as {name}" for name in ARRAYS)
    rows = spark.sql(
        f"""with by_slot as ({BY_SLOT}), apparent as ({WITH_APPARENT}), by_day as (
        select feeder_id, grid_date, array_sort(collect_list(struct(slot, {", ".join(ARRAYS)}))) as _slots, {SHARES}
        from apparent group by feeder_id, grid_date)
        select feeder_id, grid_date, {lists}, {", ".join(SCALARS)} from by_day"""
    )
    return _spark_case("spark_sql", rows)


def pandas_udf(folder: Path, cores: int) -> Case:
    schema = "feeder_id string, grid_date date, " + ", ".join(
        f"{name} array<{'double' if name == 'apparent_va' else 'bigint'}>" for name in ARRAYS
    )
    schema += ", meters_expected bigint, estimated_share double, reactive_assumed_share double"
    rows = _blocks(folder, cores).where(F.col("kind").isin(*SUMMED_KINDS))
    needed = rows.select("feeder_id", "grid_date", *(name for name in BLOCK_COLUMNS if name != "kind"))
    return _spark_case("pandas_udf", needed.groupBy("feeder_id", "grid_date").applyInPandas(_one_feeder_day, schema))


def _one_feeder_day(blocks: pd.DataFrame) -> pd.DataFrame:
    reading, quality = np.stack(list(blocks["reading"])).astype(np.int64), np.stack(list(blocks["reading_quality"]))
    reading = np.where(quality == 3, 0, reading)
    channel, counts = blocks["channel"].to_numpy(), blocks["counts_as_meter"].to_numpy()
    active = np.isin(channel, ["delivered", "received"])
    sign = np.where(np.isin(channel, ["delivered", "reactive_delivered"]), 1, -1)
    metered = active & blocks["reactive_metered"].to_numpy()
    delivered, received = reading[channel == "delivered"].sum(axis=0), reading[channel == "received"].sum(axis=0)
    estimated = np.where(quality[active] >= 4, np.abs(reading[active]), 0).sum(axis=0)
    metered_net = (reading * sign[:, None])[metered].sum(axis=0)
    reactive = (reading * sign[:, None])[~active].sum(axis=0)
    assumed = np.abs(delivered - received - metered_net)
    apparent = 4 * np.sqrt((delivered - received).astype(float) ** 2 + (reactive + assumed * TANGENT) ** 2)
    row = {
        "feeder_id": blocks["feeder_id"].iloc[0],
        "grid_date": blocks["grid_date"].iloc[0],
        "delivered_wh": delivered,
        "received_wh": received,
        "estimated_wh": estimated,
        "reactive_varh": reactive,
        "meters_seen": (quality[counts] < 3).sum(axis=0),
        "meters_estimated": (quality[counts] > 3).sum(axis=0),
        "apparent_va": apparent,
        "meters_expected": int(counts.sum()),
        "estimated_share": estimated.sum() / np.abs(reading[active]).sum(),
        "reactive_assumed_share": assumed.sum() / (assumed.sum() + np.abs(metered_net).sum()),
    }
    return pd.DataFrame([row])


def _duckdb(name: str, cores: int, readings: str) -> Case:
    connection = duckdb.connect(config={"threads": cores})
    lists = ", ".join(f"list({column} order by slot) as {column}" for column in ARRAYS)
    query = f"""with readings as ({readings}), by_slot as ({BY_SLOT}), apparent as ({WITH_APPARENT})
        select feeder_id, grid_date, {lists}, {SHARES} from apparent group by feeder_id, grid_date"""
    return Case(name, lambda: connection.sql(query).to_arrow_table(), lambda: connection.sql(query).df())


def duckdb_long(folder: Path, cores: int) -> Case:
    return _duckdb("duckdb_long", cores, f"from read_parquet('{folder}/long/*/*.parquet', hive_partitioning = true)")


def duckdb_blocks(folder: Path, cores: int) -> Case:
    columns = "feeder_id, grid_date, kind, channel, counts_as_meter, reactive_metered"
    unnested = f"""select {columns}, unnest(reading) as reading, unnest(reading_quality) as quality,
        unnest(range(96)) as slot from read_parquet('{folder}/block/*/*.parquet', hive_partitioning = true)"""
    return _duckdb("duckdb_blocks", cores, unnested)


def _polars(name: str, readings: Callable[[], pl.LazyFrame]) -> Case:
    def answer() -> pl.DataFrame:
        there, estimated = pl.col("quality") != 3, pl.col("quality") > 3
        value = pl.when(there).then(pl.col("reading").cast(pl.Int64)).otherwise(0)
        is_delivered, is_received = pl.col("channel") == "delivered", pl.col("channel") == "received"
        active, counts = is_delivered | is_received, pl.col("counts_as_meter")
        sign = pl.when(pl.col("channel").cast(pl.String).str.ends_with("delivered")).then(1).otherwise(-1)
        by_slot = (
            readings()
            .filter(pl.col("kind").is_in(SUMMED_KINDS))
            .group_by("feeder_id", "grid_date", "slot")
            .agg(
                delivered_wh=(value * is_delivered).sum(),
                received_wh=(value * is_received).sum(),
                estimated_wh=(value.abs() * (active & estimated)).sum(),
                reactive_varh=(value * sign * ~active).sum(),
                metered_net_wh=(value * sign * (active & pl.col("reactive_metered"))).sum(),
                absolute_wh=(value.abs() * active).sum(),
                meters_seen=(counts & (pl.col("quality") < 3)).sum(),
                meters_estimated=(counts & estimated).sum(),
                meters_expected=counts.sum(),
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
                estimated_share=pl.col("estimated_wh").sum() / pl.col("absolute_wh").sum(),
                reactive_assumed_share=assumed / (assumed + metered),
            )
            .collect()
        )

    return Case(name, answer, lambda: answer().to_pandas())


def polars_long(folder: Path, cores: int) -> Case:
    return _polars("polars_long", lambda: pl.scan_parquet(f"{folder}/long/*/*.parquet", hive_partitioning=True))


def polars_blocks(folder: Path, cores: int) -> Case:
    columns = ["feeder_id", "grid_date", "kind", "channel", "counts_as_meter", "reactive_metered"]

    def readings() -> pl.LazyFrame:
        blocks = pl.scan_parquet(f"{folder}/block/*/*.parquet", hive_partitioning=True)
        slots = pl.lit(pl.Series([list(range(96))])).alias("slot")
        arrays = blocks.select(*columns, "reading", pl.col("reading_quality").alias("quality"), slots)
        return arrays.explode("reading", "quality", "slot")

    return _polars("polars_blocks", readings)


CASES: dict[str, Callable[[Path, int], Case]] = {
    "(a) bare Spark scan": bare_scan,
    "(b) job": job,
    "(c) Spark SQL, long": spark_sql,
    "(d) pandas grouped UDF": pandas_udf,
    "(e) DuckDB, long": duckdb_long,
    "(e) DuckDB, day blocks": duckdb_blocks,
    "(e) Polars, long": polars_long,
    "(e) Polars, day blocks": polars_blocks,
}
