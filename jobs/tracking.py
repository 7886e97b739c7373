"""Runs, models and champions in MLflow; the only file that talks to it.

By default the store is SQLite in the folder of the lake; ``tracking.uri`` of the settings names another.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.data.delta_dataset_source import DeltaDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from mlflow.pyfunc.model import PythonModel
from mlflow.tracking import MlflowClient
from plotly.basedatatypes import BaseFigure
from plotly.io import to_html

from jobs.errors import TrackingError
from jobs.lake.lake import place
from jobs.models.training.champions import DATABASE
from jobs.models.training.trained import Champion, Trained, Version
from jobs.models.training.verdict import verdict
from jobs.ops.record import code_version
from jobs.settings import Settings

CHAMPION = "champion"
NEEDED = ("numpy", "pandas", "scikit-learn", "xgboost-cpu")
"""What a model needs to be loaded elsewhere, beside gridlake."""
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # what the registry says of an alias nobody has


class Scorer(PythonModel):
    """A model as MLflow serves it."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> Any:
        return self.model.predict(model_input)


@dataclass(frozen=True)
class Tracking:
    """The store of one lake's runs and models.

    Parameters
    ----------
    uri : of the tracking server or database.
    artifacts : where a new experiment keeps its files; None: where the server says.
    """

    settings: Settings
    uri: str
    artifacts: str | None

    def log(self, trained: Trained) -> Version:
        """Log a training as a run, register its model, and make it champion where it beats all others on its rows."""
        with self._connected() as client:
            champion = self._champion(client, trained.name)
            others = {name: metrics[trained.decisive] for name, metrics in trained.baselines.items()}
            scores = dict(trained.scores)
            if champion is not None:
                scores["champion"] = trained.rescore(champion.model)
                others[f"{CHAMPION} {champion.number}"] = scores["champion"][trained.decisive]
            judged = verdict(trained.metrics[trained.decisive], others, metric=trained.decisive)
            experiment = self._experiment(client, trained.name)
            with mlflow.start_run(experiment_id=experiment, run_name=trained.name, tags=self._tags(trained)) as run:
                self._log_inputs(trained.inputs)
                mlflow.log_params({**trained.params, "seed": trained.seed})
                for name, metrics in scores.items():
                    prefix = "" if name == trained.name else f"{name}/"
                    mlflow.log_metrics({f"{prefix}{metric}": value for metric, value in metrics.items()})
                for name, figure in trained.plots.items():
                    mlflow.log_text(_page(figure), f"plots/{name}.html")
                mlflow.log_text(trained.card, "model_card.md")
                mlflow.log_dict(_told(self.settings), "settings.json")
                mlflow.log_dict(_environment(), "environment.json")
                mlflow.set_tag("verdict", judged.reason)
                number = self._registered(client, trained, run.info.run_id)
            tags = {
                "verdict": judged.reason,
                "decisive": trained.decisive,
                "scored_rows": trained.scored_rows,
                "others": json.dumps(others),
            }
            for key, value in tags.items():
                client.set_model_version_tag(trained.name, str(number), key, value)
            if judged.promoted:
                client.set_registered_model_alias(trained.name, CHAMPION, str(number))
            return Version(
                trained.name, number, run.info.run_id, judged.promoted, judged.reason, trained.decisive,
                trained.metrics, trained.scored_rows,
            )  # fmt: skip

    def champion(self, name: str) -> Champion | None:
        """The version that scores; None where no version ever beat its baselines."""
        with self._connected() as client:
            return self._champion(client, name)

    def versions(self, name: str | None = None) -> list[Version]:
        """Every registered version, of one model or of all, newest first."""
        with self._connected() as client:
            names = [name] if name else sorted(one.name for one in client.search_registered_models())
            return [version for one in names for version in self._versions(client, one)]

    def promote(self, name: str, number: int | None = None) -> Version:
        """Make a version (the newest without a number) champion, where it beat all others on its rows.

        Raises
        ------
        TrackingError
            No such version; it did not beat a baseline; the champion is better, or was scored on other rows.
        """
        with self._connected() as client:
            versions = self._versions(client, name)
            found = [one for one in versions if number in (None, one.number)]
            if not found:
                known = [one.number for one in versions]
                raise TrackingError(f"{name}: no version {number or ''} is registered; registered: {known or 'none'}")
            version, standing = found[0], next((one for one in versions if one.champion), None)
            tags = client.get_model_version(name, str(version.number)).tags
            others = {
                key: score for key, score in json.loads(tags["others"]).items() if not key.startswith(f"{CHAMPION} ")
            }
            if standing is not None and standing.number != version.number:
                if standing.scored_rows != version.scored_rows:
                    raise TrackingError(
                        f"{name} {version.number} and the champion {standing.number} were scored on different rows: "
                        f"`gridlake train {name}` compares on the same"
                    )
                others[f"{CHAMPION} {standing.number}"] = standing.metrics[version.decisive]
            judged = verdict(version.metrics[version.decisive], others, metric=version.decisive)
            if not judged.promoted:
                raise TrackingError(f"{name} {version.number} is not promoted: {judged.reason}")
            client.set_model_version_tag(name, str(version.number), "verdict", judged.reason)
            client.set_registered_model_alias(name, CHAMPION, str(version.number))
            return self._versions(client, name, only=version.number)[0]

    @contextmanager
    def _connected(self) -> Iterator[MlflowClient]:
        """A client of this store; what it cannot do is our error, and names the store."""
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        mlflow.set_tracking_uri(self.uri)
        mlflow.set_registry_uri(self.uri)
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", module=r"(mlflow|alembic|sqlalchemy)\b")
                yield MlflowClient(self.uri, self.uri)
        except MlflowException as fault:
            raise TrackingError(
                f"MLflow at {self.uri}: {str(fault).strip().splitlines()[0]}; tracking.uri names it"
            ) from fault

    def _experiment(self, client: MlflowClient, name: str) -> str:
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(name, artifact_location=self.artifacts and f"{self.artifacts}/{name}"))

    def _tags(self, trained: Trained) -> dict[str, str]:
        return {
            "code_version": code_version(),
            "settings_digest": self.settings.digest(),
            "scored_rows": trained.scored_rows,
            "lake": self.settings.lake.root,
        }

    def _log_inputs(self, inputs: Mapping[str, int]) -> None:
        """Tables and versions alone: MLflow's dataset of a DataFrame reads every table to count its rows.

        A version is text, as MLflow itself hands it over: as a number, 0 is left out.
        """
        for name, version in inputs.items():
            path = place(self.settings.lake.root, name)
            source = DeltaDatasetSource(path=path, delta_table_version=str(version))  # type: ignore[arg-type]
            read = MetaDataset(source, name=name)  # type: ignore[abstract]  # it can be made, MLflow says so itself
            mlflow.log_input(read, context="training")

    def _registered(self, client: MlflowClient, trained: Trained, run_id: str) -> int:
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=Scorer(trained.model),
            signature=infer_signature(trained.example, trained.model.predict(trained.example)),
            input_example=trained.example,
            pip_requirements=[f"{name}=={metadata.version(name)}" for name in NEEDED],
        )
        if not client.search_registered_models(f"name = '{trained.name}'"):
            client.create_registered_model(trained.name)
        made = client.create_model_version(
            trained.name, logged.model_uri, run_id, model_id=logged.model_id, await_creation_for=0
        )
        return int(made.version)

    def _champion(self, client: MlflowClient, name: str) -> Champion | None:
        try:
            version = client.get_model_version_by_alias(name, CHAMPION)
        except MlflowException as fault:
            if fault.error_code in _ABSENT:
                return None
            raise
        loaded = mlflow.pyfunc.load_model(f"models:/{name}/{version.version}")
        columns = tuple(loaded.metadata.get_input_schema().input_names())
        return Champion(name, int(version.version), str(version.run_id), loaded.unwrap_python_model().model, columns)

    def _versions(self, client: MlflowClient, name: str, only: int | None = None) -> list[Version]:
        found: list[ModelVersion] = client.search_model_versions(f"name = '{name}'")
        aliases = client.get_registered_model(name).aliases if found else {}
        numbers = [one for one in found if only in (None, int(one.version))]
        return [
            Version(
                name, int(one.version), str(one.run_id), int(aliases.get(CHAMPION, -1)) == int(one.version),
                one.tags["verdict"], one.tags["decisive"],
                {key: value for key, value in client.get_run(str(one.run_id)).data.metrics.items() if "/" not in key},
                one.tags["scored_rows"],
            )
            for one in sorted(numbers, key=lambda one: -int(one.version))
        ]  # fmt: skip


