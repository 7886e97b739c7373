"""How each head-end writes its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from jobs.sample.days import GRID_OFFSET, WALL
from jobs.sample.metering import midnight_utc
from jobs.sample.simbench import SLOTS

_ROWS_AT_ONCE = 512


class Reads(NamedTuple):
    """Readings of some channels on consecutive days: values and missing are channels × days × intervals."""

    meter: Sequence[str]
    register: Sequence[str]
    first_day: date
    values: NDArray[np.int32]
    missing: NDArray[np.bool_]

    @property
    def present(self) -> int:
        """Channel-intervals that are there."""
        return int(self.missing.size - self.missing.sum())


def _write_text(table: pa.Table, path: Path, delimiter: str = ";", header: bool = True) -> None:
    options = pcsv.WriteOptions(
        delimiter=delimiter, quoting_style="none", include_header=False, batch_size=_ROWS_AT_ONCE
    )
    with path.open("wb") as file:
        if header:
            file.write((delimiter.join(table.column_names) + "\n").encode())
        pcsv.write_csv(table, file, options)


def write_wide(reads: Reads, path: Path) -> None:
    """A day a row, whole watt-hours in 96 columns at +01:00; a missing read is an empty cell."""
    days = reads.values.shape[1]
    day = [(reads.first_day + timedelta(days=n)).isoformat() for n in range(days)]
    columns = {
        "meter": pa.array(np.repeat(np.asarray(reads.meter, object), days), pa.string()),
        "obis": pa.array(np.repeat(np.asarray(reads.register, object), days), pa.string()),
        "day": pa.array(day * len(reads.meter), pa.string()),
    }
    values = np.ascontiguousarray(reads.values.reshape(-1, SLOTS).T)
    missing = np.ascontiguousarray(reads.missing.reshape(-1, SLOTS).T)
    with_gaps = np.asarray(missing.any(axis=1))
    for slot in range(SLOTS):
        mask = missing[slot] if with_gaps[slot] else None
        columns[f"e{slot // 4:02}{slot % 4 * 15:02}"] = pa.array(values[slot], mask=mask)
    _write_text(pa.table(columns), path)


def _long(reads: Reads, stamps: Sequence[object], values: pa.Array[Any], kind: pa.DataType) -> dict[str, pa.Array[Any]]:
    """Columns meter, register, time and value, in order of channel and time, without missing reads."""
    channels, instants = len(reads.meter), len(stamps)
    kept = pa.array(~reads.missing.ravel())
    columns = {
        "meter": pa.array(reads.meter, pa.string()).take(np.repeat(np.arange(channels), instants)),
        "register": pa.array(reads.register, pa.string()).take(np.repeat(np.arange(channels), instants)),
        "time": pa.array(stamps, kind).take(np.tile(np.arange(instants), channels)),
        "value": values,
    }
    return {name: column.filter(kept) for name, column in columns.items()}


def _instants(reads: Reads, minutes: int) -> list[datetime]:
    start = midnight_utc(reads.first_day)
    return [start + timedelta(minutes=minutes * n) for n in range(reads.values.shape[1] * reads.values.shape[2])]


def write_long(reads: Reads, path: Path) -> None:
    """A read a row at wall time, kWh with a decimal comma: the repeated hour of autumn is told by its order."""
    stamps = [instant.astimezone(WALL).strftime("%d.%m.%Y %H:%M") for instant in _instants(reads, 15)]
    unique, at = np.unique(reads.values, return_inverse=True)
    text = [f"{wh / 1000:.3f}".replace(".", ",") for wh in unique.tolist()]
    columns = _long(reads, stamps, pa.array(text, pa.string()).take(at.ravel()), pa.string())
    _write_text(pa.table(dict(zip(("Zaehlernummer", "OBIS", "Zeitpunkt", "kWh"), columns.values(), strict=True))), path)


def write_parquet(reads: Reads, path: Path, written_at: datetime, estimated: NDArray[np.bool_]) -> None:
    """A read a row in UTC, kWh, with the head-end's own status and time of writing."""
    stamps = _instants(reads, 15)
    columns = _long(reads, stamps, pa.array(reads.values.ravel() / 1000), pa.timestamp("ms", "UTC"))
    status = pa.array(["V", "E"]).take(estimated.ravel().astype(np.int8)).filter(pa.array(~reads.missing.ravel()))
    table = pa.table(
        {
            "meter_no": columns["meter"],
            "channel": columns["register"],
            "interval_start": columns["time"],
            "kwh": columns["value"],
            "status": status,
            "written_at": pa.array([written_at.strftime("%Y%m%d%H%M%S")]).take(np.zeros(len(status), np.int8)),
        }
    )
    pq.write_table(table, path, compression="zstd", row_group_size=1 << 20)


