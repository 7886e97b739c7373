"""Who hangs on what, and when: traced models, delivered links, and what neither can place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.bronze.entity import ENTITIES
from jobs.bronze.network_branch import NETWORK_BRANCH
from jobs.bronze.network_connection import NETWORK_CONNECTION
from jobs.bronze.network_node import NETWORK_NODE
from jobs.settings import Settings
from jobs.silver.connectivity import CONNECTIVITY, JOB, connectivities
from jobs.silver.day_changes import changes_within_day
from jobs.silver.network_models import ALWAYS
from jobs.silver.power_transformer import POWER_TRANSFORMER
from jobs.silver.usage_point import USAGE_POINT
from jobs.span import Span
from tests.builders import frame

JANUARY, MARCH, APRIL, NOVEMBER = (datetime(2016, month, 1, tzinfo=UTC) for month in (1, 3, 4, 11))
MID_MARCH = datetime(2016, 3, 16, 23, tzinfo=UTC)
POINTS = ("HOME", "SHOP", "PLANT", "WIND")

# supply - BUS -(line L1)- A -(transformer T1)- a: HOME     A: PLANT, at medium voltage
#              -(line L2)- B -(transformer T2)- b: SHOP     BUS: WIND, on the busbar
NODES = {"BUS": 20.0, "A": 20.0, "B": 20.0, "a": 0.4, "b": 0.4}
BRANCHES = {
    "L1": ("line", "BUS", "A"),
    "L2": ("line", "BUS", "B"),
    "T1": ("transformer", "A", "a"),
    "T2": ("transformer", "B", "b"),
}
PLACES = {"GRID": "BUS", "HOME": "a", "SHOP": "b", "PLANT": "A", "WIND": "BUS"}


def model(
    valid: datetime,
    *,
    name: str = "model",
    network: str | None = None,
    places: dict[str, str] = PLACES,
    more: dict[str, tuple[str, str, str]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Rows of one delivered model: nodes, branches and connections."""
    of = {"file_id": f"{name} {valid:%m}", "source": "gis", "valid_from_utc": valid, "known_from_utc": NOVEMBER}
    of |= {"network": network}
    return {
        "node": [{**of, "node_id": name, "nominal_kv": kv, "substation_id": None} for name, kv in NODES.items()],
        "branch": [
            {**of, "branch_id": name, "kind": kind, "node_a": a, "node_b": b, "closed": True}
            for name, (kind, a, b) in {**BRANCHES, **(more or {})}.items()
        ],
        "connection": [
            {**of, "connection_id": name, "kind": "supply" if name == "GRID" else "load", "node_id": node}
            for name, node in places.items()
        ],
    }


def link(point: str, start: datetime, transformer: str | None, **values: Any) -> dict[str, Any]:
    return {"usage_point_id": point, "valid_from_utc": start, "transformer_id": transformer, "source": "link file",
            "known_from_utc": start, "file_id": "links", "version": 1, **values}  # fmt: skip


def judged(
    spark: SparkSession, *models: dict[str, list[dict[str, Any]]], links: tuple[dict[str, Any], ...] = ()
) -> list[dict[str, Any]]:
    return [row.asDict() for row in placed(spark, *models, links=links).collect()]


def placed(
    spark: SparkSession, *models: dict[str, list[dict[str, Any]]], links: tuple[dict[str, Any], ...] = ()
) -> DataFrame:
    def rows(element: str) -> list[dict[str, Any]]:
        return [row for one in models for row in one[element]]

    positions = [
        {"transformer_id": f"P{n}", "feeder_id": f"F{n}", "substation_id": "S", "valid_from_utc": JANUARY}
        for n in (1, 2)
    ]
    return connectivities(
        frame(spark, NETWORK_NODE, *rows("node")),
        frame(spark, NETWORK_BRANCH, *rows("branch")),
        frame(spark, NETWORK_CONNECTION, *rows("connection")),
        frame(spark, ENTITIES["connectivity"], *({**one, "first_line": n} for n, one in enumerate(links, 1))),
        frame(spark, POWER_TRANSFORMER, *positions),
        frame(spark, USAGE_POINT, *({"usage_point_id": name, "valid_from_utc": JANUARY} for name in POINTS)),
    )


