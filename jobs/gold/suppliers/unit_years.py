"""What each unit came to in each year on record, counted together where units and years are alike."""

from __future__ import annotations

from datetime import timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.gold.features.spine import KEY, day_start
from jobs.gold.suppliers.settings import SupplierSettings
from jobs.models.failure.outcome import outcomes

MONTHS = 12
_FINE = 1_000_000  # parts of a year: sums of whole numbers are the same in any order


def unit_years(
    asset_feature: DataFrame,
    asset_event: DataFrame,
    asset_deployment: DataFrame,
    complaint: DataFrame,
    outage: DataFrame,
    *,
    suppliers: SupplierSettings,
    utc_offset: timedelta,
) -> DataFrame:
    """One row a unit and year wholly on record, with what became of it, by what was known at the record's end.

    Columns of gold.asset_feature that count, ``failed, exposure`` (`jobs.models.failure.outcome`), ``complaints,
    outages`` while it stood, ``_newest`` (its last year) and ``_record_end``, the newest date of gold.asset_feature.
    """
    told = ("transformer_id", "manufacturer", "type_name", "batch", *suppliers.columns, *suppliers.categories)
    feature = asset_feature.select(*KEY, *told)
    end = feature.agg(F.max("as_of").alias("_record_end")).withColumn("_end", day_start("_record_end", utc_offset))
    rows = outcomes(feature, _known(asset_event, end), asset_deployment, months=MONTHS, utc_offset=utc_offset)
    happened = _of_positions(_known(complaint, end), _known(outage, end), suppliers)
    counted = _while_standing(rows, happened, asset_deployment, utc_offset)
    newest = F.max("as_of").over(Window.partitionBy("asset_id")) == F.col("as_of")
    return (
        rows.join(counted, list(KEY), "left")
        .fillna(0, ["complaints", "outages"])
        .withColumn("_newest", newest)
        .crossJoin(F.broadcast(end.select("_record_end")))
    )


def cells(unit_years: DataFrame, suppliers: SupplierSettings) -> DataFrame:
    """Unit-years counted together (`jobs.gold.suppliers.scorecard`), with the ``as_of`` of the record's end."""
    fold = F.pmod(F.xxhash64(F.lit("supplier"), F.col("asset_id")), F.lit(suppliers.folds)).cast("int")
    rounded = [_rounded(name, step).alias(name) for name, step in suppliers.columns.items()]
    kind = [
        F.col("_record_end").alias("as_of"),
        F.year("as_of").alias("year"),
        fold.alias("fold"),
        *(F.col(name) for name in ("manufacturer", "type_name", "batch", *suppliers.categories)),
        *rounded,
    ]
    fine = F.round(F.col("exposure") * _FINE).cast("long")
    return unit_years.groupBy(*kind).agg(
        F.count_if("_newest").alias("units"),
        F.count("*").alias("unit_years"),
        (F.sum(fine) / _FINE).alias("exposure_years"),
        F.sum("failed").alias("failures"),
        F.sum("complaints").alias("complaints"),
        F.sum("outages").alias("outages"),
    )


def _known(rows: DataFrame, end: DataFrame) -> DataFrame:
    """Rows that were known where the record ends."""
    return rows.join(F.broadcast(end.select("_end")), F.col("known_from_utc") <= F.col("_end")).drop("_end")


def _of_positions(complaint: DataFrame, outage: DataFrame, suppliers: SupplierSettings) -> DataFrame:
    """Complaints and outages that tell of the unit itself: ``transformer_id, _when, _complaint, _outage``."""
    called = complaint.where(F.col("category").isin(*suppliers.complaint_categories))
    unplanned = outage.where(~F.coalesce("planned", F.lit(False)) & F.col("cause").isin(*suppliers.outage_causes))
    none, one = F.lit(0), F.lit(1)
    return called.select(
        "transformer_id", F.col("received_at_utc").alias("_when"), one.alias("_complaint"), none.alias("_outage")
    ).unionByName(
        unplanned.select(
            "transformer_id", F.col("valid_from_utc").alias("_when"), none.alias("_complaint"), one.alias("_outage")
        )
    )


def _while_standing(
    rows: DataFrame, happened: DataFrame, asset_deployment: DataFrame, utc_offset: timedelta
) -> DataFrame:
    """``complaints, outages`` of each unit and year; what happens in the moment a unit is taken away is its own."""
    stood = asset_deployment.select("asset_id", "transformer_id", "valid_from_utc", "valid_to_utc")
    own = happened.join(stood, "transformer_id").where(
        (F.col("valid_from_utc") < F.col("_when"))
        & (F.col("valid_to_utc").isNull() | (F.col("valid_to_utc") >= F.col("_when")))
    )
    years = rows.select(*KEY, F.add_months("as_of", MONTHS).alias("_until")).withColumns(
        {"_at": day_start("as_of", utc_offset), "_stop": day_start("_until", utc_offset)}
    )
    within = own.select("asset_id", "_when", "_complaint", "_outage").join(years, "asset_id")
    return (
        within.where((F.col("_when") >= F.col("_at")) & (F.col("_when") < F.col("_stop")))
        .groupBy(*KEY)
        .agg(F.sum("_complaint").alias("complaints"), F.sum("_outage").alias("outages"))
    )


def _rounded(name: str, step: float) -> Column:
    return F.round(F.col(name).cast("double") / step) * step
