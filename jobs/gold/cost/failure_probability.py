"""Probability of failure of each asset, year by year: the interface that costs read, and what fills it today.

Costs know `FailureProbability` alone. A Weibull curve per asset class from the configuration fills it; where
models.failure_probability holds a unit at the date, `ByModel` puts the model's word in the curve's place.
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


@dataclass(frozen=True)
class ByModel:
    """What a model says of the units it knows, and the curve of their class scaled to meet it in the years after.

    A model speaks of one year. Its cumulative hazard over that year, divided by the curve's, is how much worse or
    better the unit is than its class at its age; every later year's hazard of the curve is multiplied by that
    (proportional hazards). Units the model does not know go by the curve.

    Parameters
    ----------
    probability : asset id -> chance of failing in the year that begins at the date asked for.
    model_version : asset id -> who says so.
    """

    curve: FailureProbability
    probability: Mapping[str, float]
    model_version: Mapping[str, str]

    def of_new(self, asset_class: Names, years: int) -> Floats:
        return self.curve.of_new(asset_class, years)

    def in_service(self, asset_id: Names, asset_class: Names, age_years: Floats, *, as_of: date, years: int) -> Hazards:
        by_curve = self.curve.in_service(asset_id, asset_class, age_years, as_of=as_of, years=years)
        said = np.array([self.probability.get(str(one), np.nan) for one in asset_id], np.float64)
        known = ~np.isnan(said)
        source = np.array(
            [self.model_version[str(one)] if there else by for one, there, by in
             zip(asset_id, known, by_curve.source, strict=True)]
        )  # fmt: skip
        return Hazards(scaled_to_meet(by_curve.hazard, np.where(known, said, by_curve.hazard[:, 0])), source)


def scaled_to_meet(hazard: Floats, first: Floats) -> Floats:
    """Yearly chances ``hazard`` (assets, years) with the cumulative hazard of every year multiplied alike, so that the
    first year's chance is ``first``; a curve that begins at 0 keeps its later years.
    """
    gathered = -np.log1p(-np.minimum(hazard, 1 - 1e-12))
    met = -np.log1p(-np.minimum(first, 1 - 1e-12))
    begins = gathered[:, 0]
    times = np.divide(met, begins, out=np.ones_like(met), where=begins > 0)
    found: Floats = -np.expm1(-gathered * times[:, np.newaxis])
    found[:, 0] = first
    return found
