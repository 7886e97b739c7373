"""Delivered files to committed bronze: the new ones are read in Spark tasks, committed by table, then by the ledger.

A run that is killed leaves files without a good entry in the ledger; the next run reads them again and replaces
whatever rows of theirs it finds. A file that is read again because its source is declared otherwise, and now cannot be
read, keeps its rows and its entry in the ledger: each run tries it again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pyspark import AccumulatorParam
from pyspark.sql import DataFrame

from jobs.bronze.entity import ENTITIES
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.bronze.network_branch import NETWORK_BRANCH
from jobs.bronze.network_connection import NETWORK_CONNECTION
from jobs.bronze.network_node import NETWORK_NODE
from jobs.bronze.rejected import ENTITY_REJECTED, INTERVAL_BLOCK_REJECTED
from jobs.errors import SourceError, first_keys
from jobs.identity import read_identity_key
from jobs.ingest_tasks import BLOCKS, FILE, IDENTIFIER, PERSONAL, REGISTERS, REJECTED, REJECTED_RECORD, ReadFiles
from jobs.lake.lake import Lake
from jobs.lake.local import local_rows
from jobs.lake.scan import read_table
from jobs.lake.write import merge_keys, replace_where
from jobs.ledger import arrival_entry, commit_entries, failed_entry, outcome_entry, read_entries
from jobs.progress import told
from jobs.protected.identifier import IDENTIFIER as IDENTIFIER_TABLE
from jobs.protected.personal_record import PERSONAL_RECORD
from jobs.protected.rejected_record import REJECTED_RECORD as REJECTED_RECORD_TABLE
from jobs.received import Plan, Received, left_out, planned, received_files, settings_hash
from jobs.session import interpreting
from jobs.settings import Settings
from jobs.sources.declaration import Source, read_source
from jobs.sources.delivery import Delivery
from jobs.staging import Staging, new_staging
from jobs.table import Table

Echo = Callable[[str], None]

INTERVAL, ENTITY, NETWORK = ("long", "wide", "nem12"), ("entity",), ("simbench", "opendss")
NETWORK_TABLES = {
    "network_node": NETWORK_NODE,
    "network_branch": NETWORK_BRANCH,
    "network_connection": NETWORK_CONNECTION,
}
REJECTED_TABLES = {"interval_block": INTERVAL_BLOCK_REJECTED, **ENTITY_REJECTED}
_TASK_BYTES = (1 << 22, 1 << 27)  # least and most that one task reads, files being whole
_SIDE_BY_SIDE = 6  # commits at once: each mostly waits
_UNKNOWN = "unknown source"


@dataclass
class IngestReport:
    """What became of one source's files in one run. Reads are channel-intervals."""

    source: str
    ok: int = 0
    unchanged: int = 0
    rows: int = 0
    reads: int = 0
    rejected_rows: int = 0
    rejected_reads: int = 0
    failures: list[str] = field(default_factory=list)
    read_again: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return len(self.failures)

    def __str__(self) -> str:
        stored = (
            f"{self.reads:,} reads = {self.reads - self.rejected_reads:,} stored + {self.rejected_reads:,} rejected"
        )
        rows = f"{self.rows:,} rows, {self.rejected_rows:,} rejected"
        return (
            f"{self.source}: {self.ok} files ok, {self.unchanged} unchanged, {self.failed} failed; "
            f"{stored if self.reads else rows}"
        )


@dataclass(frozen=True)
class _Failure:
    """A file that no source reads, or a folder with none."""

    source: str
    path: Path
    reason: str


class _Counts(AccumulatorParam[Any]):
    """Files, reads and rows that tasks have done."""

    def zero(self, value: Any) -> Any:
        return np.zeros(3, np.int64)

    def addInPlace(self, value1: Any, value2: Any) -> Any:  # noqa: N802 (Spark's name)
        return value1 + value2


class _Names(AccumulatorParam[set[str]]):
    """Files that tasks have put aside."""

    def zero(self, value: set[str]) -> set[str]:
        return set()

    def addInPlace(self, value1: set[str], value2: set[str]) -> set[str]:  # noqa: N802 (Spark's name)
        value1 |= value2
        return value1


@dataclass(frozen=True)
class _Staged:
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


