"""Silver ``asset_cost``: what units of a class and size cost."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DateType, DoubleType, StringType

from jobs import columns as c
from jobs.job import Job, Read
from jobs.silver.money import in_price_year
from jobs.silver.versions import RULES, finished, judged
from jobs.table import Column, Table

COST_KINDS = {
    "investment": "a new unit, installed",
    "maintenance_per_year": "planned maintenance in a year",
    "failure": "one failure beyond planned work, without the price of a new unit",
    "disposal": "planned removal and disposal, net of what is recovered",
}

ASSET_COST = Table(
    name="silver.asset_cost",
    grain="One kind of cost of one class, rating and efficiency tier, as booked on a day.",
    key=("asset_class", "rating_kva", "loss_class", "cost_kind", "booked_on"),
    columns=(
        Column("asset_class", StringType(), None, "Class of the unit"),
        Column("rating_kva", DoubleType(), "kVA", "Rating the cost holds for", minimum=0),
        Column(
            "loss_class", StringType(), None, "Efficiency tier the cost holds for; 'any' where it makes no difference"
        ),
        Column("cost_kind", StringType(), None, "What is paid for", codes=COST_KINDS),
        Column("booked_on", DateType(), None, "Day of the booking or quotation"),
        c.AMOUNT,
        c.CURRENCY,
        Column("unit_cost", DoubleType(), "currency of the price year", "Cost in money of the price year"),
        Column("index_used", DoubleType(), "1", "Price index ratio from booking year to price year", minimum=0),
        Column(
            "no_load_loss_w",
            DoubleType(),
            "W",
            "No-load loss of a new unit (investment rows)",
            nullable=True,
            minimum=0,
        ),
        Column(
            "load_loss_w",
            DoubleType(),
            "W",
            "Load loss of a new unit at rated current (investment rows)",
            nullable=True,
            minimum=0,
        ),
        *c.PROVENANCE,
    ),
)

INDEX_NAME = "equipment"


def asset_costs(asset_cost: DataFrame, price_index: DataFrame, *, price_year: int, currency: str) -> DataFrame:
    """bronze.asset_cost -> silver.asset_cost, in money of the price year."""
    unpriced = asset_cost.withColumns({"unit_cost": F.lit(0.0), "index_used": F.lit(0.0)})
    priced = in_price_year(
        judged(unpriced, ASSET_COST),
        price_index,
        cost="unit_cost",
        year=F.year("booked_on"),
        index_name=INDEX_NAME,
        price_year=price_year,
        currency=currency,
    )
    return finished(priced, ASSET_COST)


JOB = Job(
    ASSET_COST,
    asset_costs,
    {"asset_cost": Read("bronze.asset_cost"), "price_index": Read("silver.price_index")},
    lambda settings, span: {"price_year": settings.money.price_year, "currency": settings.money.currency},
    judges="asset_cost",
    rules=RULES,
)
