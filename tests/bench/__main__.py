"""``python -m tests.bench``: every bench on one machine, as a table and as build/bench.json."""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

TIMED_ROUNDS = 5
VERSIONS = ("pyspark", "delta-spark", "pyarrow", "numpy", "pandas", "duckdb", "polars")
WHOLE = 57_600_000  # readings at which the other benches run at their own full size
LIFE_CYCLE_YEARS = 40
HEALTH_YEARS = 30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--readings", type=int, default=WHOLE, help="of the feeder profile bench; the others follow")
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--feeders", type=int, default=8)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=TIMED_ROUNDS, help="timed, of each case that uses Spark")
    parser.add_argument("--only", help="benches whose name holds this")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    arguments = parser.parse_args()
    results = measured(arguments)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(results, indent=1))
    Console(width=140).print(table(results, arguments.cores))
    print(f"written to {arguments.out}")


def measured(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """What every bench measured, each at a size that follows the readings asked for."""
    share = min(1.0, arguments.readings / WHOLE)

    def feeder_profile() -> list[dict[str, Any]]:
        with tempfile.TemporaryDirectory(prefix="gridlake-bench-") as folder:
            return bench("bench_feeder_profile")(
                arguments.readings,
                arguments.days,
                Path(folder),
                cores=arguments.cores,
                feeders=arguments.feeders,
                rounds=arguments.rounds,
            )

    benches = {
        "feeder_profile": feeder_profile,
        "commit": lambda: bench("bench_commit")(arguments.cores, share=share, rounds=arguments.rounds),
        "load_profile": lambda: bench("bench_load_profile")(max(96_000, int(9_600_000 * share))),
        "interval_block": lambda: bench("bench_interval_block")(max(96_000, int(9_600_000 * share))),
        "life_cycle_cost": lambda: bench("bench_life_cycle_cost")(max(1_000, int(1_000_000 * share)), LIFE_CYCLE_YEARS),
        "decision_sensitivity": lambda: bench("bench_decision_sensitivity")(
            max(1_000, int(1_000_000 * share)), LIFE_CYCLE_YEARS, cores=arguments.cores
        ),
        "thermal_ageing": lambda: bench("bench_thermal_ageing")(max(100, int(25_000 * share))),
        "asset_health": lambda: bench("bench_asset_health")(max(1_000, int(1_000_000 * share)), HEALTH_YEARS),
        "reconciliation": lambda: bench("bench_reconciliation")(
            max(1_000, int(200_000 * share)), cores=arguments.cores, rounds=arguments.rounds
        ),
        "ingest": lambda: bench("bench_ingest")(
            max(96_000, int(28_800_000 * share)), cores=arguments.cores, rounds=arguments.rounds
        ),
        "memory": lambda: bench("bench_memory")(arguments.cores, share=share),
    }
    found = []
    for name, run in benches.items():
        if arguments.only is None or arguments.only in name:
            print(f"== {name}", flush=True)
            found += run()
    return found


def bench(module: str) -> Callable[..., list[dict[str, Any]]]:
    """``run`` of a bench module; imported when it is wanted, for some open a session."""
    run: Callable[..., list[dict[str, Any]]] = importlib.import_module(f"tests.bench.{module}").run
    return run


def table(results: list[dict[str, Any]], cores: int) -> Table:
    """The results with the machine, commit and versions they hold for."""
    git = shutil.which("git")
    commit = subprocess.run([git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True) if git else None
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    made = Table(
        title=f"{platform.machine()}, {cores} cores, commit {commit.stdout.strip() if commit else '-'}\n{versions}"
    )
    made.add_column("case")
    for name in ("readings", "s min", "s median", "x scan", "million/s", "peak MB"):
        made.add_column(name, justify="right")
    for one in results:
        ratio = one["ratio_to_scan"]
        made.add_row(
            one["case"],
            f"{one['readings']:,}",
            f"{one['seconds_min']:.3f}",
            f"{one['seconds_median']:.3f}",
            "" if ratio is None else f"{ratio:.2f}",
            f"{one['readings'] / one['seconds_median'] / 1e6:.1f}",
            f"{one['peak_mb']:.0f}",
        )
    return made


if __name__ == "__main__":
    main()
