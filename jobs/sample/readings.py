"""Seven grid days of readings at a time: true, as delivered with their faults, and written by every head-end."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from jobs.sample import metering as m
from jobs.sample.faults import KINDS, Faults, plant
from jobs.sample.formats import (
    Reads,
    write_hourly,
    write_long,
    write_nem12,
    write_parquet,
    write_ten_minute,
    write_wide,
)
from jobs.sample.irregular import Irregular, choose
from jobs.sample.loads import LoadModel
from jobs.sample.outages import darkened, outages_on
from jobs.sample.seeds import generator
from jobs.sample.simbench import SLOTS, YEAR_FIRST

BLOCK_DAYS = 7
_WRITTEN = time(3, 15)  # head-ends export the day before at 03:15 UTC
_ESTIMATED = 0.001  # share of reads that the Parquet head-end marks as its own estimate


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
    seed: int


@dataclass
class BlockReport:
    """What was written: counts by (source, what), planted faults, irregular deliveries, outages, register energy."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[dict[str, Any]] = field(default_factory=list)
    irregular: list[dict[str, Any]] = field(default_factory=list)
    outages: list[dict[str, Any]] = field(default_factory=list)
    register_wh: dict[date, NDArray[np.int64]] = field(default_factory=dict)


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
        exchanged = set(utility.exchanges.loc[utility.exchanges["day"] == day, "row"])
        for event in utility.faults.on(day):
            if event.row in irregular.rows(day) or frame["point"].iat[event.row] in exchanged:
                continue
            change = plant(event, frame, day, true[:, n], before if n == 0 else true[:, n - 1])
            if change is not None:
                delivered[event.row, n], missing[event.row, n] = change.delivered, change.missing
                own = frame.iloc[event.row]
                report.faults.append(
                    {name: own[name] for name in ("usage_point", "source", "meter", "channel")}
                    | {"grid_date": day, "first_slot": change.first_slot, "slots": change.slots}
                    | {"kind": event.kind, "has_rule": KINDS[event.kind].has_rule, "began": event.first_day}
                    | {"original": true[event.row, n].tolist()}
                    | {"delivered": [None if gone else int(v) for v, gone in zip(change.delivered, change.missing, strict=True)]}
                )
    for source, write in _WRITERS.items():
        rows = np.flatnonzero(frame["source"] == source)
        if len(rows):
            write(_Delivery(utility, drop / source, first, rows, delivered[rows], missing[rows], irregular, report))
    _write_truth(utility, truth / "interval_block", first, true)
    registered = np.flatnonzero(frame["with_register"] & (frame["code"] == 0))
    report.register_wh = {first + timedelta(days=n): true[registered, n].sum(axis=1, dtype=np.int64) for n in range(true.shape[1])}
    return report


def _true_days(utility: Utility, first: date, end: date, report: BlockReport) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """True energy, channels × days × slots, and that of the day before (zeros before SimBench's year)."""
    start = max(first - timedelta(days=1), YEAR_FIRST)
    energy = []
    for n, day in enumerate(utility.model.days(start, end)):
        date_ = start + timedelta(days=n)
        outages = outages_on(utility.networks, utility.failures, utility.seed, date_)
        if date_ >= first:
            report.outages += [
                {"network": o.network, "grid_date": o.day, "first_slot": o.first_slot, "slots": o.slots} for o in outages
            ]
        energy.append(utility.channels.energy(darkened(day, utility.plan, outages)))
    before = energy.pop(0) if start < first else np.zeros_like(energy[0])
    return np.stack(energy, axis=1), before


@dataclass
class _Delivery:
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

    def note(self, source: str, kind: str, row: int, day: date, slots: tuple[int, int] = (0, SLOTS), meter: str | None = None) -> None:
        own = self.utility.channels.frame.iloc[row]
        self.report.irregular.append(
            {"source": source, "kind": kind, "usage_point": own["usage_point"], "meter": meter or own["meter"]}
            | {"channel": own["channel"], "grid_date": day, "first_slot": slots[0], "slots": slots[1]}
        )

    def stamp(self) -> str:
        return self.first.strftime("%Y%m%d")


def _written(day: date, later_days: int = 0) -> datetime:
    return datetime.combine(day, _WRITTEN, UTC) + timedelta(days=1 + later_days)


def _name(prefix: str, day: date, written: datetime) -> str:
    return f"{prefix}_{day:%Y%m%d}_{written:%Y%m%d%H%M%S}.csv"


