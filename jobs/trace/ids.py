"""Which usage point or unit an id means, in either form; and what else was meant where none has it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches

from jobs.errors import GridlakeError, first_keys
from jobs.protected.identifier import ID_KINDS, IDENTIFIER
from jobs.trace.lookup import Lookup, Values, is_valid, same
from jobs.trace.structure import Identity

NEAR = 5
POINT = "usage_point_id"
LEADS_TO_POINT = {"meter_id": "silver.meter", "customer_id": "silver.customer_agreement"}
"""Ids by which people know a usage point, and the table that says at which it is."""


def usage_point_of(lookup: Lookup, written: str, namespace: str | None, instant: datetime) -> Identity:
    """The usage point of that id, or that a meter or customer of that id stands at at an instant.

    Raises
    ------
    GridlakeError
        None is, or several are; those near are named.
    """
    known = _identities(lookup, written, namespace)
    points = {one.id: one for one in known if one.id_kind == POINT}
    for one in () if points else known:
        if one.id_kind in LEADS_TO_POINT:
            stays = lookup.rows(LEADS_TO_POINT[one.id_kind], same(**{one.id_kind: one.id}))
            there = [row[POINT] for row in stays if is_valid(row, instant)] or [row[POINT] for row in stays]
            points |= {point: identity(lookup, POINT, point) for point in there}
    if len(points) == 1:
        return next(iter(points.values()))
    if points:
        told = [f"{one.namespace}: {one.source_id} ({one.id})" for one in points.values()]
        raise GridlakeError(
            f"'{written}' may mean {len(told)} usage points: {first_keys(told)}; name one, or --namespace"
        )
    others = sorted({f"{ID_KINDS[one.id_kind]} of {one.namespace}" for one in known})
    if others:
        raise GridlakeError(f"'{written}' is the id of {first_keys(others)}, which stood at no usage point")
    raise GridlakeError(_unknown(lookup, written, namespace))


def identity(lookup: Lookup, kind: str, hashed: str) -> Identity:
    """An id that stands in a table, in both forms; the hash for both where no source id is recorded."""
    if (kind, hashed) not in lookup.identities:
        rows = lookup.rows(IDENTIFIER.name, same(id=hashed, id_kind=kind))
        unknown = Identity(id=hashed, id_kind=kind, namespace=None, source_id=hashed)
        lookup.identities[kind, hashed] = _identity(rows[0]) if rows else unknown
    return lookup.identities[kind, hashed]


def asset_of(lookup: Lookup, written: str) -> Values:
    """The unit of that id: as tables hold it, or as its source writes it, without the namespace.

    Raises
    ------
    GridlakeError
        No unit has it, or several have; a position, or a usage point, of that id is told.
    """
    ids = lookup.rows("silver.asset", (), ["asset_id"])
    if not ids:
        raise GridlakeError(
            "no unit stands in silver.asset: `gridlake ingest` takes an asset register in, `gridlake build` builds it"
        )
    names = [row["asset_id"] for row in ids]
    found = [one for one in names if one == written] or [one for one in names if one.split(":", 1)[-1] == written]
    if len(found) == 1:
        return lookup.rows("silver.asset", same(asset_id=found[0]))[0]
    if found:
        raise GridlakeError(f"'{written}' is the id of {len(found)} units: {first_keys(sorted(found))}; name one")
    there = lookup.rows("silver.asset_deployment", same(transformer_id=written))
    if there:
        units = [row["asset_id"] for row in sorted(there, key=lambda row: row["valid_from_utc"])]
        raise GridlakeError(f"'{written}' is a position; units that stood there, the first first: {first_keys(units)}")
    points = [one for one in _identities(lookup, written, None) if one.id_kind in (POINT, *LEADS_TO_POINT)]
    if points:
        raise GridlakeError(
            f"'{written}' is the id of a {ID_KINDS[points[0].id_kind]}: a usage point is traced for one day, as in "
            f"gridlake trace '{written}' {_some_day(lookup)}"
        )
    raise GridlakeError(f"no unit has the id '{written}'; near it: {_near(written, names)}")


def _some_day(lookup: Lookup) -> str:
    from jobs.silver.interval_block import INTERVAL_BLOCK

    days = lookup.reader.days(INTERVAL_BLOCK)
    return days[-1].isoformat() if days else "YYYY-MM-DD"


def _identities(lookup: Lookup, written: str, namespace: str | None) -> list[Identity]:
    written = written.strip()
    rows = lookup.rows(IDENTIFIER.name, same(source_id=written)) + lookup.rows(
        IDENTIFIER.name, same(id=written.upper())
    )
    return [_identity(row) for row in rows if namespace in (None, row["namespace"])]


def _identity(row: Values) -> Identity:
    return Identity(**{name: row[name] for name in ("id", "id_kind", "namespace", "source_id")})


def _unknown(lookup: Lookup, written: str, namespace: str | None) -> str:
    rows = lookup.rows(IDENTIFIER.name, same(id_kind=POINT), ["namespace", "source_id"])
    if not rows:
        return "no usage point is known in this lake: `gridlake ingest` takes the files of usage points and meters in"
    asset = lookup.rows("silver.asset", same(asset_id=written))
    if asset:
        return f"'{written}' is the id of a unit: `gridlake trace {written}`, without a day, traces it"
    of_namespace = "" if namespace is None else f" in namespace '{namespace}'"
    near = _near(written, [row["source_id"] for row in rows])
    return (
        f"no usage point has the id '{written}'{of_namespace}, as a source writes it or hashed, nor has a meter or "
        f"customer; near it: {near}"
    )


def _near(written: str, names: Iterable[str]) -> str:
    near = get_close_matches(written, list(names), NEAR)
    return first_keys(near) if near else "none"
