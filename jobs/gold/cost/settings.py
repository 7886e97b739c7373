"""Settings of life-cycle cost: section ``life_cycle_cost`` of the configuration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

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


class Varied(Section):
    """A low and a high case of one factor, and the bounds within which a change of the decision is looked for."""

    low: float = Field(gt=-1, description="low case")
    high: float = Field(gt=-1, description="high case")
    at_least: float = Field(gt=-1, description="lowest value at which a change of the decision is looked for")
    at_most: float = Field(gt=-1, description="highest such value")

    @model_validator(mode="after")
    def _in_order(self) -> Varied:
        if not self.at_least <= self.low <= self.high <= self.at_most:
            raise ValueError("needed at_least <= low <= high <= at_most")
        return self


class Multiple(Varied):
    """The same of a factor that multiplies what is believed."""

    low: float = Field(ge=0, description="low case")
    high: float = Field(ge=0, description="high case")
    at_least: float = Field(ge=0, description="lowest value at which a change of the decision is looked for")
    at_most: float = Field(ge=0, description="highest such value")


class Sensitivity(Section):
    """One factor at a time, the others as believed."""

    real_rate: Varied = Varied(low=0.01, high=0.05, at_least=0.0, at_most=0.15)
    energy_price: Multiple = Multiple(low=0.7, high=1.5, at_least=0.1, at_most=5.0)
    price_growth: Varied = Varied(low=-0.01, high=0.02, at_least=-0.05, at_most=0.1)
    load_growth: Varied = Varied(low=-0.01, high=0.02, at_least=-0.05, at_most=0.1)
    failure_probability: Multiple = Multiple(low=0.5, high=2.0, at_least=0.0, at_most=10.0)


class Plan(Section):
    """Money for planned replacement; what failures cost is no part of it."""

    years: int = Field(10, ge=1, le=200, description="how many years from the study year's end are planned")
    annual_budget: float = Field(5e6, ge=0, description="of each year, in money of the price year")
    budget_of: dict[int, float] = Field(default_factory=dict, description="calendar years with another budget")

    def budgets(self, study_year: int) -> dict[int, float]:
        """Budget of each calendar year of the plan.

        >>> Plan(years=2, annual_budget=5.0, budget_of={2018: 0.0}).budgets(2016)
        {2017: 5.0, 2018: 0.0}
        """
        years = range(study_year + 1, study_year + 1 + self.years)
        return {year: self.budget_of.get(year, self.annual_budget) for year in years}


class CostSettings(Section):
    """How costs are carried through the years."""

    price_market: str = Field("day_ahead", description="which of silver.price_interval's markets prices losses")
    load_growth: float = Field(0.0, ge=-0.1, le=0.2, description="growth of load a year")
    price_growth: float = Field(0.0, ge=-0.1, le=0.2, description="real growth of the energy price a year")
    longest_life_years: int = Field(80, ge=2, le=200, description="T runs from 1 to this")
    horizon_years: int = Field(40, ge=2, le=200, description="replacement is looked for from now to this")
    rating_groups_kva: tuple[float, ...] = Field(
        (160.0, 400.0), description="highest ratings of the groups whose units lend each other a typical load"
    )
    minimum_profiles: int = Field(
        10, ge=1, description="units with a profile for a rating group to have a typical load"
    )
    minimum_failures: int = Field(20, ge=1, description="recorded failures of a class for their cost to count")
    sensitivity: Sensitivity = Sensitivity()
    plan: Plan = Plan()
    classes: dict[str, AssetClass] = Field(min_length=1, description="classes of silver.asset that are costed")

    @model_validator(mode="after")
    def _plan_within_horizon(self) -> CostSettings:
        if self.plan.years > self.horizon_years:
            raise ValueError(f"plan.years: {self.plan.years} is beyond horizon_years, {self.horizon_years}")
        return self
