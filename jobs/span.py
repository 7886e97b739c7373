"""Half-open spans of grid days, and the local months and years they touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Span:
    """Grid days from ``first`` up to, not including, ``end``.

    >>> span = Span(date(2016, 1, 30), date(2016, 2, 2))
    >>> len(span), [day.day for day in span], span.months
    (3, [30, 31, 1], [datetime.date(2016, 1, 1), datetime.date(2016, 2, 1)])
    """

    first: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.first:
            raise ValueError(f"span {self.first} to {self.end} holds no day: 'to' is exclusive and comes after 'from'")

    def __len__(self) -> int:
        return (self.end - self.first).days

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(len(self)))

    def __str__(self) -> str:
        return f"{self.first} to {self.end}"

    @property
    def months(self) -> list[date]:
        return sorted({day.replace(day=1) for day in self})

    @property
    def years(self) -> list[date]:
        return sorted({day.replace(month=1, day=1) for day in self})

    def widened(self, before: int = 0, after: int = 0) -> Span:
        """The span with whole days added at either end."""
        return Span(self.first - timedelta(days=before), self.end + timedelta(days=after))

    def joined(self, other: Span) -> Span:
        """The shortest span that holds both."""
        return Span(min(self.first, other.first), max(self.end, other.end))

    def whole_months(self) -> Span:
        return Span(self.months[0], next_month(self.months[-1]))

    def whole_years(self) -> Span:
        return Span(self.years[0], self.years[-1].replace(year=self.years[-1].year + 1))


def first_spans(days: Iterable[date], limit: int = 3) -> str:
    """The days in order, those next to each other as half-open spans: the first few, and how many more there are.

    >>> first_spans([date(2016, 2, 28), date(2016, 3, 1), date(2016, 2, 29), date(2016, 2, 1), date(2017, 1, 1)], 2)
    '2016-02-01, 2016-02-28 to 2016-03-02 and 1 more'
    """
    spans: list[Span] = []
    for day in sorted(set(days)):
        if spans and spans[-1].end == day:
            spans[-1] = spans[-1].widened(after=1)
        else:
            spans.append(Span(day, day + timedelta(days=1)))
    shown = ", ".join(str(span) if len(span) > 1 else str(span.first) for span in spans[:limit])
    return shown if len(spans) <= limit else f"{shown} and {len(spans) - limit:,} more"


def next_month(day: date) -> date:
    """First day of the month after ``day``'s.

    >>> next_month(date(2016, 12, 5))
    datetime.date(2017, 1, 1)
    """
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
