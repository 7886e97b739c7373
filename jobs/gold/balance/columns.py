"""Columns that the energy balances of feeders and of transformers share.

In every row, in whole watt-hours:

import - export = delivered - received + profiled + unmetered + losses + unexplained,

the losses being those of lines and, in a feeder, of transformers. One that is not known counts nothing and so lies in
what is unexplained.
"""

from __future__ import annotations

from pyspark.sql.types import BooleanType, DoubleType, IntegerType, LongType, StringType

from jobs import columns as c
from jobs.table import Column

PERIODS = {"day": "grid day", "month": "local month"}
LOSS_BASES = {
    "computed": "from the delivered model's lines (gold.line_loss_coefficient)",
    "unknown": "not computed: the model's lines, their resistances or the energy behind them are not known",
}

ENERGY = (
    Column("import_wh", LongType(), "Wh", "Energy that the head or total meter counted into what hangs behind it"),
    Column("export_wh", LongType(), "Wh", "Energy that it counted out of it"),
    Column("delivered_wh", LongType(), "Wh", "Energy delivered to its usage points by their meters"),
    Column("received_wh", LongType(), "Wh", "Energy received from them"),
    Column("profiled_wh", LongType(), "Wh", "Energy of customers without interval meters, modelled", minimum=0),
    Column("unmetered_wh", LongType(), "Wh", "Energy of what has no meter, modelled", minimum=0),
)
LINE_LOSS = Column(
    "line_loss_wh",
    LongType(),
    "Wh",
    "Losses of the lines between meter and usage points: coefficient x S2; null where they cannot be computed",
    nullable=True,
    minimum=0,
)


def transformer_losses(where: str) -> tuple[Column, Column]:
    """Columns of transformers' losses, with what they have to do with the balance."""
    return (
        Column(
            "no_load_loss_wh",
            LongType(),
            "Wh",
            f"No-load losses by nameplate{where}; null where one is unknown",
            nullable=True,
            minimum=0,
        ),
        Column(
            "load_loss_wh",
            LongType(),
            "Wh",
            f"Load losses, nameplate x (S / rating)2 of its own profile{where}; null where a nameplate is unknown",
            nullable=True,
            minimum=0,
        ),
    )


PERIOD = (
    Column("period_kind", StringType(), None, "Kind of period", codes=PERIODS),
    c.PERIOD_START,
    Column(
        "intervals_used",
        IntegerType(),
        "1",
        "Intervals in which the meter and enough usage points are seen, of days of which validation flagged little",
    ),
    Column(
        "coverage",
        DoubleType(),
        "1",
        "Share of the period's intervals that are used: all sums are theirs",
        minimum=0,
        maximum=1,
    ),
)
RESULT = (
    Column("line_loss_basis", StringType(), None, "Where line_loss_wh comes from", codes=LOSS_BASES),
    Column(
        "unexplained_wh",
        LongType(),
        "Wh",
        "What is left of import less export: above 0 more went in than is accounted for, as by theft",
    ),
    Column(
        "unexplained_share", DoubleType(), "1", "Of import and export together; null where both are 0", nullable=True
    ),
    Column(
        "standard_uncertainty_wh",
        DoubleType(),
        "Wh",
        "Standard uncertainty of unexplained_wh: meters by class, each independent; estimates, profiles and losses",
        minimum=0,
    ),
    Column("suspect", BooleanType(), None, "More is unexplained than the configured number of standard uncertainties"),
    Column(
        "rank", IntegerType(), "1", "Place among the suspects of a month, most energy first", nullable=True, minimum=1
    ),
)
