import numpy as np
from numpy.typing import NDArray

def thermal_ageing(
    load_pu: NDArray[np.float64],
    ambient_degc: NDArray[np.float64],
    step_minutes: NDArray[np.float64],
    lead_steps: int,
    unit: NDArray[np.float64],
    upgraded: NDArray[np.uint8],
    hot_spot_limit_degc: NDArray[np.float64],
    top_oil_limit_degc: NDArray[np.float64],
    start_k: NDArray[np.float64],
    steady_start: bool,
    traces: bool,
    most_degc: NDArray[np.float64],
    aged_minutes: NDArray[np.float64],
    hot_spot_minutes: NDArray[np.float64],
    top_oil_minutes: NDArray[np.float64],
    top_oil_degc: NDArray[np.float64],
    hot_spot_degc: NDArray[np.float64],
) -> int: ...
