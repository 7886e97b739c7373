"""What the files of an ingest replace: the commit of each table, by rows that tasks read or put aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from pyspark.sql import DataFrame

from jobs.bronze.entity import ENTITIES
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.bronze.network_branch import NETWORK_BRANCH
from jobs.bronze.network_connection import NETWORK_CONNECTION
from jobs.bronze.network_node import NETWORK_NODE
from jobs.bronze.rejected import ENTITY_REJECTED, INTERVAL_BLOCK_REJECTED
from jobs.errors import LakeError
from jobs.intake.file_plan import Received
from jobs.intake.staging import Staging
from jobs.intake.tasks import BLOCKS, IDENTIFIER, PERSONAL, REGISTERS, REJECTED, REJECTED_RECORD
from jobs.lake.day_files import DayFiles
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import read_table
from jobs.lake.write import merge_keys, replace_where
from jobs.protected.identifier import IDENTIFIER as IDENTIFIER_TABLE
from jobs.protected.personal_record import PERSONAL_RECORD
from jobs.protected.rejected_record import REJECTED_RECORD as REJECTED_RECORD_TABLE
from jobs.sources.declaration import INTERVAL_FORMATS, NETWORK_FORMATS, Source
from jobs.table import Table

NETWORK_TABLES = {
    "network_node": NETWORK_NODE,
    "network_branch": NETWORK_BRANCH,
    "network_connection": NETWORK_CONNECTION,
}
REJECTED_TABLES = {"interval_block": INTERVAL_BLOCK_REJECTED, **ENTITY_REJECTED}


@dataclass(frozen=True)
class Commit:
    """One commit that an ingest has to make, and of which table."""

    table: Table
    make: Callable[[], object]


@dataclass(frozen=True)
class Staged:
    """What tasks have put aside so far."""

    staging: Staging
    files: frozenset[str]

    def __contains__(self, kind: str) -> bool:
        return self.staging.path(kind, self.files) is not None

    def rows(self, lake: Lake, table: Table, kind: str) -> DataFrame:
        path = self.staging.path(kind, self.files)
        if path is None:
            return local_rows(lake.spark, table.schema)
        return lake.spark.read.schema(table.schema).parquet(path)


@dataclass(frozen=True)
class BlocksRead:
    """Blocks that tasks read as ``rows`` are asked for.

    Parameters
    ----------
    into
        Where they write the rows' lists; None where Spark writes whole rows.
    count
        How many rows of these files they read, once they have.
    """

    rows: DataFrame
    into: DayFiles | None
    count: Callable[[Sequence[Received]], int]


def streams(one: Received) -> bool:
    """True where the file's blocks go to bronze as they are read; those of a file that stands are put aside first."""
    return one.source.format in INTERVAL_FORMATS and not one.stands


def block_commits(lake: Lake, files: Sequence[Received], staged: Staged, read: BlocksRead | None) -> Iterator[Commit]:
    """Commits of the blocks that tasks write into the table as they read, and of those put aside."""
    streamed = [one for one in files if streams(one)]
    if read is not None and streamed:
        yield Commit(BRONZE_INTERVAL_BLOCK, partial(_add_blocks, lake, read, streamed))
    put_aside = [one for one in files if one.source.format in INTERVAL_FORMATS and not streams(one)]
    if put_aside:
        yield _replacement(lake, BRONZE_INTERVAL_BLOCK, staged, BLOCKS, put_aside)


def _add_blocks(lake: Lake, read: BlocksRead, files: Sequence[Received]) -> None:
    """The files' rows, in place of what a run that was killed may have left of them.

    Raises
    ------
    LakeError
        The files that tasks wrote hold more or fewer rows than the tasks say they read.
    """
    where = _of_files(BRONZE_INTERVAL_BLOCK, files)
    if read.into is None:
        replace_where(lake, BRONZE_INTERVAL_BLOCK, read.rows, where)
        return
    try:
        written = read.into.held(read.rows, audited=False)
        found, needed = sum(file.rows for file in written), read.count(files)
        if found != needed:
            raise LakeError(
                f"{BRONZE_INTERVAL_BLOCK.name}: {found:,} rows in files that tasks wrote, but {needed:,} were read; "
                "nothing was committed, run the same command again"
            )
        read.into.add(lake, written, where)
    finally:
        read.into.sweep(_received_days(files))


