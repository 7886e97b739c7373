"""Probability of failure of each asset, year by year: the interface that costs read, and what fills it today.

Costs know `FailureProbability` alone. Until there are failure models, a Weibull curve per asset class from the
configuration fills it. A model's table (asset, as-of date, year ahead, hazard) will fill it with another object
handed to ``life_cycle_costs`` and ``asset_cost_sensitivities``: it finds an asset by its id, puts its own name as the
source, and goes on by the curve where the table says nothing, past its last year and for assets it does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jobs.gold.cost.settings import AssetClass
from kernels.life_cycle_cost import weibull_hazard

Names = NDArray[np.str_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hazards:
    """What is said of assets in service.

    Parameters
    ----------
    hazard : (assets, years). Chance of failing in each coming year, given service at that year's start; the expected
        number of failures where the class is repaired.
    source : (assets,). Who says so: ``weibull``, or the name of a model.
    """

    hazard: Floats
    source: Names


class FailureProbability(Protocol):
    """Says how likely assets are to fail; goes to the tasks, so it can be pickled."""

    def of_new(self, asset_class: Names, years: int) -> Floats:
        """Hazard from age 0 of a new asset of each class, (assets, years)."""

    def in_service(self, asset_id: Names, asset_class: Names, age_years: Floats, *, as_of: date, years: int) -> Hazards:
        """Hazard of assets in service in the ``years`` that begin at ``as_of``, by what is known at that date."""


@dataclass(frozen=True)
class WeibullByClass:
    """The curve of each class: age is all that matters."""

    classes: Mapping[str, AssetClass]

    def of_new(self, asset_class: Names, years: int) -> Floats:
        return self._hazard(asset_class, np.zeros(len(asset_class)), years)

    def in_service(self, asset_id: Names, asset_class: Names, age_years: Floats, *, as_of: date, years: int) -> Hazards:
        return Hazards(self._hazard(asset_class, age_years, years), np.full(len(asset_id), "weibull"))

    def _hazard(self, asset_class: Names, age_years: Floats, years: int) -> Floats:
        curves = [self.classes[name].weibull for name in asset_class]
        return weibull_hazard(
            age_years,
            np.array([curve.shape for curve in curves]),
            np.array([curve.scale_years for curve in curves]),
            years,
        )
