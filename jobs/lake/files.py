"""Files of a lake as pyarrow opens them, by the addresses that Spark knows them by."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pafs

LOG = logging.getLogger(__name__)
S3_OF_HADOOP = ("s3a://", "s3n://")


def file_system(address: str) -> tuple[pafs.FileSystem, str]:
    """The file system of a path or URL, and the path in it.

    >>> file_system("file:/lake/gold")[1], file_system("file:///lake/gold")[1], file_system("/lake/gold")[1]
    ('/lake/gold', '/lake/gold', '/lake/gold')

    Raises
    ------
    pyarrow.ArrowInvalid, OSError
        pyarrow does not know the scheme, or cannot reach what it names.
    """
    if address.startswith("file:"):
        return pafs.LocalFileSystem(), "/" + address.removeprefix("file:").lstrip("/")
    if "://" not in address:
        return pafs.LocalFileSystem(), str(Path(address).resolve())
    for scheme in S3_OF_HADOOP:
        if address.startswith(scheme):
            address = f"s3://{address.removeprefix(scheme)}"
    system, path = pafs.FileSystem.from_uri(address)
    return system, path


def opens(address: str) -> bool:
    """Whether pyarrow knows the scheme of an address and reaches what it names; where not, Spark reads, far slower."""
    try:
        file_system(address)
    except pa.ArrowInvalid:
        return False
    except OSError as fault:
        _tell_unreached(address.split("://")[0], str(fault))
        return False
    return True


@cache  # once for each scheme and reason: each read asks anew
def _tell_unreached(scheme: str, reason: str) -> None:
    LOG.warning("pyarrow does not reach %s:// as Spark does, which reads and writes in its place: %s", scheme, reason)
