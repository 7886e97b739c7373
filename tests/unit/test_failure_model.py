"""The failure model apart from Spark: planted hazards come back, scores as worked by hand, bad input is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jobs.errors import GridlakeError
from jobs.models.failure.baselines import fitted_weibull, weibull_probability
from jobs.models.failure.boosting import boosted
from jobs.models.failure.model import Calibration, FailureModel, InputError, Inputs
from jobs.models.failure.scores import equal_bins, intervals, scores
from jobs.models.failure.settings import FailureSettings

INPUTS = Inputs(("age_years", "bushings_damaged"), {"manufacturer": ("A", "B")})
SETTINGS = FailureSettings.model_validate(
    {
        "columns": {"age_years": 1, "bushings_damaged": 0},
        "categories": ["manufacturer"],
        "boosting": {"num_boost_round": 40, "eta": 0.2, "min_child_weight": 5},
    }
)


def planted(rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Units whose odds rise with age and are fourfold with maker B; what is planted is the truth."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age_years": rng.integers(0, 50, rows),
            "bushings_damaged": rng.random(rows) < 0.2,
            "manufacturer": rng.choice(["A", "B"], rows),
        }
    )
    odds = np.exp(-4 + 0.05 * frame["age_years"] + np.log(4) * (frame["manufacturer"] == "B"))
    return frame, (odds / (1 + odds)).to_numpy()


@pytest.fixture(scope="module")
def model() -> FailureModel:
    frame, truth = planted(20_000, 1)
    failed = (np.random.default_rng(2).random(len(frame)) < truth).astype(float)
    matrix = INPUTS.matrix(frame)
    boosters = tuple(boosted(matrix, failed, np.ones(len(frame)), SETTINGS, seed=seed) for seed in (1, 2))
    return FailureModel(INPUTS, boosters, Calibration(1.0, 0.0), 2, 12, "2014-01-01")


def test_what_is_planted_comes_back_on_other_units(model: FailureModel) -> None:
    frame, truth = planted(5_000, 3)
    said = model.predict(frame)
    slope = np.polyfit(said["probability"], truth, 1)[0]
    assert 0.9 < slope < 1.1
    assert (said["probability_low"] <= said["probability"]).all()
    assert (said["probability"] <= said["probability_high"]).all()
    old = said["top_reasons"][(frame["age_years"] > 45) & (frame["manufacturer"] == "B")]
    first = old.map(lambda reasons: {reason.split()[0] for reason in reasons})
    assert (first == {"age_years", "manufacturer"}).mean() > 0.9  # bushings move nothing


def test_more_age_is_never_less_likely_where_the_settings_say_so(model: FailureModel) -> None:
    ages = pd.DataFrame({"age_years": range(60), "bushings_damaged": False, "manufacturer": "A"})
    assert (np.diff(model.probability(ages)) >= 0).all()


def test_a_text_that_training_never_met_counts_as_not_known(model: FailureModel) -> None:
    rows = pd.DataFrame({"age_years": [30, 30], "bushings_damaged": [True, True], "manufacturer": ["Z", None]})
    assert model.inputs.unknown(rows) == {"manufacturer": ["Z"]}
    said = model.probability(rows)
    assert said[0] == said[1]


def test_a_missing_column_is_named(model: FailureModel) -> None:
    with pytest.raises(InputError, match=r"needs \['bushings_damaged'\]: no such column"):
        model.predict(pd.DataFrame({"age_years": [1], "manufacturer": ["A"]}))


def test_text_where_a_number_belongs_is_named(model: FailureModel) -> None:
    with pytest.raises(InputError, match=r"takes numbers in \['age_years \(object\)'\]"):
        model.predict(pd.DataFrame({"age_years": ["old"], "bushings_damaged": [True], "manufacturer": ["A"]}))


def test_calibration_moves_log_odds_by_slope_and_intercept(model: FailureModel) -> None:
    """Odds 1 : 9 with slope 2 and intercept ln 3: 3 x (1/9)^2 = 1/27, a chance of 1/28."""
    assert Calibration(2.0, np.log(3)).probability(np.log(np.array([1 / 9]))) == pytest.approx([1 / 28])
    rows = planted(10, 4)[0]
    doubled = replace(model, calibration=Calibration(1.0, np.log(2.0)))
    odds = [said / (1 - said) for said in (model.probability(rows), doubled.probability(rows))]
    np.testing.assert_allclose(odds[1], 2 * odds[0])


def test_weibull_of_left_truncated_lives_is_found_again() -> None:
    """Lives of shape 4 and scale 52.5 that entered a record at ages of 0 to 40; those dead before were never seen."""
    rng = np.random.default_rng(7)
    life, entry = 52.5 * rng.exponential(size=60_000) ** 0.25, rng.uniform(0, 40, 60_000)
    years, failed = [], []
    for lived, began in zip(life[life > entry], entry[life > entry], strict=True):
        for year in range(16):
            if lived < began + year:
                break
            years.append(began + year)
            failed.append(float(lived < began + year + 1))
    shape, scale = fitted_weibull(np.array(years), np.array(failed), np.ones(len(years)))
    assert shape == pytest.approx(4.0, abs=0.1)
    assert scale == pytest.approx(52.5, rel=0.01)
    assert weibull_probability(np.array([50.0]), 4.0, 52.5)[0] == pytest.approx(
        1 - np.exp((50 / 52.5) ** 4 - (51 / 52.5) ** 4)
    )


@pytest.mark.parametrize("failed", [np.zeros(5), np.ones(5)])
def test_one_class_is_refused(failed: np.ndarray) -> None:
    with pytest.raises(GridlakeError, match="needs units that failed and units that did not"):
        fitted_weibull(np.arange(5.0), failed, np.ones(5))
    with pytest.raises(GridlakeError, match=r"5 rows, \d of them failed: scores need both kinds"):
        scores(np.full(5, 0.1), failed, base_rate=0.1)


def test_scores_worked_by_hand() -> None:
    """20 units: one of the first two by chance failed, and one of the others, the tenth of them.

    The top 5 % is the first unit, which failed: lift 1 / 0.1 = 10. Brier: (0.5^2 + 0.5^2 + 0.9^2 + 17 x 0.1^2) / 20.
    ROC: pairs won by the first 17.5 of 18 (a tie with the second), by the other 8.5 (17 ties): 26 of 36.
    """
    probability = np.array([0.5, 0.5] + [0.1] * 18)
    failed = np.zeros(20)
    failed[[0, 11]] = 1
    found = scores(probability, failed, base_rate=0.1)
    assert found["lift_top_5_percent"] == pytest.approx(10.0)
    assert found["brier"] == pytest.approx((0.25 + 0.25 + 0.81 + 17 * 0.01) / 20)
    assert found["roc_auc"] == pytest.approx(26 / 36)
    assert found["brier_skill"] == pytest.approx(1 - found["brier"] / ((2 * 0.81 + 18 * 0.01) / 20))
    assert equal_bins(probability, failed, 2).tolist() == [
        [pytest.approx(0.1), pytest.approx(0.1), 10], [pytest.approx(0.18), pytest.approx(0.1), 10],
    ]  # fmt: skip


def test_right_probabilities_have_slope_1_and_intercept_0() -> None:
    """Within four standard errors: 400,000 units, some 19,000 failures."""
    rng = np.random.default_rng(3)
    truth = rng.beta(1, 20, 400_000)
    failed = (rng.random(len(truth)) < truth).astype(float)
    found = scores(truth, failed, base_rate=0.05)
    assert found["calibration_slope"] == pytest.approx(1.0, abs=0.04)
    assert found["calibration_intercept"] == pytest.approx(0.0, abs=0.12)
    assert found["expected_calibration_error"] < 0.002
    doubled = Calibration(2.0, 0.0).probability(np.log(truth) - np.log1p(-truth))
    assert scores(doubled, failed, base_rate=0.05)["calibration_slope"] == pytest.approx(0.5, abs=0.02)


def test_intervals_hold_the_score_and_narrow_with_more_rows() -> None:
    rng = np.random.default_rng(4)
    truth = rng.beta(1, 20, 8_000)
    failed = (rng.random(len(truth)) < truth).astype(float)

    def width(rows: int) -> float:
        between = intervals(
            lambda *drawn: scores(*drawn, base_rate=0.05), truth[:rows], failed[:rows], draws=40, seed=1
        )["roc_auc"]
        assert between[0] < scores(truth[:rows], failed[:rows], base_rate=0.05)["roc_auc"] < between[1]
        return between[1] - between[0]

    assert width(8_000) < 0.8 * width(2_000)
