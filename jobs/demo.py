"""The whole chain on the sample utility, timed step by step against its budget."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from jobs.build import build
from jobs.errors import GridlakeError, TrainingError
from jobs.intake.ingest import ingest_drop_folder
from jobs.lake.lake import Lake
from jobs.models.demand.run import forecast
from jobs.models.demand_forecast import DEMAND_FORECAST
from jobs.models.training.programs import TABLES, training_of
from jobs.plan import after
from jobs.progress import Echo, tasks_of, told
from jobs.registry import all_jobs
from jobs.report import read_content, summary_lines, write_report
from jobs.sample.days import check_clock
from jobs.sample.utility import write_sample
from jobs.settings import Settings
from jobs.span import Span
from jobs.tracking import tracking

MADE_HERE = ".gridlake-demo"
FORECAST_DAYS = timedelta(days=8)
"""Before the span's end is the demo's forecast issued: so the report can set a week of it against what happened."""


def run_demo(
    settings: Settings,
    folder: Path,
    *,
    area: str,
    span: Span,
    networks: int | None,
    fleet: int,
    open_lake: Callable[[Settings], Lake],
    echo: Echo,
) -> bool:
    """Sample, ingest, build, train, score and report into ``folder``; True where every file and table came out well.

    A folder that a demo made is made anew, and so is a lake apart from it: another area or span must not meet the
    files of the last one.

    Raises
    ------
    GridlakeError
        The folder or the lake holds something else, or the settings' clock is not the sample's.
    """
    check_clock(settings.grid_time)
    if "://" in settings.lake.root:
        raise GridlakeError(f"{settings.lake.root}: a demo's lake is a folder")
    _made_anew(folder)
    if not Path(settings.lake.root).resolve().is_relative_to(folder.resolve()):
        _made_anew(Path(settings.lake.root))
    seconds: dict[str, float] = {}
    drop, truth = folder / "drop", folder / "truth"

    @contextmanager
    def step(name: str) -> Iterator[None]:
        echo(f"== {name}")
        started = time.monotonic()
        yield
        seconds[name] = time.monotonic() - started
        echo(f"   {name}: {seconds[name]:.1f} s")

    with step("sample"):
        write_sample(
            drop,
            truth,
            area=area,
            first=span.first,
            end=span.end,
            seed=1,
            low_voltage_networks=networks,
            transformers=fleet,
            echo=echo,
        )
    with step("start Spark"):
        lake = open_lake(settings)
    with step("ingest"):
        received = ingest_drop_folder(lake, settings, drop, echo=echo)
    of_models = after(TABLES.values(), all_jobs())
    with step("build"):
        built = build(lake, settings, span, [name for name in all_jobs() if name not in of_models], echo=echo)
    with step("train"):
        for told_of in _trained(lake, settings, echo):
            echo(told_of)
    with step("score"):
        scored = build(lake, settings, span, sorted(of_models - {DEMAND_FORECAST.name}), echo=echo, alone=True)
        issue = max(span.end - FORECAST_DAYS, span.first + timedelta(days=1))
        expected = forecast(lake, settings, issue, echo=echo)
    with step("report"):
        with told(lambda: f"reading what it shows: {tasks_of(lake.spark)}", echo):
            content = read_content(lake, settings, truth=truth)
        page = write_report(content, settings, folder / "report")
    for line in summary_lines(content, seconds):
        echo(line)
    echo(f"report: {page}")
    return not (built.failed or scored.failed or expected.failed) and not any(report.failures for report in received)


def _trained(lake: Lake, settings: Settings, echo: Echo) -> Iterator[str]:
    """How each training ended; a sample of few days or units is too small for one, and its tables say so.

    They train side by side, for much of each keeps one core busy; MLflow hears of one after the other.
    """
    with ThreadPoolExecutor(len(TABLES)) as pool:
        running = {
            model: pool.submit(training_of(model), lake, settings, seed=1, echo=partial(_of, model, echo))
            for model in TABLES
        }
        try:
            for model, training in running.items():
                try:
                    yield str(tracking(settings).log(training.result()))
                except TrainingError as fault:
                    yield f"{model}: not trained: {fault}"
        except BaseException:  # stopped from outside: else the other trains on
            lake.spark.sparkContext.cancelAllJobs()
            raise


def _of(model: str, echo: Echo, line: str) -> None:
    echo(line if line.startswith(model) else f"{model}: {line}")


def _made_anew(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MADE_HERE).exists():
        raise GridlakeError(f"{folder} holds what no demo wrote: remove it, or name an empty folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MADE_HERE).touch()
