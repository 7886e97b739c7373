"""Delimited text and Parquet as batches of records with their lines; cells as numbers and texts."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from jobs.errors import first_keys
from jobs.sources.delivery import Delivery, Flags, Longs, Rejects, UnreadableError

CODES = pa.dictionary(pa.int32(), pa.string())
"""Type to read a column of few distinct texts as: each is then looked at once."""

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_BLOCK_BYTES = 1 << 23


def record_batches(
    delivery: Delivery, types: Mapping[str, pa.DataType], rejects: Rejects, *, lenient: bool, reads: int
) -> Iterator[tuple[pa.RecordBatch, Longs]]:
    """Batches of the columns ``types``, each with the lines of its records; blank lines are no records.

    Parameters
    ----------
    types
        Column of the file -> type to read it as. Parquet keeps the types it has.
    lenient
        Every column that is not a dictionary is read as text, and records with another number of fields are
        rejected (B01, ``reads`` channel-intervals each). Otherwise the first such thing raises ``ArrowInvalid``.

    Raises
    ------
    UnreadableError
        The file is empty, cut short, not of its format or encoding, or lacks a column.
    """
    if Path(delivery.path).stat().st_size == 0:
        raise UnreadableError("the file is empty; a header and records are needed")
    if delivery.source.container == "parquet":
        yield from _parquet_batches(delivery, list(types), rejects)
        return
    if lenient:
        _check_encoding(delivery)
    skipped: list[pa_csv.InvalidRow] = []
    reader = _open_text(delivery, types, rejects, skipped, lenient=lenient, reads=reads)
    next_line = delivery.source.text.skip_rows + 2  # after the header
    for batch in reader if lenient else _ahead(reader):
        lines = np.arange(next_line, next_line + batch.num_rows + len(skipped))
        lines = lines[~np.isin(lines, [row.number for row in skipped])][: batch.num_rows]
        if batch.num_rows:
            next_line = int(lines[-1]) + 1
        blank = np.all([column.is_null().to_numpy(zero_copy_only=False) for column in batch.columns], axis=0)
        if blank.any():
            batch, lines = batch.filter(pa.array(~blank)), lines[~blank]
        rejects.rows += batch.num_rows
        yield batch, lines
    last = skipped[-1] if skipped else None
    if last and last.actual_columns < last.expected_columns and _ends_file(delivery.path, last.text):
        raise UnreadableError(
            f"line {last.number}: the file ends within a record ({last.actual_columns} of {last.expected_columns} "
            "fields); the whole file is needed"
        )


def _ahead(reader: pa_csv.CSVStreamingReader) -> Iterator[pa.RecordBatch]:
    """The batches of ``reader``, each parsed while the one before it is at work."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, reader, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, reader, None)
            yield batch


def _open_text(
    delivery: Delivery,
    types: Mapping[str, pa.DataType],
    rejects: Rejects,
    skipped: list[pa_csv.InvalidRow],
    *,
    lenient: bool,
    reads: int,
) -> pa_csv.CSVStreamingReader:
    text = delivery.source.text

    def reject_row(row: pa_csv.InvalidRow) -> str:
        skipped.append(row)
        rejects.rows += 1
        rejects.delivered += reads
        reason = f"{row.actual_columns} fields, {row.expected_columns} are needed"
        # An exception raised here would be lost: whether the file is cut short is looked at after its last batch.
        rejects.add("B01", np.array([row.number]), reason, pa.array([row.text]), reads)
        return "skip"

    def kind(wanted: pa.DataType) -> pa.DataType:
        return pa.string() if lenient and not pa.types.is_dictionary(wanted) else wanted

    try:
        return pa_csv.open_csv(
            pa.input_stream(delivery.path),
            read_options=pa_csv.ReadOptions(
                use_threads=not lenient, block_size=_BLOCK_BYTES, skip_rows=text.skip_rows, encoding=text.encoding
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=text.delimiter,
                ignore_empty_lines=False,
                invalid_row_handler=reject_row if lenient else None,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: kind(wanted) for name, wanted in types.items()},
                include_columns=list(types),
                null_values=list(text.null_values),
                strings_can_be_null=True,
                decimal_point=text.decimal,
            ),
        )
    except (pa.ArrowKeyError, KeyError) as fault:
        raise UnreadableError(_missing(delivery, list(types), header(delivery))) from fault


