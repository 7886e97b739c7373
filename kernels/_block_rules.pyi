from typing import Any

from numpy.typing import NDArray

from kernels.block_rules import Blocks

def replace_reads(blocks: Blocks, threshold: NDArray[Any], *arrays: NDArray[Any]) -> int: ...
