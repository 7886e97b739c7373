"""What every declared section of YAML has in common: no key but those declared, and none that changes later."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError


class Section(BaseModel):
    """A section of the configuration, or of a source's declaration."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def faults_told(fault: ValidationError, declared: type[BaseModel], *, where: object) -> str:
    """Every fault of what was read from ``where`` by its key; for a key that is none, the nearest there is."""
    lines = [f"  {'.'.join(map(str, one['loc'])) or '(whole)'}: {_words(one, declared)}" for one in fault.errors()]
    return f"{where}: {len(lines)} fault(s):\n" + "\n".join(lines)


def _words(one: Any, declared: type[BaseModel]) -> str:
    if one["type"] != "extra_forbidden":
        return str(one["msg"])
    *above, wrong = one["loc"]
    keys = sorted({key for section in _sections(declared, above) for key in section.model_fields})
    near = get_close_matches(str(wrong), keys, n=1)
    return "no such key" + (f"; is {near[0]} meant?" if near else f"; there are {', '.join(keys)}" if keys else "")


def _sections(declared: type[BaseModel], above: list[int | str]) -> list[type[BaseModel]]:
    """The sections that may stand at a place: names of fields lead there, and keys of dictionaries, and positions."""
    at: list[Any] = [declared]
    for name in above:
        sections = [one for kind in at for one in _within(kind)]
        fields = [one.model_fields[str(name)].annotation for one in sections if name in one.model_fields]
        at = fields or at
    return [one for kind in at for one in _within(kind)]


def _within(kind: Any) -> Iterator[type[BaseModel]]:
    """Sections named in a type: itself, or within an optional one, a union, a dictionary, a list."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _within(part)
