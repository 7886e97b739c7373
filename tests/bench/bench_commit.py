"""Audit and commit of feeder-days, apart from their aggregation: few feeders and many days, and the reverse."""

from __future__ import annotations

import tempfile
import time
from datetime import timedelta
from statistics import median
from typing import Any

import psutil

from jobs.commit import laid_out
from jobs.gate import audit
from jobs.gold.feeder_profile import FEEDER_PROFILE, JOB, feeder_profiles
from jobs.gold.profile.settings import ProfileSettings
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import read_table
from jobs.lake.write import replace_days
from jobs.measure import measured
from jobs.settings import Audit
from jobs.silver.feeder import FEEDER
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.profiled_block import PROFILED_BLOCK
from tests.bench.data import FIRST_DAY, write_blocks
from tests.bench.feeder_profile_cases import session
from tests.bench.memory import PeakMemory

SHAPES = ((8, 1250), (100, 100), (1000, 10))


def run(cores: int, *, share: float, rounds: int) -> list[dict[str, Any]]:
    """Seconds to audit and to commit the profiles of each shape (feeders, days), its days cut to ``share``."""
    spark = session(cores)
    results = []
    for feeders, all_days in SHAPES:
        days = max(1, int(all_days * share))
        with tempfile.TemporaryDirectory() as folder:
            place, of_days = Lake(spark, f"{folder}/blocks"), [FIRST_DAY + timedelta(days=day) for day in range(days)]
            write_blocks(place, blocks_a_day=feeders, days=days, feeders=feeders)
            blocks = read_table(place, INTERVAL_BLOCK)
            modelled = local_rows(spark, PROFILED_BLOCK.schema, [])
            against = JOB.held_against({"interval_blocks": blocks, "profiled_blocks": modelled}, of_days)
            rows = feeder_profiles(
                blocks,
                modelled,
                local_rows(spark, FEEDER.schema, []),
                settings=ProfileSettings(),
                utc_offset=timedelta(hours=1),
            ).persist()
            found = rows.count()
            seconds: dict[str, list[float]] = {"audit": [], "commit": []}
            with PeakMemory(psutil.Process()) as memory:
                for number in range(rounds + 1):  # the first is not counted: it starts what later rounds have
                    lake = Lake(spark, f"{folder}/lake{number}")
                    start = time.perf_counter()
                    measures = measured(FEEDER_PROFILE, rows, against=against)
                    verdict = audit(FEEDER_PROFILE, rows, measures, Audit(), against=against)
                    seconds["audit"].append(time.perf_counter() - start)
                    if verdict.faults:
                        raise RuntimeError(f"bench data fail their audit: {verdict.faults}")
                    start = time.perf_counter()
                    replace_days(lake, FEEDER_PROFILE, laid_out(FEEDER_PROFILE, rows, found), of_days)
                    seconds["commit"].append(time.perf_counter() - start)
            if read_table(lake, FEEDER_PROFILE).count() != found:
                raise RuntimeError("not every feeder-day was committed")
            rows.unpersist()
        results += [
            {
                "case": f"{what} of {feeders:,} feeders x {days:,} days",
                "readings": found * 96,
                "cores": cores,
                "seconds_min": min(taken[1:]),
                "seconds_median": median(taken[1:]),
                "ratio_to_scan": None,
                "peak_mb": memory.peak_mb,
            }
            for what, taken in seconds.items()
        ]
    return results
