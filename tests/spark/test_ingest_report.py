"""What an ingest leaves in ``ops.run``: a row for the ledger and for each table it fed, however it ended."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import LakeError
from jobs.intake import ingest
from jobs.intake.ingest import ingest_drop_folder
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, table_version
from jobs.ops.run import RUN
from jobs.query.listing import run_lines
from jobs.registry import all_tables, table_named
from jobs.settings import Settings
from tests.integration.drop import wide_lines, write, write_drop, write_sources

STOPPED = "the ingest did not end: {}; the next one reads its files again"


@pytest.fixture
def ours(settings: Settings, tmp_path: Path) -> Settings:
    return write_sources(settings, tmp_path / "conf")


def said(line: str) -> None:
    """Progress that nobody reads."""


def newest(lake: Lake) -> dict[str, Any]:
    """Rows of the newest run, by table."""
    rows = read_table(lake, RUN).orderBy("started_at_utc").collect()
    return {row["table_name"]: row for row in rows if row["run_id"] == rows[-1]["run_id"]}


def test_each_table_fed_has_a_row_with_the_counts_that_the_ingest_prints(
    lake: Lake, ours: Settings, tmp_path: Path
) -> None:
    lines: list[str] = []
    drop = write_drop(tmp_path / "drop")
    ingest_drop_folder(lake, ours, drop, echo=lines.append)
    rows = newest(lake)
    assert {name: (row["rows"], row["accepted"], row["rejected"]) for name, row in rows.items()} == {
        "bronze.interval_block": (read_table(lake, table_named("bronze.interval_block")).count(), 384 + 48 + 96, 0),
        "bronze.customer_agreement": (2, 2, 1),
        "bronze.asset_cost": (2, 2, 0),
        "protected.personal_record": (3, 3, 0),
        "bronze.file": (5, 5, 0),
    }
    assert {(row["status"], row["reason"], row["span_first"]) for row in rows.values()} == {("ok", None, None)}
    assert {name: row["table_version"] for name, row in rows.items()} == {
        name: table_version(lake, all_tables()[name]) for name in rows
    }
    assert lines[-1].startswith(f"run {rows['bronze.file']['run_id']}: 5 files in ")
    assert rows["bronze.file"]["read_versions"] == {}

    ingest_drop_folder(lake, ours, drop, echo=said)  # nothing new: the ledger was asked, no table was fed
    again = newest(lake)
    assert {name: (row["rows"], row["status"]) for name, row in again.items()} == {"bronze.file": (0, "ok")}
    assert again["bronze.file"]["read_versions"] == {"bronze.file": rows["bronze.file"]["table_version"]}


def test_files_that_fail_show_in_status_and_reason_of_the_table_and_of_the_ledger(
    lake: Lake, ours: Settings, tmp_path: Path
) -> None:
    drop = tmp_path / "drop"
    write(drop / "head_end_wide" / "jan.csv", wide_lines(["m1"], [date(2016, 1, 1)]))
    empty = write(drop / "head_end_long" / "empty.csv", [])
    unknown = write(drop / "nobody_knows" / "what.csv", ["a,b"])
    ingest_drop_folder(lake, ours, drop, echo=said)
    rows = newest(lake)
    assert set(rows) == {"bronze.interval_block", "bronze.file"}
    intervals, ledger = rows["bronze.interval_block"], rows["bronze.file"]
    assert (intervals["status"], intervals["accepted"]) == ("partial", 96)
    assert intervals["reason"].startswith(f"1 of 2 files failed, first ['{empty}: ")
    assert "the file is empty" in intervals["reason"]
    assert (ledger["status"], ledger["rows"], ledger["accepted"], ledger["rejected"]) == ("partial", 3, 1, 2)
    assert ledger["reason"].startswith("2 of 3 files failed, first [")
    assert str(empty) in ledger["reason"]
    assert f"{unknown}: unknown source" in ledger["reason"]

    unknown.unlink()
    unknown.parent.rmdir()
    ingest_drop_folder(lake, ours, drop, echo=said)  # what failed is tried again, and nothing else
    intervals = newest(lake)["bronze.interval_block"]
    assert (intervals["status"], intervals["rows"], intervals["accepted"]) == ("failed", 0, 0)
    listed = [line for line in run_lines(lake, 10) if "bronze.interval_block" in line]
    assert [line.split()[4] for line in listed] == ["failed", "partial"]
    assert f"1 of 1 files failed, first ['{empty}: " in listed[0]


def test_an_ingest_that_is_stopped_says_which_tables_have_its_rows(
    lake: Lake, ours: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = write_drop(tmp_path / "drop")

    def fails(*arguments: Any) -> None:
        raise LakeError("the disk is full\nand so on")

    def stopped(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ingest, "planned", stopped)
    with pytest.raises(KeyboardInterrupt):
        ingest_drop_folder(lake, ours, drop, echo=said)
    assert {name: row["status"] for name, row in newest(lake).items()} == {"bronze.file": "failed"}
    monkeypatch.undo()

    targets = {"bronze.interval_block", "bronze.customer_agreement", "bronze.asset_cost"}
    monkeypatch.setattr(ingest, "_outcomes", fails)  # after the arrivals' entries, before any row
    with pytest.raises(LakeError, match="the disk is full"):
        ingest_drop_folder(lake, ours, drop, echo=said)
    rows = newest(lake)
    assert {name: row["status"] for name, row in rows.items()} == dict.fromkeys(targets, "failed") | {
        "bronze.file": "partial"
    }
    assert {row["reason"] for row in rows.values()} == {STOPPED.format("the disk is full")}
    assert {row["table_version"] for name, row in rows.items() if name in targets} == {None}
    monkeypatch.undo()

    monkeypatch.setattr(ingest, "outcome_entry", stopped)  # after every row, before the ledger's entries
    with pytest.raises(KeyboardInterrupt):
        ingest_drop_folder(lake, ours, drop, echo=said)
    rows = newest(lake)
    assert {name: row["status"] for name, row in rows.items() if name in targets} == dict.fromkeys(targets, "partial")
    assert {row["reason"] for row in rows.values()} == {STOPPED.format("KeyboardInterrupt")}
    # Files that tasks wrote are added to a table that stands: the first commit makes it.
    versions = {name: row["table_version"] for name, row in rows.items() if name in targets}
    assert versions == dict.fromkeys(targets, 0) | {"bronze.interval_block": 1}
