"""The financial ledger's asset cards, as accountants keep them: one for each unit, with honest differences.

Honest are bookings that follow the event by up to two months, years of commissioning in place of manufacture,
spellings, blanks, and units depreciated in full at the end of their life. What is wrong is planted by
`jobs.sample.account_faults`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.account_faults import (
    FINDINGS,
    OLD_NEWS_DAYS,
    SHARE,
    drawn,
    plant_attributes,
    plant_retirements,
    type_keys,
    with_duplicates,
)
from jobs.sample.assets import Fleet
from jobs.sample.seeds import generator
from jobs.sample.typed import MAKER_SPELLINGS, mistyped, spelt

_YEAR_OF_COMMISSIONING, _NO_YEAR, _NO_MAKER, _NO_RATING = 0.1, 0.03, 0.03, 0.01
_MEAN_BOOKING_DAYS, _LONGEST_BOOKING_DAYS = 18, 29  # and to the month's end
_DESCRIPTIONS = (
    "Trafo {kva} kVA {hv}/{lv} kV", "Transformator {kva}kVA", "Öl-Transformator {mva} MVA {hv}/{lv}kV",
    "Ortsnetztrafo {hv}/{lv} kV {kva} KVA", "ONT {kva} kVA, Drehstrom",
)  # fmt: skip
_NO_RATING_TOLD = "Transformator lt. Rechnung"
_CLASS_CODE = "2510"  # of distribution transformers in the chart of accounts
_FIRST_NUMBER = 310_001
_PRICE_GROWTH, _PRICE_YEAR = 1.012, 2016


@dataclass(frozen=True)
class Accounts:
    """The export, a row a card, and what is true of it: whose each card is, and each finding that is right."""

    card: pd.DataFrame
    owner: pd.DataFrame
    finding: pd.DataFrame


def asset_accounts(fleet: Fleet, seed: int, end: date) -> Accounts:
    """The ledger at the close of the day before ``end``."""
    rng = generator(seed, "asset accounts")
    close = pd.Timestamp(end) - pd.Timedelta(days=1)
    unit = _units(fleet, end)
    card = _cards(unit, close, rng)
    card = pd.concat([card, *_ghosts(card, close, rng)], ignore_index=True)
    plant_retirements(card, close, rng)
    due = card["in_service"] & (card["from"] < close - pd.Timedelta(days=OLD_NEWS_DAYS))
    lost = drawn(due, SHARE["missing_in_ledger"], rng)
    without = pd.DataFrame({"account": None, "unit": card.loc[lost, "unit"], "finding": "missing_in_ledger"})
    card = card[~lost & (card["capitalised"] <= close)].reset_index(drop=True)
    plant_attributes(card, unit["position"], rng)
    card = with_duplicates(card, rng)
    type_keys(card, rng)
    card["account"] = [f"{n + _FIRST_NUMBER:08}" for n in range(len(card))]
    found = card.melt(["account", "unit"], FINDINGS, "finding", "is_so")
    finding = pd.concat([found.loc[found["is_so"], ["account", "unit", "finding"]], without], ignore_index=True)
    return Accounts(_export(card, close, rng), card[["account", "unit", "key_fault"]], finding)


def write_accounts(accounts: Accounts, drop: Path, truth: Path, end: date) -> None:
    """The export as an ERP system writes it (semicolons, decimal commas, Windows' characters), and its truth."""
    folder = drop / "asset_accounts"
    folder.mkdir(parents=True, exist_ok=True)
    accounts.card.to_csv(folder / f"anlagen_{end:%Y%m%d}.csv", sep=";", index=False, encoding="cp1252")
    accounts.owner.to_parquet(truth / "asset_account.parquet", index=False)
    accounts.finding.to_parquet(truth / "asset_account_finding.parquet", index=False)


def _units(fleet: Fleet, end: date) -> pd.DataFrame:
    """Units known before ``end`` with first and last day and last place."""
    midnight = pd.Timestamp(end, tz="UTC")
    stood = fleet.deployment[fleet.deployment["from_utc"] < midnight].sort_values("from_utc")
    days = {"from": stood["from_utc"], "to": stood["to_utc"].where(stood["to_utc"] < midnight)}
    stood = stood.assign(**{name: day.dt.tz_localize(None).dt.normalize() for name, day in days.items()})
    last = stood.drop_duplicates("unit", keep="last")[["unit", "position", "to"]]
    first = stood.drop_duplicates("unit")[["unit", "from"]]
    known = fleet.unit[["unit", "maker", "made", "rating_kva", "hv_kv", "lv_kv"]]
    unit = known.merge(first, on="unit").merge(last, on="unit")
    return unit.assign(in_service=unit["to"].isna())


def _cards(unit: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """An honest card for each unit."""
    n = len(unit)
    commissioned = unit["from"].dt.year
    next_year = (commissioned - unit["made"]).abs() == 1
    retired = _booked(unit["to"], rng)
    return unit.assign(
        year=unit["made"].mask(drawn(next_year, _YEAR_OF_COMMISSIONING, rng), commissioned),
        place=unit["position"],
        capitalised=_booked(unit["from"], rng),
        retired=retired.where(retired <= close),
        amount=_prices(unit["rating_kva"], commissioned, rng),
        life=rng.choice([35, 40], n),
        declining=drawn(commissioned.between(1980, 2010), 0.1, rng),
        true_key=unit["unit"],
        **dict.fromkeys(FINDINGS, False),
    )


def _ghosts(card: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> list[pd.DataFrame]:
    """Cards of units that the register never had: still on the books, or closed before it began."""
    parts = []
    for finding, latest in (("missing_in_register", close.year), ("closed_card", 1975)):
        n = round(len(card) * SHARE[finding])
        like = card.iloc[rng.integers(0, len(card), n)].reset_index(drop=True)
        year = pd.Series(rng.integers(1955, latest, n))
        since = pd.to_datetime(year, format="%Y") + pd.to_timedelta(rng.integers(0, 365, n), unit="D")
        closed = since + pd.to_timedelta(rng.integers(20 * 365, 25 * 365, n), unit="D")
        key = mistyped(mistyped(card["unit"].iloc[rng.integers(0, len(card), n)].reset_index(drop=True), rng), rng)
        invented = "EW " + pd.Series(rng.integers(1000, 99999, n)).astype(str)
        ghost = like.assign(
            unit=None, year=year, capitalised=since, amount=_prices(like["rating_kva"], year, rng), life=35,
            place=card["position"].iloc[rng.integers(0, len(card), n)].to_numpy(), in_service=False, declining=False,
            true_key=key.mask(key.isin(card["unit"]), invented),
        )  # fmt: skip
        ghost["from"], ghost["to"], ghost[finding] = since, pd.NaT, True
        ghost["retired"] = closed if finding == "closed_card" else pd.NaT
        parts.append(ghost.astype(card.dtypes))
    return parts


def _export(card: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> pd.DataFrame:
    """The columns of an ERP system's asset list."""
    wrong = card[["disagreeing_rating", "disagreeing_year"]].any(axis=1)
    no_year, no_maker, no_rating = (drawn(~wrong, share, rng) for share in (_NO_YEAR, _NO_MAKER, _NO_RATING))
    cents = np.rint(card["amount"].to_numpy() * 100).astype(np.int64)
    return pd.DataFrame(
        {
            "Anlage": card["account"],
            "Klasse": _CLASS_CODE,
            "Bezeichnung": _descriptions(card, rng).mask(no_rating, _NO_RATING_TOLD),
            "Seriennummer": card["key"],
            "Hersteller": spelt(card["maker"], MAKER_SPELLINGS, rng).mask(no_maker),
            "Baujahr": card["year"].astype("Int64").mask(no_year),
            "Standort": card["place"],
            "Aktivierung": card["capitalised"].dt.strftime("%d.%m.%Y"),
            "AHK": _money(cents),
            "AfA kumuliert": _money(_depreciated(card, cents, close)),
            "AfA-Methode": np.where(card["declining"], "DEGR", "LIN"),
            "Nutzungsdauer": card["life"],
            "Abgang": card["retired"].dt.strftime("%d.%m.%Y"),
            "Währung": "EUR",
            "Stichtag": close.strftime("%d.%m.%Y"),
        }
    )


def _descriptions(card: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """What each card is for, in the words of whoever entered it."""
    which = rng.integers(0, len(_DESCRIPTIONS), len(card)).tolist()
    figures = card[["rating_kva", "hv_kv", "lv_kv"]].to_numpy().tolist()
    written = [
        _DESCRIPTIONS[one].format(kva=f"{kva:g}", mva=_comma(kva / 1000), hv=f"{hv:g}", lv=_comma(lv))
        for one, (kva, hv, lv) in zip(which, figures, strict=True)
    ]
    return pd.Series(written, card.index, dtype=object)


def _depreciated(card: pd.DataFrame, cents: NDArray[np.int64], close: pd.Timestamp) -> NDArray[np.int64]:
    """Accumulated depreciation in cents, by whole months to the close or the retirement."""
    until, since = card["retired"].fillna(close).dt, card["capitalised"].dt
    years = np.maximum(((until.year - since.year) * 12 + until.month - since.month) / 12, 0)
    straight, declining = np.minimum(years / card["life"], 1), 1 - (1 - 2 / card["life"]) ** years
    share = np.where(card["written_off"], 1.0, np.where(card["declining"], declining, straight))
    return np.rint(cents * share).astype(np.int64)


def _prices(rating_kva: pd.Series, year: pd.Series, rng: np.random.Generator) -> pd.Series:
    """What a unit cost in its year, installed."""
    growth = _PRICE_GROWTH ** (year - _PRICE_YEAR)
    return (4200 + 19 * rating_kva) * growth * rng.lognormal(0, 0.12, len(rating_kva))


def _booked(day: pd.Series, rng: np.random.Generator) -> pd.Series:
    """When an event of a day is booked: within two months, half of the times at a month's end."""
    days = np.minimum(rng.exponential(_MEAN_BOOKING_DAYS, len(day)).round(), _LONGEST_BOOKING_DAYS)
    later = day + pd.to_timedelta(days, unit="D")
    return later.mask(rng.random(len(day)) < 0.5, later + pd.offsets.MonthEnd(0))


def _money(cents: NDArray[np.int64]) -> list[str]:
    return [f"{one // 100},{one % 100:02}" for one in cents.tolist()]


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")
