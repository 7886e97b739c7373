"""Files that cannot be read are recorded with their reason, the others go on, and nothing is lost."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import SourceError
from jobs.intake.ingest import ingest_drop_folder, ingest_source, source_named
from jobs.intake.report import IngestReport
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.registry import table_named
from jobs.settings import Settings
from tests.integration.drop import SOURCES, wide_lines, write, write_drop, write_sources

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


def test_a_file_that_no_pattern_names_has_failed_until_one_does(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    drop = write_drop(tmp_path / "drop")
    prices = SOURCES["asset_prices"]
    late = write(
        drop / "asset_prices" / "late.CSV", ["rating,booked,amount,recorded", "1,1.1.2016,9,2016-01-05T00:00Z"]
    )
    write(drop / "asset_prices" / "readme.txt", ["Prices of both years."])
    write(drop / "asset_prices" / ".late.CSV.swp", ["an editor's"])
    (drop / "agent" / "gone.csv").symlink_to(drop / "nowhere.csv")
    write(drop / "nobody_knows" / "what.csv.part", ["a,b"])

    def ingested(settings: Settings) -> dict[str, IngestReport]:
        return {one.source: one for one in ingest_drop_folder(lake, settings, drop, echo=lambda line: None)}

    reports = ingested(ours)
    reason = "no pattern of source asset_prices names it: 'files' is ['*.csv']"
    assert reports["asset_prices"].ok == 1
    assert reports["asset_prices"].failures == [
        f"{drop}/asset_prices/{name}: {reason}" for name in ("late.CSV", "readme.txt")
    ]
    assert reports["agent"].ok == 1
    assert reports["agent"].failures == [f"{drop}/agent/gone.csv: it cannot be opened: No such file or directory"]
    entries = ledger(lake)
    assert not entries.keys() & {".late.CSV.swp", "what.csv.part", "gone.csv"}
    for name in ("late.CSV", "readme.txt"):
        assert (entries[name]["status"], entries[name]["reason"]) == ("failed", reason)
        assert entries[name]["notice"] == prices["notice"]

    (drop / "agent" / "gone.csv").unlink()
    named = write_sources(ours, ours.conf_folder, asset_prices=prices | {"files": ["*.csv", "*.CSV"]})
    reports = ingested(named)
    assert (reports["asset_prices"].ok, reports["asset_prices"].unchanged, reports["asset_prices"].failed) == (1, 1, 1)
    after = ledger(lake)
    assert (after["late.CSV"]["status"], after["late.CSV"]["rows"]) == ("ok", 1)
    assert after["late.CSV"]["arrived_utc"] == entries["late.CSV"]["arrived_utc"]
    assert sum(row["first_line"] > 0 for row in read_table(lake, table_named("bronze.asset_cost")).collect()) == 3

    # Not named any longer: told again, and what was read of it stays. Left out on purpose: nothing is told.
    assert ingested(write_sources(ours, ours.conf_folder))["asset_prices"].failed == 2
    assert ledger(lake)["late.CSV"]["status"] == "ok"
    quiet = write_sources(ours, ours.conf_folder, asset_prices=prices | {"ignore": ["*.txt", late.name]})
    reports = ingested(quiet)
    assert (reports["asset_prices"].unchanged, reports["asset_prices"].failed) == (1, 0)


def test_a_drop_folder_of_nothing_that_is_named_is_recorded(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    file = write(tmp_path / "drop" / "head_end_long" / "jan.dat", LONG)
    (report,) = ingest_drop_folder(lake, ours, tmp_path / "drop", echo=lambda line: None)
    assert (report.ok, report.failed) == (0, 1)
    assert ledger(lake)["jan.dat"]["status"] == "failed"
    with pytest.raises(SourceError, match=r"source head_end_long has no file '\*.csv' there"):  # was it meant for it?
        ingest_source(lake, ours, source_named(ours, "head_end_long"), file.parent, echo=lambda line: None)


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


def test_a_read_of_the_far_future_is_refused_as_it_comes(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    """It is none of the reads stored, so that these are as many as builds of all days count."""
    lines: list[str] = []
    path = write(tmp_path / "file.csv", [*LONG, "m9,2099-01-01T00:00:00Z,2"])
    report = ingest_source(lake, ours, source_named(ours, "head_end_long"), path, echo=lines.append)
    assert (report.failed, report.reads, report.rejected_reads) == (0, 2, 1)
    assert any("2 reads = 1 stored + 1 rejected" in line for line in lines)
    assert ledger(lake)["file.csv"]["last_grid_date"] == date(2016, 1, 1)
    (stored,) = read_table(lake, table_named("bronze.interval_block")).collect()
    assert (stored["value"], stored["last_grid_date"]) == ([1.0], date(2016, 1, 1))
    (refused,) = read_table(lake, table_named("bronze.interval_block_rejected")).collect()
    assert (refused["rule_id"], refused["line"], refused["reads"]) == ("B13", 3, 1)
    assert "2099-01-01T00:00:00" in refused["reason"]
    (payload,) = read_table(lake, table_named("protected.rejected_record")).collect()
    assert json.loads(payload["record"])["values"] == [2.0]


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
