"""The thermal kernel against its definition, the standard's figures, and another's model; what it refuses."""

from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from transformer_thermal_model.aging import aging_rate_profile
from transformer_thermal_model.cooler import CoolerType
from transformer_thermal_model.model import Model
from transformer_thermal_model.schemas import InputProfile, UserTransformerSpecifications
from transformer_thermal_model.transformer import DistributionTransformer, PaperInsulationType, PowerTransformer

from kernels.thermal_ageing import thermal_ageing
from tests.reference import thermal_ageing as reference
from tests.reference.thermal_ageing import DISTRIBUTION, ONAF, ONAN, UNITS, Unit
from tests.unit.thermal_units import ambients, characteristics, loads, profiles, row, units

Floats = NDArray[np.float64]
COOLED = {"onan": (ONAN, CoolerType.ONAN), "onaf": (ONAF, CoolerType.ONAF)}


@settings(deadline=None)
@given(st.lists(st.tuples(units, profiles(4)), min_size=1, max_size=3), st.sampled_from([3.0, 15.0, 60.0, 240.0]))
def test_temperatures_are_the_definition(cases: list[tuple[Unit, Any]], minutes: float) -> None:
    found = thermal_ageing(
        [load for _, (load, _) in cases],
        [ambient for _, (_, ambient) in cases],
        minutes,
        characteristics(*(unit for unit, _ in cases)),
        traces=True,
    )
    for number, (unit, (load, ambient)) in enumerate(cases):
        state = reference.steady(unit, load[0], ambient[0])
        for step in range(4):
            state = reference.after(unit, state, load[step], ambient[step], minutes)
            assert found.top_oil_degc[number, step] == pytest.approx(state[0], abs=1e-9)
            assert found.hot_spot_degc[number, step] == pytest.approx(reference.hot_spot(state), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(units, profiles(4), st.sampled_from([15.0, 60.0]), st.booleans(), st.integers(0, 3))
def test_ageing_maxima_and_hours_are_those_of_the_whole_course(
    unit: Unit, profile: Any, minutes: float, upgraded: bool, lead: int
) -> None:
    pieces = 800
    top_oil, hot_spot = (part[lead:] for part in reference.course(unit, *profile, minutes, pieces))
    limits = [float(np.quantile(hot_spot, share)) for share in (0.3, 0.9)]
    oil_limit = float(np.quantile(top_oil, 0.5))
    found = thermal_ageing(
        row(profile[0]), row(profile[1]), minutes, characteristics(unit), upgraded_paper=upgraded, lead_steps=lead,
        hot_spot_limits_degc=limits, top_oil_limits_degc=[oil_limit],
    )  # fmt: skip
    rate = [[reference.ageing_rate(degc, upgraded) for degc in step] for step in hot_spot]
    assert found.ageing_rate[0] == pytest.approx(np.mean(rate), rel=1e-3)
    assert found.loss_of_life_hours[0] == pytest.approx(np.mean(rate) * (4 - lead) * minutes / 60, rel=1e-3)
    # The course looked at lies half a piece beside its turns and ends: its winding moves by at most 60 K in 7 minutes.
    beside = 60 / 7 * minutes / pieces
    assert -1e-9 <= found.hot_spot_max_degc[0] - hot_spot.max() <= beside
    assert -1e-9 <= found.top_oil_max_degc[0] - top_oil.max() <= beside
    piece_hours = minutes / pieces / 60
    for number, limit in enumerate(limits):
        touching = np.abs(hot_spot - limit).min(axis=1) < 1e-6  # what lies on the limit is on either side of it
        if not touching.any():
            expected = (hot_spot > limit).sum() * piece_hours
            assert found.hours_above_hot_spot[0, number] == pytest.approx(expected, abs=4 * 4 * piece_hours)
    if not (np.abs(top_oil - oil_limit).min(axis=1) < 1e-6).any():
        expected = (top_oil > oil_limit).sum() * piece_hours
        assert found.hours_above_top_oil[0, 0] == pytest.approx(expected, abs=4 * 4 * piece_hours)


@pytest.mark.parametrize("name", UNITS)
def test_the_standards_differences_run_into_the_same_temperatures(name: str) -> None:
    unit = UNITS[name]
    random = np.random.default_rng(7)
    load, ambient = random.uniform(0.2, 1.4, 40), random.uniform(-5.0, 30.0, 40)
    found = thermal_ageing(row(list(load)), row(list(ambient)), 15.0, characteristics(unit), traces=True)
    furthest = {}
    for dt in (1.0, 0.1):
        state = reference.steady(unit, load[0], ambient[0])
        off = []
        for step in range(40):
            state = reference.by_differences(unit, state, load[step], ambient[step], 15.0, dt)
            off.append(abs(found.hot_spot_degc[0, step] - reference.hot_spot(state)))
        furthest[dt] = max(off)
    # First order: a tenth of the step, a tenth of the error.
    assert furthest[1.0] < 1.0
    assert furthest[0.1] == pytest.approx(furthest[1.0] / 10, rel=0.2)


EXAMPLE = replace(ONAF, R=1000.0, top_oil_rise=38.3, hot_spot_rise=20.3)
PUBLISHED = [  # load, until this minute: top-oil and hot-spot then
    (1.0, 190, 61.9, 83.8),
    (0.6, 365, 44.4, 54.0),
    (1.5, 500, 89.2, 127.0),
    (0.3, 705, 35.0, 37.5),
    (2.1, 730, 67.9, 138.6),
    (0.0, 745, 60.3, 75.3),
]


def test_the_standards_worked_example() -> None:
    """IEC 60076-7, annex on the example of the exponential solution: a 250 MVA ONAF unit in six steps of load."""
    minutes = np.diff([0, *(until for _, until, _, _ in PUBLISHED)]).astype(float)
    load = row([load for load, *_ in PUBLISHED])
    start = 25.6 + 12.7
    found = thermal_ageing(
        load, row([25.6] * 6), minutes, characteristics(EXAMPLE), start_degc=(start, start), traces=True
    )
    for step, (_, _, top_oil, hot_spot) in enumerate(PUBLISHED):
        assert found.top_oil_degc[0, step] == pytest.approx(top_oil, abs=1.5)
        assert found.hot_spot_degc[0, step] == pytest.approx(hot_spot, abs=1.5)


@pytest.mark.parametrize(
    ("hot_spot", "usual", "upgraded"),
    [(80, 0.125, 0.036), (86, 0.25, 0.073), (92, 0.5, 0.145), (98, 1.0, 0.282), (104, 2.0, 0.536), (110, 4.0, 1.0),
     (116, 8.0, 1.83), (122, 16.0, 3.29), (128, 32.0, 5.8), (134, 64.0, 10.1), (140, 128.0, 17.2)],
)  # fmt: skip
def test_the_standards_relative_ageing_rates(hot_spot: float, usual: float, upgraded: float) -> None:
    """IEC 60076-7, table of relative ageing rates: a unit at rated load, 78 K above its ambient."""
    found = thermal_ageing(
        np.ones((2, 5)), np.full((1, 5), hot_spot - 78.0), 60.0, characteristics(DISTRIBUTION, DISTRIBUTION),
        upgraded_paper=np.array([False, True]),
    )  # fmt: skip
    assert found.ageing_rate[0] == pytest.approx(usual, rel=1e-12)
    assert found.ageing_rate[1] == pytest.approx(upgraded, rel=0.02)


@pytest.mark.parametrize("upgraded", [False, True])
def test_the_ageing_rate_is_right_to_the_last_digits(upgraded: bool) -> None:
    """The loop works out its own powers and exponentials: here against those of Python's decimals, to 30 digits."""
    hot_spots = np.linspace(-60.0, 240.0, 301)
    found = thermal_ageing(
        np.ones((301, 1)), hot_spots[:, None] - 78.0, 60.0, characteristics(*[DISTRIBUTION] * 301),
        upgraded_paper=upgraded,
    )  # fmt: skip
    with localcontext() as digits:
        digits.prec = 30
        for hot_spot, rate in zip(hot_spots, found.ageing_rate, strict=True):
            degc = Decimal(float(hot_spot))
            power = Decimal(15000) / 383 - Decimal(15000) / (degc + 273) if upgraded else (degc - 98) / 6
            exact = power.exp() if upgraded else Decimal(2) ** power
            assert rate == pytest.approx(float(exact), rel=2e-13)


def test_no_load_and_rated_load_have_their_powers_exactly() -> None:
    unit = characteristics(DISTRIBUTION, ONAF, replace(ONAF, hot_spot_rise=0.0, top_oil_rise=0.0))
    cold = thermal_ageing(np.zeros((3, 1)), np.zeros((1, 1)), 15.0, unit)
    rises = [55.0 * (1 / 6) ** 0.8, 52.0 * (1 / 7) ** 0.8, 0.0]
    assert cold.hot_spot_max_degc == pytest.approx(rises, abs=1e-12)
    rated = thermal_ageing(np.ones((3, 1)), np.zeros((1, 1)), 15.0, unit)
    assert rated.hot_spot_max_degc == pytest.approx([78.0, 78.0, 0.0], abs=1e-12)
    assert (cold.ageing_rate > 0).all()


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(loads, ambients, st.integers(1, 90)), min_size=2, max_size=30),
    st.sampled_from(["distribution", *COOLED]),
    st.floats(0.0, 20.0),
)
def test_another_model_has_the_same_temperatures(
    samples: list[tuple[float, float, int]], name: str, indoors: float
) -> None:
    """transformer-thermal-model: a sample's load and ambient hold from the sample before it to itself, as a step's do.

    It starts at the first sample, all at ambient. What a room adds goes to the rise of a distribution unit's oil, as
    here, and to the ambient of any other.
    """
    load, ambient, minutes = (np.array(values, float) for values in zip(*samples, strict=True))
    unit = DISTRIBUTION if name == "distribution" else COOLED[name][0]
    given_specs = UserTransformerSpecifications(
        load_loss=unit.R * 1000.0, no_load_loss=1000.0, nom_load_sec_side=1.0, amb_temp_surcharge=indoors,
        top_oil_temp_rise=unit.top_oil_rise, winding_oil_gradient=unit.hot_spot_rise / 1.3, hot_spot_fac=1.3,
    )  # fmt: skip
    theirs = (
        DistributionTransformer(user_specs=given_specs)
        if name == "distribution"
        else PowerTransformer(user_specs=given_specs, cooling_type=COOLED[name][1])
    )
    stamps = pd.Timestamp("2016-03-27") + pd.to_timedelta(np.cumsum(minutes), unit="min")
    profile = InputProfile.create(datetime_index=stamps, load_profile=load, ambient_temperature_profile=ambient)
    expected = Model(temperature_profile=profile, transformer=theirs).run()
    room = 0.0 if name == "distribution" else indoors
    ours = characteristics(unit)
    found = thermal_ageing(
        row(list(load[1:])), row(list(ambient[1:] + room)), minutes[1:],
        replace(ours, indoor_rise_k=indoors if name == "distribution" else 0.0),
        start_degc=(ambient[0] + room, ambient[0] + room), traces=True,
    )  # fmt: skip
    np.testing.assert_allclose(found.top_oil_degc[0], expected.top_oil_temp_profile.to_numpy()[1:], rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.hot_spot_degc[0], expected.hot_spot_temp_profile.to_numpy()[1:], rtol=0, atol=1e-6)


