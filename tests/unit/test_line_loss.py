"""The line loss coefficient: against feeders worked by hand, and the full I2R of radial networks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.sample.line_flows import Fed, line_flows
from kernels.line_loss import loss_coefficient, loss_matrix
from tests.reference.line_loss import radial_loss_w

U2 = 400.0**2


def test_a_feeder_of_three_segments() -> None:
    """400 V, 0.1, 0.2 and 0.4 ohm in a row; 20, 30 and 50 % of the load at their ends.

    What flows: 100, 80 and 50 %, so 0.1 + 0.2 x 0.64 + 0.4 x 0.25 = 0.328 ohm. At 40 kVA, 57.735 A: the trunk alone
    3 x 57.735² x 0.1 = 1 000 W, all of them 3 280 W.
    """
    per_v2 = np.array([0.1, 0.2, 0.4]) / U2
    found = loss_coefficient([0, 1, 2], [1, 2, 3], per_v2, 0, [0, 0.2, 0.3, 0.5])
    assert found * 40_000**2 == pytest.approx(3280, rel=1e-12)


def test_in_a_ring_currents_part_by_resistance() -> None:
    """The load at one end of two ways of 0.1 and 0.3 ohm: as one of 0.075 ohm."""
    per_v2 = np.array([0.1, 0.1, 0.2]) / U2
    assert loss_coefficient([0, 0, 2], [1, 2, 1], per_v2, 0, [0, 1, 0]) * U2 == pytest.approx(0.075, rel=1e-12)


def test_a_switch_joins_its_ends_and_what_hangs_at_the_source_flows_nowhere() -> None:
    per_v2 = np.array([0.0, 0.1]) / U2
    assert loss_coefficient([0, 1], [1, 2], per_v2, 0, [0.25, 0.25, 0.5]) * U2 == pytest.approx(0.025, rel=1e-12)
    assert loss_coefficient([0], [1], [0.0], 0, [0.0, 1.0]) == 0.0


def test_an_unknown_resistance_makes_the_loss_unknown() -> None:
    assert np.isnan(loss_coefficient([0, 1], [1, 2], [1e-6, np.nan], 0, [0, 1.0, 0.0]))


def test_a_load_that_no_line_joins_to_the_source_is_refused() -> None:
    with pytest.raises(ValueError, match="1 nodes with load that no line joins to the source"):
        loss_coefficient([0], [1], [1e-6], 0, [0.0, 0.5, 0.5])
    with pytest.raises(ValueError, match="1 of 1 lines below 0"):
        loss_coefficient([0], [1], [-1e-6], 0, [0.0, 1.0])


@st.composite
def radial(draw: st.DrawFn) -> tuple[list[int], list[float], list[float]]:
    """Each node's parent, resistance to it and load."""
    size = draw(st.integers(1, 12))
    parent = [draw(st.integers(0, node)) for node in range(size)]
    ohm = draw(st.lists(st.floats(1e-3, 2.0), min_size=size, max_size=size))
    load = draw(st.lists(st.floats(0, 1e5), min_size=size, max_size=size).filter(lambda one: sum(one) > 1))
    return parent, ohm, load


@given(radial(), st.floats(-1.2, 1.2))
def test_of_loads_in_proportion_it_is_exactly_what_currents_lose(
    net: tuple[list[int], list[float], list[float]], angle: float
) -> None:
    parent, ohm, load = net
    turned = [one * complex(np.cos(angle), np.sin(angle)) for one in load]
    share = np.array([0.0, *load]) / sum(load)
    found = loss_coefficient(parent, range(1, len(parent) + 1), np.array(ohm) / U2, 0, share)
    assert found * sum(load) ** 2 == pytest.approx(radial_loss_w(parent, ohm, turned, 400.0), rel=1e-8)


