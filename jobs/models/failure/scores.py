"""How good probabilities of failure are: told apart, and as large as what happens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from jobs.errors import TrainingError

Floats = NDArray[np.float64]
BINS = 10
TOP_SHARE = 0.05
_LEAST = 1e-9


def scores(probability: Floats, failed: Floats, *, base_rate: float) -> dict[str, float]:
    """ROC and PR AUC, lift in the top 5 %, Brier score and skill, calibration slope and intercept, ECE.

    Parameters
    ----------
    base_rate : share that fails by what was known before these rows: what skill is measured against.

    Raises
    ------
    TrainingError
        One class only: nothing can be told apart.

    Notes
    -----
    Where one thing is said of all rows, none is before another: lift is 1, one bin holds all, and no line of
    calibration can be fitted (NaN).
    """
    if not 0 < failed.sum() < len(failed):
        raise TrainingError(f"{len(failed):,} rows, {int(failed.sum()):,} of them failed: scores need both kinds")
    order = np.argsort(-probability, kind="stable")
    top = order[: max(int(np.ceil(TOP_SHARE * len(order))), 1)]
    brier = float(brier_score_loss(failed, probability))
    alike = bool(probability.min() == probability.max())
    slope, intercept = (np.nan, np.nan) if alike else calibration_line(probability, failed)
    bins = equal_bins(probability, failed, 1 if alike else BINS)
    return {
        "roc_auc": float(roc_auc_score(failed, probability)),
        "pr_auc": float(average_precision_score(failed, probability)),
        "lift_top_5_percent": 1.0 if alike else float(failed[top].mean() / failed.mean()),
        "brier": brier,
        "brier_skill": 1 - brier / float(np.mean((failed - base_rate) ** 2)),
        "log_loss": float(
            -np.mean(np.where(failed > 0, np.log(_inside(probability)), np.log1p(-_inside(probability))))
        ),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "expected_calibration_error": float((bins[:, 2] * np.abs(bins[:, 0] - bins[:, 1])).sum() / bins[:, 2].sum()),
    }


def _inside(probability: Floats) -> Floats:
    return np.clip(probability, _LEAST, 1 - _LEAST)


def log_odds(probability: Floats) -> Floats:
    inside = _inside(probability)
    found: Floats = np.log(inside) - np.log1p(-inside)
    return found


def calibration_line(probability: Floats, failed: Floats, weight: Floats | None = None) -> tuple[float, float]:
    """Slope and intercept of what happened on the log-odds said (Cox 1958): 1 and 0 where they are right."""
    line = LogisticRegression(C=np.inf, solver="newton-cholesky")  # type: ignore[no-untyped-call]
    line.fit(log_odds(probability)[:, np.newaxis], failed, sample_weight=weight)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def equal_bins(probability: Floats, failed: Floats, bins: int = BINS) -> Floats:
    """(bins, 3): mean probability, share that failed, rows; bins of equal count, from the least likely up."""
    parts = np.array_split(np.argsort(probability, kind="stable"), bins)
    return np.array([[probability[part].mean(), failed[part].mean(), len(part)] for part in parts if len(part)])


def intervals(
    score: Callable[[Floats, Floats], dict[str, float]], probability: Floats, failed: Floats, *, draws: int, seed: int
) -> dict[str, tuple[float, float]]:
    """90 % interval of each score: rows drawn with replacement.

    Rows are drawn in the order of what was said of them: what is in order already is sorted in no time.
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(probability, kind="stable")
    said, happened = probability[order], failed[order]
    found: list[dict[str, float]] = []
    while len(found) < draws:
        times = np.bincount(rng.integers(0, len(said), len(said)), minlength=len(said))
        drawn = np.repeat(happened, times)
        if 0 < drawn.sum() < len(drawn):
            found.append(score(np.repeat(said, times), drawn))
    ends = {name: np.quantile([one[name] for one in found], [0.05, 0.95]) for name in found[0]}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}
