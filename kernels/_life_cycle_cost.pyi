from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

def new_asset_cost(
    investment_cost: Floats,
    study_year_losses_cost: Floats,
    ageing_operation_cost: Floats,
    maintenance_cost: Floats,
    hazard: Floats,
    failure_cost: Floats,
    disposal_cost: Floats,
    rate: Floats,
    repaired: NDArray[np.uint8],
    curves: bool,
    least_year: NDArray[np.int32],
    least_eac: Floats,
    least_parts: Floats,
    lcc_curve: Floats,
    eac_curve: Floats,
) -> int: ...
def waiting_cost(
    ageing_operation_cost: Floats,
    losses_cost: Floats,
    successor_losses_cost: Floats,
    maintenance_cost: Floats,
    hazard: Floats,
    failure_cost: Floats,
    removal_value: Floats,
    successor_annual_cost: Floats,
    rate: Floats,
    repaired: NDArray[np.uint8],
    curves: bool,
    least_year: NDArray[np.int32],
    least_cost: Floats,
    one_year_cost: Floats,
    cost_curve: Floats,
) -> int: ...
