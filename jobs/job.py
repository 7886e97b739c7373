"""What a job is: a table, the transform that makes it, and what the transform reads.

The order of jobs, their lineage and their spans are derived from these declarations (``jobs/plan.py``);
reading, auditing and replacing are the same for all of them (``jobs/build.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.notice import Notice, Told
from jobs.rule import Rule
from jobs.settings import Settings
from jobs.span import Span
from jobs.table import Table
from jobs.totals import Against, Totals


def same_days(span: Span) -> Span:
    return span


@dataclass(frozen=True)
class Read:
    """A table that a transform reads, and which of its days for a given span of grid days.

    Parameters
    ----------
    days
        From the span being built to the span to read; ignored for tables that are not kept by day.
    """

    table: str
    days: Callable[[Span], Span] = same_days


@dataclass(frozen=True)
class Job:
    """How one table is made.

    Parameters
    ----------
    transform
        Takes one DataFrame for each entry of ``reads`` (by that name) and the options, returns the rows.
        Scratch columns of ``jobs.outcome`` say which rows are rejected and why.
    reads
        Parameter name of the transform -> table read.
    options
        Keyword values for the transform, from the settings and the span being built.
    judges
        Name of the read each of whose rows has one outcome (``jobs.outcome``): the build checks that none is lost.
    counts
        From that read, the settings and the span to rows whose ``taken`` add up to what must have outcomes; without it
        each row is one.
    rules
        The rules by which the transform refuses rows, by what it puts into ``_rule``.
    notices
        What is told of rows that stand.
    writes_files
        True where the tasks of the transform may write the table's files: it takes ``into`` (`jobs.lake.day_files`).
    bears_on
        So many days before and after a day its reads help to make; where reads of them stand, they are made anew.
    totals
        What its rows of a grid day, or all of them where it is replaced as a whole, must add up to, by what is read.
    """

    table: Table
    transform: Callable[..., DataFrame]
    reads: dict[str, Read] = field(default_factory=dict)
    options: Callable[[Settings, Span], dict[str, Any]] = lambda settings, span: {}
    judges: str | None = None
    counts: Callable[[DataFrame, Settings, Span], DataFrame] | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    writes_files: bool = False
    bears_on: tuple[int, int] = (0, 0)
    totals: tuple[Totals, ...] = ()

    def __post_init__(self) -> None:
        if not self.totals:
            return
        if self.table.replace not in ("day", "all") or any(one.read not in self.reads for one in self.totals):
            raise ValueError(
                f"{self.table.name}: totals are of grid days or a whole table, and of a table that the job reads"
            )
        added_up = [self.table.column(name) for one in self.totals for name in one.needed]
        if self.writes_files and any(column.is_array for column in added_up):
            raise ValueError(f"{self.table.name}: no audit adds up lists that tasks write")

    @property
    def has_rejected(self) -> bool:
        """Whether a table of refused rows stands beside the job's."""
        return bool(self.rules)

    def told(self, rows: DataFrame, settings: Settings, span: Span) -> list[Told]:
        """What its notices say of the rows that stand; nothing of those that found nothing."""
        return [told for notice in self.notices if (told := notice.told(rows, settings, span))]

    def held_against(self, frames: dict[str, Any], days: Sequence[date]) -> list[Against]:
        """The job's totals, and the rows (of these days, if it is kept by day) that they are held against."""
        found = []
        for totals in self.totals:
            rows: DataFrame = totals.among(frames[totals.read])
            if self.table.replace == "day":
                rows = rows.where(F.col("grid_date").isin(list(days)))
            found.append(Against(totals, rows, self.reads[totals.read].table))
        return found