def standing(rows: list[dict[str, Any]], point: str) -> list[tuple[Any, ...]]:
    """(from, to, transformer, feeder) of a usage point, in time."""
    return sorted(
        (row["valid_from_utc"], row["valid_to_utc"], row["transformer_id"], row["feeder_id"])
        for row in rows
        if row["_outcome"] == "accepted" and row["usage_point_id"] == point
    )


def utc(*instants: datetime) -> tuple[datetime, ...]:
    """As Spark hands them out: UTC without saying so."""
    return tuple(one.replace(tzinfo=None) for one in instants)


ALWAYS_, JANUARY_, MID_MARCH_, APRIL_ = utc(ALWAYS, JANUARY, MID_MARCH, APRIL)


def test_a_model_is_traced_to_transformer_feeder_and_substation(spark: SparkSession) -> None:
    rows = judged(spark, model(MARCH))
    assert standing(rows, "HOME") == [(ALWAYS_, None, "T1", "BUS/L1")]
    assert standing(rows, "SHOP") == [(ALWAYS_, None, "T2", "BUS/L2")]
    assert {row["substation_id"] for row in rows} == {"BUS"}
    assert len(rows) == 4  # the supply is nobody's usage point


def test_at_medium_voltage_there_is_no_transformer_and_on_the_busbar_no_feeder(spark: SparkSession) -> None:
    rows = judged(spark, model(MARCH))
    assert standing(rows, "PLANT") == [(ALWAYS_, None, None, "BUS/L1")]
    assert standing(rows, "WIND") == [(ALWAYS_, None, None, None)]
    assert {row["usage_point_id"]: row["supply_level"] for row in rows} == {
        "HOME": "lv", "SHOP": "lv", "PLANT": "mv", "WIND": "mv",
    }  # fmt: skip


def test_what_is_connected_behind_a_meter_is_no_usage_point(spark: SparkSession) -> None:
    rows = judged(spark, model(MARCH, places={**PLACES, "HEAT PUMP OF HOME": "a"}))
    assert {row["usage_point_id"] for row in rows} == set(POINTS)


def test_a_dated_link_overrides_the_model_from_its_date_with_the_positions_feeder(spark: SparkSession) -> None:
    rows = judged(spark, model(JANUARY), links=(link("HOME", MID_MARCH, "P2"),))
    assert standing(rows, "HOME") == [
        (ALWAYS_, MID_MARCH_, "T1", "BUS/L1"),
        (MID_MARCH_, None, "P2", "F2"),
    ]
    assert standing(rows, "SHOP") == [(ALWAYS_, None, "T2", "BUS/L2")]


def test_a_usage_point_moved_within_a_month_hangs_on_either_transformer_in_its_time(spark: SparkSession) -> None:
    rows = judged(spark, links=(link("HOME", JANUARY, "P1"), link("HOME", MID_MARCH, "P2")))
    assert standing(rows, "HOME") == [(JANUARY_, MID_MARCH_, "P1", "F1"), (MID_MARCH_, None, "P2", "F2")]


def test_a_second_model_of_the_same_network_closes_the_first(spark: SparkSession) -> None:
    moved = {**PLACES, "HOME": "b"}
    del moved["SHOP"]
    rows = judged(spark, model(JANUARY), model(APRIL, places=moved))
    assert standing(rows, "HOME") == [(ALWAYS_, APRIL_, "T1", "BUS/L1"), (APRIL_, None, "T2", "BUS/L2")]
    assert standing(rows, "SHOP") == [(ALWAYS_, APRIL_, "T2", "BUS/L2")]  # left out: connected no more


