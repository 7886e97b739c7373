"""The hour that a wall clock shows twice in autumn: which of its two passes a row belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sources.delivery import Flags, Longs
from jobs.sources.instants import Instants

_SUMMER = {"1": True, "true": True, "t": True, "yes": True, "y": True, "0": False, "false": False, "f": False}
_SUMMER |= {"no": False, "n": False}


@dataclass
class RepeatedHour:
    """Tells the passes apart over one whole file, however it is cut into pieces: only rows of the hour are remembered.

    By a column that says whether it is summer time, else by the order of the file: of two rows that name one time of
    one thing the first is of the first pass. A row that stands alone, or of which no order tells anything, is taken
    as of the first pass and counted.
    """

    seen: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))
    untold: int = 0

    def by_order(self, parsed: Instants, same: Sequence[pa.Array]) -> Instants:
        """Instants by the order of rows that are equal in all of ``same``, the time as written among them."""
        twice = _twice(parsed)
        if len(twice) == 0:
            return parsed
        parts = [one.take(pa.array(twice)).cast(pa.string()).fill_null("") for one in same]
        rows = pc.binary_join_element_wise(*parts, "\x1f").to_pandas()
        self.seen = pd.concat([self.seen, rows], ignore_index=True)
        second = self.seen.groupby(self.seen).cumcount().to_numpy()[-len(twice) :] > 0
        return _resolved(parsed, twice, second, np.zeros(len(twice), bool))

    def by_column(self, parsed: Instants, summer: pa.Array) -> Instants:
        """Instants by a column that is true in summer time; bad where it says neither."""
        twice = _twice(parsed)
        if len(twice) == 0:
            return parsed
        text = summer.take(pa.array(twice)).cast(pa.string()).to_pandas().str.strip().str.lower()
        found = text.map(_SUMMER)
        return _resolved(parsed, twice, found.eq(False).to_numpy(bool), found.isna().to_numpy(bool))

    def by_nothing(self, parsed: Instants) -> Instants:
        """Instants of the first pass, each of them counted."""
        self.untold += len(_twice(parsed))
        return parsed

    def taken_as_first(self) -> int:
        """Times of which nothing told the pass, once the file has been read."""
        return self.untold + int((self.seen.value_counts() == 1).sum())


def _twice(parsed: Instants) -> Longs:
    return np.flatnonzero((parsed.utc_us != parsed.later_us) & ~parsed.bad)


def _resolved(parsed: Instants, twice: Longs, second: Flags, unknown: Flags) -> Instants:
    utc_us, bad = parsed.utc_us.copy(), parsed.bad.copy()
    utc_us[twice[second]] = parsed.later_us[twice[second]]
    bad[twice[unknown]] = True
    return Instants(utc_us, utc_us, bad)
