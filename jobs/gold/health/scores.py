"""Scores of a batch of units of one category: the method's tables put to arrays, component by component."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.gold.health.method import NOTHING_KNOWN, Category, Component, Furfural, Gases, Group, Inputs, Method, OilScale
from jobs.gold.health.settings import HealthClass, Surroundings, Told
from kernels import asset_health as kernel

Floats = NDArray[np.float64]
Names = NDArray[np.object_]
DIVIDER = 1.5
"""Both dividers of every table of combinations (tables 9 to 11, 13 and 15)."""


@dataclass
class Modifier:
    """Factor, cap and collar of each unit, and by what."""

    factor: Floats
    cap: Floats
    collar: Floats


@dataclass
class Scores:
    """Of each unit: those of its worst component, scores ahead of the worst in each year, and what was known."""

    component: Names
    expected_life: Floats
    initial_rate: Floats
    forecast_rate: Floats
    initial: Floats
    factor: Floats
    cap: Floats
    collar: Floats
    current: Floats
    duty: Floats
    future: Floats
    location: Floats
    known: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def scores_of(
    units: pd.DataFrame, method: Method, category: Category, group: Group, one: HealthClass, years: int
) -> Scores:
    """Scores of units of one category and class.

    Parameters
    ----------
    units
        ``age_years``, ``manufactured_year``, ``utilisation``, surroundings (`Surroundings`), the columns that the
        class's conditions name, and oil: each of silver.oil_test, the gases also as ``before_…``; NaN where not known.
    """
    found: list[Scores] = []
    known: dict[str, NDArray[np.bool_]] = {}
    for name, part in group.components.items():
        part_scores, part_known = _component(units, method, category, group, part, one, name, years)
        found.append(part_scores)
        known |= part_known
    worst = np.argmax([one_part.current for one_part in found], axis=0)
    row = np.arange(len(units))
    stacked = {
        name: np.array([getattr(one_part, name) for one_part in found])[worst, row]
        for name in (
            "component", "expected_life", "initial_rate", "forecast_rate", "initial", "factor", "cap", "collar",
            "current", "duty", "location",
        )
    }  # fmt: skip
    future = np.max([one_part.future for one_part in found], axis=0)
    return Scores(**stacked, future=future, known=known)


def _component(
    units: pd.DataFrame,
    method: Method,
    category: Category,
    group: Group,
    part: Component,
    one: HealthClass,
    name: str,
    years: int,
) -> tuple[Scores, dict[str, NDArray[np.bool_]]]:
    known: dict[str, NDArray[np.bool_]] = {}
    duty = _duty(units, method, part, one, known)
    location = _location(units, method, category, group, part, one, name)
    life, rate = kernel.initial_ageing_rate(_life(units, category, part, one, name), duty, location)
    age = units["age_years"].to_numpy(float)
    initial = kernel.initial_score(rate, age)
    observed = _points(units, method, part.observed, one, known)
    measured = _points(units, method, part.measured, one, known)
    more: list[Modifier] = []
    if part.oil:
        oil = _oil(units, method, method.oil.scales[part.oil], known)
        if part.gases:
            more = [oil, _gases(units, method.gases, known), _furfural(units, method.furfural, known)]
        else:
            # Of distribution transformers the oil is one of the measured conditions, of which table 15 combines two.
            measured = Modifier(
                kernel.combined_factor(np.column_stack([measured.factor, oil.factor]), DIVIDER, DIVIDER, 2),
                np.minimum(measured.cap, oil.cap),
                np.maximum(measured.collar, oil.collar),
            )
    modifiers = [observed, measured, *more]
    factor = kernel.combined_factor(np.column_stack([m.factor for m in modifiers]), DIVIDER, DIVIDER, part.most)
    cap = np.min([m.cap for m in modifiers], axis=0)
    collar = np.maximum(np.max([m.collar for m in modifiers], axis=0), one.reliability_collar)
    current = kernel.current_score(initial, factor, one.reliability, cap, collar)
    forecast = kernel.forecast_ageing_rate(current, age, rate)
    scores = Scores(
        component=np.full(len(units), name, dtype=object),
        expected_life=life,
        initial_rate=rate,
        forecast_rate=forecast,
        initial=initial,
        factor=factor * one.reliability,
        cap=cap,
        collar=collar,
        current=current,
        duty=duty,
        future=np.minimum(kernel.future_scores(current, forecast, years), _ceiling(method, part)),
        location=location,
    )
    return scores, known


def _ceiling(method: Method, part: Component) -> float:
    """Score that a component never exceeds: paintwork, whose every state is capped, does not end a tower by itself."""
    caps = [
        max(method.finding(scale, state)[1] for state in (None, *method.scales[scale])) for _, _, scale in part.points()
    ]
    lowest = min(caps, default=kernel.HIGHEST_CURRENT_SCORE)
    return lowest if lowest < kernel.HIGHEST_CURRENT_SCORE else kernel.HIGHEST_FUTURE_SCORE


def _life(units: pd.DataFrame, category: Category, part: Component, one: HealthClass, name: str) -> Floats:
    if category.life is not None:
        return np.full(len(units), category.life)
    if isinstance(part.life, float):
        return np.full(len(units), part.life)
    if "before_1980" in part.life:
        old = units["manufactured_year"].to_numpy(float) < 1980
        return np.where(old, part.life["before_1980"], part.life["from_1980"])
    return np.full(len(units), part.life[one.made_of[name]])


def _duty(
    units: pd.DataFrame, method: Method, part: Component, one: HealthClass, known: dict[str, NDArray[np.bool_]]
) -> Floats:
    """Product of the component's duty factors, each 1 where what it depends on is not known."""
    duty = np.ones(len(units))
    for name in part.duty:
        table = method.duties[name]
        value = units["utilisation"].to_numpy(float) if table.of == "utilisation" else _of_class(units, one, table.of)
        known[table.of] = ~np.isnan(value)
        duty = duty * kernel.banded(value, table.upper, table.factor, 1.0)
    return duty


