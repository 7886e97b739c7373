"""One case of a kernel's bench: the fastest and the median of a few rounds, and what it allocates."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from statistics import median
from typing import Any

ROUNDS = 5


def measured(case: str, readings: int, answer: Callable[[], object]) -> dict[str, Any]:
    """One entry of ``build/bench.json``, on one core; ``peak_mb`` is what the case allocates beyond its inputs."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer()
        seconds.append(time.perf_counter() - start)
    tracemalloc.start()
    answer()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "case": case,
        "readings": readings,
        "cores": 1,
        "seconds_min": min(seconds),
        "seconds_median": median(seconds),
        "ratio_to_scan": None,
        "peak_mb": peak / 1e6,
    }
