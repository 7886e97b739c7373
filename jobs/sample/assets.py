"""Transformer units by nameplate, what they cost, and the fleet of them. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.metering import midnight_utc
from jobs.sample.ratings import LADDER_KVA

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


@dataclass(frozen=True)
class Fleet:
    """Units, where they stood and which failed, what no system knows of them, and the metered failures of 2016.

    Parameters
    ----------
    position
        Every position, the metered ones first: ``transformer, network`` (None without meters) ``, x, y, area,
        rating_kva, utilisation, customers`` and voltages.
    unit
        Nameplates, as the asset system exports them.
    deployment
        ``unit, position, from_utc, to_utc, why``, sorted by position and time.
    failure
        ``number, unit, position, at_utc, cause, cost, currency``.
    hidden
        ``unit`` and what made it fail or not: ``hidden_factor, batch_factor, load_factor, mechanism,
        incipient_utc, incipient_kind, worn_out_utc``.
    dark
        Failures of 2016 at metered positions as (network, instant).
    """

    position: pd.DataFrame
    unit: pd.DataFrame
    deployment: pd.DataFrame
    failure: pd.DataFrame
    hidden: pd.DataFrame
    dark: list[tuple[str, datetime]]

    def rows_of(self, station: pd.Series) -> NDArray[np.int64]:
        """Rows of ``position`` with these transformers."""
        rows: NDArray[np.int64] = pd.Index(self.position["transformer"]).get_indexer(pd.Index(station))
        return rows

    def standing(self, at: datetime) -> pd.DataFrame:
        """Units in place at an instant, by position."""
        in_place = (self.deployment["from_utc"] <= at) & ~(self.deployment["to_utc"] <= at)
        return self.deployment[in_place].merge(self.unit, on="unit").set_index("position")


def loss_class(year: int) -> str:
    """Efficiency tier of a unit made in a year."""
    return "before_1990" if year < 1995 else "c0_ck" if year < 2015 else "tier_1"


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
