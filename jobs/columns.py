"""Columns that several tables share; a column that stands in one table is declared there."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql.types import (
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
)

from jobs.table import Column

CHANNELS = {
    "delivered": "active energy from the grid to the customer, Wh",
    "received": "active energy from the customer to the grid, Wh",
    "reactive_delivered": "reactive energy from the grid to the customer, varh",
    "reactive_received": "reactive energy from the customer to the grid, varh",
}
PRICE_YEAR_MONEY = "currency of the price year"
UNITS = {"Wh": "watt-hour", "varh": "volt-ampere-reactive hour"}
SUPPLY_LEVELS = {"lv": "behind a service transformer", "mv": "at medium voltage, with no service transformer"}
CUSTOMER_CLASSES = {
    "household": "dwelling",
    "household_heat": "dwelling with heat pump or charger",
    "business": "shop, office, workshop or industry",
    "farm": "farm",
    "generation": "generator with a supply point of its own",
    "grid": "no customer: the head of a feeder, the total of a transformer",
}

USAGE_POINT_ID = Column("usage_point_id", StringType(), None, "Usage point: where energy is delivered (keyed hash)")
CUSTOMER_ID = Column("customer_id", StringType(), None, "Customer (keyed hash)")
METER_ID = Column("meter_id", StringType(), None, "Meter (keyed hash)")
TRANSFORMER_ID = Column("transformer_id", StringType(), None, "Service transformer: the position or bank, not the unit")
FEEDER_ID = Column("feeder_id", StringType(), None, "Feeder")
SUBSTATION_ID = Column("substation_id", StringType(), None, "Substation")
ASSET_ID = Column("asset_id", StringType(), None, "Physical unit in the asset register")
AREA_ID = Column("area_id", StringType(), None, "Small statistical area")
CUSTOMER_CLASS = Column("customer_class", StringType(), None, "Class of the customer", codes=CUSTOMER_CLASSES)
SUPPLY_LEVEL = Column("supply_level", StringType(), None, "Level of supply", codes=SUPPLY_LEVELS)

CHANNEL = Column("channel", StringType(), None, "What the intervals measure", codes=CHANNELS)
UNIT = Column("unit", StringType(), None, "Unit of the readings", codes=UNITS)
GRID_DATE = Column("grid_date", DateType(), None, "Day at the utility's fixed UTC offset")
INTERVAL_MINUTES = Column("interval_minutes", IntegerType(), "min", "Length of each interval", minimum=1, maximum=60)
PERIOD_KIND = Column(
    "period_kind", StringType(), None, "Kind of period", codes={"month": "local month", "year": "local year"}
)
PERIOD_START = Column("period_start", DateType(), None, "First local day of the period")

VALID_FROM_UTC = Column("valid_from_utc", TimestampType(), None, "Start of validity")
VALID_TO_UTC = Column(
    "valid_to_utc", TimestampType(), None, "End of validity, exclusive; null while it lasts", nullable=True
)
KNOWN_FROM_UTC = Column("known_from_utc", TimestampType(), None, "When the utility could first know the row")
KNOWN_FROM_BASIS = Column(
    "known_from_basis",
    StringType(),
    None,
    "Where known_from_utc comes from",
    codes={
        "delivered": "the source's own time of recording",
        "lag": "the event plus the lag stated for the source",
        "arrival": "arrival of the file, for want of anything better",
    },
)
SOURCE = Column("source", StringType(), None, "Source that delivered the row")
SYNTHETIC = Column("synthetic", BooleanType(), None, "True where the source states that its data are invented")
PROVENANCE = (KNOWN_FROM_UTC, KNOWN_FROM_BASIS, SOURCE, SYNTHETIC)
VALIDITY = (VALID_FROM_UTC, VALID_TO_UTC)

FILE_ID = Column("file_id", StringType(), None, "SHA-256 of the file's content")
FIRST_LINE = Column(
    "first_line", LongType(), None, "First line (Parquet: row) of the record in its file, from 1", minimum=1
)
RECEIVED_DATE = Column("received_date", DateType(), None, "UTC date on which the file first arrived")
VERSION = Column("version", LongType(), None, "Version of the delivered value: the highest wins", minimum=0)

X = Column("x", DoubleType(), None, "Longitude or easting, as delivered", nullable=True)
Y = Column("y", DoubleType(), None, "Latitude or northing, as delivered", nullable=True)
AMOUNT = Column("amount", DecimalType(18, 2), "currency", "Recorded money")
CURRENCY = Column("currency", StringType(), None, "ISO 4217 code of the recorded money")
RUN_ID = Column("run_id", StringType(), None, "Run that wrote the row")


def optional(column: Column, meaning: str | None = None) -> Column:
    """The column where it may be null, with the reason in its meaning."""
    return replace(column, nullable=True, meaning=meaning or column.meaning)
