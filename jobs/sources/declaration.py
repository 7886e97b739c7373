"""What a source's YAML says: format, files, target, and how its columns, units, times and codes map to ours."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Annotated, Literal, get_args

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pyspark.sql.types import TimestampType

from jobs.bronze.entity import ENTITIES, JOINED, PROVENANCE, SILVER_BY_NAME
from jobs.columns import CHANNELS
from jobs.errors import SourceError
from jobs.identity import HASHED
from jobs.section import Section, faults_told
from jobs.sources.column_map import AttributeMap, ColumnMap, TimeFormat, map_faults
from jobs.sources.network_elements import NetworkElement
from jobs.sources.units import interval_factor

Channel = Literal["delivered", "received", "reactive_delivered", "reactive_received"]
assert set(get_args(Channel)) == set(CHANNELS)
NETWORK_NAME = "{network}"
INTERVAL_FORMATS, NETWORK_FORMATS = ("long", "wide", "nem12"), ("simbench", "opendss", "tables")
FOLDER_FORMATS = ("simbench", "tables")  # a model is a folder, not a script
PROVENANCE_NAMES = {column.name for column in PROVENANCE}
Globs = Annotated[tuple[str, ...], BeforeValidator(lambda one: (one,) if isinstance(one, str) else one)]


def known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"'{name}' is no encoding, such as utf-8 or cp1252") from None
    return name


def pattern_with_group(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as fault:
        raise ValueError(f"'{pattern}' is no regular expression: {fault}") from None
    if not groups:
        raise ValueError(f"'{pattern}' has no group (in parentheses) around the time")
    return pattern


OneCharacter = Annotated[str, Field(min_length=1, max_length=1)]


class Text(Section):
    """How delimited text is written."""

    delimiter: OneCharacter = ","
    encoding: Annotated[str, AfterValidator(known_encoding)] = "utf-8"
    decimal: OneCharacter = "."
    skip_rows: int = Field(0, ge=0, description="lines before the header")
    null_values: tuple[str, ...] = ("",)


class Time(Section):
    """How the source writes instants: in one zone, or at one offset; by the start or the end of an interval."""

    zone: str = Field("UTC", description="IANA zone of wall-clock times, or a fixed offset such as +01:00")
    format: TimeFormat | None = Field(
        None, description="strptime format; None is ISO 8601, whose own offset wins over zone"
    )
    label: Literal["start", "end"] = "start"
    repeated_hour: Literal["order", "column"] = Field(
        "order", description="what tells the two passes of the repeated hour apart: order in the file, or a column"
    )
    summer_time_column: str | None = Field(None, description="column that is true in summer time, for 'column'")
    zone_column: str | None = Field(
        None, description="entities: column that says whose clock a record's times are by, for 'zones'"
    )
    zones: dict[str, str] = Field(
        default_factory=dict, description="text of zone_column -> zone; a time with another text is rejected"
    )

    @model_validator(mode="after")
    def zones_of_column(self) -> Time:
        if (self.zone_column is None) != (not self.zones):
            raise ValueError("'zone_column' and 'zones' go together")
        return self


class Register(Section):
    """What one register of the source measures."""

    channel: Channel
    unit: str | None = Field(
        None, description="Wh, kWh, MWh, varh, …, or kW, kvar as mean power; None: the file says it"
    )
    sign: Literal[1, -1] = Field(1, description="-1 where the source counts the other way round")


class Readings(Section):
    """How interval data are laid out."""

    meter: str = Field(
        "MeterSerialNumber", description="column with the meter's number; NEM12: MeterSerialNumber or NMI"
    )
    register_column: str | None = Field(None, description="column with the register; None: there is one register")
    registers: dict[str, Register] = Field(
        description="register as the source names it ('' where it has none) -> ours; NEM12: suffix, or its first letter"
    )
    unit: str | None = Field(None, description="column with the unit; None: each register declares its own")
    interval_minutes: Literal[5, 10, 15, 30, 60] | None = Field(None, description="None: the file says it (NEM12)")
    time: str | None = Field(None, description="long: column with the instant; wide: column with the day")
    value: str | None = Field(None, description="long: column with the value")
    values: tuple[str, str] | None = Field(None, description="wide: first and last column of the day's values")
    quality: str | None = Field(None, description="column with the quality code")
    quality_codes: dict[str, Literal["valid", "estimated", "missing"]] = Field(
        default_factory=dict, description="the source's code -> ours; an unknown one is rejected; NEM12's own are known"
    )


class Version(Section):
    """What decides which of two deliveries of the same thing wins: the data, never the order of ingest."""

    by: Literal["column", "file_name", "update_time", "arrival"] = "arrival"
    column: str | None = None
    pattern: Annotated[str, AfterValidator(pattern_with_group)] | None = Field(
        None, description="file_name: regular expression whose first group is the time"
    )
    format: TimeFormat = Field("%Y%m%d%H%M%S", description="strptime format of that time")


class Source(Section):
    """One source: what it delivers and how it maps to ours."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    describes: str = Field(description="one sentence for the data dictionary")
    format: Literal["long", "wide", "nem12", "entity", "simbench", "opendss", "tables"]
    container: Literal["text", "parquet"] = "text"
    files: Globs = Field(
        ("*.csv",),
        min_length=1,
        description="glob below the source's folder, or several; network models: the folder, or the master script by "
        "its path from the top of what it may redirect to, such as 13Bus/IEEE13Nodeckt.dss",
    )
    ignore: Globs = Field(
        (),
        description="glob below the source's folder, or several: files and folders that come along and are left out on "
        "purpose; any other file that 'files' does not name has failed",
    )
    target: str = Field(description="interval_block, network, or the silver entity it feeds, such as meter")
    namespaces: dict[str, str] = Field(
        default_factory=dict,
        description="our id column -> namespace of its source ids: usage_point_id, customer_id, meter_id need one "
        "and are hashed with it; any other id becomes 'namespace:source id'. Network models: usage_point_id, in which "
        "{network} stands for the network's name where each network numbers its own",
    )
    network: str | None = Field(
        None,
        min_length=1,
        description="network models: the network's name, which becomes the namespace of its transformers, feeders and "
        "substations; None: OpenDSS's circuit has its own name, SimBench's ids are taken as they are and all folders "
        "of the source are of one network. A network that is delivered again, such as a circuit of the same name, is a "
        "later version that replaces it as a whole",
    )
    personal: tuple[str, ...] = Field((), description="the source's columns that hold personal data")
    synthetic: bool
    notice: str | None = Field(
        None, description="words that whoever shows what is made of these data must show, such as a licence's notice"
    )
    lag: timedelta | None = Field(None, description="event until known, where the source records no time of its own")
    known_from: str | None = Field(None, description="column with the source's own time of recording")
    version: Version = Version()
    text: Text = Text()
    time: Time = Time()
    readings: Readings | None = None
    columns: dict[str, ColumnMap] = Field(default_factory=dict)
    attributes: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], AttributeMap] = Field(
        default_factory=dict,
        description="asset: further columns of the register, by the names under which models take them",
    )
    elements: tuple[NetworkElement, ...] = Field(
        (), description="tables: which files of a folder hold which elements, and how"
    )

    @model_validator(mode="after")
    def parts_fit_format(self) -> Source:
        faults = list(self._version_faults())
        if self.format in INTERVAL_FORMATS:
            faults += self._interval_faults()
        elif self.format == "entity":
            faults += self._entity_faults()
        else:
            faults += self._network_faults()
        if self.attributes and self.target != "asset":
            faults.append(f"{self.target} takes no 'attributes': only asset does")
        if self.target != "network" and (self.network or any(NETWORK_NAME in one for one in self.namespaces.values())):
            faults.append("'network' is of network models")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def protects_records(self) -> bool:
        """True where a record holds source ids or personal data: its text then stands in ``protected`` only."""
        return bool(self.personal) or not HASHED.isdisjoint(self.namespaces)

    def folder_of(self, path: Path) -> Path:
        """The delivered folder that a file or model is part of: as far above it as its pattern in ``files`` reaches."""
        if path.is_dir():
            return path
        reach = max((len(PurePath(pattern).parts) for pattern in self.files if path.match(pattern)), default=1)
        return path.parents[reach - 1]

    def _version_faults(self) -> Iterator[str]:
        if self.version.by == "column" and self.version.column is None:
            yield "version by column needs 'column'"
        if self.version.by == "file_name" and self.version.pattern is None:
            yield "version by file_name needs 'pattern'"
        if (self.version.by == "update_time") and self.format != "nem12":
            yield "version by update_time is NEM12's"

    def _interval_faults(self) -> Iterator[str]:
        if self.readings is None or self.target != "interval_block":
            yield f"format {self.format} needs 'readings' and target interval_block"
            return
        if "meter_id" not in self.namespaces:
            yield "namespaces needs meter_id"
        readings = self.readings
        if self.format != "nem12":
            needed: dict[str, object] = {"interval_minutes": readings.interval_minutes, "time": readings.time}
            needed |= {"value": readings.value} if self.format == "long" else {"values": readings.values}
            yield from (f"readings needs {name}" for name, given in needed.items() if given is None)
            if readings.register_column is None and "" not in readings.registers:
                yield "readings without register_column has one register, named ''"
        for name, register in readings.registers.items():
            if register.unit is None and readings.unit is None and self.format != "nem12":
                yield f"register '{name}' needs a unit"
            elif register.unit is not None and interval_factor(register.unit, register.channel, 60) is None:
                yield f"register '{name}': unit {register.unit} does not measure {register.channel}"

    def _network_faults(self) -> Iterator[str]:
        if self.target != "network":
            yield f"format {self.format} needs target network"
        if others := sorted(self.namespaces.keys() - {"usage_point_id"}):
            yield f"namespaces of a network model names usage_point_id alone, not {others}: see 'network'"
        if (
            self.format in FOLDER_FORMATS
            and self.network is None
            and NETWORK_NAME in self.namespaces.get("usage_point_id", "")
        ):
            yield f"{NETWORK_NAME} needs 'network': a folder does not name its own"
        if missing := ({"node", "branch", "connection"} if self.format == "tables" else set()) - {
            element.part for element in self.elements
        }:
            yield f"elements needs {', '.join(sorted(missing))}"
        if self.format != "tables" and self.elements:
            yield "'elements' is of format tables"
        yield from (fault for element in self.elements for fault in element.faults())
        if self.version.by not in ("file_name", "arrival"):
            yield f"a network model has no version by {self.version.by}"
        if self.lag is not None and self.version.by != "file_name":
            yield "the lag of a network model counts from the time in its name: version by file_name is needed"

    def _entity_faults(self) -> Iterator[str]:
        table = ENTITIES.get(self.target)
        if table is None:
            yield f"no entity '{self.target}'; known are {', '.join(ENTITIES)}"
            return
        silver = SILVER_BY_NAME[self.target]
        joined = JOINED.get(self.target, ())
        needed = [name for name in silver.key if not silver.column(name).nullable and name not in joined]
        if lacking := [name for name in needed if name not in self.columns]:
            yield f"columns needs {', '.join(lacking)}: {self.target} is told apart by it"
        for name, field in self.columns.items():
            if name not in table.column_names or name in PROVENANCE_NAMES:
                yield f"{self.target} has no column '{name}' to deliver"
                continue
            if name in HASHED and name not in self.namespaces:
                yield f"namespaces needs {name}"
            if (field.hour or field.shift) and not isinstance(table.column(name).type, TimestampType):
                yield f"{name}: 'hour' and 'shift' are of instants"
            yield from map_faults(name, field, table)


def read_source(path: Path) -> Source:
    """The source that a YAML file declares; every fault of it in one error."""
    try:
        return Source.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as fault:
        raise SourceError(f"{path}: cannot be read as YAML: {fault}") from fault
    except ValidationError as fault:
        raise SourceError(faults_told(fault, Source, where=path)) from fault
