"""What no interval meter measures: garden plots whose register is read twice a year, and street lamps. All invented.

They stand beside SimBench's loads and are placed by delivered links, so that no model has to know them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.days import AHEAD, GRID_OFFSET, KIND
from jobs.sample.entities import Places
from jobs.sample.metering import midnight_utc
from jobs.sample.seeds import generator
from jobs.sample.shapes import Shapes
from jobs.sample.simbench import DAYS, SLOTS, YEAR_FIRST
from kernels.daylight import dark_share, sunrise_sunset

Float = NDArray[np.float64]

_PLOTS, _PLOT_KWH = 2, (400.0, 0.6)  # at each transformer; a year, median and log standard deviation
_LAMPS, _LAMP_W = (5, 40), 60.0  # at each transformer; W each
_DAY_SPREAD, _SLOT_SPREAD = 0.3, 0.5  # log standard deviation of a plot's energy by day and by quarter-hour
_READ_EVERY_DAYS = 182
_SINCE = datetime(2010, 1, 1, tzinfo=UTC)
_FIRST_METER = 30_000_001
_PROFILE, _LAMP = "garden", "sunset_to_sunrise"
_SEASONS = {"winter": (1101, 320), "transition": (321, 514), "summer": (515, 914)}  # the rest is transition, too


@dataclass(frozen=True)
class Unmeasured:
    """Usage points without interval meters: ``point`` by row, and the true energy of each in a span."""

    point: pd.DataFrame  # usage_point, kind, row (of positions), meter, annual_kwh, installed_w
    usual: Float  # the usual day of a plot through the year, days x slots, mean 1
    seed: int

    def energy(self, first: date, end: date) -> NDArray[np.int64]:
        """True Wh, usage points x days x slots."""
        days = np.arange((first - YEAR_FIRST).days, (end - YEAR_FIRST).days)
        found = np.zeros((len(self.point), len(days), SLOTS), np.int64)
        epoch_day = days + (YEAR_FIRST - date(1970, 1, 1)).days
        for at, one in enumerate(self.point.to_dict("records")):
            if one["kind"] == "lamp":
                rise_set = sunrise_sunset(
                    epoch_day, one["y"], one["x"], offset_minutes=GRID_OFFSET // timedelta(minutes=1)
                )
                wh = one["installed_w"] * dark_share(rise_set, interval_minutes=1440 // SLOTS) * 24 / SLOTS
            else:
                wh = one["true_kwh"] * 1000 / (DAYS * SLOTS) * self.usual[days] * self._life(one["usage_point"], days)
            upto = np.rint(np.concatenate([[0.0], wh.ravel().cumsum()])).astype(np.int64)
            found[at] = np.diff(upto).reshape(wh.shape)
        return found

    def _life(self, name: str, days: NDArray[np.int64]) -> Float:
        """What makes one plot's days unlike another's: mean about 1."""
        factor = np.empty((len(days), SLOTS))
        for n, day in enumerate(days):
            rng = generator(self.seed, f"plot {name}", YEAR_FIRST + timedelta(int(day)))
            own = rng.normal(-(_SLOT_SPREAD**2) / 2, _SLOT_SPREAD, SLOTS)
            factor[n] = np.exp(own + rng.normal(-(_DAY_SPREAD**2) / 2, _DAY_SPREAD))
        return factor


def unmeasured(places: Places, shapes: Shapes, seed: int) -> Unmeasured:
    """Plots and lamps at every transformer."""
    rows = []
    for at, place in enumerate(places.position.to_dict("records")):
        rng = generator(seed, f"unmeasured {place['transformer']}")
        shared = {"row": at, "x": place["x"], "y": place["y"]}
        for number in range(_PLOTS):
            annual = round(float(rng.lognormal(np.log(_PLOT_KWH[0]), _PLOT_KWH[1])))
            rows.append(
                shared
                | {"usage_point": f"G{at + 1:05}-{number + 1}", "kind": "plot", "annual_kwh": annual}
                | {"true_kwh": annual * float(rng.lognormal(0, 0.15)), "installed_w": None}
            )
        watt = float(rng.integers(*_LAMPS)) * _LAMP_W
        rows.append(
            shared
            | {"usage_point": f"L{at + 1:05}", "kind": "lamp", "annual_kwh": None, "true_kwh": None}
            | {"installed_w": watt}
        )
    point = pd.DataFrame(rows)
    plots = point["kind"] == "plot"
    point["meter"] = (_FIRST_METER + plots.cumsum() - 1).astype(str).where(plots)
    usual = np.mean([shape.astype(np.float64) for _, shape in sorted(shapes.home.items())], axis=0)
    return Unmeasured(point, usual / usual.mean(), seed)


def usage_points(found: Unmeasured, places: Places) -> pd.DataFrame:
    """Their rows in the customer system."""
    point = found.point
    lamp = point["kind"] == "lamp"
    return pd.DataFrame(
        {
            "premise": point["usage_point"],
            "kind": np.where(lamp, "lamp", "load"),
            "metering": np.where(lamp, "none", "register"),
            "channels": "delivered",
            "level": "LV",
            "phases": "A",
            "limit_kw": 5.0,
            "longitude": point["x"],
            "latitude": point["y"],
            "area": places.position["area"].to_numpy()[point["row"]],
            "connected_at": pd.Timestamp(_SINCE),
            "profile": np.where(lamp, _LAMP, _PROFILE),
            "annual_kwh": point["annual_kwh"],
            "installed_w": point["installed_w"],
        }
    )


def links(found: Unmeasured, places: Places) -> pd.DataFrame:
    """Their links to transformers."""
    place = places.position.iloc[found.point["row"]].reset_index(drop=True)
    named = {name: place[name] for name in ("transformer", "feeder", "substation")}
    dates = {"from_utc": pd.Timestamp(_SINCE), "to_utc": pd.Series(pd.NaT, place.index, dtype="datetime64[us, UTC]")}
    return pd.DataFrame({"premise": found.point["usage_point"], "level": "LV", **named, **dates})


def meters(found: Unmeasured) -> pd.DataFrame:
    """The plots' meters."""
    plot = found.point[found.point["kind"] == "plot"]
    gone = pd.Series(pd.NaT, plot.index, dtype="datetime64[us, UTC]")
    return pd.DataFrame({"meter": plot["meter"], "premise": plot["usage_point"], "installed_at": pd.Timestamp(_SINCE),
                         "removed_at": gone, "factor": 1.0})  # fmt: skip


