"""Bronze entities: for each silver entity, its columns as a source delivers them, with where they stood."""

from __future__ import annotations

from dataclasses import replace

from jobs import columns as c
from jobs.silver.area import AREA
from jobs.silver.asset import ASSET
from jobs.silver.asset_account import ASSET_ACCOUNT
from jobs.silver.asset_cost import ASSET_COST
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.asset_event import ASSET_EVENT
from jobs.silver.complaint import COMPLAINT
from jobs.silver.component_reliability import COMPONENT_RELIABILITY
from jobs.silver.connectivity import CONNECTIVITY
from jobs.silver.customer_agreement import CUSTOMER_AGREEMENT
from jobs.silver.feeder import FEEDER
from jobs.silver.inspection import INSPECTION
from jobs.silver.lightning_density import LIGHTNING_DENSITY
from jobs.silver.meter import METER
from jobs.silver.oil_test import OIL_TEST
from jobs.silver.outage import OUTAGE
from jobs.silver.power_transformer import POWER_TRANSFORMER
from jobs.silver.price_index import PRICE_INDEX
from jobs.silver.price_interval import PRICE_INTERVAL
from jobs.silver.register_read import REGISTER_READ
from jobs.silver.standard_profile import STANDARD_PROFILE
from jobs.silver.substation import SUBSTATION
from jobs.silver.usage_point import USAGE_POINT
from jobs.silver.weather_hour import WEATHER_HOUR
from jobs.table import Table

SILVER = (
    AREA, ASSET, ASSET_ACCOUNT, ASSET_COST, ASSET_DEPLOYMENT, ASSET_EVENT, COMPLAINT, COMPONENT_RELIABILITY,
    CONNECTIVITY, CUSTOMER_AGREEMENT, FEEDER, INSPECTION, LIGHTNING_DENSITY, METER, OIL_TEST, OUTAGE,
    POWER_TRANSFORMER, PRICE_INDEX, PRICE_INTERVAL, REGISTER_READ, STANDARD_PROFILE, SUBSTATION, USAGE_POINT,
    WEATHER_HOUR,
)  # fmt: skip
COMPUTED = {"unit_cost", "event_cost", "index_used", "multiplier_before", "multiplier_after"}
"""Silver columns that no source delivers: they are computed between bronze and silver."""

JOINED = {"register_read": ("usage_point_id",)}
"""Columns of keys that come from another table where the source does not deliver them."""

PROVENANCE = (c.FILE_ID, c.FIRST_LINE, c.VERSION, *c.PROVENANCE)


def bronze_table(silver: Table) -> Table:
    """The bronze table that feeds a silver entity: a column is null where its source does not deliver it."""
    given = [column for column in silver.columns if column not in c.PROVENANCE and column.name not in COMPUTED]
    return Table(
        name=f"bronze.{silver.name.split('.')[1]}",
        grain="One delivered record. " + silver.grain,
        key=("file_id", "source", "first_line"),
        replace="file",
        columns=(*(replace(column, nullable=True) for column in given), *PROVENANCE),
    )


ENTITIES = {silver.name.split(".")[1]: bronze_table(silver) for silver in SILVER}
SILVER_BY_NAME = {silver.name.split(".")[1]: silver for silver in SILVER}
TABLES = tuple(ENTITIES.values())
