"""Files that cannot be read are recorded with their reason, the others go on, and nothing is lost."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs.ingest import ingest_drop_folder, ingest_source, source_named
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.registry import table_named
from jobs.settings import Settings
from tests.integration.drop import wide_lines, write, write_drop, write_sources

LONG = ["meter,time,kwh", "m9,2016-01-01T00:00:00Z,1"]


@pytest.fixture
def ours(settings: Settings, tmp_path: Path) -> Settings:
    return write_sources(settings, tmp_path / "conf")


def ledger(lake: Lake) -> dict[str, dict[str, Any]]:
    return {Path(row["kept_path"]).name: row.asDict() for row in read_table(lake, table_named("bronze.file")).collect()}


def test_unreadable_files_are_recorded_and_the_others_go_on(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    drop = write_drop(tmp_path / "drop")
    long = drop / "head_end_long"
    (long / "empty.csv").write_bytes(b"")
    (long / "encoding.csv").write_bytes("meter,time,kwh\nZähler,2016-01-01T00:00:00Z,1\n".encode("latin-1"))
    (long / "binary.csv").write_bytes(bytes(range(256)) * 4)
    write(long / "columns.csv", ["meter,zeit,kwh", "m9,2016-01-01T00:00:00Z,1"])
    (long / "cut.csv").write_text("\n".join([*LONG, "m9,2016-01-01T01"]))
    (drop / "agent" / "cut12.csv").write_text("100,NEM12,201601020000,A,B\n200,NMI1,E1,1,E1,N1,S9,kWh,30,\n")
    (drop / "customers" / "cut_customers.csv").write_text("point,customer,from,to,class,name,phone\np9,c9,2016")
    write(drop / "nobody_knows" / "what.csv", ["a,b", "1,2"])
    reports = {report.source: report for report in ingest_drop_folder(lake, ours, drop, echo=lambda line: None)}
    assert {name: (one.ok, one.failed) for name, one in reports.items()} == {
        "head_end_wide": (1, 0), "head_end_long": (1, 5), "agent": (1, 1), "customers": (1, 1), "asset_prices": (1, 0),
        "nobody_knows": (0, 1),
    }  # fmt: skip
    entries = ledger(lake)
    reasons = {
        "empty.csv": "the file is empty",
        "encoding.csv": "byte 16: 0xe4 is not utf-8; text in utf-8 is needed",
        "columns.csv": "1 column(s) missing: ['time']; found are 3 columns",
        "cut.csv": "line 3: the file ends within a record (2 of 3 fields)",
        "cut12.csv": "line 2: the file ends without a 900 record",
        "what.csv": "unknown source 'nobody_knows'",
    }
    for name, reason in reasons.items():
        assert entries[name]["status"] == "failed"
        assert reason in entries[name]["reason"], name
    assert entries["binary.csv"]["status"] == "failed"
    sources = {row["source"] for row in read_table(lake, table_named("bronze.interval_block")).collect()}
    assert sources == {"head_end_wide", "head_end_long", "agent"}
    failures = [line for report in reports.values() for line in report.failures]
    assert len(failures) == 8
    assert all(str(drop) in line for line in failures)

    # The whole file arrives: read although one like it failed; what failed is tried again and fails again.
    write(long / "cut.csv", [*LONG, "m9,2016-01-01T01:00:00Z,2"])
    again = {report.source: report for report in ingest_drop_folder(lake, ours, drop, echo=lambda line: None)}
    assert (again["head_end_long"].ok, again["head_end_long"].unchanged, again["head_end_long"].failed) == (1, 1, 4)
    entries_of_cut = (
        read_table(lake, table_named("bronze.file")).where("kept_path like '%head_end_long/cut.csv'").collect()
    )
    assert sorted((row["status"], row["reads"]) for row in entries_of_cut) == [("failed", 0), ("ok", 2)]


def test_bad_records_are_counted_and_kept_apart(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    rows = [
        *LONG,
        "m9,2016-01-01T01:00:00Z,n/a",
        "m9,2016-01-01T02:20:00Z,1",
        "m9,then,1",
        ",2016-01-01T03:00:00Z,1",
        "m9,x",
    ]
    lines: list[str] = []
    path = write(tmp_path / "bad.csv", rows)
    report = ingest_source(lake, ours, source_named(ours, "head_end_long"), path, echo=lines.append)
    assert (report.failed, report.reads, report.rejected_reads, report.rejected_rows) == (0, 6, 5, 5)
    assert any("6 reads = 1 stored + 5 rejected" in line for line in lines)
    rejected = read_table(lake, table_named("bronze.interval_block_rejected")).collect()
    assert {(row["line"], row["rule_id"]) for row in rejected} == {
        (3, "B03"),
        (4, "B05"),
        (5, "B04"),
        (6, "B02"),
        (7, "B01"),
    }
    assert all(row["record"] is None for row in rejected)  # they hold meter numbers
    payload = {
        row["line"]: row["record"] for row in read_table(lake, table_named("protected.rejected_record")).collect()
    }
    assert payload[7] == "m9,x"
    assert '"kwh":"n\\/a"' in payload[3]


def test_one_content_under_two_sources_is_two_deliveries(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "file.csv", wide_lines(["m1"], [date(2016, 1, 1)]))
    twin = source_named(ours, "head_end_wide").model_copy(
        update={"name": "other_head_end", "namespaces": {"meter_id": "other"}}
    )
    for source in (source_named(ours, "head_end_wide"), twin):
        assert ingest_source(lake, ours, source, path, echo=lambda line: None).ok == 1
    blocks = read_table(lake, table_named("bronze.interval_block")).collect()
    assert len({row["meter_id"] for row in blocks}) == 2
    assert {row["source"] for row in blocks} == {"head_end_wide", "other_head_end"}


def test_a_cut_archive_is_refused(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    whole = gzip.compress("\n".join([*LONG, ""]).encode() * 50)
    (tmp_path / "file.csv.gz").write_bytes(whole[:-12])
    report = ingest_source(
        lake, ours, source_named(ours, "head_end_long"), tmp_path / "file.csv.gz", echo=lambda line: None
    )
    assert (report.ok, report.failed) == (0, 1)
    assert (
        not lake.exists(table_named("bronze.interval_block"))
        or read_table(lake, table_named("bronze.interval_block")).isEmpty()
    )
