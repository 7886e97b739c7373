"""Further columns of a register: numbers and texts by name, and decimal points that were lost and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jobs.sources.declaration import Source
from jobs.sources.delivery import Identities, Rejects
from jobs.sources.entity import read_entity_file
from tests.real.cauca_drop import LENGTH, SOURCES, published
from tests.unit.delivered import KEY, delivery

REGISTER: dict[str, Any] = {
    "name": "register",
    "describes": "Test.",
    "format": "entity",
    "target": "asset",
    "synthetic": True,
    "columns": {"asset_id": {"column": "unit"}, "asset_class": {"constant": "fleet"}},
    "attributes": {
        "network_km": {"column": "km", "minimum": 0, "whole_digits": 1},
        "users": {"column": "n"},
        "client": {"column": "who", "kind": "text"},
    },
}


def rows_of(source: dict[str, Any], path: Path) -> tuple[list[dict[str, Any]], dict[int, tuple[str, str]]]:
    rejects = Rejects()
    rows = read_entity_file(delivery(Source.model_validate(source), path), Identities(KEY), rejects).rows
    return rows.to_pylist(), {row["line"]: (row["rule_id"], row["reason"]) for row in rejects.table().to_pylist()}


def test_a_lost_decimal_point_is_put_back_and_marked(tmp_path: Path) -> None:
    """By hand: with one digit before the point, 110636 was 1.10636 and 24 was 2.4; what has a point stays."""
    path = tmp_path / "r.csv"
    path.write_text("unit,km,n,who\nA,110636,12,X\nB,1.13,3,\nC,0,,Y\nD,24,400,X\nE,x,1,X\nF,-0.5,1,X\n")
    rows, refused = rows_of(REGISTER, path)
    assert [(row["asset_id"], dict(row["measures"]), dict(row["traits"]), row["repaired"]) for row in rows] == [
        ("A", {"network_km": 1.10636, "users": 12.0}, {"client": "X"}, ["network_km"]),
        ("B", {"network_km": 1.13, "users": 3.0}, {}, []),
        ("C", {"network_km": 0.0}, {"client": "Y"}, []),
        ("D", {"network_km": 2.4, "users": 400.0}, {"client": "X"}, ["network_km"]),
    ]
    assert refused == {
        6: ("B22", "'network_km' is not double"), 7: ("B24", "'network_km' is outside 0.0 to None"),
    }  # fmt: skip


def test_the_register_of_cauca_has_its_decimal_points_again(real_data: Path, tmp_path: Path) -> None:
    """Expected by pandas from the file's texts: 5,395 have no point and more than one digit, the rest stays."""
    raw = published(real_data)
    raw.to_csv(tmp_path / "r.csv", index=False)
    rows, refused = rows_of(SOURCES[0], tmp_path / "r.csv")
    assert (len(rows), refused) == (15_873, {})
    text = raw[LENGTH]
    lost = ~text.str.contains(".", regex=False) & (text.str.len() > 1)
    assert [bool(row["repaired"]) for row in rows] == lost.tolist()
    assert lost.sum() == 5_395
    km = pd.Series([dict(row["measures"])["low_voltage_network_km"] for row in rows])
    assert km.max() == 7.17125
    assert (km[~lost] == text[~lost].astype(float)).all()
    near = km.between(0.9, 1.0, inclusive="left").sum(), km.between(1.1, 1.2, inclusive="left").sum()
    assert near[1] == pytest.approx(near[0], rel=0.15)  # the lengths go on where those with a point end


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"target": "feeder", "columns": {}}, "feeder takes no 'attributes': only asset does"),
        ({"attributes": {"a": {"column": "x", "kind": "text", "minimum": 0}}}, "are of numbers"),
        ({"attributes": {"a": {"constant": 1}}}, "an attribute needs 'column'"),
        ({"attributes": {"a": {"column": "x", "unit": "kW"}}}, "keeps the source's unit"),
    ],
)
def test_an_attribute_that_makes_no_sense_is_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Source.model_validate(REGISTER | change)
