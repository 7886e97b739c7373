from typing import Any

from numpy.typing import NDArray

from kernels.block_rules import Baseline, Blocks

def flag_unusual(
    blocks: Blocks, baseline: Baseline, base_row: NDArray[Any], threshold: NDArray[Any], *arrays: NDArray[Any]
) -> int: ...
