"""What a Spark task of the ingest does: read files whole, yield interval blocks, put everything else aside.

A task has one output, bronze blocks; what else comes out of a file (its line of the ledger, rejects, ids, personal
values, rows of entities and networks) goes to Parquet files of a staging folder, named by the task so that a task
run twice leaves one copy. The driver commits from there. So do the blocks of files whose rows stand in bronze: whether
these may be replaced is known only when the new ones have been read.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark import Accumulator

from jobs.bronze.rejected import RULE_VERSION
from jobs.errors import SourceError, first_line
from jobs.identity import IdentityKey
from jobs.intake.staging import Staging
from jobs.network.model import Network
from jobs.sources.declaration import INTERVAL_FORMATS, NETWORK_NAME
from jobs.sources.delivery import Delivery, Identities, Rejects, UnreadableError
from jobs.sources.entity import read_entity_file
from jobs.sources.nem12_registers import read_registers
from jobs.sources.network_tables import read_network_tables
from jobs.sources.read import new_spool, read_interval_file, spooled_batches
from jobs.sources.runs import bronze_schema

FILE, REJECTED, REJECTED_RECORD, IDENTIFIER, PERSONAL = "file", "rejected", "rejected_record", "identifier", "personal"
REGISTERS = "registers"  # register reads out of files of intervals
BLOCKS = "rows/interval_block"

Aside = dict[str, list[pa.Table]]
"""Rows to be put aside, by their kind."""

OUTCOME = pa.schema(
    [
        ("file_id", pa.string()),
        ("source", pa.string()),
        ("rows", pa.int64()),
        ("reads", pa.int64()),
        ("rejected_rows", pa.int64()),
        ("rejected_reads", pa.int64()),
        ("taken_as_first", pa.int64()),
        ("first_grid_date", pa.date32()),
        ("last_grid_date", pa.date32()),
        ("written", pa.map_(pa.string(), pa.int64())),  # rows by table
        ("failure", pa.string()),
    ]
)


@dataclass(frozen=True)
class ReadFiles:
    """Reads the files of each task; ``tasks[i]`` is what task ``i`` reads.

    Parameters
    ----------
    done
        Files, reads and rows so far.
    reported
        The files put aside.
    aside
        True where bronze blocks, too, are put aside.
    """

    tasks: list[list[Delivery]]
    first_task: int
    key: IdentityKey
    staging: Staging
    done: Accumulator[Any]
    reported: Accumulator[set[str]]
    aside: bool = False

    def blocks(self, ids: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The body of ``mapInArrow``: task numbers in, rows of bronze.interval_block out."""
        yield pa.RecordBatch.from_pylist([], schema=bronze_schema())
        for batch in ids:
            for task in batch["id"].to_pylist():
                yield from self._task(task)

    def _task(self, task: int) -> Iterator[pa.RecordBatch]:
        identities = Identities(self.key)
        aside: Aside = defaultdict(list)
        name = f"{self.first_task + task:06}"
        for number, delivery in enumerate(self.tasks[task]):
            read = _Read()
            try:
                if delivery.refused is not None:
                    raise UnreadableError(delivery.refused)
                if delivery.source.format in INTERVAL_FORMATS:
                    yield from self._intervals(delivery, identities, aside, read, f"{name}_{number:06}")
                elif delivery.source.format == "entity":
                    _put_entity(delivery, identities, aside, read)
                else:
                    _put_network(delivery, identities, aside, read)
            except UnreadableError as fault:
                read = _Read(failure=str(fault))
            rejected = read.rejects.table()
            _put_rejected(aside, delivery, rejected)
            outcome = read.outcome(delivery, rejected)
            aside[FILE].append(pa.Table.from_pylist([outcome], schema=OUTCOME))
            self.done.add(np.array([1, read.rejects.delivered, read.rejects.rows]))
        aside[IDENTIFIER].append(identities.table())
        for kind, tables in aside.items():
            rows = pa.concat_tables(tables).combine_chunks()
            self.reported.add(self.staging.put(kind, name, rows.to_batches()))

    def _intervals(
        self, delivery: Delivery, identities: Identities, aside: Aside, read: _Read, name: str
    ) -> Iterator[pa.RecordBatch]:
        """The blocks of a file, put aside or handed on; its register reads are put aside."""
        with new_spool() as spool:
            with _reading():
                _, read.rejects = read_interval_file(delivery, identities, spool)
                registers = read_registers(delivery, identities, read.rejects) if read.rejects.registers else None
            if registers is not None:
                aside[REGISTERS].append(registers)
                read.written["bronze.register_read"] = registers.num_rows
            blocks = map(read.extent.added, spooled_batches(spool))
            if self.aside:
                self.reported.add(self.staging.put(BLOCKS, name, blocks))
            else:
                yield from blocks
            read.written["bronze.interval_block"] = read.extent.rows


@dataclass
class _Extent:
    """First and last grid day of the blocks added, and their number."""

    first: Any = None
    last: Any = None
    rows: int = 0

    def added(self, blocks: pa.RecordBatch) -> pa.RecordBatch:
        self.rows += blocks.num_rows
        if blocks.num_rows:
            low, high = pc.min(blocks["first_grid_date"]).as_py(), pc.max(blocks["last_grid_date"]).as_py()
            self.first = low if self.first is None else min(self.first, low)
            self.last = high if self.last is None else max(self.last, high)
        return blocks


