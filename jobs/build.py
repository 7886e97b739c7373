"""Build tables: for each job read, transform, audit and replace, in order, several at a time where they may.

A day whose audit fails is not committed, nothing that stands on it is built for that day, and the run says
so; the other days go on. A rerun leaves the same tables.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.beside import runs_beside, span_of_job
from jobs.bronze.file import BRONZE_FILE, IN_BRONZE
from jobs.bronze.interval_block import BRONZE_INTERVAL_BLOCK
from jobs.commit import commit, commit_rejected
from jobs.errors import AuditError, GridlakeError
from jobs.gate import audit
from jobs.job import Job
from jobs.lake.conflict import SPARK_FAULTS, cause, without_frames
from jobs.lake.day_files import day_files
from jobs.lake.lake import Lake
from jobs.lake.scan import read_table, read_version, table_bytes, table_version
from jobs.measure import measured
from jobs.ops.record import of_a_stopped_run, record_release, record_runs, released_beside
from jobs.outcome import ACCEPTED, REJECTED
from jobs.plan import chain_after, needed_for, reads_of, sorter
from jobs.progress import Echo, tasks_of, told
from jobs.registry import all_jobs, all_tables
from jobs.rejected import rejected_table
from jobs.session import interpreting, tasks_of_session
from jobs.settings import Settings
from jobs.span import Span
from jobs.table_run import TableRun

PROGRESS_SECONDS = 5.0
SIDE_BY_SIDE = 2  # tables
LITTLE_BYTES = 10 * 2**20  # of tables read


@dataclass
class Build:
    """One run over several tables."""

    lake: Lake
    settings: Settings
    span: Span
    echo: Echo
    whole: bool
    """True where every table is built: only then do all tables of the lake belong together afterwards."""
    delivered: dict[str, int | None]
    """Versions, as the build began, of the tables it reads and does not build: no job sees a later delivery."""
    beside: dict[str, TableRun] = field(default_factory=dict)
    """Of a build of one table after the other: the last runs of those that the tables read."""
    interpreted: Lake = field(init=False)
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    begun: set[str] = field(default_factory=set)
    runs: dict[str, TableRun] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.interpreted = Lake(interpreting(self.lake.spark), self.lake.root)

    def version_of(self, name: str) -> int | None:
        """The version of a table that the build's jobs read; None where it was not there as the build began."""
        return self.runs[name].version if name in self.runs else self.delivered[name]

    @property
    def versions(self) -> dict[str, int | None]:
        """Of the tables read and not built as the build began, and of those it built as it left them."""
        return self.delivered | {run.table.name: run.version for run in self.runs.values()}

    def read_by(self, job: Job) -> list[TableRun]:
        """Runs of the tables that a job reads: of this build, and of those beside it."""
        runs = self.beside | self.runs
        return [runs[name] for name in sorted({read.table for read in job.reads.values()} & runs.keys())]

    @property
    def failed(self) -> list[TableRun]:
        return [run for run in self.runs.values() if run.status != "ok"]


