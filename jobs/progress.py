"""Progress of long work: a line every few seconds while it lasts, so that nobody wonders whether it still runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

Echo = Callable[[str], None]
"""Where lines for people go."""

EVERY_SECONDS = 5.0


@contextmanager
def told(line: Callable[[], str], echo: Echo, *, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Say ``line()`` and the seconds so far, again and again until the block ends."""
    began = time.monotonic()
    with repeated(lambda: echo(f"  {line()}, {time.monotonic() - began:.0f} s"), every=every):
        yield


@contextmanager
def repeated(act: Callable[[], None], *, every: float) -> Iterator[None]:
    """Do something every so many seconds, in a thread of its own, until the block ends."""
    ended = threading.Event()

    def acting() -> None:
        while not ended.wait(every):
            act()

    thread = threading.Thread(target=acting, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def tasks_of(spark: SparkSession) -> str:
    """How far the tasks of the stages that run now are."""
    tracker = spark.sparkContext.statusTracker()
    stages = [info for info in map(tracker.getStageInfo, tracker.getActiveStageIds()) if info is not None]
    if not stages:
        return "planning"
    return f"{sum(one.numCompletedTasks for one in stages)} of {sum(one.numTasks for one in stages)} tasks done"
