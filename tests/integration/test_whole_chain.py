"""From delivered files to every table, twice over, and killed on the way: the lake is the same."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from jobs.registry import all_jobs
from tests.integration.conftest import SPAN, Chain
from tests.integration.lake_files import apart_from_arrival, contents, differences, standing

GRIDLAKE = Path(sys.executable).parent / "gridlake"
LONGEST_S = 600.0


@dataclass(frozen=True)
class CommandLine:
    """``gridlake`` as a process of its own on one core, with the key of the chain's ids."""

    chain: Chain
    folder: Path

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        spark = self.chain.settings.spark.model_dump() | {"master": "local[1]"}
        key_file = self.chain.settings.lake.key_file
        conf = self.folder / "conf.yaml"
        conf.write_text(yaml.safe_dump({"lake": {"root": str(self.lake), "key_file": key_file}, "spark": spark}))
        with (self.folder / "output.txt").open("ab") as output:
            return subprocess.Popen(
                [GRIDLAKE, *arguments, "--conf", conf], stdout=output, stderr=output, start_new_session=True
            )

    def run(self, *arguments: str) -> None:
        process = self.start(*arguments)
        try:
            assert process.wait(LONGEST_S) == 0, self.said()
        finally:
            self._kill(process)

    def kill_once(self, reached: Callable[[], bool], *arguments: str) -> None:
        """Start a command and kill it, its Java and all, as soon as the point is reached."""
        process = self.start(*arguments)
        try:
            until = time.monotonic() + LONGEST_S
            while not reached():
                assert process.poll() is None, f"ended before it was to be killed: {self.said()}"
                assert time.monotonic() < until, self.said()
                time.sleep(0.005)
        finally:
            self._kill(process)
        process.wait(LONGEST_S)

    @staticmethod
    def _kill(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(process.pid, signal.SIGKILL)

    def said(self) -> str:
        return (self.folder / "output.txt").read_text(errors="replace")[-5000:]


def committed(table: Path, version: int = 0) -> bool:
    return (table / "_delta_log" / f"{version:020}.json").is_file()


def test_every_file_and_every_table_comes_out_well(chain: Chain) -> None:
    assert [line for report in chain.received for line in report.failures] == []
    assert [run.reason for run in chain.built.failed] == []
    assert set(all_jobs()) <= set(chain.contents)
    assert {one.source for one in chain.received} == {folder.name for folder in chain.drop.iterdir()}


def test_a_second_run_leaves_every_table_the_same(chain: Chain) -> None:
    again = chain.ingest()
    assert [(one.ok, one.failed) for one in again] == [(0, 0)] * len(chain.received)
    assert chain.build().failed == []
    assert differences(chain.contents, contents(Path(chain.lake.root))) == []


def test_killed_and_run_again_on_one_core_the_lake_is_that_of_two_cores(chain: Chain, tmp_path: Path) -> None:
    """The ingest dies after the intervals' commit and before the ledger's; the build with a table half written."""
    command = CommandLine(chain, tmp_path)
    intervals, validated = command.lake / "bronze" / "interval_block", command.lake / "silver" / "interval_block"
    days = ("--from", str(SPAN.first), "--to", str(SPAN.end))

    command.kill_once(lambda: committed(intervals, version=1), "ingest", str(chain.drop))  # the first makes the table
    ledger = standing(command.lake / "bronze" / "file")
    assert {(row["status"], row["reason"]) for row in ledger} == {("failed", "the run that received it did not end")}
    assert len(standing(intervals)) == len(chain.contents["bronze.interval_block"])
    command.run("ingest", str(chain.drop))

    command.kill_once(lambda: any(validated.rglob("*.parquet")), "build", *days)
    assert committed(command.lake / "silver" / "received_block")
    assert not committed(command.lake / "gold" / "feeder_profile")
    command.run("build", *days)

    assert differences(apart_from_arrival(chain.contents), apart_from_arrival(contents(command.lake))) == []
