"""Entity files: delimited text or Parquet, one record a row, its columns mapped to an entity's by the source's YAML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DataType, TimestampType

from jobs.bronze.entity import ENTITIES, SILVER_BY_NAME
from jobs.errors import first_line
from jobs.identity import HASHED
from jobs.protected.personal_record import PERSONAL_RECORD
from jobs.sources.attributes import attribute_cells, attribute_column, attribute_columns
from jobs.sources.cells import Cells, clock_instants, converted, given_cells
from jobs.sources.declaration import Source
from jobs.sources.delivery import Delivery, Flags, Identities, Longs, Rejects, UnreadableError
from jobs.sources.instants import Instants, parse_instants
from jobs.sources.records import as_json, record_batches, texts
from jobs.sources.repeated_hour import RepeatedHour
from jobs.sources.versions import record_versions

EVENTS = (
    "valid_from_utc", "occurred_at_utc", "inspected_at_utc", "sampled_at_utc", "received_at_utc", "read_at_utc",
    "issue_time_utc", "hour_utc", "interval_start_utc", "booked_on", "balance_date",
)  # fmt: skip
"""Columns whose time the source's lag counts from, the first that is delivered."""

SERIES = ("hour_utc", "interval_start_utc")
"""Columns of which a file holds one time after another: there the order tells the passes of a repeated hour apart."""

REASONS = {
    "B21": "'{name}' is empty; a value is needed",
    "B22": "'{name}' is not {kind}",
    "B23": "'{name}' holds a code that is not declared",
    "B24": "'{name}' is outside {low} to {high}",
    "B11": "the version cannot be parsed",
}


@dataclass
class EntityRows:
    """What one file of an entity source became."""

    rows: pa.Table
    personal: pa.Table


@cache
def entity_schema(entity: str) -> pa.Schema:
    return to_arrow_schema(ENTITIES[entity].schema, timezone="UTC").remove_metadata()


@cache
def personal_schema() -> pa.Schema:
    return to_arrow_schema(PERSONAL_RECORD.schema, timezone="UTC").remove_metadata()


def read_entity_file(delivery: Delivery, identities: Identities, rejects: Rejects) -> EntityRows:
    """Rows of the bronze table of the source's entity, and the personal values that lie in ``protected`` only.

    Of the hour that a wall clock shows twice, hours of weather and intervals of prices are told by the source's
    summer-time column or by their order. A time of another kind is told by that column where it is the record's own
    (the first of `EVENTS`), else taken as of the first pass and counted; a time of recording as of the second, for
    nothing is known before it was recorded.

    Raises
    ------
    UnreadableError
        The file cannot be read as a whole.
    """
    source = delivery.source
    mapped = (*source.columns.values(), *source.attributes.values())
    used = set().union(*(field.used for field in mapped))
    beside = (source.known_from, source.version.column, source.time.summer_time_column, source.time.zone_column)
    used |= {*source.personal, *filter(None, beside)}
    types = dict.fromkeys(sorted(used), pa.string())
    hour = RepeatedHour()
    rows, personal = [entity_schema(source.target).empty_table()], [personal_schema().empty_table()]
    try:
        for batch, lines in record_batches(delivery, types, rejects, lenient=True, reads=0):
            part, good = _entity_rows(batch, lines, delivery, identities, rejects, hour)
            rows.append(part)
            personal.append(_personal(batch.filter(pa.array(good)), part, delivery))
    except (pa.ArrowInvalid, UnicodeDecodeError, EOFError, OSError) as fault:
        raise UnreadableError(f"not {source.container} as declared: {first_line(fault)}") from fault
    rejects.taken_as_first += hour.taken_as_first()
    return EntityRows(pa.concat_tables(rows), pa.concat_tables(personal))


def _entity_rows(
    batch: pa.RecordBatch,
    lines: Longs,
    delivery: Delivery,
    identities: Identities,
    rejects: Rejects,
    repeated: RepeatedHour,
) -> tuple[pa.Table, Flags]:
    source = delivery.source
    table = ENTITIES[source.target]
    required = {column.name for column in SILVER_BY_NAME[source.target].columns if not column.nullable}
    count = batch.num_rows
    cells_by_name = dict(zip(batch.schema.names, batch.columns, strict=True))
    clock = cells_by_name.get(source.time.zone_column)
    columns: dict[str, pa.Array] = {}
    broken: list[tuple[str, str, Flags]] = []
    for name, how in source.columns.items():
        column = table.column(name)
        hour = batch[how.hour] if how.hour is not None else None
        pass_of = partial(_told, name=name, batch=batch, source=source, repeated=repeated)
        given = given_cells(how, cells_by_name, count)
        cells = converted(given, column, how, source, hour=hour, clock=clock, pass_of=pass_of)
        broken += [(rule, name, cells.rule == rule) for rule in ("B22", "B23", "B24")]
        if name in required:
            broken.append(("B21", name, cells.value.is_null().to_numpy(zero_copy_only=False) & (cells.rule == "")))
        columns[name] = _identified(name, cells, source, identities)
    further, repaired = attribute_cells(source, cells_by_name, count)
    broken += [(rule, name, cells.rule == rule) for name, cells in further.items() for rule in ("B22", "B23", "B24")]
    version, bad_version = record_versions(batch, delivery)
    broken.append(("B11", "version", bad_version))
    known, basis, bad_known = _known_from(batch, columns, delivery)
    broken.append(("B22", str(source.known_from), bad_known))
    good = np.ones(count, bool)
    for rule, name, bad in broken:
        at = np.flatnonzero(bad & good)
        if len(at):
            limits = table.column(name) if name in table.column_names else None
            if limits is None and name in further:
                limits = attribute_column(name, source.attributes[name])
            kind = _kind(limits.type, source) if limits is not None else "a time"
            reason = REASONS[rule].format(
                name=name, kind=kind, low=limits and limits.minimum, high=limits and limits.maximum
            )
            rejects.add(rule, lines[at], reason, as_json(batch, at), 0)
            good[at] = False
    columns |= attribute_columns(source, further, repaired)
    columns |= {
        "file_id": pa.array([delivery.file_id] * count),
        "first_line": pa.array(lines),
        "version": pa.array(version),
        "known_from_utc": known,
        "known_from_basis": basis,
        "source": pa.array([source.name] * count),
        "synthetic": pa.array([source.synthetic] * count),
    }
    schema = entity_schema(source.target)
    arrays = [columns.get(field.name, pa.nulls(count, field.type)).filter(pa.array(good)) for field in schema]
    return pa.table([array.cast(field.type) for array, field in zip(arrays, schema, strict=True)], schema=schema), good


