"""NEM12 interval data files: 100, 200, 300, 400, 500 and 900 records.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5, section 4.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from jobs.sources.delivery import Delivery, Flags, Longs, Rejects, UnreadableError
from jobs.sources.instants import day_starts, parse_instants
from jobs.sources.nem12_lines import Lines, nem12_lines
from jobs.sources.records import CODES, numbers
from jobs.sources.runs import MINUTES, Coded, Runs

_NMI, _SUFFIX, _SERIAL, _UOM, _LENGTH = 1, 4, 6, 7, 8  # fields of a 200 record
_AFTER_VALUES = ("QualityMethod", "ReasonCode", "ReasonDescription", "UpdateDateTime", "MSATSLoadDateTime")
_DAY_MINUTES = 1440


class Streams(NamedTuple):
    """200 records: one for each register of a meter, in force until the next."""

    line: Longs
    meter: Coded
    suffix: Coded
    unit: Coded
    minutes: npt.NDArray[np.int32]

    def last(self) -> Streams:
        one = np.array([-1])
        return Streams(
            self.line[one], self.meter.take(one), self.suffix.take(one), self.unit.take(one), self.minutes[one]
        )

    def named(self, number: int) -> tuple[str, str, str]:
        """Meter, suffix and unit of one record; empty where it says none."""
        meter, suffix, unit = (one.names[one.code[number]] if one.code[number] >= 0 else "" for one in self[1:4])
        return meter, suffix, unit


def read_nem12(delivery: Delivery, rejects: Rejects, *, lenient: bool) -> Iterator[Runs]:
    """A run for each 300 record, of the register, unit and interval length of the 200 record before it.

    A day of quality V takes its codes from the 400 records that follow. The version is UpdateDateTime (0 where it
    is blank, as for null data). 500 records are counted here and read by `jobs.sources.nem12_registers`.

    Raises
    ------
    UnreadableError
        The file is empty or cut short, has no NEM12 header, or is not ASCII or UTF-8.
    """
    before: Streams | None = None
    for lines in nem12_lines(delivery):
        rejects.rows += len(lines.kind)
        rejects.registers += int((lines.kind == 500).sum())
        streams = streams_of(lines, delivery, before)
        unknown = np.flatnonzero(lines.kind == 0)
        rejects.add("B12", lines.number[unknown], "no record of a known kind begins the line", lines.texts(unknown), 0)
        days = np.flatnonzero(lines.kind == 300)
        owner = (
            np.searchsorted(streams.line, lines.number[days], side="right") - 1 if streams else np.full(len(days), -1)
        )
        minutes = streams.minutes[owner] if streams else np.zeros(len(days), np.int32)
        minutes = np.where(owner < 0, 0, minutes)
        fields = lines.fields(days)
        fits = np.isin(minutes, MINUTES)
        values = np.where(fits, _DAY_MINUTES // np.maximum(minutes, 1), 0)
        complete = fits & (fields >= 3 + values) & (fields <= 7 + values)
        _reject_days(lines, days, owner, fields, values, complete, rejects)
        if streams is not None:
            for shape in np.unique(np.stack([values, fields], axis=1)[complete], axis=0).tolist():
                alike = complete & (values == shape[0]) & (fields == shape[1])
                yield _days(
                    lines, days[alike], shape[0], shape[1], streams, owner[alike], delivery, rejects, lenient=lenient
                )
            before = streams.last() if len(streams.line) else before


def streams_of(lines: Lines, delivery: Delivery, before: Streams | None) -> Streams | None:
    """The 200 records of a piece, after the one in force at its start."""
    assert delivery.source.readings is not None
    rows = np.flatnonzero(lines.kind == 200)
    if len(rows) == 0:
        return before
    split = pc.list_slice(pc.split_pattern(lines.texts(rows), ","), 0, 10, return_fixed_size_list=True)
    fields = [split.flatten().take(pa.array(np.arange(len(rows)) * 10 + field)) for field in range(10)]
    length = pc.utf8_trim_whitespace(fields[_LENGTH].fill_null(""))
    minutes = pc.if_else(pc.match_substring_regex(length, r"^\d{1,4}$"), length, "0").cast(pa.int32())
    meter = fields[_NMI if delivery.source.readings.meter == "NMI" else _SERIAL].fill_null("")
    found = Streams(
        lines.number[rows],
        Coded.of(meter),
        Coded.of(fields[_SUFFIX].fill_null("")),
        Coded.of(fields[_UOM].fill_null("")),
        minutes.to_numpy(),
    )
    return found if before is None else _after(before, found)


def _after(before: Streams, found: Streams) -> Streams:
    def join(old: Coded, new: Coded) -> Coded:
        return Coded.of(pa.concat_arrays([old.array(), new.array()]).fill_null(""))

    return Streams(
        np.append(before.line, found.line),
        join(before.meter, found.meter),
        join(before.suffix, found.suffix),
        join(before.unit, found.unit),
        np.append(before.minutes, found.minutes),
    )


def _reject_days(
    lines: Lines,
    days: Longs,
    owner: Longs,
    fields: Longs,
    values: Longs,
    complete: Flags,
    rejects: Rejects,
) -> None:
    """300 records that belong to no 200 record, or whose interval length or number of fields is impossible."""
    fits = values > 0
    for rule, bad, reason in (
        ("B12", owner < 0, "a 300 record before any 200 record"),
        ("B09", (owner >= 0) & ~fits, "the 200 record's interval length divides no day into 5, 10, 15, 30 or 60 min"),
        ("B01", fits & ~complete, "a 300 record whose number of fields does not fit its interval length"),
    ):
        rows = np.flatnonzero(bad)
        reads = np.maximum(fields[rows] - 7, 0)  # as many as a whole record of so many fields holds
        rejects.delivered += int(reads.sum())
        rejects.add(rule, lines.number[days[rows]], reason, lines.texts(days[rows]), reads)


def _days(
    lines: Lines,
    rows: Longs,
    values: int,
    fields: int,
    streams: Streams,
    owner: Longs,
    delivery: Delivery,
    rejects: Rejects,
    *,
    lenient: bool,
) -> Runs:
    """Runs of 300 records that all have ``values`` values and ``fields`` fields."""
    source = delivery.source
    table = _parsed(lines.joined(rows), values, fields, lenient=lenient)
    value = np.empty((len(rows), values))
    bad_value = np.zeros((len(rows), values), bool)
    for slot in range(values):
        value[:, slot], bad_value[:, slot] = numbers(table.column(f"v{slot}").combine_chunks())
    rejects.delivered += int((~np.isnan(value)).sum() + bad_value.sum())
    start, _, bad_day = day_starts(_column(table, "IntervalDate"), source.time.zone, "%Y%m%d")
    version, bad_version = _versions(table, delivery)
    rule = np.select([bad_day, bad_version], ["B04", "B11"], "")
    reads = (~np.isnan(value)).sum(axis=1) + bad_value.sum(axis=1)
    for name, reason in (
        ("B04", "IntervalDate is no date CCYYMMDD"),
        ("B11", "UpdateDateTime is no time CCYYMMDDhhmmss"),
    ):
        bad = np.flatnonzero(rule == name)
        rejects.add(name, lines.number[rows[bad]], reason, lines.texts(rows[bad]), reads[bad])
    cells = bad_value.sum(axis=1) * (rule == "")
    bad = np.flatnonzero(cells)
    if len(bad):
        reasons = [f"{count} value(s) are no numbers, first interval {slot + 1}" for count, slot in
                   zip(cells[bad], bad_value[bad].argmax(axis=1), strict=True)]  # fmt: skip
        rejects.add("B03", lines.number[rows[bad]], pa.array(reasons), lines.texts(rows[bad]), cells[bad])
    kept = np.flatnonzero(rule == "")
    quality, last_line = _quality(
        lines, rows[kept], Coded.of(_column(table, "QualityMethod")).take(kept), values, rejects
    )
    return Runs(
        meter=streams.meter.take(owner[kept]),
        register=streams.suffix.take(owner[kept]),
        unit=streams.unit.take(owner[kept]),
        minutes=streams.minutes[owner[kept]],
        start_us=start[kept],
        first_line=lines.number[rows[kept]],
        last_line=last_line,
        version=version[kept],
        offsets=np.arange(len(kept) + 1) * values,
        value=(value if len(kept) == len(rows) else value[kept]).ravel(),
        quality=quality,
    )


def _parsed(text: bytes, values: int, fields: int, *, lenient: bool) -> pa.Table:
    names = ["kind", "IntervalDate", *(f"v{slot}" for slot in range(values)), *_AFTER_VALUES[: fields - values - 2]]
    kind = pa.string() if lenient else pa.float64()
    types = {name: kind if name.startswith("v") else CODES for name in names}
    try:
        return pa_csv.read_csv(
            io.BytesIO(text),
            read_options=pa_csv.ReadOptions(column_names=names),
            parse_options=pa_csv.ParseOptions(quote_char=False),
            convert_options=pa_csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True),
        )
    except pa.ArrowInvalid as fault:
        if lenient:
            raise UnreadableError(f"the text cannot be read: {fault}; ASCII or UTF-8 is needed") from fault
        raise


def _column(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(table.num_rows, pa.string())
    column = table.column(name).unify_dictionaries().combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def _versions(table: pa.Table, delivery: Delivery) -> tuple[Longs, Flags]:
    if delivery.source.version.by != "update_time":
        return np.full(table.num_rows, delivery.file_version()), np.zeros(table.num_rows, bool)
    updated = _column(table, "UpdateDateTime")
    blank = updated.is_null().to_numpy(zero_copy_only=False)
    instants = parse_instants(updated, delivery.source.time.zone, "%Y%m%d%H%M%S")
    return np.where(blank, 0, instants.utc_us), instants.bad & ~blank


def _quality(lines: Lines, days: Longs, code: Coded, values: int, rejects: Rejects) -> tuple[Coded, Longs]:
    """Quality of each value, from its 300 record or, where that says V, from the 400 records after it; last lines."""
    last_line = lines.number[days].copy()
    by_value = np.repeat(code.code, values)
    names = list(code.names)
    events = np.flatnonzero(lines.kind == 400)
    is_variable = np.array([*(name[:1] == "V" for name in names), False])[code.code]
    before = np.maximum.accumulate(np.where(lines.kind == 300, np.arange(len(lines.kind)), -1))[events]
    position = np.searchsorted(days, before)
    ours = (
        (position < len(days)) & (days[np.minimum(position, max(len(days) - 1, 0))] == before)
        if len(days)
        else before < -1
    )
    events, position = events[ours], position[ours]
    if len(events) == 0:
        return Coded(by_value, names), last_line
    np.maximum.at(last_line, position, lines.number[events])
    split = pc.list_slice(pc.split_pattern(lines.texts(events), ","), 0, 6, return_fixed_size_list=True).flatten()
    first, last, method = (
        split.take(pa.array(np.arange(len(events)) * 6 + field)).fill_null("") for field in (1, 2, 3)
    )
    first, last = (
        pc.if_else(pc.match_substring_regex(one, r"^\d{1,3}$"), one, "0").cast(pa.int64()).to_numpy()
        for one in (first, last)
    )
    fits = (first >= 1) & (last <= values) & (first <= last) & is_variable[position]
    bad = events[~fits]
    reason = "a 400 record whose intervals are not in its day, or whose 300 record is not of quality V"
    rejects.add("B12", lines.number[bad], reason, lines.texts(bad), 0)
    first, last, position = first[fits], last[fits], position[fits]
    coded = Coded.of(method.filter(pa.array(fits)))
    length = last - first + 1
    begin = position * values + first - 1
    at = np.repeat(begin - (np.cumsum(length) - length), length) + np.arange(length.sum())
    by_value[at] = np.repeat(np.where(coded.code < 0, -1, coded.code + len(names)), length)
    return Coded(by_value, [*names, *coded.names]), last_line
