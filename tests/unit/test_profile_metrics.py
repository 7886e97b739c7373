"""Metrics of load against their reference and against hand-worked figures."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.profile_metrics import Intervals, LoadMetrics, load_metrics
from tests.reference import profile_metrics as reference

MINUTES = 15
WHOLE_NUMBERS = (
    "number", "delivered_wh", "received_wh", "profiled_wh", "unmetered_wh", "resampled_delivered_wh",
    "resampled_received_wh", "estimated_wh", "meters_estimated", "meters_expected",
)  # fmt: skip
ENERGY = st.integers(0, 5) | st.integers(0, 10**7)


@st.composite
def interval_lists(draw: st.DrawFn) -> list[reference.Interval]:
    """One group's intervals: gaps in time, ties, reverse flow, parts resampled, with and without a rating."""
    number = 0
    result = []
    for step in draw(st.lists(st.sampled_from([1, 1, 1, 5]), max_size=12)):
        number += step
        delivered, received = draw(ENERGY), draw(ENERGY)
        result.append(
            reference.Interval(
                number,
                delivered,
                received,
                draw(st.integers(0, delivered)),
                draw(st.integers(0, received)),
                draw(st.integers(0, delivered + received + 5)),
                draw(st.integers(0, 2)),
                draw(st.sampled_from([0, 2])),
                draw(st.sampled_from([0.0, 1500.0, 2500.5])),
                draw(st.sampled_from([None, 1500.0, 2000.0])),
                draw(st.integers(0, 3)),
                draw(st.integers(0, 3)),
            )
        )
    return result


def measured(groups: list[list[reference.Interval]]) -> LoadMetrics:
    flat = [one for group in groups for one in group]
    intervals = Intervals(
        group=np.repeat(np.arange(len(groups)), [len(group) for group in groups]),
        **{name: np.array([getattr(one, name) for one in flat], np.int64) for name in WHOLE_NUMBERS},
        apparent_va=np.array([one.apparent_va for one in flat], np.float64),
        rating_va=np.array([math.nan if one.rating_va is None else one.rating_va for one in flat], np.float64),
    )
    for array in vars(intervals).values():
        array.flags.writeable = False
    return load_metrics(intervals, len(groups), interval_minutes=MINUTES)


@given(st.lists(interval_lists(), max_size=4))
def test_metrics_are_those_of_the_definition(groups: list[list[reference.Interval]]) -> None:
    found = measured(groups)
    for number, group in enumerate(groups):
        for name, wanted in reference.metrics(group, MINUTES).items():
            value = getattr(found, name)[number]
            if name == "peak_number":
                assert value == (-1 if wanted is None else wanted)
            elif wanted is None:
                assert np.isnan(value).all(), name
            else:
                assert value == pytest.approx(wanted, rel=1e-12), name


def steady(*net_wh: int, rating_va: float | None = None) -> list[reference.Interval]:
    return [
        reference.Interval(number, max(net, 0), max(-net, 0), 0, 0, 0, 0, 1, abs(net) * 4.0, rating_va)
        for number, net in enumerate(net_wh)
    ]


def test_a_worked_day() -> None:
    """Net 1, 4, 4, -1 kWh in quarter-hours: 4, 16, 16, -4 kW; mean 8 kW; S**2 16, 256, 256, 16, mean 136."""
    found = measured([steady(1000, 4000, 4000, -1000, rating_va=15_000.0)])
    assert found.peak_kw[0] == 16.0
    assert found.peak_number[0] == 1  # the first on a tie
    assert found.load_factor[0] == 0.5
    assert found.largest_ramp_kw[0] == 20.0
    assert (found.reverse_peak_kw[0], found.reverse_hours[0], found.reverse_wh[0]) == (4.0, 0.25, 1000)
    assert found.loss_factor[0] == 136 / 256
    assert found.utilisation[0] == pytest.approx(16 / 15, rel=1e-15)
    assert found.hours_above_rating[0] == 0.5
    assert found.duration_kva[0, [0, 25, 50, 51, 75, 76, 100]].tolist() == [16, 16, 16, 4, 4, 4, 4]


def test_load_that_only_flows_back_has_no_peak_and_no_load_factor() -> None:
    found = measured([steady(-5, -3)])
    assert np.isnan([found.peak_kw[0], found.load_factor[0]]).all()
    assert found.peak_number[0] == -1
    assert found.mean_kw[0] == pytest.approx(-0.016)


def test_a_load_factor_needs_a_positive_mean() -> None:
    found = measured([steady(10, -30)])
    assert found.peak_kw[0] == pytest.approx(0.04)
    assert np.isnan(found.load_factor[0])


def counted(delivered_wh: int, received_wh: int, estimated_wh: int, estimated: int, expected: int) -> float:
    """Estimated share of one interval."""
    one = reference.Interval(0, delivered_wh, received_wh, 0, 0, estimated_wh, estimated, expected, 0.0, None)
    return float(measured([[one]]).estimated_share[0])


def test_the_estimated_share_is_of_energy_in_either_direction() -> None:
    """30 Wh delivered and 10 received make 40, of which 10 are estimated; net load would say 10 of 20."""
    assert counted(30, 10, 10, 1, 4) == 0.25


def test_where_there_is_no_energy_the_estimated_share_is_of_meters() -> None:
    assert counted(0, 0, 0, 3, 4) == 0.75
    assert math.isnan(counted(0, 0, 0, 0, 0))


def test_negative_readings_do_not_make_more_than_all_estimated() -> None:
    assert counted(5, 0, 15, 2, 2) == 1.0  # 10 and -5 Wh, both estimates


def test_a_share_is_that_of_all_intervals_and_no_mean_of_shares() -> None:
    """100 of 100 Wh and 0 of 900: a tenth, not a half."""
    first = reference.Interval(0, 100, 0, 0, 0, 100, 1, 1, 0.0, None)
    second = reference.Interval(1, 900, 0, 0, 0, 0, 0, 1, 0.0, None)
    assert measured([[first, second]]).estimated_share[0] == 0.1


@pytest.mark.parametrize(("group", "number"), [([1, 0], [0, 1]), ([0, 2], [0, 1]), ([0, 0], [3, 3])])
def test_groups_and_numbers_out_of_order_are_refused(group: list[int], number: list[int]) -> None:
    zero = np.zeros(2, np.int64)
    with pytest.raises(ValueError, match="needed"):
        load_metrics(
            Intervals(np.array(group), np.array(number), *[zero] * 9, zero * 1.0, zero * 1.0),
            2,
            interval_minutes=15,
        )
