"""Delivered files to committed bronze: the new ones are read in Spark tasks, committed by table, then by the ledger.

A run that is killed leaves files without a good entry in the ledger; the next run reads them again and replaces
whatever rows of theirs it finds. A file that is read again because its source is declared otherwise, and now cannot be
read, keeps its rows, of which its entry in the ledger tells: each run tries it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pyspark import AccumulatorParam
from pyspark.sql import DataFrame

from jobs.bronze.file import BRONZE_FILE
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.errors import SourceError
from jobs.identity import IdentityKey, read_identity_key
from jobs.intake.commits import (
    BlocksRead,
    Commit,
    Staged,
    block_commits,
    entity_commits,
    removals,
    side_commits,
    streams,
)
from jobs.intake.drop_folder import delivered_files, drop_content, source_paths, unnamed_files
from jobs.intake.file_plan import Plan, Received, planned, received_files, settings_hash
from jobs.intake.ledger import (
    Entry,
    arrival_entry,
    commit_entries,
    commit_kept,
    failed_entry,
    outcome_entry,
    read_entries,
)
from jobs.intake.report import IngestReport, IngestRun
from jobs.intake.staging import new_staging
from jobs.intake.tasks import FILE, ReadFiles
from jobs.lake.day_files import DayFiles, day_files, in_tasks
from jobs.lake.lake import Lake
from jobs.lake.scan import table_version
from jobs.progress import Echo, told
from jobs.session import interpreting
from jobs.settings import Settings
from jobs.sources.declaration import Source, read_source
from jobs.sources.delivery import Delivery

_TASK_BYTES = (1 << 22, 1 << 27)  # least and most that one task reads, files being whole
_SIDE_BY_SIDE = 6  # commits at once: each mostly waits
_UNKNOWN = "unknown source"
NEAR = 3  # names of sources that one may have meant
_LOST = "to be read again, but no longer there as it was; its rows stay"


@dataclass(frozen=True)
class _Failure:
    """A file that no source reads, or one that is gone, or a source's folder with none."""

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


