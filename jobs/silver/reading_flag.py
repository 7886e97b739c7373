"""Silver ``reading_flag``: one row for each finding of a validation rule."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, IntegerType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.validation import RULE_TABLE
from jobs.table import Column, Table

READING_FLAG = Table(
    name="silver.reading_flag",
    grain="One finding of one rule on one channel of a usage point on a grid day.",
    key=("usage_point_id", "channel", "grid_date", "rule_id", "first_slot"),
    replace="day",
    partition_by=("grid_date",),
    columns=(
        c.USAGE_POINT_ID,
        c.CHANNEL,
        c.GRID_DATE,
        Column(
            "first_slot",
            IntegerType(),
            None,
            "First interval of the finding, from 0; negative where it began the day before",
        ),
        Column("slots", IntegerType(), "1", "Length of the finding in intervals", minimum=1),
        Column(
            "rule_id",
            StringType(),
            None,
            "Rule that found it",
            codes={name: rule.told for name, rule in RULE_TABLE.items()},
        ),
        Column("rule_version", StringType(), None, "Version of the rule set"),
        Column("measured", DoubleType(), "as the rule says", "Value the rule measured"),
        Column("threshold", DoubleType(), "as the rule says", "Threshold it was held against"),
        Column(
            "disposition",
            StringType(),
            None,
            "What was done",
            codes={
                "estimated": "the reading was replaced by an estimate",
                "spread": "the reading was spread over the run before it, the sum kept",
                "flagged": "the reading was kept, marked suspect",
                "missing": "the reading is missing and could not be estimated",
            },
        ),
        Column("interval_minutes", IntegerType(), "min", "Length of each interval"),
    ),
)


def reading_flags(blocks: DataFrame) -> DataFrame:
    """silver.interval_block -> silver.reading_flag."""
    each = blocks.where(F.size("findings") > 0).withColumn("finding", F.explode("findings"))
    return each.select(
        "usage_point_id",
        "channel",
        "grid_date",
        *[f"finding.{name}" for name in ("first_slot", "slots", "rule_id", "measured", "threshold", "disposition")],
        F.col("rule_set_version").alias("rule_version"),
        "interval_minutes",
    ).select(*READING_FLAG.column_names)


JOB = Job(READING_FLAG, reading_flags, {"blocks": Read("silver.interval_block")})
