"""The most memory a Python worker holds as days are added, each of the same size: it should stay flat."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psutil
from pyspark.sql import SparkSession

from jobs.gold.feeder_profile import feeder_profiles
from jobs.gold.profile.settings import ProfileSettings
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import read_table
from jobs.silver.feeder import FEEDER
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.profiled_block import PROFILED_BLOCK
from tests.bench.data import write_blocks
from tests.bench.feeder_profile_cases import session
from tests.bench.memory import PeakMemory

DAYS = (10, 20, 40)
BLOCKS_A_DAY = 6_000
FEEDERS = 8


def run(cores: int, *, share: float) -> list[dict[str, Any]]:
    """Memory of the largest worker while tasks write blocks, and while they sum them; as many tasks for any days.

    A worker serves one task here and ends, so that none inherits what another has held. ``peak_mb`` is its memory.
    """
    if (running := SparkSession.getActiveSession()) is not None:
        running.stop()
    spark = session(cores, **{"spark.python.worker.reuse": "false"})
    blocks_a_day = max(FEEDERS, int(BLOCKS_A_DAY * share))
    results = []
    with tempfile.TemporaryDirectory(prefix="gridlake-bench-") as folder:
        for days in DAYS:
            lake = Lake(spark, f"{folder}/{days}")

            def write(lake: Lake = lake, days: int = days) -> None:
                write_blocks(lake, blocks_a_day=blocks_a_day, days=days, feeders=FEEDERS, tasks=cores)

            def profile(lake: Lake = lake) -> None:
                rows = feeder_profiles(
                    read_table(lake, INTERVAL_BLOCK),
                    local_rows(lake.spark, PROFILED_BLOCK.schema, []),
                    local_rows(lake.spark, FEEDER.schema, []),
                    settings=ProfileSettings(),
                    utc_offset=timedelta(hours=1),
                )
                rows.write.format("noop").mode("overwrite").save()

            for name, work in (("write of interval blocks", write), ("feeder profiles", profile)):
                found = _measured(f"worker memory, {name}, {days} days", work)
                print(f"  {found['case']}: {found['peak_mb']:,.0f} MB", flush=True)
                results.append(found | {"readings": blocks_a_day * days * 96, "cores": cores})
    spark.stop()
    return results


def _measured(case: str, work: Callable[[], object]) -> dict[str, Any]:
    with PeakMemory(psutil.Process()) as memory:
        start = time.perf_counter()
        work()
        seconds = time.perf_counter() - start
    return {
        "case": case,
        "seconds_min": seconds,
        "seconds_median": seconds,
        "ratio_to_scan": None,
        "peak_mb": memory.worker_peak_mb,
    }