def entity_commits(lake: Lake, files: Sequence[Received], staged: Staged) -> Iterator[Commit]:
    """One commit for each entity and network table that the files feed."""
    for name, table in (ENTITIES | NETWORK_TABLES).items():
        feeding = [
            one
            for one in files
            if name == one.source.target or (name in NETWORK_TABLES and one.source.format in NETWORK_FORMATS)
        ]
        if feeding:
            yield _replacement(lake, table, staged, f"rows/{name}", feeding)


def side_commits(lake: Lake, files: Sequence[Received], staged: Staged) -> Iterator[Commit]:
    """Commits of rejects, personal values and ids, where there are any or were any before."""
    for target, table in REJECTED_TABLES.items():
        of_target = [one for one in files if one.source.target == target]
        if f"{REJECTED}/{target}" in staged or any(one.rejected_before for one in of_target):
            yield _replacement(lake, table, staged, f"{REJECTED}/{target}", of_target)
    if REJECTED_RECORD in staged or any(one.rejected_before for one in files):
        yield _replacement(lake, REJECTED_RECORD_TABLE, staged, REJECTED_RECORD, files)
    registering = [one for one in files if one.source.format == "nem12"]
    if REGISTERS in staged or any(one.why for one in registering):
        yield _replacement(lake, ENTITIES["register_read"], staged, REGISTERS, registering)
    personal = [one for one in files if one.source.personal]
    if personal:
        yield _replacement(lake, PERSONAL_RECORD, staged, PERSONAL, personal)
    if IDENTIFIER in staged:
        ids = staged.rows(lake, IDENTIFIER_TABLE, IDENTIFIER).dropDuplicates(list(IDENTIFIER_TABLE.key))
        yield Commit(IDENTIFIER_TABLE, partial(merge_keys, lake, IDENTIFIER_TABLE, ids, update=False))


def _replacement(lake: Lake, table: Table, staged: Staged, kind: str, files: Sequence[Received]) -> Commit:
    return Commit(table, lambda: replace_where(lake, table, staged.rows(lake, table, kind), _of_files(table, files)))


def removals(lake: Lake, files: Sequence[Received]) -> Iterator[Commit]:
    """Removals of rows that a former declaration put into tables which today's does not feed."""
    redeclared = [one for one in files if one.redeclared]
    tables = (BRONZE_INTERVAL_BLOCK, *ENTITIES.values(), *NETWORK_TABLES.values(), *REJECTED_TABLES.values())
    for table in (*tables, PERSONAL_RECORD):
        left = [one for one in redeclared if table.name not in _fed(one.source)]
        if left:
            yield Commit(table, partial(_remove, lake, table, left))


def target_tables(source: Source) -> list[Table]:
    """The tables for which the source is declared."""
    if source.format in NETWORK_FORMATS:
        return list(NETWORK_TABLES.values())
    return [ENTITIES.get(source.target, BRONZE_INTERVAL_BLOCK)]


def _fed(source: Source) -> set[str]:
    """Names of the tables in which a file of the source replaces its rows."""
    tables = target_tables(source)
    tables += [] if source.format in NETWORK_FORMATS else [REJECTED_TABLES[source.target]]
    tables += [ENTITIES["register_read"]] if source.format == "nem12" else []
    tables += [PERSONAL_RECORD] if source.personal else []
    return {table.name for table in tables}


def _remove(lake: Lake, table: Table, files: Sequence[Received]) -> None:
    condition = _of_files(table, files)
    if lake.exists(table) and not read_table(lake, table).where(condition).isEmpty():
        replace_where(lake, table, local_rows(lake.spark, table.schema), condition)


def _of_files(table: Table, files: Sequence[Received]) -> str:
    """Condition that holds for the table's rows of these files, of their sources."""
    by_source: dict[str, list[str]] = {}
    for one in files:
        by_source.setdefault(one.source.name, []).append(one.file_id)
    parts = (f"(source = {name!r} and file_id in ({', '.join(map(repr, ids))}))" for name, ids in by_source.items())
    condition = " or ".join(parts)
    if "received_date" not in table.partition_by:
        return condition
    literal = ", ".join(f"date'{day}'" for day in _received_days(files))
    return f"received_date in ({literal}) and ({condition})"


def _received_days(files: Sequence[Received]) -> list[date]:
    return sorted({datetime.fromtimestamp(one.arrived_us / 1e6, UTC).date() for one in files})
