"""The model: one for all series, a mean and quantiles about it, by gradient-boosted trees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from numpy.typing import NDArray

from jobs.errors import GridlakeError, TrainingError
from jobs.models.demand.features import FEATURES, SCALES, scaled
from jobs.models.demand.paths import DayRanks, no_ranks
from jobs.models.demand.quantiles import spread_factors, stretched
from jobs.models.demand.settings import DemandSettings, Training
from jobs.models.demand.training_rows import Rows

Floats = NDArray[np.floating]
FEWEST_ROWS = 1000
BLOCK_DAYS, FOLDS = 7, 3
"""Days are held back from the mean by whole weeks, every third in turn: neighbouring days tell of each other."""


@dataclass(frozen=True)
class DemandModel:
    """Forecasts rows of a feature frame; goes to the tasks and into MLflow, so it can be pickled.

    Parameters
    ----------
    mean, spread : boosters; the second of all levels, about the first's mean.
    factors : kind of series (its number) and days ahead -> (levels,). By which distances from the median are stretched
        (`spread_factors`); of a kind that it was not calibrated on, not.
    ranks : how the series' errors of past days lay beside each other (`jobs.models.demand.paths`).
    """

    settings: DemandSettings
    mean: Any
    spread: Any
    factors: dict[tuple[int, int], Floats] = field(default_factory=dict)
    ranks: DayRanks = field(default_factory=no_ranks)

    @property
    def levels(self) -> NDArray[np.float64]:
        return np.array(self.settings.quantiles)

    @property
    def columns(self) -> list[str]:
        """Of the feature frame, those it takes."""
        return [
            *self.settings.features,
            *dict.fromkeys(name for name in ("kind", "days_ahead", *SCALES) if name not in self.settings.features),
        ]

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """``mean`` and a column for each level (``q0.05`` …), in kW.

        Raises
        ------
        GridlakeError
            A column that the model was trained on is missing.
        """
        mean, quantiles = self.forecast(rows)
        columns = {"mean": mean} | {
            f"q{level:g}": quantiles[:, number] for number, level in enumerate(self.settings.quantiles)
        }
        return pd.DataFrame(columns, index=rows.index)

    def forecast(self, rows: pd.DataFrame) -> tuple[Floats, Floats]:
        """Mean (rows,) and quantiles (rows, levels), kW."""
        lacking = [name for name in self.columns if name not in rows.columns]
        if lacking:
            raise GridlakeError(f"the demand model needs columns {lacking}, which the rows do not have")
        if rows.empty:
            return np.zeros(0), np.zeros((0, len(self.levels)))
        matrix = rows[list(self.settings.features)].to_numpy(np.float32)
        mean = self.mean.inplace_predict(matrix)
        about = np.sort(
            mean[:, None] + self.spread.inplace_predict(matrix).reshape(len(rows), len(self.levels)), axis=1
        )
        factors = np.ones((len(rows), len(self.levels)))
        kind, ahead = (rows[name].to_numpy() for name in ("kind", "days_ahead"))
        for (of_kind, days), values in self.factors.items():
            factors[(kind == of_kind) & (ahead == days)] = values
        back = rows["scale_kw"].to_numpy()[:, None]
        reference = rows["reference_kw"].to_numpy()
        return reference + back[:, 0] * mean, reference[:, None] + back * stretched(about, self.levels, factors)

    def calibrated(self, rows: pd.DataFrame, demand_kw: Floats) -> DemandModel:
        """The model with its spreads held against rows that it was not trained on, by kind of series and days ahead."""
        plain = replace(self, factors={})
        _, quantiles = plain.forecast(rows)
        group = rows[["kind", "days_ahead"]].to_numpy().astype(np.int64)
        back = rows["scale_kw"].to_numpy()
        value = demand_kw / back
        found = {}
        for kind, days in np.unique(group, axis=0):
            rows_of = (group == (kind, days)).all(axis=1)
            found[int(kind), int(days)] = spread_factors(
                (quantiles / back[:, None])[rows_of], self.levels, value[rows_of]
            )
        return replace(self, factors=found)


def fit(known: Rows, settings: DemandSettings, seed: int) -> DemandModel:
    """A model of these rows, not yet calibrated.

    The quantiles are trained on errors that the mean made in weeks held back from it (of three folds each in turn), or
    they would be too narrow; the mean is then trained on all rows, with as many trees as suited the weeks held back.

    Raises
    ------
    GridlakeError
        Fewer than 1,000 rows are known, or a feature is unknown.
    """
    unknown = sorted(set(settings.features) - set(FEATURES))
    if unknown:
        raise GridlakeError(f"conf/models/demand.yaml names features that there are not: {unknown}")
    rows, day = known.frame, known.day
    if len(day) < FEWEST_ROWS:
        raise TrainingError(
            f"{len(day):,} intervals to train the demand model on, {FEWEST_ROWS:,} are needed: a longer history, or "
            "fewer days to score and calibrate (conf/models/demand.yaml)"
        )
    chosen = _drawn(np.arange(len(day)), settings.training.rows, seed)
    matrix = rows[list(settings.features)].iloc[chosen].to_numpy(np.float32)
    target = scaled(known.demand_kw, rows)[chosen].astype(np.float32)
    fold = day[chosen] // BLOCK_DAYS % FOLDS
    error, trees = np.zeros(len(chosen), np.float32), []
    for number in np.unique(fold):
        held = fold == number
        beside, best = _mean(matrix[~held], target[~held], settings.training, seed, (matrix[held], target[held]))
        error[held] = target[held] - beside.inplace_predict(matrix[held])
        trees.append(best)
    return DemandModel(
        settings,
        _mean(matrix, target, settings.training, seed, None, round(float(np.mean(trees))))[0],
        _spread(matrix, error, settings, seed),
    )


def refreshed(model: DemandModel, rows: Rows, seed: int) -> DemandModel:
    """The model with a mean trained anew on these rows, with as many trees; its spreads are kept."""
    chosen = _drawn(np.arange(len(rows.day)), model.settings.training.rows, seed)
    matrix = rows.frame[list(model.settings.features)].iloc[chosen].to_numpy(np.float32)
    target = scaled(rows.demand_kw, rows.frame)[chosen].astype(np.float32)
    trees = model.mean.num_boosted_rounds()
    return replace(model, mean=_mean(matrix, target, model.settings.training, seed, None, trees)[0])


def _drawn(places: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    if len(places) <= most:
        return places
    return np.sort(np.random.default_rng(seed).choice(places, most, replace=False))


def _parameters(training: Training, seed: int, rows: int) -> dict[str, Any]:
    """A leaf holds a hundredth of the rows: those of one day and of all series alike say little more than one does."""
    return {
        "tree_method": "hist",
        "max_depth": training.depth,
        "subsample": 0.8,
        "colsample_bytree": 0.7,
        "min_child_weight": max(20, training.leaf_share * rows),
        "seed": seed,
        "nthread": training.threads,
    }


def _mean(
    matrix: NDArray[np.float32],
    target: NDArray[np.float32],
    training: Training,
    seed: int,
    held: tuple[NDArray[np.float32], NDArray[np.float32]] | None,
    trees: int | None = None,
) -> tuple[Any, int]:
    """A booster of the mean, and its number of trees; stopped early where rows are held back."""
    data = xgboost.QuantileDMatrix(matrix, target)
    given = {**_parameters(training, seed, len(matrix)), "objective": "reg:squarederror", "eta": training.learning_rate}
    if held is None:
        booster = xgboost.train(given, data, trees or training.rounds)
        return booster, trees or training.rounds
    beside = xgboost.QuantileDMatrix(*held, ref=data)
    booster = xgboost.train(
        given, data, training.rounds, evals=[(beside, "held")], early_stopping_rounds=30, verbose_eval=False
    )
    best = booster.best_iteration + 1
    return booster[:best], best


def _spread(matrix: NDArray[np.float32], error: NDArray[np.float32], settings: DemandSettings, seed: int) -> Any:
    """A booster of the quantiles of the errors, all levels."""
    training = settings.training
    given = {
        **_parameters(training, seed, len(matrix)),
        "objective": "reg:quantileerror",
        "quantile_alpha": list(settings.quantiles),
        "max_depth": max(1, training.depth - 2),
        "eta": training.quantile_learning_rate,
    }
    # the objective's own start, quantiles of the labels, is of all levels alike: let the first trees find them
    return xgboost.train(given, xgboost.QuantileDMatrix(matrix, error), training.quantile_rounds)
