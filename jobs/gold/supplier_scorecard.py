"""Gold ``supplier_scorecard``: makers, models and batches by what their units did beside what was expected of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql.types import ArrayType, DateType, DoubleType, IntegerType, LongType, StringType

from jobs.gold.suppliers.scorecard import scorecard
from jobs.gold.suppliers.settings import SupplierSettings
from jobs.gold.suppliers.unit_years import cells, unit_years
from jobs.job import Job, Read
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table


def _number(name: str, meaning: str, unit: str = "1", *, nullable: bool = False) -> Column:
    return Column(name, DoubleType(), unit, meaning, nullable=nullable, minimum=0)


def _count(name: str, meaning: str) -> Column:
    return Column(name, LongType(), "1", meaning, minimum=0)


def _chance(name: str, meaning: str, *, nullable: bool = False) -> Column:
    return Column(name, DoubleType(), "1", meaning, nullable=nullable, minimum=0, maximum=1)


_TAIL = (
    "Chance of so many {0} or more where only as many are expected: Poisson, mid-p; without listed groups of "
    "smaller levels"
)
_SHARE = (
    "Least false discovery rate at which its {0} name it, among the groups of its level (Benjamini and Hochberg); null "
    "where too few are expected (`suppliers.least_expected`)"
)
SUPPLIER_SCORECARD = Table(
    name="gold.supplier_scorecard",
    grain="One maker, model or batch as of the newest date of gold.asset_feature; years wholly on record count.",
    key=("as_of", "group_level", "group_id"),
    columns=(
        Column("as_of", DateType(), None, "Grid day at whose start this was known"),
        Column(
            "group_level",
            StringType(),
            None,
            "What the group is",
            codes={
                "maker": "all units of a maker",
                "model": "a maker's type",
                "batch": "a maker's production batch",
            },
        ),
        Column("group_id", StringType(), None, "Maker, or maker / type or maker / batch"),
        Column("manufacturer", StringType(), None, "Maker"),
        Column("type_name", StringType(), None, "Maker's type, of a model", nullable=True),
        Column("batch", StringType(), None, "Production batch, of a batch", nullable=True),
        _count("units", "Units of the group in service at a 1 January of the record"),
        _count("unit_years", "Years at whose 1 January one of them was in service"),
        _number("exposure_years", "Time in service in these years; a year that ends in failure counts whole", "a"),
        _count("failures", "Failures in these years"),
        _number(
            "expected_failures",
            "Failures expected of such units whoever made them, by the hazard of other units (cross-fitted by unit)",
        ),
        _number("failure_rate", "Crude rate: failures / exposure_years", "1/a"),
        _number("crude_ratio", "Crude rate / that of the fleet; null where nothing failed", nullable=True),
        _count("failures_apart", "Failures without listed groups of smaller levels (batches, then models)"),
        _number("expected_failures_apart", "Expected failures without these"),
        _number(
            "relative_rate",
            "Failures / expected failures, both apart, shrunk towards 1 by how much groups of the level differ: mean "
            "of Gamma(a + failures, a + expected)",
        ),
        _number("relative_rate_low", "Lower end of its interval (`suppliers.interval`)"),
        _number("relative_rate_high", "Upper end"),
        _chance("failures_tail", _TAIL.format("failures")),
        _chance("failures_false_discovery_rate", _SHARE.format("failures"), nullable=True),
        Column("excess_years", IntegerType(), "1", "Years with more failures than expected", minimum=0),
        _count("complaints", "Complaints that tell of the unit (`suppliers.complaint_categories`) while it stood"),
        _number("expected_complaints", "Complaints expected, as failures are"),
        _number("complaints_relative_rate", "Complaints / expected complaints, shrunk as relative_rate is"),
        _chance("complaints_tail", _TAIL.format("complaints")),
        _chance("complaints_false_discovery_rate", _SHARE.format("complaints"), nullable=True),
        _count("outages", "Unplanned outages that lie in the unit (`suppliers.outage_causes`) while it stood"),
        _number("expected_outages", "Outages expected, as failures are"),
        _number("outages_relative_rate", "Outages / expected outages, shrunk as relative_rate is"),
        _chance("outages_tail", _TAIL.format("outages")),
        _chance("outages_false_discovery_rate", _SHARE.format("outages"), nullable=True),
        Column(
            "listed_as",
            StringType(),
            None,
            "List that the group is on",
            codes={
                "blacklist": "failures name it at `suppliers.blacklist_share`, its interval lies above 1, and its rate "
                "is `suppliers.least_relative_rate` or more",
                "watch_list": "failures, complaints or outages name it at `suppliers.watch_share`, and their rate is "
                "`suppliers.least_relative_rate` or more",
                "none": "it is on no list",
            },
        ),
        Column("reason", StringType(), None, "Why it is listed; null where it is not", nullable=True),
        Column("evidence", ArrayType(StringType(), False), None, "What was seen beside what was expected, in words"),
    ),
)


def supplier_scorecards(
    asset_feature: DataFrame,
    asset_event: DataFrame,
    asset_deployment: DataFrame,
    complaint: DataFrame,
    outage: DataFrame,
    *,
    suppliers: SupplierSettings,
    utc_offset: timedelta,
) -> DataFrame:
    """Features and what became of units -> gold.supplier_scorecard.

    One task judges all groups, for each is held against the whole fleet; what it gets are counts of unit-years that are
    alike, not units. No year wholly on record: no rows.
    """
    years = unit_years(
        asset_feature, asset_event, asset_deployment, complaint, outage, suppliers=suppliers, utc_offset=utc_offset
    )
    names = SUPPLIER_SCORECARD.column_names

    def judged(alike: pd.DataFrame) -> pd.DataFrame:
        rows = scorecard(alike, suppliers).assign(as_of=alike["as_of"].iloc[0])
        counts = [column.name for column in SUPPLIER_SCORECARD.columns if isinstance(column.type, LongType)]
        return rows.astype(dict.fromkeys(counts, "int64"))[names]

    types = [f"{column.name} {column.type.simpleString()}" for column in SUPPLIER_SCORECARD.columns]
    return cells(years, suppliers).groupBy("as_of").applyInPandas(judged, ", ".join(types))


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"suppliers": settings.suppliers, "utc_offset": settings.grid_time.offset}


JOB = Job(
    SUPPLIER_SCORECARD,
    supplier_scorecards,
    {
        "asset_feature": Read("gold.asset_feature"),
        "asset_event": Read("silver.asset_event"),
        "asset_deployment": Read("silver.asset_deployment"),
        "complaint": Read("silver.complaint"),
        "outage": Read("silver.outage"),
    },
    _options,
)
