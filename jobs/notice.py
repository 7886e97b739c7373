"""Notices: what a job lets stand and tells all the same, by a numbered rule: of how many, and the first of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import first_keys
from jobs.rule import Rule
from jobs.settings import Settings
from jobs.span import Span

FIRST_KEYS = 3


@dataclass(frozen=True)
class Told:
    """What one run tells by one rule.

    >>> str(Told("D01 change_within_day", 4, ["P1, 2016-03-16 10:00:00"]))
    "D01 change_within_day of 4 (['P1, 2016-03-16 10:00:00'] and 3 more)"
    """

    rule: str
    found: int
    keys: Sequence[str]

    def __str__(self) -> str:
        more = f" and {self.found - len(self.keys):,} more" if self.found > len(self.keys) else ""
        return f"{self.rule} of {self.found:,} ({first_keys(self.keys)}{more})"


@dataclass(frozen=True)
class Notice:
    """What a job tells of the rows that stand after it.

    Parameters
    ----------
    rule
        Its number, and what it says.
    by
        Columns of what is told, which name it and by which it is ordered.
    found
        From the rows of the job's table, the settings and the span to what is told.
    """

    rule: Rule
    by: tuple[str, ...]
    found: Callable[[DataFrame, Settings, Span], DataFrame]

    def told(self, rows: DataFrame, settings: Settings, span: Span) -> Told | None:
        """How many there are and the first; None where there is none."""
        found = self.found(rows, settings, span)
        count = found.count()
        if not count:
            return None
        key = F.concat_ws(", ", *[F.col(name).cast("string") for name in self.by]).alias("key")
        first = found.orderBy(*self.by).limit(FIRST_KEYS).select(key).collect()
        return Told(self.rule.label, count, [row["key"] for row in first])
