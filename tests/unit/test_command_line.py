"""The command line as a stranger meets it: options of every command, and one message for each mistake (no Spark)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import typer.main
from py4j.protocol import Py4JNetworkError
from pyspark.errors import PySparkException

from jobs.cli import app, main
from jobs.commands import lakes

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def ends(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_a_lake_and_a_configuration(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ends([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert all(option in told for option in ("--help", "--lake", "--conf"))


def test_a_default_in_a_help_text_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert ends(["build", "--help"]) == 0
    assert "[default: all days received]" in " ".join(capsys.readouterr().out.split())


AT_NOWHERE = ["--lake", "nowhere"]
SPAN = ["--from", "2016-01-02", "--to", "2016-01-03"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe", "gold.feeder_profil"], "near it: ['gold.feeder_profile'"),
        (["build", "gold.feeder_profil"], "near it: ['gold.feeder_profile'"),
        (["build", "bronze.meter"], "bronze.meter is not built: files are ingested into it"),
        (["plan", "gold.nothing"], "no single table is named 'gold.nothing'"),
        (["ingest", "file.csv", "--source", "reading_wide"], "did you mean readings_wide or "),
        (["ingest", "file.csv", "--source", "qqq"], "/sources` lists the "),
        (["ingest", "file.csv"], "file.csv is no folder: a file is ingested with --source NAME"),
        (["train", "failures"], "no model is named 'failures': failure, demand"),
        (["score", "demands"], "no model is named 'demands'"),
        (["promote", "failures"], "no model is named 'failures'"),
        (["ingest", "none"], "none is empty: needed is a subfolder for each source"),
        (["sample", "drop", "--area", "MV9"], "MV9"),
        (["sample", "drop", "--from", "2015-01-01"], "SimBench's year"),
        (["sample", "drop", "--conf", "eastern.yaml"], "the sample utility lives at +01:00, Europe/Berlin"),
        (["sample", "drop", "--lake", "lake", "--truth", "lake/truth"], "lies in the lake"),
        (["sample", "file.csv/drop", "--networks", "1", *SPAN], "file.csv"),
        (["dictionary", "--out", "file.csv"], "file.csv: File exists"),
        (["demo", "--lake", "s3a://bucket/lake"], "a demo's lake is a folder"),
        (["demo", "--folder", "file.csv"], "file.csv"),
        *[
            ([*command, *AT_NOWHERE], "gridlake: nowhere: no lake, or one into which nothing was ingested")
            for command in (
                ["build"],
                ["build", *SPAN],
                ["tables"],
                ["describe", "gold.feeder_profile"],
                ["sql", "select 1"],
                ["identify", "4711"],
                ["runs"],
                ["report", "--out", "report"],
                ["plan"],
                ["dictionary", "--out", "pages"],
            )
        ],
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_one_message_and_status_1(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file.csv").touch()
    Path("none").mkdir()
    Path("none/.hidden").touch()
    Path("eastern.yaml").write_text('grid_time: {utc_offset: "+02:00"}')
    assert ends(arguments) == 1
    told = capsys.readouterr().err
    assert told.startswith("gridlake: ")
    assert message in told
    assert told.count("\n") == 1
    assert not Path("nowhere").exists()


def test_two_samples_side_by_side_have_each_a_truth_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("simbench")
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b", "drop"):
        assert ends(["sample", folder, "--networks", "1", "--fleet", "1", *SPAN]) == 0
    told = capsys.readouterr().out
    for truth in ("a_truth", "b_truth", "truth"):
        assert Path(truth, "fault.parquet").is_file()
        assert f"\ntruth: {truth}\n" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "No such command 'nothing'"),
        (["build", "--bogus"], "No such option: --bogus"),
        (["build", "--from", "2016-01-01"], "--from and --to go together"),
        (["build", "--from", "2016-01-02", "--to", "2016-01-01"], "holds no day"),
        (["build", "--from", "1.2.2016", "--to", "2016-01-01"], "does not match"),
        (["sample", "drop", "--from", "2016-05-01"], "holds no day"),
        (["ingest", "nowhere.csv", "--source", "meters_ami"], "'nowhere.csv' does not exist"),
        (["sql", "select 1", "--format", "xml"], "is not one of 'table', 'csv', 'json'"),
        (["tables", "--conf", "nowhere.yaml"], "'nowhere.yaml' does not exist"),
        (["report"], "Missing option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_said_as_it_must_be_ends_with_status_2(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ends(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (PySparkException(message="o1.load\n\tat java\nCaused by: java.io.IOException: disk full\n"), "disk full"),
        (Py4JNetworkError("Answer from Java side is empty"), "Answer from Java side is empty"),
    ],
)
@pytest.mark.parametrize(
    "command", [["tables"], ["report", "--out", "report"], ["ingest", ".", "--source", "meters_ami"]]
)
def test_a_fault_of_spark_is_one_message_whichever_command_meets_it(
    command: list[str],
    fault: Exception,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(settings: Any) -> None:
        raise fault

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lakes, "open_lake", broken)
    assert ends([*command, "--lake", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("gridlake: ")
    assert (message in told, told.count("\n")) == (True, 1)


def test_a_defect_of_the_program_keeps_its_trace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(settings: Any) -> None:
        raise KeyError("defect")

    monkeypatch.setattr(lakes, "open_lake", broken)
    with pytest.raises(KeyError, match="defect"):
        main(["tables", "--lake", str(tmp_path)])


def heard() -> None:
    """Ctrl-C reaches the command even where the tests run in the background, where shells have it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_ctrl_c_says_what_stands_and_ends_with_status_130(tmp_path: Path) -> None:
    conf = tmp_path / "waits.yaml"
    os.mkfifo(conf)  # its reader waits for a writer: the command is met at work
    plan = [sys.executable, "-c", "from jobs.cli import main; main()", "plan", "--conf", str(conf)]
    with subprocess.Popen(plan, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as command:
        writer = None
        while writer is None and command.poll() is None:
            with suppress(OSError):  # nobody reads yet
                writer = os.open(conf, os.O_WRONLY | os.O_NONBLOCK)
            time.sleep(0.05)
        command.send_signal(signal.SIGINT)
        _, told = command.communicate(timeout=60)
        if writer is not None:
            os.close(writer)
    stands = "stopped; every table stands as its last commit left it, run the same command again"
    assert (command.returncode, told) == (130, f"gridlake: {stands}\n")
