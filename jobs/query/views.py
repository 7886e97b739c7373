"""The lake's tables by name in a Spark session, whoever started it: ``gold.feeder_profile`` and so on."""

from __future__ import annotations

from pyspark.sql import SparkSession

from jobs.errors import GridlakeError
from jobs.lake.lake import Lake, lake_at
from jobs.query.snapshot import read_snapshot
from jobs.registry import all_tables


def register_tables(spark: SparkSession, root: str, *, release: str | None = None) -> list[str]:
    """Make every table of a lake a view in the session's catalogue, and say which there are.

    The session needs Delta: its JARs, ``spark.sql.extensions`` and ``spark.sql.catalog.spark_catalog``. A catalogue
    that outlasts the session, such as Hive's, keeps the views; a table of its own by one of the names is left alone,
    with Spark's error.

    Parameters
    ----------
    root
        Folder or URL of the lake.
    release
        Show the tables as of this release, ``latest`` being the newest; else as they stand.
    """
    lake = lake_at(spark, root)
    versions = versions_of(lake, release)
    made = [name for name in all_tables() if register_view(lake, name, versions)]
    if not made:
        raise GridlakeError(f"{root}: no lake, or none of its tables" + (f" in release '{release}'" if release else ""))
    return made


def versions_of(lake: Lake, release: str | None) -> dict[str, int] | None:
    """Version of each table of a release; None where none is named.

    Raises
    ------
    GridlakeError
        The lake does not hold it.
    """
    if release is None:
        return None
    snapshot = read_snapshot(lake, release)
    if snapshot.release_id is None:
        raise GridlakeError("this lake holds no release yet: a build that ends well makes one")
    return snapshot.versions


def register_view(lake: Lake, name: str, versions: dict[str, int] | None) -> bool:
    """Make ``name`` the lake's table (of the release) in its session; False where there is no such table.

    A view: the session may have opened another lake before, whose table then goes by this name no longer.
    """
    lake.spark.sql(f"create schema if not exists {name.split('.')[0]}")
    lake.spark.sql(f"drop view if exists {name}")
    version = None if versions is None else versions.get(name)
    if not lake.holds(name) or (versions is not None and version is None):
        return False
    at = "" if version is None else f" version as of {version}"
    lake.spark.sql(f"create view {name} as select * from delta.`{lake.place(name)}`{at}")
    return True
