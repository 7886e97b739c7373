"""The cases of the feeder profile bench: each opens the data, and answers with every feeder-day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from jobs.gold.feeder_profile import FEEDER_PROFILE, feeder_profiles
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.profile.sums import BLOCK_COLUMNS, SUMMED_KINDS
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import read_table
from jobs.session import spark_session
from jobs.settings import read_settings
from jobs.silver.feeder import FEEDER
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.profiled_block import PROFILED_BLOCK
from tests.bench import feeder_profile_rivals as rivals
from tests.bench.data import SLOTS, write_blocks, write_long
from tests.bench.feeder_profile_outputs import ARRAYS, BY_SLOT, MODELLED, OF_DAY, SCALARS, TANGENT, WITH_APPARENT, Case

ANSWER = StructType([field for field in FEEDER_PROFILE.schema if field.name not in MODELLED])


def session(cores: int, **properties: str) -> SparkSession:
    settings = read_settings()
    spark = settings.spark.model_copy(
        update={
            "master": f"local[{cores}]",
            "shuffle_partitions": 2 * cores,
            "properties": settings.spark.properties | properties,
        }
    )
    return spark_session(settings.model_copy(update={"spark": spark}), name="gridlake bench")


def write_data(folder: Path, cores: int, *, blocks_a_day: int, days: int, feeders: int) -> None:
    """The blocks as the lake keeps them, and the same readings one a row."""
    lake = _lake(folder, cores)
    write_blocks(lake, blocks_a_day=blocks_a_day, days=days, feeders=feeders)
    write_long(lake, folder / "long", blocks_a_day=blocks_a_day, days=days, feeders=feeders)


def _lake(folder: Path, cores: int) -> Lake:
    return Lake(session(cores), str(folder / "lake"))


def _blocks(folder: Path, cores: int) -> DataFrame:
    return read_table(_lake(folder, cores), INTERVAL_BLOCK)


def _spark_case(name: str, rows: DataFrame) -> Case:
    return Case(name, lambda: rows.write.format("noop").mode("overwrite").save(), rows.toPandas)


def bare_scan(folder: Path, cores: int) -> Case:
    rows = _blocks(folder, cores).select("feeder_id", "grid_date", *BLOCK_COLUMNS)
    return Case("scan", lambda: rows.write.format("noop").mode("overwrite").save(), None)


def job(folder: Path, cores: int) -> Case:
    blocks = _blocks(folder, cores)
    modelled, feeders = (local_rows(blocks.sparkSession, one.schema, []) for one in (PROFILED_BLOCK, FEEDER))

    def rows() -> DataFrame:  # made anew in each round: planning the files is part of the job
        return feeder_profiles(blocks, modelled, feeders, settings=ProfileSettings(), utc_offset=timedelta(hours=1))

    return Case("job", lambda: rows().write.format("noop").mode("overwrite").save(), lambda: rows().toPandas())


def spark_sql(folder: Path, cores: int) -> Case:
    spark = session(cores)
    long = spark.read.parquet(str(folder / "long"))
    long.select("*", F.abs("reading").alias("absolute"), F.lit(1).alias("n")).createOrReplaceTempView("readings")
    lists = ", ".join(f"transform(_slots, one -> one.{name}) as {name}" for name in ARRAYS)
    rows = spark.sql(
        f"""with by_slot as ({BY_SLOT}), apparent as ({WITH_APPARENT}), by_day as (
        select feeder_id, grid_date, array_sort(collect_list(struct(slot, {", ".join(ARRAYS)}))) as _slots, {OF_DAY}
        from apparent group by feeder_id, grid_date)
        select feeder_id, grid_date, {lists}, {", ".join(SCALARS)} from by_day"""
    )
    return _spark_case("spark_sql", rows)


def pandas_udf_long(folder: Path, cores: int) -> Case:
    rows = session(cores).read.parquet(str(folder / "long")).where(F.col("kind").isin(*SUMMED_KINDS)).drop("kind")
    days = rows.groupBy("feeder_id", "grid_date").applyInPandas(_of_readings, ANSWER)
    return _spark_case("pandas_udf_long", days)


def pandas_udf_blocks(folder: Path, cores: int) -> Case:
    rows = _blocks(folder, cores).where(F.col("kind").isin(*SUMMED_KINDS))
    needed = rows.select("feeder_id", "grid_date", *(name for name in BLOCK_COLUMNS if name != "kind"))
    days = needed.groupBy("feeder_id", "grid_date").applyInPandas(_of_blocks, ANSWER)
    return _spark_case("pandas_udf_blocks", days)


def _of_readings(readings: pd.DataFrame) -> pd.DataFrame:
    """A feeder's day from its readings, each channel's brought together by sorting."""
    rows = readings.sort_values(["usage_point_id", "channel", "slot"])
    value, quality = (rows[name].to_numpy().reshape(-1, SLOTS) for name in ("reading", "quality"))
    return _one_feeder_day(rows.iloc[::SLOTS], value.astype(np.int64), quality)


def _of_blocks(blocks: pd.DataFrame) -> pd.DataFrame:
    reading, quality = np.stack(list(blocks["reading"])).astype(np.int64), np.stack(list(blocks["reading_quality"]))
    return _one_feeder_day(blocks, reading, quality)


def _one_feeder_day(blocks: pd.DataFrame, reading: NDArray[np.int64], quality: NDArray[np.int8]) -> pd.DataFrame:
    reading = np.where(quality == 3, 0, reading)
    channel, counts = blocks["channel"].to_numpy(), blocks["counts_as_meter"].to_numpy()
    active = np.isin(channel, ["delivered", "received"])
    sign = np.where(np.isin(channel, ["delivered", "reactive_delivered"]), 1, -1)
    minutes = blocks["interval_minutes"].to_numpy()
    resampled = minutes != 15
    metered = active & blocks["reactive_metered"].to_numpy()
    is_delivered, is_received = channel == "delivered", channel == "received"
    delivered, received = reading[is_delivered].sum(axis=0), reading[is_received].sum(axis=0)
    estimated = np.where(quality[active] >= 4, np.abs(reading[active]), 0).sum(axis=0)
    metered_net = (reading * sign[:, None])[metered].sum(axis=0)
    reactive = (reading * sign[:, None])[~active].sum(axis=0)
    assumed = np.abs(delivered - received - metered_net)
    apparent = 4 * np.sqrt((delivered - received).astype(float) ** 2 + (reactive + assumed * TANGENT) ** 2)
    row = {
        "feeder_id": blocks["feeder_id"].iloc[0],
        "grid_date": blocks["grid_date"].iloc[0],
        "interval_minutes": 15,
        "delivered_wh": delivered,
        "received_wh": received,
        "estimated_wh": estimated,
        "reactive_varh": reactive,
        "resampled_delivered_wh": reading[is_delivered & resampled].sum(axis=0),
        "resampled_received_wh": reading[is_received & resampled].sum(axis=0),
        "meters_seen": (quality[counts] < 3).sum(axis=0),
        "meters_estimated": (quality[counts] > 3).sum(axis=0),
        "apparent_va": apparent,
        "meters_expected": int(counts.sum()),
        "estimated_share": estimated.sum() / np.abs(reading[active]).sum(),
        "resampled_share": resampled.mean(),
        "reactive_assumed_share": assumed.sum() / (assumed.sum() + np.abs(metered_net).sum()),
    }
    return pd.DataFrame([row])[ANSWER.names]


CASES: dict[str, Callable[[Path, int], Case]] = {
    "(a) bare Spark scan": bare_scan,
    "(b) job": job,
    "(c) Spark SQL, long": spark_sql,
    "(d) pandas grouped UDF, long": pandas_udf_long,
    "(d) pandas grouped UDF, day blocks": pandas_udf_blocks,
    "(e) DuckDB, long": rivals.duckdb_long,
    "(e) DuckDB, day blocks": rivals.duckdb_blocks,
    "(e) Polars, long": rivals.polars_long,
    "(e) Polars, day blocks": rivals.polars_blocks,
}
