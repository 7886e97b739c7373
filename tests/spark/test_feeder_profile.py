"""Feeder and transformer profiles, from a few blocks and from a Delta table that the tasks read themselves."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema

from jobs.gold.feeder_profile import FEEDER_PROFILE, feeder_profiles
from jobs.gold.profile import sums as profiles
from jobs.gold.profile.settings import ProfileSettings
from jobs.gold.transformer_profile import TRANSFORMER_PROFILE, transformer_profiles
from jobs.lake import direct
from jobs.lake.lake import Lake
from jobs.lake.write import conform
from jobs.silver.feeder import FEEDER
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.power_transformer import POWER_TRANSFORMER
from jobs.silver.profiled_block import PROFILED_BLOCK
from tests.bench.data import day_of_blocks, write_blocks
from tests.builders import frame

DAY = date(2016, 1, 15)
SETTINGS: dict[str, Any] = {"settings": ProfileSettings(), "utc_offset": timedelta(hours=1)}


def block(usage_point: str, **values: Any) -> dict[str, Any]:
    reading = values.pop("reading", 1)
    n = 1440 // values.get("interval_minutes", 15)
    return {
        "usage_point_id": usage_point,
        "kind": "customer",
        "grid_date": DAY,
        "interval_minutes": 15,
        "reading": [reading] * n,
        "reading_quality": [0] * n,
        "reactive_metered": False,
        "transformer_id": "T1",
        "feeder_id": "F1",
        **values,
    }


def nothing_modelled(spark: SparkSession) -> DataFrame:
    return frame(spark, PROFILED_BLOCK)


def by_key(rows: DataFrame, key: str) -> dict[tuple[str, date], Any]:
    return {(row[key], row["grid_date"]): row for row in rows.collect()}


def test_only_customers_generation_and_unmetered_load_enter_sums(spark: SparkSession) -> None:
    kinds = {"customer": 1, "generation": 2, "unmetered": 4, "feeder_head": 8, "transformer_total": 16}
    rows = [block(kind, kind=kind, reading=value) for kind, value in kinds.items()]
    found = feeder_profiles(
        frame(spark, INTERVAL_BLOCK, *rows), nothing_modelled(spark), frame(spark, FEEDER), **SETTINGS
    )
    profile = by_key(conform(FEEDER_PROFILE, found), "feeder_id")[("F1", DAY)]
    assert profile["delivered_wh"] == [7] * 96
    assert profile["meters_expected"] == 3


def test_what_no_interval_meter_measured_is_a_series_of_its_own(spark: SparkSession) -> None:
    """4 Wh measured, 2 profiled of an hour's 8 and 3 unmetered: 9 Wh in a quarter-hour, 36 W at a power factor of 1."""
    modelled = [
        {"usage_point_id": "P", "series": "profiled", "interval_minutes": 60, "reading": [8] * 24},
        {"usage_point_id": "L", "series": "unmetered", "interval_minutes": 15, "reading": [3] * 96},
        {"usage_point_id": "N", "series": "unmetered", "reading": [50] * 96, "interval_minutes": 15, "feeder_id": None},
        {"usage_point_id": "O", "series": "profiled", "reading": [1] * 96, "interval_minutes": 15, "feeder_id": "F2"},
    ]
    modelled = [{"grid_date": DAY, "feeder_id": "F1", **one} for one in modelled]
    settings = {**SETTINGS, "settings": ProfileSettings(power_factor=1.0)}
    found = feeder_profiles(
        frame(spark, INTERVAL_BLOCK, block("A", reading=4)),
        frame(spark, PROFILED_BLOCK, *modelled),
        frame(spark, FEEDER),
        **settings,
    )
    profile = by_key(conform(FEEDER_PROFILE, found), "feeder_id")
    first, second = profile["F1", DAY], profile["F2", DAY]
    assert (first["delivered_wh"], first["profiled_wh"], first["unmetered_wh"]) == ([4] * 96, [2] * 96, [3] * 96)
    assert first["apparent_va"] == [36.0] * 96
    assert (first["meters_expected"], first["meters_seen"], first["estimated_share"]) == (1, [1] * 96, 0)
    assert (second["delivered_wh"], second["profiled_wh"], second["meters_expected"]) == ([0] * 96, [1] * 96, 0)


