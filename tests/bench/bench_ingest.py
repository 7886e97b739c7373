"""Ingest, file to committed bronze, against pyarrow's CSV reader alone on the same file."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from jobs.intake.ingest import ingest_source
from jobs.lake.lake import Lake
from jobs.session import spark_session
from jobs.settings import Settings, read_settings
from jobs.sources.declaration import Source
from tests.bench.memory import PeakMemory

SLOTS = 96
METERS = 2_000
WARMING_BLOCKS = 100
_COMMON = {
    "describes": "Benchmark.",
    "synthetic": True,
    "target": "interval_block",
    "namespaces": {"meter_id": "bench"},
}


def run(readings: int, *, cores: int, rounds: int) -> list[dict[str, Any]]:
    """Seconds from a file of ``readings`` readings to committed bronze, in a new lake each round; wide, long, NEM12.

    The rounds share one session, which has taken in a small file of the format before; hashing the file, the ledger
    and the ids are part of the time. The cases ``pyarrow csv`` read the file with all types inferred, and do nothing
    else; they are the scan of ``ratio_to_scan``.
    Memory is that of this process and all its children at its highest.
    """
    settings = read_settings().with_master(f"local[{cores}]")
    pa.set_cpu_count(cores)
    spark = spark_session(settings)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("wide", _write_wide), ("long", _write_long), ("nem12", _write_nem12)):
            path = Path(folder) / f"{name}.csv"
            source = Source.model_validate(_SOURCES[name] | {"name": name} | _COMMON)

            def ingest(count: int, source: Source = source, path: Path = path) -> None:
                with tempfile.TemporaryDirectory(dir=folder) as root:
                    report = ingest_source(
                        Lake(spark, f"{root}/lake"), _in(settings, root), source, path, echo=lambda line: None
                    )
                    if report.reads != count or report.rejected_reads or report.failed:
                        raise AssertionError(f"{source.name}: {report}")

            ingest(write(path, WARMING_BLOCKS))
            count = write(path, max(1, readings // SLOTS))
            if name != "nem12":
                found.append(
                    _measured(f"ingest: pyarrow csv alone, {name}", count, partial(pa_csv.read_csv, path), rounds)
                )
            found.append(_measured(f"ingest: {name} file to committed bronze", count, partial(ingest, count), rounds))
            if name != "nem12":
                found[-1]["ratio_to_scan"] = found[-1]["seconds_median"] / found[-2]["seconds_median"]
            path.unlink()
    return [one | {"cores": cores} for one in found]


def _in(settings: Settings, root: str) -> Settings:
    return settings.model_copy(
        update={"lake": settings.lake.model_copy(update={"root": f"{root}/lake", "key_file": None})}
    )


def _measured(case: str, readings: int, work: Callable[[], object], rounds: int) -> dict[str, Any]:
    seconds = []
    with PeakMemory(psutil.Process()) as memory:
        for _ in range(rounds):
            began = time.perf_counter()
            work()
            seconds.append(time.perf_counter() - began)
    return {
        "case": case,
        "readings": readings,
        "seconds_min": min(seconds),
        "seconds_median": median(seconds),
        "ratio_to_scan": None,
        "peak_mb": memory.peak_mb,
    }


_READINGS = {
    "registers": {"": {"channel": "delivered", "unit": "Wh"}},
    "interval_minutes": 15,
    "meter": "meter",
    "time": "time",
}
_SOURCES: dict[str, dict[str, Any]] = {
    "wide": {"format": "wide", "readings": _READINGS | {"values": ("v00", "v95")}},
    "long": {"format": "long", "readings": _READINGS | {"value": "value"}},
    "nem12": {
        "format": "nem12",
        "version": {"by": "update_time"},
        "readings": {"registers": {"E1": {"channel": "delivered"}}},
    },
}


def _energy(blocks: int) -> np.ndarray:
    """Watt-hours of ``blocks`` days, as many digits as a household's."""
    return np.random.default_rng(1).gamma(1.5, 60, (blocks, SLOTS)).astype(np.int32)


def _meters_and_days(blocks: int) -> tuple[pa.Array, pa.Array]:
    meters = min(METERS, blocks)
    number = np.arange(blocks)
    meter = pc.binary_join_element_wise("M", pa.array(100_000 + number % meters).cast(pa.string()), "")
    return meter, pa.array((number // meters + 16_801).astype(np.int32)).cast(pa.date32())  # from 2016-01-01


def _write_wide(path: Path, blocks: int) -> int:
    meter, day = _meters_and_days(blocks)
    energy = _energy(blocks)
    columns = {"meter": meter, "time": day} | {f"v{slot:02}": pa.array(energy[:, slot]) for slot in range(SLOTS)}
    pa_csv.write_csv(pa.table(columns), path, pa_csv.WriteOptions(quoting_style="none"))
    return blocks * SLOTS


def _write_long(path: Path, blocks: int) -> int:
    """As a head-end writes it: a quarter-hour of all meters after another."""
    meters = min(METERS, blocks)
    days = blocks // meters
    energy = _energy(meters * days).reshape(days, meters, SLOTS)
    meter = _meters_and_days(meters)[0]
    schema = pa.schema([("meter", pa.string()), ("time", pa.string()), ("value", pa.int32())])
    with pa_csv.CSVWriter(path, schema, write_options=pa_csv.WriteOptions(quoting_style="none")) as writer:
        for day in range(days):
            start = np.datetime64("2016-01-01T00:00") + np.timedelta64(day, "D")
            texts = [f"{start + np.timedelta64(15 * slot, 'm')}:00Z" for slot in range(SLOTS)]
            time_of = pa.array(texts).take(pa.array(np.repeat(np.arange(SLOTS), meters)))
            value = pa.array(energy[day].T.ravel())
            writer.write(
                pa.table([meter.take(pa.array(np.tile(np.arange(meters), SLOTS))), time_of, value], schema=schema)
            )
    return meters * days * SLOTS


def _write_nem12(path: Path, blocks: int) -> int:
    meters = min(METERS, blocks)
    days = blocks // meters
    energy = _energy(meters * days).reshape(meters, days, SLOTS)
    with path.open("w") as file:
        file.write("100,NEM12,201604010000,BENCH,BENCH\n")
        for meter in range(meters):
            file.write(f"200,N{meter:09},E1,1,E1,N1,M{meter},Wh,15,\n")
            for day in range(days):
                date = str(np.datetime64("2016-01-01") + day).replace("-", "")
                file.write(f"300,{date},{','.join(map(str, energy[meter, day].tolist()))},A,,,20160401000000,\n")
        file.write("900\n")
    return meters * days * SLOTS
