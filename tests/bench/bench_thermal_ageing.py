"""Days of temperatures and ageing: the kernel, the published transformer-thermal-model, and a plain loop."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from transformer_thermal_model.aging import aging_rate_profile
from transformer_thermal_model.model import Model
from transformer_thermal_model.schemas import InputProfile, UserTransformerSpecifications
from transformer_thermal_model.transformer import DistributionTransformer, PaperInsulationType

from kernels.thermal_ageing import Floats, ThermalCharacteristics, thermal_ageing
from tests.bench.timing import measured

SLOTS, LEAD_DAYS = 96, 3
STEPS = SLOTS * (LEAD_DAYS + 1)
STEP_MINUTES = 15.0
FEW = 10
"""Days for the slow ways, in which they agree with the kernel."""
CHARACTERISTICS = (0.8, 1.6, 1.0, 1.0, 2.0, 180.0, 4.0, 5.0, 55.0, 23.0)
UNIT = ThermalCharacteristics(*CHARACTERISTICS)
LIMITS = {"hot_spot_limits_degc": (120.0, 140.0), "top_oil_limits_degc": (105.0, 115.0)}


def run(days: int) -> list[dict[str, Any]]:
    """Time each way to ``days`` days of quarter-hours, each led to by three days before it, as the table takes them.

    `readings` counts steps, those that lead too. The kernel's second case leads to nothing and counts every step. The
    package and the loop, of a few days, give each step's ageing at its end. Raises if they disagree in temperature.
    """
    load, ambient = _loads(days), _ambient()
    few = load[:FEW]
    traced = thermal_ageing(few, ambient, STEP_MINUTES, UNIT, start_degc=(ambient[0, 0],) * 2, traces=True)
    for other in (_package(few, ambient[0]), _loop(few, ambient[0])):
        # The package's first sample is where it starts; from then on its steps are ours.
        np.testing.assert_allclose(other[:, -SLOTS:], traced.hot_spot_degc[:, -SLOTS:], rtol=0, atol=1e-6)
    steps = load.size
    return [
        measured(
            "thermal_ageing",
            steps,
            lambda: thermal_ageing(load, ambient, STEP_MINUTES, UNIT, lead_steps=SLOTS * LEAD_DAYS, **LIMITS),
        ),
        measured(
            "thermal_ageing every step counted",
            steps,
            lambda: thermal_ageing(load, ambient, STEP_MINUTES, UNIT, **LIMITS),
        ),
        measured("thermal_ageing transformer-thermal-model", few.size, lambda: _package(few, ambient[0])),
        measured("thermal_ageing python loop", few.size, lambda: _loop(few, ambient[0])),
    ]


def _loads(days: int) -> Floats:
    """An evening's peak, and each quarter-hour's own load about it."""
    random = np.random.default_rng(1)
    hour = np.arange(STEPS) % SLOTS / 4
    usual = 0.35 + 0.6 * np.exp(-(((hour - 19) / 2.5) ** 2))
    return np.asarray(usual * random.lognormal(0.0, 0.25, (days, STEPS)), np.float64)


def _ambient() -> Floats:
    return np.asarray(10 + 6 * np.sin(np.arange(STEPS) / SLOTS * 2 * np.pi), np.float64)[np.newaxis]


def _package(load: Floats, ambient: Floats) -> Floats:
    stamps = pd.date_range("2016-03-27", periods=STEPS, freq=pd.Timedelta(minutes=STEP_MINUTES))
    specification = UserTransformerSpecifications(
        load_loss=5000.0, no_load_loss=1000.0, nom_load_sec_side=1.0, amb_temp_surcharge=0.0, top_oil_temp_rise=55.0,
        winding_oil_gradient=23.0 / 1.3, hot_spot_fac=1.3,
    )  # fmt: skip
    found = []
    for row in load:
        profile = InputProfile.create(datetime_index=stamps, load_profile=row, ambient_temperature_profile=ambient)
        course = Model(temperature_profile=profile, transformer=DistributionTransformer(user_specs=specification)).run()
        aging_rate_profile(course.hot_spot_temp_profile, PaperInsulationType.NORMAL)
        found.append(course.hot_spot_temp_profile.to_numpy())
    return np.array(found)


def _loop(load: Floats, ambient: Floats) -> Floats:
    x, y, k11, k21, k22, oil_minutes, winding_minutes, losses, oil_rise, winding_rise = CHARACTERISTICS
    kept = [math.exp(-STEP_MINUTES / one) for one in (k11 * oil_minutes, k22 * winding_minutes, oil_minutes / k22)]
    found = []
    for row in load:
        state = [float(ambient[0]), 0.0, 0.0]
        hot_spots, aged = [], 0.0
        for k, air in zip(row.tolist(), ambient.tolist(), strict=True):
            gradient = winding_rise * k**y
            tends = (air + oil_rise * ((1 + losses * k * k) / (1 + losses)) ** x, k21 * gradient, (k21 - 1) * gradient)
            state = [end + (now - end) * share for now, end, share in zip(state, tends, kept, strict=True)]
            hot_spots.append(state[0] + state[1] - state[2])
            aged += 2 ** ((hot_spots[-1] - 98) / 6) * STEP_MINUTES
        found.append(hot_spots)
    return np.array(found)
