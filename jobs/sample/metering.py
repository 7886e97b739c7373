"""Which head-end reads which usage point, through which meters, and what it delivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.sample.days import GRID_OFFSET
from jobs.sample.loads import Day
from jobs.sample.seeds import generator
from jobs.sample.simbench import SLOTS, YEAR_END, YEAR_FIRST

WIDE, LONG, PARQUET, NEM12 = "readings_wide", "readings_long", "readings_parquet", "readings_nem12"
HOURLY, TEN_MINUTE = "readings_hourly", "readings_ten_minute"
NAMESPACE = {WIDE: "ami", LONG: "plc", PARQUET: "mdm", NEM12: "mdm", HOURLY: "mdm", TEN_MINUTE: "mdm"}
INTERVAL_MINUTES = {WIDE: 15, LONG: 15, PARQUET: 15, NEM12: 15, HOURLY: 60, TEN_MINUTE: 10}
CHANNELS = ("delivered", "received", "reactive_delivered", "reactive_received")
OBIS = dict(
    zip(CHANNELS, ("1-1:1.29.0", "1-1:2.29.0", "1-1:3.29.0", "1-1:4.29.0"), strict=True)
)  # IEC 62056-61 load profiles
NMI_SUFFIX = dict(zip(CHANNELS, ("E1", "B1", "Q1", "K1"), strict=True))  # AEMO NMI procedure
_FIRST_NUMBER = {"ami": 10_000_001, "plc": 10_000_101, "mdm": 6_001_000_001}  # ami and plc share numbers on purpose
_LONG_HOMES = 200  # long text is bulky
_HOURLY_EVERY, _TEN_MINUTE_GENERATORS = 12, 3
_MV_MULTIPLIER, _LV_MULTIPLIER, _CURRENT_TRANSFORMERS_FROM_KW = (
    400.0,
    40.0,
    44.0,
)  # 20/0.1 kV × 2; 200/5 A above a 63 A fuse
_EXCHANGES_PER_YEAR = 0.03  # meters exchanged in a year: their verification runs out after 8 to 16 years, some fail
_REGISTER_EVERY = 10  # every tenth meter of the wide head-end also delivers its register each midnight


def add_metering(plan: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The plan with ``source``, ``namespace``, ``meter``, ``multiplier`` and ``with_register``."""
    reactive, home = plan["reactive"], plan["customer_class"].str.startswith("household")
    wind = plan["profile"].str.startswith("WP") & (plan["kind"] == "generation")
    small = ~home & ~reactive
    source = pd.Series(WIDE, plan.index)
    source[small] = PARQUET
    source[small & (small.cumsum() % _HOURLY_EVERY == 0)] = HOURLY
    heat = plan["customer_class"] == "household_heat"
    source[heat] = np.where(heat.cumsum()[heat] % 2 == 0, PARQUET, LONG)
    source[(source == LONG) & ((source == LONG).astype(int).cumsum() > _LONG_HOMES)] = PARQUET
    source[reactive] = NEM12
    source[wind & (wind.astype(int).cumsum() <= _TEN_MINUTE_GENERATORS)] = TEN_MINUTE
    namespace = source.map(NAMESPACE)
    number = namespace.map(_FIRST_NUMBER) + namespace.groupby(namespace).cumcount()
    multiplier = np.where(
        plan["supply_level"] == "mv",
        _MV_MULTIPLIER,
        np.where(plan["limit_kw"] >= _CURRENT_TRANSFORMERS_FROM_KW, _LV_MULTIPLIER, 1.0),
    )
    wide = source == WIDE
    return plan.assign(
        source=source,
        namespace=namespace,
        meter=number.astype(str),
        multiplier=np.where(source == NEM12, multiplier, np.where(source == TEN_MINUTE, _MV_MULTIPLIER, 1.0)),
        with_register=wide & (wide.cumsum() % _REGISTER_EVERY == 0),
        received=(plan["pv_kw"] > 0) | (plan["generation_kw"] > 0),
        seed=seed,
    )


