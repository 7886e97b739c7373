"""The commands that show a lake, and the status with which commands end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from jobs.cli import main
from jobs.lake.lake import Lake
from jobs.registry import all_jobs, all_tables
from jobs.settings import Settings
from tests.integration.conftest import Chain
from tests.integration.drop import write, write_drop, write_sources

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command over a lake; its exit status, and what it printed."""

    def run(lake: Lake, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("jobs.cli.open_lake", lambda settings: lake)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out + told.err

    return run


def test_every_table_is_listed_with_its_version(chain: Chain, command: Command) -> None:
    status, told = command(chain.lake, "tables")
    versions = {line.split()[0]: line.split()[1] for line in told.splitlines()}
    assert (status, set(versions)) == (0, set(all_tables()))
    assert all(versions[name].startswith("v") for name in all_jobs())


def test_a_table_is_described_with_units_reads_and_its_last_run(chain: Chain, command: Command) -> None:
    status, told = command(chain.lake, "describe", "gold.feeder_profile")
    run = chain.built.runs["gold.feeder_profile"]
    assert status == 0
    for part in ("delivered_wh", "Wh", "silver.interval_block", f"{run.counts.rows:,} rows", "ok"):
        assert part in told
    status, told = command(chain.lake, "describe", "gold.feeder_profil")
    assert (status, "gold.feeder_profile" in told) == (1, True)  # what was meant


def test_runs_are_listed_newest_first(chain: Chain, command: Command) -> None:
    status, told = command(chain.lake, "runs", "--limit", "3")
    lines = told.splitlines()
    assert (status, len(lines)) == (0, 3)
    assert lines == sorted(lines, key=lambda line: line[:19], reverse=True)


def test_a_query_answers_in_json(chain: Chain, command: Command) -> None:
    status, told = command(chain.lake, "sql", "select count(*) as n from gold.feeder_profile", "--format", "json")
    assert (status, json.loads(told.splitlines()[-1])) == (
        0,
        {"n": chain.built.runs["gold.feeder_profile"].counts.rows},
    )
    status, told = command(chain.lake, "sql", "select nothing from gold.feeder_profile")
    assert (status, "the query failed" in told, "Traceback" in told) == (1, True, False)


def test_a_file_that_fails_ends_an_ingest_with_status_1_and_a_second_one_too(
    lake: Lake, settings: Settings, tmp_path: Path, command: Command
) -> None:
    ours = write_sources(settings, tmp_path / "conf")
    where = {"lake": {"root": lake.root, "key_file": ours.lake.key_file}}
    conf = tmp_path / "over.yaml"
    conf.write_text(yaml.safe_dump(where))
    source = tmp_path / "conf" / "sources" / "head_end_long.yaml"
    drop = write_drop(tmp_path / "drop") / "head_end_long"
    assert command(lake, "ingest", str(drop), "--source", str(source), "--conf", str(conf))[0] == 0
    write(drop / "empty.csv", [])
    for _ in range(2):  # what failed is tried again
        status, told = command(lake, "ingest", str(drop), "--source", str(source), "--conf", str(conf))
        assert (status, "the file is empty" in told) == (1, True)
    assert command(lake, "build", "gold.nothing", "--conf", str(conf))[0] == 1
