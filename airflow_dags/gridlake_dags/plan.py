"""The tables and what each reads, from ``plan.json``, which is what `gridlake plan --format json` prints."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PLAN = Path(__file__).resolve().parent.parent / "plan.json"


@dataclass(frozen=True)
class PlannedTable:
    """A table that gridlake builds, its layer, and the tables it reads that gridlake builds too."""

    table: str
    layer: str
    reads: tuple[str, ...]


def read_plan(path: Path = PLAN) -> list[PlannedTable]:
    """All tables, each after those it reads."""
    return [PlannedTable(one["table"], one["layer"], tuple(one["reads"])) for one in json.loads(path.read_text())]


def standing_on(tables: Iterable[str], plan: list[PlannedTable]) -> list[PlannedTable]:
    """The tables of a plan that stand on the named ones, without these."""
    named = set(tables)
    found = set(named)
    for one in plan:
        if found.intersection(one.reads):
            found.add(one.table)
    return [one for one in plan if one.table in found - named]
