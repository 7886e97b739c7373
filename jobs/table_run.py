"""What one run did to one table: what ``ops.run`` keeps and a build tells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from jobs.errors import first_keys, first_lines
from jobs.measure import Counts
from jobs.notice import Told
from jobs.span import Span, first_spans
from jobs.table import Table


@dataclass
class TableRun:
    """One table of one run."""

    table: Table
    status: str = "ok"
    reason: str | None = None
    counts: Counts = field(default_factory=Counts)
    bad_days: dict[date, list[str]] = field(default_factory=dict)
    provisional_days: set[date] = field(default_factory=set)
    """Days committed of which, or of what they stand on, less was received than makes a day complete."""
    notices: list[Told] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    version: int | None = None
    read_versions: dict[str, int] = field(default_factory=dict)
    span: Span | None = None
    """Its grid days: those asked for, and those that they bear on; None where files are ingested."""

    def __str__(self) -> str:
        counts = self.counts
        line = f"{self.table.name:<34} {counts.rows:>12,} rows {self.seconds:>7.1f} s"
        if counts.taken_in > counts.accepted:
            line += (
                f"  in {counts.taken_in:,} = {counts.accepted:,} accepted + {counts.rejected:,} rejected"
                f" + {counts.duplicates:,} duplicates + {counts.superseded:,} superseded"
            )
        if self.provisional_days:
            line += f"  provisional ({_first(self.provisional_days)})"
        line += "".join(f"  {told}" for told in self.notices)
        if self.status != "ok":
            days = f" on {len(self.bad_days):,} days ({first_spans(self.bad_days)})" if self.bad_days else ""
            line += f"  {self.status.upper()}{days}: {first_lines(self.reason or '')}"
        return line


def _first(days: Iterable[date]) -> str:
    return first_keys([str(day) for day in sorted(days)])
