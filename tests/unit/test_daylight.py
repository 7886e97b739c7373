"""Sunrise and sunset against published times, and how dark the intervals between them are."""

from datetime import date

import numpy as np
import pytest

from kernels.daylight import dark_share, sunrise_sunset

EPOCH = date(1970, 1, 1)


def minutes(text: str) -> int:
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


# Published by timeanddate.com, in the clock at the fixed offset given (summer time taken off), to the minute.
PUBLISHED = {
    "Berlin, longest day": (date(2016, 6, 21), 52.52, 13.405, 60, "3:43", "20:33"),
    "Berlin, shortest day": (date(2016, 12, 21), 52.52, 13.405, 60, "8:15", "15:54"),
    "New York, equinox": (date(2016, 3, 20), 40.7128, -74.006, -300, "5:59", "18:09"),
    "Sydney, longest day": (date(2016, 12, 22), -33.87, 151.21, 600, "4:41", "19:06"),
}


@pytest.mark.parametrize("case", PUBLISHED)
def test_times_are_those_published(case: str) -> None:
    day, latitude, longitude, offset, rise, fall = PUBLISHED[case]
    found = sunrise_sunset([(day - EPOCH).days], latitude, longitude, offset_minutes=offset)[:, 0]
    assert found == pytest.approx([minutes(rise), minutes(fall)], abs=1.5)


def test_beyond_the_polar_circle_lamps_burn_all_day_or_not_at_all() -> None:
    days = [(date(2016, month, 21) - EPOCH).days for month in (6, 12)]
    share = dark_share(sunrise_sunset(days, 69.65, 18.96, offset_minutes=60), interval_minutes=15)
    assert share.sum(axis=1).tolist() == [0, 96]


def test_over_a_year_the_sun_is_up_for_a_little_more_than_half_of_the_time() -> None:
    """Refraction and the sun's radius add minutes to each end of the day: 50.6 % or so at 0 to 52 degrees."""
    days = np.arange((date(2016, 1, 1) - EPOCH).days, (date(2017, 1, 1) - EPOCH).days)
    for latitude in (0.0, 40.0, -52.0):
        dark = dark_share(sunrise_sunset(days, latitude, 0.0, offset_minutes=0), interval_minutes=15).mean()
        assert 0.488 < dark < 0.497


def test_an_interval_in_which_the_sun_sets_is_dark_in_part() -> None:
    share = dark_share(np.array([[360.0], [1085.0]]), interval_minutes=15)[0]
    assert share[23] == 1.0  # up to 6:00
    assert share[24:72].max() == 0.0
    assert share[72] == pytest.approx(10 / 15)  # 18:00 to 18:15, set at 18:05


def test_where_the_clock_is_far_from_the_sun_the_night_is_in_the_middle() -> None:
    """Noon at 22:00: the day that began before midnight ends in the morning."""
    noon = 22 * 60.0
    share = dark_share(np.array([[noon - 360], [noon + 360]]), interval_minutes=60)[0]
    assert share.tolist() == [0] * 4 + [1] * 12 + [0] * 8


@pytest.mark.parametrize(("latitude", "longitude", "told"), [(91.0, 0.0, "latitude"), (0.0, 500_000.0, "longitude")])
def test_what_is_no_place_is_refused(latitude: float, longitude: float, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        sunrise_sunset([0], latitude, longitude, offset_minutes=0)
