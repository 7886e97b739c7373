"""The trace of a unit: what it is, where it stood, what it bore, what happened to it, what it costs, and why."""

from __future__ import annotations

from datetime import UTC, datetime, time

from jobs.gold.asset_life_cycle_cost import ASSET_LIFE_CYCLE_COST
from jobs.gold.supplier_scorecard import SUPPLIER_SCORECARD
from jobs.gold.suppliers.scorecard import LEVELS
from jobs.protected.identifier import IDENTIFIER
from jobs.registry import all_tables
from jobs.settings import Settings
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.span import next_month
from jobs.trace.gold import rows_of
from jobs.trace.ids import asset_of
from jobs.trace.lookup import Lookup, Values, is_valid, same
from jobs.trace.structure import AssetTrace, Delivered, GoldRow, Identity, Row

TOLD_APART = ("silver.asset", "silver.asset_deployment", "silver.asset_event")
OF_POSITION = {"silver.outage": "valid_from_utc", "silver.complaint": "received_at_utc"}
"""What is recorded of a position, and when it happened."""
PRICED_BY = ("silver.price_index", "silver.price_interval")
"""What every unit's costs rest on as a whole."""


def trace_asset(lookup: Lookup, settings: Settings, written: str) -> AssetTrace:
    """All that is known of one unit.

    Raises
    ------
    GridlakeError
        No unit has that id.
    """
    unit = asset_of(lookup, written)
    asset_id: str = unit["asset_id"]
    stood = sorted(
        lookup.rows("silver.asset_deployment", same(asset_id=asset_id)), key=lambda row: str(row["valid_from_utc"])
    )
    costs = rows_of(lookup, ASSET_LIFE_CYCLE_COST.name, {"asset_id": {asset_id}})
    namespace, _, source_id = asset_id.rpartition(":")
    return AssetTrace(
        traced="asset",
        lake=lookup.reader.root,
        release=lookup.release,
        asset=Identity(id=asset_id, id_kind="asset_id", namespace=namespace or None, source_id=source_id),
        unit=lookup.row("silver.asset", unit),
        stood=[lookup.row("silver.asset_deployment", row) for row in stood],
        positions=_positions(lookup, stood),
        usage_points=_usage_points(lookup, settings, stood),
        load=_load(lookup, stood),
        costs=costs,
        judged=_about(lookup, asset_id),
        events=_events(lookup, asset_id, stood),
        recorded=_recorded(lookup, asset_id),
        prices=_prices(lookup, unit, costs),
        files={name: _files(lookup, name) for name in PRICED_BY} if costs else {},
        made_by=lookup.made_by(None),
        remarks=[*_remarks(lookup, asset_id, stood, costs), *_suppliers(lookup, unit)],
    )


def _positions(lookup: Lookup, stood: list[Values]) -> list[Row]:
    places = {row["transformer_id"] for row in stood}
    rows = lookup.rows("silver.power_transformer", [("transformer_id", "in", places)]) if places else []
    return [lookup.row("silver.power_transformer", row) for row in rows]


def _usage_points(lookup: Lookup, settings: Settings, stood: list[Values]) -> list[Identity]:
    days = lookup.reader.days(INTERVAL_BLOCK)
    if not days or not stood or stood[-1]["valid_to_utc"] is not None:
        return []
    start = datetime.combine(days[-1], time(), UTC) - settings.grid_time.offset
    hung = lookup.rows("silver.connectivity", same(transformer_id=stood[-1]["transformer_id"]))
    ids = {row["usage_point_id"] for row in hung if is_valid(row, start)}
    names = ("id", "id_kind", "namespace", "source_id")
    known = lookup.rows(IDENTIFIER.name, [("id", "in", ids), *same(id_kind="usage_point_id")], names) if ids else []
    return sorted((Identity(**row) for row in known), key=lambda one: (str(one.namespace), one.source_id))


def _load(lookup: Lookup, stood: list[Values]) -> list[GoldRow]:
    """Rows of gold about its positions by month and year, of periods in which it stood there."""
    found = []
    for name, table in all_tables().items():
        of_positions = {"transformer_id", "period_kind", "period_start"} <= set(table.key)
        for stay in stood if of_positions and name.startswith("gold.") else ():
            rows = rows_of(lookup, name, {"transformer_id": {stay["transformer_id"]}, "period_kind": ("month", "year")})
            found += [row for row in rows if _within(row, stay)]
    return sorted(found, key=lambda row: (row.table, row.key["period_kind"] != "year", row.key["period_start"]))


