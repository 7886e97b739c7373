"""Master data as customer, GIS and meter management systems export them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jobs.network.model import Network
from jobs.sample.metering import CHANNELS, midnight_utc
from jobs.sample.seeds import generator
from jobs.sample.simbench import YEAR_END, YEAR_FIRST

FIRST_NAMES = (
    "Ada",
    "Bero",
    "Carla",
    "Dirk",
    "Elin",
    "Falk",
    "Gesa",
    "Hanno",
    "Ilka",
    "Jost",
    "Kaja",
    "Lutz",
    "Mira",
    "Nils",
    "Oda",
    "Pelle",
)
LAST_NAMES = (
    "Ahrens",
    "Brook",
    "Classen",
    "Deich",
    "Ehlers",
    "Feldt",
    "Grote",
    "Hagedorn",
    "Iversen",
    "Jessen",
    "Kruse",
    "Lühr",
    "Moor",
    "Nissen",
)
STREETS = ("Am Deich", "Birkenweg", "Dorfstraße", "Feldweg", "Hauptstraße", "Lindenallee", "Mühlenweg", "Seestraße")
_CLASS_CODE = {"household": "HH", "household_heat": "HW", "business": "GE", "farm": "LW", "generation": "EE"}
_TARIFF = {
    "household": "standard",
    "household_heat": "two_rate",
    "business": "business",
    "farm": "business",
    "generation": "feed_in",
}
_REMOVALS_PER_YEAR = 0.08  # customers who move in a year
_MOVES_PER_YEAR = 14  # usage points that are switched to another transformer
_NETWORKS_PER_AREA = 6
_LINK_KNOWN = datetime(2010, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Places:
    """Where positions and usage points lie: ``position`` by low-voltage network, ``point`` by row of the plan.

    ``model`` is the delivered network, ``node`` the place that a trace finds for each of its nodes.
    """

    position: pd.DataFrame  # network, transformer, feeder, substation, x, y, area, high_kv, low_kv, rating_kva
    point: pd.DataFrame  # x, y, area, transformer, feeder, substation
    feeder: pd.DataFrame  # feeder, substation, head_branch, head_node, nominal_kv
    model: Network
    node: pd.DataFrame  # node_id, supply_level, transformer_id, feeder_id, substation_id


def write(rows: pd.DataFrame, drop: Path, source: str, name: str | None = None) -> int:
    """Write one entity file, named like its source where nothing else is said; instants as UTC text."""
    folder = drop / source
    folder.mkdir(parents=True, exist_ok=True)
    text = rows.copy()
    for column in text.columns:
        if isinstance(text[column].dtype, pd.DatetimeTZDtype):
            text[column] = text[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    text.to_csv(folder / f"{name or source}.csv", index=False)
    return len(text)


def areas_of(position: pd.DataFrame) -> pd.Series:
    """Small statistical areas: up to six neighbouring networks of one feeder."""
    ordered = position.sort_values(["feeder", "x", "y", "network"])
    at = ordered.groupby("feeder").cumcount() // _NETWORKS_PER_AREA
    name = ordered["feeder"].astype(str) + "/" + at.astype(str)
    number = {key: f"A{n + 1:03}" for n, key in enumerate(sorted(name.unique()))}
    return name.map(number).reindex(position.index)


def usage_points(plan: pd.DataFrame, places: Places, seed: int) -> pd.DataFrame:
    """The customer system's supply points."""
    rng = generator(seed, "connected")
    channels = np.column_stack([np.ones(len(plan), bool), plan["received"], plan["reactive"], plan["reactive"]])
    phases = np.where(plan["limit_kw"] > 14.5, "ABC", np.array(["A", "B", "C", "ABC"])[rng.integers(0, 4, len(plan))])
    return pd.DataFrame(
        {
            "premise": plan["usage_point"],
            "kind": plan["kind"].map({"customer": "load", "generation": "plant"}),
            "metering": "interval",
            "channels": ["|".join(np.array(CHANNELS)[row]) for row in channels],
            "level": plan["supply_level"].str.upper(),
            "phases": np.where(plan["supply_level"] == "mv", "ABC", phases),
            "limit_kw": plan["limit_kw"],
            "longitude": places.point["x"],
            "latitude": places.point["y"],
            "area": places.point["area"],
            "connected_at": pd.to_datetime(
                rng.integers(0, 40 * 365, len(plan)), unit="D", origin="1975-01-01", utc=True
            ),
        }
    )


