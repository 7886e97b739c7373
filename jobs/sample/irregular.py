"""Deliveries that are not as they should be: late, corrected, twice, contradicting, from a meter nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from jobs.sample import metering as m
from jobs.sample.seeds import generator
from jobs.sample.simbench import YEAR_FIRST

_KINDS = ("late", "corrected", "duplicate", "conflict", "unknown_meter", "unknown_register")
_RESENT_EVERY = 28  # days


@dataclass(frozen=True)
class Irregular:
    """What a block's first day has of them, by row of the channels; a block that starts within a week has none."""

    day: date
    begins: bool
    wide_rows: dict[str, int]
    parquet: int | None
    nem12: int | None
    resent: date | None

    def wide(self, day: date) -> dict[str, int]:
        """Kind -> row, at the wide head-end."""
        return self.wide_rows if day == self.day else {}

    def rows(self, day: date) -> set[int]:
        """Rows that get no planted fault on that day, so that one irregularity is seen at a time."""
        named = {row for row in (self.parquet, self.nem12) if row is not None}
        return {*self.wide_rows.values(), *named} if day == self.day else set()


def choose(channels: pd.DataFrame, exchanges: pd.DataFrame, seed: int, first: date, end: date) -> Irregular:
    """The irregular deliveries of a block of seven days, drawn from its first day."""
    age = (first - YEAR_FIRST).days
    if age % 7:
        return Irregular(first, False, {}, None, None, None)
    rng = generator(seed, "irregular", first)
    exchanged = set(exchanges["row"])
    delivered = channels["code"] == 0
    wide = np.flatnonzero(
        (channels["source"] == m.WIDE) & delivered & ~channels["point"].isin(exchanged) & ~channels["with_register"]
    )
    rows = {}
    if len(wide) >= 10 * len(_KINDS):  # few meters: the share rejected would stop the day
        rows = dict(zip(_KINDS, (int(row) for row in rng.choice(wide, len(_KINDS), replace=False)), strict=True))
    one = {}
    for source in (m.PARQUET, m.NEM12):
        candidates = np.flatnonzero((channels["source"] == source) & delivered)
        one[source] = int(rng.choice(candidates)) if len(candidates) else None
    return Irregular(first, True, rows, one[m.PARQUET], one[m.NEM12], first if age % _RESENT_EVERY == 0 else None)