def test_two_models_of_one_instant_that_disagree_are_a_conflict_where_they_do(spark: SparkSession) -> None:
    rows = judged(spark, model(MARCH), model(MARCH, name="other", places={**PLACES, "HOME": "b"}))
    assert standing(rows, "HOME") == []
    assert {row["_rule"] for row in rows if row["usage_point_id"] == "HOME"} == {"conflict"}
    assert standing(rows, "SHOP") == [(ALWAYS_, None, "T2", "BUS/L2")]


def test_networks_whose_elements_have_the_same_names_stand_side_by_side(spark: SparkSession) -> None:
    rows = judged(
        spark,
        model(JANUARY, name="north", network="north", places={"GRID": "BUS", "HOME": "a"}),
        model(MARCH, name="south", network="south", places={"GRID": "BUS", "SHOP": "a", "WIND": "BUS"}),
    )
    assert standing(rows, "HOME") == [(ALWAYS_, None, "north:T1", "north:BUS/L1")]
    assert standing(rows, "SHOP") == [(ALWAYS_, None, "south:T1", "south:BUS/L1")]
    assert standing(rows, "WIND") == [(ALWAYS_, None, None, None)]
    assert {row["usage_point_id"]: row["substation_id"] for row in rows} == {
        "HOME": "north:BUS", "SHOP": "south:BUS", "WIND": "south:BUS",
    }  # fmt: skip


def test_what_two_networks_of_one_source_both_name_is_refused(spark: SparkSession) -> None:
    both = [model(month, name=name, network=name) for month, name in ((JANUARY, "north"), (MARCH, "south"))]
    rows = judged(spark, *both, model(APRIL, name="south", network="south", places={"GRID": "BUS", "HOME": "a"}))
    refused = {
        name: sorted(
            row["_file_id"] for row in rows if row["_rule"] == "two_networks" and row["usage_point_id"] == name
        )
        for name in POINTS
    }
    # The home is still in both. The shop is the north's all along, and was in one model of the south's.
    assert refused == {"HOME": ["north 01", "south 03", "south 04"]} | {name: ["south 03"] for name in POINTS[1:]}
    assert standing(rows, "HOME") == []
    assert standing(rows, "SHOP") == [(ALWAYS_, None, "north:T2", "north:BUS/L2")]


def test_a_usage_point_that_is_switched_to_another_network_hangs_on_either_in_its_time(spark: SparkSession) -> None:
    left = {"GRID": "BUS", "SHOP": "b"}
    rows = judged(
        spark,
        model(JANUARY, name="north", network="north", places={"GRID": "BUS", "HOME": "a"} | left),
        model(MARCH, name="south", network="south", places={"GRID": "BUS", "HOME": "b"}),
        model(APRIL, name="north", network="north", places=left),  # delivered after what the south had taken over
    )
    moved = utc(MARCH)[0]
    assert standing(rows, "HOME") == [
        (ALWAYS_, moved, "north:T1", "north:BUS/L1"),
        (moved, None, "south:T2", "south:BUS/L2"),
    ]


@pytest.mark.parametrize(("network", "of"), [("north", "north:"), (None, "")])
def test_the_next_model_of_a_network_replaces_it_even_where_nothing_is_connected_as_before(
    spark: SparkSession, network: str | None, of: str
) -> None:
    """Both hang on one transformer, but never at one time: without a name a source has one network."""
    rows = judged(
        spark,
        model(JANUARY, network=network, places={"GRID": "BUS", "HOME": "a"}),
        model(APRIL, network=network, places={"GRID": "BUS", "SHOP": "a"}),
    )
    assert standing(rows, "HOME") == [(ALWAYS_, APRIL_, f"{of}T1", f"{of}BUS/L1")]
    assert standing(rows, "SHOP") == [(ALWAYS_, None, f"{of}T1", f"{of}BUS/L1")]