@dataclass
class _Read:
    """What a file held."""

    rejects: Rejects = field(default_factory=Rejects)
    written: dict[str, int] = field(default_factory=dict)
    """Rows by table."""
    extent: _Extent = field(default_factory=_Extent)
    failure: str | None = None

    def outcome(self, delivery: Delivery, rejected: pa.Table) -> dict[str, Any]:
        """The file's line of what was read."""
        return {
            "file_id": delivery.file_id,
            "source": delivery.source.name,
            "rows": self.rejects.rows,
            "reads": self.rejects.delivered,
            "rejected_rows": rejected.num_rows,
            "rejected_reads": self.rejects.reads,
            "taken_as_first": self.rejects.taken_as_first,
            "first_grid_date": self.extent.first,
            "last_grid_date": self.extent.last,
            "written": list(self.written.items()),
            "failure": self.failure,
        }


def _put_entity(delivery: Delivery, identities: Identities, aside: Aside, read: _Read) -> None:
    """The rows of a file of entities, and the personal values out of it."""
    with _reading():
        entity = read_entity_file(delivery, identities, read.rejects)
    aside[f"rows/{delivery.source.target}"].append(entity.rows)
    aside[PERSONAL].append(entity.personal)
    read.written[f"bronze.{delivery.source.target}"] = entity.rows.num_rows
    if entity.personal.num_rows:
        read.written["protected.personal_record"] = entity.personal.num_rows


def _put_network(delivery: Delivery, identities: Identities, aside: Aside, read: _Read) -> None:
    """The rows of a network model."""
    with _reading():
        parts = network_rows(delivery, identities)
    for part, rows in parts.items():
        aside[f"rows/{part}"].append(rows)
        read.rejects.rows += rows.num_rows
        read.written[f"bronze.{part}"] = rows.num_rows


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever a reader stumbles over is its file's failure: one file must not keep the others out."""
    try:
        yield
    except UnreadableError:
        raise
    except Exception as fault:
        logging.getLogger(__name__).exception("a reader failed")
        raise UnreadableError(f"its reader stopped with {type(fault).__name__}: {first_line(fault)}") from fault


def _put_rejected(aside: Aside, delivery: Delivery, rejected: pa.Table) -> None:
    """Rejects of one file; records that hold ids or personal data only to ``protected``."""
    if rejected.num_rows == 0:
        return
    source = delivery.source
    count = rejected.num_rows
    file_id, name = (pa.array([text] * count) for text in (delivery.file_id, source.name))
    record = rejected["record"]
    if source.protects_records:
        columns = [file_id, name, rejected["line"], rejected["rule_id"], record]
        aside[REJECTED_RECORD].append(pa.table(columns, names=["file_id", "source", "line", "rule_id", "record"]))
        record = pa.nulls(count, pa.string())
    names = ["rule_id", "rule_version", "source", "file_id", "line", "reason", "record", "reads"]
    version = pa.array([RULE_VERSION] * count)
    columns = [
        rejected["rule_id"],
        version,
        name,
        file_id,
        rejected["line"],
        rejected["reason"],
        record,
        rejected["reads"],
    ]
    aside[f"{REJECTED}/{source.target}"].append(pa.table(columns, names=names))


def network_rows(delivery: Delivery, identities: Identities) -> dict[str, pa.Table]:
    """Rows of the three tables of a delivered network model, by the model's own ids and with its network's name."""
    try:
        network = _network(delivery)
    except (OSError, ValueError, SourceError) as fault:
        raise UnreadableError(f"no {delivery.source.format} model can be read: {fault}") from fault
    source = delivery.source
    valid_us = known_us = delivery.file_version()
    if source.lag is not None:
        known_us += round(source.lag.total_seconds() * 1e6)
    elif source.version.by == "file_name":
        known_us = delivery.arrived_us
    name = source.network or network.name
    rows = {}
    for part in ("node", "branch", "connection"):
        table: pa.Table = getattr(network, part)
        namespace = source.namespaces.get("usage_point_id")
        if part == "connection" and namespace is not None:
            namespace = namespace.replace(NETWORK_NAME, name or "")
            ids = [identities.hashed("usage_point_id", namespace, one) for one in table["connection_id"].to_pylist()]
            table = table.set_column(
                table.schema.get_field_index("connection_id"), "connection_id", pa.array(ids, pa.string())
            )
        count = table.num_rows
        valid, known = (pa.array([us] * count).cast(pa.timestamp("us", "UTC")) for us in (valid_us, known_us))
        marks = {
            "file_id": pa.array([delivery.file_id] * count, pa.string()),
            "network": pa.array([name] * count, pa.string()),
            "valid_from_utc": valid,
            "known_from_utc": known,
            "known_from_basis": pa.array(["arrival" if source.lag is None else "lag"] * count, pa.string()),
            "source": pa.array([source.name] * count, pa.string()),
            "synthetic": pa.array([source.synthetic] * count, pa.bool_()),
        }
        for mark, column in marks.items():
            table = table.append_column(mark, column)
        rows[f"network_{part}"] = table
    return rows


def _network(delivery: Delivery) -> Network:
    if delivery.source.format == "simbench":
        from jobs.sources.simbench import read_simbench

        return read_simbench(Path(delivery.path))
    if delivery.source.format == "tables":
        return read_network_tables(delivery)
    from jobs.sources.opendss import read_opendss

    master = Path(delivery.path)
    return read_opendss(master, folder=delivery.source.folder_of(master)).network
