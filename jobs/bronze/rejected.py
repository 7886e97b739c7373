"""What a delivered record can be rejected for, and the tables that keep what was rejected."""

from __future__ import annotations

from pyspark.sql.types import LongType, StringType

from jobs import columns as c
from jobs.bronze.entity import ENTITIES
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.rule import Rule, RuleSet
from jobs.table import Column, Table

RULES = RuleSet(
    "What a delivered record is refused for",
    Rule("B01", "B01", "the record has another number of fields than the format says"),
    Rule("B02", "B02", "the meter's number is empty"),
    Rule("B03", "B03", "the value is not a number"),
    Rule("B04", "B04", "the time cannot be parsed, or no clock of the zone ever showed it"),
    Rule("B05", "B05", "the time is off the grid of its interval length"),
    Rule("B06", "B06", "no such register is declared"),
    Rule("B07", "B07", "no such unit is known, or it does not measure what the register's channel needs"),
    Rule("B08", "B08", "no such quality code is declared"),
    Rule("B09", "B09", "the interval length does not divide the day, or is none that can be kept"),
    Rule("B10", "B10", "there are more values than the day has intervals"),
    Rule("B11", "B11", "the version cannot be parsed"),
    Rule("B12", "B12", "the record belongs to no record before it, or its kind is unknown"),
    Rule("B13", "B13", "the interval ends after its file first came, and the tolerance configured"),
    Rule("B21", "B21", "a value that must be there is empty"),
    Rule("B22", "B22", "a value is not of its column's type"),
    Rule("B23", "B23", "a code is not declared"),
    Rule("B24", "B24", "a value is outside its column's bounds"),
)
RULE_VERSION = "2"


def rejected_table(table: Table) -> Table:
    """Where the records go that were meant for ``table`` and broke a rule."""
    return Table(
        name=f"{table.name}_rejected",
        grain=f"One record meant for {table.name} that broke one rule.",
        key=("file_id", "source", "line", "rule_id"),
        replace="file",
        columns=(
            Column(
                "rule_id", StringType(), None, "Rule broken", codes={rule.id: rule.meaning for rule in RULES.values()}
            ),
            Column("rule_version", StringType(), None, "Version of the rules"),
            c.SOURCE,
            c.FILE_ID,
            Column("line", LongType(), None, "Line of the record in its file (Parquet: row), from 1", minimum=1),
            Column("reason", StringType(), None, "What was found and what is needed"),
            Column(
                "record",
                StringType(),
                None,
                "The record itself; null where it holds source ids or personal data: "
                "then it is in protected.rejected_record",
                nullable=True,
            ),
            Column("reads", LongType(), "1", "Channel-intervals rejected with it; 0 for entities", minimum=0),
        ),
    )


INTERVAL_BLOCK_REJECTED = rejected_table(BRONZE_INTERVAL_BLOCK)
ENTITY_REJECTED = {name: rejected_table(table) for name, table in ENTITIES.items()}
TABLES = tuple(ENTITY_REJECTED.values())