def test_a_feeder_in_use_without_usage_points_has_an_empty_profile_on_days_that_have_blocks(
    spark: SparkSession,
) -> None:
    starts = {"F1": datetime(2016, 1, 1, tzinfo=UTC), "F2": datetime(2016, 1, 1, tzinfo=UTC)}
    feeders = [{"feeder_id": name, "valid_from_utc": start} for name, start in starts.items()]
    # in use from the day's second hour on: valid from the next day
    feeders.append({"feeder_id": "F3", "valid_from_utc": datetime(2016, 1, 15, 0, tzinfo=UTC)})
    # left at the instant the grid day starts, 23:00 UTC
    feeders.append({
        "feeder_id": "F4", "valid_from_utc": starts["F1"], "valid_to_utc": datetime(2016, 1, 14, 23, tzinfo=UTC)
    })  # fmt: skip
    found = by_key(
        feeder_profiles(
            frame(spark, INTERVAL_BLOCK, block("A")),
            nothing_modelled(spark),
            frame(spark, FEEDER, *feeders),
            **SETTINGS,
        ),
        "feeder_id",
    )
    assert set(found) == {("F1", DAY), ("F2", DAY)}
    empty = found[("F2", DAY)]
    assert (empty["meters_expected"], empty["delivered_wh"], empty["apparent_va"]) == (0, [0] * 96, [0.0] * 96)
    assert found[("F1", DAY)]["meters_expected"] == 1


def test_supply_at_medium_voltage_and_on_the_busbar(spark: SparkSession) -> None:
    rows = [block("A"), block("B", transformer_id=None, reading=10), block("C", transformer_id=None, feeder_id=None)]
    blocks = frame(spark, INTERVAL_BLOCK, *rows)
    feeders = by_key(feeder_profiles(blocks, nothing_modelled(spark), frame(spark, FEEDER), **SETTINGS), "feeder_id")
    positions = transformer_profiles(blocks, nothing_modelled(spark), frame(spark, POWER_TRANSFORMER), **SETTINGS)
    transformers = by_key(conform(TRANSFORMER_PROFILE, positions), "transformer_id")
    assert {key: row["delivered_wh"][0] for key, row in feeders.items()} == {("F1", DAY): 11}
    assert {key: row["delivered_wh"][0] for key, row in transformers.items()} == {("T1", DAY): 1}


def test_a_transformer_carries_the_feeder_of_its_blocks(spark: SparkSession) -> None:
    positions = [
        {"transformer_id": name, "feeder_id": "F9", "valid_from_utc": datetime(2016, 1, 1, tzinfo=UTC)}
        for name in ("T1", "T2")
    ]
    found = by_key(
        transformer_profiles(
            frame(spark, INTERVAL_BLOCK, block("A"), block("B", transformer_id="T3", feeder_id=None)),
            nothing_modelled(spark),
            frame(spark, POWER_TRANSFORMER, *positions),
            **SETTINGS,
        ),
        "transformer_id",
    )
    assert {key[0]: row["feeder_id"] for key, row in found.items()} == {"T1": "F1", "T2": "F9", "T3": None}
    assert found[("T2", DAY)]["meters_expected"] == 0


