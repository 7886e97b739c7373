"""Text as people type it: spellings that mean the same, and slips that change a key."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Spelling = Callable[[str], str]

KEY_SPELLINGS: tuple[Spelling, ...] = (
    str,
    str.lower,
    lambda key: key.replace("-", " "),
    lambda key: key.replace("-", "/"),
    lambda key: f"Nr. {key}",
    lambda key: f" {key} ",
    lambda key: "-".join(part[:1] + part[1:].lstrip("0") for part in key.split("-")),  # leading zeros left out
)
PLACE_SPELLINGS: tuple[Spelling, ...] = (
    str,
    str.upper,
    lambda place: f"Station {place}",
    lambda place: place.replace("-", " "),
    lambda place: f"{place} ",
)
MAKER_SPELLINGS: tuple[Spelling, ...] = (
    str,
    str.upper,
    lambda maker: f"{maker} GmbH",
    lambda maker: f"{maker} AG",
    lambda maker: maker.replace(" ", "-"),
)


def spelt(
    text: pd.Series, spellings: tuple[Spelling, ...], rng: np.random.Generator, *, as_it_is: float = 0.6
) -> pd.Series:
    """Texts, each as it is with that chance, else in one of the other spellings."""
    which = np.where(rng.random(len(text)) < as_it_is, 0, rng.integers(1, len(spellings), len(text)))
    typed = text.to_numpy(object).copy()
    for number, spelling in enumerate(spellings):
        own = which == number
        typed[own] = [spelling(one) for one in typed[own]]
    return pd.Series(typed, text.index)


def mistyped(text: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Each text with one slip among its digits: two exchanged, one wrong, lost, doubled, or an O for a nought."""
    return pd.Series([_slip(one, rng) for one in text], text.index, dtype=object)


def _slip(text: str, rng: np.random.Generator) -> str:
    digit = np.array([at for at, letter in enumerate(text) if letter.isdigit()])
    at = int(rng.choice(digit))
    unlike: NDArray[np.int64] = digit[:-1][
        [text[one + 1].isdigit() and text[one] != text[one + 1] for one in digit[:-1]]
    ]
    kind = rng.integers(5)
    if kind == 0 and len(unlike):
        at = int(rng.choice(unlike))
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[: at + 1] + text[at:]
    if kind == 3 and "0" in text:
        return text.replace("0", "O", 1)
    return text[:at] + str((int(text[at]) + int(rng.integers(1, 10))) % 10) + text[at + 1 :]
