"""How one column of ours is made of a source's: which column, its unit, codes and times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from jobs.errors import SourceError
from jobs.section import Section
from jobs.sources.units import conversion
from jobs.table import Table

_NAMED = re.compile(r"\{([^{}]+)\}")


def time_format(form: str) -> str:
    """The format, if a time written by it can be read by it."""
    try:
        datetime.strptime(datetime(2016, 1, 31, tzinfo=UTC).strftime(form), form)
    except ValueError as fault:
        raise ValueError(f"'{form}' is no strptime format: {fault}") from None
    return form


TimeFormat = Annotated[str, AfterValidator(time_format)]


class ColumnMap(Section):
    """One column of ours, from one of the source's, from several put together, or from one constant."""

    column: str | None = None
    text: str | None = Field(
        None, description="columns put together, such as '{from}-{to}'; empty where one of them is empty"
    )
    constant: str | int | float | bool | None = None
    unit: str | None = Field(None, description="unit of the source's values, converted to ours")
    factor: float = Field(1.0, description="what one of the source's is in 'unit', such as the base of per-unit values")
    codes: dict[str, str] = Field(
        default_factory=dict, description="the source's code -> ours; an unknown one is rejected"
    )
    separator: str | None = Field(None, description="splits the text into an array")
    format: TimeFormat | None = Field(None, description="strptime format of this column, where it is not the source's")
    hour: str | None = Field(
        None, description="of an instant whose column holds the day: column with the hour, from 0, or 1 to 24"
    )
    shift: timedelta = Field(
        timedelta(0), description="from the source's instant to ours, such as -PT1H where it names an hour by its end"
    )

    @model_validator(mode="after")
    def one_origin(self) -> ColumnMap:
        if sum(one is not None for one in (self.column, self.text, self.constant)) != 1:
            raise ValueError("needs exactly one of 'column', 'text' and 'constant'")
        if self.text is not None and not _NAMED.search(self.text):
            raise ValueError(f"text '{self.text}' names no column in braces")
        if self.column is None and self.hour is not None:
            raise ValueError("'hour' needs 'column', which holds the day")
        return self

    @property
    def used(self) -> set[str]:
        """The source's columns that it is made of."""
        return {name for name in (self.column, self.hour) if name} | set(_NAMED.findall(self.text or ""))

    @property
    def pieces(self) -> list[str]:
        """Of ``text``: words and names of columns by turns, words first and last."""
        return _NAMED.split(self.text or "")


class AttributeMap(ColumnMap):
    """A further column of a register: a number or a text under a name of the register's own."""

    kind: Literal["number", "text"] = "number"
    minimum: float | None = Field(None, description="a number below it is rejected")
    maximum: float | None = Field(None, description="a number above it is rejected")
    whole_digits: int | None = Field(
        None,
        ge=1,
        description="digits before the point of every number that needs more: one that is longer and written without "
        "a point has lost it, and gets it back there (rule A01)",
    )

    @model_validator(mode="after")
    def of_its_kind(self) -> AttributeMap:
        if self.column is None:
            raise ValueError("an attribute needs 'column'")
        if self.hour is not None or self.shift or self.separator is not None or self.format is not None:
            raise ValueError("an attribute is a number or a text: no 'hour', 'shift', 'separator' or 'format'")
        limits = (self.minimum, self.maximum, self.whole_digits, self.unit)
        if self.kind == "text" and (self.factor != 1 or any(one is not None for one in limits)):
            raise ValueError("'unit', 'factor', 'minimum', 'maximum' and 'whole_digits' are of numbers")
        if self.unit is not None:
            raise ValueError("an attribute keeps the source's unit: put it at the end of its name, convert by 'factor'")
        return self


def map_faults(name: str, how: ColumnMap, table: Table) -> Iterator[str]:
    """What of a column's codes and unit does not fit ours."""
    ours = table.column(name).codes
    if ours is not None and (unknown := sorted(set(how.codes.values()) - set(ours))):
        yield f"{name}: codes map to {unknown}; ours are {', '.join(ours)}"
    if how.unit is not None:
        try:
            conversion(how.unit, table.column(name).unit)
        except SourceError as fault:
            yield f"{name}: {fault}"
