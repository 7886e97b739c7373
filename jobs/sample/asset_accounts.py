"""The financial ledger's asset cards, as accountants keep them: one for each unit, and what is wrong with some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.assets import Fleet
from jobs.sample.ratings import LADDER_KVA
from jobs.sample.seeds import generator
from jobs.sample.typed import KEY_SPELLINGS, MAKER_SPELLINGS, PLACE_SPELLINGS, mistyped, spelt

FINDINGS = (
    "missing_in_register", "closed_card", "missing_in_ledger", "duplicate_card", "scrapped_on_books",
    "in_service_written_off", "disagreeing_rating", "disagreeing_year", "disagreeing_place",
)  # fmt: skip
_SHARE = {
    "missing_in_register": 0.01, "closed_card": 0.02, "missing_in_ledger": 0.01, "duplicate_card": 0.007,
    "scrapped_on_books": 0.04, "in_service_written_off": 0.01, "disagreeing_rating": 0.01, "disagreeing_year": 0.01,
    "disagreeing_place": 0.01, "retired_the_successor": 0.02,
}  # fmt: skip
"""Of cards, of units in service, of units scrapped, or of replacements, whichever the fault is one of."""
_KEY_MISSING, _KEY_MISTYPED = 0.02, 0.04
_YEAR_OF_COMMISSIONING, _NO_YEAR, _NO_MAKER, _NO_PLACE, _NO_RATING = 0.1, 0.03, 0.03, 0.01, 0.01
_BOOKED_WITHIN_DAYS, _OLD_NEWS_DAYS = 60, 120
_DESCRIPTIONS = (
    "Trafo {kva} kVA {hv}/{lv} kV", "Transformator {kva}kVA", "Öl-Transformator {mva} MVA {hv}/{lv}kV",
    "Ortsnetztrafo {hv}/{lv} kV {kva} KVA", "ONT {kva} kVA, Drehstrom",
)  # fmt: skip
_NO_RATING_TOLD = "Transformator lt. Rechnung"
_CLASS_CODE = "2510"  # of distribution transformers in the chart of accounts
_PRICE_GROWTH, _PRICE_YEAR = 1.012, 2016


@dataclass(frozen=True)
class Accounts:
    """The export, a row a card, and what is true of it: whose each card is, and each finding that is right."""

    card: pd.DataFrame
    owner: pd.DataFrame
    finding: pd.DataFrame


def asset_accounts(fleet: Fleet, seed: int, end: date) -> Accounts:
    """The ledger at the close of the day before ``end``, with planted faults of every kind among honest differences.

    Honest are: bookings that follow the event by up to two months, years of commissioning in place of manufacture,
    spellings, blanks, and units depreciated in full at the end of their life. A card that lost its key keeps its
    place: with neither, nobody could say whose it is.
    """
    rng = generator(seed, "asset accounts")
    close = pd.Timestamp(end) - pd.Timedelta(days=1)
    unit = _units(fleet, end)
    card = _cards(unit, close, rng)
    card = pd.concat([card, _ghosts(card, unit, close, rng)], ignore_index=True)
    _plant_retirements(card, close, rng)
    lost = card["unit"].notna() & _drawn(
        card["in_service"] & (card["from"] < close - pd.Timedelta(days=_OLD_NEWS_DAYS)),
        _SHARE["missing_in_ledger"],
        rng,
    )
    without = card.loc[lost, ["unit"]].assign(finding="missing_in_ledger")
    card = card[~lost & (card["capitalised"] <= close)].reset_index(drop=True)
    _plant_attributes(card, unit, rng)
    card = _with_duplicates(card, rng)
    _type_keys(card, rng)
    card["number"] = [f"{n + 310_001:08}" for n in range(len(card))]
    found = card.explode("findings").rename(columns={"findings": "finding", "number": "account"})
    finding = pd.concat([found.loc[found["finding"].notna(), ["account", "unit", "finding"]], without])
    owner = card.rename(columns={"number": "account"})[["account", "unit", "key_fault"]]
    return Accounts(_export(card, close, rng), owner, finding.reset_index(drop=True))


def write_accounts(accounts: Accounts, drop: Path, truth: Path, end: date) -> None:
    """The export as an ERP system writes it (semicolons, decimal commas, Windows' characters), and its truth."""
    folder = drop / "asset_accounts"
    folder.mkdir(parents=True, exist_ok=True)
    accounts.card.to_csv(folder / f"anlagen_{end:%Y%m%d}.csv", sep=";", index=False, encoding="cp1252")
    accounts.owner.to_parquet(truth / "asset_account.parquet", index=False)
    accounts.finding.to_parquet(truth / "asset_account_finding.parquet", index=False)


def _units(fleet: Fleet, end: date) -> pd.DataFrame:
    """Units known before ``end`` with first and last day and last place."""
    stood = fleet.deployment[fleet.deployment["from_utc"] < pd.Timestamp(end, tz="UTC")].sort_values("from_utc")
    left = stood["to_utc"].where(stood["to_utc"] < pd.Timestamp(end, tz="UTC"))
    days = stood.assign(
        **{
            "from": stood["from_utc"].dt.tz_localize(None).dt.normalize(),
            "to": left.dt.tz_localize(None).dt.normalize(),
        }
    )
    by_unit = days.groupby("unit", sort=False)
    span = by_unit.agg(**{"from": ("from", "first")}).join(by_unit.nth(-1).set_index("unit")[["position", "to"]])
    unit = fleet.unit[["unit", "maker", "made", "rating_kva", "hv_kv", "lv_kv"]].merge(span, on="unit")
    return unit.assign(in_service=unit["to"].isna())


def _cards(unit: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """An honest card for each unit."""
    n = len(unit)
    commissioned = unit["from"].dt.year
    near = (commissioned - unit["made"]).abs() == 1
    year = unit["made"].where(~(near & (rng.random(n) < _YEAR_OF_COMMISSIONING)), commissioned)
    retired = _booked(unit["to"], rng)
    return unit.assign(
        year=year,
        place=unit["position"],
        capitalised=_booked(unit["from"], rng),
        retired=retired.where(retired <= close),
        amount=_prices(unit["rating_kva"], commissioned, rng),
        life=np.where(rng.random(n) < 0.5, 35, 40),
        declining=(rng.random(n) < 0.1) & commissioned.between(1980, 2010),
        written_off=False,
        findings=[[] for _ in range(n)],
        as_unit=unit["unit"],
    )


def _ghosts(card: pd.DataFrame, unit: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """Cards of units that the register never had: still on the books, or closed before it began."""
    parts = []
    for finding in ("missing_in_register", "closed_card"):
        n = round(len(card) * _SHARE[finding])
        year = rng.integers(1955, 1975 if finding == "closed_card" else close.year, n)
        since = pd.Series(pd.to_datetime(year, format="%Y") + pd.to_timedelta(rng.integers(0, 365, n), unit="D"))
        like = unit.iloc[rng.integers(0, len(unit), n)].reset_index(drop=True)
        where = unit["position"].iloc[rng.integers(0, len(unit), n)].reset_index(drop=True)
        retired = since + pd.to_timedelta(rng.integers(20 * 365, 25 * 365, n), unit="D")
        key = mistyped(mistyped(like["unit"], rng), rng)
        key = key.where(~key.isin(set(unit["unit"])), "EW " + pd.Series(rng.integers(1000, 99999, n)).astype(str))
        parts.append(
            like.assign(
                unit=None, year=year, place=where, capitalised=since, amount=_prices(like["rating_kva"], year, rng),
                retired=retired if finding == "closed_card" else pd.Series(pd.NaT, range(n), dtype=retired.dtype),
                life=35, declining=False, written_off=False, in_service=False, findings=[[finding]] * n, as_unit=key,
            )
        )  # fmt: skip
        parts[-1]["from"] = since
        parts[-1]["to"] = pd.NaT
    return pd.concat(parts, ignore_index=True).astype({"to": card["to"].dtype})


def _plant_retirements(card: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> None:
    """Units in service retired or written off, units scrapped still on the books, and both by one wrong booking."""
    _retire_successors(card, close, rng)
    untouched = card["findings"].str.len() == 0
    age_years = (close - card["capitalised"]).dt.days / 365.25
    off = _drawn(card["in_service"] & untouched & (age_years > 2), _SHARE["in_service_written_off"], rng)
    by_value = off & (age_years < card["life"] - 2) & (rng.random(len(card)) < 0.5)
    card.loc[by_value, "written_off"] = True
    after = rng.uniform(0.3, 0.95, len(card)) * (close - card["capitalised"]).dt.days
    early = card["capitalised"] + pd.to_timedelta(after.round(), unit="D")
    card["retired"] = card["retired"].where(~(off & ~by_value), early)
    old_news = card["retired"].notna() & (card["to"] < close - pd.Timedelta(days=_OLD_NEWS_DAYS))
    kept = _drawn(old_news & untouched & card["unit"].notna(), _SHARE["scrapped_on_books"], rng)
    card["retired"] = card["retired"].mask(kept)
    for which, finding in ((off, "in_service_written_off"), (kept, "scrapped_on_books")):
        _find(card, which, finding)


def _retire_successors(card: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> None:
    """The retirement of a unit that was replaced, booked on its successor's card."""
    there = card[card["unit"].notna()].sort_values(["position", "from"])
    after = there.groupby("position")[["unit", "in_service", "capitalised"]].shift(-1)
    long_ago = there["retired"] < close - pd.Timedelta(days=2 * _OLD_NEWS_DAYS)
    fits = long_ago & after["in_service"].eq(True) & (after["capitalised"] <= there["retired"])
    chosen = there[_drawn(fits, _SHARE["retired_the_successor"], rng)]
    successor = after.loc[chosen.index, "unit"]
    booked = pd.Series(chosen["retired"].to_numpy(), successor.to_numpy())
    old, new = card["unit"].isin(chosen["unit"]), card["unit"].isin(successor)
    card["retired"] = card["retired"].mask(old)
    card.loc[new, "retired"] = card.loc[new, "unit"].map(booked)
    _find(card, old, "scrapped_on_books")
    _find(card, new, "in_service_written_off")


def _plant_attributes(card: pd.DataFrame, unit: pd.DataFrame, rng: np.random.Generator) -> None:
    """Ratings, years and places that are not the unit's; a card that will lose its key keeps its place."""
    known = card["unit"].notna()
    n = len(card)
    fault = np.full(n, "", object)
    draw = rng.random(n)
    fault[known & (draw < _KEY_MISSING)] = "missing"
    fault[known & (draw >= _KEY_MISSING) & (draw < _KEY_MISSING + _KEY_MISTYPED)] = "mistyped"
    card["key_fault"] = fault
    wrong = _drawn(known, _SHARE["disagreeing_rating"], rng)
    step = np.searchsorted(LADDER_KVA, card["rating_kva"]) + rng.choice([-2, -1, 1, 2], n)
    other = LADDER_KVA[np.where(step < 0, 2, np.where(step >= len(LADDER_KVA), len(LADDER_KVA) - 3, step))]
    wrong &= other != card["rating_kva"]
    card["rating_kva"] = card["rating_kva"].where(~wrong, other)
    _find(card, wrong, "disagreeing_rating")
    wrong = _drawn(known, _SHARE["disagreeing_year"], rng)
    shift = rng.integers(3, 12, n) * rng.choice([-1, 1], n)
    card["year"] = card["year"].where(~wrong, card["year"] + shift)
    _find(card, wrong, "disagreeing_year")
    elsewhere = unit["position"].to_numpy()[rng.integers(0, len(unit), n)]
    wrong = _drawn(known & (fault != "missing"), _SHARE["disagreeing_place"], rng) & (elsewhere != card["position"])
    card["place"] = card["place"].where(~wrong, elsewhere)
    _find(card, wrong, "disagreeing_place")


def _with_duplicates(card: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Cards in the order of their entry, and after them those that were entered a second time."""
    honest = card["unit"].notna() & (card["findings"].str.len() == 0)
    twice = card[_drawn(honest, _SHARE["duplicate_card"], rng)]
    days = pd.to_timedelta(rng.integers(0, 30, len(twice)), unit="D")
    moved = twice["capitalised"] - days
    again = twice.assign(capitalised=moved, findings=[["duplicate_card"]] * len(twice), key_fault="")
    again["key_fault"] = np.where(rng.random(len(twice)) < 0.3, "missing", "")
    return pd.concat([card.sort_values(["capitalised", "as_unit"]), again], ignore_index=True)


def _type_keys(card: pd.DataFrame, rng: np.random.Generator) -> None:
    slip = card["key_fault"] == "mistyped"
    key = spelt(card["as_unit"], KEY_SPELLINGS, rng)
    key[slip] = mistyped(card.loc[slip, "as_unit"], rng)
    card["key"] = key.mask(card["key_fault"] == "missing")
    blank = card["place"].isna() | ((rng.random(len(card)) < _NO_PLACE) & (card["key_fault"] == ""))
    card["place"] = spelt(card["place"].fillna(""), PLACE_SPELLINGS, rng).mask(
        blank & ~card["findings"].map(lambda found: "disagreeing_place" in found)
    )


def _export(card: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """The columns of an ERP system's asset list."""
    n = len(card)
    told = card["findings"].map(lambda found: found == [] or found == ["duplicate_card"]).to_numpy()
    blank = {name: (rng.random(n) < share) & told for name, share in
             (("year", _NO_YEAR), ("maker", _NO_MAKER), ("rating", _NO_RATING))}  # fmt: skip
    which = rng.integers(0, len(_DESCRIPTIONS), n)
    description = np.empty(n, object)
    for number, words in enumerate(_DESCRIPTIONS):
        own = np.flatnonzero(which == number)
        figures = card.iloc[own][["rating_kva", "hv_kv", "lv_kv"]].to_numpy().tolist()
        description[own] = [
            words.format(kva=f"{kva:g}", mva=_comma(f"{kva / 1000:g}"), hv=f"{hv:g}", lv=_comma(f"{lv:g}"))
            for kva, hv, lv in figures
        ]
    description[blank["rating"]] = _NO_RATING_TOLD
    return pd.DataFrame(
        {
            "Anlage": card["number"],
            "Klasse": _CLASS_CODE,
            "Bezeichnung": description,
            "Seriennummer": card["key"],
            "Hersteller": spelt(card["maker"], MAKER_SPELLINGS, rng).mask(blank["maker"]),
            "Baujahr": card["year"].astype("Int64").mask(blank["year"]),
            "Standort": card["place"],
            "Aktivierung": card["capitalised"].dt.strftime("%d.%m.%Y"),
            "AHK": _money(_cents(card["amount"])),
            "AfA kumuliert": _money(_depreciated(card, close)),
            "AfA-Methode": np.where(card["declining"], "DEGR", "LIN"),
            "Nutzungsdauer": card["life"],
            "Abgang": card["retired"].dt.strftime("%d.%m.%Y"),
            "Währung": "EUR",
            "Stichtag": close.strftime("%d.%m.%Y"),
        }
    )


def _depreciated(card: pd.DataFrame, close: pd.Timestamp) -> NDArray[np.int64]:
    """Accumulated depreciation in cents, by whole months to the close or the retirement."""
    until = card["retired"].fillna(close)
    months = (until.dt.year - card["capitalised"].dt.year) * 12 + until.dt.month - card["capitalised"].dt.month
    share = np.clip(months / 12 / card["life"], 0, 1)
    declining = 1 - (1 - 2 / card["life"]) ** np.maximum(months / 12, 0)
    share = np.where(card["written_off"], 1.0, np.where(card["declining"], declining, share))
    cents = _cents(card["amount"])
    return np.rint(cents * share).astype(np.int64)


def _prices(
    rating_kva: pd.Series, year: pd.Series | NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """What a unit cost in its year, installed."""
    growth = _PRICE_GROWTH ** (np.asarray(year) - _PRICE_YEAR)
    price: NDArray[np.float64] = (4200 + 19 * rating_kva.to_numpy()) * growth * rng.lognormal(0, 0.12, len(rating_kva))
    return price


def _booked(day: pd.Series, rng: np.random.Generator) -> pd.Series:
    """When an event of a day is booked: within two months, half of the times at a month's end."""
    later = day + pd.to_timedelta(np.minimum(rng.exponential(18, len(day)), _BOOKED_WITHIN_DAYS - 31).round(), unit="D")
    at_end = later + pd.offsets.MonthEnd(0)
    return later.where(rng.random(len(day)) < 0.5, at_end)


def _drawn(among: pd.Series, share: float, rng: np.random.Generator) -> pd.Series:
    return among & (rng.random(len(among)) < share)


def _find(card: pd.DataFrame, which: pd.Series, finding: str) -> None:
    own = which.to_numpy()
    card["findings"] = [[*found, finding] if hit else found for found, hit in zip(card["findings"], own, strict=True)]


def _cents(amount: pd.Series) -> NDArray[np.int64]:
    return np.rint(amount.to_numpy() * 100).astype(np.int64)


def _money(cents: NDArray[np.int64]) -> list[str]:
    return [f"{one // 100},{one % 100:02}" for one in cents.tolist()]


def _comma(number: str) -> str:
    return number.replace(".", ",")
