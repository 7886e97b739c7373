"""Settings of the failure model: ``conf/models/failure.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError

from jobs.errors import SettingsError
from jobs.section import Section, faults_told


class Years(Section):
    """How years are shared out: the newest are scored; of those before every so manieth calibrates, the others train.

    A single year has its storms, which move all units alike: years that calibrate are spread over the record, so that
    such shocks average out.
    """

    train_from: int = Field(1900, description="first year whose rows train; before it the record is too short")
    calibrate_every: int = Field(3, ge=2, description="one in so many years before them calibrates, back from the last")
    score: int = Field(2, ge=1, description="newest years, on whose rows it is scored")


class Boosting(Section):
    """Parameters of XGBoost."""

    num_boost_round: int = Field(300, ge=1)
    eta: float = Field(0.05, gt=0, le=1)
    max_depth: int = Field(3, ge=1, le=12)
    min_child_weight: float = Field(30, ge=0)
    subsample: float = Field(0.7, gt=0, le=1)
    colsample_bytree: float = Field(0.6, gt=0, le=1)
    reg_lambda: float = Field(5, ge=0)
    nthread: int = Field(1, ge=1, description="of one training in this process; another number adds in another order")


class FailureSettings(Section):
    """Which columns the failure model uses and how it is trained."""

    horizon_months: int = Field(12, ge=1, le=12, description="within how many months a failure counts")
    years: Years = Years()
    columns: dict[str, Literal[-1, 0, 1]] = Field(
        min_length=1, description="numeric column -> sign of its effect, or 0"
    )
    categories: tuple[str, ...] = Field((), description="columns of text")
    distributed: bool = Field(False, description="train in Spark tasks")
    workers: int = Field(2, ge=1, description="tasks that train one booster together")
    members: int = Field(4, ge=2, description="boosters, each on units drawn with replacement")
    boosting: Boosting = Boosting()
    reasons: int = Field(3, ge=1, le=10, description="columns named for each unit")
    turns: int = Field(
        5,
        ge=1,
        le=5,
        description="where units are shared out: how many fifths of them are scored, each by its own model",
    )
    bootstrap_draws: int = Field(100, ge=20, description="draws behind the intervals of scores")

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that the model takes, in order."""
        return (*self.columns, *self.categories)


def read_failure_settings(conf_folder: Path) -> FailureSettings:
    """Settings of ``models/failure.yaml`` in the folder of the configuration.

    Raises
    ------
    SettingsError
        The file cannot be read, or a key of it is unknown or out of bounds.
    """
    path = conf_folder / "models" / "failure.yaml"
    try:
        return FailureSettings.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as fault:
        raise SettingsError(faults_told(fault, FailureSettings, where=path)) from fault
    except (OSError, yaml.YAMLError) as fault:
        raise SettingsError(f"{path}: cannot be read as YAML: {fault}") from fault
