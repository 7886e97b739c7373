"""Feeder profiles from day blocks: the job as shipped beside what else one would write, for the same outputs.

Each case runs in a process of its own, so that its peak memory is its own; the first round of each is not timed, and
its result is compared with the job's, to the last watt-hour.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil

from tests.bench import feeder_profile_cases
from tests.bench.feeder_profile_outputs import canonical
from tests.bench.memory import PeakMemory

SCAN = "(a) bare Spark scan"


def run(readings: int, days: int, folder: Path, *, cores: int, feeders: int, rounds: int) -> list[dict[str, Any]]:
    """Seconds and memory of every case over ``readings`` readings of ``days`` days."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks_a_day = max(feeders, readings // 96 // days)
    _child("data", folder, cores, 0, blocks_a_day=blocks_a_day, days=days, feeders=feeders)
    results = []
    for case in feeder_profile_cases.CASES:
        found = _child(case, folder, cores, rounds)
        print(f"  {case}: {median(found['seconds']):.2f} s, {found['peak_mb']:,.0f} MB", flush=True)
        results.append(
            {
                "case": f"feeder_profile {case}",
                "readings": blocks_a_day * days * 96,
                "cores": cores,
                "seconds_min": min(found["seconds"]),
                "seconds_median": median(found["seconds"]),
                "peak_mb": found["peak_mb"],
                "worker_peak_mb": found["worker_peak_mb"],
            }
        )
    scan = next(one for one in results if SCAN in one["case"])
    for one in results:
        one["ratio_to_scan"] = one["seconds_median"] / scan["seconds_median"]
    check_same_outputs(folder)
    return results


def check_same_outputs(folder: Path) -> None:
    """Every case's feeder-days are the job's: whole numbers equal, floats to a relative 1e-12."""
    wanted = np.load(folder / "result_job.npz", allow_pickle=True)
    for path in sorted(folder.glob("result_*.npz")):
        found = np.load(path, allow_pickle=True)
        for name in wanted.files:
            if wanted[name].dtype.kind == "f":
                np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12, err_msg=f"{path.name}: {name}")
            else:
                np.testing.assert_array_equal(found[name], wanted[name], err_msg=f"{path.name}: {name}")


def _child(case: str, folder: Path, cores: int, rounds: int, **sizes: int) -> dict[str, Any]:
    """What one case measured in its own process, and the most memory that it and its children held."""
    command = [sys.executable, "-m", "tests.bench.bench_feeder_profile", case, str(folder)]
    command += ["--cores", str(cores), "--rounds", str(rounds), "--sizes", json.dumps(sizes)]
    environment = {**os.environ, "POLARS_MAX_THREADS": str(cores)}
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process,
        PeakMemory(psutil.Process(process.pid)) as memory,
    ):
        output = process.communicate()[0]
    if process.returncode:
        raise RuntimeError(f"bench case {case} ended with status {process.returncode}")
    return {**json.loads(output.splitlines()[-1]), "peak_mb": memory.peak_mb, "worker_peak_mb": memory.worker_peak_mb}


def timed(answer: Callable[[], object], rounds: int) -> list[float]:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer()
        seconds.append(time.perf_counter() - start)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("case")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--sizes", type=json.loads, default={})
    arguments = parser.parse_args()
    if arguments.case == "data":
        feeder_profile_cases.write_data(arguments.folder, arguments.cores, **arguments.sizes)
        print(json.dumps({"seconds": []}))
        return
    case = feeder_profile_cases.CASES[arguments.case](arguments.folder, arguments.cores)
    if case.result is not None:
        np.savez(arguments.folder / f"result_{case.name}.npz", **canonical(case.result()))
    else:
        case.answer()
    print(json.dumps({"seconds": timed(case.answer, arguments.rounds)}))


if __name__ == "__main__":
    main()
