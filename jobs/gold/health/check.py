"""Whether the configured classes, conditions and places are ones that the methodology's figures know."""

from __future__ import annotations

from pyspark.sql.types import BooleanType, DoubleType

from jobs.errors import SettingsError
from jobs.gold.health.method import BY_YEAR, UNKNOWN, Component, Group, Method
from jobs.gold.health.settings import HealthClass, HealthSettings, Surroundings, Told
from jobs.silver.inspection import INSPECTION


def check_health(settings: HealthSettings, method: Method) -> None:
    """Refuse classes that the methodology's figures do not know, all faults at once.

    Raises
    ------
    SettingsError
        Names each class and key, what was found and what there is.
    """
    faults = [fault for name, one in settings.classes.items() for fault in _faults(name, one, method)]
    for area, place in settings.areas.items():
        faults += [f"areas.{area}.{fault}" for fault in _place_faults(place, method)]
    if faults:
        raise SettingsError(f"asset_health: {len(faults)} fault(s):\n" + "\n".join(f"  {one}" for one in faults))


def _faults(name: str, one: HealthClass, method: Method) -> list[str]:
    where = f"classes.{name}"
    known = set(method.categories)
    unknown = [by.category for by in one.categories if by.category not in known]
    faults = [f"{where}: unknown category '{category}'; the methodology has {sorted(known)}" for category in unknown]
    points: dict[str, set[str]] = {}
    for by in one.categories:
        if by.category in known:
            group = method.group_of(by.category)
            faults += [f"{where} ({by.category}): {fault}" for fault in _group_faults(one, by.category, group)]
            for part in group.components.values():
                for point, _, scale in part.points():
                    points.setdefault(point, set(method.scales[scale])).intersection_update(method.scales[scale])
    if not unknown:
        for point, told in one.conditions.items():
            if point not in points:
                faults.append(f"{where}.conditions: unknown point '{point}'; its categories have {sorted(points)}")
                continue
            faults += [f"{where}.conditions.{point}: {fault}" for source in told for fault in _column_faults(source)]
            strange = set().union(*(source.told for source in told)) - points[point]
            if strange:
                faults.append(
                    f"{where}.conditions.{point}: {len(strange)} unknown state(s) {sorted(strange)}; "
                    f"there are {sorted(points[point] - {UNKNOWN})}"
                )
    return faults + [f"{where}.surroundings.{fault}" for fault in _place_faults(one.surroundings, method)]


def _group_faults(one: HealthClass, category: str, group: Group) -> list[str]:
    faults = []
    for part_name, part in group.components.items():
        lives = choices(part)
        if lives and one.made_of.get(part_name) not in lives:
            found = one.made_of.get(part_name)
            faults.append(f"made_of.{part_name}: found {found!r}, needed is one of {sorted(lives)}")
    types = group.categories[category].types
    if one.type is not None and types and one.type not in types:
        faults.append(f"type: found '{one.type}', needed is one of {sorted(types)}")
    access = one.surroundings.access
    if access is not None and group.access and access not in group.access:
        faults.append(f"surroundings.access: found '{access}', needed is one of {sorted(group.access)}")
    return faults


def _place_faults(place: Surroundings, method: Method) -> list[str]:
    tables = method.submarine
    of = {"topography": tables.topography, "situation": tables.situation, "wind_wave": tables.wind_wave}
    of["current"] = tables.current
    return [
        f"{name}: found '{found}', needed is one of {sorted(states)}"
        for name, states in of.items()
        if (found := getattr(place, name)) not in states
    ]


def choices(part: Component) -> set[str]:
    """What a component may be made of where the register has to say it: nothing where its year does, or one life."""
    if isinstance(part.life, float) or set(part.life) == BY_YEAR:
        return set()
    return set(part.life)


def _column_faults(told: Told) -> list[str]:
    """What is wrong between a condition's source and its column of silver.inspection."""
    if told.column not in INSPECTION.column_names:
        return [f"silver.inspection has no column '{told.column}'; it has {INSPECTION.column_names}"]
    column = INSPECTION.column(told.column)
    if isinstance(column.type, DoubleType):
        return [f"{told.column} holds numbers: bounds and bands are needed"] if told.states is not None else []
    codes = ["false", "true"] if isinstance(column.type, BooleanType) else sorted(column.codes or ())
    if not codes:
        return [f"{told.column} has neither codes nor numbers: it tells no condition"]
    found = sorted(told.states or ())
    return [] if found == codes else [f"{told.column}: found states of {found}, needed are those of {codes}"]
