from typing import Any

from numpy.typing import NDArray

def pack(*arrays: NDArray[Any]) -> int: ...