def _of_class(units: pd.DataFrame, one: HealthClass, name: str) -> Floats:
    value = getattr(one, name)
    return np.full(len(units), np.nan if value is None else float(value))


def _location(
    units: pd.DataFrame, method: Method, category: Category, group: Group, part: Component, one: HealthClass, name: str
) -> Floats:
    kind = part.places.get(one.made_of.get(name, ""), None) if part.places else group.place
    if kind is None:
        return np.ones(len(units))
    if kind == "submarine":
        return _submarine(units, method)
    table = method.places.kinds[kind]
    coast = kernel.banded(units["coast_km"].to_numpy(float), method.places.coast_km, table.coast, 1.0)
    altitude = kernel.banded(units["altitude_m"].to_numpy(float), method.places.altitude_m, table.altitude, 1.0)
    corrosion = kernel.banded(units["corrosion"].to_numpy(float), (1, 2, 3, 4), table.corrosion, 1.0)
    told = units["indoors"]
    indoors = np.where(told.isna(), category.indoors, told.eq(True))
    least = min(*table.coast, *table.altitude, *table.corrosion)
    return kernel.location_factor(np.column_stack([coast, altitude, corrosion]), table.increment, indoors, least)


def _submarine(units: pd.DataFrame, method: Method) -> Floats:
    tables = method.submarine
    side = units["landlocked"].astype(int).to_numpy()
    factors = [
        np.array([getattr(tables, name)[state] for state in units[name]])[np.arange(len(units)), side]
        for name in ("topography", "situation", "wind_wave", "current")
    ]
    return kernel.location_factor(np.column_stack(factors), tables.increment, False, 1.0)


def _points(
    units: pd.DataFrame, method: Method, kind: Inputs | None, one: HealthClass, known: dict[str, NDArray[np.bool_]]
) -> Modifier:
    """Condition points of one kind: factors combined, the lowest cap, the highest collar."""
    size = len(units)
    if kind is None:
        return Modifier(*(np.full(size, value) for value in NOTHING_KNOWN))
    findings = []
    for point, (_, scale) in kind.inputs.items():
        finding = np.tile(method.finding(scale, None), (size, 1))
        seen = np.zeros(size, dtype=bool)
        for told in one.conditions.get(point, ()):
            there, of_states = _told(units, told, method, scale)
            worse = there & (~seen | (of_states[:, 0] > finding[:, 0]))
            finding = np.where(worse[:, None], of_states, finding)
            seen |= there
        known[point] = seen
        findings.append(finding)
    every = np.stack(findings, axis=1)
    factor = kernel.combined_factor(every[:, :, 0], DIVIDER, DIVIDER, kind.most)
    return Modifier(factor, every[:, :, 1].min(axis=1), every[:, :, 2].max(axis=1))