def meter_exchanges(plan: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The year's exchanges at the wide head-end: ``row``, ``day``, ``at_utc``, ``last_slot``, ``new_meter``.

    The interval in which a meter is exchanged is the old one's, whole: its last slot. One exchange is on the second
    day, so that even two days show it.
    """
    rng = generator(seed, "exchange")
    wide = np.flatnonzero((plan["source"] == WIDE) & ~plan["with_register"])
    chosen = wide[rng.random(len(wide)) < _EXCHANGES_PER_YEAR]
    days = rng.integers(1, (YEAR_END - YEAR_FIRST).days, len(chosen))
    if len(chosen) == 0:
        chosen, days = wide[:1], np.ones(len(wide[:1]), np.int64)
    days[0:1] = 1
    second = rng.integers(8 * 3600, 16 * 3600, len(chosen))
    day = [YEAR_FIRST + timedelta(days=int(n)) for n in days]
    at = [
        datetime.combine(d, time(), UTC) - GRID_OFFSET + timedelta(seconds=int(s))
        for d, s in zip(day, second, strict=True)
    ]
    first_new = int(plan["meter"].astype(int)[wide].max()) + 1 if len(wide) else 0
    return pd.DataFrame(
        {
            "row": chosen,
            "day": day,
            "at_utc": at,
            "last_slot": second // 900,
            "new_meter": [str(first_new + n) for n in range(len(chosen))],
        }
    )


@dataclass(frozen=True)
class Channels:
    """One row a channel of a usage point: ``point`` is its row in the plan."""

    frame: pd.DataFrame

    @staticmethod
    def of(plan: pd.DataFrame) -> Channels:
        """Channels in the order of the plan, ``delivered`` first."""
        has = np.column_stack([np.ones(len(plan), bool), plan["received"], plan["reactive"], plan["reactive"]])
        point, channel = np.nonzero(has)
        taken = plan.iloc[point]
        return Channels(
            pd.DataFrame(
                {
                    "point": point,
                    "channel": np.array(CHANNELS)[channel],
                    "code": channel,
                    **{
                        name: taken[name].to_numpy()
                        for name in (
                            "usage_point",
                            "source",
                            "meter",
                            "multiplier",
                            "limit_kw",
                            "with_register",
                            "customer_class",
                        )
                    },
                }
            )
        )

    def energy(self, day: Day) -> NDArray[np.int32]:
        """True energy of each channel and quarter-hour, Wh or varh: whole steps of the meter's last digit."""
        code = self.frame["code"].to_numpy()
        point = self.frame["point"].to_numpy()
        power = np.where((code < 2)[:, np.newaxis], day.net_kw[point], day.reactive_kvar[point])
        power *= np.where(code % 2 == 0, np.float32(1), np.float32(-1))[:, np.newaxis]
        # a meter behind instrument transformers shows tenths of a watt-hour, times its multiplier
        step = np.maximum(self.frame["multiplier"].to_numpy(np.float32) / 10, 1)[:, np.newaxis]
        quarter_hours = np.float32(1000 * 24 / SLOTS)
        energy: NDArray[np.int32] = (np.rint(np.maximum(power, 0) * quarter_hours / step) * step).astype(np.int32)
        return energy


def at_interval(energy: NDArray[np.int32], minutes: int) -> NDArray[np.int32]:
    """Quarter-hours as hours or ten minutes: the same energy, thirds of a quarter-hour by largest remainder."""
    if minutes == 60:
        return np.asarray(energy.reshape(len(energy), 24, 4).sum(axis=2, dtype=np.int32))
    third = energy[:, :, np.newaxis] // 3 + (np.arange(3) < energy[:, :, np.newaxis] % 3)
    return np.asarray(third.reshape(len(energy), 144, 2).sum(axis=2, dtype=np.int32))


def midnight_utc(day: date) -> datetime:
    """The instant at which a grid day starts."""
    return datetime.combine(day, time(), UTC) - GRID_OFFSET
