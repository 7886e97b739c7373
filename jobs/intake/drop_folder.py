"""What stands in a drop folder: files that a source names, files that none does, and what is passed over."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from jobs.errors import SourceError
from jobs.sources.declaration import FOLDER_FORMATS, NETWORK_FORMATS, Source

_PASSED_OVER = (".*", "*~", "*.part", "*.filepart", "*.tmp", "*.crc", "_SUCCESS", "_temporary")
"""Names of what is hidden, being edited, on its way, or a mark of its writer's: nobody delivers that."""


def drop_content(folder: Path) -> list[Path]:
    """What stands in a drop folder: the sources' subfolders, and what belongs to none.

    Raises
    ------
    SourceError
        It is no folder, or nothing is in it.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder} is no folder: a file is ingested with --source NAME or --source FILE.yaml")
    inside = sorted(one for one in folder.absolute().iterdir() if _is_delivered(one, folder.absolute()))
    if not inside:
        raise SourceError(f"{folder} is empty: needed is a subfolder for each source, of the source's name")
    return inside


def source_paths(source: Source, path: Path) -> list[Path]:
    """The source's files at or below ``path``; of a network model its folder or master script."""
    if path.is_file() or source.files == (".",):
        return [path]
    ignored = _matching(path, source.ignore)
    return sorted(
        one
        for one in _matching(path, source.files)
        if one.is_dir() == (source.format in FOLDER_FORMATS) and _is_delivered(one, path) and not _within(one, ignored)
    )


def unnamed_files(source: Source, path: Path) -> list[Path]:
    """Files at or below ``path`` that the source neither names nor ignores.

    A network model has its whole folder to itself: what it does not use may come along with it.
    """
    if path.is_file():
        return []
    known = _matching(path, source.ignore)
    for one in source_paths(source, path):
        known.add(source.folder_of(one) if source.format in NETWORK_FORMATS else one)
    return [one for one in delivered_files(path) if not _within(one, known)]


def delivered_files(folder: Path) -> list[Path]:
    """Every file below a folder that somebody may have meant to deliver."""
    return sorted(one for one in folder.rglob("*") if one.is_file() and _is_delivered(one, folder))


def _is_delivered(path: Path, folder: Path) -> bool:
    """False where ``path``, or a folder on the way to it, is hidden, on its way or a mark."""
    return not any(fnmatchcase(part, name) for part in path.relative_to(folder).parts for name in _PASSED_OVER)


def _matching(folder: Path, patterns: Sequence[str]) -> set[Path]:
    return {one for pattern in patterns for one in folder.glob(pattern)}


def _within(path: Path, known: set[Path]) -> bool:
    return not known.isdisjoint((path, *path.parents))
