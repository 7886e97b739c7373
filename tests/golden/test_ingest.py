"""Delivered files against the cases worked by hand: what becomes of each record, and which are rejected by which rule.

``then/block.csv`` has a row for each run: energy in Wh or varh, ``-`` where no reading came.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobs.bronze.rejected import RULES
from jobs.sources.declaration import read_source
from jobs.sources.delivery import Identities, Rejects
from jobs.sources.entity import read_entity_file
from tests.unit.delivered import KEY, Read, delivery, read

FOLDER = Path(__file__).parent
CASES = sorted(path.name for path in FOLDER.glob("ingest_*") if (path / "then" / "block.csv").is_file())


def then(case: str, name: str) -> list[dict[str, str]]:
    with (FOLDER / case / "then" / name).open(newline="") as lines:
        return list(csv.DictReader(lines))


def blocks_of(got: Read, meters: set[str]) -> list[dict[str, str]]:
    """Rows as ``then/block.csv`` writes them; ids are turned back by hashing the meters it names."""
    meter_of = {KEY.hashed("he", meter): meter for meter in meters}

    def row(block: dict[str, Any]) -> dict[str, str]:
        energy = [value * block["unit_factor"] for value in block["value"]]
        return {
            "meter": meter_of[block["meter_id"]],
            "register": block["register"],
            "channel": block["channel"],
            "start_utc": f"{block['start_utc']:%Y-%m-%dT%H:%M}",
            "interval_minutes": str(block["interval_minutes"]),
            "energy": " ".join("-" if value != value else f"{value:g}" for value in energy),
            "estimated": " ".join(str(int(flag)) for flag in block["source_estimated"]),
        }

    return sorted(
        (row(block) for block in got.blocks.to_pylist()),
        key=lambda row: (row["meter"], row["register"], row["start_utc"]),
    )


def rejects_of(rejected: list[dict[str, Any]]) -> list[dict[str, str]]:
    rows = sorted(rejected, key=lambda one: one["line"])
    return [{"rule_id": one["rule_id"], "line": str(one["line"]), "reads": str(one["reads"])} for one in rows]


@pytest.mark.parametrize("case", CASES)
def test_interval_files(case: str) -> None:
    got = read(read_source(FOLDER / case / "when" / "source.yaml"), FOLDER / case / "when" / "file.csv")
    expected = then(case, "block.csv")
    assert blocks_of(got, {row["meter"] for row in expected}) == expected
    assert rejects_of(got.rejected) == then(case, "rejected.csv")
    assert got.delivered == got.stored + sum(int(row["reads"]) for row in then(case, "rejected.csv"))


def test_a_corrected_declaration() -> None:
    case = FOLDER / "ingest_corrected_declaration"
    got = read(read_source(case / "when" / "corrected.yaml"), case / "when" / "file.csv")
    assert blocks_of(got, {"a"}) == then(case.name, "corrected_block.csv")


def test_entity_files() -> None:
    case = FOLDER / "ingest_entity_bad_records"
    rejects = Rejects()
    of = delivery(read_source(case / "when" / "source.yaml"), case / "when" / "file.csv")
    rows = read_entity_file(of, Identities(KEY), rejects).rows.to_pylist()
    expected = then(case.name, "row.csv")
    assert [{name: str(row[name]) for name in expected[0]} for row in rows] == expected
    assert rejects_of(rejects.table().to_pylist()) == then(case.name, "rejected.csv")


def test_every_rule_has_a_case_in_which_it_is_broken() -> None:
    cases = yaml.safe_load((FOLDER / "RULES.yml").read_text())
    for rule in RULES:
        assert cases.get(rule), f"{rule} has no case"
        for case in cases[rule]:
            assert rule in {row["rule_id"] for row in then(case, "rejected.csv")}, f"{case} does not break {rule}"
