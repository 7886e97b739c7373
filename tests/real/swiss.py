"""The 537 Swiss meters as blocks, and faults planted in copies of them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.columns import CUSTOMER_CLASSES
from jobs.settings import read_settings
from jobs.silver.validation import ValidationSettings
from kernels import quality as q
from kernels.block_rules import RULES, Blocks, Validated, mean_kw, no_baseline, validate

FILE = Path("swiss_residential_15min") / "elcons_15min_long.parquet"
FIRST_DAY = np.datetime64("2018-10-29")
DAYS = 49


@dataclass(frozen=True)
class Homes:
    """Reads in kWh, (meters, days, 96); NaN where a fault took the read."""

    meter: NDArray[np.str_]
    kwh: NDArray[np.float64]

    def only(self, chosen: NDArray[np.bool_]) -> "Homes":
        return Homes(self.meter[chosen], self.kwh[chosen])


def read_homes(folder: Path) -> Homes:
    rows = pd.read_parquet(folder / FILE).sort_values(["meter_id", "interval_start_local"])
    meter = rows["meter_id"].astype(str).unique()
    return Homes(np.array(meter), rows["kwh"].to_numpy().reshape(len(meter), DAYS, 96))


def judged(homes: Homes) -> tuple[Validated, "Found"]:
    """All rules with the thresholds of a household, which are fixed in conf/base.yaml; no baseline is long enough."""
    settings = ValidationSettings.model_validate(read_settings().validation)
    blocks = homes.kwh.reshape(-1, 96)
    missing = np.isnan(blocks)
    reading = np.rint(np.nan_to_num(blocks) * 1000).astype(np.int32)
    rows = len(blocks)
    interval = np.full(rows, 15, np.int32)
    result = validate(
        Blocks(
            reading=reading.reshape(-1),
            reading_quality=np.where(missing, q.MISSING, q.VALID).astype(np.int8).reshape(-1),
            offset=np.arange(rows + 1, dtype=np.int64) * 96,
            key=np.repeat(np.arange(rows // DAYS), DAYS),
            day=np.tile(np.arange(DAYS, dtype=np.int32), rows // DAYS),
            interval_minutes=interval,
            judged=np.ones(rows, np.uint8),
            of_class=np.full(rows, list(CUSTOMER_CLASSES).index("household"), np.int32),
            limit_kw=np.full(rows, np.nan),
            mean_kw=mean_kw(reading.sum(axis=1, dtype=np.int64), 96 - missing.sum(axis=1), interval),
            zeros_usual=np.zeros(rows, np.uint8),
            live=np.full((rows, 2), (1 << 48) - 1),
            register=np.full(rows, np.nan),
        ),
        no_baseline(rows),
        settings.thresholds(),
        linear_minutes=settings.linear_minutes,
    )
    return result, Found.of(homes, result)


@dataclass(frozen=True)
class Found:
    """The findings of all meters."""

    table: pd.DataFrame
    flagged: NDArray[np.bool_]
    """(meters, days, 96): any rule but ``missing`` named the read."""

    @staticmethod
    def of(homes: Homes, result: Validated) -> "Found":
        f = result.findings
        table = pd.DataFrame(
            {
                "meter": homes.meter[f.block // DAYS], "home": f.block // DAYS, "day": f.block % DAYS,
                "date": FIRST_DAY + f.block % DAYS, "rule": np.array(RULES)[f.rule], "slot": f.first_slot,
                "slots": f.slots, "measured": f.measured,
            }
        )  # fmt: skip
        flagged = np.zeros(homes.kwh.size, bool)
        for start, slots, rule in zip(f.block * 96 + f.first_slot, f.slots, table["rule"], strict=True):
            if rule != "missing":
                flagged[start : start + slots] = True
        return Found(table, flagged.reshape(homes.kwh.shape))

    def of_meter(self, meter: str, rule: str) -> pd.DataFrame:
        return self.table[(self.table["meter"] == meter) & (self.table["rule"] == rule)]


@dataclass
class Planted:
    """Faults put into copies of homes: what, where."""

    homes: Homes
    where: dict[str, list[tuple[int, int, int, int]]]
    """Rule made for it -> home, day, first slot, slots."""


def plant(homes: Homes, seed: int) -> Planted:
    """One fault of a kind in a home of its own at a time; sizes lie among those that other homes' reads have."""
    random = np.random.default_rng(seed)
    kwh = homes.kwh.copy()
    where: dict[str, list[tuple[int, int, int, int]]] = {}

    kinds = ["negative", "spike", "catch_up", "flat_run", "missing", "level_change", "zero_day"]
    free = random.permutation(len(kwh))
    for kind, mine in zip(kinds, np.array_split(free, len(kinds)), strict=True):
        where[kind] = []
        for home in mine:
            for day in (17, 30) if kind not in ("level_change", "zero_day") else (random.integers(16, 40),):
                slot = int(random.integers(8, 60))
                fault = FAULTS[kind](kwh[home], int(day), slot, random)
                if fault is not None:
                    where[kind].append((int(home), *fault))
    return Planted(replace(homes, kwh=kwh), where)


Fault = tuple[int, int, int] | None


def _negative(home: NDArray[np.float64], day: int, slot: int, random: np.random.Generator) -> Fault:
    home[day, slot] = -random.lognormal(-1.0, 1.0) - 0.001
    return day, slot, 1


def _spike(home: NDArray[np.float64], day: int, slot: int, random: np.random.Generator) -> Fault:
    """A lone read of 6 to 20 times the day's second highest, 1.5 to 30 kWh: below any limit."""
    home[day, slot] = min(30.0, max(1.5, np.sort(home[day])[-2] * random.uniform(6, 20)))
    return day, slot, 1


def _catch_up(home: NDArray[np.float64], day: int, slot: int, random: np.random.Generator) -> Fault:
    """Zeros for one to nine hours, then all that they lacked at once."""
    slots = int(random.integers(5, 37))
    lacked = home[day, slot : slot + slots].sum()
    if lacked < 0.01 * slots:  # nothing was used: there is nothing to catch up
        return None
    home[day, slot + slots - 1] = lacked
    home[day, slot : slot + slots - 1] = 0.0
    return day, slot, slots


def _flat_run(home: NDArray[np.float64], day: int, slot: int, random: np.random.Generator) -> Fault:
    """A read that stays for four to nine hours."""
    slots = int(random.integers(16, 36))
    if home[day, slot] < 0.025:
        return None
    home[day, slot : slot + slots] = home[day, slot]
    return day, slot, slots


def _missing(home: NDArray[np.float64], day: int, slot: int, random: np.random.Generator) -> Fault:
    slots = int(random.integers(1, 36))
    home[day, slot : slot + slots] = np.nan
    return day, slot, slots


def _level_change(home: NDArray[np.float64], day: int, slot: int, random: np.random.Generator) -> Fault:
    """The factor of a current transformer applied or left out, of a home that is lived in: 10 to 40."""
    if np.median(home[day - 14 : day].sum(axis=1)) < 6.0:
        return None
    home[day : day + 4] *= random.uniform(10, 40) if random.random() < 0.5 else 1 / random.uniform(20, 60)
    return day, 0, 4 * 96


def _zero_day(home: NDArray[np.float64], day: int, slot: int, random: np.random.Generator) -> Fault:
    """A meter that counts nothing from the first day on."""
    home[:] = 0.0
    return 7, 0, (DAYS - 7) * 96


FAULTS = {
    "negative": _negative, "spike": _spike, "catch_up": _catch_up, "flat_run": _flat_run, "missing": _missing,
    "level_change": _level_change, "zero_day": _zero_day,
}  # fmt: skip
