from typing import Any

from numpy.typing import NDArray

def flag_reads(*arrays: NDArray[Any]) -> int: ...