def tracking(settings: Settings) -> Tracking:
    """The store that the settings name; SQLite in the lake's folder where they name none.

    Raises
    ------
    TrackingError
        The lake is at a URL and the settings name no store.
    """
    logging.getLogger("mlflow").setLevel(logging.ERROR)  # it warns of each model that is an object, not a script
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if settings.tracking.uri is not None:
        return Tracking(settings, settings.tracking.uri, settings.tracking.artifacts)
    root = settings.lake.root
    if "://" in root:
        raise TrackingError(f"{root} is no folder for MLflow's database: name a server, tracking.uri")
    database = Path(root).resolve() / DATABASE
    folder = database.parent
    folder.mkdir(parents=True, exist_ok=True)
    return Tracking(settings, f"sqlite:///{database}", (folder / "artifacts").as_uri())


def _told(settings: Settings) -> dict[str, Any]:
    """The settings that decide results, without paths and Spark's."""
    return settings.model_dump(mode="json", exclude={"spark", "lake", "conf_folder", "tracking"})


def _environment() -> dict[str, str]:
    packages = (*NEEDED, "pyspark", "delta-spark", "pyarrow", "mlflow", "gridlake")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in packages}}


def _page(figure: BaseFigure) -> str:
    """A page that works without a network."""
    page: str = to_html(figure, include_plotlyjs=True)  # type: ignore[no-untyped-call]
    return page
