"""What a source's YAML says: format, files, target, and how its columns, units, times and codes map to ours."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from jobs.columns import CHANNELS
from jobs.errors import SourceError

Channel = Literal["delivered", "received", "reactive_delivered", "reactive_received"]
assert set(Channel.__args__) == set(CHANNELS)  # type: ignore[attr-defined]


class Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Declared):
    """How delimited text is written."""

    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    skip_rows: int = Field(0, ge=0, description="lines before the header")
    null_values: tuple[str, ...] = ("",)


class Time(Declared):
    """How the source writes instants: in one zone, or at one offset; by the start or the end of an interval."""

    zone: str = Field("UTC", description="IANA zone of wall-clock times, or a fixed offset such as +01:00")
    format: str | None = Field(None, description="strptime format; None is ISO 8601, whose own offset wins over zone")
    label: Literal["start", "end"] = "start"
    repeated_hour: Literal["order", "column"] = Field(
        "order", description="what tells the two passes of the repeated hour apart: order in the file, or a column"
    )
    summer_time_column: str | None = Field(None, description="column that is true in summer time, for 'column'")


class Register(Declared):
    """What one register of the source measures."""

    channel: Channel
    unit: str = Field(description="Wh, kWh, MWh, varh, kvarh, Mvarh, or kW / kvar as mean power of the interval")
    sign: Literal[1, -1] = Field(1, description="-1 where the source counts the other way round")


class Readings(Declared):
    """How interval data are laid out."""

    meter: str | None = Field(None, description="column with the meter's number (NEM12 names it itself)")
    register_column: str | None = Field(None, description="column with the register; None: there is one register")
    registers: dict[str, Register] = Field(description="register as the source names it ('' where it has none) -> ours")
    interval_minutes: Literal[5, 10, 15, 30, 60] | None = Field(None, description="None: the file says it (NEM12)")
    time: str | None = Field(None, description="long: column with the instant; wide: column with the day")
    value: str | None = Field(None, description="long: column with the value")
    values: tuple[str, str] | None = Field(None, description="wide: first and last column of the day's values")
    quality: str | None = Field(None, description="column with the quality code")
    quality_codes: dict[str, Literal["valid", "estimated", "missing"]] = Field(default_factory=dict)


class Field_(Declared):
    """One column of ours, from one of the source's (or one constant)."""

    column: str | None = None
    constant: str | int | float | bool | None = None
    unit: str | None = Field(None, description="unit of the source's values, converted to ours")
    codes: dict[str, str] = Field(default_factory=dict, description="the source's code -> ours; an unknown one is rejected")
    separator: str | None = Field(None, description="splits the text into an array")

    @model_validator(mode="after")
    def one_origin(self) -> Field_:
        if (self.column is None) == (self.constant is None):
            raise ValueError("needs exactly one of 'column' and 'constant'")
        return self


class Version(Declared):
    """What decides which of two deliveries of the same thing wins: the data, never the order of ingest."""

    by: Literal["column", "file_name", "update_time", "arrival"] = "arrival"
    column: str | None = None
    pattern: str | None = Field(None, description="file_name: regular expression whose first group is the time")
    format: str = Field("%Y%m%d%H%M%S", description="strptime format of that time")


class Source(Declared):
    """One source: what it delivers and how it maps to ours."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    describes: str = Field(description="one sentence for the data dictionary")
    format: Literal["long", "wide", "nem12", "entity", "simbench", "opendss"]
    container: Literal["text", "parquet"] = "text"
    files: str = Field("*.csv", description="glob below the source's folder; network models: the folder or master script")
    target: str = Field(description="interval_block, network, or the silver entity it feeds, such as meter")
    namespaces: dict[str, str] = Field(
        default_factory=dict, description="our id column -> namespace of its source ids (hashed ids need one)"
    )
    personal: tuple[str, ...] = Field((), description="the source's columns that hold personal data")
    synthetic: bool
    lag: Annotated[timedelta, Field(description="event until known, where the source records no time of its own")] = timedelta(0)
    known_from: str | None = Field(None, description="column with the source's own time of recording")
    version: Version = Version()
    text: Text = Text()
    time: Time = Time()
    readings: Readings | None = None
    columns: dict[str, Field_] = Field(default_factory=dict)

    @model_validator(mode="after")
    def parts_fit_format(self) -> Source:
        if self.format in ("long", "wide", "nem12") and (self.readings is None or self.target != "interval_block"):
            raise ValueError(f"format {self.format} needs 'readings' and target interval_block")
        if self.format == "entity" and not self.columns:
            raise ValueError("format entity needs 'columns'")
        return self


def read_source(path: Path) -> Source:
    """The source that a YAML file declares; every fault of it in one error."""
    try:
        return Source.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as fault:
        raise SourceError(f"{path}: cannot be read as YAML: {fault}") from fault
    except ValidationError as fault:
        lines = [f"  {'.'.join(map(str, one['loc'])) or '(whole)'}: {one['msg']}" for one in fault.errors()]
        raise SourceError(f"{path}: {len(lines)} fault(s):\n" + "\n".join(lines)) from fault
