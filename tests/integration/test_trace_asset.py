"""A unit, traced on the sample: what the tables say of it, and the line of each row behind that."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from jobs.errors import GridlakeError
from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.lake.arrow import LakeReader
from jobs.lake.scan import read_table
from jobs.registry import table_named
from jobs.trace.asset import trace_asset
from jobs.trace.lookup import Lookup, opened
from jobs.trace.show import as_json
from jobs.trace.structure import AssetTrace, Row
from jobs.trace.text import text_lines
from tests.integration.conftest import Chain


@pytest.fixture(scope="module")
def lookup(chain: Chain) -> Lookup:
    return opened(LakeReader(chain.lake.root, lambda: chain.lake), None)


@pytest.fixture(scope="module")
def costed(chain: Chain) -> dict[str, Any]:
    row = read_table(chain.lake, ASSET_LIFE_CYCLE_COST).orderBy("asset_id").first()
    assert row is not None
    return row.asDict()


@pytest.fixture(scope="module")
def trace(chain: Chain, lookup: Lookup, costed: dict[str, Any]) -> AssetTrace:
    return trace_asset(lookup, chain.settings, costed["asset_id"])


def line_of(row: Row) -> list[str]:
    (place,) = row.delivered_in
    assert place.path is not None
    assert place.first_line is not None
    line = Path(place.path).read_text().splitlines()[place.first_line - 1]
    return next(csv.reader([line], delimiter=";" if ";" in line else ","))  # as the source of each declares


def test_costs_decision_and_reason_are_those_of_the_table(trace: AssetTrace, costed: dict[str, Any]) -> None:
    (row,) = trace.costs
    assert row.key | row.values == costed
    text = "\n".join(text_lines(trace))
    assert costed["reason"] in text
    assert f"failure_probability_source {costed['failure_probability_source']}" in text


def test_the_unit_and_where_it_stood_name_the_line_that_delivered_them(
    chain: Chain, trace: AssetTrace, costed: dict[str, Any]
) -> None:
    assert costed["asset_id"] in line_of(trace.unit)
    stood = trace.stood[-1]
    assert stood.values["transformer_id"] == costed["transformer_id"]
    assert {costed["asset_id"], costed["transformer_id"]} <= set(line_of(stood))
    assert {row.values["transformer_id"] for row in trace.positions} == {costed["transformer_id"]}


def test_load_is_that_of_its_position_by_year_and_month(
    chain: Chain, trace: AssetTrace, costed: dict[str, Any]
) -> None:
    metrics = read_table(chain.lake, table_named("gold.transformer_load_metrics"))
    stands = metrics.where(f"transformer_id = '{costed['transformer_id']}'").collect()
    of_load = [row for row in trace.load if row.table == "gold.transformer_load_metrics"]
    assert {(row.key["period_kind"], row.values["peak_kw"]) for row in of_load} == {
        (row["period_kind"], row["peak_kw"]) for row in stands
    }
    balance = read_table(chain.lake, table_named("gold.transformer_energy_balance"))
    months = balance.where(f"transformer_id = '{costed['transformer_id']}' and period_kind = 'month'").collect()
    assert [row.values["unexplained_wh"] for row in trace.load if row not in of_load] == [
        row["unexplained_wh"] for row in months
    ]
    points = read_table(chain.lake, table_named("silver.connectivity"))
    hung = points.where(f"transformer_id = '{costed['transformer_id']}' and valid_to_utc is null").collect()
    assert {one.id for one in trace.usage_points} == {row["usage_point_id"] for row in hung}


def test_events_are_those_recorded_in_order_with_their_lines(chain: Chain, lookup: Lookup) -> None:
    events = read_table(chain.lake, table_named("silver.asset_event")).collect()
    failed = next(row["asset_id"] for row in sorted(events) if row["kind"] == "failure")
    trace = trace_asset(lookup, chain.settings, failed)
    own = [row for row in trace.events if row.table == "silver.asset_event"]
    assert {row.values["event_id"] for row in own} == {row["event_id"] for row in events if row["asset_id"] == failed}
    times = [row.values["occurred_at_utc"] for row in own]
    assert times == sorted(times)
    for row in own:
        assert row.values["event_id"].split(":")[1] in line_of(row)
    if trace.stood[-1].values["valid_to_utc"] is not None:
        assert (trace.costs, trace.usage_points) == ([], [])
        assert any("it left service at" in one for one in trace.remarks)


def test_unit_costs_and_prices_name_their_files(trace: AssetTrace) -> None:
    kinds = {row.values["cost_kind"] for row in trace.prices}
    assert {"investment", "maintenance_per_year", "failure", "disposal"} <= kinds
    for row in trace.prices:
        assert f"{row.values['amount']:f}".rstrip("0").rstrip(".") in line_of(row)
    assert {place.source for place in trace.files["silver.price_interval"]} == {"energy_prices"}


def test_versions_and_runs_are_those_of_the_build(chain: Chain, trace: AssetTrace) -> None:
    made = {one.table: one for one in trace.made_by}
    run = chain.built.runs[ASSET_LIFE_CYCLE_COST.name]
    assert (made[run.table.name].run_id, made[run.table.name].version) == (chain.built.run_id, run.version)
    assert trace.release is not None
    assert trace.release.release_id == chain.built.run_id
    assert json.loads(as_json(trace))["traced"] == "asset"


def test_ids_that_are_no_units_say_what_they_are(chain: Chain, lookup: Lookup, costed: dict[str, Any]) -> None:
    def told(written: str) -> str:
        with pytest.raises(GridlakeError) as fault:
            trace_asset(lookup, chain.settings, written)
        return str(fault.value)

    assert "is a position; units that stood there" in told(costed["transformer_id"])
    assert costed["asset_id"] in told(costed["transformer_id"])
    point = read_table(chain.lake, table_named("silver.usage_point")).first()
    assert point is not None
    assert "is the id of a usage point: a usage point is traced for one day" in told(point["usage_point_id"])
    assert costed["asset_id"] in told(costed["asset_id"] + "x")


@pytest.mark.parametrize(
    ("table", "when"), [("silver.outage", "valid_from_utc"), ("silver.complaint", "received_at_utc")]
)
def test_what_is_recorded_of_a_position_is_told_of_the_unit_that_stood_there_then(
    chain: Chain, lookup: Lookup, table: str, when: str
) -> None:
    recorded = read_table(chain.lake, table_named(table)).where("transformer_id is not null").orderBy(when).collect()
    stays = read_table(chain.lake, table_named("silver.asset_deployment")).where("valid_to_utc is not null").collect()
    then, unit = next(
        (row, stay["asset_id"])
        for row in recorded
        for stay in stays
        if stay["transformer_id"] == row["transformer_id"]
        and stay["valid_from_utc"] <= row[when] < stay["valid_to_utc"]
    )
    (key,) = table_named(table).key
    trace = trace_asset(lookup, chain.settings, unit)
    told = {row.values[key] for row in trace.events if row.table == table}
    assert then[key] in told
    later = {
        row[key]
        for row in recorded
        for stay in stays
        if stay["asset_id"] == unit
        and stay["transformer_id"] == row["transformer_id"]
        and row[when] >= stay["valid_to_utc"]
    }
    assert not told & later
