"""The Weibull hazard against the survival function of SciPy and by hand."""

from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import weibull_min  # type: ignore[import-untyped]

from kernels.life_cycle_cost import weibull_hazard
from tests.unit.life_cycle_cost_assets import YEARS

Floats = NDArray[np.float64]


@given(
    hnp.arrays(np.float64, 3, elements=st.floats(0, 80)),
    st.floats(0.5, 6),
    st.floats(5, 100),
)
def test_weibull_hazard_compounds_to_the_survival_function(age: Floats, shape: float, scale: float) -> None:
    hazard = weibull_hazard(age, shape, scale, YEARS)
    assert hazard.shape == (3, YEARS)
    assert ((hazard >= 0) & (hazard <= 1)).all()
    curve = weibull_min(shape, scale=scale)
    surviving = curve.sf(age)[:, None] * np.cumprod(1 - hazard, axis=1)
    np.testing.assert_allclose(surviving, curve.sf(age[:, None] + np.arange(1, YEARS + 1)), atol=1e-12)


def test_weibull_hazard_by_hand() -> None:
    """Shape 1 is memoryless; shape 2 from age 3 with scale 1 gives 1 - exp(9 - 16), 1 - exp(16 - 25)."""
    np.testing.assert_allclose(weibull_hazard([0, 9], 1.0, 10.0, 2), np.full((2, 2), 0.09516258196404048))
    np.testing.assert_allclose(weibull_hazard(3.0, 2.0, 1.0, 2), [[0.9990881180344455, 0.9998765901959134]])


@pytest.mark.parametrize(
    ("age", "shape", "scale", "years", "message"),
    [
        (
            [1.0, -1.0],
            2.0,
            30.0,
            5,
            r"^age_years: 1 of 2 values fail 'finite and >= 0'; first at asset row 1: -1\.0$",
        ),
        (1.0, 0.0, 30.0, 5, r"^shape: 1 of 1 "),
        (1.0, 2.0, [30.0, np.nan], 5, r"^scale_years: 1 of 2 .* row 1: nan$"),
        (np.nan, np.nan, 30.0, 5, r"(?s)^age_years: .*shape: "),
        (1.0, 2.0, 30.0, 0, r"^years: found 0"),
        ([1.0, 2.0], [2.0, 2.0, 2.0], 30.0, 5, r"age_years: found shape \(2,\); needed a number or \(3,\)"),
    ],
)
def test_weibull_hazard_refuses(age: Any, shape: Any, scale: Any, years: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        weibull_hazard(age, shape, scale, years)