@given(st.lists(st.floats(20.0, 160.0), min_size=1, max_size=5))
def test_another_model_ages_alike_at_constant_hot_spots(hot_spots: list[float]) -> None:
    profile = pd.Series(hot_spots, index=pd.date_range("2016-01-01", periods=len(hot_spots), freq="h"))
    for upgraded, paper in ((False, PaperInsulationType.NORMAL), (True, PaperInsulationType.THERMAL_UPGRADED)):
        found = thermal_ageing(
            np.ones((len(hot_spots), 1)), np.array(hot_spots)[:, None] - 78.0, 60.0,
            characteristics(*[DISTRIBUTION] * len(hot_spots)), upgraded_paper=upgraded,
        )  # fmt: skip
        np.testing.assert_allclose(found.ageing_rate, aging_rate_profile(profile, paper), rtol=1e-9)


def test_hours_above_a_limit_end_where_the_closed_form_passes_it() -> None:
    """From cold: theta_o = 20 + 55 (1 - exp(-t/180)) passes half its rise after 180 ln 2 min, within a step."""
    found = thermal_ageing(
        [[1.0]], [[20.0]], 1440.0, characteristics(DISTRIBUTION), start_degc=(20.0, 20.0),
        top_oil_limits_degc=[20.0 + 27.5, 75.0], hot_spot_limits_degc=[97.9],
    )  # fmt: skip
    assert found.hours_above_top_oil[0] == pytest.approx([24 - 180 * np.log(2) / 60, 0.0], abs=1e-9)
    # The winding has long settled when 55 exp(-t/180) is 0.1 K.
    assert found.hours_above_hot_spot[0, 0] == pytest.approx(24 - 180 * np.log(550) / 60, abs=1e-6)


