"""Everything a report shows, read from the lake once and small enough for one machine's memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from jobs.lake.lake import Lake
from jobs.report.cost_data import Costs, read_areas, read_costs
from jobs.report.load_data import Loads, read_loads
from jobs.report.origin_data import Origin, read_origin
from jobs.report.quality_data import Quality, read_quality
from jobs.report.scoring import Score, score
from jobs.report.snapshot import Snapshot, read_snapshot
from jobs.settings import Settings


@dataclass(frozen=True)
class Content:
    """Summaries of one release; ``score`` only where the planted truth is known."""

    snapshot: Snapshot
    quality: Quality
    loads: Loads
    costs: Costs
    areas: pd.DataFrame
    origin: Origin
    score: Score | None


def read_content(lake: Lake, settings: Settings, *, truth: Path | None, release: str | None) -> Content:
    snapshot = read_snapshot(lake, release)
    return Content(
        snapshot=snapshot,
        quality=read_quality(snapshot),
        loads=read_loads(snapshot),
        costs=read_costs(snapshot),
        areas=read_areas(snapshot),
        origin=read_origin(snapshot, settings),
        score=None if truth is None else score(snapshot, truth),
    )
