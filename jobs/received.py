"""Which delivered files are to be read: what stands in a folder, held against the ledger ``bronze.file``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobs.bronze.file import IN_BRONZE
from jobs.errors import SourceError
from jobs.identity import IdentityKey
from jobs.settings import Settings
from jobs.sources.declaration import Source
from jobs.sources.delivered_model import delivered_model, rivals
from jobs.sources.delivery import Delivery

READER_VERSION = 3
"""Raised when the readers, or what a key of a declaration means by default, give other rows for the same file: every
file is then read again."""

_MODELS = ("simbench", "opendss")


@dataclass(frozen=True)
class Received:
    """One content that stands somewhere, for one source."""

    source: Source
    path: Path
    file_id: str
    size_bytes: int
    settings_hash: str
    arrived_us: int = 0
    first_path: str = ""
    why: str | None = None
    rejected_before: bool = False
    redeclared: bool = False  # last read, well or not, under another declaration
    stands: bool = False  # its rows are in bronze as they were read then
    refused: str | None = None  # why it is not to be read, for reasons that do not lie in it

    def delivery(self, grid_offset_us: int) -> Delivery:
        return Delivery(self.source, str(self.path), self.file_id, self.arrived_us, grid_offset_us, self.refused)


@dataclass(frozen=True)
class Plan:
    """What to do with what was received."""

    read: list[Received]
    new: list[Received]  # of those to be read: never seen before
    unchanged: list[Received]
    lost: list[Received]  # its rows stand and are to be read again, but it is no longer where it was kept


def settings_hash(source: Source, settings: Settings, key: IdentityKey) -> str:
    """Hash of all that decides what a file of the source becomes; a key that stands at its default is none of it."""
    facts: dict[str, Any] = {
        "source": source.model_dump(mode="json", exclude={"describes", "files"}, exclude_defaults=True),
        "reader": READER_VERSION,
        "grid": settings.grid_time.utc_offset,
        "key": [key.version, key.hashed("", "")],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def source_paths(source: Source, path: Path) -> list[Path]:
    """The source's files at or below ``path``; of a network model its folder or master script."""
    if path.is_file() or source.files == (".",):
        return [path]
    found = {one for pattern in source.files for one in path.glob(pattern)}
    return sorted(one for one in found if one.is_dir() == (source.format == "simbench"))


def left_out(source: Source, path: Path) -> list[Path]:
    """Files at or below ``path`` that the source's pattern does not name; of a network model all belong to it."""
    if path.is_file() or source.format in _MODELS:
        return []
    taken = set(source_paths(source, path))
    return sorted(one for one in path.rglob("*") if one.is_file() and one not in taken)


def content_hash(source: Source | None, path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file; of a network model over the names and hashes of the files that it consists of."""
    if source is None or source.format not in _MODELS:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    model = delivered_model(source, path)
    parts = [(file.relative_to(model.folder).as_posix(), *content_hash(None, file)) for file in model.files]
    text = json.dumps([path.resolve().relative_to(model.folder).as_posix(), [part[:2] for part in parts]])
    return hashlib.sha256(text.encode()).hexdigest(), sum(part[2] for part in parts)


def received_files(source: Source, path: Path, hash_of: str) -> list[Received]:
    """What stands at ``path`` for the source.

    Raises
    ------
    SourceError
        Nothing stands there.
    """
    paths = source_paths(source, path)
    if not paths:
        raise SourceError(f"{path}: source {source.name} has no file {' or '.join(map(repr, source.files))} there")
    with ThreadPoolExecutor() as pool:
        hashes = list(pool.map(lambda one: content_hash(source, one), paths))
    return [
        Received(source, file, file_id, size, hash_of, first_path=str(file))
        for file, (file_id, size) in zip(paths, hashes, strict=True)
    ]


def planned(
    found: Iterable[Received],
    ledger: dict[tuple[str, str], dict[str, Any]],
    hashes: dict[str, str],
    sources: dict[str, Source],
) -> Plan:
    """What must be read: the new, what failed before, and what was read under another declaration.

    Parameters
    ----------
    ledger
        Entries of the files found, of all that were last read under another declaration, and of the kept.
    hashes
        Settings hash of each source by name: files of the ledger with another are read again from where they are
        kept, delivered again or not.
    """
    unique: dict[tuple[str, str], Received] = {}
    again: list[Received] = []
    for one in found:
        if unique.setdefault((one.file_id, one.source.name), one) is not one:
            again.append(one)
    ledger = dict(ledger)
    read: list[Received] = []
    new: list[Received] = []
    unchanged = list(again)
    lost: list[Received] = []
    now = round(datetime.now(UTC).timestamp() * 1e6)
    for key, one in unique.items():
        entry = ledger.pop(key, None)
        if entry is None:
            # Models that are delivered together arrive at one instant: no order says which of them holds.
            new.append(replace(one, arrived_us=now + (0 if one.source.format in _MODELS else len(new))))
        elif entry["status"] == "ok" and entry["settings_hash"] == one.settings_hash:
            unchanged.append(one)
        else:
            read.append(_seen(one, entry))
    for (file_id, name), entry in ledger.items():  # read before, not delivered now, declared otherwise since
        path = Path(entry["kept_path"])
        one = _seen(Received(sources[name], path, file_id, entry["size_bytes"], hashes[name]), entry)
        if _holds(sources[name], path, file_id):
            read.append(one)
        elif one.stands:
            lost.append(one)
    read += new
    refused = rivals(one.delivery(0) for one in read if one.source.format in _MODELS and not one.stands)
    read = [replace(one, refused=refused.get((one.file_id, one.source.name))) for one in read]
    return Plan(read, new, unchanged, lost)


def _holds(source: Source, path: Path, file_id: str) -> bool:
    try:
        return path.exists() and content_hash(source, path)[0] == file_id
    except OSError:
        return False


def _seen(one: Received, entry: dict[str, Any]) -> Received:
    why = (
        "read again: it failed before"
        if entry["status"] == "failed"
        else "read again: the source's declaration changed"
    )
    return replace(
        one,
        arrived_us=entry["arrived_us"],
        first_path=entry["path"],
        why=why,
        rejected_before=entry["rejected_rows"] > 0,
        redeclared=entry["settings_hash"] != one.settings_hash,
        stands=entry["status"] in IN_BRONZE,
    )