def _told(
    written: pa.Array, times: Instants, *, name: str, batch: pa.RecordBatch, source: Source, repeated: RepeatedHour
) -> Instants:
    """The instants of a column: which pass of a repeated hour each time is of."""
    own = next((one for one in (*SERIES, *EVENTS) if one in source.columns), None)
    if name == own and source.time.summer_time_column is not None:
        return repeated.by_column(times, batch[source.time.summer_time_column])
    if name not in SERIES:
        return repeated.by_nothing(times)
    beside = [
        how.column for key in SILVER_BY_NAME[source.target].key if (how := source.columns.get(key)) and key != name
    ]
    same = [batch[one] for one in (*beside, source.version.column) if one is not None]
    return repeated.by_order(times, [*same, written])


def _kind(of: DataType, source: Source) -> str:
    if not isinstance(of, TimestampType):
        return of.simpleString()
    whose = source.time.zone if source.time.zone_column is None else f"the record's '{source.time.zone_column}'"
    return f"a time that the clock of {whose} shows"


def _identified(name: str, cells: Cells, source: Source, identities: Identities) -> pa.Array:
    """Ids that must not be seen as their hashes; other ids of a declared namespace with its name before them."""
    namespace = source.namespaces.get(name)
    if namespace is None:
        return cells.value
    if name not in HASHED:
        return pc.binary_join_element_wise(pa.scalar(namespace), cells.value, ":")
    coded = cells.value.dictionary_encode()
    hashed = [identities.hashed(name, namespace, given) for given in coded.dictionary.to_pylist()]
    return pa.array(hashed, pa.string()).take(coded.indices)


def _known_from(
    batch: pa.RecordBatch, columns: dict[str, pa.Array], delivery: Delivery
) -> tuple[pa.Array, pa.Array, Flags]:
    """When each row could be known, where that comes from, and delivered times that cannot be parsed."""
    source = delivery.source
    count = batch.num_rows
    known = np.full(count, delivery.arrived_us)
    basis = np.full(count, "arrival", dtype=object)
    bad = np.zeros(count, bool)
    event = next((name for name in EVENTS if name in columns), None)
    if source.lag is not None and event is not None:
        instants = parse_instants(columns[event], source.time.zone)
        known = np.where(instants.bad, known, instants.utc_us + round(source.lag.total_seconds() * 1e6))
        basis[~instants.bad] = "lag"
    if source.known_from is not None:
        given = (
            texts(batch[source.known_from])
            if pa.types.is_string(batch[source.known_from].type)
            else batch[source.known_from]
        )
        clock = batch[source.time.zone_column] if source.time.zone_column is not None else None
        instants = clock_instants(given, clock, source, source.time.format)
        bad = instants.bad & given.is_valid().to_numpy(zero_copy_only=False)
        known = np.where(instants.bad, known, instants.later_us)
        basis[~instants.bad] = "delivered"
    return pa.array(known).cast(pa.timestamp("us", "UTC")), pa.array(basis, pa.string()), bad


def _personal(batch: pa.RecordBatch, rows: pa.Table, delivery: Delivery) -> pa.Table:
    """The personal columns of the rows kept, value by value."""
    source = delivery.source
    named = ("customer_id", *SILVER_BY_NAME[source.target].key)
    owner = next((name for name in named if name in source.columns and name in HASHED), None)
    parts = [personal_schema().empty_table()]
    for field in source.personal:
        value = texts(batch[field])
        ids = rows[owner].combine_chunks() if owner else pa.nulls(len(value), pa.string())
        part = [
            rows["file_id"],
            rows["source"],
            rows["first_line"],
            ids,
            pa.array([field] * len(value), pa.string()),
            value,
        ]
        parts.append(pa.table(part, schema=personal_schema()).filter(value.is_valid()))
    return pa.concat_tables(parts)
