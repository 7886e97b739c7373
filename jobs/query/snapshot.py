"""The table versions that belong together: those of one release, so that nobody joins new silver with old gold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import GridlakeError
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, read_version
from jobs.ops.release import RELEASE
from jobs.registry import all_jobs
from jobs.table import Table

LATEST = "latest"


@dataclass(frozen=True)
class Snapshot:
    """A lake as of one release; as it stands now where no build has finished yet."""

    lake: Lake
    release_id: str | None = None
    released_at_utc: datetime | None = None
    versions: dict[str, int] = field(default_factory=dict)

    def rows(self, table: Table) -> DataFrame:
        """Rows of the release's version; none of a table that the release leaves out."""
        if self.release_id is None:
            return read_table(self.lake, table)
        return read_version(self.lake, table, self.versions.get(table.name))


def read_snapshot(lake: Lake, release: str = LATEST) -> Snapshot:
    """The named release, or the newest that leaves out no table which stands and is built; else the newest.

    A build of some tables makes a release of these and what they read: who asks for the latest wants all of them.

    Raises
    ------
    GridlakeError
        No release has that id.
    """
    rows = read_table(lake, RELEASE)
    if release != LATEST:
        rows = rows.where(F.col("release_id") == release)
    built = F.array(*[F.lit(name) for name in all_jobs() if lake.holds(name)]).cast("array<string>")
    left_out = F.size(F.array_except(built, F.map_keys("table_versions"))) > 0
    found = rows.orderBy(left_out, F.desc("released_at_utc"), "release_id").limit(1).toPandas()
    if found.empty:
        if release != LATEST:
            raise GridlakeError(
                f"no release '{release}' in this lake: `gridlake runs --releases` lists those there are"
            )
        return Snapshot(lake)
    row = found.iloc[0]
    versions = {str(name): int(version) for name, version in dict(row["table_versions"]).items()}
    return Snapshot(lake, str(row["release_id"]), pd.Timestamp(row["released_at_utc"]).to_pydatetime(), versions)
