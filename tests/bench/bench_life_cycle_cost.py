"""Life-cycle cost and replacement decision from given arrays: kernel, best NumPy found, plain loop."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels.life_cycle_cost import new_asset_cost, replacement_decision, weibull_hazard
from tests.bench.timing import measured

Floats = NDArray[np.float64]
Answer = tuple[Floats, Floats]

NUMPY_ROWS = 500
"""NumPy is fastest on blocks whose temporaries stay in the processor's cache."""
LOOP_ASSETS = 1_000
RATE = 0.04


def run(assets: int, years: int) -> list[dict[str, Any]]:
    """Time each way to the least EAC and the replacement year of `assets` assets, half of them repaired.

    `readings` counts asset-years. `peak_mb` is what the case allocates beyond its inputs, which take 2 kB an
    asset at 40 years. The plain loop runs on a slice. Raises if two ways disagree.
    """
    inputs = _inputs(assets, years)
    few = {name: values[:LOOP_ASSETS] for name, values in inputs.items()}
    by_kernel = _kernel(inputs)
    for found in (_in_blocks(inputs), _loop(few)):
        for ours, theirs in zip(by_kernel, found, strict=True):
            np.testing.assert_allclose(theirs, ours[: len(theirs)], rtol=1e-9, atol=1e-6)
    ages = np.linspace(0.0, 40.0, assets)
    return [
        measured("life_cycle_cost kernel", assets * years, lambda: _kernel(inputs)),
        measured("life_cycle_cost numpy", assets * years, lambda: _in_blocks(inputs)),
        measured("life_cycle_cost python loop", len(few["rate"]) * years, lambda: _loop(few)),
        measured("weibull hazard arrays", assets * years, lambda: weibull_hazard(ages, 3.0, 55.0, years)),
    ]


def _inputs(assets: int, years: int) -> dict[str, Any]:
    random = np.random.default_rng(1)
    year = np.arange(1, years + 1)
    losses = random.uniform(100.0, 900.0, (assets, 1)) * 1.02**year
    return {
        "investment_cost": random.uniform(8_000.0, 20_000.0, assets),
        "failure_cost": random.uniform(1_000.0, 9_000.0, assets),
        "study_year_losses_cost": losses[:, 0],
        "losses_cost": losses,
        "successor_losses_cost": losses * random.uniform(0.4, 1.1, (assets, 1)),
        "maintenance_cost": random.uniform(20.0, 60.0, (assets, 1)) * year,
        "hazard": weibull_hazard(random.uniform(0.0, 40.0, assets), 3.0, 55.0, years),
        "disposal_cost": random.uniform(-900.0, 0.0, (assets, years)),
        "removal_value": random.uniform(0.0, 900.0, (assets, years + 1)),
        "successor_annual_cost": random.uniform(400.0, 1_200.0, assets),
        "rate": np.full(assets, RATE),
        "repaired": np.arange(assets) % 2 == 0,
    }


IN_BOTH = ["maintenance_cost", "hazard", "failure_cost", "rate", "repaired"]
NEW = ["investment_cost", "study_year_losses_cost", "disposal_cost", *IN_BOTH]
IN_SERVICE = ["losses_cost", "successor_losses_cost", "successor_annual_cost", "removal_value", *IN_BOTH]


def _kernel(inputs: dict[str, Any]) -> Answer:
    new = new_asset_cost(**{name: inputs[name] for name in NEW})
    waiting = replacement_decision(**{name: inputs[name] for name in IN_SERVICE})
    return new.annual_cost, waiting.waiting_gain


def _in_blocks(inputs: dict[str, NDArray[Any]]) -> Answer:
    starts = range(0, len(inputs["rate"]), NUMPY_ROWS)
    blocks = [_numpy({name: v[start : start + NUMPY_ROWS] for name, v in inputs.items()}) for start in starts]
    eac, gain = zip(*blocks, strict=True)
    return np.concatenate(eac), np.concatenate(gain)


def _numpy(inputs: dict[str, NDArray[Any]]) -> Answer:
    assets, years = inputs["hazard"].shape
    hazard, each = inputs["hazard"], {name: v[:, None] for name, v in inputs.items() if v.ndim == 1}
    survival = np.ones((assets, years + 1))
    np.cumprod(1.0 - hazard * ~each["repaired"], axis=1, out=survival[:, 1:])
    discount = (1.0 + each["rate"]) ** -np.arange(years + 1.0)
    weight = survival[:, :-1] * discount[:, 1:]
    survival *= discount
    upkeep = inputs["maintenance_cost"] + hazard * each["failure_cost"]
    lcc = np.cumsum(weight * (upkeep + each["study_year_losses_cost"]), axis=1)
    lcc += each["investment_cost"] + survival[:, 1:] * inputs["disposal_cost"]
    eac = lcc / np.cumsum(weight, axis=1)
    running = upkeep + inputs["losses_cost"] - inputs["successor_losses_cost"] - each["successor_annual_cost"]
    value = survival * inputs["removal_value"]
    waiting = value[:, :1] - value
    waiting[:, 1:] += np.cumsum(weight * running, axis=1)
    life, wait = eac.argmin(axis=1), waiting.argmin(axis=1)
    row = np.arange(assets)
    return eac[row, life], -waiting[row, wait]


def _loop(inputs: dict[str, NDArray[Any]]) -> Answer:
    eac, gain = [], []
    for row in range(len(inputs["rate"])):
        mine = {name: values[row].tolist() for name, values in inputs.items()}
        v = 1.0 / (1.0 + mine["rate"])
        discount = survival = 1.0
        running = annuity = waited = least_wait = 0.0
        least_eac = float("inf")
        for t, hazard in enumerate(mine["hazard"]):
            discount *= v
            weight = survival * discount
            if not mine["repaired"]:
                survival *= 1.0 - hazard
            annuity += weight
            upkeep = mine["maintenance_cost"][t] + hazard * mine["failure_cost"]
            running += weight * (upkeep + mine["study_year_losses_cost"])
            lcc = mine["investment_cost"] + running + survival * discount * mine["disposal_cost"][t]
            least_eac = min(least_eac, lcc / annuity)
            extra = mine["losses_cost"][t] - mine["successor_losses_cost"][t] - mine["successor_annual_cost"]
            waited += weight * (upkeep + extra)
            kept_value = survival * discount * mine["removal_value"][t + 1]
            least_wait = min(least_wait, mine["removal_value"][0] - kept_value + waited)
        eac.append(least_eac)
        gain.append(-least_wait)
    return np.array(eac), np.array(gain)
