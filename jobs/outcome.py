"""The outcome of every row that a transform takes in: accepted, rejected, duplicate or superseded.

A transform that judges rows adds these scratch columns; ``jobs/build.py`` splits by them, writes what was
rejected to ``<table>_rejected`` and checks that rows in = accepted + rejected + duplicates + superseded.
A transform that judges nothing leaves them out.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column as SparkColumn
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StringType, StructField, StructType

from jobs.rule import Rule

ACCEPTED, REJECTED, DUPLICATE, SUPERSEDED = "accepted", "rejected", "duplicate", "superseded"

# _outcome: one of the four. _rule and _reason: of a rejection, else null. _record: what was rejected, as
# JSON. _source, _file_id, _line: where it stood. _accepted, _rejected, _duplicate, _superseded: how much each
# row counts for each outcome (rows for entities, channel-intervals for interval data).
COUNTS = ("_accepted", "_rejected", "_duplicate", "_superseded")
SCRATCH = StructType(
    [StructField(name, StringType()) for name in ("_outcome", "_rule", "_reason", "_record", "_source", "_file_id")]
    + [StructField("_line", LongType())]
    + [StructField(name, LongType()) for name in COUNTS]
)


def counted(outcome: SparkColumn) -> dict[str, SparkColumn]:
    """Count columns of rows that each count once, for the outcome they have."""
    return {f"_{name}": (outcome == name).cast("long") for name in (ACCEPTED, REJECTED, DUPLICATE, SUPERSEDED)}


def computed_outcomes(rules: Mapping[str, Rule]) -> dict[str, SparkColumn]:
    """Scratch columns of rows that no file delivered, refused where ``_rule`` names one of the rules."""
    words = F.create_map(*[F.lit(text) for rule in rules.values() for text in (rule.id, rule.told)])
    outcome = F.when(F.col("_rule").isNull(), ACCEPTED).otherwise(REJECTED)
    nowhere = {name: F.lit(None).cast(SCRATCH[name].dataType) for name in ("_source", "_file_id", "_line")}
    return {"_outcome": outcome, "_reason": words[F.col("_rule")], **nowhere, **counted(outcome)}
