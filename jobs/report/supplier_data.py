"""What the report shows of suppliers: who is listed, all makers, and the groups whose units did worst."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pyspark.sql import functions as F

from jobs.gold.supplier_scorecard import SUPPLIER_SCORECARD
from jobs.query.snapshot import Snapshot

LISTED_SHOWN, WORST_SHOWN = 40, 20


@dataclass(frozen=True)
class Suppliers:
    """Rows of gold.supplier_scorecard of its newest date.

    ``makers``: all of them, most units first, at most `LISTED_SHOWN`. ``listed``: groups on a list, blacklist first,
    the worst first, at most `LISTED_SHOWN`. ``worst``: groups tested for failures, by relative rate, at most
    `WORST_SHOWN`. ``groups``, ``in_all``: groups judged and groups listed.
    """

    makers: pd.DataFrame
    listed: pd.DataFrame
    worst: pd.DataFrame
    groups: int
    in_all: int


def read_suppliers(snapshot: Snapshot) -> Suppliers:
    rows = snapshot.rows(SUPPLIER_SCORECARD)
    listed = rows.where("listed_as <> 'none'")
    worst_first = F.desc("relative_rate"), F.desc("expected_failures"), "group_level", "group_id"
    tested = rows.where("failures_false_discovery_rate is not null")
    counts = rows.agg(F.count("*").alias("groups"), F.count_if(F.col("listed_as") != "none").alias("listed")).first()
    makers = rows.where("group_level = 'maker'").orderBy(F.desc("units"), "group_id")
    return Suppliers(
        makers=makers.limit(LISTED_SHOWN).toPandas(),
        listed=listed.orderBy(F.col("listed_as") != "blacklist", *worst_first).limit(LISTED_SHOWN).toPandas(),
        worst=tested.orderBy(*worst_first).limit(WORST_SHOWN).toPandas(),
        groups=0 if counts is None else counts["groups"],
        in_all=0 if counts is None else counts["listed"],
    )