def source_named(settings: Settings, name: str) -> Source:
    """The source that a YAML file declares: a path, or the name of one in the configuration's sources/."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else settings.sources_folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in settings.sources_folder.glob("*.yaml"))
        near = get_close_matches(path.stem, known, n=NEAR, cutoff=0.5)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        where = f"ls {settings.sources_folder}"
        raise SourceError(f"{_UNKNOWN} '{name}': no {path}; {meant}`{where}` lists the {len(known)} that are declared")
    return read_source(path)


def ingest_source(lake: Lake, settings: Settings, source: Source, path: Path, *, echo: Echo) -> IngestReport:
    """Take one source's files at or below ``path`` into bronze.

    Raises
    ------
    SourceError
        Nothing stands there for the source.
    """
    if not source_paths(source, path):
        raise SourceError(f"{path}: {_none_of(source)}")
    return _ingest(lake, settings, [(source, path.absolute())], [], echo)[0]


def ingest_drop_folder(lake: Lake, settings: Settings, folder: Path, *, echo: Echo) -> list[IngestReport]:
    """Take a drop folder with one subfolder a source into bronze; what cannot be read is recorded, the others go on.

    Raises
    ------
    SourceError
        As `drop_content`.
    """
    inside = drop_content(folder)
    sources: list[tuple[Source, Path]] = []
    beside = f"{_UNKNOWN}: it stands in no source's subfolder; one source is ingested with --source"
    failures = [_Failure(_UNKNOWN, file, beside) for file in inside if not file.is_dir()]
    for subfolder in (one for one in inside if one.is_dir()):
        try:
            sources.append((source_named(settings, subfolder.name), subfolder))
        except SourceError as fault:
            files = delivered_files(subfolder) or [subfolder]
            failures += [_Failure(subfolder.name, file, str(fault)) for file in files]
    return _ingest(lake, settings, sources, failures, echo)


def _ingest(
    lake: Lake, settings: Settings, sources: Sequence[tuple[Source, Path]], failures: list[_Failure], echo: Echo
) -> list[IngestReport]:
    lake = Lake(interpreting(lake.spark), lake.root)  # plans that only carry rows from Python to files
    key = read_identity_key(settings, may_make=not lake.exists(BRONZE_FILE))
    hashes = {source.name: settings_hash(source, settings, key) for source, _ in sources}
    by_name = {source.name: source for source, _ in sources}
    run = IngestRun([*by_name, *(one.source for one in failures)], table_version(lake, BRONZE_FILE))
    try:
        plan = _planned(lake, sources, hashes, failures, echo)
        run.begins(plan.read)
        entries = _taken_in(lake, settings, plan, key, run, echo)
        # What no source reads keeps its first arrival, and whatever became of it while a source still did.
        unread = list(_unread(failures, by_name))
        commit_entries(lake, unread, update=False)
        run.entered(len(unread))
    except BaseException as fault:
        run.record_stop(lake, settings, fault)
        raise
    failures += [_Failure(one.source.name, one.path, _LOST) for one in plan.lost]
    for one in plan.unchanged:
        run.reports[one.source.name].unchanged += 1
    for one, entry in zip(plan.read, entries, strict=True):
        run.read(one, entry)
    for failure in failures:
        run.failed(failure.source, f"{failure.path}: {failure.reason}", by_name.get(failure.source))
    run.record(lake, settings)
    for report in run.reports.values():
        echo(str(report))
        for line in report.read_again[:1]:
            echo(f"{report.source}: {len(report.read_again)} files {line}")
        if report.taken_as_first:
            untold = f"{report.taken_as_first:,} times of a repeated hour, of which nothing tells the pass"
            echo(f"{report.source}: {untold}, are taken as of the first")
    echo(f"run {run.run_id}: {sum(report.ok for report in run.reports.values())} files in {run.seconds:.1f} s")
    return list(run.reports.values())


def _planned(
    lake: Lake,
    sources: Sequence[tuple[Source, Path]],
    hashes: dict[str, str],
    failures: list[_Failure],
    echo: Echo,
) -> Plan:
    """What is to be read of what stands there; what else stands there is added to ``failures``."""
    found: list[Received] = []
    for source, path in sources:
        paths = source_paths(source, path)
        received, closed = received_files(source, paths, hashes[source.name])
        found += received
        reason = f"no pattern of source {source.name} names it: 'files' is {list(source.files)}"
        unnamed = dict.fromkeys(unnamed_files(source, path), reason)
        nothing = {} if paths or unnamed else {path: _none_of(source)}
        failures += [_Failure(source.name, one, why) for one, why in (closed | unnamed | nothing).items()]
    ledger = read_entries(lake, [one.file_id for one in found], hashes)
    plan = planned(found, ledger, hashes, {source.name: source for source, _ in sources})
    echo(f"{len(found)} files, {sum(one.size_bytes for one in plan.read) / 1e6:,.0f} MB in {len(plan.read)} to read")
    return plan


def _none_of(source: Source) -> str:
    return f"source {source.name} has no file {' or '.join(map(repr, source.files))} there"


def _unread(failures: Sequence[_Failure], declared: dict[str, Source]) -> Iterator[Entry]:
    """The ledger's entries of files that no source reads; what cannot be opened has no content to enter."""
    for one in failures:
        if one.path.is_file():
            with suppress(OSError):
                yield failed_entry(one.source, one.path, one.reason, declared.get(one.source))


def _taken_in(lake: Lake, settings: Settings, plan: Plan, key: IdentityKey, run: IngestRun, echo: Echo) -> list[Entry]:
    """Read the files of the plan and commit what is in them, then the ledger's entries, which are returned."""
    staging = new_staging(lake.root)
    done = lake.spark.sparkContext.accumulator(np.zeros(3, np.int64), _Counts())
    reported = lake.spark.sparkContext.accumulator(set[str](), _Names())
    reader = ReadFiles([], 0, key, staging, done, reported)
    with staging.held(), told(lambda: _so_far(done, len(plan.read)), echo):
        outcomes = _read_and_commit(lake, settings, plan, reader, run)
    entries = [outcome_entry(one, outcomes[one.file_id, one.source.name]) for one in plan.read]
    settled = [entry for entry in entries if entry["status"] != "kept"]
    kept = {(entry["file_id"], entry["source"]): entry["reason"] for entry in entries if entry["status"] == "kept"}
    kept |= {(one.file_id, one.source.name): _LOST for one in plan.lost}
    run.commit(Commit(BRONZE_FILE, lambda: commit_entries(lake, settled)))
    run.commit(Commit(BRONZE_FILE, lambda: commit_kept(lake, kept)))
    run.entered(len(settled) + len(kept))
    return entries


