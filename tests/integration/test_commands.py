"""The commands that show a lake, and the status with which commands end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from jobs.cli import main
from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, table_version
from jobs.protected.identifier import IDENTIFIER
from jobs.registry import all_jobs, all_tables
from jobs.settings import Settings
from jobs.silver.usage_point import USAGE_POINT
from tests.integration.conftest import Chain
from tests.integration.drop import write, write_drop, write_sources

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command over a lake; its exit status, and what it printed."""

    def run(lake: Lake, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("jobs.commands.lakes.open_lake", lambda settings: lake)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--lake", lake.root])
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


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select nothing from gold.feeder_profile", "[UNRESOLVED_COLUMN"),
        ("selct * from gold.feeder_profile", "[PARSE_SYNTAX_ERROR]"),
        ("select * from gold.feeder_profil", "[TABLE_OR_VIEW_NOT_FOUND]"),
        ("select * from gold.feeder_profile where feeder_id = meter('nobody has this')", "no meter has the id"),
    ],
)
def test_a_mistyped_query_ends_with_one_message(chain: Chain, command: Command, query: str, told: str) -> None:
    status, printed = command(chain.lake, "sql", query)
    assert (status, "Traceback" in printed) == (1, False)
    (line,) = [line for line in printed.splitlines() if line.startswith("gridlake: ")]
    assert told in printed[printed.index(line) :]


def test_a_source_id_may_stand_for_a_hashed_one_and_both_are_identified(chain: Chain, command: Command) -> None:
    points = read_table(chain.lake, USAGE_POINT).selectExpr("usage_point_id as id")
    known = read_table(chain.lake, IDENTIFIER).join(points, "id", "left_semi").orderBy("source_id").first()
    assert known is not None
    call = f"usage_point('{known.source_id}')"
    query = f"select distinct usage_point_id as id from silver.usage_point where usage_point_id = {call}"
    status, told = command(chain.lake, "sql", query, "--format", "json")
    assert (status, [json.loads(line) for line in told.splitlines()]) == (0, [{"id": known.id}])
    shown = [command(chain.lake, "identify", one) for one in (known.source_id, known.id)]
    assert {status for status, _ in shown} == {0}
    for _, told in shown:
        assert f"usage point: usage_point_id {known.id}, source id '{known.source_id}' of namespace" in told
    assert not Path(f"{chain.lake.root}.key").exists()  # no command that shows a lake asks for a key


def test_a_plan_and_a_dictionary_say_what_stands_in_a_lake(chain: Chain, command: Command, tmp_path: Path) -> None:
    status, told = command(chain.lake, "plan", "gold.feeder_profile")
    version = table_version(chain.lake, FEEDER_PROFILE)
    assert (status, told.splitlines()[-1].split()) == (0, ["gold.feeder_profile", f"v{version}"])
    assert command(chain.lake, "dictionary", "--out", str(tmp_path))[0] == 0
    page = (tmp_path / "gold.feeder_profile.md").read_text(encoding="utf-8").splitlines()
    rows = chain.built.runs["gold.feeder_profile"].counts.rows
    assert page[-1].startswith("Last run: ")
    assert f"ok, {rows:,} rows" in page[-1]


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
