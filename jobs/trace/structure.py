"""What a trace says: its JSON has these keys (docs/dictionary/trace.md), its text is made of nothing else.

Keys stay as they are named; later work may add some. Rows of tables have the columns of the data dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """Where a record was delivered."""

    source: Annotated[str, "source that delivered it"]
    file_id: Annotated[str | None, "SHA-256 of the file's content, as in bronze.file; null where no file is recorded"]
    path: Annotated[str | None, "where the file is kept"]
    first_line: Annotated[
        int | None, "first line of the record in the file (Parquet: row), from 1; null for whole models"
    ]
    last_line: Annotated[int | None, "last line of the record"]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """An id in both its forms."""

    id: Annotated[str, "id as tables hold it"]
    id_kind: Annotated[str, "column that holds such ids"]
    namespace: Annotated[str | None, "who numbers; null where ids are not hashed"]
    source_id: Annotated[str, "id as its source writes it"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a table."""

    table: Annotated[str, "table"]
    version: Annotated[int | None, "version of the table that was read"]
    values: Annotated[dict[str, Any], "its columns by name"]
    delivered_in: Annotated[list[Delivered], "records that delivered it; empty of rows that are computed"]


@dataclass(frozen=True, kw_only=True)
class Read:
    """One value of a record, of an interval that starts on the grid day."""

    slot: Annotated[int, "number of the record's interval in the grid day, from 0"]
    start_utc: Annotated[datetime, "start of the interval"]
    line: Annotated[int | None, "line that holds the value; null where the file no longer stands as it was read"]
    position: Annotated[int, "number of the value in its record, from 1"]
    value: Annotated[float | None, "value as received, in the source's unit; null where none came"]
    quality: Annotated[str | None, "the source's quality code"]
    source_estimated: Annotated[bool, "true where the source marks it as estimated or substituted"]
    energy: Annotated[float | None, "value x unit_factor x multiplier, Wh or varh, before rounding"]
    outcome: Annotated[
        str, "accepted, duplicate, superseded, rejected, empty (no value), or waiting (no build has met it)"
    ]
    rule_id: Annotated[str | None, "rule by which it is rejected"]
    reason: Annotated[str | None, "that rule in words"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record of bronze.interval_block that holds reads of the day."""

    delivered: Annotated[Delivered, "where"]
    arrived_utc: Annotated[datetime | None, "first arrival of the file"]
    meter: Annotated[Identity, "meter that was read"]
    usage_point_id: Annotated[str | None, "usage point at which the meter stood; null: nowhere"]
    register: Annotated[str, "register, as the source names it"]
    channel: Annotated[str, "what it measures"]
    version: Annotated[int, "version: of the reads of one interval the highest stands"]
    unit: Annotated[str, "unit of the values, as the source names it"]
    unit_factor: Annotated[float, "Wh or varh per unit"]
    multiplier: Annotated[float | None, "factor of the instrument transformers at that time"]
    interval_minutes: Annotated[int, "length of each interval"]
    reads: Annotated[list[Read], "the values"]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A record that names a meter of the usage point and was refused before bronze, of this day or of none."""

    delivered: Annotated[Delivered, "where"]
    rule_id: Annotated[str, "rule broken"]
    reason: Annotated[str, "what was found and what is needed"]
    reads: Annotated[int, "channel-intervals rejected with it"]
    record: Annotated[str | None, "the record"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a validation rule found (silver.reading_flag)."""

    rule_id: Annotated[str, "rule"]
    rule: Annotated[str, "number and meaning of the rule"]
    rule_version: Annotated[str, "version of the rule set"]
    first_slot: Annotated[int, "first interval of the finding; negative where it began the day before"]
    slots: Annotated[int, "its length in intervals"]
    start_utc: Annotated[datetime, "start of its first interval"]
    measured: Annotated[float, "value measured"]
    threshold: Annotated[float, "threshold it was held against"]
    measures: Annotated[str, "what is measured, and its unit"]
    disposition: Annotated[str, "estimated, spread, flagged or missing"]
    done: Annotated[str, "the disposition in words"]


@dataclass(frozen=True, kw_only=True)
class NotRun:
    """A validation rule that could not run."""

    rule_id: Annotated[str, "rule"]
    rule: Annotated[str, "number and meaning of the rule"]
    needs: Annotated[str, "history it needs and had too little of"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """One interval of a channel's day (silver.received_block and silver.interval_block)."""

    slot: Annotated[int, "number of the interval in the grid day, from 0"]
    start_utc: Annotated[datetime, "start of the interval"]
    received: Annotated[int | None, "whole units of the read that stands; null where none does"]
    reading: Annotated[int | None, "reading after validation; null where it is missing"]
    quality_code: Annotated[int, "code of reading_quality"]
    quality: Annotated[str, "the code in words: how the reading was come by"]
    replaced: Annotated[bool, "true where the reading is not what was received"]
    rule_ids: Annotated[list[str], "rules with a finding on it"]


@dataclass(frozen=True, kw_only=True)
class ChannelDay:
    """One channel of the usage point on the grid day."""

    channel: Annotated[str, "channel"]
    unit: Annotated[str, "Wh or varh"]
    interval_minutes: Annotated[int, "length of each interval"]
    rule_set_version: Annotated[str, "version of the rules that judged it"]
    received_intervals: Annotated[int, "intervals for which a read stands"]
    rounding: Annotated[float, "sum of what rounding to whole units moved, Wh or varh"]
    energy: Annotated[int, "energy of the day, Wh or varh"]
    findings: Annotated[list[Finding], "what the rules found"]
    not_run: Annotated[list[NotRun], "rules that could not run"]
    intervals: Annotated[list[Interval], "each interval"]


@dataclass(frozen=True, kw_only=True)
class GoldRow:
    """A row of gold that rests on the day (or on the unit)."""

    table: Annotated[str, "table"]
    version: Annotated[int | None, "version of the table that was read"]
    key: Annotated[dict[str, Any], "its key"]
    values: Annotated[dict[str, Any], "its other columns by name"]
    contribution: Annotated[
        dict[str, Any] | None, "what this usage point put into sums of these names; null of other rows"
    ]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A table that was read, and the run that made what was read of it (ops.run)."""

    table: Annotated[str, "table"]
    version: Annotated[int | None, "version read"]
    of_release: Annotated[bool, "true where the release names that version"]
    run_id: Annotated[str | None, "run; null where none is recorded"]
    started_at_utc: Annotated[datetime | None, "when it began"]
    status: Annotated[str | None, "how it ended"]
    provisional: Annotated[bool, "true where the day was committed as provisional"]
    read_versions: Annotated[dict[str, int], "tables the run read, with their versions"]
    settings_digest: Annotated[str | None, "hash of the settings that decide results"]
    code_version: Annotated[str | None, "version of gridlake"]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A finished build (ops.release)."""

    release_id: Annotated[str, "release"]
    released_at_utc: Annotated[datetime, "when it finished"]
    span_first: Annotated[date, "first grid day built"]
    span_end: Annotated[date, "grid day after the last"]


@dataclass(frozen=True, kw_only=True)
class UsagePointTrace:
    """`gridlake trace USAGE_POINT DAY`."""

    traced: Annotated[str, "usage_point, the kind of trace"]
    lake: Annotated[str, "the lake"]
    release: Annotated[Release | None, "release whose versions were read (--release), else the newest; null: none yet"]
    usage_point: Annotated[Identity, "the usage point"]
    grid_date: Annotated[date, "the grid day"]
    start_utc: Annotated[datetime, "its first instant"]
    end_utc: Annotated[datetime, "its end, exclusive"]
    zone: Annotated[str, "zone of local time"]
    master_data: Annotated[list[Row], "usage point, customer agreement and meters as they hold that day, place apart"]
    place: Annotated[
        Row | None, "silver.connectivity at the day's start: transformer, feeder, substation; null: nowhere"
    ]
    records: Annotated[list[Record], "reads as received, each with its outcome"]
    refused: Annotated[list[Refused], "records refused before bronze"]
    channels: Annotated[list[ChannelDay], "what validation made of them"]
    went_into: Annotated[list[GoldRow], "rows of gold that rest on the day"]
    made_by: Annotated[list[Made], "tables read, with versions and runs"]
    remarks: Annotated[list[str], "what a reader should know besides"]


@dataclass(frozen=True, kw_only=True)
class AssetTrace:
    """`gridlake trace ASSET`."""

    traced: Annotated[str, "asset, the kind of trace"]
    lake: Annotated[str, "the lake"]
    release: Annotated[Release | None, "release whose versions were read (--release), else the newest; null: none yet"]
    asset: Annotated[Identity, "the unit"]
    unit: Annotated[Row, "the unit in the register (silver.asset)"]
    stood: Annotated[list[Row], "where it stood and when (silver.asset_deployment)"]
    positions: Annotated[list[Row], "these positions in the network (silver.power_transformer)"]
    usage_points: Annotated[
        list[Identity], "usage points on its position on the last day built; none where it stands no more"
    ]
    load: Annotated[list[GoldRow], "load and balance of its positions by month and year, while it stood there"]
    costs: Annotated[
        list[GoldRow], "losses, cost parts, decision, reason and source of the failure probability, by study year"
    ]
    judged: Annotated[list[GoldRow], "other rows of gold about the unit"]
    events: Annotated[
        list[Row], "its failures and work orders, and outages of its position and complaints about it meanwhile"
    ]
    recorded: Annotated[list[Row], "other rows of silver about the unit"]
    prices: Annotated[list[Row], "unit costs of its class by which it was costed"]
    files: Annotated[dict[str, list[Delivered]], "files behind tables that its costs rest on as a whole, by table"]
    made_by: Annotated[list[Made], "tables read, with versions and runs"]
    remarks: Annotated[list[str], "what a reader should know besides"]
