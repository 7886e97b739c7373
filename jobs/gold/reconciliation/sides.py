"""Cards and units side by side: what both tell, brought to one spelling, under one name."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.reconciliation.model import TOLD

RATING = r"(?i)(\d+(?:[.,]\d+)?)\s*([km])VA"


def newest(asset_account: DataFrame) -> DataFrame:
    """The cards of each source's last closing."""
    last = F.max("balance_date").over(Window.partitionBy("source"))
    return asset_account.withColumn("_last", last).where("balance_date = _last").drop("_last")


def cards_told(cards: DataFrame, *, ignored_words: tuple[str, ...]) -> DataFrame:
    """``record_id`` and what each card tells (`jobs.gold.reconciliation.model.TOLD`)."""
    return cards.select(
        F.col("account_id").alias("record_id"),
        "balance_date",
        one_spelling("serial_number", ignored_words).alias("key"),
        one_spelling("place", ignored_words).alias("place"),
        F.col("manufactured_year").alias("year"),
        F.col("capitalised_on").alias("since"),
        F.coalesce("rating_kva", rating_told("description")).alias("rating_kva"),
        one_spelling("manufacturer", ignored_words).alias("maker"),
    )


def units_at(asset: DataFrame, asset_deployment: DataFrame, closing: DataFrame, *, zone: str) -> DataFrame:
    """Units of the register at a closing: their last place, since when in service, when removed.

    A unit that never stood anywhere is in stock: it has no place and was not removed. One that was first put into
    service after the closing is left out.

    Parameters
    ----------
    closing
        One row with its day, ``_closing``; without a row there is nothing to set units against, and none is told.
    """
    local = {name: F.to_date(F.from_utc_timestamp(f"valid_{name}_utc", zone)) for name in ("from", "to")}
    stood = asset_deployment.select(
        "asset_id", "transformer_id", "valid_from_utc", local["from"].alias("_from"), local["to"].alias("_to")
    )
    of_unit = stood.crossJoin(F.broadcast(closing)).groupBy("asset_id")
    before = F.col("_from") <= F.col("_closing")
    last = F.max_by(F.struct("transformer_id", "_to"), F.when(before, F.col("valid_from_utc")))
    life = of_unit.agg(
        F.min(F.when(before, F.col("_from"))).alias("in_service_since"),
        last.alias("_last"),
        F.lit(True).alias("_stood"),
    )
    removed = F.when(F.col("_last._to") <= F.col("_closing"), F.col("_last._to"))
    return (
        asset.join(life, "asset_id", "left")
        .where("_stood is null or in_service_since is not null")
        .crossJoin(F.broadcast(closing))
        .select(
            "asset_id", "manufacturer", "manufactured_year", "rating_kva", "in_service_since",
            F.col("_closing").alias("balance_date"), F.col("_last.transformer_id").alias("transformer_id"),
            removed.alias("removed_on"),
        )
    )  # fmt: skip


def units_told(units: DataFrame, *, ignored_words: tuple[str, ...]) -> DataFrame:
    """``record_id`` and what the register tells of each unit, as `cards_told`; where it stands, when it left."""
    return units.select(
        F.col("asset_id").alias("record_id"),
        "balance_date",
        one_spelling(_own("asset_id"), ignored_words).alias("key"),
        one_spelling(_own("transformer_id"), ignored_words).alias("place"),
        F.col("manufactured_year").alias("year"),
        F.col("in_service_since").alias("since"),
        "rating_kva",
        one_spelling("manufacturer", ignored_words).alias("maker"),
        "transformer_id",
        "removed_on",
    )


def one_spelling(text: Column | str, ignored_words: tuple[str, ...]) -> Column:
    """A text by its runs of letters and of digits, without leading noughts and words that say nothing; null if empty.

    ``Nr. t00012/1``, ``T12-1`` and ``TO0O12-1`` are all ``T.12.1``: an O beside a digit is a nought.
    """
    noughts = F.regexp_replace(F.upper(text), r"(?<=\d)O|O(?=\d)", "0")
    runs = F.regexp_extract_all(noughts, F.lit("([A-Z]+|[0-9]+)"), F.lit(1))
    said = F.filter(runs, lambda run: ~run.isin(*ignored_words))
    plain = F.array_join(F.transform(said, lambda run: F.regexp_replace(run, "^0+(?=.)", "")), ".")
    return F.nullif(plain, F.lit(""))


def rating_told(text: str) -> Column:
    """Rating in kVA that a description names (``0,4 MVA``, ``400kVA``), or null."""
    number = F.regexp_replace(F.regexp_extract(text, RATING, 1), ",", ".")
    scale = F.when(F.lower(F.regexp_extract(text, RATING, 2)) == "m", 1000.0).otherwise(1.0)
    return F.when(number != "", F.round(number.try_cast("double") * scale, 6))


def side(records: DataFrame, kind: str, *more: str | Column) -> DataFrame:
    """Records of one kind: their id, what they tell under names that say by whom (``key_card``), and ``more``."""
    id = F.col("record_id").alias({"card": "account_id", "unit": "asset_id"}[kind])
    told = [F.col(name).alias(f"{name}_{kind}") for name in TOLD]
    return records.where(F.col("record_kind") == kind).select(id, *told, *more)


def _own(name: str) -> Column:
    """An id without the namespace before it."""
    return F.regexp_replace(name, "^[^:]*:", "")