def test_the_hottest_moment_may_lie_within_a_step() -> None:
    """Load comes with cold air: the winding warms within minutes, oil cools for hours, and its flow comes late."""
    load, ambient = row([0.2, 0.9]), row([35.0, -10.0])
    found = thermal_ageing(load, ambient, 720.0, characteristics(ONAN), lead_steps=1, traces=True)
    state, by_minute = reference.steady(ONAN, 0.2, 35.0), []
    for _ in range(720):
        state = reference.by_differences(ONAN, state, 0.9, -10.0, 1.0, 0.01)
        by_minute.append(reference.hot_spot(state))
    assert found.hot_spot_max_degc[0] > max(found.hot_spot_degc[0]) + 3.0
    assert found.hot_spot_max_degc[0] == pytest.approx(max(by_minute), abs=0.02)


def test_arrays_may_be_read_only_and_rows_anywhere() -> None:
    random = np.random.default_rng(3)
    days = random.uniform(0.0, 1.5, 4 * 96 + 96)
    windows = np.lib.stride_tricks.sliding_window_view(days, 4 * 96)[::96]  # rows that overlap, and are read-only
    ambient = random.uniform(-5.0, 30.0, (1, 4 * 96))
    ambient.setflags(write=False)
    assert windows.shape == (2, 384)
    assert not windows.flags.writeable
    both = thermal_ageing(windows, ambient, 15.0, characteristics(DISTRIBUTION, ONAF), lead_steps=288)
    for number, unit in enumerate((DISTRIBUTION, ONAF)):
        alone = thermal_ageing(
            windows[number : number + 1].copy(), ambient, 15.0, characteristics(unit), lead_steps=288
        )
        for name in ("hot_spot_max_degc", "top_oil_max_degc", "loss_of_life_hours"):
            assert getattr(both, name)[number] == getattr(alone, name)[0]