def build(
    lake: Lake,
    settings: Settings,
    span: Span | None,
    names: list[str],
    *,
    echo: Echo,
    alone: bool = False,
    one_of_many: bool = False,
) -> Build:
    """Build the named tables (all without a name) and what they stand on, for the grid days of ``span``.

    Without a span, all days of which intervals were received.

    Parameters
    ----------
    alone
        Build the named tables alone, from the others as they stand: they take their place in the newest release, if
        that is of the versions they were built from.
    one_of_many
        Other builds make the other tables, before this one those that the named ones read: these are built alone, for
        the days that one build of all would make of them, without days that failed before. No release is made:
        `jobs.ops.standing` makes one when all are built.
    """
    alone = alone or one_of_many
    span, settings = span or received_span(lake), settings.at(lake.root)
    jobs = {name: all_jobs()[name] for name in names} if alone else needed_for(names or list(all_jobs()), all_jobs())
    reads = reads_of(jobs)
    this = Build(lake, settings, span, echo, len(jobs) == len(all_jobs()), _versions(lake, jobs.values()))
    if one_of_many:
        this.beside = runs_beside(lake, list(jobs), all_jobs(), span)
    order, chain = sorter(jobs), chain_after(jobs)
    spark, tag = lake.spark.sparkContext, f"gridlake-{this.run_id}"
    ready: list[str] = []
    running: dict[Future[TableRun], str] = {}

    def running_now() -> str:
        return f"{', '.join(sorted(this.begun))}: {tasks_of(lake.spark)}"

    try:
        # Each thread has job tags of its own.
        pool = ThreadPoolExecutor(SIDE_BY_SIDE, initializer=spark.addJobTag, initargs=(tag,))
        with told(running_now, echo, every=PROGRESS_SECONDS), pool:
            try:
                while order.is_active():
                    # What most waits for goes first, so that no chain is left to run alone at the end.
                    ready = sorted([*ready, *order.get_ready()], key=lambda name: (-chain[name], name))
                    free = SIDE_BY_SIDE - len(running)
                    for name in ready[:free]:
                        running[pool.submit(_one, this, jobs[name], sorted(reads[name]))] = name
                    ready = ready[free:]
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        name = running.pop(future)
                        this.runs[name] = future.result()
                        order.done(name)
                        echo(str(this.runs[name]))
            except BaseException:  # stopped from outside: else the pool waits for the jobs that run
                pool.shutdown(wait=False, cancel_futures=True)
                spark.cancelJobsWithTag(tag)  # no other job of a session that may be shared
                raise
    except BaseException:
        with of_a_stopped_run(this.run_id):
            record_runs(lake, settings, this.run_id, this.runs.values())
        raise
    record_runs(lake, settings, this.run_id, this.runs.values())
    if not this.failed and not one_of_many:
        beside = released_beside(lake, this.delivered) if alone else {}
        whole = this.whole or all_jobs().keys() <= beside.keys() | this.runs.keys()
        record_release(lake, this.run_id, this.span, beside | this.versions, whole=whole)
    return this


def received_span(lake: Lake) -> Span:
    """The grid days of which intervals were received, none later than its file's arrival.

    A read that claims to be of a later day is refused as it comes (B13); a file that was read before that was so, and
    is kept as it was read, may hold one. That is no reason to build the years until then: the last day of such a file
    is that of its other reads.
    """
    arrived = F.date_add(F.to_date("arrived_utc"), 1)  # east of Greenwich it may be tomorrow
    files = (
        read_table(lake, BRONZE_FILE)
        .where(F.col("status").isin(*IN_BRONZE) & F.col("first_grid_date").isNotNull())
        .select("file_id", "first_grid_date", "last_grid_date", arrived.alias("arrived"))
    )
    ahead = F.col("last_grid_date") > F.col("arrived")
    row = files.agg(F.min("first_grid_date"), F.max(F.when(~ahead, F.col("last_grid_date"))), F.max(ahead)).first()
    if row is None or row[0] is None:
        raise GridlakeError(
            "no file with intervals has been ingested: name the days with --from and --to, or ingest first"
        )
    first, last, any_ahead = row
    if any_ahead:
        blocks = read_table(lake, BRONZE_INTERVAL_BLOCK).select("file_id", F.col("last_grid_date").alias("day"))
        among = blocks.join(F.broadcast(files.where(ahead)), "file_id").where(F.col("day") <= F.col("arrived"))
        of_these = among.agg(F.max("day")).first()
        last = max((day for day in (last, of_these and of_these[0]) if day), default=first)
    return Span(first, max(first, last) + timedelta(days=1))


def _versions(lake: Lake, jobs: Iterable[Job]) -> dict[str, int | None]:
    """Version of each table that the jobs read and none of them builds."""
    jobs = list(jobs)
    read = {read.table for job in jobs for read in job.reads.values()} - {job.table.name for job in jobs}
    return {name: table_version(lake, all_tables()[name]) for name in sorted(read)}


def _one(this: Build, job: Job, upstream: list[str]) -> TableRun:
    """One table of a build; a fault of it is its result, so that tables which do not need it go on."""
    run = TableRun(job.table, span=this.span)
    started = time.monotonic()
    broken = [name for name in upstream if this.runs[name].status in ("failed", "blocked")]
    if broken:
        run.status, run.reason = "blocked", f"not built: {', '.join(broken)} failed"
        return run
    this.begun.add(job.table.name)
    try:
        _replace(this, job, run, this.read_by(job))
    except GridlakeError as fault:
        run.status, run.reason = "failed", str(fault)
    except SPARK_FAULTS as fault:
        run.status, run.reason = "failed", f"{job.table.name}: {cause(fault)}"
        logging.getLogger(__name__).error("%s failed: %s", job.table.name, without_frames(fault))
    except Exception as fault:  # a bug in one transform must not leave the other tables unbuilt or unrecorded
        run.status, run.reason = "failed", f"{job.table.name}: {type(fault).__name__}: {fault}"
        logging.getLogger(__name__).exception("%s failed", job.table.name)
    this.begun.discard(job.table.name)
    if run.status == "failed":
        run.counts.rows, run.provisional_days, run.notices = 0, set(), []
    run.seconds = time.monotonic() - started
    return run


