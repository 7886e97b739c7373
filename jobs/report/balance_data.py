"""What the report shows of energy balances: those of feeders, and transformers where too much is unexplained."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from pyspark.sql import functions as F

from jobs.gold.feeder_energy_balance import FEEDER_ENERGY_BALANCE
from jobs.gold.transformer_energy_balance import TRANSFORMER_ENERGY_BALANCE
from jobs.query.snapshot import Snapshot
from jobs.report.main_period import main_period

SUSPECTS_SHOWN = 15


@dataclass(frozen=True)
class Balances:
    """Rows of gold.feeder_energy_balance of one month; ``suspects``: the first of gold.transformer_energy_balance.

    ``judged``: transformers with a balance in that month, ``suspected``: those of them that are suspect.
    """

    feeders: pd.DataFrame
    suspects: pd.DataFrame
    judged: int
    suspected: int


def read_balances(snapshot: Snapshot) -> Balances:
    feeders = main_period(snapshot.rows(FEEDER_ENERGY_BALANCE), "coverage")
    transformers = main_period(snapshot.rows(TRANSFORMER_ENERGY_BALANCE), "coverage")
    counted = transformers.agg(F.count("*").alias("judged"), F.count_if("suspect").alias("suspected")).first()
    assert counted is not None  # an aggregate without groups has one row
    return Balances(
        feeders=feeders.orderBy("feeder_id").toPandas(),
        suspects=transformers.where("suspect").orderBy("rank").limit(SUSPECTS_SHOWN).toPandas(),
        judged=counted["judged"],
        suspected=counted["suspected"],
    )
