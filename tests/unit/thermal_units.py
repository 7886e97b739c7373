"""Units of the reference as the thermal kernel takes them, and profiles to load them with."""

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from kernels.thermal_ageing import ThermalCharacteristics
from tests.reference.thermal_ageing import UNITS, Unit

Floats = NDArray[np.float64]

loads = st.floats(0.0, 1.8)
ambients = st.floats(-25.0, 40.0)
units = st.sampled_from(list(UNITS.values()))


def profiles(steps: int) -> st.SearchStrategy[tuple[list[float], list[float]]]:
    """Load and ambient of so many steps, each free of the one before."""
    return st.tuples(
        st.lists(loads, min_size=steps, max_size=steps), st.lists(ambients, min_size=steps, max_size=steps)
    )


def characteristics(*several: Unit) -> ThermalCharacteristics:
    return ThermalCharacteristics(*np.array([astuple(unit) for unit in several]).T)


def row(values: Sequence[float]) -> Floats:
    return np.array([values])
