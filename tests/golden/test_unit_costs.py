"""Losses and their cost by unit, against the cases worked by hand; each case's README says how."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.spark.life_cycle_cost_inputs import Case, judged, placed, prices, profile, unit


def read(case: str, name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / case / name).open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("case", ["cost_unit_replaced_after_failure", "cost_transformer_bank"])
def test_losses_and_their_cost(spark: SparkSession, case: str) -> None:
    given = Case(
        units=[
            unit(
                one["asset_id"],
                float(one["rating_kva"]),
                no_load_loss_w=float(one["no_load_loss_w"]),
                load_loss_w=float(one["load_loss_w"]),
                manufactured_year=int(one["manufactured_year"]),
            )
            for one in read(case, "when/units.csv")
        ],
        deployments=[
            placed(
                one["asset_id"],
                one["transformer_id"],
                date.fromisoformat(one["first"]),
                date.fromisoformat(one["end"]) if one["end"] else None,
            )
            for one in read(case, "when/deployments.csv")
        ],
        profiles=[
            profile(
                one["transformer_id"],
                float(one["first_kva"]),
                float(one["second_kva"]),
                day=date.fromisoformat(one["grid_date"]),
                **{name: [int(one[name])] * 24 for name in ("received_wh", "estimated_wh") if name in one},
            )
            for one in read(case, "when/profile.csv")
        ],
    )
    price_intervals = [
        price
        for one in read(case, "when/prices.csv")
        for price in prices(float(one["first"]), float(one["second"]), date.fromisoformat(one["grid_date"]))
    ]
    found = judged(spark, price_intervals, case=given)["case"]
    wanted = {one.pop("asset_id"): one for one in read(case, "then/assets.csv")}
    assert set(found) == set(wanted)
    for name, figures in wanted.items():
        for column, figure in figures.items():
            assert found[name][column] == pytest.approx(float(figure), rel=1e-12), (name, column)
