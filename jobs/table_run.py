"""What one run did to one table: what ``ops.run`` keeps and a build tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from jobs.measure import Counts
from jobs.span import Span
from jobs.table import Table


@dataclass
class TableRun:
    """One table of one run."""

    table: Table
    status: str = "ok"
    reason: str | None = None
    counts: Counts = field(default_factory=Counts)
    bad_days: dict[date, list[str]] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    version: int | None = None
    read_versions: dict[str, int] = field(default_factory=dict)
    span: Span | None = None
    """Its grid days: those asked for, and those that they bear on."""
