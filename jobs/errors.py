"""Errors a user meets: each says where, what was found, what is needed, how many, and the first keys."""

from __future__ import annotations

from collections.abc import Sequence


class GridlakeError(Exception):
    """Base of every error that gridlake raises for a user to act on."""


class SettingsError(GridlakeError):
    """A configuration file does not say what is needed."""


class SourceError(GridlakeError):
    """A source declaration, or a delivered file as a whole, cannot be used."""


class AuditError(GridlakeError):
    """What would be written fails its audit; nothing of it was committed."""


class LakeError(GridlakeError):
    """The lake refused a read or a write."""


class TrainingError(GridlakeError):
    """The tables do not hold what it takes to train a model."""


class TrackingError(GridlakeError):
    """MLflow cannot be reached, or refuses; or a model may not do what is asked of it."""


def first_line(fault: Exception) -> str:
    """What a fault says in its first line; its kind where it says nothing."""
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0]


def first_lines(text: str, limit: int = 3) -> str:
    """The first few lines of a text, and how many more there are.

    >>> first_lines("a\\nb\\nc", limit=2)
    'a\\nb\\nand 1 more'
    """
    lines = text.splitlines()
    return text if len(lines) <= limit else "\n".join([*lines[:limit], f"and {len(lines) - limit:,} more"])


def first_keys(keys: Sequence[object], limit: int = 5) -> str:
    """The first few keys, and how many more there are.

    >>> first_keys(["F1", "F2", "F3"], limit=2)
    "['F1', 'F2'] and 1 more"
    """
    shown = str(list(keys[:limit]))
    return shown if len(keys) <= limit else f"{shown} and {len(keys) - limit:,} more"
