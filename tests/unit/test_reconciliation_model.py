"""How likely a card and a unit are one, against figures worked by hand; and what is learned of made-up ledgers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jobs.gold.reconciliation.links import _assigned, among_units
from jobs.gold.reconciliation.model import ASSUMED, TOLD, as_text, from_text, learned, scored

TYPES = {"key": pa.string(), "place": pa.string(), "year": pa.int32(), "since": pa.int32(),
         "rating_kva": pa.float64(), "maker": pa.string()}  # fmt: skip
UNIT = {"key": "T.12.1", "place": "P.7", "year": 1990, "since": 7456, "rating_kva": 400.0, "maker": "KAPPEL"}


def pair(**card: Any) -> dict[str, Any]:
    """A card that tells only what is named, and the unit."""
    told = {f"{name}_card": card.get(name) for name in TOLD}
    return told | {f"{name}_unit": value for name, value in UNIT.items()}


def chances(*pairs: dict[str, Any], prior: float) -> list[float]:
    schema = pa.schema({f"{name}_{side}": kind for side in ("card", "unit") for name, kind in TYPES.items()})
    found: list[float] = scored(pa.Table.from_pylist(list(pairs), schema), ASSUMED, prior=prior).to_pylist()
    return found


def test_a_pair_is_as_likely_as_what_both_tell_makes_it() -> None:
    """With a prior of 1 to 100 the odds are 0.01 times m / u of each thing that both tell.

    The key's exchanged digits are near (0.07 / 0.001 = 70); a day 200 days later is near (0.03 / 0.05 = 0.6).
    """
    cards = [
        ({}, 0.01),
        ({"place": "P.7"}, 97.0),
        ({"key": "T.12.1", "place": "P.8"}, 0.01 * 9000 * 0.03 / 0.9999),
        ({"key": "T.21.1", "year": 1991}, 0.01 * 70 * 0.13 / 0.05),
        ({"key": "X", "since": 7656, "rating_kva": 250.0}, 0.01 * 0.03 / 0.9989 * 0.6 * 0.02 / 0.85),
        ({"maker": "KAPEL"}, 0.01 * 0.97 / 0.25),
    ]
    found = chances(*[pair(**told) for told, _ in cards], prior=1 / 101)
    assert found == pytest.approx([odds / (1 + odds) for _, odds in cards], rel=1e-9)


def test_units_compete_for_a_card_with_each_other_and_with_there_being_none() -> None:
    """Card A: odds 3 and 1, a quarter of cards has no unit: 0.75 x 3 / (0.75 x 4 + 0.25) = 9/13 and 3/13.

    B: odds 1, times 0.01 for a unit that has its card: 0.0075 / 0.2575.
    """
    found = among_units(
        pd.Series(["A", "A", "B"]), np.array([0.75, 0.5, 0.5]), np.array([1.0, 1.0, 0.01]), without=0.25
    )
    assert found.tolist() == pytest.approx([9 / 13, 3 / 13, 0.0075 / 0.2575], rel=1e-12)


def test_twins_get_a_card_each_and_what_has_a_card_only_a_second_one() -> None:
    likely = pd.DataFrame(
        [
            ("A1", "U1", 7, 0.5, False), ("A1", "U2", 7, 0.5, False),
            ("A2", "U1", 7, 0.5, False), ("A2", "U2", 7, 0.5, False),
            ("A3", "U3", 8, 0.9, True),
            ("A4", "U4", 9, 0.4, True), ("A4", "U5", 9, 0.5, False),
            ("A5", "U6", 5, 0.85, False), ("A6", "U6", 5, 0.95, False),
        ],
        columns=["account_id", "asset_id", "twins", "probability", "claimed"],
    )  # fmt: skip
    named = pd.DataFrame({"account_id": likely["account_id"].unique()}).assign(keyed=None, booked=True, claimed=False)
    rows = _assigned(pa.Table.from_pandas(named), pa.Table.from_pandas(likely)).to_pylist()
    assert {row["account_id"]: (row["asset_id"], pytest.approx(row["match_probability"])) for row in rows} == {
        "A1": ("U1", 1.0), "A2": ("U2", 1.0), "A3": ("U3", 0.9), "A4": ("U5", 0.9), "A5": ("U6", 0.85),
        "A6": ("U6", 0.95),
    }  # fmt: skip


def test_a_card_whose_key_alone_is_right_gets_its_unit_where_nobody_else_has_or_names_it() -> None:
    likely = pd.DataFrame(
        [("A1", "U1", 1, 0.9, False)], columns=["account_id", "asset_id", "twins", "probability", "claimed"]
    )
    named = pd.DataFrame(
        [
            ("A1", "U1", True, False),  # likely, by what else it tells
            ("B1", "U1", True, False),  # taken by A1
            ("C1", "U2", True, False),  # nobody else's
            ("D1", "U3", True, True),  # a card settled by its key has it
            ("E1", "U4", False, False),  # capitalised long before or after it came
            ("F1", "U5", True, False),
            ("F2", "U5", True, False),  # two name it
            ("G1", None, True, False),
        ],
        columns=["account_id", "keyed", "booked", "claimed"],
    )
    rows = _assigned(pa.Table.from_pandas(named), pa.Table.from_pandas(likely)).to_pylist()
    found = {row["account_id"]: (row["asset_id"], row["match_method"], row["match_probability"]) for row in rows}
    assert found.pop("A1") == ("U1", "key_and_attributes", pytest.approx(0.9))
    assert found.pop("C1") == ("U2", "key", 1.0)
    assert found == dict.fromkeys(("B1", "D1", "E1", "F1", "F2", "G1"), (None, None, None))


def ledger(n: int, wrong_places: int, no_keys: bool = False) -> tuple[pa.Table, pa.Table]:
    """So many units, and of each a card; the first so many of these tell a place where nothing stands."""
    rng = np.random.default_rng(1)
    number = np.arange(n)
    unit = pd.DataFrame(
        {
            "unique_id": [f"u{one}" for one in number],
            "key": [f"K.{one * 7919 % 100_003}" for one in number],
            "place": [f"P.{one}" for one in number],
            "year": rng.integers(1960, 2015, n).astype("int32"),
            "rating_kva": rng.choice([100.0, 250, 400, 630], n),
            "maker": rng.choice(["KAPPEL", "SIEBERT", "ELBE.WERKE", "NORDTRAFO"], n),
        }
    )
    unit["since"] = ((unit["year"] - 1970) * 365 + 150).astype("int32")
    card = unit.assign(unique_id=[f"c{one}" for one in number], since=unit["since"] + np.int32(20))
    card["place"] = card["place"].where(number >= wrong_places, [f"Q.{one}" for one in number])
    if no_keys:
        card["key"] = None
    schema = pa.schema({"unique_id": pa.string(), **TYPES})
    return tuple(pa.Table.from_pandas(side, schema, preserve_index=False) for side in (card, unit))  # type: ignore[return-value]


def test_what_is_learned_is_how_often_the_ledger_is_right() -> None:
    cards, units = ledger(500, wrong_places=60)
    model = learned(cards, units, units, least=200)
    assert model["place"]["same"][0] == pytest.approx(440 / 500, abs=1e-3)
    assert model["key"]["same"][0] == pytest.approx(1, abs=1e-3)
    assert model["rating_kva"]["same"][1] == pytest.approx(0.25, abs=0.02)  # four ratings
    assert from_text(as_text(model)) == model
    assert learned(cards, units, units, least=200) == model


def test_a_ledger_without_keys_still_teaches_and_one_too_small_does_not() -> None:
    cards, units = ledger(500, wrong_places=60, no_keys=True)
    model = learned(cards, units, units, least=200)
    assert model["rating_kva"]["same"][0] == pytest.approx(1, abs=0.01)
    assert model["key"]["same"][0] == ASSUMED["key"]["same"][0]
    assert learned(cards, units, units, least=501) is ASSUMED
