"""Settings of the judgement of suppliers: section ``suppliers`` of the configuration."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from jobs.section import Section

OF_SUPPLIERS = ("manufacturer", "type_name", "batch", "manufactured_year")


class SupplierSettings(Section):
    """What is expected of a unit whoever made it, and how much more than that accuses."""

    columns: dict[str, float] = Field(
        {
            "age_years": 1,
            "service_years": 1,
            "rating_kva": 50,
            "peak_utilisation_pu": 0.2,
            "mean_ground_flash_density": 1,
        },
        min_length=1,
        description=(
            "numeric columns of gold.asset_feature that the expected numbers rest on -> step that values are rounded "
            "to; no column that tells what a unit came to, for a bad batch would be excused by its own symptoms"
        ),
    )
    categories: tuple[str, ...] = Field(("asset_class",), description="columns of text that they rest on")
    knots: int = Field(8, ge=2, le=30, description="knots of each column's line; at quantiles of the exposure")
    folds: int = Field(5, ge=2, le=20, description="parts of the units, each expected by what the others did")
    ridge: float = Field(0.1, gt=0, description="how strongly coefficients are held at 0, as so many failures")
    complaint_categories: tuple[str, ...] = Field(("noise",), description="complaints that tell of the unit itself")
    outage_causes: tuple[str, ...] = Field(
        ("transformer",), description="causes of unplanned outages that lie in the unit, in the sources' words"
    )
    interval: float = Field(0.9, gt=0, lt=1, description="of the relative rate: chance that it holds it")
    least_relative_rate: float = Field(
        1.1, ge=1, description="relative rate, shrunk, from which a group is listed: less is borne, however sure"
    )
    least_expected: float = Field(1.0, gt=0, description="groups of which fewer events are expected are not tested")
    blacklist_share: float = Field(0.05, gt=0, lt=1, description="false discovery rate of the blacklist")
    watch_share: float = Field(0.1, gt=0, lt=1, description="false discovery rate of the watch list")

    @model_validator(mode="after")
    def _whoever_made_it(self) -> Self:
        named = [name for name in (*self.columns, *self.categories) if name in OF_SUPPLIERS]
        if named:
            raise ValueError(f"{', '.join(named)}: expected numbers rest on no column that tells who made a unit")
        wrong = [name for name, step in self.columns.items() if step <= 0]
        if wrong:
            raise ValueError(f"columns: the step of {', '.join(wrong)} is not above 0")
        if self.blacklist_share > self.watch_share:
            raise ValueError("blacklist_share is above watch_share: the blacklist is the stricter one")
        return self
