"""Reads one delivered file whole, or says why it cannot be read: nothing of a file that fails is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import IO

import pyarrow as pa
from pyarrow import ipc

from jobs.errors import first_line
from jobs.sources.delivery import Delivery, Identities, Rejects, UnreadableError
from jobs.sources.nem12 import read_nem12
from jobs.sources.readings_long import read_long
from jobs.sources.readings_wide import read_wide
from jobs.sources.runs import Runs, bronze_schema, interval_blocks

READERS: dict[str, Callable[..., Iterator[Runs]]] = {"long": read_long, "wide": read_wide, "nem12": read_nem12}
_IN_MEMORY_BYTES = 1 << 26


def read_interval_file(delivery: Delivery, identities: Identities, spool: IO[bytes]) -> tuple[int, Rejects]:
    """Write the file's rows of bronze.interval_block to ``spool`` (Arrow stream); return reads stored and rejects.

    The first try takes numbers for granted; a file where that fails is read again as text, cell by cell.

    Raises
    ------
    UnreadableError
        The file cannot be read as a whole, or not every read of it has an outcome.
    """
    for lenient in (False, True):
        rejects = Rejects()
        spool.seek(0)
        spool.truncate()
        try:
            stored = _spooled(delivery, identities, rejects, spool, lenient=lenient)
        except (pa.ArrowInvalid, UnicodeDecodeError, EOFError) as fault:
            if lenient:
                raise UnreadableError(f"not {delivery.source.container} as declared: {first_line(fault)}") from fault
            continue
        except OSError as fault:
            raise UnreadableError(f"cannot be read: {first_line(fault)}") from fault
        break
    if rejects.delivered != stored + rejects.reads:
        raise UnreadableError(
            f"{rejects.delivered:,} reads came, but {stored:,} stored + {rejects.reads:,} rejected are not as many; "
            "nothing of the file is committed"
        )
    return stored, rejects


def spooled_batches(spool: IO[bytes]) -> Iterator[pa.RecordBatch]:
    """The batches written to ``spool``."""
    spool.seek(0)
    with ipc.open_stream(spool) as reader:
        yield from reader


def new_spool() -> IO[bytes]:
    """A place for a file's rows until the whole file is known to be good: memory, beyond 64 MB the local disk."""
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)


def _spooled(delivery: Delivery, identities: Identities, rejects: Rejects, spool: IO[bytes], *, lenient: bool) -> int:
    stored = 0
    with ipc.new_stream(spool, bronze_schema()) as writer:
        for runs in READERS[delivery.source.format](delivery, rejects, lenient=lenient):
            blocks = interval_blocks(runs, delivery, identities, rejects)
            stored += _reads(blocks)
            writer.write_batch(blocks)
    return stored


def _reads(blocks: pa.RecordBatch) -> int:
    value = blocks["value"].flatten().to_numpy()
    return int(len(value) - (value != value).sum())
