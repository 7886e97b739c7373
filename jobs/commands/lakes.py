"""The lake that a command works on; Spark starts here and nowhere else in the command line."""

from __future__ import annotations

from pathlib import Path

from jobs.errors import GridlakeError
from jobs.settings import Settings


def open_lake(settings: Settings):  # type: ignore[no-untyped-def]  # a Lake, imported with Spark
    """The lake of the settings."""
    from jobs.lake.lake import lake_at
    from jobs.session import spark_session

    return lake_at(spark_session(settings), settings.lake.root)


def standing_lake(settings: Settings):  # type: ignore[no-untyped-def]
    """The lake of the settings, for commands that read it: a mistyped path is told, not taken for an empty lake."""
    from jobs.registry import all_tables

    root = settings.lake.root
    none = GridlakeError(f"{root}: no lake, or one into which nothing was ingested; --lake names another")
    if "://" not in root and not Path(root).is_dir():
        raise none
    lake = open_lake(settings)
    if not any(lake.exists(table) for table in all_tables().values()):
        raise none
    return lake
