"""Gold ``feeder_energy_balance``: what the meter at each feeder's head counted, and where it went.

Between it and the usage points lie the feeder's lines, its transformers and the lines behind them. Those lines' losses
follow from each transformer's own profile, the feeder's from the feeder's (`gold.line_loss_coefficient`).
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame

from jobs import columns as c
from jobs.gold.balance.columns import ENERGY, LINE_LOSS, PERIOD, RESULT, transformer_losses
from jobs.gold.balance.energy_balance import READS, MeteredPlace, balance_options, energy_balances
from jobs.gold.balance.sums import LOSSES
from jobs.gold.profile.metrics import days_of_months
from jobs.job import Job, Read
from jobs.table import Table

FEEDER_ENERGY_BALANCE = Table(
    name="gold.feeder_energy_balance",
    grain="One feeder that has a meter at its head, one grid day or local month.",
    key=("feeder_id", "period_kind", "period_start"),
    replace="period",
    columns=(c.FEEDER_ID, *PERIOD, *ENERGY, *transformer_losses(" of all its transformers"), LINE_LOSS, *RESULT),
)


HEAD_METER = MeteredPlace(
    FEEDER_ENERGY_BALANCE,
    kind="feeder_head",
    grid="customer_class = 'grid' and transformer_id is null",
    own_lines="mv",
    counted=LOSSES,
)


def feeder_energy_balances(feeder_profile: DataFrame, *read: DataFrame, **given: Any) -> DataFrame:
    """Profiles, head meters, nameplates and line loss coefficients -> gold.feeder_energy_balance."""
    return energy_balances(HEAD_METER, feeder_profile, *read, **given)


# No totals hold days against months: a local month of summer time begins an hour before its first grid day does.
JOB = Job(
    FEEDER_ENERGY_BALANCE,
    feeder_energy_balances,
    reads={"feeder_profile": Read("gold.feeder_profile", days_of_months), **READS},
    options=balance_options,
    bears_on=(1, 1),  # an hour of a local month may lie in a grid day beside it
)
