"""What happened to the fleet in its years, and the files of the systems that wrote it down."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from jobs.sample import system_files
from jobs.sample.assets import Fleet
from jobs.sample.call_centre import calls
from jobs.sample.condition import Condition
from jobs.sample.fleet_outages import fleet_outages
from jobs.sample.inspections import inspections
from jobs.sample.lightning import lightning_by_area
from jobs.sample.oil_tests import oil_tests
from jobs.sample.work_orders import work_orders


def write_events(
    fleet: Fleet, metered_outage: pd.DataFrame, plan: pd.DataFrame, drop: Path, seed: int, end: date
) -> None:
    """Write what was known at ``end`` of failures, work, inspections, oil, outages, complaints and lightning."""
    condition = Condition(fleet)
    inspection = inspections(condition, seed)
    oil_test = oil_tests(condition, fleet.position["rating_kva"].to_numpy(float), seed)
    order = work_orders(condition, fleet.deployment, inspection, oil_test, seed)
    outage = pd.concat([fleet_outages(fleet, seed), metered_outage], ignore_index=True)
    system_files.write_failures(fleet, drop, end)
    system_files.write_work_orders(fleet, order, drop, end)
    system_files.write_inspections(fleet, inspection, drop, end)
    system_files.write_oil_tests(fleet, oil_test, drop, end)
    system_files.write_outages(outage, drop, end)
    system_files.write_complaints(calls(fleet, condition, outage, plan, seed), drop, end)
    system_files.write_lightning(lightning_by_area(fleet.position, seed), drop, end)
