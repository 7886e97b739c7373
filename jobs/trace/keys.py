"""The keys of a trace's JSON in words: the page of the data dictionary, written from the structure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from jobs.trace.structure import AssetTrace, UsagePointTrace

SAID = {str: "text", int: "integer", float: "number", bool: "boolean", date: "day", datetime: "instant"}


def keys_page() -> list[str]:
    """The page, line by line."""
    lines = [
        "# Trace",
        "",
        "Keys of what `gridlake trace … --format json` prints. They stay as they are named; later work may add some.",
        "Instants are UTC and end in Z, days are ISO dates, energies Wh or varh; rows have their tables' columns.",
    ]
    for kind in _structures(UsagePointTrace, AssetTrace):
        lines += [
            "",
            f"## {kind.__name__}",
            "",
            (kind.__doc__ or "").strip(),
            "",
            "| key | holds | meaning |",
            "|---|---|---|",
        ]
        lines += [f"| {name} | {holds} | {meaning} |" for name, holds, meaning in _keys(kind)]
    return lines


def _keys(kind: type) -> Iterator[tuple[str, str, str]]:
    hints = get_type_hints(kind, include_extras=True)
    for one in fields(kind):
        holds, meaning = get_args(hints[one.name])
        yield one.name, _said(holds), meaning


def _structures(*kinds: type) -> list[type]:
    """The structures and all that they are made of, each once, in the order in which they are met."""
    found: list[type] = []
    for kind in kinds:
        found += [one for one in [kind, *_structures(*_parts(kind))] if one not in found]
    return found


def _parts(kind: type) -> list[type]:
    hints = get_type_hints(kind, include_extras=True)
    within = [part for one in fields(kind) for part in _within(hints[one.name])]
    return [part for part in within if isinstance(part, type) and is_dataclass(part)]


def _within(hint: Any) -> list[Any]:
    """A type and those it is made of."""
    return [hint, *(part for one in get_args(hint) if not isinstance(one, str) for part in _within(one))]


def _said(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _said(arguments[0])
    if origin in (UnionType, Union):
        return " or ".join("null" if one is type(None) else _said(one) for one in arguments)
    if origin is list:
        return f"list of {_said(arguments[0])}"
    if origin is dict:
        return f"object: {'value' if arguments[1] is Any else _said(arguments[1])} by name"
    return SAID.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"
