"""Gold ``asset_feature``: what was known of each unit in service as of a date.

No outcome stands here: whether a unit failed afterwards is joined where a model is trained
(`jobs.models.failure.outcome`), so no column of this table can give it away.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, DataType, DateType, DoubleType, IntegerType, MapType, StringType

from jobs import columns as c
from jobs.gold.features.heat import aged
from jobs.gold.features.place import areas_of, inhabited, loaded, struck
from jobs.gold.features.position_history import complained, failed_before, interrupted, supplied
from jobs.gold.features.settings import FeatureSettings
from jobs.gold.features.spine import KEY, as_of_dates, units_in_service
from jobs.gold.features.unit_history import CONDITIONS, LEAKS, inspected, oil_tested, work
from jobs.job import Job, Read
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Column, Table

_UNITS = {
    "ppm": "ppm", "kva": "kVA", "kv": "kV", "years": "a", "pu": "1", "hours": "h", "cost": c.PRICE_YEAR_MONEY,
    "g": "mg KOH/g", "degc": "degC",
}  # fmt: skip


def _feature(name: str, meaning: str, type: DataType | None = None, unit: str | None = "") -> Column:
    """A feature, null where nothing was known; its unit is its suffix."""
    told = _UNITS.get(name.rsplit("_", 1)[-1], "1") if unit == "" else unit
    return Column(name, type or DoubleType(), told, meaning, nullable=True)


def _count(name: str, meaning: str) -> Column:
    return Column(name, IntegerType(), "1", meaning, minimum=0)


def _text(name: str, meaning: str) -> Column:
    return _feature(name, meaning, StringType(), None)


_RECENT = "in the years that count (`features.recent_years`)"
_LAST_OIL = "Last oil test known: "
ASSET_FEATURE = Table(
    name="gold.asset_feature",
    grain="One unit in service as of a date: each 1 January of the years with events, and the day the span ends.",
    key=KEY,
    columns=(
        c.ASSET_ID,
        Column("as_of", DateType(), None, "Grid day at whose start this was known"),
        c.TRANSFORMER_ID,
        _text("asset_class", "Class of the unit"),
        _text("type_name", "Maker's type"),
        _text("manufacturer", "Maker"),
        _text("batch", "Production batch"),
        _text("loss_class", "Efficiency tier"),
        _feature("rating_kva", "Rated apparent power"),
        _feature("high_voltage_kv", "Rated voltage of the highest winding"),
        _feature("manufactured_year", "Year of manufacture", IntegerType(), None),
        _feature("age_years", "Years since the year of manufacture", IntegerType()),
        Column("service_years", DoubleType(), "a", "Years since it was first put in service", minimum=0),
        Column(
            "service_years_at_record_start",
            DoubleType(),
            "a",
            "Its years in service where the record of events begins: units that failed before were never seen (left "
            "truncation)",
            minimum=0,
        ),
        _count("corrective_orders", f"Corrective work orders of the unit {_RECENT}"),
        _feature("corrective_cost", "What they cost"),
        _feature("years_since_corrective", "Years since the last of all"),
        _count("inspections", "Inspections of the unit on record"),
        _feature("years_since_inspection", "Years since the last"),
        _feature("condition_grade", f"Last external condition, 0 to 3: {', '.join(CONDITIONS)}", IntegerType()),
        _feature("mean_condition_grade", "Mean of the external conditions of all its inspections"),
        _feature("oil_leak_grade", f"Last finding of oil, 0 to 2: {', '.join(LEAKS)}", IntegerType()),
        _feature("mean_oil_leak_grade", "Mean of the findings of oil of all its inspections"),
        _feature("mean_inspection_service_years", "Mean years in service at its inspections"),
        _feature("bushings_damaged", "Last inspection: a bushing is chipped or cracked", BooleanType(), None),
        _feature("maximum_demand_pu", "Last inspection: highest load by the demand indicator / rating"),
        _feature("years_since_oil_test", "Years since the last oil test whose result was known"),
        _feature("hydrogen_ppm", _LAST_OIL + "H2"),
        _feature("methane_ppm", _LAST_OIL + "CH4"),
        _feature("ethane_ppm", _LAST_OIL + "C2H6"),
        _feature("ethylene_ppm", _LAST_OIL + "C2H4"),
        _feature("acetylene_ppm", _LAST_OIL + "C2H2"),
        _feature("carbon_monoxide_ppm", _LAST_OIL + "CO"),
        _feature("carbon_dioxide_ppm", _LAST_OIL + "CO2"),
        _feature("moisture_ppm", _LAST_OIL + "water, by mass"),
        _feature("acidity_mg_koh_per_g", _LAST_OIL + "neutralisation value"),
        _feature("breakdown_voltage_kv", _LAST_OIL + "breakdown voltage"),
        _feature("furfural_ppm", _LAST_OIL + "2-FAL"),
        _count("failures_at_position", "Failures at the position in the years that count (`features.failure_years`)"),
        _count("outages", f"Unplanned outages of the position {_RECENT}"),
        _feature("outage_hours", "Hours of those that had ended"),
        _feature("most_customers_interrupted", "Most customers that an outage of it interrupted", IntegerType()),
        _count("voltage_complaints", f"Complaints of voltage or flicker at the position {_RECENT}"),
        _count("noise_complaints", f"Complaints of noise {_RECENT}, since the unit stands there"),
        _feature("usage_points", "Usage points connected to the position", IntegerType()),
        _feature("mean_ground_flash_density", "Mean of the area's years known", None, "flashes/(km2 a)"),
        _feature("last_ground_flash_density", "The area's last year known", None, "flashes/(km2 a)"),
        _feature("population_per_km2", "Inhabitants of the area, newest statistics known", None, "1/km2"),
        _feature("income_per_person", "Mean yearly income there", None, "currency"),
        _feature("profile_peak_pu", "Highest load of the year before by its own profile / rating of the position"),
        _feature("peak_utilisation_pu", "profile_peak_pu; without a profile, maximum_demand_pu"),
        _feature("loss_of_life_hours", "Loss of life on the days of its own profile, in hours of normal ageing"),
        _feature("mean_ageing_rate", "Mean relative ageing rate of these days"),
        _feature("equivalent_age_years", "service_years x mean_ageing_rate: its thermal age, had it always aged so"),
        _feature("hot_spot_max_degc", "Highest hot-spot temperature of the year before, by its own profile"),
        _feature("measures", "Further numbers of the register", MapType(StringType(), DoubleType(), False), None),
        _feature("traits", "Further texts of the register", MapType(StringType(), StringType(), False), None),
    ),
)
NONE_KNOWN = [column.name for column in ASSET_FEATURE.columns if not column.nullable and column.minimum == 0]


def asset_features(
    asset: DataFrame,
    asset_deployment: DataFrame,
    asset_event: DataFrame,
    inspection: DataFrame,
    oil_test: DataFrame,
    complaint: DataFrame,
    outage: DataFrame,
    connectivity: DataFrame,
    power_transformer: DataFrame,
    lightning_density: DataFrame,
    area: DataFrame,
    load_metrics: DataFrame,
    ageing: DataFrame,
    *,
    end: date,
    features: FeatureSettings,
    utc_offset: timedelta,
) -> DataFrame:
    """The register, its events and its places -> gold.asset_feature, for each date up to ``end``."""
    dates = as_of_dates(asset_event, end=end, utc_offset=utc_offset)
    units = units_in_service(asset, asset_deployment, dates)
    recent, published = features.recent_years, features.statistics_days
    of_unit = (
        work(asset_event, dates, years=recent), inspected(inspection, dates), oil_tested(oil_test, dates),
        aged(ageing, dates, days=features.profile_days),
    )  # fmt: skip
    of_position = (
        failed_before(asset_event, asset_deployment, dates, years=features.failure_years),
        interrupted(outage, dates, years=recent),
        complained(complaint, dates, years=recent),
        supplied(connectivity, dates),
        loaded(load_metrics, dates, days=features.profile_days),
        areas_of(power_transformer, dates),
    )
    of_area = struck(lightning_density, dates, days=published), inhabited(area, dates, days=published)
    rows = units
    for key, found in (("asset_id", of_unit), ("transformer_id", of_position), ("area_id", of_area)):
        for group in found:
            rows = rows.join(group, [key, "as_of"], "left")
    own = F.filter("_noise", lambda heard: heard >= F.col("valid_from_utc"))
    rows = rows.withColumns(
        {
            "noise_complaints": F.coalesce(F.size(own), F.lit(0)),
            "peak_utilisation_pu": F.coalesce("profile_peak_pu", "maximum_demand_pu"),
            "mean_inspection_service_years": F.col("service_years") - F.col("mean_years_since_inspection"),
            "equivalent_age_years": F.col("service_years") * F.col("mean_ageing_rate"),
        }
    )
    return rows.fillna(0, NONE_KNOWN).select(*ASSET_FEATURE.column_names)


def _options(settings: Settings, span: Span) -> dict[str, Any]:
    return {"end": span.end, "features": settings.features, "utc_offset": settings.grid_time.offset}


_EARLIEST = date(1900, 1, 1)  # any day before the first profile; date.min is none that Java takes

JOB = Job(
    ASSET_FEATURE,
    asset_features,
    {
        "asset": Read("silver.asset"),
        "asset_deployment": Read("silver.asset_deployment"),
        "asset_event": Read("silver.asset_event"),
        "inspection": Read("silver.inspection"),
        "oil_test": Read("silver.oil_test"),
        "complaint": Read("silver.complaint"),
        "outage": Read("silver.outage"),
        "connectivity": Read("silver.connectivity"),
        "power_transformer": Read("silver.power_transformer"),
        "lightning_density": Read("silver.lightning_density"),
        "area": Read("silver.area"),
        "load_metrics": Read("gold.transformer_load_metrics"),
        "ageing": Read("gold.transformer_ageing", lambda span: Span(_EARLIEST, span.end)),
    },
    _options,
)
