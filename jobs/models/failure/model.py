"""The model itself: boosters, their calibration, and what they say of a unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xgboost as xgb
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from jobs.errors import GridlakeError, first_keys

Floats = NDArray[np.float64]
OUTPUT = ("probability", "probability_low", "probability_high", "top_reasons")
_INTERVAL = 1.645  # standard deviations: 90 %


class InputError(GridlakeError):
    """Rows that the model cannot take."""


@dataclass(frozen=True)
class Inputs:
    """Which columns go into the model, and as which numbers.

    Parameters
    ----------
    columns : of numbers and flags, in order.
    categories : column of text -> the texts met in training, in order; any other counts as not known.
    """

    columns: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        return [*self.columns, *self.categories]

    def matrix(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows as numbers, NaN where a value is not known.

        Raises
        ------
        InputError
            A column is missing, or one of numbers holds something else.
        """
        missing = [name for name in self.names if name not in rows]
        if missing:
            raise InputError(f"the failure model needs {first_keys(missing)}: no such column in the rows to score")
        wrong = [
            f"{name} ({rows[name].dtype})" for name in self.columns
            if not (is_numeric_dtype(rows[name]) or is_bool_dtype(rows[name]) or _all_numbers(rows[name]))
        ]  # fmt: skip
        if wrong:
            raise InputError(f"the failure model takes numbers in {first_keys(wrong)}")
        numbers = {name: _floats(rows[name]) for name in self.columns}
        codes = {name: _codes(rows[name], known) for name, known in self.categories.items()}
        return pd.DataFrame(numbers | codes, index=rows.index)

    def unknown(self, rows: pd.DataFrame) -> dict[str, list[str]]:
        """Texts that training never met, by column."""
        found = {name: sorted(set(rows[name].dropna()) - set(known)) for name, known in self.categories.items()}
        return {name: texts for name, texts in found.items() if texts}


def _codes(texts: pd.Series, known: tuple[str, ...]) -> Floats:
    codes: Floats = np.array(pd.Categorical(texts, categories=list(known)).codes, np.float64)
    codes[codes < 0] = np.nan
    return codes


def _floats(values: pd.Series) -> Floats:
    return np.asarray(pd.to_numeric(values).astype("Float64").to_numpy(np.float64, na_value=np.nan), np.float64)


def _all_numbers(values: pd.Series) -> bool:
    """True of a column of objects that are numbers, flags or nothing, as Spark hands over flags that may be null."""
    return bool(values.map(lambda one: one is None or isinstance(one, int | float | np.number | np.bool_)).all())


@dataclass(frozen=True)
class Calibration:
    """From the boosters' log-odds to those of what was seen: slope and intercept, fitted on years of their own."""

    slope: float
    intercept: float

    def probability(self, log_odds: Floats) -> Floats:
        return expit(self.slope * log_odds + self.intercept)


def expit(log_odds: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-log_odds))
    return found


@dataclass(frozen=True)
class FailureModel:
    """Boosters on units drawn with replacement; the mean of their log-odds, calibrated, is the model's word.

    Parameters
    ----------
    boosters : as XGBoost saves them (UBJSON).
    trained_until : the last date whose outcome it has seen, ISO; it scores dates from then on.
    """

    inputs: Inputs
    boosters: tuple[bytes, ...]
    calibration: Calibration
    reasons: int
    horizon_months: int
    trained_until: str

    def log_odds(self, matrix: pd.DataFrame) -> Floats:
        """Of each booster, (boosters, rows)."""
        data = xgb.DMatrix(matrix)
        return np.stack([booster.predict(data, output_margin=True).astype(np.float64) for booster in self._loaded()])

    def probability(self, rows: pd.DataFrame) -> Floats:
        """Chance of failing within the horizon, (rows,)."""
        return self.calibration.probability(self.log_odds(self.inputs.matrix(rows)).mean(axis=0))

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """`OUTPUT`: chance, its 90 % interval by how far the boosters differ, and what moves it most.

        A reason names a column, its value, and by what its odds are multiplied: what each split of a tree adds on the
        row's way down, as XGBoost sums it by column (``approx_contribs``). Exact Shapley values took 13 times as long,
        most of the time of scoring.
        """
        matrix = self.inputs.matrix(rows)
        each = self.log_odds(matrix)
        middle, spread = each.mean(axis=0), each.std(axis=0, ddof=1)
        low, high = (self.calibration.probability(middle + sign * _INTERVAL * spread) for sign in (-1, 1))
        return pd.DataFrame(
            {
                "probability": self.calibration.probability(middle),
                "probability_low": low,
                "probability_high": high,
                "top_reasons": self._told(rows, self.calibration.slope * self._moved(matrix)),
            },
            index=rows.index,
        )

    def _moved(self, matrix: pd.DataFrame) -> Floats:
        """By what each column moves the log-odds, (rows, columns)."""
        data = xgb.DMatrix(matrix)
        each = (one.predict(data, pred_contribs=True, approx_contribs=True)[:, :-1] for one in self._loaded())
        found: Floats = np.mean(list(each), axis=0, dtype=np.float64)
        return found

    def _told(self, rows: pd.DataFrame, moved: Floats) -> list[list[str]]:
        top = np.argsort(-np.abs(moved), axis=1, kind="stable")[:, : self.reasons]
        names = self.inputs.names
        values = rows[names].astype(object).to_numpy()
        return [
            [f"{names[at]} {_value(values[row, at])}: odds x {np.exp(moved[row, at]):.2f}" for at in best]
            for row, best in enumerate(top)
        ]

    def _loaded(self) -> list[xgb.Booster]:
        return [xgb.Booster(model_file=bytearray(one)) for one in self.boosters]


def _value(value: object) -> str:
    if value is None or value is pd.NA or value != value:  # NaN is unlike itself
        return "not known"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
