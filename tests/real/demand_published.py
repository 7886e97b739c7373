"""Published demand as its readers would export it: a read a row, at the time of its place's clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

FORM = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Published:
    """A publication, and how it is told to a lake.

    Parameters
    ----------
    read : from the folder of real data to ``area, start, mean_power``, ``area, start, temperature_degc`` (or None) and
        the holidays of the place.
    span : grid days, half-open.
    demand : over conf/models/demand.yaml.
    """

    read: Callable[[Path], tuple[pd.DataFrame, pd.DataFrame | None, list[str]]]
    zone: str
    utc_offset: str
    interval_minutes: int
    span: tuple[str, str]
    demand: dict[str, Any]
    source_zone: str | None = None

    def settings(self, holidays: list[str]) -> dict[str, Any]:
        """Sections of a lake's settings."""
        return {
            "grid_time": {"utc_offset": self.utc_offset, "zone": self.zone, "holidays": holidays},
            "profile": {"interval_minutes": self.interval_minutes},
            "validation": {"classes": {"generation": {"limit_kw": 100_000, "flat_minutes": 1440, "flat_min_kw": 1}}},
        }


def isone(real_data: Path) -> tuple[pd.DataFrame, pd.DataFrame | None, list[str]]:
    """Nine zones of ISO New England, hourly, with the temperature of each; MW."""
    table = pd.read_parquet(real_data / "isone_smd_2017" / "smd_hourly_2017_jan_apr.parquet")
    table = table[~((table["Date"] == "2017-03-12") & (table["Hour"] == 2))]  # no clock showed it: the publisher's mean
    table["start"] = (table["Date"] + pd.to_timedelta(table["Hour"] - 1, unit="h")).dt.strftime(FORM)
    table = table.rename(columns={"zone": "area", "DEMAND": "mean_power"})
    table["temperature_degc"] = (table["DryBulb"] - 32) / 1.8
    return (
        table[["area", "start", "mean_power"]],
        table[["area", "start", "temperature_degc"]],
        ["2017-01-02", "2017-01-16", "2017-02-20"],
    )


def vic_elec_2014(real_data: Path) -> tuple[pd.DataFrame, pd.DataFrame | None, list[str]]:
    """Victoria's demand of 2014, half-hourly, with Melbourne's temperature; MW, times in UTC."""
    table = pd.read_parquet(real_data / "vic_elec" / "vic_elec.parquet")
    table = table[table["time_utc"] >= "2013-12-31 14:00"]
    local = table["time_utc"].dt.tz_localize("UTC").dt.tz_convert("Australia/Melbourne")
    holidays = sorted(set(local[table["holiday"]].dt.strftime("%Y-%m-%d")))
    reads = pd.DataFrame(
        {"area": "Victoria", "start": table["time_utc"].dt.strftime(FORM), "mean_power": table["demand"]}
    )
    hour = table["time_utc"].dt.floor("h").dt.strftime(FORM)
    warm = table.groupby(hour)["temperature_c"].mean()
    weather = pd.DataFrame({"area": "Victoria", "start": warm.index, "temperature_degc": warm.to_numpy()})
    return reads, weather, holidays


def ettm1(real_data: Path) -> tuple[pd.DataFrame, pd.DataFrame | None, list[str]]:
    """The six loads of ETTm1, July 2016 to June 2018, every quarter of an hour; MW as far as is known."""
    table = pd.read_csv(real_data / "ett" / "ETTm1.csv.gz", parse_dates=["date"]).drop(columns="OT")
    long = table.melt("date", var_name="area", value_name="mean_power")
    long["start"], long["mean_power"] = long["date"].dt.strftime(FORM), long["mean_power"] * 1000  # as MW, in kW
    return long[["area", "start", "mean_power"]], None, []


PUBLISHED = {
    "isone": Published(
        isone, "America/New_York", "-05:00", 60, ("2017-01-01", "2017-04-30"),
        {"weather": "observed", "training": {"score_days": 28, "calibrate_days": 14}},
    ),
    "vic_elec_2014": Published(
        vic_elec_2014, "Australia/Melbourne", "+10:00", 30, ("2014-01-01", "2014-12-31"),
        {"weather": "observed", "training": {"score_days": 56, "calibrate_days": 84}}, "UTC",
    ),
    "ettm1": Published(
        ettm1, "Asia/Shanghai", "+08:00", 15, ("2016-07-01", "2018-06-26"),
        {"training": {"score_days": 120, "calibrate_days": 45, "fit_days": 540}},
    ),
}  # fmt: skip
