"""Units at the transformer positions, what happened to them, and what they cost. All of it is invented."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from jobs.sample.metering import midnight_utc
from jobs.sample.ratings import LADDER_KVA
from jobs.sample.seeds import generator

LOSSES_W: dict[str, dict[float, tuple[float, float]]] = {
    # SimBench's own types (160, 250, 400, 630 kVA), the others in line with them: units of the 1970s and 80s
    "before_1990": {50: (190, 1100), 100: (320, 1750), 160: (460, 2350), 250: (880, 3300), 315: (1000, 3900),
                    400: (1200, 4800), 500: (1400, 5800), 630: (1650, 6900), 800: (1950, 8600), 1000: (2300, 10500),
                    1250: (2700, 13500)},
    # EN 50464-1, classes C0 and Ck
    "c0_ck": {50: (125, 1100), 100: (210, 1750), 160: (300, 2350), 250: (425, 3250), 315: (520, 3900), 400: (610, 4600),
              500: (720, 5500), 630: (860, 6500), 800: (930, 8400), 1000: (1100, 10500), 1250: (1350, 13500)},
    # Commission Regulation (EU) 548/2014, table I.1, tier 1 (from July 2015): A0 and Ck
    "tier_1": {50: (90, 1100), 100: (145, 1750), 160: (210, 2350), 250: (300, 3250), 315: (360, 3900), 400: (430, 4600),
               500: (510, 5500), 630: (600, 6500), 800: (650, 8400), 1000: (770, 10500), 1250: (950, 11000)},
    # the same, tier 2 (from July 2021): A0 - 10 % and Ak
    "tier_2": {50: (81, 750), 100: (130, 1250), 160: (189, 1750), 250: (270, 2350), 315: (324, 2800), 400: (387, 3250),
               500: (459, 3900), 630: (540, 4600), 800: (585, 6000), 1000: (693, 7600), 1250: (855, 9500)},
}  # fmt: skip
_MAKERS = ("Nordtrafo", "Elbe Werke", "Kappel", "Siebert")
_OBSERVED_FROM = date(2001, 1, 1)
_CONSTANT_HAZARD, _SHAPE, _SCALE_YEARS = (
    0.004,
    4.0,
    58.0,
)  # a year; a Weibull curve on top: about 2 % a year in this fleet
_PLANNED_FROM_AGE, _PLANNED_CHANCE = 48, 0.04
_REPLACED_AFTER = timedelta(hours=9)
_CAUSES = ("insulation", "lightning", "overload", "oil leak", "third party")


@dataclass(frozen=True)
class Fleet:
    """Units, where they stood, and what happened to them; and the failures of 2016 as (network, instant)."""

    unit: pd.DataFrame
    deployment: pd.DataFrame
    work_order: pd.DataFrame
    failure: pd.DataFrame
    dark: list[tuple[str, datetime]]

    def standing(self, at: datetime) -> pd.DataFrame:
        """Units in place at an instant, by position."""
        in_place = (self.deployment["from_utc"] <= at) & ~(self.deployment["to_utc"] <= at)
        return self.deployment[in_place].merge(self.unit, on="unit").set_index("position")


def loss_class(year: int) -> str:
    """Efficiency tier of a unit made in a year."""
    return "before_1990" if year < 1995 else "c0_ck" if year < 2015 else "tier_1"


def fleet(position: pd.DataFrame, seed: int) -> Fleet:
    """Fifteen years of units at every position, to the end of 2016.

    The first position's unit fails in July 2012 whatever is drawn, so that even one position shows a replacement.
    """
    units: list[dict[str, object]] = []
    deployments: list[dict[str, object]] = []
    orders: list[dict[str, object]] = []
    failures: list[dict[str, object]] = []
    dark: list[tuple[str, datetime]] = []
    for at, place in enumerate(position.to_dict("records")):
        rng = generator(seed, f"unit {place['transformer']}")
        year = int(np.clip(rng.normal(1984, 11), 1958, 2000))
        since = datetime(max(year, 1960), 6, 1, tzinfo=UTC)
        generation = 0
        while True:
            generation += 1
            serial = f"T{at + 1:05}-{generation}"
            units.append(_unit(serial, year, place, rng))
            end, reason = _life(year, since, rng, forced=at == 0 and generation == 1)
            deployments.append(
                {"unit": serial, "position": place["transformer"], "from_utc": since, "to_utc": end, "why": reason}
            )
            orders += _orders(serial, since, end, rng)
            if end is None:
                break
            if reason == "failed":
                cost = round(float(rng.lognormal(np.log(7000), 0.35)), 2)
                failures.append(
                    {"unit": serial, "at_utc": end, "cause": _CAUSES[rng.integers(len(_CAUSES))], "cost": cost}
                )
                if end.year == 2016:
                    dark.append((place["network"], end))
            year, since = end.year, end + _REPLACED_AFTER
    return Fleet(
        pd.DataFrame(units),
        _instants(pd.DataFrame(deployments)),
        _numbered(orders, "W"),
        _numbered(failures, "F"),
        dark,
    )


def _instants(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        **{name: pd.to_datetime(frame[name], utc=True) for name in frame.columns if name.endswith("_utc")}
    )


def _numbered(rows: list[dict[str, object]], prefix: str) -> pd.DataFrame:
    frame = _instants(pd.DataFrame(rows, columns=["unit", "at_utc", "cause", "cost"])).sort_values(["at_utc", "unit"])
    return frame.assign(number=[f"{prefix}{n + 1:06}" for n in range(len(frame))], currency="EUR")


def _unit(serial: str, year: int, place: dict[Hashable, Any], rng: np.random.Generator) -> dict[str, object]:
    rating = float(place["rating_kva"])
    tier = loss_class(year)
    no_load, load = LOSSES_W[tier][rating]
    spread = rng.uniform(0.96, 1.04, 2)  # from unit to unit, within the tolerance of IEC 60076-1
    maker = _MAKERS[rng.integers(len(_MAKERS))]
    return {
        "unit": serial,
        "type": f"{maker[0]}{rating:.0f}-{tier}",
        "maker": maker,
        "batch": f"{maker[:2].upper()}{year}",
        "made": year,
        "rating_kva": rating,
        "hv_kv": place["high_kv"],
        "lv_kv": place["low_kv"],
        "no_load_w": round(no_load * spread[0], 1),
        "load_w": round(load * spread[1], 1),
        "tier": tier,
    }


def _life(made: int, since: datetime, rng: np.random.Generator, forced: bool) -> tuple[datetime | None, str | None]:
    """When and why a unit left after observation began; None while it stands at the end of 2016."""
    if forced:
        return datetime(2012, 7, 14, 14, 30, tzinfo=UTC), "failed"
    for year in range(max(since.year, _OBSERVED_FROM.year), 2017):
        age = year - made
        hazard = _CONSTANT_HAZARD + ((age + 1) / _SCALE_YEARS) ** _SHAPE - (age / _SCALE_YEARS) ** _SHAPE
        draw, planned, second = rng.random(), rng.random(), int(rng.integers(0, 365 * 86400))
        at = datetime(year, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
        if at <= since + timedelta(days=30):
            continue
        if draw < 1 - np.exp(-hazard):
            return at.replace(microsecond=0), "failed"
        if age >= _PLANNED_FROM_AGE and planned < _PLANNED_CHANCE and year < 2016:
            return at.replace(hour=8, minute=0, second=0), "planned"
    return None, None


def _orders(serial: str, since: datetime, end: datetime | None, rng: np.random.Generator) -> list[dict[str, object]]:
    """Inspections every four years and now and then a repair."""
    rows: list[dict[str, object]] = []
    for year in range(_OBSERVED_FROM.year, 2017):
        at = datetime(year, 1, 15, 8, tzinfo=UTC) + timedelta(days=int(rng.integers(0, 300)))
        if not since < at < (end or datetime(2017, 1, 1, tzinfo=UTC)):
            continue
        if (year + int(serial[1:6])) % 4 == 0:
            rows.append(
                {"unit": serial, "at_utc": at, "cause": "inspection", "cost": round(float(rng.uniform(90, 180)), 2)}
            )
        elif rng.random() < 0.03:
            rows.append(
                {
                    "unit": serial,
                    "at_utc": at,
                    "cause": "oil or seal repair",
                    "cost": round(float(rng.lognormal(6.5, 0.4)), 2),
                }
            )
    return rows


def known_before(frame: pd.DataFrame, column: str, end: date) -> pd.DataFrame:
    """Rows that happened before the end of the span."""
    return frame[frame[column] < midnight_utc(end)]


def costs() -> pd.DataFrame:
    """What units cost, by rating and tier: of the order of what German network operators pay, in round numbers."""
    rows: list[tuple[object, ...]] = []
    for kva in LADDER_KVA.tolist():
        for tier, booked, surcharge in (("tier_1", "2015-07-01", 1.0), ("tier_2", "2016-01-15", 1.13)):
            no_load, load = LOSSES_W[tier][kva]
            rows.append((kva, tier, "investment", booked, round((4200 + 19 * kva) * surcharge), no_load, load))
        rows.append((kva, "any", "maintenance_per_year", "2014-03-01", round(45 + 0.05 * kva), None, None))
        rows.append((kva, "any", "failure", "2013-09-01", round(5500 + 9 * kva), None, None))
        rows.append((kva, "any", "disposal", "2014-03-01", round(650 - 2.1 * kva), None, None))
    names = ["rating_kva", "tier", "cost_kind", "booked_on", "amount", "no_load_w", "load_w"]
    return pd.DataFrame(rows, columns=names).assign(asset_class="distribution_transformer", currency="EUR")