@pytest.fixture(scope="module")
def table(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> str:
    lake = Lake(spark, str(tmp_path_factory.mktemp("blocks")))
    write_blocks(lake, blocks_a_day=300, days=4, feeders=3)
    return lake.path(INTERVAL_BLOCK)


def stored(spark: SparkSession, path: str) -> DataFrame:
    return spark.read.format("delta").load(path)


def test_tasks_that_read_the_files_themselves_give_what_spark_gives(
    spark: SparkSession, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = stored(spark, table).where(F.col("grid_date") >= F.lit(date(2016, 1, 2)))
    assert len(direct._files_of(blocks) or []) == 3
    position = frame(spark, POWER_TRANSFORMER)
    by_files = sorted(transformer_profiles(blocks, nothing_modelled(spark), position, **SETTINGS).collect())
    monkeypatch.setattr(direct, "_files_of", lambda rows, **_: None)
    by_spark = sorted(transformer_profiles(blocks, nothing_modelled(spark), position, **SETTINGS).collect())
    assert by_files == by_spark
    assert len({row["grid_date"] for row in by_spark}) == 3


def test_blocks_of_a_day_in_many_tasks_merge_to_the_same_profiles(spark: SparkSession, table: str) -> None:
    """36 transformers a day, 4 days, each day's blocks spread over seven tasks."""
    position = frame(spark, POWER_TRANSFORMER)
    whole = transformer_profiles(stored(spark, table), nothing_modelled(spark), position, **SETTINGS).collect()
    again = transformer_profiles(
        stored(spark, table).repartition(7), nothing_modelled(spark), position, **SETTINGS
    ).collect()
    assert sorted(whole) == sorted(again)
    assert len(whole) == 144


def test_more_groups_than_a_task_holds_are_handed_on_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = list(day_of_blocks(260, 3, day=0, seed=1, chunk=40))
    keys: dict[str, Any] = {"keys": ("transformer_id", "grid_date"), "attributes": ("feeder_id",)}
    whole = list(profiles.partial_sums(iter(batches), **keys, interval_minutes=15))
    monkeypatch.setattr(profiles, "GROUPS_IN_MEMORY", 5)
    parts = list(profiles.partial_sums(iter(batches), **keys, interval_minutes=15))
    assert sum(part.num_rows for part in whole) == 36 < sum(part.num_rows for part in parts)
    schema = to_arrow_schema(TRANSFORMER_PROFILE.schema)
    merged = [
        pa.Table.from_batches(
            profiles.merged_profiles(iter(some), **keys, settings=ProfileSettings(), schema=schema)
        ).sort_by("transformer_id")
        for some in (whole, parts)
    ]
    assert merged[0].equals(merged[1])


@pytest.mark.parametrize("how", ["a filter on values", "a computed column", "a join", "rows deleted by vector"])
def test_what_whole_files_do_not_answer_goes_through_spark(
    spark: SparkSession, table: str, tmp_path: Path, how: str
) -> None:
    blocks = stored(spark, table)
    if how == "a filter on values":
        blocks = blocks.where("feeder_id = 'F00001'")
    elif how == "a computed column":
        blocks = blocks.withColumn("feeder_id", F.upper("feeder_id"))
    elif how == "a join":
        blocks = blocks.join(blocks.select("usage_point_id").distinct(), "usage_point_id")
    else:
        path = str(tmp_path / "deleted")
        writer = blocks.select("usage_point_id", "feeder_id").coalesce(1).write.format("delta")
        writer.option("delta.enableDeletionVectors", "true").save(path)
        spark.sql(f"delete from delta.`{path}` where feeder_id = 'F00001'")
        blocks = stored(spark, path)
    assert direct._files_of(blocks) is None


def test_the_files_are_those_of_the_version_asked_for(spark: SparkSession, table: str, tmp_path: Path) -> None:
    path = str(tmp_path / "versions")
    first = stored(spark, table).where("grid_date = date'2016-01-01'").coalesce(1)
    first.write.format("delta").partitionBy("grid_date").save(path)
    first.limit(10).coalesce(1).write.format("delta").mode("overwrite").save(path)
    old = spark.read.format("delta").option("versionAsOf", 0).load(path)
    rows = {}
    for name, blocks in (("old", old), ("new", stored(spark, path))):
        assert len(direct._files_of(blocks) or []) == 1
        found = feeder_profiles(blocks, nothing_modelled(spark), frame(spark, FEEDER), **SETTINGS).collect()
        rows[name] = sum(row["meters_expected"] for row in found)
    assert rows["old"] == 231  # 300 blocks, of which 3 in 13 are the received channel of a meter counted already
    assert rows["new"] == stored(spark, path).where("channel = 'delivered'").count() <= 10
