"""The most memory that a process and its children hold while something runs."""

from __future__ import annotations

import threading
from types import TracebackType

import psutil

SECONDS_BETWEEN_LOOKS = 0.05


class PeakMemory:
    """Watches a process tree from a thread. Pages that forked workers share count once for each.

    What a JVM forks to start another program is left out: for that moment it shares all of the JVM's memory.
    """

    def __init__(self, process: psutil.Process) -> None:
        self.process = process
        self.peak_mb = 0.0
        self.worker_peak_mb = 0.0  # of the largest Python process below the first
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(SECONDS_BETWEEN_LOOKS):
            try:
                children = self.process.children(recursive=True)
                jvms = {one.pid for one in children if one.name() == "java"}
                own_memory = [one for one in children if one.pid not in jvms or one.ppid() not in jvms]
                sizes = [(one.name(), one.memory_info().rss / 2**20) for one in own_memory]
                own = self.process.memory_info().rss / 2**20
            except psutil.NoSuchProcess:
                continue
            self.peak_mb = max(self.peak_mb, own + sum(size for _, size in sizes))
            workers = [size for name, size in sizes if name.startswith("python")]
            self.worker_peak_mb = max([self.worker_peak_mb, *workers])
