"""Silver ``asset_account``: asset cards of the financial ledger, as the accountants keep them."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql.types import DateType, DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.versions import RULES, standing
from jobs.table import Column, Table

DEPRECIATION_METHODS = {
    "straight_line": "the same amount each year",
    "declining_balance": "the same share of the book value each year",
    "none": "not depreciated",
}

ASSET_ACCOUNT = Table(
    name="silver.asset_account",
    grain="One asset card of the ledger at one closing.",
    key=("account_id", "balance_date"),
    columns=(
        Column("account_id", StringType(), None, "Number of the card, with its sub-number where it has one"),
        Column("balance_date", DateType(), None, "Day of the closing: the card is as it stood at the end of this day"),
        Column("account_class", StringType(), None, "Class of assets in the chart of accounts", nullable=True),
        Column("description", StringType(), None, "What the card is for, in the accountants' words", nullable=True),
        Column("serial_number", StringType(), None, "Number of the unit, as typed into the card", nullable=True),
        Column("manufacturer", StringType(), None, "Maker, as typed into the card", nullable=True),
        Column(
            "manufactured_year", IntegerType(), None, "Year of manufacture", nullable=True, minimum=1900, maximum=2100
        ),
        Column(
            "rating_kva",
            DoubleType(),
            "kVA",
            "Rated apparent power, where the ledger has a field for it; else the description may tell it",
            nullable=True,
            minimum=0,
        ),
        Column("place", StringType(), None, "Where the unit stands, as typed into the card", nullable=True),
        Column("capitalised_on", DateType(), None, "Day from which the unit is on the books"),
        replace(c.AMOUNT, name="capitalised_amount", meaning="What was capitalised, as booked"),
        replace(c.AMOUNT, name="depreciated_amount", meaning="Accumulated depreciation at the closing, as booked"),
        Column(
            "depreciation_method",
            StringType(),
            None,
            "How it is depreciated",
            nullable=True,
            codes=DEPRECIATION_METHODS,
        ),
        Column("useful_life_years", IntegerType(), "a", "Life it is depreciated over", nullable=True, minimum=0),
        Column("retired_on", DateType(), None, "Day on which the card was closed; null while open", nullable=True),
        c.CURRENCY,
        *c.PROVENANCE,
    ),
)


def asset_accounts(asset_account: DataFrame) -> DataFrame:
    """bronze.asset_account -> silver.asset_account."""
    return standing(asset_account, ASSET_ACCOUNT)


JOB = Job(
    ASSET_ACCOUNT,
    asset_accounts,
    {"asset_account": Read("bronze.asset_account")},
    judges="asset_account",
    rules=RULES,
)
