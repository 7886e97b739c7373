"""Ledger against register, against the cases worked by hand; each case's README says how."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from jobs.silver.asset import ASSET
from jobs.silver.asset_account import ASSET_ACCOUNT
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from tests.builders import frame
from tests.reconciliation_chain import reconciled_rows

CASES = (
    "reconciliation_matched_by_key",
    "reconciliation_matched_by_attributes",
    "reconciliation_missing_on_either_side",
    "reconciliation_closed_and_open",
    "reconciliation_two_cards_of_one_unit",
    "reconciliation_disagreeing",
)
CLOSING = date(2016, 3, 31)


def read(case: str, name: str) -> list[dict[str, str | None]]:
    with (Path(__file__).parent / case / name).open(newline="", encoding="utf-8") as lines:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(lines)]


def card(row: dict[str, Any]) -> dict[str, Any]:
    kinds = {"capitalised_on": date.fromisoformat, "retired_on": date.fromisoformat, "capitalised_amount": Decimal}
    kinds |= {"depreciated_amount": Decimal, "useful_life_years": int, "manufactured_year": int}
    typed = {key: value if value is None else kinds.get(key, str)(value) for key, value in row.items()}
    return typed | {"balance_date": CLOSING, "currency": "EUR", "source": "ledger"}


def unit(row: dict[str, Any]) -> dict[str, Any]:
    figures = {"manufactured_year": int(row["manufactured_year"]), "rating_kva": float(row["rating_kva"])}
    return {"asset_id": row["asset_id"], "manufacturer": row["manufacturer"]} | figures


def deployment(row: dict[str, Any]) -> dict[str, Any]:
    first, end = (row[name] and datetime.combine(date.fromisoformat(row[name]), datetime.min.time(), UTC)
                  for name in ("first", "end"))  # fmt: skip
    placed = {"asset_id": row["asset_id"], "transformer_id": row["transformer_id"]}
    return placed | {"valid_from_utc": first, "valid_to_utc": end}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, Row]:
    """All cases in one run: their numbers, places and ratings keep them apart."""
    cards = [card(one) for case in CASES for one in read(case, "when/cards.csv")]
    units = [one for case in CASES for one in read(case, "when/units.csv")]
    rows = reconciled_rows(
        frame(spark, ASSET_ACCOUNT, *cards),
        frame(spark, ASSET, *{one["asset_id"]: unit(one) for one in units}.values()),
        frame(spark, ASSET_DEPLOYMENT, *(deployment(one) for one in units if one["first"])),
        zone="UTC",
        tasks=2,
    ).collect()
    assert len({(row["record_kind"], row["record_id"]) for row in rows}) == len(rows)
    assert sum(row["capitalised_amount"] or 0 for row in rows) == sum(one["capitalised_amount"] for one in cards)
    return {row["record_id"]: row for row in rows}


@pytest.mark.parametrize("case", CASES)
def test_each_card_and_unit_has_its_outcome(found: dict[str, Row], case: str) -> None:
    letter = read(case, "when/cards.csv")[0]["account_id"][0]  # type: ignore[index]
    wanted = {one["record_id"]: one for one in read(case, "then/records.csv")}
    assert {name for name in found if name.startswith(letter)} == set(wanted)
    for name, one in wanted.items():
        row = found[str(name)]
        told = (row["asset_id"], row["outcome"], " ".join(row["findings"]) or None, row["match_method"])
        assert told == tuple(one[key] for key in ("asset_id", "outcome", "findings", "match_method")), name
        assert row["amount_at_stake"] == Decimal(str(one["amount_at_stake"])), name


def test_a_reason_says_rule_amounts_and_how_the_card_was_matched(found: dict[str, Row]) -> None:
    assert found["D3"]["reason"] == (
        "L05: the unit was removed and its card is open (unit D00003-1 left 2015-12-31; 1,800.00 of 3,000.00 EUR on "
        "the books); matched by key"
    )
    assert found["F4"]["reason"].endswith(
        "L07: card and unit disagree on the rating (card 160.0 kVA, register 630.0 kVA); L09: card and unit disagree "
        "on the place (card PF98, register PF04); matched by key and attributes"
    )
    assert found["B1"]["reason"] == "L10: card and unit are one and agree; matched by attributes, card's number missing"
    assert found["C00008-1"]["reason"] == (
        "L02: a unit that was not removed, and no card of it (unit C00008-1 in stock)"
    )


def test_who_is_matched_by_key_is_certain_and_by_attributes_nearly(found: dict[str, Row]) -> None:
    assert found["A1"]["match_probability"] == 1
    assert 0.999 < found["B1"]["match_probability"] < 1
    assert found["B4"]["match_probability"] == found["B5"]["match_probability"]  # twins: together likely
    assert found["C1"]["match_probability"] is None
