from typing import Any

from numpy.typing import NDArray

def replace_reads(*arrays: NDArray[Any]) -> int: ...
