"""What a source's YAML says of a network model that is delivered as tables: which file holds which elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pyarrow as pa
from pydantic import Field

from jobs.bronze.network_branch import NETWORK_BRANCH
from jobs.bronze.network_connection import NETWORK_CONNECTION
from jobs.bronze.network_node import NETWORK_NODE
from jobs.network.model import BRANCH, CONNECTION, NODE
from jobs.section import Section
from jobs.sources.column_map import ColumnMap, map_faults
from jobs.table import Table

ELEMENTS: dict[str, tuple[Table, pa.Schema]] = {
    "node": (NETWORK_NODE, NODE),
    "branch": (NETWORK_BRANCH, BRANCH),
    "connection": (NETWORK_CONNECTION, CONNECTION),
}


class Beside(Section):
    """A file of a network model whose rows belong to those of another."""

    file: str
    by: tuple[str, ...] = Field((), description="columns that say which row; none: the rows stand in the same order")


class NetworkElement(Section):
    """Nodes, branches or connections of a network model that one of its files holds."""

    part: Literal["node", "branch", "connection"]
    file: str = Field(description="the file's name in the model's folder")
    beside: tuple[Beside, ...] = Field((), description="files with further columns; a column is the first file's")
    only: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="column -> texts of which it holds one in the rows that are meant"
    )
    columns: dict[str, ColumnMap]

    @property
    def used(self) -> set[str]:
        """Columns of its files that are needed."""
        return set(self.only).union(*(how.used for how in self.columns.values()))

    def faults(self) -> Iterator[str]:
        """What of the declaration does not fit our columns."""
        table, schema = ELEMENTS[self.part]
        yield from (
            f"{self.part} of {self.file} needs {field.name}"
            for field in schema
            if not field.nullable and field.name not in self.columns
        )
        for name, how in self.columns.items():
            if name not in schema.names:
                yield f"network_{self.part} has no column '{name}' to deliver"
            else:
                yield from map_faults(name, how, table)
