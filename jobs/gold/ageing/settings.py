"""Settings of transformer ageing: section ``transformer_ageing`` of the configuration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from jobs.section import Section

LEAD_DAYS = 3
"""A day's temperatures are those after so many days before it, from the steady state of their first interval."""
SLOWEST_MINUTES = 213.0
"""A time constant up to this leaves less than 1e-7 K of an error of 60 K after the lead: 60 exp(-3 x 1440 / 213)."""


class Cooling(Section):
    """Thermal characteristics of a kind of cooling (IEC 60076-7; the letters are its own)."""

    oil_exponent: float = Field(gt=0, le=2, description="x, of total losses in the rise of top-oil")
    winding_exponent: float = Field(gt=0, le=3, description="y, of current in the gradient of the hot-spot")
    k11: float = Field(gt=0, le=5, description="constant of the top-oil's time constant")
    k21: float = Field(ge=1, le=5, description="above 1 the hot-spot overshoots after a rise of load")
    k22: float = Field(gt=0, le=5, description="constant of the time constants of the hot-spot's gradient")
    oil_minutes: float = Field(gt=0, description="tau_o, time constant of oil, min")
    winding_minutes: float = Field(gt=0, description="tau_w, time constant of windings, min")
    loss_ratio: float = Field(
        ge=0, le=10000, description="R, load / no-load losses at rated load, of units without a nameplate"
    )
    top_oil_rise_k: float = Field(gt=0, le=120, description="of top-oil above ambient at rated load, K")
    hot_spot_rise_k: float = Field(gt=0, le=120, description="of the hot-spot above top-oil at rated load (H g), K")

    @model_validator(mode="after")
    def _forgets_in_time(self) -> Cooling:
        constants = {
            "k11 x oil_minutes": self.k11 * self.oil_minutes,
            "k22 x winding_minutes": self.k22 * self.winding_minutes,
            "oil_minutes / k22": self.oil_minutes / self.k22,
        }
        slow = [f"{name} = {value:g}" for name, value in constants.items() if value > SLOWEST_MINUTES]
        if slow:
            raise ValueError(
                f"{', '.join(slow)} min: needed at most {SLOWEST_MINUTES:g}, else {LEAD_DAYS} days before a day do not"
                " settle what its temperatures are"
            )
        return self


class AgeingClass(Section):
    """How units of a class are cooled and insulated, where the register does not say it."""

    cooling: str = Field(description="which of `cooling`")
    paper: Literal["normal", "upgraded"] = Field("normal", description="whether their paper is thermally upgraded")
    indoor_rise_k: float = Field(
        0.0, ge=0, le=40, description="what a kiosk, vault or room adds to the rise of top-oil at rated load, K"
    )


class AgeingSettings(Section):
    """How temperatures are computed, and what stands in for what is not known."""

    hot_spot_limit_degc: float = Field(120.0, gt=0, le=200, description="of the hot-spot in normal cyclic loading")
    top_oil_limit_degc: float = Field(105.0, gt=0, le=200, description="of top-oil in normal cyclic loading")
    emergency_hot_spot_limit_degc: float = Field(
        140.0, gt=0, le=200, description="of the hot-spot in long-time emergency loading"
    )
    emergency_top_oil_limit_degc: float = Field(
        115.0, gt=0, le=200, description="of top-oil in long-time emergency loading"
    )
    most_load_missing: float = Field(
        0.2, ge=0, lt=1, description="a day of which a larger share of the load is unknown has no temperatures"
    )
    interpolated_hours: float = Field(
        2.0, ge=0, le=24, description="gaps up to this are filled by a straight line, longer ones from days beside"
    )
    assumed_ambient_degc: float = Field(
        20.0, ge=-40, le=50, description="where no weather of the place is known on the day and those before it"
    )
    cooling: dict[str, Cooling] = Field(default_factory=dict, description="kinds of cooling")
    classes: dict[str, AgeingClass] = Field(default_factory=dict, description="classes of silver.asset that age")

    @model_validator(mode="after")
    def _cooling_is_known(self) -> AgeingSettings:
        unknown = {name: one.cooling for name, one in self.classes.items() if one.cooling not in self.cooling}
        if unknown:
            raise ValueError(f"classes: {unknown} name a cooling that is not among {sorted(self.cooling)}")
        return self
