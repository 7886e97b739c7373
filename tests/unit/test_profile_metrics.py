"""Metrics of load against their reference and against hand-worked figures."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.profile_metrics import Intervals, LoadMetrics, load_metrics
from tests.reference import profile_metrics as reference

MINUTES = 15
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
                draw(st.sampled_from([0.0, 1500.0, 2500.5])),
                draw(st.sampled_from([None, 1500.0, 2000.0])),
            )
        )
    return result


def measured(groups: list[list[reference.Interval]]) -> LoadMetrics:
    flat = [one for group in groups for one in group]
    names = ("number", "delivered_wh", "received_wh", "resampled_delivered_wh", "resampled_received_wh")
    arrays = {name: np.array([getattr(one, name) for one in flat], np.int64) for name in names}
    intervals = Intervals(
        group=np.repeat(np.arange(len(groups)), [len(group) for group in groups]),
        **arrays,
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
        reference.Interval(number, max(net, 0), max(-net, 0), 0, 0, abs(net) * 4.0, rating_va)
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


@pytest.mark.parametrize(("group", "number"), [([1, 0], [0, 1]), ([0, 2], [0, 1]), ([0, 0], [3, 3])])
def test_groups_and_numbers_out_of_order_are_refused(group: list[int], number: list[int]) -> None:
    zero = np.zeros(2, np.int64)
    with pytest.raises(ValueError, match="needed"):
        load_metrics(
            Intervals(np.array(group), np.array(number), zero, zero, zero, zero, zero * 1.0, zero * 1.0),
            2,
            interval_minutes=15,
        )