@given(radial(), radial(), st.floats(0, 2))
def test_generation_beside_load_loses_exactly_what_currents_lose(
    net: tuple[list[int], list[float], list[float]], other: tuple[list[int], list[float], list[float]], scale: float
) -> None:
    """Each in proportion, at nodes of its own: cancelling at the source or not."""
    parent, ohm, load = net
    fed_in = scale * np.resize(other[2], len(load))
    flows = [complex(taken - given_back) for taken, given_back in zip(load, fed_in, strict=True)]
    sums = np.array([sum(load), fed_in.sum()])
    shares = np.array([[0.0, *load], [0.0, *fed_in]]) / np.where(sums > 0, sums, 1.0)[:, None]
    c = loss_matrix(parent, range(1, len(parent) + 1), np.array(ohm) / U2, 0, shares)
    net_sums = sums * [1, -1]
    scale_w = float(np.abs(sums) @ np.abs(c) @ np.abs(sums))
    assert net_sums @ c @ net_sums == pytest.approx(
        radial_loss_w(parent, ohm, flows, 400.0), rel=1e-8, abs=1e-9 * scale_w
    )


def test_generation_at_the_end_of_a_feeder_loses_what_a_power_flow_says() -> None:
    """20 kV, three lines; 3 MW taken half-way, 2.8 MW fed in at the end. The power flow is pandapower's."""
    pp = pytest.importorskip("pandapower")
    ohm, taken_mw, fed_in_mw = [0.4, 0.3, 0.6], 3.0, 2.8
    net = pp.create_empty_network()
    bus = [pp.create_bus(net, vn_kv=20.0) for _ in range(4)]
    pp.create_ext_grid(net, bus[0])
    for at, one in enumerate(ohm):
        pp.create_line_from_parameters(
            net, bus[at], bus[at + 1], length_km=1, r_ohm_per_km=one, x_ohm_per_km=one, c_nf_per_km=0, max_i_ka=1
        )
    pp.create_load(net, bus[2], p_mw=taken_mw)
    pp.create_sgen(net, bus[3], p_mw=fed_in_mw)
    pp.runpp(net)
    shares = [[0, 0, 1, 0], [0, 0, 0, 1]]
    per_v2 = np.array(ohm) / 20_000**2
    c = loss_matrix([0, 1, 2], [1, 2, 3], per_v2, 0, shares)
    sums = np.array([taken_mw, -fed_in_mw]) * 1e6
    true_w = net.res_line["pl_mw"].sum() * 1e6
    assert sums @ c @ sums == pytest.approx(true_w, rel=0.02)
    by_difference = loss_coefficient([0, 1, 2], [1, 2, 3], per_v2, 0, [0, 0, taken_mw / 5.8, fed_in_mw / 5.8])
    assert by_difference * sums.sum() ** 2 < 0.05 * true_w


@given(radial(), radial())
def test_where_customers_take_turns_lines_lose_no_less_than_it_says(
    net: tuple[list[int], list[float], list[float]], other: tuple[list[int], list[float], list[float]]
) -> None:
    """Two intervals of one total load, spread differently: the coefficient knows the energies alone."""
    parent, ohm, first = net
    second = np.resize(other[2], len(first)).astype(float)
    second = second * sum(first) / sum(second) if sum(second) > 0 else np.array(first)
    true = radial_loss_w(parent, ohm, first, 400.0) + radial_loss_w(parent, ohm, second.tolist(), 400.0)
    share = np.array([0.0, *(np.array(first) + second)]) / (2 * sum(first))
    found = loss_coefficient(parent, range(1, len(parent) + 1), np.array(ohm) / U2, 0, share)
    assert 2 * found * sum(first) ** 2 <= true * (1 + 1e-8)


@given(radial(), st.integers(0, 5))
def test_the_sample_s_flows_lose_what_currents_lose(net: tuple[list[int], list[float], list[float]], seed: int) -> None:
    parent, ohm, load = net
    names = [str(node) for node in range(len(parent) + 1)]
    branch = pd.DataFrame(
        {
            "node_a": [names[one] for one in parent],
            "node_b": names[1:],
            "closed": True,
            "kind": "line",
            "resistance_ohm": ohm,
        }
    )
    reactive = np.random.default_rng(seed).normal(0, 1e4, len(load))
    made = line_flows(branch, dict.fromkeys(names, 0.4), {"T": Fed("0", set(names[1:]))}, [*names[1:], None])
    found = made.losses_w(np.array([*load, 1e6])[:, None], np.array([*reactive, 1e6])[:, None])
    loads = [complex(p, q) for p, q in zip(load, reactive, strict=True)]
    assert found[0, 0] == pytest.approx(radial_loss_w(parent, ohm, loads, 400.0), rel=1e-8)
