"""What one ingest did: with each source's files, as it tells people; to each table fed, as ``ops.run`` keeps it."""

from __future__ import annotations

import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jobs.bronze.file import BRONZE_FILE
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.errors import first_keys, first_line
from jobs.intake.commits import Commit, target_tables
from jobs.intake.file_plan import Received
from jobs.lake.lake import Lake
from jobs.lake.scan import table_version
from jobs.ops.record import of_a_stopped_run, record_runs
from jobs.registry import all_tables
from jobs.settings import Settings
from jobs.sources.declaration import INTERVAL_FORMATS, Source
from jobs.table import Table
from jobs.table_run import TableRun

FIRST_FAILURES = 3


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
    taken_as_first: int = 0
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


class IngestRun:
    """One ingest of files: a report for each source, a row of ``ops.run`` for the ledger and for each table fed."""

    def __init__(self, sources: Iterable[str], ledger_version: int | None) -> None:
        self.run_id = uuid.uuid4().hex[:12]
        self.reports = {name: IngestReport(name) for name in sources}
        self._began = time.monotonic()
        self._started = datetime.now(UTC)
        self._read_versions = {} if ledger_version is None else {BRONZE_FILE.name: ledger_version}
        self._runs: dict[str, TableRun] = {}
        self._files: Counter[str] = Counter()
        self._failures: dict[str, list[str]] = defaultdict(list)
        self._committed: set[str] = set()
        self._run_of(BRONZE_FILE)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def begins(self, files: Iterable[Received]) -> None:
        """These files are about to be read."""
        for one in files:
            for table in target_tables(one.source):
                self._run_of(table)

    def commit(self, commit: Commit) -> None:
        """Make a commit, and remember which table has it."""
        commit.make()
        self._committed.add(commit.table.name)

    def entered(self, entries: int) -> None:
        """So many entries of the ledger were written."""
        self._run_of(BRONZE_FILE).counts.rows += entries

    def read(self, one: Received, entry: dict[str, Any]) -> None:
        """A file was read, well or not, and the ledger has the entry."""
        if entry["status"] != "ok":
            self.failed(one.source.name, f"{one.path}: {entry['reason']}", one.source)
            return
        report = self.reports[one.source.name]
        report.ok += 1
        for name in ("rows", "reads", "rejected_rows", "rejected_reads", "taken_as_first"):
            setattr(report, name, getattr(report, name) + entry[name])
        if one.why is not None:
            report.read_again.append(one.why)
        written = dict(entry["written"])
        for name in written.keys() | {table.name for table in target_tables(one.source)}:
            counts, rows = self._run_of(all_tables()[name]).counts, written.get(name, 0)
            of_intervals = name == BRONZE_INTERVAL_BLOCK.name
            counts.rows += rows
            counts.accepted += entry["reads"] - entry["rejected_reads"] if of_intervals else rows
            self._files[name] += 1
        rejected = entry["rejected_reads" if one.source.format in INTERVAL_FORMATS else "rejected_rows"]
        self._run_of(target_tables(one.source)[-1]).counts.rejected += rejected
        self._run_of(BRONZE_FILE).counts.accepted += 1
        self._files[BRONZE_FILE.name] += 1

    def failed(self, source_name: str, told: str, source: Source | None) -> None:
        """A file could not be read; ``source`` is None where none is declared."""
        self.reports[source_name].failures.append(told)
        for table in (BRONZE_FILE, *(target_tables(source) if source is not None else ())):
            self._run_of(table)
            self._files[table.name] += 1
            self._failures[table.name].append(told)
        self._run_of(BRONZE_FILE).counts.rejected += 1

    def record(self, lake: Lake, settings: Settings) -> None:
        """Keep in ``ops.run`` what the ingest did, in one commit."""
        for name, run in self._runs.items():
            failures, files = self._failures[name], self._files[name]
            if failures:
                run.status = "failed" if len(failures) == files else "partial"
                run.reason = (
                    f"{len(failures):,} of {files:,} files failed, first {first_keys(failures, FIRST_FAILURES)}"
                )
        self._record(lake, settings)

    def record_stop(self, lake: Lake, settings: Settings, fault: BaseException) -> None:
        """The same of an ingest that did not end."""
        why = first_line(fault) if isinstance(fault, Exception) else type(fault).__name__
        for name, run in self._runs.items():
            run.status = "partial" if name in self._committed else "failed"
            run.reason = f"the ingest did not end: {why}; the next one reads its files again"
        with of_a_stopped_run(self.run_id):
            self._record(lake, settings)

    def _record(self, lake: Lake, settings: Settings) -> None:
        seconds = self.seconds
        for run in self._runs.values():
            run.seconds, run.version = seconds, table_version(lake, run.table)
        record_runs(lake, settings, self.run_id, self._runs.values())

    def _run_of(self, table: Table) -> TableRun:
        new = TableRun(table, started=self._started, read_versions=self._read_versions)
        return self._runs.setdefault(table.name, new)
