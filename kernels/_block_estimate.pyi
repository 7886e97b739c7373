from typing import Any

from numpy.typing import NDArray

def estimate_reads(*arrays: NDArray[Any] | float) -> None: ...
