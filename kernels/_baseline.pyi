from typing import Any

from numpy.typing import NDArray

def baselines(*arrays: NDArray[Any] | float) -> int: ...