def _within(row: GoldRow, stay: Values) -> bool:
    """Whether the unit stood there on a day of the period."""
    start, ends = row.key["period_start"], stay["valid_to_utc"]
    end = start.replace(year=start.year + 1) if row.key["period_kind"] == "year" else next_month(start)
    return bool(stay["valid_from_utc"].date() < end and (ends is None or start <= ends.date()))


def _about(lookup: Lookup, asset_id: str) -> list[GoldRow]:
    """Rows of other tables that are computed about the unit."""
    names = [
        name
        for name, table in all_tables().items()
        if name.split(".")[0] in ("gold", "models", "products")
        and "asset_id" in table.column_names
        and table is not ASSET_LIFE_CYCLE_COST
    ]
    return [row for name in names for row in rows_of(lookup, name, {"asset_id": {asset_id}})]


def _events(lookup: Lookup, asset_id: str, stood: list[Values]) -> list[Row]:
    """Its own, and outages of its position and complaints about it while it stood there; in order of time."""
    events = [
        (row["occurred_at_utc"], "silver.asset_event", row)
        for row in lookup.rows("silver.asset_event", same(asset_id=asset_id))
    ]
    for stay in stood:
        for name, when in OF_POSITION.items():
            rows = lookup.rows(name, same(transformer_id=stay["transformer_id"]))
            events += [(row[when], name, row) for row in rows if is_valid(stay, row[when])]
    return [lookup.row(name, row) for _, name, row in sorted(events, key=lambda one: (one[0], one[1]))]


def _recorded(lookup: Lookup, asset_id: str) -> list[Row]:
    names = [
        name
        for name, table in all_tables().items()
        if name.startswith("silver.") and "asset_id" in table.column_names and name not in TOLD_APART
    ]
    return [lookup.row(name, row) for name in names for row in lookup.rows(name, same(asset_id=asset_id))]


def _prices(lookup: Lookup, unit: Values, costs: list[GoldRow]) -> list[Row]:
    """Unit costs of its class for its own rating and tier and for its successors'."""
    if not costs:
        return []
    ratings = {unit["rating_kva"], *(row.values["successor_rating_kva"] for row in costs)}
    tiers = {"any", unit["loss_class"], *(row.values["successor_loss_class"] for row in costs)}
    rows = lookup.rows("silver.asset_cost", same(asset_class=unit["asset_class"]))
    priced = [row for row in rows if row["rating_kva"] in ratings and row["loss_class"] in tiers]
    key = all_tables()["silver.asset_cost"].key
    return [
        lookup.row("silver.asset_cost", row) for row in sorted(priced, key=lambda row: [str(row[one]) for one in key])
    ]


def _files(lookup: Lookup, name: str) -> list[Delivered]:
    bronze = name.replace("silver.", "bronze.")
    files = {(row["source"], row["file_id"]) for row in lookup.rows(bronze, (), ["source", "file_id"])}
    return [lookup.at(source, file_id) for source, file_id in sorted(files)]


def _remarks(lookup: Lookup, asset_id: str, stood: list[Values], costs: list[GoldRow]) -> list[str]:
    told = []
    if not stood:
        told.append("it stood nowhere: no deployment of it was delivered")
    if not costs:
        refused = lookup.rows(f"{ASSET_LIFE_CYCLE_COST.name}_rejected")
        why = [row["reason"] for row in refused if f'"{asset_id}"' in (row["record"] or "")]
        left = [row for row in stood[-1:] if row["valid_to_utc"] is not None]
        why += [f"it left service at {row['valid_to_utc']:%Y-%m-%d} ({row['removal_reason']})" for row in left]
        told.append(f"it is not costed: {'; '.join(why) or 'no build that stands has costed it'}")
    if any(row.values["profile_source"] == "own" for row in costs):
        told.append(
            "its losses rest on reads of its usage points: `gridlake trace USAGE_POINT DAY` follows them to the files"
        )
    return told


def _suppliers(lookup: Lookup, unit: Values) -> list[str]:
    """Lists that its batch, model or maker is on."""
    if unit["manufacturer"] is None:
        return []
    rows = lookup.rows(SUPPLIER_SCORECARD.name, same(manufacturer=unit["manufacturer"]))
    own = [
        row for row in rows
        if row["listed_as"] != "none" and all(row[name] == unit[name] for name in LEVELS[row["group_level"]])
    ]  # fmt: skip
    return [
        f"its {row['group_level']} {row['group_id']} is on the {row['listed_as'].replace('_', ' ')} of suppliers: "
        f"{row['reason']}"
        for row in sorted(own, key=lambda row: str(row["group_level"]))
    ]
