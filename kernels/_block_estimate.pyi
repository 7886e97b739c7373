from typing import Any

from numpy.typing import NDArray

from kernels.block_rules import Baseline, Blocks

def estimate_reads(
    blocks: Blocks,
    baseline: Baseline,
    done: NDArray[Any],
    linear_minutes: float,
    reading: NDArray[Any],
    quality: NDArray[Any],
) -> None: ...