def _wide(d: _Delivery) -> None:
    """A file a day; on the first day of a block also what arrives late, twice, wrong or from nowhere."""
    whole = d.reads(m.OBIS)
    for n in range(whole.values.shape[1]):
        day = d.first + timedelta(days=n)
        reads = Reads(whole.meter, whole.register, day, whole.values[:, n : n + 1], whole.missing[:, n : n + 1])
        reads = _after_exchange(d, reads, day)
        reads = _irregular_rows(d, reads, day)
        path = d.folder / _name("ami", day, _written(day))
        write_wide(reads, path)
        d.count(m.WIDE, "readings", reads.count)
        if d.irregular.resent == day:  # the same file once more, under another name
            shutil.copyfile(path, d.folder / _name("ami", day, _written(day, 1)))
            d.report.irregular.append({"source": m.WIDE, "kind": "file_twice", "grid_date": day, "first_slot": 0, "slots": SLOTS})


def _after_exchange(d: _Delivery, reads: Reads, day: date) -> Reads:
    """The reads by the meter that stood there: on the day of an exchange a row of each."""
    frame = d.utility.channels.frame.iloc[d.rows]
    meter = list(reads.meter)
    extra: list[int] = []
    new_meter: list[str] = []
    missing = reads.missing.copy()
    extra_missing = []
    for exchange in d.utility.exchanges.itertuples():
        if exchange.day > day:
            continue
        for at in np.flatnonzero(frame["point"] == exchange.row):
            if exchange.day < day:
                meter[at] = exchange.new_meter
                continue
            old = np.arange(SLOTS) <= exchange.last_slot
            extra.append(at)
            new_meter.append(exchange.new_meter)
            extra_missing.append(missing[at] | old)
            missing[at] |= ~old
    if not extra:
        return reads._replace(meter=meter)
    return Reads(
        meter + new_meter,
        [*reads.register, *(reads.register[at] for at in extra)],
        day,
        np.concatenate([reads.values, reads.values[extra]]),
        np.concatenate([missing, np.stack(extra_missing)]),
    )


def _irregular_rows(d: _Delivery, reads: Reads, day: date) -> Reads:
    chosen = {kind: int(np.flatnonzero(d.rows == row)[0]) for kind, row in d.irregular.wide(day).items()}
    if not chosen:
        return reads
    values = reads.values.copy()
    rows = list(range(len(reads.meter)))
    meter, register = list(reads.meter), list(reads.register)

    def later(kind: str, at: int, days: int) -> None:
        one = Reads([meter[at]], [register[at]], day, reads.values[at : at + 1], reads.missing[at : at + 1])
        write_wide(one, d.folder / _name("ami", day, _written(day, days)))
        d.count(m.WIDE, "readings", one.count)
        d.note(m.WIDE, kind, int(d.rows[at]), day)

    def more(at: int, what: str, number: str, obis: str) -> None:
        rows.append(at)
        meter.append(number)
        register.append(obis)
        d.note(m.WIDE, what, int(d.rows[at]), day, meter=number)

    late, corrected = chosen["late"], chosen["corrected"]
    later("late", late, 4)
    later("corrected", corrected, 6)
    values[corrected] //= 2
    d.count(m.WIDE, "superseded", SLOTS)
    more(chosen["duplicate"], "duplicate", meter[chosen["duplicate"]], register[chosen["duplicate"]])
    d.count(m.WIDE, "duplicate", SLOTS)
    more(chosen["unknown_meter"], "unknown_meter", f"9999{day:%m%d}", register[chosen["unknown_meter"]])
    d.count(m.WIDE, "unknown_meter", SLOTS)
    more(chosen["unknown_register"], "unknown_register", meter[chosen["unknown_register"]], "1-1:9.29.0")
    d.count(m.WIDE, "unknown_register", SLOTS)
    conflict, first, slots = chosen["conflict"], 40, 4
    rows.append(conflict)
    meter.append(meter[conflict])
    register.append(register[conflict])
    d.note(m.WIDE, "conflict", int(d.rows[conflict]), day, (first, slots))
    d.count(m.WIDE, "conflict", 2 * slots)
    d.count(m.WIDE, "duplicate", SLOTS - slots)
    taken = np.array(rows)
    values, missing = values[taken], reads.missing[taken].copy()
    values[-1, 0, first : first + slots] += 7
    kept = np.ones(len(taken), bool)
    kept[late] = False
    names = [(a, b) for a, b, keep in zip(meter, register, kept, strict=True) if keep]
    return Reads([a for a, _ in names], [b for _, b in names], day, values[kept], missing[kept])


