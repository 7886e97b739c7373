"""The whole chain on the sample utility, timed step by step against its budget."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jobs.build import build
from jobs.errors import GridlakeError
from jobs.intake.ingest import ingest_drop_folder
from jobs.lake.lake import Lake
from jobs.progress import Echo, tasks_of, told
from jobs.report import read_content, summary_lines, write_report
from jobs.sample.days import check_clock
from jobs.sample.utility import write_sample
from jobs.settings import Settings
from jobs.span import Span

MADE_HERE = ".gridlake-demo"


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
    """Sample, ingest, build and report into ``folder``; True where every file and table came out well.

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
    with step("build"):
        built = build(lake, settings, span, [], echo=echo)
    with step("report"):
        with told(lambda: f"reading what it shows: {tasks_of(lake.spark)}", echo):
            content = read_content(lake, settings, truth=truth)
        page = write_report(content, settings, folder / "report")
    for line in summary_lines(content, seconds):
        echo(line)
    echo(f"report: {page}")
    return not built.failed and not any(report.failures for report in received)


def _made_anew(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MADE_HERE).exists():
        raise GridlakeError(f"{folder} holds what no demo wrote: remove it, or name an empty folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MADE_HERE).touch()
