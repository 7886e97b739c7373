import numpy as np
from numpy.typing import NDArray

def take_in_order(
    option: NDArray[np.int64],
    cost: NDArray[np.float64],
    left: NDArray[np.float64],
    year: NDArray[np.int32],
) -> None: ...
