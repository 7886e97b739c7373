import numpy as np
from numpy.typing import NDArray

def add_blocks(
    group: NDArray[np.int32],
    channel: NDArray[np.int8],
    interval_minutes: NDArray[np.int32],
    start: NDArray[np.int32],
    reading: NDArray[np.int32],
    quality: NDArray[np.int8],
    counts_as_meter: NDArray[np.uint8],
    reactive_metered: NDArray[np.uint8],
    profile_minutes: int,
    sums: NDArray[np.int64],
) -> int: ...
def summarise_blocks(
    start: NDArray[np.int32],
    reading: NDArray[np.int32],
    quality: NDArray[np.int8],
    mask_of_row: NDArray[np.int32],
    masks: NDArray[np.uint8],
    energy: NDArray[np.int64],
    peak: NDArray[np.int32],
    peak_slot: NDArray[np.int32],
    by_quality: NDArray[np.int32],
) -> int: ...
