"""The register beyond the meters in the lake: nothing refused, no words outside protected, and events kept apart."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.integration.conftest import FLEET, SPAN, Chain
from tests.integration.lake_files import Row

EVENTS = ("asset_event", "inspection", "oil_test", "outage", "complaint", "lightning_density")


@pytest.fixture(scope="module")
def tables(chain: Chain) -> dict[str, pd.DataFrame]:
    return {name: pd.DataFrame(rows) for name, rows in chain.contents.items()}


def test_every_record_of_every_system_stands_in_silver(chain: Chain) -> None:
    delivered = {
        "asset_event": ("failures", "work_orders"), "inspection": ("inspections",), "oil_test": ("oil_tests",),
        "outage": ("outages",), "complaint": ("complaints",), "lightning_density": ("lightning_densities",),
        "asset": ("assets",), "asset_deployment": ("asset_deployments",), "power_transformer": ("power_transformers",),
    }  # fmt: skip
    for table, sources in delivered.items():
        records = sum(records_of(chain.drop / source) for source in sources)
        assert records > 0
        assert len(chain.contents[f"silver.{table}"]) == records, table
        assert chain.contents.get(f"bronze.{table}_rejected", []) == []
        assert chain.contents.get(f"silver.{table}_rejected", []) == []


def records_of(folder: Path) -> int:
    (file,) = folder.iterdir()
    if file.suffix == ".parquet":
        return pq.ParquetFile(file).metadata.num_rows
    header = 3 if folder.name == "lightning_densities" else 1
    return len(file.read_bytes().splitlines()) - header


def test_what_customers_said_stands_only_in_protected(chain: Chain) -> None:
    lines = (chain.drop / "complaints" / "complaints.csv").read_text(encoding="cp1252").splitlines()[1:]
    said = {line.split(";")[-1].strip('"') for line in lines}
    assert said
    kept = [row for row in chain.contents["protected.personal_record"] if row["source"] == "complaints"]
    assert {row["value"] for row in kept if row["field"] == "said"} == said
    assert {row["field"] for row in kept} == {"caller", "telephone", "said"}
    callers = {row["value"] for row in kept if row["field"] == "caller"}
    words = said | callers
    for name, rows in chain.contents.items():
        if not name.startswith("protected."):
            assert [row for row in rows if any(word in words for word in texts(row))] == [], name
    complaint = chain.contents["silver.complaint"]
    assert {row["category"] for row in complaint} >= {"no_supply"}


def texts(row: Row) -> list[str]:
    return [value for value in row.values() if isinstance(value, str)]


def test_calls_from_metered_customers_name_their_usage_point(tables: dict[str, pd.DataFrame]) -> None:
    complaint, connectivity = tables["silver.complaint"], tables["silver.connectivity"]
    own = complaint[complaint["usage_point_id"].notna()]
    assert 0 < len(own) < len(complaint)
    metered = connectivity.groupby("transformer_id")["usage_point_id"].agg(set)
    assert all(point in metered[at] for point, at in zip(own["usage_point_id"], own["transformer_id"], strict=True))
    assert set(complaint["transformer_id"]) <= set(tables["silver.power_transformer"]["transformer_id"])


def test_a_replaced_unit_keeps_its_events_and_the_new_one_has_its_own(tables: dict[str, pd.DataFrame]) -> None:
    stood = tables["silver.asset_deployment"].set_index("asset_id")
    assert stood["removal_reason"].eq("failed").sum() > 5
    for name, at in (
        ("asset_event", "occurred_at_utc"),
        ("inspection", "inspected_at_utc"),
        ("oil_test", "sampled_at_utc"),
    ):
        event = tables[f"silver.{name}"].join(stood, on="asset_id", rsuffix="_stood")
        assert (event[at] >= event["valid_from_utc"]).all(), name
        assert not (event[at] > event["valid_to_utc"]).any(), name
        if name == "asset_event":
            assert (event["transformer_id"] == event["transformer_id_stood"]).all()
    failure = tables["silver.asset_event"].query("kind == 'failure'").join(stood, on="asset_id", rsuffix="_stood")
    assert (failure["occurred_at_utc"] == failure["valid_to_utc"]).all()  # a unit fails once, and then is gone
    assert set(failure["asset_id"]) == set(stood.index[stood["removal_reason"] == "failed"])
    made = tables["silver.asset"].set_index("asset_id")["manufactured_year"]
    follows = stood.join(made).sort_values(["transformer_id", "valid_from_utc"])
    after = follows.groupby("transformer_id").shift(-1)
    replaced = follows["valid_to_utc"].notna()
    assert (after["manufactured_year"] > follows["manufactured_year"])[replaced].all()
    assert (after["valid_from_utc"] - follows["valid_to_utc"])[replaced].eq(timedelta(hours=9)).all()


def test_positions_of_the_register_alone_have_no_profile(tables: dict[str, pd.DataFrame]) -> None:
    position = tables["silver.power_transformer"]
    assert len(position) == FLEET
    metered = set(position["transformer_id"][position["feeder_id"].notna()])
    assert len(metered) == 1
    for name in ("transformer_profile", "transformer_load_metrics"):
        assert set(tables[f"gold.{name}"]["transformer_id"]) == metered
    costed = tables["gold.asset_life_cycle_cost"]
    assert set(costed["transformer_id"]) > metered


def test_what_is_told_later_is_known_later(tables: dict[str, pd.DataFrame]) -> None:
    oil = tables["silver.oil_test"]
    assert (oil["known_from_utc"] - oil["sampled_at_utc"] > timedelta(days=9)).all()
    order = tables["silver.asset_event"].query("kind == 'work_order'")
    assert (order["known_from_utc"] > order["occurred_at_utc"]).all()
    complaint = tables["silver.complaint"]
    assert (complaint["known_from_utc"] == complaint["received_at_utc"]).all()
    end = pd.Timestamp(SPAN.end, tz="Europe/Berlin")
    for name in EVENTS:
        known = tables[f"silver.{name}"].query("known_from_basis == 'delivered'")["known_from_utc"]
        assert (known < end).all(), name


def test_outages_have_customers_and_calls_follow_them(tables: dict[str, pd.DataFrame]) -> None:
    outage, complaint = tables["silver.outage"], tables["silver.complaint"]
    assert (outage["customers_interrupted"] > 0).all()
    assert outage["planned"].notna().all()
    calls = complaint[complaint["category"] == "no_supply"].merge(outage, on="transformer_id", suffixes=("", "_of"))
    during = calls["received_at_utc"] >= calls["valid_from_utc"] - timedelta(minutes=1)
    during &= ~(calls["received_at_utc"] > calls["valid_to_utc"])
    assert set(calls["complaint_id"][during]) == set(complaint["complaint_id"][complaint["category"] == "no_supply"])
