"""What a head-end has of a block, and how what it wrote is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample import metering as m
from jobs.sample.faults import Faults
from jobs.sample.formats import Reads
from jobs.sample.grid_readings import GridFlows
from jobs.sample.irregular import Irregular
from jobs.sample.loads import LoadModel
from jobs.sample.simbench import SLOTS

_WRITTEN = time(3, 15)  # head-ends export the day before at 03:15 UTC


@dataclass(frozen=True)
class Utility:
    """All that the readings of a day depend on."""

    plan: pd.DataFrame
    channels: m.Channels
    model: LoadModel
    faults: Faults
    exchanges: pd.DataFrame
    networks: list[str]
    failures: list[tuple[str, datetime]]
    grid: GridFlows
    seed: int


@dataclass
class BlockReport:
    """What was written: counts by (source, what), planted faults, irregular deliveries, outages, register energy,
    losses of the grid.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[dict[str, Any]] = field(default_factory=list)
    irregular: list[dict[str, Any]] = field(default_factory=list)
    outages: list[dict[str, Any]] = field(default_factory=list)
    register_wh: dict[date, NDArray[np.int64]] = field(default_factory=dict)
    losses: list[pd.DataFrame] = field(default_factory=list)


@dataclass
class Delivered:
    utility: Utility
    folder: Path
    first: date
    rows: NDArray[np.int64]
    values: NDArray[np.int32]
    missing: NDArray[np.bool_]
    irregular: Irregular
    report: BlockReport

    def reads(self, codes: dict[str, str], minutes: int = 15) -> Reads:
        frame = self.utility.channels.frame.iloc[self.rows]
        values, missing = self.values, self.missing
        if minutes != 15:
            values = np.stack([m.at_interval(values[:, n], minutes) for n in range(values.shape[1])], axis=1)
            missing = np.zeros(values.shape, bool)
        self.folder.mkdir(parents=True, exist_ok=True)
        return Reads(frame["meter"].tolist(), frame["channel"].map(codes).tolist(), self.first, values, missing)

    def count(self, source: str, what: str, number: int) -> None:
        self.report.counts[source, what] += number

    def note(
        self, source: str, kind: str, row: int, day: date, slots: tuple[int, int] = (0, SLOTS), meter: str | None = None
    ) -> None:
        own = self.utility.channels.frame.iloc[row]
        self.report.irregular.append(
            {"source": source, "kind": kind, "usage_point": own["usage_point"], "meter": meter or own["meter"]}
            | {"channel": own["channel"], "grid_date": day, "first_slot": slots[0], "slots": slots[1]}
        )

    def stamp(self) -> str:
        return self.first.strftime("%Y%m%d")


def exported_at(day: date, later_days: int = 0) -> datetime:
    return datetime.combine(day, _WRITTEN, UTC) + timedelta(days=1 + later_days)


def file_name(prefix: str, day: date, written: datetime) -> str:
    return f"{prefix}_{day:%Y%m%d}_{written:%Y%m%d%H%M%S}.csv"