def header(delivery: Delivery) -> list[str]:
    """Names of the file's columns."""
    if delivery.source.container == "parquet":
        return list(pq.read_schema(delivery.path).names)
    text = delivery.source.text
    with pa.input_stream(delivery.path) as stream:
        lines = codecs.getreader(text.encoding)(stream)
        try:
            first = [lines.readline() for _ in range(text.skip_rows + 1)][-1]
        except (UnicodeDecodeError, OSError) as fault:
            if isinstance(fault, UnicodeDecodeError):  # the reader looks ahead: the byte may lie far behind the header
                _check_encoding(delivery)
            raise UnreadableError(f"no header can be read: {fault}") from fault
    if not first:
        raise UnreadableError("the file is empty" if text.skip_rows == 0 else "the file ends before its header")
    return next(csv.reader([first], delimiter=text.delimiter), [])


def _check_encoding(delivery: Delivery) -> None:
    """Refuse a file that is not of its encoding; the parser would lose its malformed rows without a word."""
    decoder = codecs.getincrementaldecoder(delivery.source.text.encoding)()
    done = 0
    with pa.input_stream(delivery.path) as stream:
        while block := stream.read(_BLOCK_BYTES):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as fault:
                raise UnreadableError(
                    f"byte {done + fault.start}: {fault.object[fault.start]:#04x} is not {fault.encoding}; "
                    f"text in {delivery.source.text.encoding} is needed, as its source says (text.encoding)"
                ) from fault
            done += len(block)


def _missing(delivery: Delivery, names: list[str], found: list[str]) -> str:
    missing = [name for name in names if name not in found]
    # Without a header the first record stands in its place.
    shown = f"{len(found)} columns" if delivery.source.protects_records else first_keys(found, 10)
    return f"{len(missing)} column(s) missing: {first_keys(missing)}; found are {shown}"


def _parquet_batches(delivery: Delivery, names: list[str], rejects: Rejects) -> Iterator[tuple[pa.RecordBatch, Longs]]:
    with pq.ParquetFile(delivery.path) as file:
        if not set(names) <= set(file.schema_arrow.names):
            raise UnreadableError(_missing(delivery, names, file.schema_arrow.names))
        first = 1
        for batch in file.iter_batches(batch_size=1 << 18, columns=names):
            rejects.rows += batch.num_rows
            yield batch.select(names), np.arange(first, first + batch.num_rows)
            first += batch.num_rows


def _ends_file(path: str, row: str) -> bool:
    """True where ``row`` is the end of the file and no newline follows."""
    with pa.input_stream(path) as stream:
        last = b""
        while block := stream.read(_BLOCK_BYTES):
            last = (last + block)[-len(row.encode()) - 1 :]
    return last.endswith(row.encode()) and not last.endswith(b"\n")


def numbers(column: pa.Array, decimal: str = ".") -> tuple[np.ndarray, Flags]:
    """Float values, NaN where there is none; and which cells hold something that is not a finite number."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        text = pc.utf8_trim_whitespace(column)
        text = text if decimal == "." else pc.replace_substring(text, decimal, ".")
        is_number = pc.match_substring_regex(text, _NUMBER)
        empty = pc.or_kleene(column.is_null(), pc.is_in(pc.utf8_lower(text), pa.array(["", "nan"])))
        bad = pc.invert(pc.or_kleene(is_number.fill_null(False), empty)).to_numpy(zero_copy_only=False)
        column = pc.if_else(is_number, text, None).cast(pa.float64())
    else:
        column = column.cast(pa.float64())
        bad = np.zeros(len(column), bool)
    value = column.to_numpy(zero_copy_only=False)
    infinite = np.isinf(value)
    return np.where(infinite, np.nan, value) if infinite.any() else value, bad | infinite


def texts(column: pa.Array) -> pa.Array:
    """Texts without outer blanks; null where empty."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def as_json(batch: pa.RecordBatch, rows: Longs) -> pa.Array:
    """The records at ``rows`` as JSON objects, for the rejected tables."""
    frame = batch.take(pa.array(rows)).to_pandas()
    lines = frame.to_json(orient="records", lines=True, date_format="iso", force_ascii=False).splitlines()
    return pa.array(lines, pa.string())
