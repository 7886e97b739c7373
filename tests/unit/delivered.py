"""Sources and files for the tests of readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from jobs.identity import IdentityKey
from jobs.sources.declaration import Source
from jobs.sources.delivery import Delivery, Identities
from jobs.sources.read import new_spool, read_interval_file, spooled_batches
from jobs.sources.runs import bronze_schema

KEY = IdentityKey(b"key of the tests")
ARRIVED = "2017-01-01T00:00"


@dataclass
class Read:
    """What one file became."""

    blocks: pa.Table
    rejected: list[dict[str, Any]]
    stored: int
    delivered: int
    rows: int


def source(**values: Any) -> Source:
    """An interval source; ``values`` say what is special about it."""
    ours = {
        "name": "head_end",
        "describes": "Test.",
        "target": "interval_block",
        "namespaces": {"meter_id": "he"},
        "synthetic": True,
    }
    return Source.model_validate({**ours, **values})


def delivery(of: Source, path: Path, *, offset_hours: int = 1, future_minutes: int = 0) -> Delivery:
    offset_us, future_us = offset_hours * 3_600_000_000, future_minutes * 60_000_000
    return Delivery(of, str(path), "f1", at(ARRIVED), offset_us, future_us=future_us)


def read(of: Source, path: Path, *, offset_hours: int = 1, future_minutes: int = 0) -> Read:
    with new_spool() as spool:
        came = delivery(of, path, offset_hours=offset_hours, future_minutes=future_minutes)
        stored, rejects = read_interval_file(came, Identities(KEY), spool)
        blocks = pa.Table.from_batches(list(spooled_batches(spool)), bronze_schema())
    return Read(blocks, rejects.table().to_pylist(), stored, rejects.delivered, rejects.rows)


def at(utc: str) -> int:
    """Microseconds since 1970 of a time in UTC."""
    return round(datetime.fromisoformat(f"{utc}+00:00").timestamp() * 1e6)
