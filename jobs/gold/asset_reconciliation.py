"""Gold ``asset_reconciliation``: the ledger's asset cards against the units of the register."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DateType, DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.gold.reconciliation.findings import RULES, judged, reasons
from jobs.gold.reconciliation.settings import ReconciliationSettings
from jobs.gold.reconciliation.sides import newest, side
from jobs.gold.reconciliation_link import MATCH_METHOD, MATCH_PROBABILITY
from jobs.job import Job, Read
from jobs.table import Column, Table
from jobs.totals import Totals

OUTCOMES = {rule.id: rule.told for rule in RULES.values()}


def _side(name: str, type: DoubleType | IntegerType, unit: str | None, meaning: str) -> Column:
    return Column(name, type, unit, meaning, nullable=True)


ASSET_RECONCILIATION = Table(
    name="gold.asset_reconciliation",
    grain="One card of the ledger at its last closing, or one unit of the register that should have one and has none.",
    key=("record_kind", "record_id"),
    columns=(
        Column(
            "record_kind",
            StringType(),
            None,
            "What the row is of",
            codes={"card": "a card of the ledger", "unit": "a unit without a card"},
        ),
        Column("record_id", StringType(), None, "Number of the card, or the unit"),
        Column("balance_date", DateType(), None, "Day of the closing"),
        Column("account_id", StringType(), None, "Card of the ledger", nullable=True),
        c.optional(c.ASSET_ID),
        c.optional(c.TRANSFORMER_ID, "Where the unit stands or last stood"),
        Column("outcome", StringType(), None, "The first of its findings; `matched` without any", codes=OUTCOMES),
        Column(
            "findings",
            ArrayType(StringType(), False),
            None,
            "All that was found, worst first",
            codes={name: told for name, told in OUTCOMES.items() if name != "matched"},
        ),
        MATCH_METHOD,
        MATCH_PROBABILITY,
        c.optional(
            replace(c.AMOUNT, name="capitalised_amount"), "Capitalised on the card, as booked; null without one"
        ),
        c.optional(
            replace(c.AMOUNT, name="book_amount"), "Capitalised less depreciated, as booked; null without a card"
        ),
        replace(
            c.AMOUNT,
            name="amount_at_stake",
            meaning="What the finding puts in question: the capitalised amount; of a unit without a card the mean of "
            "matched cards of its rating and year, else of its rating; 0 where nothing is at stake, or there is none",
        ),
        c.CURRENCY,
        Column("cards", IntegerType(), "1", "1 of a card, 0 of a unit without one: each card is here once", minimum=0),
        _side("account_rating_kva", DoubleType(), "kVA", "Rating that the card tells"),
        _side("asset_rating_kva", DoubleType(), "kVA", "Rating of the unit"),
        _side("account_year", IntegerType(), None, "Year of manufacture that the card tells"),
        _side("asset_year", IntegerType(), None, "Year of manufacture of the unit"),
        Column("account_place", StringType(), None, "Place as typed into the card", nullable=True),
        Column("reason", StringType(), None, "Why, in words, by rule"),
    ),
)


def reconciliation(
    asset_account: DataFrame, records: DataFrame, links: DataFrame, *, settings: ReconciliationSettings
) -> DataFrame:
    """silver.asset_account, gold.reconciliation_record, gold.reconciliation_link -> gold.asset_reconciliation."""
    card = newest(asset_account)
    currency = card.agg(F.min("currency").alias("_currency"))
    of_card = card.join(links, "account_id").join(side(records, "card"), "account_id")
    closed = records.withColumnRenamed("balance_date", "_closing")
    of_unit = side(closed, "unit", "_closing", "transformer_id", "removed_on", F.col("since").alias("in_service_since"))
    both = of_card.join(of_unit, "asset_id", "full_outer").crossJoin(F.broadcast(currency))
    dated = both.withColumns(
        {"balance_date": F.coalesce("balance_date", "_closing"), "currency": F.coalesce("currency", "_currency")}
    )
    return _finished(_at_stake(judged(dated, settings)))


def _at_stake(found: DataFrame) -> DataFrame:
    """Rows with the amount at stake of each."""
    sound = F.when(F.col("outcome") == "matched", F.col("capitalised_amount"))
    year = F.year("in_service_since")
    means = [F.avg(sound).over(Window.partitionBy(*keys)) for keys in (("rating_kva_unit", year), ("rating_kva_unit",))]
    usual = F.coalesce(*means, F.lit(0)).cast("decimal(18,2)")
    nothing = F.col("outcome").isin("matched", "closed_card")
    at_stake = F.when(nothing, F.lit(0).cast("decimal(18,2)")).otherwise(F.coalesce("capitalised_amount", usual))
    return found.withColumn("amount_at_stake", at_stake)


def _finished(found: DataFrame) -> DataFrame:
    kind = F.when(F.col("account_id").isNotNull(), "card").otherwise("unit")
    left = (F.col("capitalised_amount") - F.col("depreciated_amount")).cast("decimal(18,2)")
    named = found.withColumns(
        {
            "record_kind": kind,
            "cards": F.col("account_id").isNotNull().cast("int"),
            "record_id": F.coalesce("account_id", "asset_id"),
            "book_amount": left,
            "account_rating_kva": F.col("rating_kva_card"),
            "asset_rating_kva": F.col("rating_kva_unit"),
            "account_year": F.col("year_card"),
            "asset_year": F.col("year_unit"),
            "account_place": F.col("place"),
        }
    )
    return named.withColumn("reason", reasons()).select(*ASSET_RECONCILIATION.column_names)


JOB = Job(
    ASSET_RECONCILIATION,
    reconciliation,
    {
        "asset_account": Read("silver.asset_account"),
        "records": Read("gold.reconciliation_record"),
        "links": Read("gold.reconciliation_link"),
    },
    lambda settings, span: {"settings": settings.reconciliation},
    totals=(
        Totals(
            "asset_account",
            {
                "cards": "1",
                "capitalised_amount": "capitalised_amount",
                "book_amount": "capitalised_amount - depreciated_amount",
            },
            by=("account_id",),
            among=newest,
        ),
    ),
)
