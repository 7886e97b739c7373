"""Seven grid days of readings at a time: true, as delivered with their faults, and written by every head-end."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from jobs.sample import metering as m
from jobs.sample.delivered import BlockReport, Delivered, Utility
from jobs.sample.faults import KINDS, planted
from jobs.sample.grid_readings import SOURCE as GRID
from jobs.sample.grid_readings import flows, true_losses, write_grid_readings
from jobs.sample.head_ends import DELIVER
from jobs.sample.irregular import choose
from jobs.sample.outages import darkened, outages_on
from jobs.sample.simbench import YEAR_FIRST

BLOCK_DAYS = 7


def blocks(first: date, end: date) -> list[tuple[date, date]]:
    """Spans of at most seven days, cut at fixed dates, so that a day's file does not depend on where a span begins."""
    found = []
    start = first
    while start < end:
        cut = start + timedelta(days=BLOCK_DAYS - (start - YEAR_FIRST).days % BLOCK_DAYS)
        found.append((start, min(cut, end)))
        start = cut
    return found


def write_block(utility: Utility, drop: Path, truth: Path, first: date, end: date) -> BlockReport:
    """Write a block's reading files and its true readings."""
    report = BlockReport()
    true, before = _true_days(utility, first, end, report)
    frame = utility.channels.frame
    delivered = true.copy()
    missing = np.zeros(true.shape, bool)
    irregular = choose(frame, utility.exchanges, utility.seed, first, end)
    for n in range(true.shape[1]):
        day = first + timedelta(days=n)
        exchanged = utility.exchanges.loc[utility.exchanges["day"] == day, "row"]
        unfit = {*irregular.rows(day), *np.flatnonzero(frame["point"].isin(exchanged)).tolist()}
        for event, change in planted(utility.faults, day, true[:, n], before if n == 0 else true[:, n - 1], unfit):
            delivered[event.row, n], missing[event.row, n] = change.delivered, change.missing
            own = frame.iloc[event.row]
            came = [None if gone else int(v) for v, gone in zip(change.delivered, change.missing, strict=True)]
            report.faults.append(
                {name: own[name] for name in ("usage_point", "source", "meter", "channel")}
                | {"grid_date": day, "first_slot": change.first_slot, "slots": change.slots}
                | {"kind": event.kind, "has_rule": KINDS[event.kind].has_rule, "began": event.first_day}
                | {"original": true[event.row, n].tolist(), "delivered": came}
            )
    for source, deliver in DELIVER.items():
        rows = np.flatnonzero(frame["source"] == source)
        if len(rows):
            deliver(Delivered(utility, drop / source, first, rows, delivered[rows], missing[rows], irregular, report))
    _write_true_readings(utility, truth / "interval_block", first, true)
    found = flows(utility.grid, frame, true, report.outages, first)
    report.counts[GRID, "readings"] += write_grid_readings(utility.grid, found, drop / GRID, first)
    report.losses.append(true_losses(utility.grid, found, first))
    registered = np.flatnonzero(frame["with_register"] & (frame["code"] == 0))
    report.register_wh = {
        first + timedelta(days=n): true[registered, n].sum(axis=1, dtype=np.int64) for n in range(true.shape[1])
    }
    return report


def _true_days(
    utility: Utility, first: date, end: date, report: BlockReport
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """True energy, channels × days × slots, and that of the day before (zeros before SimBench's year)."""
    start = max(first - timedelta(days=1), YEAR_FIRST)
    energy = []
    for n, day in enumerate(utility.model.days(start, end)):
        date_ = start + timedelta(days=n)
        outages = outages_on(utility.networks, utility.failures, utility.seed, date_)
        if date_ >= first:
            report.outages += [
                {"network": o.network, "grid_date": o.day, "first_slot": o.first_slot, "slots": o.slots}
                for o in outages
            ]
        energy.append(utility.channels.energy(darkened(day, utility.plan, outages)))
    before = energy.pop(0) if start < first else np.zeros_like(energy[0])
    return np.stack(energy, axis=1), before


def _write_true_readings(utility: Utility, folder: Path, first: date, true: NDArray[np.int32]) -> None:
    """True readings as day blocks at each meter's own interval."""
    folder.mkdir(parents=True, exist_ok=True)
    frame = utility.channels.frame
    minutes = frame["source"].map(m.INTERVAL_MINUTES)
    tables = []
    for n in range(true.shape[1]):
        for length in sorted(minutes.unique()):
            rows = np.flatnonzero(minutes == length)
            values = true[rows, n] if length == 15 else m.at_interval(true[rows, n], int(length))
            offsets = np.arange(0, values.size + 1, values.shape[1], dtype=np.int32)
            tables.append(
                pa.table(
                    {
                        "usage_point": pa.array(frame["usage_point"].to_numpy()[rows]),
                        "channel": pa.array(frame["channel"].to_numpy()[rows]).dictionary_encode(),
                        "grid_date": pa.array([first + timedelta(days=n)] * len(rows)),
                        "interval_minutes": pa.array(np.full(len(rows), length, np.int32)),
                        "reading": pa.ListArray.from_arrays(
                            pa.array(offsets, pa.int32()), pa.array(values.ravel(), pa.int32())
                        ),
                    }
                )
            )
    pq.write_table(
        pa.concat_tables(tables).unify_dictionaries(), folder / f"{first:%Y%m%d}.parquet", compression="zstd"
    )