def _told(units: pd.DataFrame, told: Told, method: Method, scale: str) -> tuple[NDArray[np.bool_], Floats]:
    """Where a column tells something, and the finding there."""
    if told.states is None:
        values = units[told.column].to_numpy(float)
        there = ~np.isnan(values)
        band = np.searchsorted(told.upper, np.where(there, values, 0.0), "left")
        table = np.array([method.finding(scale, state) for state in told.bands])
        return there, table[band]
    codes = list(told.states)
    said = units[told.column].astype("object").replace({True: "true", False: "false"})
    place = pd.Index(codes).get_indexer(pd.Index(said))
    says = np.array([told.states[code] is not None for code in codes] + [False])
    table = np.array([method.finding(scale, told.states[code]) for code in codes] + [method.finding(scale, None)])
    return says[place], table[place]


def _oil(units: pd.DataFrame, method: Method, scale: OilScale, known: dict[str, NDArray[np.bool_]]) -> Modifier:
    """Water, acid and breakdown voltage of the oil; what was not measured counts as in its best state."""
    weights = method.oil.weights
    score = np.zeros(len(units))
    any_known = np.zeros(len(units), dtype=bool)
    for column, weight, table in (
        ("moisture_ppm", weights.moisture, scale.moisture_ppm),
        ("acidity_mg_koh_per_g", weights.acidity, scale.acidity_mg_koh_per_g),
        ("breakdown_voltage_kv", weights.breakdown, scale.breakdown_kv),
    ):
        value = units[column].to_numpy(float)
        known[column] = ~np.isnan(value)
        any_known |= known[column]
        score += weight * kernel.banded(value, table.upper, table.score, min(table.score))
    factor = kernel.banded(score, scale.factor.upper, scale.factor.factor, 1.0)
    collar = kernel.banded(score, scale.factor.upper, scale.factor.collar, NOTHING_KNOWN[2])
    nothing = [np.full(len(units), value) for value in NOTHING_KNOWN]
    return Modifier(np.where(any_known, factor, nothing[0]), nothing[1], np.where(any_known, collar, nothing[2]))


def _gases(units: pd.DataFrame, gases: Gases, known: dict[str, NDArray[np.bool_]]) -> Modifier:
    """Dissolved gases: the collar by what they are, the factor by how they changed since the test before."""

    def score(prefix: str) -> tuple[Floats, NDArray[np.bool_]]:
        values = np.column_stack([units[prefix + name].to_numpy(float) for name in gases.states])
        states = [
            one.weight * kernel.banded(values[:, place], one.upper, one.score, one.score[0])
            for place, one in enumerate(gases.states.values())
        ]
        return np.sum(states, axis=0), ~np.isnan(values).all(axis=1)

    latest, there = score("")
    before, there_before = score("before_")
    known["dissolved_gases"], known["dissolved_gases_before"] = there, there & there_before
    # From nothing to nothing is no change, and from nothing to something the largest.
    grown = np.where(latest > before, np.inf, 0.0)
    change = np.divide(100.0 * (latest - before), before, out=grown, where=before > 0)
    table = gases.change_percent
    factor = kernel.banded(change, table.upper, table.factor, 1.0)
    collar = np.clip(latest / gases.collar_divisor, gases.least_collar, gases.highest_collar)
    nothing = [np.full(len(units), value) for value in NOTHING_KNOWN]
    return Modifier(np.where(there & there_before, factor, nothing[0]), nothing[1], np.where(there, collar, nothing[2]))


def _furfural(units: pd.DataFrame, table: Furfural, known: dict[str, NDArray[np.bool_]]) -> Modifier:
    """Furfural of ageing paper: factor by band, collar by a power of it."""
    value = units["furfural_ppm"].to_numpy(float)
    known["furfural_ppm"] = ~np.isnan(value)
    power = table.collar_factor * np.nan_to_num(value) ** table.collar_power
    collar = np.clip(power, NOTHING_KNOWN[2], table.highest_collar)
    return Modifier(
        kernel.banded(value, table.upper, table.factor, 1.0),
        np.full(len(units), NOTHING_KNOWN[1]),
        np.where(known["furfural_ppm"], collar, NOTHING_KNOWN[2]),
    )


def surroundings_of(area: pd.Series, one: HealthClass, areas: dict[str, Surroundings]) -> pd.DataFrame:
    """Surroundings of each unit, by its area where something is said of it, else by its class."""
    default = one.surroundings.model_dump()
    by_area = {
        name: default | {key: getattr(place, key) for key in place.model_fields_set} for name, place in areas.items()
    }
    rows = [by_area.get(name, default) for name in area.unique()]
    place = pd.Index(area.unique()).get_indexer(pd.Index(area))
    table = pd.DataFrame(rows, columns=list(default))
    return table.iloc[place].set_axis(area.index)
