from typing import Any

from numpy.typing import NDArray

from kernels.block_rules import Blocks

def flag_levels(blocks: Blocks, threshold: NDArray[Any], *arrays: NDArray[Any]) -> int: ...
