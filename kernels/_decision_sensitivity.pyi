from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Years: TypeAlias = NDArray[np.int32]

def decision_sensitivity(
    no_load_difference_cost: Floats,
    load_difference_cost: Floats,
    maintenance_cost: Floats,
    hazard: Floats,
    failure_cost: Floats,
    removal_value: Floats,
    successor: Years,
    successor_investment_cost: Floats,
    successor_maintenance_cost: Floats,
    successor_hazard: Floats,
    successor_failure_cost: Floats,
    successor_disposal_cost: Floats,
    repaired: NDArray[np.uint8],
    base: Floats,
    cases: Floats,
    steps: Floats,
    annual_costs: Floats,
    base_year: Years,
    least_cost: Floats,
    case_year: Years,
    case_cost: Floats,
    break_even: Floats,
    break_even_year: Years,
) -> int: ...