def meters(plan: pd.DataFrame, exchanges: pd.DataFrame, namespace: str, seed: int, end: date) -> pd.DataFrame:
    """Meters of one numbering, with exchanges that happened before the end."""
    rng = generator(seed, f"installed {namespace}")
    installed = pd.to_datetime(rng.integers(0, 8 * 365, len(plan)), unit="D", origin="2006-01-01", utc=True)
    standing = pd.DataFrame(
        {
            "meter": plan["meter"],
            "premise": plan["usage_point"],
            "installed_at": installed,
            "removed_at": None,
            "factor": plan["multiplier"],
        }
    )
    if namespace == "ami":
        done = exchanges[exchanges["at_utc"] < midnight_utc(end)]
        new = standing.loc[done["row"]].assign(meter=done["new_meter"].array, installed_at=done["at_utc"].array)
        standing.loc[done["row"], "removed_at"] = done["at_utc"].array
        standing = pd.concat([standing, new])
        plan = plan.loc[standing.index]
    standing = standing.assign(removed_at=pd.to_datetime(standing["removed_at"], utc=True))
    return standing[(plan["namespace"] == namespace).to_numpy()]


def agreements(plan: pd.DataFrame, seed: int, end: date) -> pd.DataFrame:
    """Who is supplied where and as what; names, streets and telephone numbers are invented."""
    rng = generator(seed, "agreement")
    n = len(plan)
    since = pd.to_datetime(rng.integers(0, 10 * 365, n), unit="D", origin="2005-06-01", utc=True)
    days = rng.integers(0, (YEAR_END - YEAR_FIRST).days, n)
    moves = pd.Series(pd.Timestamp(midnight_utc(YEAR_FIRST)) + pd.to_timedelta(days, unit="D"), plan.index)
    moved = (rng.random(n) < _REMOVALS_PER_YEAR) & plan["customer_class"].eq("household") & (moves < midnight_utc(end))
    first = _agreement(plan, rng, 1, since, moves.where(moved))
    again = plan[moved]
    second = _agreement(again, rng, n + 1, moves[moved], pd.Series(pd.NaT, again.index, dtype="datetime64[us, UTC]"))
    return pd.concat([first, second], ignore_index=True)


def _agreement(plan: pd.DataFrame, rng: np.random.Generator, first: int, since: Any, until: pd.Series) -> pd.DataFrame:
    n = len(plan)
    name = [
        f"{FIRST_NAMES[a]} {LAST_NAMES[b]}"
        for a, b in zip(rng.integers(0, len(FIRST_NAMES), n), rng.integers(0, len(LAST_NAMES), n), strict=True)
    ]
    street = [
        f"{STREETS[a]} {b}" for a, b in zip(rng.integers(0, len(STREETS), n), rng.integers(1, 120, n), strict=True)
    ]
    return pd.DataFrame(
        {
            "premise": plan["usage_point"],
            "customer": [f"K{number:07}" for number in range(first, first + n)],
            "name": name,
            "street": street,
            "telephone": [f"0000-{number:06}" for number in rng.integers(0, 1_000_000, n)],
            "class": plan["customer_class"].map(_CLASS_CODE),
            "tariff": plan["customer_class"].map(_TARIFF),
            "begins_at": since,
            "ends_at": until,
        }
    )


def moves(plan: pd.DataFrame, places: Places, seed: int) -> pd.DataFrame:
    """Usage points switched to a neighbouring transformer in the year: ``row``, ``at_utc``, ``to`` (row of positions).

    The first two move on the second day, one at its start and one at noon, which counts from the day after.
    """
    rng = generator(seed, "moved")
    position = places.position
    low = np.flatnonzero(plan["supply_level"] == "lv")
    if len(position) < 2 or len(low) < _MOVES_PER_YEAR:
        return pd.DataFrame({"row": [], "at_utc": pd.to_datetime([], utc=True), "to": []}).astype(
            {"row": int, "to": int}
        )
    row = rng.choice(low, _MOVES_PER_YEAR, replace=False)
    day = rng.integers(1, (YEAR_END - YEAR_FIRST).days, _MOVES_PER_YEAR)
    day[:2] = 1
    hours = np.where(np.arange(_MOVES_PER_YEAR) % 3 == 1, 12, 0)
    at = [
        midnight_utc(YEAR_FIRST + timedelta(days=int(d))) + timedelta(hours=int(h))
        for d, h in zip(day, hours, strict=True)
    ]
    target = []
    for point in row:
        own = position["network"] == plan["network"].iat[point]
        here = position[own].iloc[0]
        distance = (position["x"] - here["x"]) ** 2 + (position["y"] - here["y"]) ** 2
        target.append(int(distance.mask(own).argmin()))
    return pd.DataFrame({"row": row, "at_utc": pd.to_datetime(at, utc=True), "to": target})


