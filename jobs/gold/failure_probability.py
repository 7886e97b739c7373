"""Probability of failure of each asset, year by year: the interface a model's table fills.

Until there is a model, a Weibull curve per asset class (configuration) fills it. Costs read only this.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jobs.gold.cost_settings import Weibull
from kernels.life_cycle_cost import weibull_hazard

SOURCE = "weibull"


def hazard_by_class(
    asset_class: NDArray[np.str_], age_years: NDArray[np.float64], curves: dict[str, Weibull], years: int
) -> NDArray[np.float64]:
    """Chance of failing in each of the next ``years`` years, given service at that year's start.

    Parameters
    ----------
    asset_class : shape (assets,), each a key of ``curves``.
    age_years : shape (assets,), age today; 0 for a new unit.

    Returns
    -------
    NDArray
        Shape (assets, years), fractions.
    """
    shape = np.array([curves[name].shape for name in asset_class])
    scale = np.array([curves[name].scale_years for name in asset_class])
    return weibull_hazard(age_years, shape, scale, years)
