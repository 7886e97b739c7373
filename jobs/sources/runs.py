"""Runs of equal intervals, as a reader finds them -> rows of bronze.interval_block."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql.pandas.types import to_arrow_schema

from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.sources.declaration import Register, Source
from jobs.sources.delivery import Delivery, Flags, Identities, Longs, Rejects
from jobs.sources.instants import DAY_US
from jobs.sources.units import interval_factor

MINUTE_US = 60_000_000
MINUTES = (5, 10, 15, 30, 60)

_FUTURE = "the interval that starts {start_utc} UTC ends after its file came; reads of the past are needed"

NEM12_QUALITY = {"A": "valid", "E": "estimated", "F": "estimated", "S": "estimated", "N": "missing"}
"""Source: AEMO, Meter Data File Format Specification NEM12 & NEM13 v2.5, appendix C (quality flags)."""


class Coded(NamedTuple):
    """Texts, each said once: ``names[code]``; a code below 0 is an empty text."""

    code: npt.NDArray[np.int32]
    names: Sequence[str]

    @classmethod
    def of(cls, column: pa.Array) -> Coded:
        """The codes of a column of texts, outer blanks removed."""
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        code = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
        names = [name.strip() for name in column.dictionary.to_pylist()]
        merged = {name: number for number, name in enumerate(dict.fromkeys(name for name in names if name))}
        renumbered = np.array([*(merged.get(name, -1) for name in names), -1], np.int32)
        return cls(renumbered[code], list(merged))

    @classmethod
    def same(cls, name: str, rows: int) -> Coded:
        return cls(np.zeros(rows, np.int32), [name])

    def take(self, index: npt.NDArray[np.integer]) -> Coded:
        return Coded(self.code[index], self.names)

    def array(self) -> pa.Array:
        return pa.array([*self.names, None], pa.string()).take(
            pa.array(np.where(self.code < 0, len(self.names), self.code))
        )


@dataclass
class Runs:
    """Runs of equal intervals: one entry a run, ``value`` (and ``quality``) run after run from ``offsets``.

    Parameters
    ----------
    unit
        As the file says it; None where each register's declaration says it.
    value
        In the source's unit; NaN where none came.
    quality
        Code of each value; None where the source delivers none.
    """

    meter: Coded
    register: Coded
    unit: Coded | None
    minutes: npt.NDArray[np.int32]
    start_us: Longs
    first_line: Longs
    last_line: Longs
    version: Longs
    offsets: Longs
    value: npt.NDArray[np.float64]
    quality: Coded | None = None

    @property
    def slots(self) -> Longs:
        return np.diff(self.offsets)

    def reads(self) -> Longs:
        """Values that came, in each run."""
        return _sums(~np.isnan(self.value), self.offsets)


@cache
def bronze_schema() -> pa.Schema:
    return to_arrow_schema(BRONZE_INTERVAL_BLOCK.schema, timezone="UTC").remove_metadata()


def interval_blocks(runs: Runs, delivery: Delivery, identities: Identities, rejects: Rejects) -> pa.RecordBatch:
    """Rows of bronze.interval_block; runs and values that break a rule go to ``rejects`` instead."""
    source = delivery.source
    estimated = _judge_quality(runs, source, rejects)
    channels = [register_of(name, source) for name in runs.register.names]
    # (register, unit, interval length) -> channel, unit, factor: a handful of combinations, looked at once each.
    unit_code = runs.unit.code if runs.unit is not None else np.zeros(len(runs.start_us), np.int32)
    units_named, minutes = len(runs.unit.names) if runs.unit is not None else 0, runs.minutes.astype(np.int64)
    number = (runs.register.code.astype(np.int64) * (units_named + 1) + unit_code) * (
        minutes.max(initial=0) + 1
    ) + minutes
    _, first, which = np.unique(number, return_index=True, return_inverse=True)
    combos = np.stack([runs.register.code, unit_code, runs.minutes], axis=1)[first]
    units, factors, rules = _measures(runs, combos.tolist(), channels)
    rule = np.array([*rules, "B02"])[np.where(runs.meter.code < 0, len(rules), which.ravel())]
    known = _known(runs, delivery)
    rule[(rule == "") & (known == 0)] = "B13"
    _reject_runs(runs, rule, rejects)
    _reject_future(runs, np.where(rule == "", known, runs.slots), rejects)

    namespace = source.namespaces["meter_id"]
    meter_ids = [identities.hashed("meter_id", namespace, name) for name in runs.meter.names]
    rows = len(runs.start_us)
    grid = runs.start_us + delivery.grid_offset_us
    last = grid + (runs.slots - 1) * runs.minutes * MINUTE_US
    kept = {
        "file_id": pa.repeat(delivery.file_id, rows),
        "received_date": pa.repeat(np.datetime64(delivery.arrived_us, "us").astype("datetime64[D]").item(), rows),
        "source": pa.repeat(source.name, rows),
        "first_line": runs.first_line,
        "last_line": runs.last_line,
        "meter_id": Coded(runs.meter.code, meter_ids).array(),
        "register": runs.register.array().fill_null(""),
        "channel": pa.array([c and c.channel for c in channels] or [None], pa.string()).take(
            pa.array(np.maximum(runs.register.code, 0))
        ),
        "source_unit": pa.array(units, pa.string()).take(pa.array(which.ravel())),
        "unit_factor": np.array(factors)[which.ravel()],
        "start_utc": pa.array(runs.start_us).cast(pa.timestamp("us", "UTC")),
        "interval_minutes": runs.minutes,
        "value": _lists(runs.offsets, pa.array(runs.value)),
        "quality": _quality_runs(runs),
        "source_estimated": _estimated(estimated, runs.offsets),
        "first_grid_date": pa.array((grid // DAY_US).astype(np.int32)).cast(pa.date32()),
        "last_grid_date": pa.array((last // DAY_US).astype(np.int32)).cast(pa.date32()),
        "version": runs.version,
    }
    schema = bronze_schema()
    good = rule == ""
    columns = [column if isinstance(column, pa.Array) else pa.array(column) for column in kept.values()]
    if not good.all():
        columns = [column.filter(pa.array(good)) for column in columns]
    arrays = [column.cast(field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def register_of(name: str, source: Source) -> Register | None:
    """What a register measures; a NEM12 suffix that is not declared goes by its first letter."""
    assert source.readings is not None
    registers = source.readings.registers
    return registers.get(name) or (registers.get(name[:1]) if source.format == "nem12" else None)


def _measures(
    runs: Runs, combos: list[list[int]], channels: list[Register | None]
) -> tuple[list[str], list[float], list[str]]:
    """Unit, factor and broken rule ('' for none) of each combination of register, unit and interval length."""
    units, factors, rules = [], [], []
    for register_code, unit_code, minutes in combos:
        register = channels[register_code] if register_code >= 0 else None
        unit = (register.unit if register is not None else None) or ""
        if runs.unit is not None and unit_code >= 0:
            unit = runs.unit.names[unit_code]
        factor = None if register is None else interval_factor(unit, register.channel, minutes)
        units.append(unit)
        factors.append((factor or 0.0) * (register.sign if register is not None else 1))
        rules.append(
            "B06" if register is None else "B09" if minutes not in MINUTES else "B07" if factor is None else ""
        )
    return units, factors, rules


def _reject_runs(runs: Runs, rule: np.ndarray, rejects: Rejects) -> None:
    """Reject whole runs, each as one record with its values."""
    bad = np.flatnonzero(rule != "")
    if len(bad) == 0:
        return
    reads = runs.reads()[bad]
    found = {
        "B02": "the meter's number is empty",
        "B06": "register '{register}' is not declared in the source's registers",
        "B07": "unit '{unit}' is unknown, or does not measure what register '{register}' is declared to",
        "B09": "interval length {minutes} min; 5, 10, 15, 30 or 60 is needed",
        "B13": _FUTURE,
    }
    facts = _facts(runs, bad)
    reasons = [found[str(name)].format(**one) for name, one in zip(rule[bad], facts, strict=True)]
    records = [json.dumps(one, ensure_ascii=False) for one in facts]
    for name in np.unique(rule[bad]):
        of = np.flatnonzero(rule[bad] == name)
        index = pa.array(of)
        rejects.add(
            str(name), runs.first_line[bad[of]], pa.array(reasons).take(index), pa.array(records).take(index), reads[of]
        )


def _known(runs: Runs, delivery: Delivery) -> Longs:
    """How many intervals of each run end no later than the file came, and the tolerance."""
    until = delivery.arrived_us + delivery.future_us
    known: Longs = np.clip((until - runs.start_us) // np.maximum(runs.minutes * np.int64(MINUTE_US), 1), 0, runs.slots)
    return known


def _reject_future(runs: Runs, known: Longs, rejects: Rejects) -> None:
    """Reject the reads after the first ``known`` of each run, as one record: in their run none came then."""
    late = np.flatnonzero(known < runs.slots)
    if len(late) == 0:
        return
    beyond = np.arange(len(runs.value)) - np.repeat(runs.offsets[:-1] + known, runs.slots) >= 0
    reads = _sums(beyond & ~np.isnan(runs.value), runs.offsets)[late]
    late, reads = late[reads > 0], reads[reads > 0]
    facts = _facts(runs, late, known[late])
    records = pa.array([json.dumps(one, ensure_ascii=False) for one in facts], pa.string())
    reasons = pa.array([_FUTURE.format(**one) for one in facts], pa.string())
    rejects.add("B13", runs.first_line[late], reasons, records, reads)
    runs.value = np.where(beyond, np.nan, runs.value)


def _facts(runs: Runs, chosen: Longs, first: Longs | None = None) -> list[dict[str, Any]]:
    """What the chosen runs say, to be kept with their rejection, each from its value number ``first`` on."""
    few = {name: getattr(runs, name).take(chosen).array().to_pylist() for name in ("meter", "register")}
    unit = runs.unit.take(chosen).array().to_pylist() if runs.unit is not None else [None] * len(chosen)
    skipped = np.zeros(len(chosen), np.int64) if first is None else first
    return [
        {
            "meter": few["meter"][position],
            "register": few["register"][position] or "",
            "unit": unit[position],
            "minutes": int(runs.minutes[run]),
            "start_utc": str(np.datetime64(int(runs.start_us[run] + skip * int(runs.minutes[run]) * MINUTE_US), "us")),
            "values": [
                None if value != value else value
                for value in runs.value[runs.offsets[run] + skip : runs.offsets[run + 1]].tolist()
            ],
        }
        for position, (run, skip) in enumerate(zip(chosen.tolist(), skipped.tolist(), strict=True))
    ]


def _judge_quality(runs: Runs, source: Source, rejects: Rejects) -> Flags | None:
    """Where the source marks values as estimated; values it marks as missing, or with an unknown code, become NaN."""
    if runs.quality is None:
        return None
    assert source.readings is not None
    declared = source.readings.quality_codes
    builtin = NEM12_QUALITY if source.format == "nem12" else {}
    meaning = [
        declared.get(n) or declared.get(n[:1] if builtin else n) or builtin.get(n[:1]) for n in runs.quality.names
    ]
    lookup = np.array([*(meant or "unknown" for meant in meaning), "valid"])  # the last: no code came
    of_value = runs.quality.code

    def marked(kind: str) -> Flags:
        flags: Flags = (lookup == kind)[of_value]
        return flags

    unknown = marked("unknown") & ~np.isnan(runs.value)
    if unknown.any():
        counts = _sums(unknown, runs.offsets)
        rows = np.flatnonzero(counts)
        first = np.searchsorted(np.flatnonzero(unknown), runs.offsets[rows])
        at = np.flatnonzero(unknown)[first]
        codes = runs.quality.take(at).array()
        reasons = pc.binary_join_element_wise("quality code '", codes, "' is not declared in quality_codes", "")
        values = pa.array(runs.value[at]).cast(pa.string())
        records = pc.binary_join_element_wise('{"quality": "', codes, '", "first_value": ', values, "}", "")
        rejects.add("B08", runs.first_line[rows], reasons, records, counts[rows])
    missing = marked("missing")
    rejects.delivered -= int((missing & ~np.isnan(runs.value)).sum())  # no reading came, by the source's own word
    gone = missing | unknown
    if gone.any():
        runs.value = np.where(gone, np.nan, runs.value)
    return marked("estimated")


def _quality_runs(runs: Runs) -> pa.Array:
    """Runs of equal quality codes within each run of intervals; values without a code are in none."""
    kind = bronze_schema().field("quality").type
    if runs.quality is None:
        return _lists(np.zeros(len(runs.offsets), np.int64), pa.array([], kind.value_type))
    code = runs.quality.code
    begins = np.ones(len(code), bool)
    begins[1:] = code[1:] != code[:-1]
    begins[runs.offsets[:-1][runs.slots > 0]] = True
    first = np.flatnonzero(begins)
    length = np.diff(np.append(first, len(code)))
    coded = code[first] >= 0
    first, length = first[coded], length[coded]
    owner = np.searchsorted(runs.offsets, first, side="right") - 1
    parts = [
        pa.array((first - runs.offsets[owner]).astype(np.int32)),
        pa.array(length.astype(np.int32)),
        runs.quality.take(first).array(),
    ]
    structs = pa.StructArray.from_arrays(parts, fields=list(kind.value_type))
    return _lists(np.searchsorted(first, runs.offsets), structs)


def _estimated(estimated: Flags | None, offsets: Longs) -> pa.Array:
    """All flags of a run that has an estimated value, none of a run that has not."""
    if estimated is None or not estimated.any():
        return _lists(np.zeros(len(offsets), np.int64), pa.array([], pa.bool_()))
    slots = np.diff(offsets)
    some = _sums(estimated, offsets) > 0
    flags = pa.array(estimated[np.repeat(some, slots)])
    return _lists(np.concatenate([[0], np.cumsum(np.where(some, slots, 0))]), flags)


def _sums(flags: Flags, offsets: Longs) -> Longs:
    """How many flags are set in each run."""
    total = np.concatenate([[0], np.cumsum(flags, dtype=np.int64)])
    sums: Longs = total[offsets[1:]] - total[offsets[:-1]]
    return sums


def _lists(offsets: Longs, values: pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)
