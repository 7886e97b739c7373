"""Commits that met another writer: which are tried again, and how raw faults become errors a user can read."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from typing import TypeVar

import delta.exceptions as conflicts
from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException

from jobs.errors import LakeError, first_line
from jobs.table import Table

T = TypeVar("T")

# Another writer touched rows this one read or removed: read again and commit again. A change of metadata or
# protocol is never tried again: the job was planned against another table.
RETRIED = (
    conflicts.ConcurrentAppendException,
    conflicts.ConcurrentDeleteReadException,
    conflicts.ConcurrentDeleteDeleteException,
    conflicts.ConcurrentWriteException,
    conflicts.ConcurrentTransactionException,
)
ATTEMPTS = 6

SPARK_FAULTS = (PySparkException, Py4JError)
"""What Spark, or the way to its JVM, raises."""
_PYTHON_ERROR = re.compile(r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)")


def with_retry(table: Table, write: Callable[[], T]) -> T:
    """What ``write`` returns, tried again with growing pauses where another writer was faster."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return write()
        except RETRIED as fault:
            if attempt == ATTEMPTS:
                raise LakeError(
                    f"{table.name}: another writer won {ATTEMPTS} times in a row: {first_line(fault)}"
                ) from fault
            time.sleep(min(10.0, 0.2 * 2**attempt) * (0.5 + random.random()))  # apart, or they meet again
        except (Py4JJavaError, PySparkException) as fault:
            raise LakeError(f"{table.name}: the write was refused, nothing was committed: {cause(fault)}") from fault
    raise AssertionError("unreachable")


def cause(fault: Exception) -> str:
    """The line that says what was wrong, of a fault that arrives wrapped in Java traces."""
    text = str(fault)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for sign in ("CHECK constraint", "DELTA_"):
        if telling := [line for line in lines if sign in line]:
            return telling[0]
    if in_task := _PYTHON_ERROR.findall(text):  # of a chain of them the last is the one that was raised
        return str(in_task[-1])
    if telling := [line for line in lines if "Caused by" in line]:
        return telling[-1]
    return lines[0] if lines else type(fault).__name__


def without_frames(fault: Exception) -> str:
    """All that a fault says, but for where in Java's code it passed."""
    return "\n".join(line for line in str(fault).splitlines() if not line.lstrip().startswith(("at ", "... ")))