def test_what_cannot_be_placed_is_refused_once_with_its_reason_and_never_guessed(spark: SparkSession) -> None:
    rows = judged(spark, model(MARCH, more={"TIE": ("line", "a", "b")}))  # closed: both transformers feed HOME and SHOP
    refused = [row for row in rows if row["_outcome"] == "rejected"]
    assert sorted(row["usage_point_id"] for row in refused) == ["HOME", "SHOP"]
    for row in refused:
        assert (row["_rule"], row["_rejected"], row["_accepted"]) == ("two_transformers", 1, 0)
        assert row["_reason"].startswith("N05: ")
        assert "'T1', 'T2'" in row["_reason"]
    assert standing(rows, "HOME") == []


def test_a_link_to_a_position_nobody_knows_is_refused(spark: SparkSession) -> None:
    (row,) = judged(spark, links=(link("HOME", JANUARY, "P9"),))
    assert (row["_outcome"], row["_rule"], row["_reason"]) == (
        "rejected",
        "missing_value",
        "E01: a value that must be there is missing: substation_id",
    )


def test_a_change_within_a_grid_day_is_told_and_one_at_its_start_is_not(
    spark: SparkSession, settings: Settings
) -> None:
    within = MID_MARCH + timedelta(hours=10)  # the grid day begins at 23:00 UTC
    rows = placed(
        spark,
        model(JANUARY),
        links=(link("HOME", within, "P2"), link("SHOP", MID_MARCH, "P1"), link("PLANT", within, "P9")),
    ).where("_outcome = 'accepted'")
    march, april = (Span(date(2016, month, 1), date(2016, month + 1, 1)) for month in (3, 4))
    (told,) = JOB.told(rows, settings, march)
    assert str(told) == "D01 change_within_day of 1 (['HOME, 2016-03-17 09:00:00'])"  # nobody knows P9: it is refused
    assert JOB.told(rows, settings, april) == []


def test_a_change_is_to_another_place_to_none_or_from_none(spark: SparkSession) -> None:
    ten, noon = (datetime(2016, 3, 16, hour, tzinfo=UTC) for hour in (10, 12))
    summer_midnight = datetime(2016, 6, 15, 22, tzinfo=UTC)  # by the clock on the wall; 23:00 of the grid day

    def placed_at(point: str, *links: tuple[datetime, datetime | None, str]) -> list[dict[str, Any]]:
        return [
            {"usage_point_id": point, "valid_from_utc": start, "valid_to_utc": end, "transformer_id": transformer}
            for start, end, transformer in links
        ]

    rows = frame(
        spark, CONNECTIVITY,
        *placed_at("CAME", (noon, None, "T1")),
        *placed_at("LEFT", (JANUARY, ten, "T1")),
        *placed_at("AWAY", (JANUARY, ten, "T1"), (noon, None, "T1")),
        *placed_at("SAME", (JANUARY, ten, "T1"), (ten, None, "T1")),
        *placed_at("BACK", (JANUARY, ten, "T1"), (ten, noon, "T2"), (noon, None, "T1")),
        *placed_at("MIDNIGHT", (JANUARY, MID_MARCH, "T1"), (MID_MARCH, None, "T2")),
        *placed_at("SUMMER", (JANUARY, summer_midnight, "T1"), (summer_midnight, None, "T2")),
    )  # fmt: skip

    def found(first: date, end: date) -> list[tuple[str, datetime]]:
        changes = changes_within_day(rows, span=Span(first, end), offset_seconds=3600).collect()
        return sorted((row["usage_point_id"], row["changed_at_utc"]) for row in changes)

    ten_, noon_, summer_ = utc(ten, noon, summer_midnight)
    that_day = [("AWAY", ten_), ("AWAY", noon_), ("BACK", ten_), ("BACK", noon_), ("CAME", noon_), ("LEFT", ten_)]
    assert found(date(2016, 3, 16), date(2016, 3, 17)) == that_day
    assert found(date(2016, 3, 17), date(2016, 6, 15)) == []
    assert found(date(2016, 6, 15), date(2016, 6, 16)) == [("SUMMER", summer_)]
