"""What the meters of the grid read: all that was truly taken behind them, and what lines and transformers lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample import metering as m
from jobs.sample.assets import Fleet
from jobs.sample.entities import Places
from jobs.sample.formats import Reads, write_nem12
from jobs.sample.grid_meters import GridMeters
from jobs.sample.line_flows import Fed, LineFlows, line_flows
from jobs.sample.seeds import generator
from jobs.sample.simbench import SLOTS, YEAR_FIRST
from jobs.sample.unmeasured import Unmeasured

SOURCE = "readings_grid"
Float = NDArray[np.float64]
_GAPS_PER_METER_DAY, _GAP_SLOTS = 0.01, (2, 48)
_UNMEASURED_COS_PHI = 0.95


@dataclass(frozen=True)
class GridFlows:
    """All that the flows of a day depend on besides what customers' meters deliver.

    Behind ``low`` (areas: transformers) hang the plan's usage points, those without interval meters, and once more
    those that moved in; behind ``medium`` (areas: feeders) the plan's usage points ``at_medium``, and transformers.
    """

    meters: GridMeters
    apart: Unmeasured
    low: LineFlows
    medium: LineFlows
    at_medium: NDArray[np.int64]
    moved: list[tuple[int, int]]  # row of the plan, slot of the year
    losses: pd.DataFrame  # network, no_load_w, load_per_va2, by area of low
    seed: int


def grid_flows(
    plan: pd.DataFrame, places: Places, fleet: Fleet, apart: Unmeasured, meters: GridMeters, moved: pd.DataFrame,
    seed: int, first: date,
) -> GridFlows:  # fmt: skip
    """The radial network of the delivered model with everything that hangs on it.

    What no model places, plots, lamps and customers that moved in, lies at nodes drawn among those with customers.
    """
    branch = places.model.branch.to_pandas()
    kv = places.model.node.to_pandas().set_index("node_id")["nominal_kv"].to_dict()
    unit = branch[branch["kind"] == "transformer"].set_index("branch_id")
    node, position = places.node, places.position
    of_transformer = node.dropna(subset=["transformer_id"]).groupby("transformer_id")["node_id"].agg(set)
    of_feeder = node[node["supply_level"] == "mv"].groupby("feeder_id")["node_id"].agg(set)
    behind = {name: Fed(unit.at[name, "node_b"], of_transformer[name]) for name in position["transformer"]}
    heads = zip(places.feeder["feeder"], places.feeder["head_node"], strict=True)
    own = plan["node"].where(plan["supply_level"] == "lv")  # NaN is the node of no area
    rng = generator(seed, "nodes of the unplaced")
    with_customers = [sorted(own[plan["network"] == network]) for network in position["network"]]
    rows = [*apart.point["row"], *moved["to"]]
    drawn = [str(rng.choice(with_customers[row])) for row in rows]
    at_medium = np.flatnonzero(plan["supply_level"] == "mv")
    stands = fleet.standing(m.midnight_utc(first)).loc[position["transformer"]]
    rated_va2 = (stands["rating_kva"].to_numpy(np.float64) * 1000) ** 2
    losses = pd.DataFrame(
        {
            "network": position["network"],
            "no_load_w": stands["no_load_w"].to_numpy(np.float64),
            "load_per_va2": stands["load_w"].to_numpy(np.float64) / rated_va2,
        }
    )
    return GridFlows(
        meters,
        apart,
        line_flows(branch, kv, behind, [*own, *drawn]),
        line_flows(
            branch,
            kv,
            {name: Fed(head, of_feeder.get(name, set())) for name, head in heads},
            [*plan["node"].iloc[at_medium], *unit.loc[position["transformer"], "node_a"]],
        ),
        at_medium,
        [(int(row), _slot(at)) for row, at in zip(moved["row"], moved["at_utc"], strict=True)],
        losses,
        seed,
    )


def _slot(at: pd.Timestamp) -> int:
    return int((at - m.midnight_utc(YEAR_FIRST)).total_seconds() // 900)


@dataclass(frozen=True)
class Flows:
    """Energy of the intervals of a block, Wh: by transformer (rows as areas of ``low``), by feeder (of ``medium``)."""

    total: Float
    low_line: Float
    transformer: Float
    head: Float
    medium_line: Float


def flows(
    grid: GridFlows, channels: pd.DataFrame, true: NDArray[np.int32], outages: Sequence[dict[str, Any]], first: date
) -> Flows:
    """What went through every transformer and feeder.

    Parameters
    ----------
    true
        What the meters of ``channels`` deliver without fault, channels x days x slots, Wh or varh.
    """
    days = true.shape[1]
    share = grid.meters.true_share[:, None]
    active, reactive = (_net(channels, true, first_code) * share for first_code in (0, 2))
    unmetered = np.ones(len(share), bool)
    unmetered[channels.loc[channels["code"] == 2, "point"]] = False
    reactive[unmetered] = np.maximum(active[unmetered], 0) * grid.meters.tan_phi[unmetered, None]
    apart = grid.apart.energy(first, first + timedelta(days=days)).reshape(len(grid.apart.point), -1).astype(np.float64)
    live = _live(grid, outages, first, days)
    apart *= live[grid.apart.point["row"].to_numpy()]
    at_medium = [energy[grid.at_medium] for energy in (active, reactive)]
    low_active = np.concatenate([active, apart, _moved_in(grid, active, first)])
    apart *= np.tan(np.arccos(_UNMEASURED_COS_PHI))
    low_reactive = np.concatenate([reactive, apart, _moved_in(grid, reactive, first)])
    per_hour = 24 / SLOTS  # Wh of a quarter-hour over its mean power, W; a loss goes by the square of power
    low_line = grid.low.losses_w(low_active, low_reactive) / per_hour
    total = grid.low.inside @ low_active + low_line
    total_reactive = grid.low.inside @ low_reactive
    square_va2 = (total**2 + total_reactive**2) / per_hour**2
    no_load = grid.losses["no_load_w"].to_numpy(np.float64)[:, None] * live
    transformer = (no_load + grid.losses["load_per_va2"].to_numpy()[:, None] * square_va2) * per_hour
    medium_active = np.concatenate([at_medium[0], total + transformer])
    medium_reactive = np.concatenate([at_medium[1], total_reactive])
    medium_line = grid.medium.losses_w(medium_active, medium_reactive) / per_hour
    head = grid.medium.inside @ medium_active + medium_line
    return Flows(total, low_line, transformer, head, medium_line)


def _moved_in(grid: GridFlows, energy: Float, first: date) -> Float:
    """What usage points take where they moved to, once they have; it is taken from where they were, in place."""
    start = (first - YEAR_FIRST).days * SLOTS
    there = np.zeros((len(grid.moved), energy.shape[1]))
    for number, (row, since) in enumerate(grid.moved):
        after = slice(max(since - start, 0), None)
        there[number, after] = energy[row, after]
        energy[row, after] = 0
    return there


def _net(channels: pd.DataFrame, true: NDArray[np.int32], first_code: int) -> Float:
    """Delivered less received of each usage point, usage points x intervals; active from code 0, reactive from 2."""
    points = int(channels["point"].max()) + 1
    net = np.zeros((points, true.shape[1] * SLOTS))
    for code, sign in ((first_code, 1), (first_code + 1, -1)):
        rows = np.flatnonzero(channels["code"] == code)
        net[channels["point"].to_numpy()[rows]] += sign * true[rows].reshape(len(rows), -1)
    return net


def _live(grid: GridFlows, outages: Sequence[dict[str, Any]], first: date, days: int) -> NDArray[np.bool_]:
    """Whether each transformer had voltage."""
    row_of = {network: row for row, network in enumerate(grid.losses["network"])}
    live = np.ones((len(row_of), days * SLOTS), bool)
    for one in outages:
        begin = (one["grid_date"] - first).days * SLOTS + one["first_slot"]
        live[row_of[one["network"]], begin : begin + one["slots"]] = False
    return live


def write_grid_readings(grid: GridFlows, found: Flows, folder: Path, first: date) -> int:
    """A NEM12 file of a block: import and export of every meter; how many reads there are."""
    meter = grid.meters.meter
    energy = np.concatenate(
        [
            found.total[[grid.low.area.index(name) for name in meter.loc[meter["kind"] == "total", "transformer"]]],
            found.head[[grid.medium.area.index(name) for name in meter.loc[meter["kind"] == "head", "feeder"]]],
        ]
    ) * (1 + meter["error"].to_numpy(np.float64)[:, None])
    days = energy.shape[1] // SLOTS
    both = np.stack([np.maximum(energy, 0), np.maximum(-energy, 0)], axis=1)  # meters x import and export x intervals
    factor = meter["factor"].to_numpy(np.float64)
    missing = np.zeros((len(meter), days, SLOTS), bool)
    for day in range(days):
        rng = generator(grid.seed, "gaps of grid meters", first + timedelta(days=day))
        for row in np.flatnonzero(rng.random(len(meter)) < _GAPS_PER_METER_DAY):
            slots = int(rng.integers(*_GAP_SLOTS))
            begin = int(rng.integers(0, SLOTS - slots + 1))
            missing[row, day, begin : begin + slots] = True
    values = np.rint(both).astype(np.int32).reshape(2 * len(meter), days, SLOTS)
    reads = Reads(
        np.repeat(meter["meter"].to_numpy(), 2).tolist(),
        [m.NMI_SUFFIX["delivered"], m.NMI_SUFFIX["received"]] * len(meter),
        first,
        values,
        np.repeat(missing, 2, axis=0),
    )
    folder.mkdir(parents=True, exist_ok=True)
    written = m.midnight_utc(first) + timedelta(days=days, hours=3)
    write_nem12(reads, folder / f"grid_{first:%Y%m%d}.csv", np.repeat(factor, 2), written)
    return reads.present


def true_losses(grid: GridFlows, found: Flows, first: date) -> pd.DataFrame:
    """By transformer or feeder and grid day: what went in, and what lines and transformers lost, Wh."""
    frames = []
    for level, area, flow, line, transformer in (
        ("lv", grid.low.area, found.total, found.low_line, found.transformer),
        ("mv", grid.medium.area, found.head, found.medium_line, None),
    ):
        days = flow.shape[1] // SLOTS

        def daily(energy: Float, days: int = days) -> Float:
            return np.asarray(energy.reshape(len(energy), days, SLOTS).sum(axis=2).ravel())

        frames.append(
            pd.DataFrame(
                {
                    "level": level,
                    "place": np.repeat(area, days),
                    "grid_date": [first + timedelta(days=day) for day in range(days)] * len(area),
                    "wh": daily(flow),
                    "line_wh": daily(line),
                    "transformer_wh": np.nan if transformer is None else daily(transformer),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
