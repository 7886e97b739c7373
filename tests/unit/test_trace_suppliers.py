"""What the trace of a unit says of the lists of suppliers that its batch, model or maker is on."""

from __future__ import annotations

from typing import Any, cast

from jobs.trace.asset import _suppliers
from jobs.trace.lookup import Lookup

OF_M = {"manufacturer": "M", "type_name": None, "batch": None, "listed_as": "none", "reason": None}
ROWS: list[dict[str, Any]] = [
    OF_M | {"group_level": "maker", "group_id": "M"},
    OF_M | {"group_level": "batch", "group_id": "M / M1", "batch": "M1", "listed_as": "blacklist", "reason": "bad"},
    OF_M | {"group_level": "batch", "group_id": "M / M2", "batch": "M2", "listed_as": "blacklist", "reason": "worse"},
    OF_M | {"group_level": "model", "group_id": "M / T", "type_name": "T", "listed_as": "watch_list", "reason": "loud"},
]


class Rows:
    """A lake that holds one table."""

    def rows(self, name: str, where: list[tuple[str, str, Any]]) -> list[dict[str, Any]]:
        assert name == "gold.supplier_scorecard"
        asked = {column: value for column, _, value in where}
        return [row for row in ROWS if row["manufacturer"] in asked["manufacturer"]]


def told(**unit: Any) -> list[str]:
    return _suppliers(cast(Lookup, Rows()), unit)


def test_a_unit_of_listed_groups_says_so_and_names_no_other_batch() -> None:
    assert told(manufacturer="M", type_name="T", batch="M1") == [
        "its batch M / M1 is on the blacklist of suppliers: bad",
        "its model M / T is on the watch list of suppliers: loud",
    ]


def test_other_units_and_those_of_no_known_maker_say_nothing() -> None:
    assert told(manufacturer="M", type_name="U", batch=None) == []
    assert told(manufacturer=None, type_name="T", batch="M1") == []
