"""A lake that is built, corrected and built again, all through the command line: what stood after each build."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.command_line import CommandLine
from tests.integration.lake_files import day_files

BUILT = ["gold.transformer_profile", "gold.feeder_profile", "gold.usage_point_day", "silver.reading_flag"]
DAY_TABLES = ["silver.received_block", "silver.interval_block", *BUILT]
Row = dict[str, Any]
Files = dict[str, dict[str, set[str]]]


@dataclass
class Twice:
    """A lake that was built, corrected and built again."""

    gridlake: CommandLine
    first: date
    """Of the days that are built again."""
    releases: list[str] = field(default_factory=list)
    files: list[Files] = field(default_factory=list)
    """Of each day table and grid day, after each build."""
    between: dict[str, Row] = field(default_factory=dict)
    """Traces by usage point of a day whose meters are already registered rightly, but which is not built again."""
    source_id: dict[str, str] = field(default_factory=dict)
    _rows: dict[tuple[str, int], list[Row]] = field(default_factory=dict)

    def run(self, *arguments: object) -> str:
        command, *rest = arguments
        return self.gridlake.run(str(command), *rest, settings="faulty")

    def build(self, *days: object) -> None:
        """Build, and keep what stands then."""
        found = re.search(r"^run (\w+):", self.run("build", *BUILT, *days), re.MULTILINE)
        assert found is not None
        self.releases.append(found[1])
        lake = self.gridlake.folder / "lake"
        self.files.append({name: day_files(lake / name.replace(".", "/")) for name in DAY_TABLES})

    def trace(self, point: str, day: date, *options: str) -> Row:
        told: Row = json.loads(self.run("trace", point, day, *options, "--format", "json"))
        return told

    def rows(self, table: str, build: int) -> list[Row]:
        """Rows of the days from the first on in a build's release, ids as their sources write them."""
        if (table, build) not in self._rows:
            query = f"select * from {table} where grid_date >= date'{self.first}' order by grid_date"
            told = self.run("sql", query, "--release", self.releases[build], "--format", "json")
            found: list[Row] = [json.loads(line) for line in told.splitlines()]
            for row in found:
                if row.get("usage_point_id"):
                    row["usage_point_id"] = self.source_id[row["usage_point_id"]]
            self._rows[table, build] = found
        return self._rows[table, build]

    def of(self, table: str, build: int, **key: str) -> list[Row]:
        return [row for row in self.rows(table, build) if key.items() <= row.items()]

    def day(self, table: str, build: int, day: date, **key: str) -> Row:
        (row,) = self.of(table, build, grid_date=str(day), **key)
        return row

    def energy(self, point: str, build: int) -> list[int]:
        """Wh of each day from the first on."""
        return [row["energy"] for row in self.of("gold.usage_point_day", build, usage_point_id=point)]

    def flags(self, point: str, build: int) -> list[tuple[str, str, float, str]]:
        return [
            (row["grid_date"], row["rule_id"], row["measured"], row["disposition"])
            for row in self.of("silver.reading_flag", build, usage_point_id=point)
        ]
