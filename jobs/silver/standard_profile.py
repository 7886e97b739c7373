"""Silver ``standard_profile``: standard load profiles, which shape the energy of customers without interval meters."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.usage_point_baseline import DAY_TYPES
from jobs.silver.versions import RULES, finished, judged, refuse
from jobs.table import Column, Table

SEASONS = {
    "winter": "from 1 November to 20 March",
    "transition": "between the two",
    "summer": "from 15 May to 14 September",
}
PROFILE_ID = Column("profile_id", StringType(), None, "Standard load profile, such as H0")

STANDARD_PROFILE = Table(
    name="silver.standard_profile",
    grain="One standard load profile, one season, one day type, one quarter-hour.",
    key=("profile_id", "season", "day_type", "time_of_day"),
    columns=(
        PROFILE_ID,
        Column("season", StringType(), None, "Season, by local date", codes=SEASONS),
        Column("day_type", StringType(), None, "Day type, by local date", codes=DAY_TYPES),
        Column("time_of_day", StringType(), None, "Start of the quarter-hour by the clock on the wall, HH:MM"),
        Column("power_w", DoubleType(), "W", "Mean power at 1,000 kWh a year", minimum=0),
        *c.PROVENANCE,
    ),
)

QUARTER = "^([01][0-9]|2[0-3]):(00|15|30|45)$"


def standard_profiles(standard_profile: DataFrame) -> DataFrame:
    """bronze.standard_profile -> silver.standard_profile."""
    judged_rows = judged(standard_profile, STANDARD_PROFILE)
    return finished(refuse(judged_rows, "not_a_quarter", ~F.col("time_of_day").rlike(QUARTER)), STANDARD_PROFILE)


JOB = Job(
    STANDARD_PROFILE,
    standard_profiles,
    {"standard_profile": Read("bronze.standard_profile")},
    judges="standard_profile",
    rules=RULES,
)
