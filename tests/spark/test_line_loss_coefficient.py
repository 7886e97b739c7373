"""From a delivered model to the branches of each place, and to what their lines lose by the load, worked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.bronze.network_branch import NETWORK_BRANCH as DELIVERED_BRANCH
from jobs.bronze.network_connection import NETWORK_CONNECTION
from jobs.bronze.network_node import NETWORK_NODE
from jobs.gold.line_loss_coefficient import LINE_LOSS_COEFFICIENT, line_loss_coefficients
from jobs.gold.usage_point_day import USAGE_POINT_DAY
from jobs.lake.write import conform
from jobs.silver.connectivity import CONNECTIVITY
from jobs.silver.network_branch import NETWORK_BRANCH, network_branches
from jobs.silver.network_models import ALWAYS
from tests.builders import frame

MARCH, APRIL = (datetime(2016, month, 1, tzinfo=UTC) for month in (3, 4))

# supply - BUS -(L1, 0.5 ohm)- A -(T1)- a -(K1, 0.1 ohm)- b -(switch)- c: HOME; at a: SHOP
#              -(L2, unknown)- B -(T2)- d: FARM
NODES = {"BUS": 20.0, "A": 20.0, "B": 20.0, "a": 0.4, "b": 0.4, "c": 0.4, "d": 0.4}
BRANCHES: dict[str, tuple[str, str, str, float | None]] = {
    "L1": ("line", "BUS", "A", 0.5),
    "L2": ("line", "BUS", "B", None),
    "T1": ("transformer", "A", "a", None),
    "T2": ("transformer", "B", "d", None),
    "K1": ("line", "a", "b", 0.1),
    "S1": ("switch", "b", "c", None),
}


def branches(spark: SparkSession, *models: tuple[datetime, float]) -> DataFrame:
    """Branches that stand, of models by their instant and the resistance of K1."""
    node, branch, connection = [], [], []
    for valid, ohm in models:
        of: dict[str, Any] = {"file_id": f"{valid:%m}", "source": "gis", "network": "N", "valid_from_utc": valid}
        of |= {"known_from_utc": valid}
        node += [{**of, "node_id": name, "nominal_kv": kv, "substation_id": None} for name, kv in NODES.items()]
        branch += [
            {**of, "branch_id": name, "kind": kind, "node_a": a, "node_b": b, "closed": True}
            | {"resistance_ohm": ohm if name == "K1" else own}
            for name, (kind, a, b, own) in BRANCHES.items()
        ]
        connection.append({**of, "connection_id": "GRID", "kind": "supply", "node_id": "BUS"})
    rows = network_branches(
        frame(spark, NETWORK_NODE, *node),
        frame(spark, DELIVERED_BRANCH, *branch),
        frame(spark, NETWORK_CONNECTION, *connection),
    )
    return rows.where("_outcome = 'accepted'").select(*NETWORK_BRANCH.column_names)


def test_every_branch_has_the_place_it_lies_in(spark: SparkSession) -> None:
    rows = {row["branch_id"]: row for row in branches(spark, (MARCH, 0.1)).collect()}
    names = ("supply_level", "transformer_id", "feeder_id", "source_node_id", "nominal_kv", "resistance_ohm")
    assert {name: tuple(row[one] for one in names) for name, row in rows.items()} == {
        "N:L1": ("mv", None, "N:BUS/L1", "BUS", 20.0, 0.5),
        "N:L2": ("mv", None, "N:BUS/L2", "BUS", 20.0, None),
        "N:T1": ("mv", "N:T1", "N:BUS/L1", "BUS", 0.4, None),
        "N:T2": ("mv", "N:T2", "N:BUS/L2", "BUS", 0.4, None),
        "N:K1": ("lv", "N:T1", "N:BUS/L1", "a", 0.4, 0.1),
        "N:S1": ("lv", "N:T1", "N:BUS/L1", "a", 0.4, None),
    }


def test_a_later_model_ends_the_one_before_and_the_first_stands_for_the_time_before_it(spark: SparkSession) -> None:
    rows = branches(spark, (MARCH, 0.1), (APRIL, 0.3)).where("branch_id = 'N:K1'").orderBy("valid_from_utc").collect()
    found = [(row["valid_from_utc"], row["valid_to_utc"], row["resistance_ohm"]) for row in rows]
    always, april = (one.replace(tzinfo=None) for one in (ALWAYS, APRIL))
    assert found == [(always, april, 0.1), (april, None, 0.3)]


def days(spark: SparkSession, *rows: tuple[str, date, int, str, str, str]) -> DataFrame:
    return frame(
        spark,
        USAGE_POINT_DAY,
        *(
            {"usage_point_id": point, "grid_date": day, "energy": wh, "transformer_id": transformer}
            | {"feeder_id": feeder, "customer_class": kind, "channel": "delivered", "unit": "Wh"}
            for point, day, wh, transformer, feeder, kind in rows
        ),
    )


def test_coefficients_by_hand_and_why_there_is_none(spark: SparkSession) -> None:
    """March: HOME took 600 of the 1 000 Wh whose node is known, 200 more are PLOT's, of which no model knows.

    Behind T1: 0.1 ohm x 0.6² / 400² = 2.25e-7 1/W. Of the feeder all flows through L1: 0.5 / 20 000² = 1.25e-9.
    In April K1 has 0.3 ohm, and HOME takes all: 0.3 / 400² = 1.875e-6.
    """
    t1, t2 = ("N:T1", "N:BUS/L1"), ("N:T2", "N:BUS/L2")
    energy = days(
        spark,
        ("HOME", date(2016, 3, 5), 350, *t1, "household"),
        ("HOME", date(2016, 3, 6), 250, *t1, "household"),
        ("SHOP", date(2016, 3, 5), 400, *t1, "business"),
        ("PLOT", date(2016, 3, 5), 200, *t1, "household"),
        ("TOTAL", date(2016, 3, 5), 1230, *t1, "grid"),
        ("FARM", date(2016, 3, 5), 70, *t2, "farm"),
        ("HOME", date(2016, 4, 5), 10, *t1, "household"),
    )
    links = frame(
        spark,
        CONNECTIVITY,
        *(
            {"usage_point_id": point, "node_id": node, "transformer_id": place[0], "feeder_id": place[1]}
            for point, node, place in (("HOME", "c", t1), ("SHOP", "a", t1), ("PLOT", None, t1), ("FARM", "d", t2))
        ),
    )
    models = branches(spark, (MARCH, 0.1), (datetime(2016, 4, 2, tzinfo=UTC), 0.3))
    found = conform(
        LINE_LOSS_COEFFICIENT, line_loss_coefficients(models, links, energy, utc_offset=timedelta(hours=1))
    ).collect()
    rows = {(row["place_id"], row["month_start"].month): row for row in found}
    assert {key: (row["level"], row["basis"], row["lines"]) for key, row in rows.items()} == {
        ("N:T1", 3): ("lv", "computed", 1),
        ("N:T2", 3): ("lv", "no_lines", 0),
        ("N:BUS/L1", 3): ("mv", "computed", 1),
        ("N:BUS/L2", 3): ("mv", "no_resistance", 0),
        ("N:T1", 4): ("lv", "computed", 1),
        ("N:BUS/L1", 4): ("mv", "computed", 1),
    }
    assert rows["N:T1", 3]["loss_w_per_va2"] == pytest.approx(2.25e-7, rel=1e-12)
    of_load = ("loss_w_per_va2", "delivered_loss_w_per_va2")
    assert [rows["N:T1", 3][name] for name in of_load] == pytest.approx([2.25e-7, 2.25e-7], rel=1e-12)
    assert (rows["N:T1", 3]["received_loss_w_per_va2"], rows["N:T1", 3]["mutual_loss_w_per_va2"]) == (0.0, 0.0)
    assert rows["N:T1", 3]["located_share"] == pytest.approx(1000 / 1200)
    assert rows["N:BUS/L1", 3]["loss_w_per_va2"] == pytest.approx(1.25e-9, rel=1e-12)
    assert rows["N:T1", 4]["loss_w_per_va2"] == pytest.approx(1.875e-6, rel=1e-12)
    assert rows["N:BUS/L2", 3]["loss_w_per_va2"] is None
    assert rows["N:T2", 3]["loss_w_per_va2"] is None
