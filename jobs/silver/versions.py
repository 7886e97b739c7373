"""Which delivered row of an entity stands: decided by the data, never by the order of ingest.

Rows of one key compete: the highest version wins and the others are superseded; the same version with the
same values is an identical duplicate; the same version with different values is rule ``conflict``, and all of
them are rejected. Validity then ends where the next version of the same thing begins.
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.columns import PROVENANCE
from jobs.outcome import ACCEPTED, DUPLICATE, REJECTED, SUPERSEDED, counted
from jobs.rule import Rule, RuleSet
from jobs.table import Table

RULES = RuleSet(
    "What a row of an entity is refused for",
    Rule("E01", "missing_value", "a value that must be there is missing"),
    Rule("E02", "conflict", "two rows of one key and version disagree"),
    Rule("E03", "ends_before_start", "validity ends at or before its start"),
    Rule("E04", "no_meter", "the meter stood at no usage point at that instant"),
    Rule("E05", "no_price_index", "no price index to bring the amount to the price year"),
    Rule("E06", "other_currency", "the amount is in a currency for which no rate is known"),
    Rule("E07", "two_networks", "models of two networks of one source name it at one time"),
    Rule("E08", "not_a_quarter", "the time of day is no quarter-hour, HH:MM"),
)


def standing(rows: DataFrame, table: Table) -> DataFrame:
    """Bronze rows of an entity with the outcome of each (``jobs.outcome``), validity closed."""
    return finished(judged(rows, table), table)


def known_at(rows: DataFrame, table: Table, at: datetime) -> DataFrame:
    """The entity as the utility knew it at an instant: what bronze holds that was recorded later is left out.

    A correction takes the place of what it corrects in silver; bronze keeps both, so that any past knowledge can be
    asked for.
    """
    known = standing(rows.where(F.col("known_from_utc") <= F.lit(at)), table)
    return known.where(F.col("_outcome") == ACCEPTED).select(*table.column_names)


def judged(rows: DataFrame, table: Table) -> DataFrame:
    """Bronze rows of an entity with outcome and rule, for a table with further rules (`refuse`, then `finished`).

    Parameters
    ----------
    rows
        The declared columns of ``table`` and ``file_id``, ``first_line``, ``version``. With ``_rule`` and ``_reason``
        they may have been refused before.
    """
    provenance = {column.name for column in PROVENANCE}
    values = [name for name in table.column_names if name not in provenance]
    ids = [name for name in table.key if name != "valid_from_utc"]
    missing = F.concat_ws(", ", *[F.when(F.col(c.name).isNull(), c.name) for c in table.columns if not c.nullable])
    same = F.xxhash64(*[F.coalesce(F.col(name).cast("string"), F.lit("\0")) for name in values])
    unknown = F.lit(None).cast("string")
    before, told = (F.col(name) if name in rows.columns else unknown for name in ("_rule", "_reason"))
    bad = F.coalesce(before, _own_fault(table, missing))
    alone = {"_missing": missing, "_told": told, "_bad": bad, "_values": same}

    same_key = Window.partitionBy(*table.key)
    in_version = Window.partitionBy(*table.key, "version", "_bad")
    first = in_version.orderBy("known_from_utc", "source", "file_id", "first_line")
    beside = {
        "_top": F.max(F.when(F.col("_bad").isNull(), F.col("version"))).over(same_key),
        "_disagree": F.min("_values").over(in_version) != F.max("_values").over(in_version),
        "_place": F.row_number().over(first),
    }
    newest = F.col("version") == F.col("_top")
    rule = F.coalesce(F.col("_bad"), F.when(newest & F.col("_disagree"), F.lit("conflict")))
    outcome = (
        F.when(rule.isNotNull(), REJECTED)
        .when(~newest, SUPERSEDED)
        .when(F.col("_place") > 1, DUPLICATE)
        .otherwise(ACCEPTED)
    )
    found = rows.repartition(*ids).withColumns(alone).withColumns(beside)  # one exchange serves all windows
    found = found.withColumns({"_rule": rule, "_outcome": outcome})
    if "valid_to_utc" in table.column_names:
        found = found.withColumn("valid_to_utc", _closed(ids))
    return found.select(*table.column_names, "file_id", "first_line", "_missing", "_told", "_rule", "_outcome")


def refuse(rows: DataFrame, rule: str, when: Column) -> DataFrame:
    """Judged rows with those rejected that stood and meet ``when``."""
    hit = (F.col("_outcome") == ACCEPTED) & F.coalesce(when, F.lit(False))
    kept = {"_rule": F.when(hit, F.lit(rule)).otherwise(F.col("_rule"))}
    return rows.withColumns(kept | {"_outcome": F.when(hit, F.lit(REJECTED)).otherwise(F.col("_outcome"))})


def finished(rows: DataFrame, table: Table) -> DataFrame:
    """Judged rows with all of their scratch columns: reason, record, place and counts."""
    reason = reduce(
        lambda chain, rule: chain.when(F.col("_rule") == rule, F.lit(RULES[rule].told)), RULES, F.when(F.lit(False), "")
    )
    detail = F.when(F.col("_rule") == "missing_value", F.concat(reason, F.lit(": "), F.col("_missing"))).otherwise(
        reason
    )
    record = F.when(F.col("_outcome") == REJECTED, F.to_json(F.struct(*table.column_names)))
    place = {"_source": F.col("source"), "_file_id": F.col("file_id"), "_line": F.col("first_line")}
    return rows.withColumns(
        {"_reason": F.coalesce("_told", detail), "_record": record, **place, **counted(F.col("_outcome"))}
    )


def _own_fault(table: Table, missing: Column) -> Column:
    """The rule that a row breaks by itself, or null."""
    fault = F.when(missing != "", F.lit("missing_value"))
    if "valid_to_utc" in table.column_names:
        fault = fault.when(F.col("valid_to_utc") <= F.col("valid_from_utc"), F.lit("ends_before_start"))
    return fault


def _closed(ids: list[str]) -> Column:
    """End of validity: the delivered one, or the start of the next version that stands, whichever is first."""
    later = Window.partitionBy(*ids, F.col("_outcome") == ACCEPTED).orderBy("valid_from_utc")
    return F.when(
        F.col("_outcome") == ACCEPTED, F.least("valid_to_utc", F.lead("valid_from_utc").over(later))
    ).otherwise(F.col("valid_to_utc"))
