"""The published figures of the methodology: what ``conf/cnaim`` must hold, and how it is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError, model_validator

from jobs.errors import SettingsError
from jobs.section import Section, faults_told

Finding = tuple[float, float, float]
"""Factor, cap and collar."""
NOTHING_KNOWN: Finding = (1.0, 10.0, 0.5)
UNKNOWN = "unknown"
BY_YEAR = {"before_1980", "from_1980"}
"""Lives of these names are by year of manufacture; of other names, by what a component is made of."""


class Banded(Section):
    """Results by band: one more than upper bounds, for the last band has none."""

    upper: tuple[float, ...]

    @model_validator(mode="after")
    def _one_more(self) -> Banded:
        for name, values in self:
            if isinstance(values, tuple) and name != "upper" and len(values) != len(self.upper) + 1:
                raise ValueError(f"{name}: {len(values)} values for {len(self.upper)} upper bounds, one more is needed")
        return self


class Duty(Banded):
    of: str
    factor: tuple[float, ...]


class Scored(Banded):
    score: tuple[float, ...]


class WeightedState(Scored):
    weight: float


class OilFactor(Banded):
    factor: tuple[float, ...]
    collar: tuple[float, ...]


class OilScale(Section):
    moisture_ppm: Scored
    acidity_mg_koh_per_g: Scored
    breakdown_kv: Scored
    factor: OilFactor


class OilWeights(Section):
    moisture: float
    acidity: float
    breakdown: float


class Oil(Section):
    weights: OilWeights
    scales: dict[str, OilScale]


class ChangeFactor(Banded):
    factor: tuple[float, ...]


class Gases(Section):
    states: dict[str, WeightedState]
    change_percent: ChangeFactor
    collar_divisor: float
    least_collar: float
    highest_collar: float


class Furfural(Banded):
    factor: tuple[float, ...]
    collar_factor: float
    collar_power: float
    highest_collar: float


class Curve(Section):
    k_percent: float = Field(gt=0)
    c: float = Field(gt=0)
    level_to: float


class PlaceKind(Section):
    coast: tuple[float, ...]
    altitude: tuple[float, ...]
    corrosion: tuple[float, float, float, float, float]
    increment: float


class Places(Section):
    coast_km: tuple[float, ...]
    altitude_m: tuple[float, ...]
    kinds: dict[str, PlaceKind]


class Submarine(Section):
    topography: dict[str, tuple[float, float]]
    situation: dict[str, tuple[float, float]]
    wind_wave: dict[str, tuple[float, float]]
    current: dict[str, tuple[float, float]]
    increment: float


class Inputs(Section):
    """Condition points of one kind: most factors combined, and of each point its table and scale."""

    most: int = Field(ge=1)
    inputs: dict[str, tuple[int, str]] = Field(min_length=1)


class Component(Section):
    """A part of an asset with a life and a condition of its own."""

    life: float | dict[str, float] = Field(description="normal expected life in years, or by what it is made of")
    places: dict[str, str] = Field(default_factory=dict, description="kind of place by what it is made of")
    duty: tuple[str, ...] = ()
    observed: Inputs | None = None
    measured: Inputs | None = None
    oil: str | None = Field(None, description="scale of its oil tests")
    gases: bool = Field(False, description="whether dissolved gases and furfural are judged")
    most: int = Field(2, description="most modifiers combined")

    def points(self) -> Iterator[tuple[str, int, str]]:
        """Name, table and scale of each condition point."""
        for kind in (self.observed, self.measured):
            for name, (table, scale) in (kind.inputs if kind else {}).items():
                yield name, table, scale


class Size(Section):
    """Factors by rating; of one ratio of voltages, up to its highest low voltage."""

    low_kv: float | None = None
    upper_kva: tuple[float, ...]
    financial: tuple[float, ...]
    environmental: tuple[float, ...]


class Category(Section):
    """An asset register category."""

    costs: tuple[float, float, float, float] = Field(description="financial, safety, environmental, network")
    indoors: bool = False
    life: float | None = None
    curve: str | None = None
    customers: float | None = None
    mva: float | None = None
    types: dict[str, float] = Field(default_factory=dict)
    sizes: tuple[Size, ...] = ()
    environmental_size: float = 1

    @model_validator(mode="after")
    def _one_reference(self) -> Category:
        if (self.customers is None) == (self.mva is None):
            raise ValueError("needed: either customers or mva, the reference of its network cost")
        return self


class Group(Section):
    """Categories that share their condition points."""

    index: str | None = None
    place: str | None = None
    curve: str
    access: dict[str, float] = Field(default_factory=dict)
    water: bool = False
    insulation: dict[str, float] = Field(default_factory=dict)
    safety: str = "general"
    components: dict[str, Component]
    categories: dict[str, Category]


class Water(Section):
    upper_m: tuple[float, ...]
    factor: tuple[float, ...]
    bunded: float
    not_bunded: float


class HighDemand(Section):
    upper_kva: tuple[float, ...]
    times: tuple[float, ...]


class Method(Section):
    """All of it."""

    scales: dict[str, dict[str, Finding]]
    curves: dict[str, Curve]
    places: Places
    submarine: Submarine
    duties: dict[str, Duty]
    oil: Oil
    gases: Gases
    furfural: Furfural
    currency: str
    price_year: str
    safety: dict[str, dict[str, float]]
    cable_safety: dict[str, float]
    safety_blanket: float
    water: Water
    high_demand: HighDemand
    not_secure: float
    groups: dict[str, Group]

    @model_validator(mode="after")
    def _names_are_known(self) -> Method:
        faults = [f"{name}: in two groups" for name in self._twice()]
        for name, group in self.groups.items():
            curves = {group.curve, *(one.curve for one in group.categories.values() if one.curve)}
            places = {group.place or "submarine"} - {"submarine"}
            for part in group.components.values():
                places |= set(part.places.values())
                faults += [f"{name}: unknown duty '{one}'" for one in part.duty if one not in self.duties]
                faults += [f"{name}: unknown scale '{s}' of {p}" for p, _, s in part.points() if s not in self.scales]
                if part.oil not in (None, *self.oil.scales):
                    faults.append(f"{name}: unknown oil scale '{part.oil}'")
            faults += [f"{name}: unknown curve '{one}'" for one in sorted(curves - set(self.curves))]
            faults += [f"{name}: unknown place '{one}'" for one in sorted(places - set(self.places.kinds))]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _twice(self) -> list[str]:
        names = [name for group in self.groups.values() for name in group.categories]
        return sorted({name for name in names if names.count(name) > 1})

    @property
    def categories(self) -> list[str]:
        return [name for group in self.groups.values() for name in group.categories]

    def group_of(self, category: str) -> Group:
        return next(group for group in self.groups.values() if category in group.categories)

    def finding(self, scale: str, state: str | None) -> Finding:
        """What a state does to the score; what no knowledge does where there is none."""
        states = self.scales[scale]
        return states.get(UNKNOWN, NOTHING_KNOWN) if state is None else states[state]


@cache
def read_method(folder: Path) -> Method:
    """The figures of ``conf/cnaim``: every file of it together.

    Raises
    ------
    SettingsError
        The folder holds no files, one cannot be read, or they do not hold what is needed: all faults at once.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise SettingsError(f"{folder}: holds no *.yaml; the published figures of the health methodology are needed")
    values: dict[str, Any] = {"groups": {}}
    for file in files:
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as fault:
            raise SettingsError(f"{file}: cannot be read as YAML: {fault}") from fault
        values["groups"] |= content.pop("groups", {})
        values |= content
    oil = values.get("oil", {})
    values["oil"] = {"weights": oil.get("weights"), "scales": {k: v for k, v in oil.items() if k != "weights"}}
    try:
        return Method.model_validate(values)
    except ValidationError as fault:
        raise SettingsError(faults_told(fault, Method, where=folder)) from fault
