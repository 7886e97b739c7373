"""What the report shows of demand forecasts: the fan of one feeder, against what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from jobs.batches import joined
from jobs.gold.feeder_profile import FEEDER_PROFILE
from jobs.models.demand.clock import EPOCH
from jobs.models.demand.panel_rows import ProfileRows, panel_of
from jobs.models.demand.profile_days import READS, profile_days
from jobs.models.demand.settings import DemandSettings, read_demand_settings
from jobs.models.demand_forecast import DEMAND_FORECAST
from jobs.query.snapshot import Snapshot
from jobs.registry import table_named
from jobs.settings import Settings


@dataclass(frozen=True)
class Forecast:
    """``rows``: ``interval_start_utc, mean_kw, quantile_kw, actual_kw`` of one feeder, as issued at ``issued_utc``.

    ``actual_kw`` is NaN where it has not happened yet, or not enough was metered. ``levels``: of the quantiles.
    """

    feeder_id: str | None
    issued_utc: datetime | None
    method: str | None
    levels: tuple[float, ...]
    rows: pd.DataFrame


def read_forecast(snapshot: Snapshot, settings: Settings) -> Forecast:
    """The newest issue of which most has happened, and of its feeders the one of highest expected demand."""
    demand = read_demand_settings(settings.conf_folder)
    said = snapshot.rows(DEMAND_FORECAST).where("series_kind = 'feeder' and mean_kw is not null")
    last = snapshot.rows(FEEDER_PROFILE).agg(F.max("grid_date").alias("day")).first()
    day = None if last is None else last["day"]
    happened = F.least(F.datediff(F.lit(day), "grid_date") - 1, F.lit(max(demand.days_ahead)))
    issue = said.groupBy("grid_date").agg(F.max(happened).alias("days")).orderBy(F.desc("days"), F.desc("grid_date"))
    first = issue.first()
    if first is None:
        columns = ["interval_start_utc", "mean_kw", "quantile_kw", "actual_kw"]
        return Forecast(None, None, None, demand.quantiles, pd.DataFrame(columns=columns))
    rows = said.where(F.col("grid_date") == F.lit(first["grid_date"]))
    feeder = rows.groupBy("series_id").agg(F.sum("mean_kw").alias("sum")).orderBy(F.desc("sum"), "series_id").first()
    assert feeder is not None  # an issue has rows
    found = rows.where(F.col("series_id") == feeder["series_id"]).orderBy("interval_start_utc").toPandas()
    actual = _actual(snapshot, settings, demand, feeder["series_id"], first["grid_date"])
    shown = found.merge(actual, "left", "interval_start_utc")
    return Forecast(
        feeder["series_id"],
        found["issue_time_utc"].iloc[0].to_pydatetime(),
        str(found["method"].iloc[0]),
        demand.quantiles,
        shown[["interval_start_utc", "mean_kw", "quantile_kw", "actual_kw"]],
    )


def _actual(snapshot: Snapshot, settings: Settings, demand: DemandSettings, feeder: str, before: date) -> pd.DataFrame:
    """What the feeder's parts took together in the days after the day ``before``: losses too, as in the forecast."""
    first, end = before + timedelta(days=1), before + timedelta(days=max(demand.days_ahead) + 1)
    frames = {name: snapshot.rows(table_named(table)) for name, table in READS.items()}
    frames = {
        name: rows.where(F.col("grid_date").between(F.lit(first), F.lit(end))) if "grid_date" in rows.columns else rows
        for name, rows in frames.items()
    }
    of_days = profile_days(frames, utc_offset=settings.grid_time.offset, profile=settings.profile, demand=demand)
    rows = of_days.where(F.col("group_id") == feeder).toArrow().combine_chunks()
    number = [(one - EPOCH).days for one in (first, end)]
    if not rows.num_rows:
        return pd.DataFrame({"interval_start_utc": pd.Series([], dtype="datetime64[ns]"), "actual_kw": []})
    panel = panel_of(
        ProfileRows(joined(rows.to_batches()), settings.profile), {}, first_day=number[0], end_day=number[1] + 1,
        time=settings.grid_time,
    )  # fmt: skip
    kw = panel.demand_kw.sum(axis=0).reshape(-1)
    minutes = panel.clock.start_minute(number[0]) + np.arange(len(kw)) * panel.clock.interval_minutes
    starts = pd.DatetimeIndex(minutes.astype("datetime64[m]").astype("datetime64[ns]"))
    return pd.DataFrame({"interval_start_utc": starts, "actual_kw": kw.astype(float)})
