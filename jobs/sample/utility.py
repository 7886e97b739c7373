"""Write the sample utility: the drop folder, and the truth apart from it."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from jobs.errors import SourceError
from jobs.sample import assets, entities, surroundings
from jobs.sample import grid_meters as g
from jobs.sample import metering as m
from jobs.sample import unmeasured as u
from jobs.sample.asset_accounts import asset_accounts, write_accounts
from jobs.sample.customers import plan_usage_points
from jobs.sample.delivered import BlockReport, Utility
from jobs.sample.faults import Faults
from jobs.sample.fleet_events import write_events
from jobs.sample.grid import write_grid
from jobs.sample.grid_readings import grid_flows
from jobs.sample.loads import LoadModel
from jobs.sample.multiplier_corrections import as_registered, corrections, with_corrections
from jobs.sample.outages import outage_records
from jobs.sample.ratings import connection_limits, peak_kva, sampled_peaks, transformer_ratings
from jobs.sample.readings import blocks, write_block
from jobs.sample.shapes import Shapes, read_year
from jobs.sample.simbench import YEAR_END, YEAR_FIRST, Area, read_area
from jobs.sample.truth import write_truth

_PROCESSES = 2
_PARALLEL_FROM_BLOCKS = 3  # starting a process costs about as much as writing a block
_REGISTER_START_WH = 4_000_000  # what the registers show at the start, and as much again by meter


@dataclass(frozen=True)
class SampleReport:
    """What was written: numbers of things, and channel-intervals by source."""

    usage_points: int
    transformers: int
    feeders: int
    readings: dict[str, int]
    planted_faults: int
    seconds: float


def write_sample(
    folder: Path,
    truth: Path,
    *,
    area: str = "MV1.101",
    first: date,
    end: date,
    seed: int = 1,
    low_voltage_networks: int | None = None,
    transformers: int = 0,
    echo: Callable[[str], None],
) -> SampleReport:
    """Write a drop folder, one subfolder a source of ``conf/sources``, and the truth to another folder.

    Parameters
    ----------
    folder, truth
        Must not hold anything; the truth never lies within the drop folder.
    area
        One of SimBench's four medium-voltage areas.
    first, end
        Half-open span of grid days within 2016, the year of SimBench's profiles.
    low_voltage_networks
        The largest so many low-voltage networks only; all of them without it.
    transformers
        Transformers of the register in all, those with meters behind them among them and never fewer than these.
    echo
        Called with progress, a line each few seconds.

    Raises
    ------
    SourceError
        The span, the area or a folder cannot be used, or SimBench is not installed.
    """
    started = time.monotonic()
    _check(folder, truth, first, end)
    plan, shapes, model, grid = planned(area, seed, low_voltage_networks)
    folder.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    places, fleet = write_grid(grid, plan, folder, seed, first, transformers)
    exchanges = m.meter_exchanges(plan, seed)
    moved = entities.moves(plan, places, seed)
    apart = u.unmeasured(places, shapes, seed)
    of_grid = g.grid_meters(plan, places, seed)
    plan = with_corrections(plan, of_grid.fault["usage_point"], seed, end)
    _write_entities(folder, plan, places, grid, fleet, exchanges, moved, apart, of_grid, shapes, seed, first, end)
    write_accounts(asset_accounts(fleet, seed, end), folder, truth, end)
    stations, metered = len(fleet.position), len(places.position)
    echo(f"{len(plan):,} usage points, {stations:,} transformers ({metered:,} metered), {len(places.feeder):,} feeders")
    channels = m.Channels.of(plan)
    still = plan["network"].mask(plan.index.isin(moved["row"]))  # an outage is not followed to where a customer moved
    utility = Utility(
        plan.assign(network=still), channels, model, Faults(channels.frame, seed), exchanges,
        sorted(places.position["network"]), fleet.dark,
        grid_flows(plan, places, fleet, apart, of_grid, moved, seed, first), seed,
    )  # fmt: skip
    reports = _write_readings(utility, folder, truth, first, end, echo)
    registers = [_registers(utility, reports, first), u.register_reads(apart, first, end)]
    entities.write(pd.concat(registers), folder, "register_reads")
    write_events(fleet, outage_records(reports, places.position), plan, folder, seed, end)
    u.write_true_energy(apart, truth, first, end)
    counts = write_truth(truth, plan, places, exchanges, moved, fleet, reports, of_grid, end, seed)
    readings = {source: n for (source, what), n in sorted(counts.items()) if what == "readings"}
    faults = sum(len(report.faults) for report in reports)
    seconds = time.monotonic() - started
    echo(f"{sum(readings.values()):,} readings, {faults:,} planted faults, {seconds:.1f} s")
    return SampleReport(len(plan), stations, len(places.feeder), readings, faults, seconds)


def truth_beside(folder: Path) -> Path:
    """Where the truth of a drop folder lies: beside it, by its name, so that samples may lie side by side.

    >>> truth_beside(Path("samples/a")).as_posix(), truth_beside(Path("build/demo/drop")).as_posix()
    ('samples/a_truth', 'build/demo/truth')
    """
    folder = folder.resolve() if folder.name in ("", "..") else folder
    return folder.with_name("truth" if folder.name == "drop" else f"{folder.name}_truth")


def _check(folder: Path, truth: Path, first: date, end: date) -> None:
    if not YEAR_FIRST <= first < end <= YEAR_END:
        raise SourceError(
            f"sample from {first} to {end}: needs a span within SimBench's year, {YEAR_FIRST} to {YEAR_END}"
        )
    if truth.resolve().is_relative_to(folder.resolve()):
        raise SourceError(f"truth folder {truth} lies in the drop folder {folder}: it must lie apart from it")
    for path in (folder, truth):
        if path.exists() and any(path.iterdir()):
            raise SourceError(f"{path}: is not empty; the sample is written to a new folder")


def planned(name: str, seed: int, networks: int | None) -> tuple[pd.DataFrame, Shapes, LoadModel, Area]:
    """Usage points of an area with meters and limits, and what their loads are drawn from."""
    grid = read_area(name, networks)
    load, generator, storage = (grid.tables[table] for table in ("Load", "RES", "Storage"))
    alone = storage.loc[~storage["node"].isin(load["node"]), "profile"]
    shapes = read_year(set(load["profile"]), set(generator["profile"]), set(alone))
    plan = plan_usage_points(grid, shapes.home_mean, shapes.charger_mean, seed)
    model = LoadModel(plan, shapes, seed)
    peak_kw, network_peaks = sampled_peaks(plan, model)
    plan = m.add_metering(plan.assign(limit_kw=connection_limits(plan, peak_kw)), seed)
    of_network = {"rating_kva": transformer_ratings(network_peaks, seed), "network_peak_kva": peak_kva(network_peaks)}
    return plan.assign(**{name: plan["network"].map(one) for name, one in of_network.items()}), shapes, model, grid


def _write_entities(
    folder: Path,
    plan: pd.DataFrame,
    places: entities.Places,
    grid: Area,
    fleet: assets.Fleet,
    exchanges: pd.DataFrame,
    moved: pd.DataFrame,
    apart: u.Unmeasured,
    of_grid: g.GridMeters,
    shapes: Shapes,
    seed: int,
    first: date,
    end: date,
) -> None:
    x, y = (round(float(places.position[axis].mean()), 4) for axis in ("x", "y"))
    weather = surroundings.weather_year(shapes, seed)
    stood = assets.known_before(fleet.deployment, "from_utc", end)
    left = stood["to_utc"] < m.midnight_utc(end)
    meters = {f"meters_{name}": entities.meters(plan, exchanges, name, seed, end) for name in ("ami", "plc", "mdm")}
    meters["meters_ami"] = pd.concat([meters["meters_ami"], u.meters(apart)])
    put_right = corrections(meters["meters_mdm"], plan)
    meters["meters_mdm"] = as_registered(meters["meters_mdm"], plan)
    files = {
        "usage_points": pd.concat(
            [entities.usage_points(plan, places, seed), u.usage_points(apart, places), g.usage_points(of_grid)]
        ),
        **meters,
        "meters_grid": g.register(of_grid),
        "customer_agreements": entities.agreements(plan, seed, end),
        "transformer_links": pd.concat(
            [entities.links(plan, places, moved, end), u.links(apart, places), g.links(of_grid)]
        ),
        "standard_profiles": u.standard_profile(apart),
        "power_transformers": entities.positions(fleet.position),
        "feeders": entities.feeders(places, grid.tables["Line"], grid.tables["LineType"]),
        "substations": entities.substations(places, x, y),
        "small_areas": entities.small_areas(plan, places, tuple(surroundings.STATIONS), seed),
        "assets": fleet.unit[fleet.unit["unit"].isin(stood["unit"])],
        "asset_deployments": stood.assign(to_utc=stood["to_utc"].where(left), why=stood["why"].where(left)),
        "asset_costs": assets.costs(),
        "price_index": surroundings.price_indices(),
        "energy_prices": surroundings.energy_prices(shapes, seed, first, end),
        "weather_observed": surroundings.weather_observed(weather, seed, first, end, x, y),
        "weather_forecast": surroundings.weather_forecast(weather, seed, first, end, x, y),
    }
    for source, rows in files.items():
        entities.write(rows, folder, source)
    if len(put_right):
        entities.write(put_right, folder, "meters_mdm", "corrections")


_UTILITY: list[Utility] = []  # of a worker process, set once: sending it with every block would cost more than a block


def _receive(utility: Utility) -> None:
    _UTILITY.append(utility)


def _block(span: tuple[date, date], folder: Path, truth: Path) -> BlockReport:
    return write_block(_UTILITY[0], folder, truth, *span)


def _write_readings(
    utility: Utility, folder: Path, truth: Path, first: date, end: date, echo: Callable[[str], None]
) -> list[BlockReport]:
    spans = blocks(first, end)
    reports = []
    last = time.monotonic()

    def took(report: BlockReport, span: tuple[date, date]) -> None:
        nonlocal last
        reports.append(report)
        if time.monotonic() - last > 3:
            last = time.monotonic()
            echo(f"readings to {span[1]} of {end}")

    if len(spans) < _PARALLEL_FROM_BLOCKS:
        for span in spans:
            took(write_block(utility, folder, truth, *span), span)
        return reports
    context = multiprocessing.get_context("spawn")
    with context.Pool(_PROCESSES, _receive, (utility,)) as pool:
        work = partial(_block, folder=folder, truth=truth)
        for span, report in zip(spans, pool.imap(work, spans), strict=True):
            took(report, span)
    return reports


def _registers(utility: Utility, reports: list[BlockReport], first: date) -> pd.DataFrame:
    """Cumulative registers at each grid midnight, of every tenth meter of the wide head-end."""
    frame = utility.channels.frame
    own = frame[frame["with_register"] & (frame["code"] == 0)]
    daily = np.stack([wh for report in reports for wh in report.register_wh.values()], axis=1)
    start = _REGISTER_START_WH + own["meter"].astype(int).to_numpy() % 9973 * 1000
    shown = start[:, np.newaxis] + np.concatenate([np.zeros((len(own), 1), np.int64), daily.cumsum(axis=1)], axis=1)
    instants = [m.midnight_utc(first) + timedelta(days=n) for n in range(shown.shape[1])]
    return pd.DataFrame(
        {
            "premise": np.repeat(own["usage_point"].to_numpy(), len(instants)),
            "meter": np.repeat(own["meter"].to_numpy(), len(instants)),
            "obis": "1-1:1.8.0",
            "read_at": pd.to_datetime(instants * len(own), utc=True),
            "kwh": shown.ravel() / 1000,
        }
    )
