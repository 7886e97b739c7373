"""Which delivered files are to be read: what stands in a folder, held against the ledger ``bronze.file``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobs.bronze.file import IN_BRONZE
from jobs.identity import IdentityKey
from jobs.settings import Settings
from jobs.sources.declaration import INTERVAL_FORMATS, NETWORK_FORMATS, Source
from jobs.sources.delivered_model import delivered_model, rivals
from jobs.sources.delivery import Delivery

READER_VERSION = 4
"""Raised when the readers, or what a key of a declaration means by default, give other rows for the same file: every
file is then read again."""


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

    def delivery(self, grid_offset_us: int, future_us: int = 0) -> Delivery:
        return Delivery(
            self.source, str(self.path), self.file_id, self.arrived_us, grid_offset_us, self.refused, future_us
        )


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
        "source": source.model_dump(mode="json", exclude={"describes", "files", "ignore"}, exclude_defaults=True),
        "reader": READER_VERSION,
        "grid": settings.grid_time.utc_offset,
        "key": [key.version, key.hashed("", "")],
    }
    if settings.intake.future_us and source.format in INTERVAL_FORMATS:
        facts["future_us"] = settings.intake.future_us
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def content_hash(source: Source | None, path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file; of a network model over the names and hashes of the files that it consists of."""
    if source is None or source.format not in NETWORK_FORMATS:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    model = delivered_model(source, path)
    parts = [(file.relative_to(model.folder).as_posix(), *content_hash(None, file)) for file in model.files]
    text = json.dumps([path.resolve().relative_to(model.folder).as_posix(), [part[:2] for part in parts]])
    return hashlib.sha256(text.encode()).hexdigest(), sum(part[2] for part in parts)


def received_files(source: Source, paths: Sequence[Path], hash_of: str) -> tuple[list[Received], dict[Path, str]]:
    """The source's files as they were received; and of those that cannot be opened, why."""

    def opened(file: Path) -> Received | str:
        try:
            file_id, size = content_hash(source, file)
        except OSError as fault:
            return f"it cannot be opened: {fault.strerror or fault}"
        return Received(source, file, file_id, size, hash_of, first_path=str(file))

    with ThreadPoolExecutor() as pool:
        found = dict(zip(paths, pool.map(opened, paths), strict=True))
    received = [one for one in found.values() if isinstance(one, Received)]
    return received, {file: one for file, one in found.items() if isinstance(one, str)}


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
            new.append(replace(one, arrived_us=now + (0 if one.source.format in NETWORK_FORMATS else len(new))))
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
    refused = rivals(one.delivery(0) for one in read if one.source.format in NETWORK_FORMATS and not one.stands)
    read = [replace(one, refused=refused.get((one.file_id, one.source.name))) for one in read]
    return Plan(read, new, unchanged, lost)


def _holds(source: Source, path: Path, file_id: str) -> bool:
    try:
        return path.exists() and content_hash(source, path)[0] == file_id
    except OSError:
        return False


def _seen(one: Received, entry: dict[str, Any]) -> Received:
    why = (
        "read again: it failed, or was not finished, before"
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
