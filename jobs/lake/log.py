"""The files of one version of a table, as its Delta log names them: for commands that answer before Spark has started.

The log is a list of commits (JSON) with, now and then, a checkpoint of all that stands (Parquet); a version is the
newest checkpoint up to it and the commits after that. A table that needs more of its reader than that (deletion
vectors, renamed columns, checkpoints in parts of their own kind) is `UnreadError`: Spark's reader knows it.

Source: Delta Transaction Log Protocol, sections "Delta Log Entries", "Checkpoints" and "Reader Requirements".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow.fs as pafs
import pyarrow.parquet as pq

from jobs.errors import LakeError

COMMIT = re.compile(r"^(\d{20})\.json$")
CHECKPOINT = re.compile(r"^(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet$")
PLAIN_READER = 1
"""A table that asks for a higher reader version may hold deletion vectors, renamed columns and the like."""


class UnreadError(LakeError):
    """The table is of a kind that only Spark's reader knows; the message says what it asks for."""


@dataclass(frozen=True)
class Added:
    """A file of the table: its path as the log has it, the values its place gives it, and its statistics."""

    path: str
    values: dict[str, str | None]
    stats: dict[str, Any]


@dataclass(frozen=True)
class Logged:
    """A version of a table and its files."""

    version: int
    files: list[Added]


def read_log(system: pafs.FileSystem, root: str, version: int | None = None) -> Logged | None:
    """The newest version of the table at ``root``, or the one asked for; None where no table stands there.

    Raises
    ------
    LakeError
        That version is not in the log (never was, or was cleaned away).
    UnreadError
        See there.
    """
    names = [one.base_name for one in system.get_file_info(_log_selector(root))]
    commits = {int(found[1]): name for name in names if (found := COMMIT.match(name))}
    checkpoints: dict[int, list[str]] = {}
    for name in names:
        if (found := CHECKPOINT.match(name)) and (found[2] is None or int(found[2]) <= int(found[3])):
            checkpoints.setdefault(int(found[1]), []).append(name)
    if not commits and not checkpoints:
        return None
    newest = max([*commits, *checkpoints])
    wanted = newest if version is None else version
    start = max((one for one in checkpoints if one <= wanted), default=-1)
    needed = range(start + 1, wanted + 1)
    if wanted > newest or any(one not in commits for one in needed):
        raise LakeError(f"{root}: version {wanted} is no longer in its log, of which version {newest} is the newest")
    actions = _checkpointed(system, root, checkpoints.get(start, []))
    return Logged(wanted, _standing(actions, (_committed(system, root, commits[one]) for one in needed), root))


def _log_selector(root: str) -> pafs.FileSelector:
    return pafs.FileSelector(f"{root}/_delta_log", allow_not_found=True)


def _committed(system: pafs.FileSystem, root: str, name: str) -> list[dict[str, Any]]:
    with system.open_input_stream(f"{root}/_delta_log/{name}") as stream:
        return [json.loads(line) for line in stream.read().decode().splitlines() if line]


def _checkpointed(system: pafs.FileSystem, root: str, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    for name in sorted(names):
        with system.open_input_file(f"{root}/_delta_log/{name}") as source:
            held = pq.ParquetFile(source)
            columns = [one for one in ("add", "protocol", "metaData") if one in held.schema_arrow.names]
            for row in held.read(columns=columns).to_pylist():
                for kind, action in row.items():
                    if action is not None:
                        yield {kind: action}


def _standing(checkpoint: Iterable[dict[str, Any]], commits: Iterable[list[dict[str, Any]]], root: str) -> list[Added]:
    files: dict[str, Added] = {}
    for actions in (checkpoint, *commits):
        for action in actions:
            if "add" in action:
                files[action["add"]["path"]] = _added(action["add"], root)
            elif "remove" in action:
                files.pop(action["remove"]["path"], None)
            elif "protocol" in action:
                _check_plain(action["protocol"], root)
    return list(files.values())


def _check_plain(protocol: dict[str, Any], root: str) -> None:
    asked = protocol["minReaderVersion"]
    if asked > PLAIN_READER:
        raise UnreadError(f"{root}: the table asks for a reader of version {asked} ({protocol.get('readerFeatures')})")


def _added(add: dict[str, Any], root: str) -> Added:
    if add.get("deletionVector"):
        raise UnreadError(f"{root}: rows of {add['path']} are deleted by vector")
    return Added(add["path"], dict(add["partitionValues"]), json.loads(add.get("stats") or "{}"))
