"""Everything a report shows, read from the lake once and small enough for one machine's memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from jobs.lake.lake import Lake
from jobs.lake.scan import table_bytes
from jobs.query.snapshot import LATEST, Snapshot, read_snapshot
from jobs.report.ageing_data import Ageing, read_ageing
from jobs.report.balance_data import Balances, read_balances
from jobs.report.correction_data import read_corrections
from jobs.report.cost_data import Costs, read_areas, read_costs, study_period
from jobs.report.fleet_data import Fleet, read_fleet
from jobs.report.forecast_data import Forecast, read_forecast
from jobs.report.ledger_data import read_ledger
from jobs.report.load_data import Loads, read_loads
from jobs.report.origin_data import Origin, read_origin
from jobs.report.quality_data import Quality, read_quality
from jobs.report.risk_data import Risk, read_risk
from jobs.report.scoring import Score, score
from jobs.report.supplier_data import Suppliers, read_suppliers
from jobs.session import interpreting
from jobs.settings import Settings
from jobs.silver.interval_block import INTERVAL_BLOCK

LITTLE_BYTES = 2**30  # of the blocks, of which the arrays are not read
SIDE_BY_SIDE = 3  # small queries: most of each is planning, on one core


@dataclass(frozen=True)
class Content:
    """Summaries of one release; ``score`` only where the planted truth is known."""

    snapshot: Snapshot
    quality: Quality
    loads: Loads
    forecast: Forecast
    ageing: Ageing
    balances: Balances
    corrections: pd.DataFrame
    costs: Costs
    risk: Risk
    fleet: Fleet
    suppliers: Suppliers
    ledger: pd.DataFrame
    areas: pd.DataFrame
    origin: Origin
    score: Score | None


def read_content(lake: Lake, settings: Settings, *, truth: Path | None = None, release: str = LATEST) -> Content:
    """What a report of one release shows.

    Parameters
    ----------
    truth
        Folder with the planted truth of a sample: validation rules and chances of failure are then set against it.
    release
        Release to show; the newest without it.

    Raises
    ------
    GridlakeError
        No release has that id, or the truth folder holds no planted faults.
    """
    if table_bytes(lake, INTERVAL_BLOCK) < LITTLE_BYTES:
        lake = Lake(interpreting(lake.spark), lake.root)
    snapshot = read_snapshot(lake, release)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        quality, balances = pool.submit(read_quality, snapshot), pool.submit(read_balances, snapshot)
        areas, ledger = pool.submit(read_areas, snapshot), pool.submit(read_ledger, snapshot)
        corrections, ageing = pool.submit(read_corrections, snapshot), pool.submit(read_ageing, snapshot)
        forecast = pool.submit(read_forecast, snapshot, settings)
        study = study_period(snapshot)  # asked once: three show the same
        loads, costs = pool.submit(read_loads, snapshot, study), pool.submit(read_costs, snapshot, study)
        fleet, suppliers = pool.submit(read_fleet, snapshot, study), pool.submit(read_suppliers, snapshot)
        risk = pool.submit(read_risk, snapshot, settings, study, truth)
        origin = pool.submit(read_origin, snapshot, settings)
        scored = None if truth is None else pool.submit(score, snapshot, truth)
        return Content(
            snapshot=snapshot,
            quality=quality.result(),
            loads=loads.result(),
            forecast=forecast.result(),
            ageing=ageing.result(),
            balances=balances.result(),
            corrections=corrections.result(),
            costs=costs.result(),
            risk=risk.result(),
            fleet=fleet.result(),
            suppliers=suppliers.result(),
            ledger=ledger.result(),
            areas=areas.result(),
            origin=origin.result(),
            score=None if scored is None else scored.result(),
        )
