"""A lake: one root path below which every table has its place, and the session that opens it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from jobs.table import Table


@dataclass(frozen=True)
class Lake:
    """Where tables live. ``root`` is a folder or an object-store URL."""

    spark: SparkSession
    root: str

    def place(self, name: str) -> str:
        """Where the table of that name (``schema.table``) lies, whether it exists or not."""
        return place(self.root, name)

    def holds(self, name: str) -> bool:
        return DeltaTable.isDeltaTable(self.spark, self.place(name))

    def path(self, table: Table) -> str:
        return self.place(table.name)

    def exists(self, table: Table) -> bool:
        return self.holds(table.name)


def place(root: str, name: str) -> str:
    """Where the table of that name lies in the lake at that root."""
    return f"{root.rstrip('/')}/{name.replace('.', '/')}"


def lake_at(spark: SparkSession, root: str) -> Lake:
    """The lake at a folder, which may be relative, or at a URL."""
    return Lake(spark, root if "://" in root else str(Path(root).resolve()))