def register_reads(found: Unmeasured, first: date, end: date) -> pd.DataFrame:
    """Reads of the plots' registers, each twice a year at an hour of its own, from before the span to its end.

    Before SimBench's year a plot took what its true year says, evenly.
    """
    plots = np.flatnonzero(found.point["kind"] == "plot")
    daily = found.energy(YEAR_FIRST, end)[plots]
    rows = []
    for at, one in zip(range(len(plots)), found.point.iloc[plots].to_dict("records"), strict=True):
        rng = generator(found.seed, f"read {one['usage_point']}")
        slot = int(rng.integers(32, 64))
        day = -_READ_EVERY_DAYS + int(rng.integers(1, _READ_EVERY_DAYS))
        base = 1_000_000 + int(one["meter"]) % 997 * 1000
        upto = np.append(0, daily[at].ravel().cumsum())
        while day < (end - YEAR_FIRST).days:
            number = day * SLOTS + slot
            counted = round(number * one["true_kwh"] * 1000 / (DAYS * SLOTS)) if number < 0 else int(upto[number])
            when = midnight_utc(YEAR_FIRST + timedelta(days=day)) + timedelta(minutes=15 * slot)
            rows.append(
                {"premise": one["usage_point"], "meter": one["meter"], "obis": "1-1:1.8.0", "read_at": when}
                | {"kwh": (base + counted) / 1000}
            )
            day += _READ_EVERY_DAYS
    frame = pd.DataFrame(rows)
    return frame.assign(read_at=pd.to_datetime(frame["read_at"], utc=True))


def standard_profile(found: Unmeasured) -> pd.DataFrame:
    """The utility's own standard profile of plots, in watts at 1,000 kWh a year, by season and day type."""
    month_day = np.array([int(f"{YEAR_FIRST + timedelta(days=n):%m%d}") for n in range(DAYS)])
    season = np.full(DAYS, "transition", dtype=object)
    season[(month_day >= _SEASONS["winter"][0]) | (month_day <= _SEASONS["winter"][1])] = "winter"
    season[(month_day >= _SEASONS["summer"][0]) & (month_day <= _SEASONS["summer"][1])] = "summer"
    by_clock = np.stack([np.roll(day, ahead) for day, ahead in zip(found.usual, AHEAD, strict=True)])
    rows = []
    for name in _SEASONS:
        for kind, day_type in enumerate(("workday", "saturday", "sunday")):
            mean = by_clock[(season == name) & (kind == KIND)].mean(axis=0)
            rows += [
                (_PROFILE, name, day_type, f"{slot // 4:02}:{slot % 4 * 15:02}", round(float(value) * 1e6 / 8784, 3))
                for slot, value in enumerate(mean)
            ]
    return pd.DataFrame(rows, columns=["profile", "season", "day_type", "time", "watts"])


def write_true_energy(found: Unmeasured, truth: Path, first: date, end: date) -> None:
    """``unmeasured.parquet``: what each took, by grid day."""
    energy = found.energy(first, end)
    points, days, _ = energy.shape
    table = {
        "usage_point": np.repeat(found.point["usage_point"].to_numpy(), days),
        "kind": np.repeat(found.point["kind"].to_numpy(), days),
        "grid_date": [first + timedelta(days=n) for n in range(days)] * points,
        "wh": list(energy.reshape(points * days, SLOTS)),
    }
    pd.DataFrame(table).to_parquet(truth / "unmeasured.parquet", index=False)
