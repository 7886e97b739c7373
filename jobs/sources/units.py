"""Units that sources write, and how they convert; a unit that is not here is refused, never guessed."""

from __future__ import annotations

from typing import NamedTuple

from jobs.errors import SourceError


class Unit(NamedTuple):
    """A quantity in its dimension's first unit is ``value * scale + shift``."""

    dimension: str
    scale: float
    shift: float = 0.0


UNITS = {
    "Wh": Unit("active energy", 1.0), "kWh": Unit("active energy", 1e3), "MWh": Unit("active energy", 1e6),
    "GWh": Unit("active energy", 1e9),
    "varh": Unit("reactive energy", 1.0), "kvarh": Unit("reactive energy", 1e3), "Mvarh": Unit("reactive energy", 1e6),
    "W": Unit("active power", 1.0), "kW": Unit("active power", 1e3), "MW": Unit("active power", 1e6),
    "var": Unit("reactive power", 1.0), "kvar": Unit("reactive power", 1e3), "Mvar": Unit("reactive power", 1e6),
    "VA": Unit("apparent power", 1.0), "kVA": Unit("apparent power", 1e3), "MVA": Unit("apparent power", 1e6),
    "V": Unit("voltage", 1.0), "kV": Unit("voltage", 1e3),
    "m": Unit("length", 1.0), "km": Unit("length", 1e3), "ft": Unit("length", 0.3048), "mi": Unit("length", 1609.344),
    "m2": Unit("surface", 1.0), "ha": Unit("surface", 1e4), "km2": Unit("surface", 1e6),
    "mi2": Unit("surface", 2589988.110336),
    "m/s": Unit("speed", 1.0), "km/h": Unit("speed", 1 / 3.6), "mph": Unit("speed", 0.44704),
    "kn": Unit("speed", 1852 / 3600),
    "W/m2": Unit("irradiance", 1.0), "kW/m2": Unit("irradiance", 1e3),
    "degC": Unit("temperature", 1.0), "degF": Unit("temperature", 5 / 9, -160 / 9),
    "K": Unit("temperature", 1.0, -273.15),
    "1": Unit("number", 1.0), "%": Unit("number", 0.01), "thousand": Unit("number", 1e3),
    "min": Unit("time", 1.0), "h": Unit("time", 60.0),
    "currency/MWh": Unit("price of energy", 1.0), "currency/kWh": Unit("price of energy", 1e3),
    "currency": Unit("money", 1.0), "thousand currency": Unit("money", 1e3),
}  # fmt: skip
_BY_FOLDED = {name.casefold(): unit for name, unit in UNITS.items()}


def unit_named(name: str) -> Unit | None:
    """The unit of that name, whatever its capitals (head-ends write KWH); None where there is none."""
    return UNITS.get(name) or _BY_FOLDED.get(name.strip().casefold())


def interval_factor(unit: str, channel: str, interval_minutes: int) -> float | None:
    """Wh or varh per unit of a reading of ``channel``; a power is the mean over the interval. None: does not fit.

    >>> [interval_factor(unit, "delivered", 15) for unit in ("kWh", "kW", "V")]
    [1000.0, 250.0, None]
    """
    known = unit_named(unit)
    kind = "reactive" if channel.startswith("reactive") else "active"
    if known is None or known.dimension not in (f"{kind} energy", f"{kind} power"):
        return None
    return known.scale * (interval_minutes / 60 if known.dimension.endswith("power") else 1.0)


def conversion(unit: str, needed: str | None) -> tuple[float, float]:
    """Factor and shift from a source's unit to the unit of a column of ours (``Wh or varh`` takes either).

    >>> [round(part, 4) for part in conversion("degF", "degC")], conversion("kWh", "Wh or varh")
    ([0.5556, -17.7778], (1000.0, 0.0))

    Raises
    ------
    SourceError
        The unit is unknown, or measures something else.
    """
    given = unit_named(unit)
    targets = [UNITS[name] for name in (needed or "").split(" or ") if name in UNITS]
    for target in targets:
        if given is not None and given.dimension == target.dimension:
            return given.scale / target.scale, (given.shift - target.shift) / target.scale
    raise SourceError(f"unit '{unit}' does not convert to '{needed}'; known are {', '.join(UNITS)}")
