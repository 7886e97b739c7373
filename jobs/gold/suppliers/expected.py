"""Numbers expected of units whoever made them, by a hazard fitted on units other than those judged.

The hazard is log-linear (Poisson with exposure: a piecewise-exponential model). Each column is a broken line between
knots, years and texts have a level each, and there is no product of columns: trees or products would find out a batch
by its age in a year, and excuse it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS, _HALVINGS, _CLOSE = 50, 30, 1e-6  # a step so small leaves an error of its square


def design_of(
    numbers: Mapping[str, Floats], texts: Mapping[str, NDArray[np.object_]], exposure: Floats, *, knots: int
) -> Floats:
    """Columns of the hazard: 1, the lines of ``numbers`` (NaN: not known), the levels of ``texts``; (rows, columns)."""
    columns: list[Floats] = [np.ones((len(exposure), 1))]
    columns += [broken_line(values, exposure, knots=knots) for values in numbers.values()]
    columns += [_levels(values) for values in texts.values()]
    return np.concatenate(columns, axis=1)


def broken_line(values: Floats, exposure: Floats, *, knots: int) -> Floats:
    """Weights of the knots around each value, and of "not known" where some are; (rows, knots).

    The weights of a row add up to 1, so that a coefficient is the level at its knot. Knots are quantiles by exposure,
    lowest and highest value among them.

    Examples
    --------
    >>> broken_line(np.array([0.0, 5.0, 20.0]), np.ones(3), knots=2).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.0, 1.0]]
    """
    unknown = np.isnan(values)
    known = values[~unknown]
    if not len(known):
        return np.ones((len(values), 1))
    order = np.argsort(known, kind="stable")
    reached = np.cumsum(exposure[~unknown][order])
    at = np.searchsorted(reached, np.linspace(0, 1, knots) * reached[-1])
    place = np.unique(np.concatenate([known[order][np.minimum(at, len(known) - 1)], known[order][[0, -1]]]))
    weights = np.zeros((len(values), len(place) + 1))
    if len(place) == 1:
        weights[~unknown, 0] = 1
    else:
        left = np.clip(np.searchsorted(place, known, side="right") - 1, 0, len(place) - 2)
        share = (known - place[left]) / (place[left + 1] - place[left])
        rows = np.flatnonzero(~unknown)
        weights[rows, left], weights[rows, left + 1] = 1 - share, share
    weights[unknown, -1] = 1
    return weights if unknown.any() else weights[:, :-1]


def _levels(values: NDArray[np.object_]) -> Floats:
    told = values.astype(str)
    return np.asarray(told[:, np.newaxis] == np.unique(told), np.float64)


def cross_fitted(design: Floats, exposure: Floats, count: Floats, *, ridge: float) -> Floats:
    """Events expected of each kind of row in each fold for a unit of exposure, by the hazard of the other folds.

    Parameters
    ----------
    design : (kinds, columns)
    exposure, count : (kinds, folds)

    Returns
    -------
    (kinds, folds); 0 where the other folds have no event.
    """
    rate = np.zeros(count.shape)
    whole = fitted(design, exposure.sum(axis=1), count.sum(axis=1), ridge=ridge)
    for fold in range(count.shape[1]):
        others, events = exposure.sum(axis=1) - exposure[:, fold], count.sum(axis=1) - count[:, fold]
        if events.sum():
            rate[:, fold] = np.exp(design @ fitted(design, others, events, ridge=ridge, start=whole))
    return rate


def fitted(design: Floats, exposure: Floats, count: Floats, *, ridge: float, start: Floats | None = None) -> Floats:
    """Coefficients b that make ``sum(count * Xb - exposure * exp(Xb)) - ridge / 2 * |b without the first|^2`` greatest.

    Newton's method, its steps halved while they lead down. The first column of the design is 1 and bears no ridge.

    Raises
    ------
    ArithmeticError
        It has not settled after as many steps as no such problem takes.
    """
    total = count.sum()
    held = np.full(design.shape[1], ridge)
    held[0] = 0
    here = np.zeros(design.shape[1]) if start is None else start.copy()
    if start is None:
        here[0] = np.log(total / exposure.sum()) if total else -np.inf
    if not total:
        return here

    def value(at: Floats) -> tuple[float, Floats]:
        line = design @ at
        mean = exposure * np.exp(line)
        return float(count @ line - mean.sum() - (held * at * at).sum() / 2), mean

    reached, mean = value(here)
    for _ in range(_STEPS):
        slope = design.T @ (count - mean) - held * here
        scaled = design * np.sqrt(mean)[:, np.newaxis]
        step = np.linalg.solve(scaled.T @ scaled + np.diag(held), slope)
        for _ in range(_HALVINGS):
            further, mean_there = value(here + step)
            if further >= reached - 1e-9 * abs(reached):
                break
            step /= 2
        here, reached, mean = here + step, further, mean_there
        if np.abs(step).max() < _CLOSE:
            return here
    raise ArithmeticError(
        f"the hazard of {len(count):,} rows with {total:,.0f} events has not settled in {_STEPS} steps"
    )


def same(columns: Sequence[NDArray[np.generic]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First row of each kind of rows that are alike in all columns, and the kind of each row."""
    kind = np.zeros(len(columns[0]), np.int64)
    for values in columns:
        _, code = np.unique(values, return_inverse=True)
        _, kind = np.unique(kind * (int(code.max(initial=0)) + 1) + code, return_inverse=True)
    _, first, kind = np.unique(kind, return_index=True, return_inverse=True)
    return first.astype(np.int64), kind.astype(np.int64)