def source_named(settings: Settings, name: str) -> Source:
    """The source that a YAML file declares: a path, or the name of one in the configuration's sources/."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else settings.sources_folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in settings.sources_folder.glob("*.yaml"))
        raise SourceError(f"{_UNKNOWN} '{name}': no {path}; declared are {', '.join(known)}")
    return read_source(path)


def ingest_source(lake: Lake, settings: Settings, source: Source, path: Path, *, echo: Echo) -> IngestReport:
    """Take one source's files at or below ``path`` into bronze.

    Raises
    ------
    SourceError
        Nothing stands there for the source.
    """
    return _ingest(lake, settings, [(source, path.absolute())], [], echo)[0]


def ingest_drop_folder(lake: Lake, settings: Settings, folder: Path, *, echo: Echo) -> list[IngestReport]:
    """Take a drop folder with one subfolder a source into bronze; what cannot be read is recorded, the others go on."""
    sources: list[tuple[Source, Path]] = []
    failures: list[_Failure] = []
    for subfolder in sorted(one for one in folder.absolute().iterdir() if one.is_dir()):
        try:
            sources.append((source_named(settings, subfolder.name), subfolder))
        except SourceError as fault:
            files = sorted(file for file in subfolder.rglob("*") if file.is_file()) or [subfolder]
            failures += [_Failure(subfolder.name, file, str(fault)) for file in files]
    return _ingest(lake, settings, sources, failures, echo)


def _ingest(
    lake: Lake, settings: Settings, sources: Sequence[tuple[Source, Path]], failures: list[_Failure], echo: Echo
) -> list[IngestReport]:
    began = time.monotonic()
    lake = Lake(interpreting(lake.spark), lake.root)  # plans that only carry rows from Python to files
    key = read_identity_key(settings)
    hashes = {source.name: settings_hash(source, settings, key) for source, _ in sources}
    reports = {
        name: IngestReport(name) for name in [source.name for source, _ in sources] + [one.source for one in failures]
    }
    found: list[Received] = []
    for source, path in sources:
        try:
            found += received_files(source, path, hashes[source.name])
            if ignored := left_out(source, path):
                names = first_keys([str(one) for one in ignored])
                echo(f"{source.name}: {len(ignored)} files left out, not named by '{source.files}': {names}")
        except SourceError as fault:
            if len(sources) == 1:
                raise
            failures.append(_Failure(source.name, path, str(fault)))
    ledger = read_entries(lake, [one.file_id for one in found], hashes)
    plan = planned(found, ledger, hashes, {source.name: source for source, _ in sources})
    echo(f"{len(found)} files, {sum(one.size_bytes for one in plan.read) / 1e6:,.0f} MB in {len(plan.read)} to read")
    staging = new_staging(lake.root)
    done = lake.spark.sparkContext.accumulator(np.zeros(3, np.int64), _Counts())
    reported = lake.spark.sparkContext.accumulator(set[str](), _Names())
    reader = ReadFiles([], 0, key, staging, done, reported)
    with staging.held(), told(lambda: _so_far(done, len(plan.read)), echo):
        outcomes = _read_and_commit(lake, settings, plan, reader)
    entries = [outcome_entry(one, outcomes[one.file_id, one.source.name]) for one in plan.read]
    committed = zip(plan.read, entries, strict=True)
    commit_entries(lake, [entry for one, entry in committed if entry["status"] == "ok" or not one.stands])
    # What no source reads keeps its first arrival, and whatever became of it while a source still did.
    unread = [failed_entry(one.source, one.path, one.reason) for one in failures if one.path.is_file()]
    commit_entries(lake, unread, update=False)
    for source, kept in plan.lost:
        failures.append(
            _Failure(source.name, Path(kept), "to be read again, but no longer there as it was; its rows stay")
        )
    for one in plan.unchanged:
        reports[one.source.name].unchanged += 1
    for one, entry in zip(plan.read, entries, strict=True):
        _count(reports[one.source.name], one, entry)
    for failure in failures:
        reports[failure.source].failures.append(f"{failure.path}: {failure.reason}")
    for report in reports.values():
        echo(str(report))
        for line in report.read_again[:1]:
            echo(f"{report.source}: {len(report.read_again)} files {line}")
    echo(f"{sum(report.ok for report in reports.values())} files in {time.monotonic() - began:.1f} s")
    return list(reports.values())


def _read_and_commit(
    lake: Lake, settings: Settings, plan: Plan, reader: ReadFiles
) -> dict[tuple[str, str], dict[str, Any]]:
    """Commit everything but the ledger; what each file became, by (file_id, source)."""
    if not plan.read:
        return {}
    offset_us = round(settings.grid_time.offset.total_seconds() * 1e6)
    cores = lake.spark.sparkContext.defaultParallelism
    blocks = _tasks([one for one in plan.read if _streams(one)], offset_us, cores)
    others = _tasks([one for one in plan.read if not _streams(one)], offset_us, cores)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        # First arrivals are recorded before any row: a run killed later leaves rows that the next one finds and
        # replaces. What is only put aside may be read meanwhile.
        arrived = pool.submit(commit_entries, lake, [arrival_entry(one) for one in plan.new])
        _put_aside(lake, replace(reader, tasks=others, first_task=len(blocks), aside=True))
        arrived.result()
        outcomes = _outcomes(reader)
        files = [one for one in plan.read if not (one.stands and outcomes[one.file_id, one.source.name]["failure"])]
        interval_done = pool.submit(_commit_blocks, lake, files, replace(reader, tasks=blocks))
        commits = [pool.submit(commit) for commit in _entity_commits(lake, files, _staged(reader))]
        interval_done.result()
        commits += [pool.submit(commit) for commit in _side_commits(lake, files, _staged(reader))]
        for one in commits:
            one.result()
        for one in [pool.submit(removal) for removal in _removals(lake, files)]:
            one.result()
    return _outcomes(reader)


def _streams(one: Received) -> bool:
    """True where the file's blocks go to bronze as they are read; those of a file that stands are put aside first."""
    return one.source.format in INTERVAL and not one.stands


