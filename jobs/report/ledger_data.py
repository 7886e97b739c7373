"""What the report shows of the ledger: its cards against the register, by outcome, with the money at stake."""

from __future__ import annotations

import pandas as pd
from pyspark.sql import functions as F

from jobs.gold.asset_reconciliation import ASSET_RECONCILIATION
from jobs.query.snapshot import Snapshot

AMOUNTS = ("capitalised_amount", "book_amount", "amount_at_stake")


def read_ledger(snapshot: Snapshot) -> pd.DataFrame:
    """A row per ``currency`` and ``outcome``, most at stake first.

    With ``cards``, ``units`` without one, ``by_attributes`` (cards that did not find their unit by key) and `AMOUNTS`
    as decimals.
    """
    rows = snapshot.rows(ASSET_RECONCILIATION)
    by_attributes = F.count_if(F.col("match_method") != "key").alias("by_attributes")
    return (
        rows.groupBy("currency", "outcome")
        .agg(
            F.max("balance_date").alias("balance_date"),
            F.sum("cards").alias("cards"),
            F.count_if(F.col("cards") == 0).alias("units"),
            by_attributes,
            *[F.sum(name).alias(name) for name in AMOUNTS],
        )
        .orderBy("currency", F.desc("amount_at_stake"), "outcome")
        .toPandas()
    )
