"""Ingest of a whole drop folder: what lands in bronze and protected, and what a second run changes."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from jobs.build import received_span
from jobs.errors import LakeError, SettingsError, SourceError
from jobs.identity import read_identity_key
from jobs.intake import ingest
from jobs.intake.ingest import ingest_drop_folder, ingest_source, source_named
from jobs.intake.report import IngestReport
from jobs.intake.tasks import ReadFiles
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, table_version
from jobs.registry import table_named
from jobs.settings import Settings
from jobs.span import Span
from tests.integration.drop import SOURCES, wide_lines, write, write_drop, write_sources


def rows_of(lake: Lake, name: str) -> list[dict[str, Any]]:
    return [row.asDict(recursive=True) for row in read_table(lake, table_named(name)).collect()]


def said(line: str) -> None:
    """Progress that nobody reads."""


def by_source(reports: list[IngestReport]) -> dict[str, IngestReport]:
    return {report.source: report for report in reports}


@pytest.fixture
def ours(settings: Settings, tmp_path: Path) -> Settings:
    return write_sources(settings, tmp_path / "conf")


def test_register_reads_come_out_of_interval_files(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    day = f"300,20160101,{','.join(['0.5'] * 48)},A,,,20160102120000,"
    lines = ["100,NEM12,201601020000,A,B", "200,NMI1,E1,1,E1,N1,S1,kWh,30,", day, "500,R,,20160101093000,12.5", "900"]
    file = write(tmp_path / "jan.csv", lines)
    agent = source_named(ours, "agent")
    assert ingest_source(lake, ours, agent, file, echo=said).ok == 1
    registers = rows_of(lake, "bronze.register_read")
    assert [(row["register_wh"], row["channel"], row["first_line"]) for row in registers] == [(12500, "delivered", 4)]
    assert [row["meter_id"] for row in rows_of(lake, "bronze.interval_block")] == [registers[0]["meter_id"]]
    received_only = agent.model_copy(update={"readings": agent.readings.model_copy(update={"registers": {
        "B": agent.readings.registers["B1"]}})})  # fmt: skip
    assert ingest_source(lake, ours, received_only, file, echo=said).rejected_rows == 2
    assert rows_of(lake, "bronze.register_read") == []


CIRCUIT = """Clear
New object=circuit.of_{load} basekv=20 bus1=source
new line.a bus1=source bus2=far length=1 units=km
new load.{load} bus1=far kv=20 kw=300
set voltagebases=[20]
calcv
"""


def test_network_models_of_several_tasks_all_arrive(
    lake: Lake, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_TASK_BYTES", (1, 1))
    model = {"format": "opendss", "files": "*/master.dss", "target": "network", "synthetic": True}
    ours = write_sources(settings, tmp_path / "conf", circuits=model | {"namespaces": {"usage_point_id": "premises"}})
    for load in ("mill", "house"):
        write(tmp_path / "drop" / "circuits" / load / "master.dss", [CIRCUIT.format(load=load)])
    (report,) = ingest_drop_folder(lake, ours, tmp_path / "drop", echo=said)
    assert (report.ok, report.failures) == (2, [])
    models = {(row["file_id"], row["network"]) for row in rows_of(lake, "bronze.network_connection")}
    assert sorted(network for _, network in models) == ["of_house", "of_mill"]

    # Two more describe one circuit: which of them holds, nobody says, until there is one.
    for number in (1, 2):
        write(tmp_path / "drop" / "circuits" / f"{number}" / "master.dss", [CIRCUIT.format(load="barn"), f"! {number}"])
    (report,) = ingest_drop_folder(lake, ours, tmp_path / "drop", echo=said)
    assert (report.ok, report.unchanged, report.failed) == (0, 2, 2)
    assert all("2 models of one delivery describe network 'of_barn'" in failure for failure in report.failures)
    assert {(row["file_id"], row["network"]) for row in rows_of(lake, "bronze.network_connection")} == models
    (tmp_path / "drop" / "circuits" / "1" / "master.dss").unlink()
    (report,) = ingest_drop_folder(lake, ours, tmp_path / "drop", echo=said)
    assert (report.ok, report.unchanged, report.failed) == (1, 2, 0)


def test_a_drop_folder_without_sources_is_an_error(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="is empty: needed is a subfolder for each source"):
        ingest_drop_folder(lake, ours, tmp_path / "empty", echo=said)
    file = write(tmp_path / "loose" / "reads.csv", ["a,b"])
    with pytest.raises(SourceError, match="is no folder: a file is ingested with --source"):
        ingest_drop_folder(lake, ours, file, echo=said)
    (report,) = ingest_drop_folder(lake, ours, file.parent, echo=said)
    assert report.failures == [
        f"{file}: unknown source: it stands in no source's subfolder; one source is ingested with --source"
    ]
    assert [row["status"] for row in rows_of(lake, "bronze.file")] == ["failed"]


def test_the_key_of_a_standing_lake_is_never_made_anew(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    folder = write(tmp_path / "loose" / "reads.csv", ["a,b"]).parent
    ingest_drop_folder(lake, ours, folder, echo=said)
    key, kept = ours.conf_folder / "key", tmp_path / "kept"
    key.rename(kept)
    with pytest.raises(SettingsError, match=r"/key: no such file, and the ids of the lake"):
        ingest_drop_folder(lake, ours, folder, echo=said)
    assert not key.exists()
    kept.rename(key)
    ingest_drop_folder(lake, ours, folder, echo=said)


def test_a_drop_folder_lands_in_bronze_once(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    drop = write_drop(tmp_path / "drop")
    reports = by_source(ingest_drop_folder(lake, ours, drop, echo=said))
    assert {name: (one.ok, one.failed, one.rows, one.reads, one.rejected_rows) for name, one in reports.items()} == {
        "head_end_wide": (1, 0, 4, 384, 0),
        "head_end_long": (1, 0, 48, 48, 0),
        "agent": (1, 0, 6, 96, 0),
        "customers": (1, 0, 3, 0, 1),
        "asset_prices": (1, 0, 2, 0, 0),
    }
    blocks = read_table(lake, table_named("bronze.interval_block"))
    total = blocks.groupBy("source", "channel").agg(
        F.sum(F.expr("aggregate(value, 0D, (a, x) -> a + x * unit_factor)")).alias("wh")
    )
    assert {(row["source"], row["channel"]): row["wh"] for row in total.collect()} == {
        ("head_end_wide", "delivered"): 384 * 250.0,
        ("head_end_long", "delivered"): 48 * 1500.0,
        ("agent", "delivered"): 48 * 500.0,
        ("agent", "received"): 48 * 500.0,
    }
    ledger = {row["source"]: row for row in rows_of(lake, "bronze.file")}
    assert ledger["head_end_wide"]["status"] == "ok"
    assert ledger["asset_prices"]["notice"] == "Prices of the Makers’ Guild, CC BY 4.0."
    assert {ledger[name]["notice"] for name in set(ledger) - {"asset_prices"}} == {None}
    assert (ledger["head_end_wide"]["first_grid_date"], ledger["head_end_wide"]["last_grid_date"]) == (
        date(2016, 1, 1),
        date(2016, 1, 2),
    )
    assert ledger["agent"]["first_grid_date"] == date(2015, 12, 31)  # midnight at UTC+10

    versions = {
        name: table_version(lake, table_named(name))
        for name in ("bronze.interval_block", "bronze.file", "bronze.asset_cost")
    }
    (drop / "head_end_wide" / "jan.csv").rename(drop / "head_end_wide" / "another_name.csv")
    write(drop / "customers" / "copy.csv", (drop / "customers" / "all.csv").read_text().splitlines())
    again = by_source(ingest_drop_folder(lake, ours, drop, echo=said))
    assert {name: (one.ok, one.unchanged) for name, one in again.items()} == {
        "head_end_wide": (0, 1), "head_end_long": (0, 1), "agent": (0, 1), "customers": (0, 2), "asset_prices": (0, 1)
    }  # fmt: skip
    assert versions == {name: table_version(lake, table_named(name)) for name in versions}


def test_ids_are_hashes_and_persons_stand_only_in_protected(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    ingest_drop_folder(lake, ours, write_drop(tmp_path / "drop"), echo=said)
    key = read_identity_key(ours, may_make=False)
    assert stat.S_IMODE((ours.conf_folder / "key").stat().st_mode) == 0o600
    identifiers = {
        (row["id_kind"], row["namespace"], row["source_id"]): row["id"] for row in rows_of(lake, "protected.identifier")
    }
    assert {kind for kind, _, _ in identifiers} == {"meter_id", "usage_point_id", "customer_id"}
    assert all(key.hashed(namespace, source_id) == value for (_, namespace, source_id), value in identifiers.items())
    meters = {
        row["meter_id"]
        for row in read_table(lake, table_named("bronze.interval_block")).select("meter_id").distinct().collect()
    }
    assert meters == {value for (kind, _, _), value in identifiers.items() if kind == "meter_id"}

    first, second = sorted(rows_of(lake, "bronze.customer_agreement"), key=lambda row: row["first_line"])
    assert first["usage_point_id"] == identifiers["usage_point_id", "cis", "p1"]
    assert first["valid_from_utc"].astimezone(UTC) == datetime(2015, 12, 31, 23, tzinfo=UTC)
    assert (first["known_from_basis"], first["known_from_utc"].astimezone(UTC)) == (
        "lag",
        datetime(2016, 1, 2, 23, tzinfo=UTC),
    )
    assert (second["customer_class"], second["valid_to_utc"].astimezone(UTC)) == (
        "business",
        datetime(2016, 6, 30, 22, tzinfo=UTC),
    )
    assert {(row["id"], row["field"], row["value"]) for row in rows_of(lake, "protected.personal_record")} == {
        (first["customer_id"], "name", "Ada Example"),
        (first["customer_id"], "phone", "0123"),
        (second["customer_id"], "name", "Bert Example"),
    }
    (rejected,) = rows_of(lake, "bronze.customer_agreement_rejected")
    assert (rejected["rule_id"], rejected["line"], rejected["record"]) == ("B23", 4, None)
    (payload,) = rows_of(lake, "protected.rejected_record")
    assert (payload["rule_id"], payload["line"]) == ("B23", 4)
    assert "Carl Example" in payload["record"]
    outside = [path for path in Path(lake.root).rglob("*") if path.is_file() and "protected" not in path.parts]
    assert not [path for path in outside if b"Example" in path.read_bytes()]


def test_entities_are_typed_and_converted(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    ingest_drop_folder(lake, ours, write_drop(tmp_path / "drop"), echo=said)
    first, second = sorted(rows_of(lake, "bronze.asset_cost"), key=lambda row: row["first_line"])
    assert (first["rating_kva"], first["amount"], first["booked_on"]) == (400.0, Decimal("9000.50"), date(2015, 12, 31))
    assert (second["rating_kva"], second["amount"], second["asset_class"]) == (
        630.0,
        Decimal("12000.00"),
        "distribution_transformer",
    )
    assert (first["known_from_basis"], first["known_from_utc"].astimezone(UTC)) == (
        "delivered",
        datetime(2016, 1, 5, tzinfo=UTC),
    )


def test_a_changed_declaration_reads_the_kept_files_again(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    drop = write_drop(tmp_path / "drop")
    ingest_drop_folder(lake, ours, drop, echo=said)
    before = {row["file_id"]: row["arrived_utc"] for row in rows_of(lake, "bronze.file")}
    values = SOURCES["head_end_wide"]
    watt_hours = values | {"readings": values["readings"] | {"registers": {"": {"channel": "received", "unit": "Wh"}}}}
    changed = write_sources(ours, ours.conf_folder, head_end_wide=watt_hours)
    new = write(tmp_path / "feb.csv", wide_lines(["m1"], [date(2016, 2, 1)]))
    lines: list[str] = []
    report = ingest_source(lake, changed, source_named(changed, "head_end_wide"), new, echo=lines.append)
    assert (report.ok, report.unchanged, report.failed) == (2, 0, 0)
    assert any("declaration changed" in line for line in lines)
    blocks = read_table(lake, table_named("bronze.interval_block")).where("source = 'head_end_wide'").collect()
    assert {(row["channel"], row["unit_factor"]) for row in blocks} == {("received", 1.0)}
    assert len(blocks) == 5
    after = {row["file_id"]: row for row in rows_of(lake, "bronze.file")}
    assert all(after[file_id]["arrived_utc"] == arrived for file_id, arrived in before.items())


def test_a_run_killed_before_the_ledger_is_repaired(
    lake: Lake, ours: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.intake import ingest

    drop = write_drop(tmp_path / "drop")
    commit = ingest.commit_entries
    calls: list[int] = []

    def killed(*arguments: Any, **named: Any) -> None:
        calls.append(1)
        if len(calls) == 2:  # the rows are committed, the ledger is not
            raise KeyboardInterrupt
        commit(*arguments, **named)

    monkeypatch.setattr(ingest, "commit_entries", killed)
    with pytest.raises(KeyboardInterrupt):
        ingest_drop_folder(lake, ours, drop, echo=said)
    assert {row["status"] for row in rows_of(lake, "bronze.file")} == {"failed"}
    count = read_table(lake, table_named("bronze.interval_block")).count()
    monkeypatch.setattr(ingest, "commit_entries", commit)
    reports = ingest_drop_folder(lake, ours, drop, echo=said)
    assert all(report.failed == 0 and report.ok == 1 for report in reports)
    assert {row["status"] for row in rows_of(lake, "bronze.file")} == {"ok"}
    assert read_table(lake, table_named("bronze.interval_block")).count() == count
    assert len(rows_of(lake, "bronze.customer_agreement")) == 2
    assert not list((Path(lake.root) / "_staging").glob("*"))


def test_a_file_that_stood_outlasts_a_broken_declaration(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    names = ("head_end_wide", "customers")
    tables = ("bronze.interval_block", "bronze.customer_agreement", "protected.personal_record")
    good = {name: SOURCES[name] for name in names}
    readings, columns = good["head_end_wide"]["readings"], good["customers"]["columns"]
    broken = {
        "head_end_wide": good["head_end_wide"] | {"readings": readings | {"meter": "metre"}},
        "customers": good["customers"] | {"columns": columns | {"customer_id": {"column": "custoner"}}},
    }

    def month(number: int, declared: dict[str, dict[str, Any]]) -> dict[str, tuple[int, int]]:
        """Files read well and not, where one new file of each source comes under this declaration."""
        drop = tmp_path / f"month_{number}"
        write(drop / "head_end_wide" / "wide.csv", wide_lines(["m1"], [date(2016, number, 1)]))
        agreement = f"p{number},c{number},2016-0{number}-01,,H,Ada Example,"
        write(drop / "customers" / "all.csv", ["point,customer,from,to,class,name,phone", agreement])
        reports = ingest_drop_folder(lake, write_sources(ours, ours.conf_folder, **declared), drop, echo=said)
        assert all(len(report.failures) == report.failed for report in reports)
        return {report.source: (report.ok, report.failed) for report in reports}

    def counts() -> list[int]:
        return [len(rows_of(lake, name)) for name in tables]

    def standing() -> list[str]:
        return sorted(row["status"] for row in rows_of(lake, "bronze.file"))

    assert month(1, good) == dict.fromkeys(names, (1, 0))
    assert counts() == [1, 1, 1]
    before = {row["file_id"]: row for row in rows_of(lake, "bronze.file")}
    assert month(2, broken) == dict.fromkeys(names, (0, 2))
    assert counts() == [1, 1, 1]
    assert standing() == ["failed", "failed", "kept", "kept"]
    kept = [row for row in rows_of(lake, "bronze.file") if row["status"] == "kept"]
    assert all("missing" in row["reason"] and "its rows stay" in row["reason"] for row in kept)
    told = {"status": "ok", "reason": None}
    assert [row | told for row in kept] == [before[row["file_id"]] for row in kept]
    assert received_span(lake) == Span(date(2016, 1, 1), date(2016, 1, 2))  # what is kept is there to be built
    fixed = {name: values | {"lag": "P3D"} for name, values in good.items()}
    assert month(3, fixed) == dict.fromkeys(names, (3, 0))
    assert counts() == [3, 3, 3]
    assert standing() == ["ok"] * 6


def test_rows_leave_the_tables_that_a_declaration_no_longer_feeds(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    lines = ["point,customer,from,to,class,name", "p1,c1,2016-01-01,,H,Ada Example", "p2,c2,2016-01-01,,X,Bert Example"]
    file = write(tmp_path / "all.csv", lines)
    customers = SOURCES["customers"] | {"personal": ["name"]}

    def counts(**declared: Any) -> dict[str, int]:
        """Rows in each table after the file has been read as declared."""
        settings = write_sources(ours, ours.conf_folder, customers=declared)
        report = ingest_source(lake, settings, source_named(settings, "customers"), file, echo=said)
        assert (report.ok, report.failed) == (1, 0)
        names = (
            "bronze.customer_agreement", "bronze.usage_point", "bronze.interval_block",
            "bronze.customer_agreement_rejected", "protected.rejected_record", "protected.personal_record",
        )  # fmt: skip
        return {name.split(".")[1]: found for name in names if (found := len(rows_of(lake, name)))}

    agreements = {"customer_agreement": 1, "customer_agreement_rejected": 1, "rejected_record": 1}
    assert counts(**customers) == agreements | {"personal_record": 1}
    assert counts(**customers | {"personal": []}) == agreements
    points = {"usage_point_id": {"column": "point"}, "valid_from_utc": {"column": "from"}}
    assert counts(**customers | {"target": "usage_point", "columns": points}) == {
        "usage_point": 2,
        "personal_record": 2,
    }
    readings = {"meter": "point", "registers": {"": {"channel": "delivered", "unit": "kWh"}}, "interval_minutes": 60,
                "time": "from", "value": "to"}  # fmt: skip
    blocks = {"format": "long", "target": "interval_block", "namespaces": {"meter_id": "he"}, "readings": readings}
    assert "usage_point" not in counts(**blocks)


def test_a_file_delivered_by_a_relative_path_is_read_again_from_elsewhere(
    lake: Lake, ours: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_drop(Path("drop"))
    write(Path("one.csv"), wide_lines(["m9"], [date(2016, 1, 1)]))
    ingest_drop_folder(lake, ours, Path("drop"), echo=said)
    assert ingest_source(lake, ours, source_named(ours, "head_end_wide"), Path("one.csv"), echo=said).ok == 1
    assert all(
        row["path"] == row["kept_path"] and Path(row["path"]).is_absolute() for row in rows_of(lake, "bronze.file")
    )
    elsewhere = tmp_path / "elsewhere"
    write(elsewhere / "two.csv", wide_lines(["m9"], [date(2016, 1, 2)]))
    monkeypatch.chdir(elsewhere)
    changed = write_sources(ours, ours.conf_folder, head_end_wide=SOURCES["head_end_wide"] | {"lag": "P1D"})
    report = ingest_source(lake, changed, source_named(changed, "head_end_wide"), Path("two.csv"), echo=said)
    assert (report.ok, report.failed) == (3, 0)


def test_rows_that_were_put_aside_and_vanished_replace_nothing(
    lake: Lake, ours: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.intake import ingest

    drop = write_drop(tmp_path / "drop")
    ingest_drop_folder(lake, ours, drop, echo=said)
    changed = write_sources(ours, ours.conf_folder, customers=SOURCES["customers"] | {"lag": "P3D"})
    outcomes = ingest._outcomes

    def removed(reader: ReadFiles) -> dict[tuple[str, str], dict[str, Any]]:
        found = outcomes(reader)
        reader.staging.remove()
        return found

    monkeypatch.setattr(ingest, "_outcomes", removed)
    with pytest.raises(LakeError, match=r"put aside are gone, first .*; their rows are not committed"):
        ingest_drop_folder(lake, changed, drop, echo=said)
    assert len(rows_of(lake, "bronze.customer_agreement")) == 2
    monkeypatch.setattr(ingest, "_outcomes", outcomes)
    assert by_source(ingest_drop_folder(lake, changed, drop, echo=said))["customers"].ok == 1
    assert len(rows_of(lake, "bronze.customer_agreement")) == 2
