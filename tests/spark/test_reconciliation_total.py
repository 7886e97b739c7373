"""The ledger's total against the sum over the outcomes: a card that is lost or told twice fails the build."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import build as building
from jobs.build import Build, build
from jobs.gold.asset_reconciliation import ASSET_RECONCILIATION, JOB
from jobs.job import Job
from jobs.lake.lake import Lake
from jobs.lake.write import replace_all
from jobs.settings import Settings
from jobs.silver.asset_account import ASSET_ACCOUNT
from jobs.span import Span
from tests.builders import frame

LAST, BEFORE = date(2016, 3, 31), date(2015, 12, 31)


def card(number: str, amount: str, closing: date = LAST, source: str = "ledger") -> dict[str, Any]:
    amounts = {"capitalised_amount": Decimal(amount), "depreciated_amount": Decimal("0.25")}
    return {"account_id": number, "balance_date": closing, "source": source} | amounts


CARDS = [
    card("A1", "10.10"),
    card("A2", "-2.50"),
    card("A1", "9.99", BEFORE),  # an earlier closing does not count,
    card("B1", "0.07", BEFORE, "another"),  # but for a ledger that has no later one
]


def told(asset_account: DataFrame, without: str = "", twice: str = "", more: str = "0") -> DataFrame:
    """Rows as a transform would make them of the cards at each ledger's last closing."""
    last = asset_account.where(f"balance_date = date'{LAST}' or source = 'another'")
    rows = last.where(F.col("account_id") != without).unionByName(last.where(F.col("account_id") == twice))
    made = {
        "record_kind": F.lit("card"), "record_id": F.col("account_id"), "cards": F.lit(1), "reason": F.lit("L04"),
        "outcome": F.lit("closed_card"),
        "findings": F.array(F.lit("closed_card")), "book_amount": F.expr("capitalised_amount - depreciated_amount"),
        "capitalised_amount": F.expr(f"capitalised_amount + {more}"), "amount_at_stake": F.lit(0).cast("decimal(18,2)"),
    }  # fmt: skip
    null = {c.name: F.lit(None).cast(c.type) for c in ASSET_RECONCILIATION.columns if c.nullable}
    kept = {"account_id": F.col("account_id")}
    return rows.withColumns(null | kept | made).select(
        *[F.col(c.name).cast(c.type).alias(c.name) for c in ASSET_RECONCILIATION.columns]
    )


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, []),
        ({"without": "A2"},
         ["cards: 2 in total, 3 needed by silver.asset_account: -1; 1 disagreeing, first by (account_id, difference): "
          "[('A2', '-1')]",
          "capitalised_amount: 10.17 currency in total, 7.67 needed by silver.asset_account: +2.50; 1 disagreeing, "
          "first by (account_id, difference): [('A2', '+2.50')]"]),
        ({"twice": "A1"}, ["cards: 4 in total, 3 needed by silver.asset_account: +1; 1 disagreeing"]),
        ({"more": "0.01"}, ["capitalised_amount: 7.70 currency in total, 7.67 needed by silver.asset_account: +0.03"]),
    ],
    ids=["all", "lost", "twice", "a cent"],
)  # fmt: skip
def test_the_ledger_adds_up_to_the_cent_or_nothing_is_written(
    lake: Lake, settings: Settings, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], reasons: list[str]
) -> None:
    job = Job(
        ASSET_RECONCILIATION, told, {"asset_account": JOB.reads["asset_account"]}, lambda _, __: change,
        totals=JOB.totals,
    )  # fmt: skip
    monkeypatch.setattr(building, "all_jobs", lambda: {job.table.name: job})
    replace_all(lake, ASSET_ACCOUNT, frame(lake.spark, ASSET_ACCOUNT, *CARDS))
    result: Build = build(lake, settings, Span(LAST, date(2016, 4, 1)), [], echo=print)
    assert bool(result.failed) == bool(reasons)
    assert lake.exists(ASSET_RECONCILIATION) != bool(reasons)
    for reason in reasons:
        assert f"{ASSET_RECONCILIATION.name}.{reason}" in str(result.failed[0].reason)
