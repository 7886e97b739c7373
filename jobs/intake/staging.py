"""Where an ingest puts aside what it has read until it is committed: a folder of the lake that no table lies in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.fs as fs
import pyarrow.parquet as pq

from jobs.errors import LakeError, first_keys
from jobs.intake.owner import Owner, still_runs, this_process
from jobs.lake.files import file_system
from jobs.progress import repeated

STAMP = "%Y%m%dT%H%M%S"
ABANDONED = timedelta(days=1)  # of runs elsewhere, of whose processes nothing can be known here
ALIVE = "_alive"  # written again and again while the run lasts; says which process it is
BEAT_SECONDS = 600.0


@dataclass(frozen=True)
class Staging:
    """A folder of the lake, below the tables, that one run fills and removes."""

    root: str

    def _place(self, name: str = "") -> tuple[fs.FileSystem, str]:
        system, path = file_system(self.root)
        return system, f"{path}/{name}".rstrip("/")

    def put(self, kind: str, name: str, rows: Iterable[pa.RecordBatch]) -> set[str]:
        """Keep rows of one kind, where there are any; which file holds them."""
        filled = (batch for batch in rows if batch.num_rows)
        first = next(filled, None)
        if first is None:
            return set()
        system, folder = self._place(kind)
        system.create_dir(folder)
        with pq.ParquetWriter(f"{folder}/{name}.parquet", first.schema, filesystem=system, compression="zstd") as file:
            for batch in chain([first], filled):
                file.write_batch(batch)
        return {f"{kind}/{name}.parquet"}

    def path(self, kind: str, reported: Iterable[str]) -> str | None:
        """Where the rows of one kind lie; None where no task has ``reported`` a file of it.

        Raises
        ------
        LakeError
            Files that tasks have put aside are gone.
        """
        files = {name for name in reported if name.rpartition("/")[0] == kind}
        if not files:
            return None
        system, folder = self._place(kind)
        there = system.get_file_info(fs.FileSelector(folder, allow_not_found=True))
        gone = sorted(files - {f"{kind}/{one.base_name}" for one in there})
        if gone:
            raise LakeError(
                f"{self.root}: {len(gone)} of {len(files)} files put aside are gone, first {first_keys(gone)}; "
                "their rows are not committed, run the same command again"
            )
        return f"{self.root}/{kind}"

    def read(self, kind: str, reported: Iterable[str]) -> list[dict[str, Any]]:
        """Rows of a small kind."""
        if self.path(kind, reported) is None:
            return []
        system, folder = self._place(kind)
        rows: list[dict[str, Any]] = pq.read_table(folder, filesystem=system).to_pylist()
        return rows

    @contextmanager
    def held(self, *, every: float = BEAT_SECONDS) -> Iterator[None]:
        """Let other runs see that this one lasts, until the block ends; then remove the folder."""

        def beat() -> None:
            with suppress(OSError):  # the next one may come through
                self._beat()

        self._beat()
        try:
            with repeated(beat, every=every):
                yield
        finally:
            self.remove()

    def _beat(self) -> None:
        system, folder = self._place()
        system.create_dir(folder)
        with system.open_output_stream(f"{folder}/{ALIVE}") as file:
            file.write(json.dumps(this_process()).encode())

    def is_abandoned(self, before: datetime) -> bool:
        """True where its run's process, of this machine, is no more, or showed no sign of life since ``before``."""
        system, path = self._place(ALIVE)
        alive = system.get_file_info(path)
        if alive.type != fs.FileType.File:
            return self.root.rpartition("/")[2] < before.strftime(STAMP)
        runs = still_runs(self._owner())
        return bool(alive.mtime < before) if runs is None else not runs

    def _owner(self) -> Owner:
        """The process that fills it; empty where that is not, or just now not, told."""
        system, path = self._place(ALIVE)
        try:
            with system.open_input_stream(path) as file:
                owner = json.loads(file.read())
        except (OSError, ValueError):  # written anew this very moment, or by a release that told none
            return {}
        return owner if isinstance(owner, dict) else {}

    def remove(self) -> None:
        system, folder = self._place()
        if system.get_file_info(folder).type == fs.FileType.Directory:
            system.delete_dir(folder)

    def folders(self) -> list[str]:
        """Names of the folders in it."""
        system, folder = self._place()
        inside = system.get_file_info(fs.FileSelector(folder, allow_not_found=True))
        return [one.base_name for one in inside if one.type == fs.FileType.Directory]


def new_staging(lake_root: str) -> Staging:
    """A folder of one run's own.

    Those of runs that were killed are removed: at once where the process was of this machine, else after a day.
    """
    root, now = f"{lake_root.rstrip('/')}/_staging", datetime.now(UTC)
    for name in Staging(root).folders():
        left = Staging(f"{root}/{name}")
        if left.is_abandoned(now - ABANDONED):
            left.remove()
    return Staging(f"{root}/{now.strftime(STAMP)}_{uuid.uuid4().hex}")