def write_hourly(reads: Reads, path: Path) -> None:
    """A read a row, mean power of the hour in kW, named by the hour's end with its offset."""
    ends = [(t + timedelta(hours=1)).astimezone(WALL).isoformat(timespec="minutes") for t in _instants(reads, 60)]
    columns = _long(reads, ends, pa.array(reads.values.ravel() / 1000), pa.string())
    _write_text(
        pa.table(
            {"device": columns["meter"], "obis": columns["register"], "ending": columns["time"], "kw": columns["value"]}
        ),
        path,
        ",",
    )


def write_ten_minute(reads: Reads, path: Path, multiplier: float) -> None:
    """A read a row in UTC, watt-hours or var-hours of the secondary side, tab-separated."""
    stamps = [t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in _instants(reads, 10)]
    # thirds of a quarter-hour are whole primary watt-hours: the secondary side has as many digits as that takes
    columns = _long(reads, stamps, pa.array(reads.values.ravel() / multiplier), pa.string())
    names = ("logger", "register", "interval_start", "energy")
    _write_text(pa.table(dict(zip(names, columns.values(), strict=True))), path, "\t")


def write_nem12(reads: Reads, path: Path, multiplier: NDArray[np.float64], updated: datetime) -> None:
    """AEMO's NEM12: 200, 300, 400, 500 and 900 records; a missing read is 0 with quality N in a 400 record.

    Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5.
    """
    channels, days, _ = reads.values.shape
    scaled = np.rint(reads.values / multiplier[:, None, None] * 10).astype(np.int64) / 10_000  # kWh with four decimals
    gap = np.asarray(reads.missing.any(axis=2)).ravel()
    stamp = _market(updated)
    rows = pa.table(
        {
            "record": pa.array(["300"] * (channels * days)),
            "day": pa.array([(reads.first_day + timedelta(days=n)).strftime("%Y%m%d") for n in range(days)] * channels),
            **{
                str(slot): pa.array(column)
                for slot, column in enumerate(np.ascontiguousarray(scaled.reshape(-1, SLOTS).T))
            },
            "quality": pa.array(np.where(gap, "V", "A")),
            "reason": pa.array([""] * (channels * days)),
            "text": pa.array([""] * (channels * days)),
            "updated": pa.array([stamp] * (channels * days)),
            "loaded": pa.array([""] * (channels * days)),
        }
    )
    sink = pa.BufferOutputStream()
    pcsv.write_csv(rows, sink, pcsv.WriteOptions(include_header=False, quoting_style="none", batch_size=_ROWS_AT_ONCE))
    lines = sink.getvalue().to_pybytes().decode().splitlines()
    suffixes: dict[str, list[str]] = {}
    for meter, suffix in zip(reads.meter, reads.register, strict=True):
        suffixes.setdefault(meter, []).append(suffix)
    out = [f"100,NEM12,{stamp[:12]},GRIDLAKE,SAMPLE"]
    for n, (meter, suffix) in enumerate(zip(reads.meter, reads.register, strict=True)):
        unit = "kWh" if suffix[0] in "EB" else "kVArh"
        configuration = "".join(suffixes[meter])
        out.append(f"200,{meter},{configuration},{suffix},{suffix},N1,{meter},{unit},15,")
        for d in range(days):
            out.append(lines[n * days + d])
            if gap[n * days + d]:
                out += _quality_runs(reads.missing[n, d])
        out.append(f"500,S,,{_market(midnight_utc(reads.first_day) + timedelta(days=days))},")
    out += ["900", ""]
    path.write_text("\n".join(out), encoding="ascii")


def _quality_runs(missing: NDArray[np.bool_]) -> list[str]:
    edges = np.flatnonzero(np.diff(missing)) + 1
    starts, ends = [0, *edges.tolist()], [*edges.tolist(), SLOTS]
    return [f"400,{a + 1},{b},{'N' if missing[a] else 'A'},," for a, b in zip(starts, ends, strict=True)]


def _market(instant: datetime) -> str:
    return (instant.astimezone(UTC) + GRID_OFFSET).strftime("%Y%m%d%H%M%S")
