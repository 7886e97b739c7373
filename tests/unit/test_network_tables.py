"""Network models as tables: a triangle of three nodes whose lines stand in two files of as many rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.errors import SourceError
from jobs.sources.declaration import Source
from jobs.sources.network_tables import read_network_tables
from tests.unit.delivered import delivery

FILES = {
    "bus.csv": "bus;kV;kind\nA;10;slack\nB;10;load\nC;10;load\n",
    "line.csv": "from;to;status\nA;B;1\nB;C;0\n",
    "more.csv": "feet;amount\n1000;2,5\n2000;3\n",
    "load.csv": "bus;MW\nC;0,2\nB;0,1\n",
}
MODEL: dict[str, Any] = {
    "name": "model",
    "describes": "Test.",
    "format": "tables",
    "target": "network",
    "network": "north",
    "synthetic": True,
    "text": {"delimiter": ";", "decimal": ","},
    "elements": [
        {"part": "node", "file": "bus.csv", "columns": {"node_id": {"column": "bus"}, "nominal_kv": {"column": "kV"}}},
        {
            "part": "branch",
            "file": "line.csv",
            "beside": [{"file": "more.csv"}],
            "columns": {
                "branch_id": {"text": "line {from}/{to}"},
                "kind": {"constant": "line"},
                "node_a": {"column": "from"},
                "node_b": {"column": "to"},
                "closed": {"column": "status"},
                "length_m": {"column": "feet", "unit": "ft"},
                "rating_kva": {"column": "amount", "unit": "MVA", "factor": 2},
            },
        },
        {
            "part": "connection",
            "file": "load.csv",
            "beside": [{"file": "bus.csv", "by": ["bus"]}],
            "columns": {
                "connection_id": {"column": "bus"},
                "kind": {"column": "kind", "codes": {"load": "load"}},
                "node_id": {"column": "bus"},
                "rated_kw": {"column": "MW", "unit": "MW"},
            },
        },
        {
            "part": "connection",
            "file": "bus.csv",
            "only": {"kind": ["slack", "reference"]},
            "columns": {
                "connection_id": {"text": "supply {bus}"},
                "kind": {"constant": "supply"},
                "node_id": {"column": "bus"},
            },
        },
    ],
}


def written(folder: Path, **files: str) -> Path:
    for name, text in (FILES | {f"{name}.csv": text for name, text in files.items()}).items():
        (folder / name).write_text(text)
    return folder


def rows(table: Any, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def test_elements_are_put_together_from_their_files(tmp_path: Path) -> None:
    network = read_network_tables(delivery(Source.model_validate(MODEL), written(tmp_path)))
    assert rows(network.node, "node_id", "nominal_kv", "x") == [("A", 10.0, None), ("B", 10.0, None), ("C", 10.0, None)]
    names = ("branch_id", "node_a", "node_b", "closed", "length_m", "rating_kva")
    assert rows(network.branch, *names) == [
        ("line A/B", "A", "B", True, pytest.approx(304.8), 5000.0),  # 2.5 of two MVA each
        ("line B/C", "B", "C", False, pytest.approx(609.6), 6000.0),
    ]
    assert rows(network.connection, "connection_id", "kind", "node_id", "rated_kw") == [
        ("C", "load", "C", 200.0),
        ("B", "load", "B", 100.0),
        ("supply A", "supply", "A", None),
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"bus": "bus;kV\nA;10\nB;10\nC;10\n"}, "load.csv, bus.csv: 1 column.s. missing: .'kind'"),
        ({"more": "feet;amount\n1000;2\n"}, "more.csv has 1 rows; needed are the 2 of line.csv"),
        ({"more": "from;feet;amount\nA;1;1\nA;1;1\n"}, "'from' of 1 rows is not that of the same row of line.csv; .*2"),
        ({"load": "bus;MW\nD;0,2\n"}, "load.csv and bus.csv: 1 rows of the first are not in the second; first .'D'"),
        ({"load": "bus;MW\nA;0,2\n"}, "kind of 1 of 1 rows cannot be read or is empty: .'slack'"),
        (
            {"line": "from;to;status\nA;B;open\nB;;1\n"},
            "branch_id of 1 of 2 rows .*; node_b of 1 of 2 .*closed of 1 of 2",
        ),
        ({"line": "from;to;status\nA;B;1\nA;B;1\n"}, "1 branch_id are repeated; first .'line A/B'"),
        (
            {"line": "from;to;status\nA;B;1\nA;B\n"},
            "line.csv: 1 records cannot be read; line 3: 2 fields, 3 are needed",
        ),
    ],
)
def test_a_model_that_does_not_hold_together_is_refused_as_a_whole(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        read_network_tables(delivery(Source.model_validate(MODEL), written(tmp_path, **files)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (written(tmp_path) / "more.csv").unlink()
    with pytest.raises(SourceError, match=r"more\.csv is missing"):
        read_network_tables(delivery(Source.model_validate(MODEL), tmp_path))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"kind": {"constant": "line"}}, "branch of line.csv needs branch_id; .*needs closed"),
        ({"colour": {"column": "c"}}, "network_branch has no column 'colour' to deliver"),
        ({"length_m": {"column": "c", "unit": "kW"}}, "length_m: unit 'kW' does not convert to 'm'"),
        ({"kind": {"column": "c", "codes": {"a": "rope"}}}, "codes map to .'rope'"),
        ({"type": {"text": "no column"}}, "text 'no column' names no column in braces"),
        ({"type": {"text": "{c}", "constant": "d"}}, "exactly one of 'column', 'text' and 'constant'"),
    ],
)
def test_faults_of_elements_are_told(columns: dict[str, Any], message: str) -> None:
    branch = {"part": "branch", "file": "line.csv", "columns": columns}
    with pytest.raises(ValueError, match=message):
        Source.model_validate(MODEL | {"elements": [MODEL["elements"][0], branch, MODEL["elements"][3]]})


def test_a_model_needs_all_three_parts() -> None:
    with pytest.raises(ValueError, match="elements needs branch, connection"):
        Source.model_validate(MODEL | {"elements": [MODEL["elements"][0]]})
