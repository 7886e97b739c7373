"""How a register's classes and findings map to the methodology: section ``asset_health`` of the configuration."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from jobs.section import Section

Risk = Literal["low", "medium", "high"]


class Surroundings(Section):
    """Where units stand; what is not said is as the methodology supposes."""

    indoors: bool | None = Field(None, description="in a building; None: as the category usually is")
    altitude_m: float | None = Field(None, description="above sea level")
    coast_km: float | None = Field(None, ge=0, description="distance from the coast")
    corrosion: int | None = Field(None, ge=1, le=5, description="corrosion category of the place, 1 to 5 (ISO 9223)")
    topography: str = Field("unknown", description="of a submarine cable's route")
    situation: str = Field("unknown", description="how a submarine cable lies")
    wind_wave: str = Field("unknown", description="wind and waves above a submarine cable")
    current: str = Field("unknown", description="waves and currents at a submarine cable")
    landlocked: bool = Field(False, description="a submarine cable in a lake")
    access: str | None = Field(None, description="how hard it is to get at; None: normally")
    place_risk: Risk = Field("medium", description="how near people are")
    water_m: float | None = Field(None, ge=0, description="distance from the next water course")
    bunded: bool | None = Field(None, description="whether lost oil is caught")
    exposed: bool = Field(False, description="a cable that does not lie in the ground")


class ByVoltage(Section):
    """A category for units up to a rated voltage."""

    up_to_kv: float = Field(gt=0, description="highest rated voltage of the highest winding")
    category: str = Field(description="asset register category of the methodology")


class Told(Section):
    """What a column of silver.inspection tells of a condition point."""

    column: str = Field(description="column of silver.inspection")
    states: dict[str, str | None] | None = Field(None, description="state by code; null: it says nothing")
    upper: tuple[float, ...] = Field((), description="upper bounds of a number's bands; the last has none")
    bands: tuple[str, ...] = Field((), description="states of these bands")

    @model_validator(mode="after")
    def _either(self) -> Told:
        fits = len(self.bands) == len(self.upper) + 1 and list(self.upper) == sorted(self.upper)
        if (self.states is None) != bool(self.bands) or (self.bands and not fits):
            raise ValueError(f"{self.column}: needed are states, or rising upper bounds and one more band")
        return self

    @property
    def told(self) -> set[str]:
        """Every state it may tell."""
        return {state for state in (self.states or {}).values() if state is not None} | set(self.bands)


class HealthClass(Section):
    """A class of silver.asset in the methodology's words."""

    categories: tuple[ByVoltage, ...] = Field(min_length=1, description="by rising voltage")
    made_of: dict[str, str] = Field(default_factory=dict, description="of components whose life depends on it")
    type: str | None = Field(None, description="type of its financial cost, where the category has types")
    type_risk: Risk = Field("medium", description="how dangerous a failure of such units is")
    insulation: Literal["oil", "sf6", "neither", "unknown"] = Field(
        "unknown", description="what switchgear is filled with"
    )
    secure: bool = Field(True, description="one failure interrupts no supply in the network around it")
    often_operated: bool = Field(False, description="switches often, as an auto-recloser does")
    daily_taps: float | None = Field(None, ge=0, description="mean operations of its tap changers a day")
    voltage_ratio: float | None = Field(None, gt=0, description="operating voltage / design voltage of a cable")
    length_km: float = Field(1.0, gt=0, description="kilometres that a unit of a cable or conductor stands for")
    safety_blanket: bool = Field(False, description="a link box with a safety blanket")
    customer_sensitivity: float = Field(1.0, ge=1, le=2, description="how much its customers depend on supply")
    reliability: float = Field(1.0, ge=0.6, le=1.5, description="factor for a type known to be better or worse")
    reliability_collar: float = Field(0.5, ge=0.5, le=10, description="lowest score of such a type")
    surroundings: Surroundings = Surroundings()
    conditions: dict[str, tuple[Told, ...]] = Field(
        default_factory=dict, description="condition points and what tells them; the worst of several counts"
    )

    @model_validator(mode="after")
    def _rises(self) -> HealthClass:
        bounds = [one.up_to_kv for one in self.categories]
        if bounds != sorted(set(bounds)):
            raise ValueError(f"categories: up_to_kv must rise, found {bounds}")
        return self


class HealthSettings(Section):
    """What of it a utility decides."""

    years: int = Field(30, ge=1, le=100, description="years ahead that scores and risk are carried through")
    currency_per_gbp: float = Field(1.124, gt=0, description="currency of results for a pound of the price year")
    price_ratio: float = Field(0.953, gt=0, description="prices of the configured price year / those of 2020/21")
    classes: dict[str, HealthClass] = Field(default_factory=dict, description="classes of silver.asset that are judged")
    areas: dict[str, Surroundings] = Field(
        default_factory=dict, description="what holds in an area instead of what the class says"
    )