def _staged(reader: ReadFiles) -> _Staged:
    return _Staged(reader.staging, frozenset(reader.reported.value))


def _outcomes(reader: ReadFiles) -> dict[tuple[str, str], dict[str, Any]]:
    rows = reader.staging.read(FILE, _staged(reader).files)
    return {(row["file_id"], row["source"]): row for row in rows}


def _tasks(files: Sequence[Received], offset_us: int, cores: int) -> list[list[Delivery]]:
    """Files in tasks of about equal size, neighbours together: their days lie close in bronze, too."""
    least, most = _TASK_BYTES
    share = min(max(sum(one.size_bytes for one in files) / (4 * cores), least), most)
    tasks: list[list[Delivery]] = []
    filled = share
    for one in sorted(files, key=lambda one: (one.source.name, str(one.path))):
        if filled >= share:
            tasks.append([])
            filled = 0
        tasks[-1].append(one.delivery(offset_us))
        filled += one.size_bytes
    return tasks


def _put_aside(lake: Lake, reader: ReadFiles) -> None:
    if reader.tasks:
        _blocks(lake, reader).select("file_id").collect()  # no rows: all is put aside


def _blocks(lake: Lake, reader: ReadFiles) -> DataFrame:
    ids = lake.spark.range(0, len(reader.tasks), 1, len(reader.tasks))
    return ids.mapInArrow(reader.blocks, BRONZE_INTERVAL_BLOCK.schema)


def _commit_blocks(lake: Lake, files: Sequence[Received], reader: ReadFiles) -> None:
    """Commit the blocks put aside, and those of the tasks as they are read."""
    files = [one for one in files if one.source.format in INTERVAL]
    if files:
        staged = _staged(reader)
        rows = _blocks(lake, reader) if reader.tasks else staged.rows(lake, BRONZE_INTERVAL_BLOCK, BLOCKS)
        if reader.tasks and BLOCKS in staged:
            rows = rows.unionByName(staged.rows(lake, BRONZE_INTERVAL_BLOCK, BLOCKS))
        replace_where(lake, BRONZE_INTERVAL_BLOCK, rows, _of_files(BRONZE_INTERVAL_BLOCK, files))


def _entity_commits(lake: Lake, files: Sequence[Received], staged: _Staged) -> Iterator[Callable[[], None]]:
    """One commit for each entity and network table that the files feed."""
    for name, table in (ENTITIES | NETWORK_TABLES).items():
        feeding = [
            one
            for one in files
            if name == one.source.target or (name in NETWORK_TABLES and one.source.format in NETWORK)
        ]
        if feeding:
            yield _replacement(lake, table, staged, f"rows/{name}", feeding)


def _side_commits(lake: Lake, files: Sequence[Received], staged: _Staged) -> Iterator[Callable[[], None]]:
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
        yield lambda: merge_keys(lake, IDENTIFIER_TABLE, ids, update=False)


def _replacement(lake: Lake, table: Table, staged: _Staged, kind: str, files: Sequence[Received]) -> Callable[[], None]:
    return lambda: replace_where(lake, table, staged.rows(lake, table, kind), _of_files(table, files))


def _removals(lake: Lake, files: Sequence[Received]) -> Iterator[Callable[[], None]]:
    """Removals of rows that a former declaration put into tables which today's does not feed."""
    redeclared = [one for one in files if one.redeclared]
    tables = (BRONZE_INTERVAL_BLOCK, *ENTITIES.values(), *NETWORK_TABLES.values(), *REJECTED_TABLES.values())
    for table in (*tables, PERSONAL_RECORD):
        left = [one for one in redeclared if table.name not in _fed(one.source)]
        if left:
            yield partial(_remove, lake, table, left)


def _fed(source: Source) -> set[str]:
    """Names of the tables in which a file of the source replaces its rows."""
    if source.format in NETWORK:
        return {table.name for table in NETWORK_TABLES.values()}
    tables = [REJECTED_TABLES[source.target], ENTITIES.get(source.target, BRONZE_INTERVAL_BLOCK)]
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
    days = {datetime.fromtimestamp(one.arrived_us / 1e6, UTC).date() for one in files}
    literal = ", ".join(f"date'{day}'" for day in sorted(days))
    return f"received_date in ({literal}) and ({condition})"


def _count(report: IngestReport, one: Received, entry: dict[str, Any]) -> None:
    if entry["status"] == "failed":
        report.failures.append(f"{one.path}: {entry['reason']}")
        return
    report.ok += 1
    report.rows += entry["rows"]
    report.reads += entry["reads"]
    report.rejected_rows += entry["rejected_rows"]
    report.rejected_reads += entry["rejected_reads"]
    if one.why is not None:
        report.read_again.append(one.why)


def _so_far(done: Any, files: int) -> str:
    count, reads, rows = (int(number) for number in done.value)
    return f"{count} of {files} files, {reads:,} reads, {rows:,} rows"
