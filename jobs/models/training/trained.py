"""What a training hands over to be logged, registered and compared, and what a lake's jobs get of a champion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd
from plotly.basedatatypes import BaseFigure

Metrics = Mapping[str, float]


class Model(Protocol):
    """What is kept of a training: goes to the tasks, so it can be pickled."""

    def predict(self, rows: pd.DataFrame) -> Any:
        """An array, or a frame, of one row for each row."""


@dataclass(frozen=True)
class Trained:
    """A model as it was trained, and how well it does.

    Parameters
    ----------
    name : under which it is registered, such as ``failure``.
    example : a few rows as the model takes them; names and types of its columns are its signature.
    metrics : of the model, on rows that it was neither trained nor calibrated on.
    baselines : name of each baseline -> the same metrics on the same rows.
    decisive : the metric by which models are compared; smaller is better.
    plots : name -> figure.
    card : model card, Markdown.
    inputs : tables read -> their versions.
    scored_rows : hash of the keys of the rows scored: scores on other rows are not compared.
    rescore : from another model of this name to its metrics on the same rows.
    params : what the training was told, and what it chose.
    """

    name: str
    model: Model
    example: pd.DataFrame
    metrics: Metrics
    baselines: Mapping[str, Metrics]
    decisive: str
    card: str
    inputs: Mapping[str, int]
    scored_rows: str
    seed: int
    rescore: Callable[[Model], Metrics]
    params: Mapping[str, str | float | int] = field(default_factory=dict)
    plots: Mapping[str, BaseFigure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lacking = [name for name, metrics in self.scores.items() if self.decisive not in metrics]
        if lacking:
            raise ValueError(f"{self.name}: no {self.decisive}, by which models are compared, of {lacking}")

    @property
    def scores(self) -> dict[str, Metrics]:
        """Of the model and of each baseline."""
        return {self.name: self.metrics, **self.baselines}


@dataclass(frozen=True)
class Version:
    """A registered version of a model.

    Parameters
    ----------
    verdict : why it is champion, or why not.
    """

    name: str
    number: int
    run_id: str
    champion: bool
    verdict: str
    decisive: str
    metrics: Metrics
    scored_rows: str

    def __str__(self) -> str:
        score = self.metrics.get(self.decisive)
        told = "" if score is None else f"  {self.decisive} {score:.6g}"
        return f"{self.name} {self.number}{'  champion' if self.champion else ''}{told}  {self.verdict}"


@dataclass(frozen=True)
class Champion:
    """The version that scores, with its model; goes to the tasks."""

    name: str
    number: int
    run_id: str
    model: Model
    columns: tuple[str, ...]
    """That the model takes, in order."""

    @property
    def source(self) -> str:
        """What tables say of who spoke, such as ``failure 3``."""
        return f"{self.name} {self.number}"
