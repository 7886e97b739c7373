"""The other head-ends: a file a block each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from jobs.sample import metering as m
from jobs.sample.delivered import Delivered, exported_at, file_name
from jobs.sample.formats import Reads, write_hourly, write_long, write_nem12, write_parquet, write_ten_minute
from jobs.sample.seeds import generator
from jobs.sample.wide_head_end import deliver_wide

_ESTIMATED = 0.001  # share of reads that the Parquet head-end marks as its own estimate


def _long(d: Delivered) -> None:
    reads = d.reads(m.OBIS)
    path = d.folder / file_name("plc", d.first, exported_at(d.first, reads.values.shape[1] - 1))
    write_long(reads, path)
    d.count(m.LONG, "readings", reads.present)
    if d.irregular.begins:
        with path.open("a", encoding="ascii") as file:
            file.write(f"{reads.meter[0]};{reads.register[0]};01.01.2099 00:00;0,123\n")
        d.count(m.LONG, "readings", 1)
        d.count(m.LONG, "future", 1)
        d.note(m.LONG, "future", int(d.rows[0]), date(2099, 1, 1), (0, 1))


def _parquet(d: Delivered) -> None:
    """A file a block, and once a block one meter's first day again, corrected."""
    reads = d.reads(m.OBIS)
    estimated = np.zeros(reads.values.shape, bool)
    for n in range(reads.values.shape[1]):
        rng = generator(d.utility.seed, "estimated", d.first + timedelta(days=n))
        estimated[:, n] = rng.random(reads.values[:, n].shape, dtype=np.float32) < _ESTIMATED
    written = exported_at(d.first, reads.values.shape[1] - 1)
    values = reads.values
    row = d.irregular.parquet
    if row is not None:
        at = int(np.flatnonzero(d.rows == row)[0])
        values = values.copy()
        values[at, 0] //= 2
        one = Reads(
            [reads.meter[at]],
            [reads.register[at]],
            d.first,
            reads.values[at : at + 1, :1],
            reads.missing[at : at + 1, :1],
        )
        write_parquet(
            one,
            d.folder / f"mdm_{d.stamp()}_correction.parquet",
            written + timedelta(days=5),
            np.zeros(one.values.shape, bool),
        )
        d.count(m.PARQUET, "readings", one.present)
        d.count(m.PARQUET, "superseded", one.present)
        d.note(m.PARQUET, "corrected", row, d.first)
    write_parquet(reads._replace(values=values), d.folder / f"mdm_{d.stamp()}.parquet", written, estimated)
    d.count(m.PARQUET, "readings", reads.present)


def _nem12(d: Delivered) -> None:
    """A file a block, and once a block one channel's first day again, with a later UpdateDateTime."""
    reads = d.reads(m.NMI_SUFFIX)
    multiplier = d.utility.channels.frame["multiplier"].to_numpy()[d.rows]
    written = exported_at(d.first, reads.values.shape[1] - 1)
    values = reads.values
    row = d.irregular.nem12
    if row is not None:
        at = int(np.flatnonzero(d.rows == row)[0])
        values = values.copy()
        step = max(int(multiplier[at] / 10), 1)
        values[at, 0] = values[at, 0] // (2 * step) * step
        one = Reads(
            [reads.meter[at]],
            [reads.register[at]],
            d.first,
            reads.values[at : at + 1, :1],
            reads.missing[at : at + 1, :1],
        )
        write_nem12(
            one, d.folder / f"nem12_{d.stamp()}_revised.csv", multiplier[at : at + 1], written + timedelta(days=3)
        )
        d.count(m.NEM12, "readings", one.values.size)
        d.count(m.NEM12, "superseded", one.values.size)
        d.note(m.NEM12, "corrected", row, d.first)
    write_nem12(reads._replace(values=values), d.folder / f"nem12_{d.stamp()}.csv", multiplier, written)
    d.count(m.NEM12, "readings", reads.present)


def _hourly(d: Delivered) -> None:
    reads = d.reads(m.OBIS, 60)
    write_hourly(reads, d.folder / f"gateway_{d.stamp()}.csv")
    d.count(m.HOURLY, "readings", reads.present)


def _ten_minute(d: Delivered) -> None:
    reads = d.reads(m.NMI_SUFFIX, 10)
    multiplier = float(d.utility.channels.frame["multiplier"].to_numpy()[d.rows[0]])
    write_ten_minute(reads, d.folder / f"logger_{d.stamp()}.txt", multiplier)
    d.count(m.TEN_MINUTE, "readings", reads.present)


DELIVER: dict[str, Callable[[Delivered], None]] = {
    m.WIDE: deliver_wide,
    m.LONG: _long,
    m.PARQUET: _parquet,
    m.NEM12: _nem12,
    m.HOURLY: _hourly,
    m.TEN_MINUTE: _ten_minute,
}