def test_missing_and_impossible_values_are_refused_with_their_place() -> None:
    good = np.ones((2, 3))
    for bad in (np.nan, np.inf, -0.1):
        load = good.copy()
        load[1, 2] = bad
        with pytest.raises(ValueError, match=rf"load_pu: fails 'finite and >= 0'; first at unit row 1, step 2: {bad}"):
            thermal_ageing(load, good, 15.0, characteristics(DISTRIBUTION, DISTRIBUTION))
        if bad != -0.1:
            with pytest.raises(ValueError, match=r"ambient_degc: fails .* first at unit row 1, step 2"):
                thermal_ageing(good, load, 15.0, characteristics(DISTRIBUTION, DISTRIBUTION))
    with pytest.raises(ValueError, match=r"k21: 1 of 2 values fail 'finite and >= 1'; first at asset row 1: 0.5"):
        thermal_ageing(good, good, 15.0, characteristics(DISTRIBUTION, replace(ONAF, k21=0.5)))
    with pytest.raises(ValueError, match=r"oil_minutes: 1 of 1 values fail 'finite and > 0'"):
        thermal_ageing(good[:1], good[:1], 15.0, characteristics(replace(ONAF, tau_o=0.0)))
    for minutes in (0.0, np.nan, [15.0, 15.0]):
        with pytest.raises(ValueError, match="step_minutes"):
            thermal_ageing(good, good, minutes, characteristics(DISTRIBUTION, DISTRIBUTION))
    with pytest.raises(ValueError, match=r"ambient_degc: found shape \(2, 2\); needed \(1, 3\) or \(2, 3\)"):
        thermal_ageing(good, good[:, :2], 15.0, characteristics(DISTRIBUTION, DISTRIBUTION))
    with pytest.raises(ValueError, match="lead_steps: found 4; needed 0 to 3"):
        thermal_ageing(good, good, 15.0, characteristics(DISTRIBUTION, DISTRIBUTION), lead_steps=4)


def test_nothing_is_counted_where_every_step_leads() -> None:
    found = thermal_ageing(np.ones((1, 3)), np.ones((1, 3)), 15.0, characteristics(DISTRIBUTION), lead_steps=3)
    assert np.isnan([found.hot_spot_max_degc[0], found.top_oil_max_degc[0], found.ageing_rate[0]]).all()
    assert found.loss_of_life_hours[0] == 0.0
