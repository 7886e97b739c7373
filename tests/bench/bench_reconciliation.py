"""Ledger against register: the three jobs that reconcile them, each with the commit of its table."""

from __future__ import annotations

import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from jobs.gold import asset_reconciliation, reconciliation_link, reconciliation_record
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.lake.write import replace_all
from jobs.registry import all_tables
from jobs.settings import read_settings
from jobs.silver.asset import ASSET
from jobs.silver.asset_account import ASSET_ACCOUNT
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.span import Span
from tests.bench.feeder_profile_cases import session
from tests.bench.memory import PeakMemory
from tests.builders import frame_of, in_file
from tests.sampled_ledger import END, sampled_ledger

JOBS = (reconciliation_record.JOB, reconciliation_link.JOB, asset_reconciliation.JOB)
CARDS_A_POSITION = 1.33
SEED = 1


def run(cards: int, *, cores: int, rounds: int) -> list[dict[str, Any]]:
    """Seconds from the silver tables of about ``cards`` cards to each table, and to the last; a new lake each round.

    ``readings`` counts cards. Raises if a card is lost.
    """
    spark, span = session(cores), Span(END, END + timedelta(days=1))
    settings = read_settings().with_tasks(2 * cores)
    with tempfile.TemporaryDirectory(prefix="gridlake-bench-") as name:
        folder = Path(name)
        made = sampled_ledger(folder, round(cards / CARDS_A_POSITION), SEED)
        silver = Lake(spark, f"{folder}/silver")
        for table, rows in (
            (ASSET_ACCOUNT, in_file(spark, folder, ASSET_ACCOUNT, made.card.select(ASSET_ACCOUNT.column_names))),
            (ASSET, frame_of(spark, folder, ASSET, made.unit)),
            (ASSET_DEPLOYMENT, frame_of(spark, folder, ASSET_DEPLOYMENT, made.deployment)),
        ):
            replace_all(silver, table, rows)
        seconds: dict[str, list[float]] = {job.table.name: [] for job in JOBS}
        with PeakMemory(psutil.Process()) as memory:
            for number in range(rounds + 1):  # the first is not counted: it starts what later rounds have
                gold = Lake(spark, f"{folder}/gold{number}")
                for job in JOBS:
                    start = time.perf_counter()
                    frames = {
                        name: read_table(silver if read.table.startswith("silver.") else gold, all_tables()[read.table])
                        for name, read in job.reads.items()
                    }
                    replace_all(gold, job.table, job.transform(**frames, **job.options(settings, span)))
                    seconds[job.table.name].append(time.perf_counter() - start)
        told = read_table(gold, asset_reconciliation.ASSET_RECONCILIATION).where("cards = 1").count()
        if told != made.card.num_rows:
            raise RuntimeError(f"{told:,} of {made.card.num_rows:,} cards were told")
    seconds["ledger against register"] = [sum(one) for one in zip(*seconds.values(), strict=True)]
    return [
        {
            "case": case,
            "readings": made.card.num_rows,
            "cores": cores,
            "seconds_min": min(taken[1:]),
            "seconds_median": median(taken[1:]),
            "ratio_to_scan": None,
            "peak_mb": memory.peak_mb,
        }
        for case, taken in seconds.items()
    ]