def links(plan: pd.DataFrame, places: Places, moved: pd.DataFrame, end: date) -> pd.DataFrame:
    """Customer-transformer links with dates, of the usage points that moved: they override the network model."""
    rows = []
    for move in moved[moved["at_utc"] < midnight_utc(end)].to_dict("records"):
        old, new = places.point.iloc[move["row"]], places.position.iloc[move["to"]]
        shared = {"premise": plan["usage_point"].iat[move["row"]], "level": "LV"}
        for place, since, until in ((old, _LINK_KNOWN, move["at_utc"]), (new, move["at_utc"], None)):
            rows.append(
                shared
                | {name: place[name] for name in ("transformer", "feeder", "substation")}
                | {"from_utc": since, "to_utc": until}
            )
    columns = ["premise", "level", "transformer", "feeder", "substation", "from_utc", "to_utc"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(
        from_utc=pd.to_datetime(frame["from_utc"], utc=True), to_utc=pd.to_datetime(frame["to_utc"], utc=True)
    )


def positions(position: pd.DataFrame) -> pd.DataFrame:
    """Transformer positions as the GIS exports them; it knows the feeder of those that the network model holds."""
    return pd.DataFrame(
        {
            "position": position["transformer"],
            "feeder": position["feeder"],
            "substation": position["substation"],
            "hv_kv": position["high_kv"],
            "lv_kv": position["low_kv"],
            "longitude": position["x"],
            "latitude": position["y"],
            "area": position["area"],
            "since": pd.Timestamp("1960-01-01", tz="UTC"),
        }
    )


def feeders(places: Places, line: pd.DataFrame, line_type: pd.DataFrame) -> pd.DataFrame:
    """Feeders with the rating of their first line."""
    type_of = line.set_index("id")["type"]
    ampere = line_type.set_index("id")["iMax"].astype(float)
    feeder = places.feeder
    current = feeder["head_branch"].map(type_of).map(ampere)
    return pd.DataFrame(
        {
            "feeder": feeder["feeder"],
            "substation": feeder["substation"],
            "name": [f"Feeder {n + 1}" for n in range(len(feeder))],
            "rating_kva": (np.sqrt(3) * feeder["nominal_kv"] * current).round(1),
            "nominal_kv": feeder["nominal_kv"],
            "since": pd.Timestamp("1960-01-01", tz="UTC"),
        }
    )


def substations(places: Places, x: float, y: float) -> pd.DataFrame:
    """The HV/MV substations."""
    names = sorted(places.feeder["substation"].unique())
    return pd.DataFrame(
        {
            "substation": names,
            "name": names,
            "longitude": x,
            "latitude": y,
            "since": pd.Timestamp("1960-01-01", tz="UTC"),
        }
    )


def small_areas(plan: pd.DataFrame, places: Places, weather_places: tuple[str, ...], seed: int) -> pd.DataFrame:
    """Population, households and income by area for two years."""
    rng = generator(seed, "area")
    homes = plan["customer_class"].str.startswith("household").groupby(places.point["area"]).sum()
    names = sorted(places.position["area"].unique())
    per_home = rng.uniform(1.8, 2.6, len(names))
    income = rng.normal(21_500, 2_800, len(names))
    surface = rng.lognormal(0.7, 0.5, len(names))
    rows = []
    for year, growth in ((2015, 1.0), (2016, 1.015)):
        for n, name in enumerate(names):
            households = int(homes.get(name, 0))
            rows.append(
                {"area": name, "year": year, "name": f"Quarter {name[1:]}", "households": households}
                | {"inhabitants": round(households * per_home[n]), "income_eur": round(income[n] * growth, 2)}
                | {"km2": round(surface[n], 3), "station": weather_places[n % len(weather_places)]}
            )
    return pd.DataFrame(rows)
