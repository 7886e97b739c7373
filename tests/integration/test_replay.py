"""Reads refused for want of master data are taken by the next build once these data have come."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jobs.build import Build, build
from jobs.intake.ingest import ingest_drop_folder
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.registry import table_named
from jobs.settings import Settings
from jobs.span import Span
from tests.integration.drop import wide_lines, write, write_sources

DAY = date(2016, 1, 5)
READS = 96
LATE = "m60"
KNOWN = [f"m{number}" for number in range(60)]  # one unknown meter among 61 is less than the 2 % that an audit bears
SINCE = {"valid_from_utc": {"constant": "2015-01-01T00:00:00Z"}}
POINT = {"usage_point_id": {"column": "meter"}}
ENTITIES: dict[str, dict[str, Any]] = {
    "meters": {
        "target": "meter",
        "namespaces": {"meter_id": "he", "usage_point_id": "points"},
        "columns": {"meter_id": {"column": "meter"}, "multiplier": {"constant": 1}},
    },
    "points": {
        "target": "usage_point",
        "namespaces": {"usage_point_id": "points"},
        "columns": {
            "kind": {"constant": "customer"},
            "metering": {"constant": "interval"},
            "channels": {"constant": "delivered"},
            "supply_level": {"constant": "lv"},
        },
    },
    "links": {
        "target": "connectivity",
        "namespaces": {"usage_point_id": "points"},
        "columns": {
            "transformer_id": {"constant": "T1"},
            "feeder_id": {"constant": "F1"},
            "substation_id": {"constant": "S1"},
        },
    },
    "agreements": {
        "target": "customer_agreement",
        "namespaces": {"usage_point_id": "points", "customer_id": "customers"},
        "columns": {"customer_id": {"column": "meter"}, "customer_class": {"constant": "household"}},
    },
}


@pytest.fixture
def ours(settings: Settings, tmp_path: Path) -> Settings:
    declared = {
        name: {"format": "entity", **words, "columns": POINT | SINCE | words["columns"]}
        for name, words in ENTITIES.items()
    }
    return write_sources(settings, tmp_path / "conf", **declared)


def deliver(lake: Lake, settings: Settings, drop: Path, meters: list[str]) -> None:
    for name in ENTITIES:
        write(drop / name / "all.csv", ["meter", *meters])
    reports = ingest_drop_folder(lake, settings, drop, echo=lambda line: None)
    assert [failure for report in reports for failure in report.failures] == []


def test_reads_of_an_unknown_meter_are_accepted_once_it_is_known(lake: Lake, ours: Settings, tmp_path: Path) -> None:
    def built() -> Build:
        return build(lake, ours, Span(DAY, date(2016, 1, 6)), ["silver.received_block"], echo=lambda line: None)

    def counts(of: Build) -> tuple[str, int, int, int]:
        run = of.runs["silver.received_block"]
        return run.status, run.counts.taken_in, run.counts.accepted, run.counts.rejected

    rejected = table_named("silver.received_block_rejected")
    write(tmp_path / "first" / "head_end_wide" / "day.csv", wide_lines([*KNOWN, LATE], [DAY]))
    deliver(lake, ours, tmp_path / "first", KNOWN)
    assert counts(built()) == ("ok", 61 * READS, 60 * READS, READS)
    assert [(row["rule_id"], row["weight"]) for row in read_table(lake, rejected).collect()] == [
        ("unknown_meter", READS)
    ]

    deliver(lake, ours, tmp_path / "second", [LATE])
    assert counts(built()) == ("ok", 61 * READS, 61 * READS, 0)
    assert read_table(lake, rejected).isEmpty()
    blocks = read_table(lake, table_named("silver.received_block")).collect()
    assert len(blocks) == 61
    assert {sum(row["reading"]) for row in blocks} == {READS * 250}