def _read_and_commit(
    lake: Lake, settings: Settings, plan: Plan, reader: ReadFiles, run: IngestRun
) -> dict[tuple[str, str], dict[str, Any]]:
    """Commit everything but the ledger; what each file became, by (file_id, source)."""
    if not plan.read:
        return {}
    cores = lake.spark.sparkContext.defaultParallelism
    blocks = _tasks([one for one in plan.read if streams(one)], settings, cores)
    others = _tasks([one for one in plan.read if not streams(one)], settings, cores)
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        # First arrivals are recorded before any row: a run killed later leaves rows that the next one finds and
        # replaces. What is only put aside may be read meanwhile.
        arrivals = Commit(BRONZE_FILE, lambda: commit_entries(lake, [arrival_entry(one) for one in plan.new]))
        arrived = pool.submit(run.commit, arrivals)
        _put_aside(lake, replace(reader, tasks=others, first_task=len(blocks), aside=True))
        arrived.result()
        outcomes = _outcomes(reader)
        files = [one for one in plan.read if not (one.stands and outcomes[one.file_id, one.source.name]["failure"])]
        into = day_files(lake, BRONZE_INTERVAL_BLOCK)
        rows = _blocks(lake, replace(reader, tasks=blocks), into) if blocks else None
        read = None if rows is None else BlocksRead(rows, into, partial(_blocks_read, reader))
        interval_done = [pool.submit(run.commit, one) for one in block_commits(lake, files, _staged(reader), read)]
        commits = [pool.submit(run.commit, one) for one in entity_commits(lake, files, _staged(reader))]
        for done in interval_done:
            done.result()
        commits += [pool.submit(run.commit, one) for one in side_commits(lake, files, _staged(reader))]
        for done in commits:
            done.result()
        for done in [pool.submit(run.commit, one) for one in removals(lake, files)]:
            done.result()
    return _outcomes(reader) if blocks else outcomes


def _staged(reader: ReadFiles) -> Staged:
    return Staged(reader.staging, frozenset(reader.reported.value))


def _outcomes(reader: ReadFiles) -> dict[tuple[str, str], dict[str, Any]]:
    rows = reader.staging.read(FILE, _staged(reader).files)
    return {(row["file_id"], row["source"]): row for row in rows}


def _blocks_read(reader: ReadFiles, files: Sequence[Received]) -> int:
    """How many rows of the files' blocks tasks have read."""
    outcomes = _outcomes(reader)
    written = (dict(outcomes[one.file_id, one.source.name]["written"]) for one in files)
    return sum(rows.get(BRONZE_INTERVAL_BLOCK.name, 0) for rows in written)


def _tasks(files: Sequence[Received], settings: Settings, cores: int) -> list[list[Delivery]]:
    """Files in tasks of about equal size, neighbours together: their days lie close in bronze, too."""
    least, most = _TASK_BYTES
    offset_us, future_us = round(settings.grid_time.offset.total_seconds() * 1e6), settings.intake.future_us
    share = min(max(sum(one.size_bytes for one in files) / (4 * cores), least), most)
    tasks: list[list[Delivery]] = []
    filled = share
    for one in sorted(files, key=lambda one: (one.source.name, str(one.path))):
        if filled >= share:
            tasks.append([])
            filled = 0
        tasks[-1].append(one.delivery(offset_us, future_us))
        filled += one.size_bytes
    return tasks


def _put_aside(lake: Lake, reader: ReadFiles) -> None:
    if reader.tasks:
        _blocks(lake, reader, None).select("file_id").collect()  # no rows: all is put aside


def _blocks(lake: Lake, reader: ReadFiles, into: DayFiles | None) -> DataFrame:
    ids = lake.spark.range(0, len(reader.tasks), 1, len(reader.tasks))
    return in_tasks(ids, reader.blocks, BRONZE_INTERVAL_BLOCK.schema, into)


def _so_far(done: Any, files: int) -> str:
    count, reads, rows = (int(number) for number in done.value)
    return f"{count} of {files} files, {reads:,} reads, {rows:,} rows"
