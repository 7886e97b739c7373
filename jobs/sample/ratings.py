"""How large the transformers and the connections are: chosen from the load they carry."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.loads import LoadModel
from jobs.sample.seeds import generator

LADDER_KVA = np.array([50.0, 100, 160, 250, 315, 400, 500, 630, 800, 1000, 1250])  # EN 50708 preferred ratings
CONNECTION_KW = np.array(
    [14.5, 22, 30, 44, 60, 87, 110, 138, 175, 220, 280, 350, 450, 630, 900, 1300, 2000, 3000, 4500, 8000, 12000]
)
_SAMPLE = ((date(2016, 1, 4), 24), (date(2016, 2, 15), 7), (date(2016, 6, 1), 14))  # winter for load, June for export
_POWER_FACTOR = 0.97  # of a low-voltage network at its peak
_OVERLOADED_SHARE, _EXPORT_OVERLOADED_SHARE, _IDLE_SHARE = 0.05, 0.022, 0.05
_OVERLOAD, _EXPORT_OVERLOAD = (1.06, 1.35), (1.2, 1.6)  # peak over rating; June's export, so that March shows it too
_USUAL = (0.32, 0.74)
_IDLE = (0.15, 0.24)
_HEADROOM = 1.4  # of a connection above the peak of the sampled days
_LEAST_KW = {"household": 14.5, "household_heat": 30.0, "business": 30.0, "farm": 30.0, "generation": 100.0}


def sampled_peaks(plan: pd.DataFrame, model: LoadModel) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """Highest |kW| of each usage point, and ``load_kw`` and ``export_kw`` of each low-voltage network, on 45 days."""
    own = np.zeros(len(plan), np.float32)
    network = pd.Categorical(plan["network"])
    load = np.zeros(len(network.categories))
    export = np.zeros(len(network.categories))
    member = [np.flatnonzero(network.codes == code) for code in range(len(network.categories))]
    for first, days in _SAMPLE:
        for day in model.days(first, first + timedelta(days=days)):
            own = np.maximum(own, np.abs(day.net_kw).max(axis=1))
            total = np.stack([day.net_kw[rows].sum(axis=0) for rows in member])
            load = np.maximum(load, total.max(axis=1))
            export = np.maximum(export, -total.min(axis=1))
    return own, pd.DataFrame({"load_kw": load, "export_kw": export}, index=network.categories)


def connection_limits(plan: pd.DataFrame, peak_kw: NDArray[np.float32]) -> NDArray[np.float64]:
    """The agreed limit of each connection, kW: the next usual size above the peak with headroom, and above the PV."""
    needed = np.maximum(peak_kw * _HEADROOM, plan["customer_class"].map(_LEAST_KW))
    needed = np.maximum(needed, plan["pv_kw"])
    at = np.minimum(np.searchsorted(CONNECTION_KW, needed - 1e-6), len(CONNECTION_KW) - 1)
    limit: NDArray[np.float64] = CONNECTION_KW[at]
    return limit


def peak_kva(peaks: pd.DataFrame) -> pd.Series:
    """Peak apparent power of each network, be it of load or of export."""
    highest: pd.Series = peaks.max(axis=1) / _POWER_FACTOR
    return highest


def transformer_ratings(peaks: pd.DataFrame, seed: int) -> pd.Series:
    """Rating of each network's transformer, kVA, from the ladder: most well chosen, some idle, a few overloaded."""
    rng = generator(seed, "rating")
    peak = peak_kva(peaks)
    wanted = peak / rng.uniform(*_USUAL, len(peak))
    rating = pd.Series(LADDER_KVA[np.abs(np.log(LADDER_KVA / wanted.to_numpy()[:, None])).argmin(axis=1)], peaks.index)
    order = peaks.index[rng.permutation(len(peaks))]
    smaller = pd.Series(LADDER_KVA[np.maximum(np.searchsorted(LADDER_KVA, peak) - 1, 0)], peaks.index)
    overload = peak / smaller
    by_load = peaks["load_kw"] >= peaks["export_kw"]
    for_load = overload.between(*_OVERLOAD) & by_load
    for_export = overload.between(*_EXPORT_OVERLOAD) & ~by_load
    chosen = [
        *order[for_load[order].to_numpy()][: round(_OVERLOADED_SHARE * len(peaks))],
        *order[for_export[order].to_numpy()][: round(_EXPORT_OVERLOADED_SHARE * len(peaks))],
    ]
    idle = [name for name in order if name not in chosen][: round(_IDLE_SHARE * len(peaks))]
    rating[chosen] = smaller[chosen]
    needed = peak[idle] / rng.uniform(*_IDLE, len(idle))
    rating[idle] = LADDER_KVA[np.minimum(np.searchsorted(LADDER_KVA, needed), len(LADDER_KVA) - 1)]
    return rating
