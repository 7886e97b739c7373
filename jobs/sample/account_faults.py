"""What is wrong with the ledger's asset cards: planted faults, each told in a column named as the finding it should be.

Honest differences stand beside them (`jobs.sample.asset_accounts`). A card that lost its key keeps its place: with
neither, nobody could say whose it is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.ratings import LADDER_KVA
from jobs.sample.typed import KEY_SPELLINGS, PLACE_SPELLINGS, mistyped, spelt

FINDINGS = (
    "missing_in_register", "closed_card", "missing_in_ledger", "duplicate_card", "scrapped_on_books",
    "in_service_written_off", "disagreeing_rating", "disagreeing_year", "disagreeing_place",
)  # fmt: skip
OLD_NEWS_DAYS = 120
"""What happened so long before the closing should be booked by all means."""

SHARE = {
    "missing_in_register": 0.01, "closed_card": 0.02, "missing_in_ledger": 0.01, "duplicate_card": 0.007,
    "scrapped_on_books": 0.04, "in_service_written_off": 0.01, "disagreeing_rating": 0.01, "disagreeing_year": 0.01,
    "disagreeing_place": 0.01,
}  # fmt: skip
"""Of cards; of units in service, or of units scrapped, where only these can have the fault."""
_RETIRED_THE_SUCCESSOR = 0.02  # of replacements
_KEY_MISSING, _KEY_MISTYPED, _DUPLICATE_WITHOUT_KEY, _NO_PLACE = 0.02, 0.04, 0.3, 0.01


def drawn(among: pd.Series, share: float, rng: np.random.Generator) -> pd.Series:
    """Some of those marked, each with the same chance."""
    return among & (rng.random(len(among)) < share)


def plant_retirements(card: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> None:
    """Units in service retired or written off, units scrapped still on the books, and both by one wrong booking."""
    _retire_successors(card, close, rng)
    age_days = (close - card["capitalised"]).dt.days
    touched = card["scrapped_on_books"] | card["in_service_written_off"]
    off = drawn(card["in_service"] & ~touched & (age_days > 730), SHARE["in_service_written_off"], rng)
    card["written_off"] = drawn(off & (age_days / 365.25 < card["life"] - 2), 0.5, rng)
    early = card["capitalised"] + pd.to_timedelta((rng.uniform(0.3, 0.95, len(card)) * age_days).round(), unit="D")
    card["retired"] = card["retired"].mask(off & ~card["written_off"], early)
    old_news = card["retired"].notna() & (card["to"] < close - pd.Timedelta(days=OLD_NEWS_DAYS))
    kept = drawn(old_news & ~touched & card["unit"].notna(), SHARE["scrapped_on_books"], rng)
    card["retired"] = card["retired"].mask(kept)
    card["in_service_written_off"] |= off
    card["scrapped_on_books"] |= kept


def _retire_successors(card: pd.DataFrame, close: pd.Timestamp, rng: np.random.Generator) -> None:
    """The retirement of a unit that was replaced, booked on its successor's card."""
    there = card[card["unit"].notna()].sort_values(["position", "from"])
    after = there.groupby("position")[["unit", "in_service", "capitalised"]].shift(-1)
    long_ago = there["retired"] < close - pd.Timedelta(days=2 * OLD_NEWS_DAYS)
    fits = long_ago & after["in_service"].eq(True) & (after["capitalised"] <= there["retired"])
    chosen = there[drawn(fits, _RETIRED_THE_SUCCESSOR, rng)]
    successor = after.loc[chosen.index, "unit"]
    booked = pd.Series(chosen["retired"].to_numpy(), successor.to_numpy())
    old, new = card["unit"].isin(chosen["unit"]), card["unit"].isin(successor)
    card["retired"] = card["retired"].mask(old)
    card.loc[new, "retired"] = card.loc[new, "unit"].map(booked)
    card["scrapped_on_books"] |= old
    card["in_service_written_off"] |= new


def plant_attributes(card: pd.DataFrame, positions: pd.Series, rng: np.random.Generator) -> None:
    """Ratings, years and places that are not the unit's, and keys lost or to be mistyped."""
    known = card["unit"].notna()
    n = len(card)
    draw = rng.random(n)
    card["key_fault"] = np.select(
        [known & (draw < _KEY_MISSING), known & (draw < _KEY_MISSING + _KEY_MISTYPED)], ["missing", "mistyped"], ""
    )
    step = np.searchsorted(LADDER_KVA, card["rating_kva"]) + rng.choice([-2, -1, 1, 2], n)
    top = len(LADDER_KVA) - 1
    other = pd.Series(LADDER_KVA[np.where(step < 0, 2, np.where(step > top, top - 2, step))], card.index)
    card["disagreeing_rating"] = drawn(known & (other != card["rating_kva"]), SHARE["disagreeing_rating"], rng)
    card["rating_kva"] = card["rating_kva"].mask(card["disagreeing_rating"], other)
    card["disagreeing_year"] = drawn(known, SHARE["disagreeing_year"], rng)
    shift = pd.Series(rng.integers(3, 12, n) * rng.choice([-1, 1], n), card.index)
    card["year"] = card["year"].mask(card["disagreeing_year"], card["year"] + shift)
    elsewhere = pd.Series(positions.to_numpy()[rng.integers(0, len(positions), n)], card.index)
    keyed = known & (card["key_fault"] != "missing") & (elsewhere != card["position"])
    card["disagreeing_place"] = drawn(keyed, SHARE["disagreeing_place"], rng)
    card["place"] = card["place"].mask(card["disagreeing_place"], elsewhere)


def with_duplicates(card: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Cards in the order of their entry, and after them those that were entered a second time."""
    honest = card["unit"].notna() & ~card[list(FINDINGS)].any(axis=1)
    twice = card[drawn(honest, SHARE["duplicate_card"], rng)]
    again = twice.assign(
        capitalised=twice["capitalised"] - pd.to_timedelta(rng.integers(0, 30, len(twice)), unit="D"),
        key_fault=np.where(rng.random(len(twice)) < _DUPLICATE_WITHOUT_KEY, "missing", ""),
        duplicate_card=True,
    )
    return pd.concat([card.sort_values(["capitalised", "true_key"]), again], ignore_index=True)


def type_keys(card: pd.DataFrame, rng: np.random.Generator) -> None:
    """Keys and places as they were typed."""
    slip, lost = (card["key_fault"] == fault for fault in ("mistyped", "missing"))
    key = spelt(card["true_key"], KEY_SPELLINGS, rng)
    key[slip] = mistyped(card.loc[slip, "true_key"], rng)
    card["key"] = key.mask(lost)
    blank = drawn((card["key_fault"] == "") & ~card["disagreeing_place"], _NO_PLACE, rng)
    card["place"] = spelt(card["place"].fillna(""), PLACE_SPELLINGS, rng).mask(blank | card["place"].isna())
