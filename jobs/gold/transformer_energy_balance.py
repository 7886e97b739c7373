"""Gold ``transformer_energy_balance``: what each transformer's total meter counted, and where it went.

The meter stands at the low-voltage side: the transformer's own losses lie before it and are in no balance of it.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame

from jobs import columns as c
from jobs.gold.balance.columns import ENERGY, LINE_LOSS, PERIOD, RESULT, transformer_losses
from jobs.gold.balance.energy_balance import READS, MeteredPlace, balance_options, energy_balances
from jobs.job import Job
from jobs.table import Table

TRANSFORMER_ENERGY_BALANCE = Table(
    name="gold.transformer_energy_balance",
    grain="One transformer that has a total meter, one grid day or local month.",
    key=("transformer_id", "period_kind", "period_start"),
    replace="period",
    columns=(
        c.TRANSFORMER_ID,
        *PERIOD,
        *ENERGY,
        *transformer_losses(", before the meter: in its feeder's balance, not in this one"),
        LINE_LOSS,
        *RESULT,
    ),
)


TOTAL_METER = MeteredPlace(
    TRANSFORMER_ENERGY_BALANCE,
    kind="transformer_total",
    grid="customer_class = 'grid'",
    own_lines=None,
    counted=("line_loss_wh",),
)


def transformer_energy_balances(transformer_profile: DataFrame, *read: DataFrame, **given: Any) -> DataFrame:
    """Profiles, total meters, nameplates and line loss coefficients -> gold.transformer_energy_balance."""
    return energy_balances(TOTAL_METER, transformer_profile, transformer_profile, *read, **given)


JOB = Job(
    TRANSFORMER_ENERGY_BALANCE,
    transformer_energy_balances,
    reads=READS,
    options=balance_options,
    bears_on=(1, 1),  # an hour of a local month may lie in a grid day beside it
)
