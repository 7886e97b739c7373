"""Settings of life-cycle cost: section ``life_cycle_cost`` of the configuration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jobs.section import Section


class Weibull(Section):
    """Life of a class until a model says better: S(age) = exp(-(age / scale)^shape)."""

    shape: float = Field(gt=0, description="above 1 the hazard rises with age")
    scale_years: float = Field(gt=0, description="age that 37 % survive")


class AssetClass(Section):
    """How a class of assets fails and what replaces it."""

    policy: Literal["failure_ends_life", "repaired"] = Field(
        description="what a failure brings: a new asset, or a repair"
    )
    weibull: Weibull = Field(description="its life")
    successor_loss_class: str = Field(description="efficiency tier that is bought today")
    successor_utilisation: float = Field(
        0.8, gt=0, le=2, description="highest load / rating the successor is sized for"
    )


class CostSettings(Section):
    """How costs are carried through the years."""

    price_market: str = Field("day_ahead", description="which of silver.price_interval's markets prices losses")
    load_growth: float = Field(0.0, ge=-0.1, le=0.2, description="growth of load a year")
    price_growth: float = Field(0.0, ge=-0.1, le=0.2, description="real growth of the energy price a year")
    longest_life_years: int = Field(80, ge=2, le=200, description="T runs from 1 to this")
    horizon_years: int = Field(40, ge=2, le=200, description="replacement is looked for from now to this")
    classes: dict[str, AssetClass] = Field(min_length=1, description="classes of silver.asset that are costed")