def _replace(this: Build, job: Job, run: TableRun, upstream: list[TableRun]) -> None:
    lake, table = _lake_for(this, job), job.table
    span = run.span = _span(this, lake, job)
    blocked = {day for one in upstream for day in one.bad_days}
    frames = _frames(this, lake, job, run, span)
    into = day_files(lake, table, this.run_id) if job.writes_files else None
    options = job.options(this.settings.with_tasks(tasks_of_session(lake.spark)), span)
    rows = job.transform(**frames, **options | ({"into": into} if job.writes_files else {}))
    if table.replace == "day" and blocked:
        rows = rows.where(~F.col("grid_date").isin(sorted(blocked)))
        run.bad_days.update({day: ["what it stands on failed its audit"] for day in blocked})
    if table.replace == "day":
        run.provisional_days = {day for one in upstream for day in one.provisional_days}.intersection(span)
    rows.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        against = job.held_against(frames, [day for day in span if day not in blocked])
        measures = measured(table, rows, taken=_taken(job, frames, this.settings, span), against=against)
        run.counts = measures.counts()
        if measures.taken is not None and run.counts.taken_in != measures.taken:
            what = "rows" if job.counts is None else "reads"
            fault = f"{measures.taken:,} {what} in, but {run.counts.taken_in:,} have an outcome; each must"
            raise AuditError(f"{table.name}: {fault}")
        accepted, refused = rows, None
        if "_outcome" in rows.columns:
            accepted, refused = (rows.where(F.col("_outcome") == one) for one in (ACCEPTED, REJECTED))
        if refused is not None and (run.counts.rejected or lake.exists(rejected_table(table))):
            commit_rejected(lake, run, refused, [day for day in span if day not in blocked])
        verdict = audit(table, accepted, measures, this.settings.audit, refused=refused, against=against)
        good = accepted.where(~F.col("grid_date").isin([*verdict.bad_days])) if verdict.bad_days else accepted
        run.notices = job.told(good, this.settings, span)
        commit(lake, run, accepted, verdict, into)
        run.counts.rows = measures.counts(without=verdict.bad_days).rows
    finally:
        rows.unpersist()
        if into is not None:
            into.sweep(span)


def _lake_for(this: Build, job: Job) -> Lake:
    """The lake in a session that compiles the job's plans, or interprets them where the job reads little."""
    little = sum(table_bytes(this.lake, all_tables()[read.table]) for read in job.reads.values()) < LITTLE_BYTES
    return this.interpreted if little else this.lake


def _taken(job: Job, frames: dict[str, Any], settings: Settings, span: Span) -> DataFrame | None:
    """Rows whose ``taken`` add up to what must have outcomes; None where nothing is judged."""
    if job.judges is None:
        return None
    rows: DataFrame = frames[job.judges]
    return rows.select(F.lit(1).alias("taken")) if job.counts is None else job.counts(rows, settings, span)


def _span(this: Build, lake: Lake, job: Job) -> Span:
    """The days asked for, those that this build made of tables the job reads, and those that its own bear on."""
    upstream = [run.span for run in this.read_by(job) if run.span]
    return span_of_job(job, this.span, upstream, partial(_read, this, lake))


def _frames(this: Build, lake: Lake, job: Job, run: TableRun, span: Span) -> dict[str, Any]:
    """What the transform reads: tables of this build as it left them, the others as they were when it began."""
    frames: dict[str, Any] = {}
    for parameter, read in job.reads.items():
        version = this.version_of(read.table)
        if version is not None:
            run.read_versions[read.table] = version
        frames[parameter] = _read(this, lake, read.table, read.days(span))
    return frames


def _read(this: Build, lake: Lake, name: str, span: Span | None) -> DataFrame:
    return read_version(lake, all_tables()[name], this.version_of(name), span)
