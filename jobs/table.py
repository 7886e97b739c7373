"""What a table declaration is, and what is derived from it.

A table is declared once, in ``jobs/<schema>/<table>.py``. The Spark schema, the Delta DDL with its
constraints, the audit, the data dictionary and the rows that tests build all come from that declaration.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pyspark.sql.types import ArrayType, DataType, DoubleType, StructField, StructType

Replace = Literal["all", "day", "period", "file", "key"]


@dataclass(frozen=True)
class Column:
    """One column: its type, unit and meaning, and what its values may be.

    Parameters
    ----------
    unit
        Unit of each value (``"Wh"``, ``"kW"``, ``"1"`` for a fraction); None where a unit makes no sense.
    minimum, maximum
        Bounds of each value, of each element where the column is an array.
    codes
        The values allowed, each with its meaning.
    personal
        True only in ``protected``: the value identifies or describes a person.
    """

    name: str
    type: DataType
    unit: str | None
    meaning: str
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    codes: Mapping[str, str] | None = field(default=None, hash=False)
    personal: bool = False

    @property
    def is_array(self) -> bool:
        return isinstance(self.type, ArrayType)

    def checks(self) -> list[tuple[str, str]]:
        """What every value meets, in words and as an SQL condition; a null passes, nullability is the schema's."""
        low, high = (f"array_min({self.name})", f"array_max({self.name})") if self.is_array else (self.name,) * 2
        unit = "" if self.unit in (None, "1") else f" {self.unit}"
        found = []
        if self.minimum is not None:
            found.append((f"every value >= {self.minimum}{unit}", f"{low} >= {self.minimum}"))
        if self.maximum is not None:
            found.append((f"every value <= {self.maximum}{unit}", f"{high} <= {self.maximum}"))
        elif self.minimum is not None and self._holds_doubles:
            found.append(("every value is a number", f"not isnan({high})"))  # NaN is above any minimum
        if self.codes is not None:
            codes = ", ".join(map(repr, self.codes))
            among = (
                f"size(array_except({self.name}, array({codes}))) <= 0"
                if self.is_array
                else f"{self.name} in ({codes})"
            )
            found.append((f"one of {', '.join(self.codes)}", among))
        return found

    @property
    def _holds_doubles(self) -> bool:
        return isinstance(self.type.elementType if isinstance(self.type, ArrayType) else self.type, DoubleType)


@dataclass(frozen=True)
class Table:
    """A Delta table: its name, grain, key, columns and how a write replaces what stands.

    Parameters
    ----------
    name
        ``schema.table``.
    replace
        What one write replaces as a whole: the table (``all``), grid days (``day``), local periods
        (``period``), the rows of a source file (``file``) or single keys (``key``).
    partition_by
        Columns of the partitioning; ``grid_date`` for tables that are replaced by day.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    replace: Replace = "all"
    partition_by: tuple[str, ...] = ()
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({column.name: column for column in self.columns})
        if len(self._by_name) != len(self.columns):
            raise ValueError(f"{self.name}: a column is declared twice")
        unknown = [name for name in (*self.key, *self.partition_by) if name not in self._by_name]
        if unknown:
            raise ValueError(f"{self.name}: key or partition columns {unknown} are not declared")
        if self.replace == "day" and self.partition_by != ("grid_date",):
            raise ValueError(f"{self.name}: a table replaced by day is partitioned by grid_date")
        if self.replace == "day" and self.key and "grid_date" not in self.key:
            raise ValueError(f"{self.name}: a table replaced by day has grid_date in its key")

    @property
    def schema_name(self) -> str:
        return self.name.split(".")[0]

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def schema(self) -> StructType:
        """Spark schema, with nullability and comments."""
        return StructType(
            [
                StructField(column.name, column.type, column.nullable, {"comment": comment(column)})
                for column in self.columns
            ]
        )

    def column(self, name: str) -> Column:
        return self._by_name[name]

    def constraints(self, among: Collection[str] | None = None) -> dict[str, str]:
        """CHECK constraints by name, of all columns or those ``among``; nulls are let through by name.

        Delta takes a condition that is null for violated.
        """
        columns = [one for one in self.columns if among is None or one.name in among]
        present = {f"{one.name}_not_null": f"{one.name} is not null" for one in columns if not one.nullable}
        return present | {
            f"{column.name}_{number}": f"{column.name} is null or {condition}" if column.nullable else condition
            for column in columns
            for number, (_, condition) in enumerate(column.checks())
        }


def comment(column: Column) -> str:
    """The column's meaning with its unit, as stored beside the data."""
    unit = "" if column.unit is None else f" [{column.unit}]"
    return f"{column.meaning}{unit}"
