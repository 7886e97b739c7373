"""Daylight: when the sun rises and sets, and for which share of an interval lamps burn that follow it."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.load_profile import MINUTES_A_DAY

Floats = NDArray[np.float64]

RISE_ELEVATION_DEGREES: Final = -0.833
"""Elevation of the sun's centre when its upper limb touches the horizon: refraction 34', radius 16'."""
_J2000_DAYS: Final = 10957.5  # noon of 1 January 2000, in days since 1970
_PASSES: Final = 2  # the sun where it stands at noon, and then where it stands when it rises and sets


def sunrise_sunset(day: ArrayLike, latitude: ArrayLike, longitude: ArrayLike, *, offset_minutes: int) -> Floats:
    """Sunrise and sunset of each day and place, in minutes after the day's midnight at a fixed UTC offset.

    Parameters
    ----------
    day : (n,) integers. Days since 1970-01-01.
    latitude, longitude : number or (n,). Degrees, north and east positive.
    offset_minutes : of the clock that bounds days, east of Greenwich positive.

    Returns
    -------
    (2, n) float64. Sunrise may be below 0 and sunset above 1,440, where noon is far from 12 o'clock. Both are noon
    where the sun stays down; half a day before and after it where it stays up.

    Raises
    ------
    ValueError : a latitude is not within -90 to 90, or a longitude not within -180 to 180.

    Source
    ------
    J. Meeus, Astronomical Algorithms, chapters 25 and 28, as NOAA's solar calculator uses them; within a minute up to
    72 degrees of latitude.

    Examples
    --------
    Berlin's shortest day of 2016: 8:15 to 15:54.

    >>> rise, fall = sunrise_sunset([17156], 52.52, 13.405, offset_minutes=60)[:, 0]
    >>> [f"{int(one) // 60}:{int(one) % 60:02}" for one in (rise, fall)]
    ['8:15', '15:54']
    """
    at, north, east = np.broadcast_arrays(
        np.asarray(day, np.float64), np.asarray(latitude, np.float64), np.asarray(longitude, np.float64)
    )
    for name, values, most in (("latitude", north, 90), ("longitude", east, 180)):
        if not (np.abs(values) <= most).all():
            raise ValueError(f"{name}: found {values[~(np.abs(values) <= most)][0]}; needed -{most} to {most} degrees")
    noon = 720.0 - 4 * east + offset_minutes
    result = np.stack([noon, noon])
    tilt = np.radians(north)
    for _ in range(_PASSES):
        for half, sign in enumerate((-1, 1)):
            declination, equation = _sun(at + (result[half] - offset_minutes) / MINUTES_A_DAY)
            cosine = (np.sin(np.radians(RISE_ELEVATION_DEGREES)) - np.sin(tilt) * np.sin(declination)) / (
                np.maximum(np.cos(tilt), 1e-9) * np.cos(declination)
            )
            half_day = 4 * np.degrees(np.arccos(np.clip(cosine, -1, 1)))
            result[half] = noon - equation + sign * half_day
    return result


def dark_share(rise_set: Floats, *, interval_minutes: int) -> Floats:
    """Share of each interval of a day in which the sun is down: (n, intervals), from `sunrise_sunset`.

    Daylight of the day before or after that reaches into the day counts as that of the day itself, a day apart.
    """
    start = np.arange(0, MINUTES_A_DAY, interval_minutes, dtype=np.float64)
    light = np.zeros((rise_set.shape[1], len(start)))
    for shift in (-MINUTES_A_DAY, 0, MINUTES_A_DAY):
        low = np.maximum(start, rise_set[0][:, None] + shift)
        high = np.minimum(start + interval_minutes, rise_set[1][:, None] + shift)
        light += np.clip(high - low, 0, None)
    share: Floats = 1 - np.clip(light / interval_minutes, 0, 1)
    return share


def _sun(days: Floats) -> tuple[Floats, Floats]:
    """Declination in radians and equation of time in minutes, at instants in days since 1970 (UTC)."""
    century = (days - _J2000_DAYS) / 36525
    mean_longitude = np.radians((280.46646 + century * (36000.76983 + 0.0003032 * century)) % 360)
    anomaly = np.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = (
        np.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + np.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians(125.04 - 1934.136 * century)
    longitude = mean_longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    seconds = 21.448 - century * (46.815 + century * (0.00059 - 0.001813 * century))
    obliquity = np.radians(23 + (26 + seconds / 60) / 60 + 0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    y = np.tan(obliquity / 2) ** 2
    equation = 4 * np.degrees(
        y * np.sin(2 * mean_longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * mean_longitude)
        - 0.5 * y**2 * np.sin(4 * mean_longitude)
        - 1.25 * eccentricity**2 * np.sin(2 * anomaly)
    )
    return declination, equation
