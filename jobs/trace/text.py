"""A trace as text, for people: from the structure alone, in the order in which things happened."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from string import ascii_uppercase
from zoneinfo import ZoneInfo

from jobs.trace import words
from jobs.trace.structure import AssetTrace, ChannelDay, GoldRow, Record, Row, UsagePointTrace


def text_lines(trace: UsagePointTrace | AssetTrace) -> Iterator[str]:
    """The trace, line by line."""
    return usage_point_lines(trace) if isinstance(trace, UsagePointTrace) else asset_lines(trace)


def usage_point_lines(trace: UsagePointTrace) -> Iterator[str]:
    """The trace of a usage point's day."""
    yield f"Usage point {words.identity(trace.usage_point)}"
    yield (
        f"grid day {trace.grid_date}, {words.instant(trace.start_utc)} to {words.instant(trace.end_utc)}; "
        f"{words.head(trace.lake, trace.release)}"
    )
    yield ""
    yield "What is known of it"
    for row in trace.master_data:
        yield from _row(row)
    yield ""
    yield "Where it hung that day"
    yield from (
        _row(trace.place) if trace.place else ["  nowhere: silver.connectivity has no place of it at the day's start"]
    )
    labels = [_label(number) for number in range(len(trace.records))]
    yield ""
    yield f"Records received: {len(trace.records)}"
    for label, record in zip(labels, trace.records, strict=True):
        yield from _record(label, record)
    for refused in trace.refused:
        yield f"  refused {refused.rule_id} ({refused.reads} reads): {refused.reason}; {words.place(refused.delivered)}"
    channels = {record.channel for record in trace.records} | {one.channel for one in trace.channels}
    made = {one.channel: one for one in trace.channels}
    for channel in sorted(channels):
        yield ""
        of_channel = [(label, one) for label, one in zip(labels, trace.records, strict=True) if one.channel == channel]
        yield from _channel(channel, made.get(channel), of_channel, ZoneInfo(trace.zone))
    yield ""
    yield "Rows of gold that rest on the day"
    for gold in trace.went_into:
        yield from _gold(gold)
    yield ""
    yield from words.made(trace.made_by)
    yield from words.remarks(trace.remarks)


def asset_lines(trace: AssetTrace) -> Iterator[str]:
    """The trace of a unit."""
    yield f"Unit {words.identity(trace.asset)}"
    yield words.head(trace.lake, trace.release)
    sections: dict[str, list[Row]] = {
        "What it is": [trace.unit],
        "Where it stood": [*trace.stood, *trace.positions],
        "What happened to it": trace.events,
        "What else is recorded of it": trace.recorded,
    }
    for title, rows in sections.items():
        if rows:
            yield ""
            yield title
            for row in rows:
                yield from _row(row)
    computed = {
        "What it bore": trace.load,
        "What it loses and costs, and what to do": trace.costs,
        "What else is computed of it": trace.judged,
    }
    for title, gold in computed.items():
        if gold:
            yield ""
            yield title
            for one in gold:
                yield from _gold(one)
    if trace.prices:
        yield ""
        yield "Unit costs it was costed by"
        for row in trace.prices:
            yield from _row(row)
    if trace.files:
        yield ""
        yield "Files behind what all costs rest on"
        yield from (f"  {name}: {words.places(found)}" for name, found in trace.files.items())
    if trace.usage_points:
        yield ""
        yield f"Usage points on its position: {len(trace.usage_points)}"
        yield "  " + ", ".join(one.source_id for one in trace.usage_points)
    yield ""
    yield from words.made(trace.made_by)
    yield from words.remarks(trace.remarks)


def _label(number: int) -> str:
    """A, B, … Z, A1, B1, …"""
    turn, letter = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[letter] + (str(turn) if turn else "")


def _row(row: Row) -> Iterator[str]:
    yield f"  {row.table}: {words.values(row.values)}"
    if row.delivered_in:
        yield f"    from {words.places(row.delivered_in)}"


def _record(label: str, record: Record) -> Iterator[str]:
    outcomes = Counter(read.outcome for read in record.reads)
    yield f"  {label}  {words.place(record.delivered)}"
    nowhere = "" if record.usage_point_id else ", which stood nowhere then"
    yield (
        f"     meter {words.identity(record.meter)}{nowhere}, register '{record.register}', {record.channel}, version "
        f"{words.version(record.version)}, arrived {words.instant(record.arrived_utc)}"
    )
    yield (
        f"     {record.interval_minutes} min in {record.unit}, x {words.said(record.unit_factor)} x multiplier "
        f"{words.said(record.multiplier)}; {', '.join(f'{count} {name}' for name, count in sorted(outcomes.items()))}"
    )


def _channel(channel: str, made: ChannelDay | None, records: list[tuple[str, Record]], zone: ZoneInfo) -> Iterator[str]:
    yield f"Channel {channel}" + (
        f": {made.energy:,} {made.unit}, {made.received_intervals} of {len(made.intervals)} intervals received, "
        f"rounding moved {words.said(made.rounding)} {made.unit}, rule set {made.rule_set_version}"
        if made
        else ": no block of it is built"
    )
    for finding in made.findings if made else ():
        yield (
            f"  found {finding.rule_id} at slot {finding.first_slot}, {finding.slots} long: "
            f"{words.said(finding.measured)} against {words.said(finding.threshold)} ({finding.measures}); "
            f"{finding.disposition}: {finding.done}"
        )
        yield f"    {finding.rule}"
    if made and made.not_run:
        yield "  not run: " + ", ".join(f"{one.rule_id} (needs {one.needs})" for one in made.not_run)
    cells: dict[datetime, list[str]] = defaultdict(list)
    for label, record in records:
        for read in record.reads:
            where = f"{label}:{read.line or '?'}"
            outcome = read.outcome if read.rule_id is None else f"{read.outcome} {read.rule_id}"
            marks = [read.quality or "", "estimated by source" if read.source_estimated else "", outcome]
            value = "none" if read.value is None else f"{read.value:.15g} {record.unit}"
            cells[read.start_utc].append(" ".join([where, value, *filter(None, marks)]))
    rows = [["slot", "local", "came", "reading", "quality", "rules", "reads (record:line value outcome)"]]
    intervals = {one.start_utc: one for one in made.intervals} if made else {}
    for start in sorted({*intervals, *cells}):
        one = intervals.get(start)
        reads = "; ".join(cells.get(start, []))
        local = f"{start.astimezone(zone):%m-%d %H:%M}"
        if one is None:
            rows.append(["", local, "", "", "", "", reads])
        else:
            came, reading = ("-" if value is None else str(value) for value in (one.received, one.reading))
            rows.append(
                [
                    str(one.slot),
                    local,
                    came,
                    reading + ("*" if one.replaced else ""),
                    one.quality,
                    " ".join(one.rule_ids),
                    reads,
                ]
            )
    yield from words.aligned(rows)


def _gold(row: GoldRow) -> Iterator[str]:
    yield f"  {row.table} v{row.version}: {', '.join(words.named(name, value) for name, value in row.key.items())}"
    own = row.contribution or {}
    for name, value in row.values.items():
        if name in own:
            yield f"    {words.named(name, value)}; of this usage point {words.said(own[name])}"
        elif value is not None:
            yield f"    {words.named(name, value)}"
