"""What the reconciliation finds of each card and unit, by numbered rules, and why in words."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.reconciliation.settings import ReconciliationSettings
from jobs.rule import Rule, RuleSet

RULES = RuleSet(
    "What the reconciliation of ledger and register says",
    Rule("L01", "missing_in_register", "an open card of which the register has no unit"),
    Rule("L02", "missing_in_ledger", "a unit that was not removed, and no card of it"),
    Rule("L03", "duplicate_card", "a further card of a unit whose first card stands"),
    Rule("L04", "closed_card", "a closed card without a unit, or of a unit that has an open one: nothing is at stake"),
    Rule("L05", "scrapped_on_books", "the unit was removed and its card is open"),
    Rule(
        "L06", "in_service_written_off", "the unit was not removed, and its card is closed or written off ahead of plan"
    ),
    Rule("L07", "disagreeing_rating", "card and unit disagree on the rating"),
    Rule("L08", "disagreeing_year", "card and unit disagree on the year of manufacture"),
    Rule("L09", "disagreeing_place", "card and unit disagree on the place"),
    Rule("L10", "matched", "card and unit are one and agree"),
)


def judged(rows: DataFrame, settings: ReconciliationSettings) -> DataFrame:
    """Cards, and units that should have one, with ``findings``, worst first, and ``outcome``, the first of them.

    Parameters
    ----------
    rows
        Cards and units side by side, each with the other where it has one: their columns, and what each tells
        (``…_card``, ``…_unit``).
    """
    booked_by = F.date_sub("balance_date", settings.booking_days)
    removed = F.col("removed_on").isNotNull()
    due = ~removed & F.coalesce(F.col("in_service_since") <= booked_by, F.lit(True))
    rows = rows.where(F.col("account_id").isNotNull() | due)
    rows = rows.withColumns({"_open": F.col("retired_on").isNull() | (F.col("retired_on") > F.col("balance_date"))})
    of_unit = Window.partitionBy("asset_id").orderBy(
        F.col("_open").desc(), F.length("account_id"), "account_id"
    )  # numbers are given in the order of entry
    has_card, has_unit = F.col("account_id").isNotNull(), F.col("asset_id").isNotNull()
    both = has_card & has_unit
    rows = rows.withColumns(
        {
            "_number": F.when(both, F.row_number().over(of_unit)),
            "first_account_id": F.when(both, F.first("account_id").over(of_unit)),
            "_first_open": F.when(both, F.first("_open").over(of_unit)),
        }
    )
    further = both & (F.col("_number") > 1)
    superseded = further & ~F.col("_open") & F.col("_first_open")
    alone = {
        "missing_in_register": has_card & ~has_unit & F.col("_open"),
        "closed_card": (has_card & ~has_unit & ~F.col("_open")) | superseded,
        "duplicate_card": further & ~superseded,
        "missing_in_ledger": ~has_card,
    }
    first = both & (F.col("_number") == 1)
    of_first = {
        "scrapped_on_books": F.col("_open") & (F.col("removed_on") <= booked_by),
        "in_service_written_off": ~removed & (~F.col("_open") | _ahead_of_plan()),
        "disagreeing_rating": F.col("rating_kva_card") != F.col("rating_kva_unit"),
        "disagreeing_year": F.abs(F.col("year_card") - F.col("year_unit")) > settings.year_tolerance,
        "disagreeing_place": F.col("place_card") != F.col("place_unit"),
    }
    found = alone | {name: first & F.coalesce(when, F.lit(False)) for name, when in of_first.items()}
    names = F.array_compact(F.array(*[F.when(when, F.lit(name)) for name, when in found.items()]))
    outcome = F.coalesce(F.try_element_at("findings", F.lit(1)), F.lit("matched"))
    return rows.withColumn("findings", names).withColumn("outcome", outcome)


def _ahead_of_plan() -> Column:
    """Whether nothing is left of a value before the end of its life; at the end of its life that is as it should be."""
    left = F.col("capitalised_amount") - F.col("depreciated_amount")
    end = F.add_months("capitalised_on", F.col("useful_life_years") * 12)
    return (F.col("capitalised_amount") > 0) & (left <= 0) & (end > F.col("balance_date"))


def reasons() -> Column:
    """Why, in words: rule by rule, with what card and ledger say, and how the card was found to be the unit's."""
    unit = F.concat(F.lit("unit "), F.col("asset_id"))
    book = F.concat(
        _money("book_amount"), F.lit(" of "), _money("capitalised_amount"), F.lit(" "), F.col("currency"),
        F.lit(" on the books"),
    )  # fmt: skip
    closed = F.coalesce(F.concat(F.lit("closed "), F.col("retired_on").cast("string")), F.lit("written off"))
    sides = {
        "rating": ("account_rating_kva", "asset_rating_kva", " kVA"),
        "year": ("account_year", "asset_year", ""),
        "place": ("account_place", "transformer_id", ""),
    }
    detail = {
        "missing_in_register": F.concat(book, F.lit("; no unit comes near enough in key, place, year and rating")),
        "missing_in_ledger": F.concat(
            unit,
            F.coalesce(F.concat(F.lit(" at "), F.col("transformer_id")), F.lit(" in stock")),
            F.coalesce(F.concat(F.lit(" since "), F.col("in_service_since").cast("string")), F.lit("")),
        ),
        "duplicate_card": F.concat(unit, F.lit(" has card "), F.col("first_account_id")),
        "closed_card": closed,
        "scrapped_on_books": F.concat(unit, F.lit(" left "), F.col("removed_on").cast("string"), F.lit("; "), book),
        "in_service_written_off": F.concat(
            unit, F.coalesce(F.concat(F.lit(" stands at "), F.col("transformer_id")), F.lit(" is in stock")),
            F.lit("; card "), closed,
        ),
        **{
            f"disagreeing_{name}": F.concat(
                F.lit("card "), F.col(card).cast("string"), F.lit(f"{ending}, register "), F.col(unit).cast("string"),
                F.lit(ending),
            )
            for name, (card, unit, ending) in sides.items()
        },
    }  # fmt: skip
    told = [
        F.when(F.array_contains("findings", name), F.concat(F.lit(f"{RULES[name].told} ("), text, F.lit(")")))
        for name, text in detail.items()
    ]
    how = {
        "key": F.lit("matched by key"),
        "key_and_attributes": F.lit("matched by key and attributes"),
        "attributes": F.concat(
            F.lit("matched by attributes, card's number "), F.coalesce("serial_number", F.lit("missing"))
        ),
    }
    by = F.coalesce(*[F.when(F.col("match_method") == name, words) for name, words in how.items()])
    matched = F.when(F.col("outcome") == "matched", F.lit(RULES["matched"].told))
    return F.concat_ws("; ", *told, matched, by)


def _money(name: str) -> Column:
    return F.format_number(name, 2)
