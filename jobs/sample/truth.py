"""The truth apart from the drop folder: what is so, what was planted, and how much was written."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.sample import assets, entities
from jobs.sample import metering as m
from jobs.sample.delivered import BlockReport
from jobs.sample.grid_meters import GridMeters
from jobs.sample.simbench import YEAR_END, YEAR_FIRST
from jobs.sample.true_hazard import true_hazards

_IRREGULAR = ["source", "kind", "usage_point", "meter", "channel", "grid_date", "first_slot", "slots"]
_FAULT_FIELDS: dict[str, pa.DataType] = {
    **dict.fromkeys(("usage_point", "source", "meter", "channel"), pa.string()),
    "grid_date": pa.date32(),
    "first_slot": pa.int32(),
    "slots": pa.int32(),
    "kind": pa.string(),
    "has_rule": pa.bool_(),
    "began": pa.date32(),
    "original": pa.list_(pa.int32()),
    "delivered": pa.list_(pa.int32()),
}
_FAULT = pa.schema(_FAULT_FIELDS)


def write_truth(
    truth: Path,
    plan: pd.DataFrame,
    places: entities.Places,
    exchanges: pd.DataFrame,
    moved: pd.DataFrame,
    fleet: assets.Fleet,
    reports: list[BlockReport],
    grid: GridMeters,
    end: date,
    seed: int,
) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = sum((report.counts for report in reports), Counter())
    point = plan.drop(columns=["seed"]).assign(
        **{name: places.point[name].to_numpy() for name in ("transformer", "feeder", "substation", "area")}
    )
    exchange = exchanges[exchanges["at_utc"] < m.midnight_utc(end)]
    move = moved[moved["at_utc"] < m.midnight_utc(end)]
    frames = {
        "usage_point": point,
        "connectivity": _connectivity(point, places, move),
        "meter_exchange": exchange.assign(
            usage_point=plan["usage_point"].to_numpy()[exchange["row"]],
            old_meter=plan["meter"].to_numpy()[exchange["row"]],
        ).drop(columns=["row"]),
        "position": places.position,
        "fleet_position": fleet.position,
        "unit": fleet.hidden.merge(fleet.unit, on="unit"),
        "unit_failure": fleet.failure.merge(fleet.hidden[["unit", "mechanism"]], on="unit"),
        "unit_hazard": true_hazards(fleet, seed),
        "grid_loss": pd.concat([one for report in reports for one in report.losses], ignore_index=True),
        "balance_fault": grid.fault,
        "irregular": pd.DataFrame([row for report in reports for row in report.irregular], columns=_IRREGULAR),
        "outage": pd.DataFrame(
            [row for report in reports for row in report.outages],
            columns=["network", "grid_date", "first_slot", "slots"],
        ),
        "count": pd.DataFrame(
            [(*key, n) for key, n in sorted(counts.items())], columns=["source", "what", "channel_intervals"]
        ),
    }
    for name, frame in frames.items():
        frame.to_parquet(truth / f"{name}.parquet", index=False)
    faults = [row for report in reports for row in report.faults]
    pq.write_table(pa.Table.from_pylist(faults, _FAULT), truth / "fault.parquet", compression="zstd")
    return counts


def _connectivity(point: pd.DataFrame, places: entities.Places, move: pd.DataFrame) -> pd.DataFrame:
    """Where each usage point hangs by grid day: a change within a day counts from the next."""
    names = ["usage_point", "supply_level", "transformer", "feeder", "substation"]
    first = point[names].assign(from_date=YEAR_FIRST, to_date=YEAR_END)
    day = ((move["at_utc"] - pd.Timestamp(m.midnight_utc(YEAR_FIRST))) / pd.Timedelta(days=1)).apply(np.ceil)
    since = [YEAR_FIRST + timedelta(days=int(n)) for n in day]
    new = first.loc[move["row"]].copy()
    for name in ("transformer", "feeder", "substation"):
        new[name] = places.position[name].to_numpy()[move["to"]]
    new["from_date"] = since
    first.loc[move["row"], "to_date"] = since
    return pd.concat([first, new], ignore_index=True)