def _long(d: _Delivery) -> None:
    reads = d.reads(m.OBIS)
    path = d.folder / _name("plc", d.first, _written(d.first, reads.values.shape[1] - 1))
    write_long(reads, path)
    d.count(m.LONG, "readings", reads.count)
    if d.irregular.begins:
        with path.open("a", encoding="ascii") as file:
            file.write(f"{reads.meter[0]};{reads.register[0]};01.01.2099 00:00;0,123\n")
        d.count(m.LONG, "readings", 1)
        d.count(m.LONG, "future", 1)
        d.note(m.LONG, "future", int(d.rows[0]), date(2099, 1, 1), (0, 1))


def _parquet(d: _Delivery) -> None:
    """A file a block, and once a block one meter's first day again, corrected."""
    reads = d.reads(m.OBIS)
    estimated = np.zeros(reads.values.shape, bool)
    for n in range(reads.values.shape[1]):
        rng = generator(d.utility.seed, "estimated", d.first + timedelta(days=n))
        estimated[:, n] = rng.random(reads.values[:, n].shape, dtype=np.float32) < _ESTIMATED
    written = _written(d.first, reads.values.shape[1] - 1)
    values = reads.values
    row = d.irregular.parquet
    if row is not None:
        at = int(np.flatnonzero(d.rows == row)[0])
        values = values.copy()
        values[at, 0] //= 2
        one = Reads([reads.meter[at]], [reads.register[at]], d.first, reads.values[at : at + 1, :1], reads.missing[at : at + 1, :1])
        write_parquet(one, d.folder / f"mdm_{d.stamp()}_correction.parquet", written + timedelta(days=5), np.zeros(one.values.shape, bool))
        d.count(m.PARQUET, "readings", one.count)
        d.count(m.PARQUET, "superseded", one.count)
        d.note(m.PARQUET, "corrected", row, d.first)
    write_parquet(reads._replace(values=values), d.folder / f"mdm_{d.stamp()}.parquet", written, estimated)
    d.count(m.PARQUET, "readings", reads.count)


def _nem12(d: _Delivery) -> None:
    """A file a block, and once a block one channel's first day again, with a later UpdateDateTime."""
    reads = d.reads(m.NMI_SUFFIX)
    multiplier = d.utility.channels.frame["multiplier"].to_numpy()[d.rows]
    written = _written(d.first, reads.values.shape[1] - 1)
    values = reads.values
    row = d.irregular.nem12
    if row is not None:
        at = int(np.flatnonzero(d.rows == row)[0])
        values = values.copy()
        step = max(int(multiplier[at] / 10), 1)
        values[at, 0] = values[at, 0] // (2 * step) * step
        one = Reads([reads.meter[at]], [reads.register[at]], d.first, reads.values[at : at + 1, :1], reads.missing[at : at + 1, :1])
        write_nem12(one, d.folder / f"nem12_{d.stamp()}_revised.csv", multiplier[at : at + 1], written + timedelta(days=3))
        d.count(m.NEM12, "readings", one.values.size)
        d.count(m.NEM12, "superseded", one.values.size)
        d.note(m.NEM12, "corrected", row, d.first)
    write_nem12(reads._replace(values=values), d.folder / f"nem12_{d.stamp()}.csv", multiplier, written)
    d.count(m.NEM12, "readings", reads.count)


def _hourly(d: _Delivery) -> None:
    reads = d.reads(m.OBIS, 60)
    write_hourly(reads, d.folder / f"gateway_{d.stamp()}.csv")
    d.count(m.HOURLY, "readings", reads.count)


def _ten_minute(d: _Delivery) -> None:
    reads = d.reads(m.NMI_SUFFIX, 10)
    multiplier = float(d.utility.channels.frame["multiplier"].to_numpy()[d.rows[0]])
    write_ten_minute(reads, d.folder / f"logger_{d.stamp()}.txt", multiplier)
    d.count(m.TEN_MINUTE, "readings", reads.count)


_WRITERS = {m.WIDE: _wide, m.LONG: _long, m.PARQUET: _parquet, m.NEM12: _nem12, m.HOURLY: _hourly, m.TEN_MINUTE: _ten_minute}


def _write_truth(utility: Utility, folder: Path, first: date, true: NDArray[np.int32]) -> None:
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
                        "reading": pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel())),
                    }
                )
            )
    pq.write_table(pa.concat_tables(tables).unify_dictionaries(), folder / f"{first:%Y%m%d}.parquet", compression="zstd")
