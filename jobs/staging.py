"""Where an ingest puts aside what it has read until it is committed: a folder of the lake that no table lies in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.fs as fs
import pyarrow.parquet as pq

STAMP = "%Y%m%dT%H%M%S"
ABANDONED = timedelta(days=1)


@dataclass(frozen=True)
class Staging:
    """A folder of the lake, below the tables, that one run fills and removes."""

    root: str

    def _place(self, kind: str) -> tuple[fs.FileSystem, str]:
        if "://" in self.root:
            system, path = fs.FileSystem.from_uri(self.root)
        else:
            system, path = fs.LocalFileSystem(), str(Path(self.root).resolve())
        return system, f"{path}/{kind}"

    def put(self, kind: str, task: int, rows: pa.Table) -> None:
        """Keep a task's rows of one kind, where there are any."""
        if rows.num_rows:
            system, folder = self._place(kind)
            system.create_dir(folder)
            pq.write_table(rows, f"{folder}/{task:06}.parquet", filesystem=system, compression="zstd")

    def path(self, kind: str) -> str | None:
        """Where the rows of one kind lie; None where no task had any."""
        system, folder = self._place(kind)
        return f"{self.root}/{kind}" if system.get_file_info(folder).type == fs.FileType.Directory else None

    def read(self, kind: str) -> list[dict[str, Any]]:
        """Rows of a small kind."""
        system, folder = self._place(kind)
        return pq.read_table(folder, filesystem=system).to_pylist() if self.path(kind) else []

    def remove(self) -> None:
        system, folder = self._place("")
        if system.get_file_info(folder.rstrip("/")).type == fs.FileType.Directory:
            system.delete_dir(folder.rstrip("/"))

    def folders(self) -> list[str]:
        """Names of the folders in it."""
        system, folder = self._place("")
        inside = system.get_file_info(fs.FileSelector(folder.rstrip("/"), allow_not_found=True))
        return [one.base_name for one in inside if one.type == fs.FileType.Directory]


def new_staging(lake_root: str) -> Staging:
    """A folder of one run's own; what runs of days before left in theirs, being killed, is removed."""
    root, now = f"{lake_root.rstrip('/')}/_staging", datetime.now(UTC)
    for name in Staging(root).folders():
        if name < (now - ABANDONED).strftime(STAMP):
            Staging(f"{root}/{name}").remove()
    return Staging(f"{root}/{now.strftime(STAMP)}_{uuid.uuid4().hex}")
