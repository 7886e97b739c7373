"""The sample's ledger: each unit has its card but for what is planted, and what is planted is told and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import pandas as pd
import pytest

from jobs.sample.account_faults import FINDINGS
from jobs.sample.asset_accounts import Accounts, asset_accounts
from jobs.sample.assets import Fleet
from jobs.sample.seeds import generator
from jobs.sample.typed import KEY_SPELLINGS, mistyped, spelt
from tests.unit.sampled_fleet import fleet_of

END = date(2016, 4, 1)


@cache
def fleet(positions: int, seed: int = 4) -> Fleet:
    return fleet_of(positions, seed)


@cache
def ledger() -> Accounts:
    return asset_accounts(fleet(3000), 4, END)


def owned() -> pd.DataFrame:
    """The cards with their unit as it is in the register."""
    unit = fleet(3000).unit.merge(fleet(3000).deployment, on="unit")
    card = ledger().card.merge(ledger().owner, left_on="Anlage", right_on="account", validate="one_to_one")
    return card.merge(unit, on="unit")


def planted(finding: str) -> set[str]:
    true = ledger().finding
    return set(true.loc[true["finding"] == finding, "account"].dropna())


def test_every_kind_is_planted_and_of_cards_or_units_that_there_are() -> None:
    accounts = ledger()
    assert set(accounts.finding["finding"]) == set(FINDINGS)
    assert set(accounts.finding["account"].dropna()) <= set(accounts.card["Anlage"])
    assert accounts.card["Anlage"].is_unique
    lost = set(accounts.finding.loc[accounts.finding["finding"] == "missing_in_ledger", "unit"])
    assert lost
    assert not lost & set(accounts.owner["unit"])
    stood = fleet(3000).deployment
    booked = stood.loc[stood["from_utc"] < pd.Timestamp("2016-01-31", tz="UTC"), "unit"]  # two months before the close
    assert set(booked) == (set(accounts.owner["unit"].dropna()) | lost) & set(booked)


def test_what_is_not_planted_agrees_with_the_register() -> None:
    card = owned()
    kva = card["Bezeichnung"].str.extract(r"([\d,]+)\s*([kKM])VA")
    told = kva[0].str.replace(",", ".").astype(float) * kva[1].map({"k": 1, "K": 1, "M": 1000})
    place = card["Standort"].str.upper().str.replace("STATION ", "").str.replace(" ", "-").str.strip("-")
    unlike = {
        "disagreeing_rating": told.notna() & ((told - card["rating_kva"]).abs() > 1e-6),
        "disagreeing_year": (card["Baujahr"] - card["made"]).abs() > 1,
        "disagreeing_place": place.notna() & (place != card["position"]),
    }
    for finding, found in unlike.items():
        assert set(card.loc[found, "Anlage"]) == planted(finding), finding
    closed = card["Abgang"].notna()
    removed = card["to_utc"] < pd.Timestamp("2015-12-01", tz="UTC")
    stands = ~(card["to_utc"] < pd.Timestamp(END, tz="UTC"))
    assert set(card.loc[removed & ~closed, "Anlage"]) == planted("scrapped_on_books")
    assert set(card.loc[stands & closed, "Anlage"]) <= planted("in_service_written_off")


def test_a_card_without_its_number_keeps_its_place() -> None:
    card = owned()
    without = card[card["Seriennummer"].isna()]
    assert len(without) > 20
    assert without["Standort"].notna().all()
    assert not set(without["Anlage"]) & planted("disagreeing_place")


def test_amounts_are_written_to_the_cent_and_depreciation_ends_at_the_amount() -> None:
    card = ledger().card
    assert card["AHK"].str.fullmatch(r"\d+,\d\d").all()
    amount, gone = (card[name].str.replace(",", ".").map(Decimal) for name in ("AHK", "AfA kumuliert"))
    assert (gone <= amount).all()
    assert (gone == amount).sum() > 100


def test_the_same_seed_gives_the_same_ledger_and_another_one_another() -> None:
    again, other = asset_accounts(fleet(3000), 4, END), asset_accounts(fleet(3000), 5, END)
    pd.testing.assert_frame_equal(again.card, ledger().card)
    assert not other.card["AHK"].equals(ledger().card["AHK"])


@pytest.mark.parametrize("positions", [1, 2, 7])
def test_a_small_utility_has_a_ledger_too(positions: int) -> None:
    accounts = asset_accounts(fleet(positions), 1, date(2016, 1, 3))
    assert len(accounts.card) >= positions


def test_slips_change_a_key_and_spellings_only_its_look() -> None:
    key = pd.Series([f"T{n:05}-1" for n in range(1, 2001)])
    wrong = mistyped(key, generator(1, "test"))
    assert (wrong != key).all()
    assert wrong.isin(set(key)).sum() > 100  # another unit's number
    typed = spelt(key, KEY_SPELLINGS, generator(1, "test"))
    assert typed.nunique() == len(key)
    plain = typed.str.upper().str.replace("NR.", "").str.strip().str.replace("[ /]", "-", regex=True)
    assert (plain.str.replace("T0*", "T", regex=True) == key.str.replace("T0*", "T", regex=True)).all()
