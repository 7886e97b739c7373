"""The version of delivered records: what decides which of two deliveries of the same thing wins."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sources.delivery import Delivery, Flags, Longs
from jobs.sources.instants import parse_instants


def record_versions(batch: pa.RecordBatch, delivery: Delivery) -> tuple[Longs, Flags]:
    """Version of each record, and which cannot be parsed: the highest wins.

    A column's version is its whole number, or its time in microseconds since 1970 UTC.
    """
    version = delivery.source.version
    if version.by != "column" or version.column is None:
        return np.full(batch.num_rows, delivery.file_version()), np.zeros(batch.num_rows, bool)
    column = batch[version.column]
    if pa.types.is_dictionary(column.type):
        each, bad = column_versions(column.dictionary, delivery)
        index = column.indices.fill_null(len(each)).to_numpy(zero_copy_only=False)
        return np.append(each, 0)[index], np.append(bad, True)[index]
    return column_versions(column, delivery)


def column_versions(column: pa.Array, delivery: Delivery) -> tuple[Longs, Flags]:
    """Versions written as whole numbers or as times, each for itself: one that is neither spoils no other."""
    if pa.types.is_integer(column.type):
        return column.fill_null(0).to_numpy().astype(np.int64), column.is_null().to_numpy(zero_copy_only=False)
    instants = parse_instants(column, delivery.source.time.zone, delivery.source.time.format)
    version, bad = instants.utc_us, instants.bad | (instants.utc_us < 0)
    if pa.types.is_string(column.type):
        text = pc.utf8_trim_whitespace(column)
        whole = pc.match_substring_regex(text, r"^\d{1,18}$").fill_null(False)
        number = pc.if_else(whole, text, "0").cast(pa.int64()).to_numpy(zero_copy_only=False)
        is_whole = whole.to_numpy(zero_copy_only=False)
        version, bad = np.where(is_whole, number, version), bad & ~is_whole
    return version, bad
