"""PV behind the meter, with batteries dispatched against the load they stand behind."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.seeds import generator
from jobs.sample.shapes import Shapes
from jobs.sample.simbench import SLOTS, YEAR_FIRST

Float = NDArray[np.float32]

_SITE = (0.85, 1.05)  # output over SimBench's, by orientation and dirt
_EFFICIENCY = 0.95  # each way; SimBench's etaStore
_STANDING_LOSS = 1 - 0.0013 / SLOTS  # 0.13 % a day; SimBench's sdStore
_HOURS = 2.0  # capacity over power; SimBench's eStore is twice its pStor
_SLOT_HOURS = 24 / SLOTS


class Sun:
    """PV and batteries of all usage points of a plan."""

    def __init__(self, plan: pd.DataFrame, shapes: Shapes, seed: int) -> None:
        rng = generator(seed, "pv")
        self.seed = seed
        self.rows: NDArray[np.int64] = np.flatnonzero(plan["pv_kw"] > 0)
        own = plan.iloc[self.rows]
        names = sorted({*own["pv_profile"]})
        self._year = (
            np.stack([shapes.generation[name] for name in names]) if names else np.zeros((1, 1, SLOTS), np.float32)
        )
        self._profile = own["pv_profile"].map({name: i for i, name in enumerate(names)}).to_numpy(np.int64)
        self._kw = (own["pv_kw"].to_numpy() * rng.uniform(*_SITE, len(own))).astype(np.float32)[:, np.newaxis]
        self._with_battery: NDArray[np.int64] = np.flatnonzero(own["battery_kwh"] > 0)
        self._kwh = own["battery_kwh"].to_numpy(np.float32)[self._with_battery]

    def net(self, load: Float, load_before: Float | None, day: date) -> Float:
        """Power from the grid, negative into it: load less PV, with the battery in between."""
        result = load.copy()
        result[self.rows] -= self._output(day)
        battery = self.rows[self._with_battery]
        stored = np.zeros(len(battery), np.float32)
        if load_before is not None:
            before = load_before[battery] - self._output(day - timedelta(days=1))[self._with_battery]
            _, stored = dispatched(before, self._kwh, stored)
        result[battery], _ = dispatched(result[battery], self._kwh, stored)
        return result

    def _output(self, day: date) -> Float:
        rng = generator(self.seed, "pv", day)
        shape = self._year[self._profile, (day - YEAR_FIRST).days]
        clouds = np.clip(1 + 0.04 * rng.standard_normal(shape.shape, dtype=np.float32), 0.8, 1.2)
        output: Float = shape * self._kw * clouds
        return output


def dispatched(net: Float, capacity_kwh: Float, stored_kwh: Float) -> tuple[Float, Float]:
    """Power left to the grid and energy left in the battery: surplus charges, load is served, losses count.

    Parameters
    ----------
    net
        Load less PV, kW, batteries × slots.
    capacity_kwh, stored_kwh
        Per battery; its power is the capacity over 2 h.
    """
    rest = net.copy()
    stored = stored_kwh.copy()
    power = capacity_kwh / _HOURS
    for slot in range(net.shape[1]):
        stored *= _STANDING_LOSS
        room = (capacity_kwh - stored) / (_EFFICIENCY * _SLOT_HOURS)
        ready = stored * (_EFFICIENCY / _SLOT_HOURS)
        charge = np.clip(net[:, slot], -np.minimum(power, room), np.minimum(power, ready))  # negative: into the battery
        stored -= np.where(charge < 0, charge * _EFFICIENCY, charge / _EFFICIENCY) * np.float32(_SLOT_HOURS)
        rest[:, slot] -= charge
    return rest, np.maximum(stored, 0)
