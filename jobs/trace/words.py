"""Values, places and tables as a trace's text prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from jobs.trace.show import plain
from jobs.trace.structure import Delivered, Identity, Made, Release

UNSAID = ("known_from_utc", "known_from_basis", "source", "synthetic")  # what the place of delivery says better
FIRST_INSTANT = 100_000_000_000_000  # microseconds since 1970: a version above this is an instant, in 1973 or later


def said(value: Any) -> str:
    """A value in few words: of a list its length and what it adds up to."""
    value = plain(value)
    if value is None:
        return "none"
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.6g}"
    return str(value)


def _list(values: list[Any]) -> str:
    numbers = [one for one in values if isinstance(one, int | float)]
    if not values or len(numbers) < len(values):
        return ", ".join(map(said, values)) or "none"
    total = f", sum {said(sum(numbers))}" if all(isinstance(one, int) for one in numbers) else ""
    return f"{len(numbers)} values from {said(min(numbers))} to {said(max(numbers))}{total}"


def instant(value: datetime | None) -> str:
    return "open" if value is None else f"{value:%Y-%m-%d %H:%M:%S}Z"


def version(number: int) -> str:
    """A version of reads: an instant where its source takes it from one."""
    return str(number) if number < FIRST_INSTANT else instant(datetime.fromtimestamp(number // 1_000_000, UTC))


def identity(one: Identity) -> str:
    """Both forms of an id."""
    return one.id if one.namespace is None else f"{one.source_id} ({one.namespace}, {one.id})"


def place(one: Delivered) -> str:
    """Source, file and lines."""
    lines = ""
    if one.first_line is not None:
        lines = (
            f" line {one.first_line}"
            if one.last_line in (None, one.first_line)
            else f" lines {one.first_line} to {one.last_line}"
        )
    return f"{one.source}: {one.path or 'no file recorded'}{lines}"


def places(found: Sequence[Delivered]) -> str:
    return "; ".join(map(place, found)) or "computed"


def values(row: Mapping[str, Any], but: Iterable[str] = ()) -> str:
    """Columns with their values, what is null left out."""
    left_out = {*UNSAID, *but}
    return ", ".join(named(name, value) for name, value in row.items() if name not in left_out and value is not None)


def named(name: str, value: Any) -> str:
    """A column and its value; years have no thousands."""
    return f"{name} {value}" if name.endswith("_year") else f"{name} {said(value)}"


def aligned(rows: Sequence[Sequence[str]], indent: int = 2) -> Iterator[str]:
    """Rows in columns; the last is as long as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield " " * indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def head(lake: str, release: Release | None) -> str:
    if release is None:
        return f"lake {lake}, no release yet"
    return f"lake {lake}, release {release.release_id} of {instant(release.released_at_utc)}"


def made(tables: Sequence[Made]) -> Iterator[str]:
    """Tables with the runs that made them."""
    rows = [
        [
            one.table,
            "-" if one.version is None else f"v{one.version}",
            f"run {one.run_id}" if one.run_id else "no run recorded",
            "" if one.started_at_utc is None else f"{instant(one.started_at_utc)} {one.status}",
            "" if one.settings_digest is None else f"settings {one.settings_digest}",
            ("" if one.of_release else "not of the release") + (" provisional" if one.provisional else ""),
        ]
        for one in tables
    ]
    yield "Tables read, and the runs that made them"
    yield from aligned(rows)


def remarks(told: Sequence[str]) -> Iterator[str]:
    if told:
        yield ""
        yield "Remarks"
        yield from (f"  {one}" for one in told)
