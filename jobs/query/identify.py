"""Ids in either form: what an id stands for, and source ids that are written in a query.

Both look into ``protected.identifier``; the key of the hashes is not read, so none can leave in a plan or a log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyspark.sql import Row
from pyspark.sql import functions as F

from jobs.errors import GridlakeError, first_keys
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table
from jobs.protected.identifier import ID_KINDS, IDENTIFIER

KIND_OF = {kind.removesuffix("_id"): kind for kind in ID_KINDS}
_TEXT = r"'((?:[^']|'')*)'"
CALL = re.compile(rf"\b({'|'.join(KIND_OF)})\s*\(\s*{_TEXT}\s*(?:,\s*{_TEXT}\s*)?\)", re.IGNORECASE)
"""``meter('4711')`` or ``meter('4711', 'head_end')``: a source id as text, and the namespace that numbers it."""
NEAR = 5


def with_hashed_ids(lake: Lake, query: str) -> str:
    """The query with each `CALL` replaced by the hashed id, as text: files are then skipped as for any id.

    Raises
    ------
    GridlakeError
        No such source id was ever delivered, or several namespaces have it and the call names none.
    """
    source_ids = {_unquoted(call[2]) for call in CALL.finditer(query)}
    if not source_ids:
        return query
    rows = read_table(lake, IDENTIFIER).where(F.col("source_id").isin(sorted(source_ids))).collect()

    def hashed(call: re.Match[str]) -> str:
        kind, source_id = KIND_OF[call[1].lower()], _unquoted(call[2])
        namespace = None if call[3] is None else _unquoted(call[3])
        known = [row for row in rows if (row["id_kind"], row["source_id"]) == (kind, source_id)]
        found = [row for row in known if namespace in (None, row["namespace"])]
        if not found:
            raise GridlakeError(_unknown(lake, source_id, known, namespace, what=ID_KINDS[kind]))
        if len(_namespaces(found)) > 1:
            needed = f"{call[1]}('{source_id}', '<namespace>') is needed"
            raise GridlakeError(f"{call[0]}: namespaces {first_keys(_namespaces(found))} have that id; {needed}")
        return f"'{max(found, key=lambda row: int(row['key_version']))['id']}'"

    return CALL.sub(hashed, query)


def identity_lines(lake: Lake, written: str, namespace: str | None = None) -> Iterator[str]:
    """What an id of either form is: kind, namespace, source id and hashed id, a line each.

    Raises
    ------
    GridlakeError
        Neither form is known, or not in that namespace; the ids nearest to it are named.
    """
    written = written.strip()
    either = (F.col("source_id") == written) | (F.col("id") == written.upper())
    rows = read_table(lake, IDENTIFIER).where(either).orderBy("id_kind", "namespace", "key_version", "id").collect()
    found = [row for row in rows if namespace in (None, row["namespace"])]
    if not found:
        raise GridlakeError(_unknown(lake, written, rows, namespace))
    for row in found:
        yield (
            f"{ID_KINDS[row['id_kind']]}: {row['id_kind']} {row['id']}, source id '{row['source_id']}' of namespace "
            f"'{row['namespace']}', key version {row['key_version']}"
        )


def _unknown(lake: Lake, written: str, known: list[Row], namespace: str | None, what: str = "thing") -> str:
    if known:
        return f"no {what} has the id '{written}' in namespace '{namespace}'; {first_keys(_namespaces(known))} have it"
    far = max(1, len(written) // 3)
    distance = F.levenshtein(F.lower("source_id"), F.lit(written.lower()))
    rows = read_table(lake, IDENTIFIER).select("source_id", "namespace", distance.alias("distance")).distinct()
    near = rows.where(F.col("distance") <= far).orderBy("distance", "source_id", "namespace").limit(NEAR).collect()
    hint = first_keys([f"{row['namespace']}: {row['source_id']}" for row in near]) if near else "none is near it"
    return f"no {what} has the id '{written}', as a source writes it or hashed; known (namespace: source id): {hint}"


def _namespaces(rows: list[Row]) -> list[str]:
    return sorted({row["namespace"] for row in rows})


def _unquoted(text: str) -> str:
    return text.replace("''", "'").strip()
