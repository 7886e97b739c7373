"""A file to be read, the identity of its ids, and what its readers reject."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.errors import SourceError
from jobs.identity import IdentityKey
from jobs.sources.declaration import Source

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

REJECTS = pa.schema(
    [
        ("rule_id", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("record", pa.string()),
        ("reads", pa.int64()),
    ]
)


class UnreadableError(SourceError):
    """A delivered file cannot be read as a whole; the message says where, what was found and what is needed."""


@dataclass(frozen=True)
class Delivery:
    """One file of one source.

    Parameters
    ----------
    arrived_us
        First recorded arrival of the content, microseconds since 1970 UTC.
    grid_offset_us
        The utility's fixed UTC offset, microseconds.
    refused
        Why it is not to be read, for reasons that do not lie in it.
    future_us
        How much later than its arrival an interval may end, microseconds.
    """

    source: Source
    path: str
    file_id: str
    arrived_us: int
    grid_offset_us: int
    refused: str | None = None
    future_us: int = 0

    def file_version(self) -> int:
        """Version of all that the file holds, where the source takes it from the file's name or its arrival."""
        version = self.source.version
        if version.by != "file_name":
            return self.arrived_us
        found = re.search(version.pattern or "", Path(self.path).name)
        if found is None:
            raise UnreadableError(f"name '{Path(self.path).name}' holds no version: '{version.pattern}' is needed")
        try:
            instant = datetime.strptime(found[1], version.format).replace(tzinfo=UTC)
        except ValueError as fault:
            raise UnreadableError(
                f"name '{Path(self.path).name}': version '{found[1]}' is not {version.format}"
            ) from fault
        return round(instant.timestamp() * 1e6)


@dataclass
class Rejects:
    """Records of one file that broke a rule of ``jobs.bronze.rejected``, and the count that must come out.

    ``rows`` and ``delivered`` count the records and channel-intervals as they were parsed, before any judgement;
    ``reads`` the channel-intervals rejected. ``registers`` counts records that hold a register read instead,
    ``taken_as_first`` times that a clock showed twice and of which nothing told the pass.
    """

    parts: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    delivered: int = 0
    reads: int = 0
    registers: int = 0
    taken_as_first: int = 0

    def add(self, rule: str, lines: Longs, reason: pa.Array | str, records: pa.Array, reads: Longs | int) -> None:
        """Reject the records at ``lines``; ``reads`` channel-intervals each go with them."""
        rows = len(lines)
        if rows == 0:
            return
        counts = np.broadcast_to(np.asarray(reads, dtype=np.int64), rows)
        self.reads += int(counts.sum())
        reasons = pa.array([reason] * rows) if isinstance(reason, str) else reason
        columns = [pa.array([rule] * rows), pa.array(lines), reasons, records.cast(pa.string()), pa.array(counts)]
        self.parts.append(pa.table(columns, schema=REJECTS))

    def table(self) -> pa.Table:
        return pa.concat_tables([REJECTS.empty_table(), *self.parts])


@dataclass
class Identities:
    """Keyed hashes of source ids, and which ids were seen."""

    key: IdentityKey
    seen: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def hashed(self, kind: str, namespace: str, source_id: str) -> str:
        """The hash of one id of ``kind``, one of our id columns."""
        name = (kind, namespace, source_id)
        if name not in self.seen:
            self.seen[name] = self.key.hashed(namespace, source_id)
        return self.seen[name]

    def table(self) -> pa.Table:
        """Rows of protected.identifier for all ids seen; blanks around an id make no second row."""
        rows = {(value, kind): (namespace, source.strip()) for (kind, namespace, source), value in self.seen.items()}
        return pa.table(
            {
                "id": pa.array([value for value, _ in rows], pa.string()),
                "id_kind": pa.array([kind for _, kind in rows], pa.string()),
                "namespace": pa.array([namespace for namespace, _ in rows.values()], pa.string()),
                "source_id": pa.array([source for _, source in rows.values()], pa.string()),
                "key_version": pa.array([self.key.version] * len(rows), pa.int32()),
            }
        )
