"""Runs and models in MLflow: what a run keeps, who becomes champion, and what is told where that fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from jobs.errors import TrackingError
from jobs.lake.lake import Lake
from jobs.lake.write import replace_all
from jobs.models.training.champions import champion_of
from jobs.models.training.trained import Trained
from jobs.settings import Settings
from jobs.silver.feeder import FEEDER
from jobs.tracking import Tracking, tracking
from tests.builders import frame

ROWS = pd.DataFrame({"age_years": [1.0, 10.0, 50.0], "maker": ["A", "B", "A"]})
TRUTH = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class ByAge:
    """Fails from an age on."""

    from_years: float

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        return (rows["age_years"].to_numpy() >= self.from_years).astype(float)


def brier(model: ByAge) -> Mapping[str, float]:
    return {"brier": float(np.mean((model.predict(ROWS) - TRUTH) ** 2))}


def trained(model: ByAge, *, scored_rows: str = "three units") -> Trained:
    return Trained(
        name="failure",
        model=model,
        example=ROWS,
        metrics=brier(model),
        baselines={"base rate": {"brier": 0.25}},
        decisive="brier",
        card="# By age",
        inputs={"silver.feeder": 0},
        scored_rows=scored_rows,
        seed=7,
        rescore=brier,  # type: ignore[arg-type]
        params={"from_years": model.from_years},
        plots={"age": go.Figure()},
    )


@pytest.fixture
def store(lake: Lake, settings: Settings) -> Tracking:
    replace_all(lake, FEEDER, frame(lake.spark, FEEDER, {"feeder_id": "F1"}))
    return tracking(settings.at(lake.root))


def test_a_run_keeps_what_it_takes_to_compare_and_to_repeat_it(store: Tracking, settings: Settings) -> None:
    version = store.log(trained(ByAge(20)))
    mlflow.set_tracking_uri(store.uri)
    run = mlflow.get_run(version.run_id)
    assert run.data.metrics == {"brier": 0.0, "base rate/brier": 0.25}
    assert run.data.params == {"from_years": "20", "seed": "7"}
    assert run.data.tags["settings_digest"] == settings.digest()
    assert run.data.tags["code_version"].startswith("0.")
    (read,) = run.inputs.dataset_inputs
    source = json.loads(read.dataset.source)
    assert (read.dataset.name, Path(source["path"]).name) == ("silver.feeder", "feeder")
    assert source["delta_table_version"] == "0"
    kept = {one.path for one in mlflow.MlflowClient(store.uri).list_artifacts(version.run_id)}
    assert {"model_card.md", "settings.json", "environment.json", "plots"} <= kept
    assert "real_rate" in mlflow.artifacts.load_text(f"{run.info.artifact_uri}/settings.json")
    assert "key_file" not in mlflow.artifacts.load_text(f"{run.info.artifact_uri}/settings.json")
    loaded = mlflow.pyfunc.load_model("models:/failure@champion")
    assert loaded.metadata.get_input_schema().input_names() == ["age_years", "maker"]
    assert loaded.predict(ROWS).tolist() == [0.0, 0.0, 1.0]
    assert loaded.input_example is not None


def test_only_a_model_that_beats_all_others_on_the_same_rows_becomes_champion(store: Tracking, lake: Lake) -> None:
    assert store.champion("failure") is None
    bad = store.log(trained(ByAge(0)))
    assert (bad.champion, bad.verdict) == (False, "brier 0.666667 does not beat base rate (0.25)")
    assert store.champion("failure") is None
    good = store.log(replace(trained(ByAge(20)), baselines={"base rate": {"brier": 0.7}}))
    assert good.champion
    tied = store.log(trained(ByAge(30)))
    assert (tied.champion, tied.verdict) == (False, "brier 0 does not beat champion 2 (0)")
    assert champion_of("failure", store.settings.at(f"{lake.root}/none")) is None
    again = champion_of("failure", store.settings)
    assert again is not None
    assert (again.number, again.columns) == (2, ("age_years", "maker"))
    assert again.model.predict(ROWS).tolist() == [0.0, 0.0, 1.0]
    assert [(one.number, one.champion) for one in store.versions()] == [(3, False), (2, True), (1, False)]


def test_a_promotion_is_judged_like_a_training(store: Tracking) -> None:
    store.log(trained(ByAge(5)))  # brier 1/3: no better than the base rate
    with pytest.raises(TrackingError, match=r"failure 1 is not promoted: brier 0.333333 does not beat base rate"):
        store.promote("failure")
    store.log(trained(ByAge(20)))
    store.log(trained(ByAge(40), scored_rows="other units"))
    with pytest.raises(TrackingError, match=r"failure 3 and the champion 2 were scored on different rows"):
        store.promote("failure", 3)
    with pytest.raises(TrackingError, match=r"failure: no version 9 is registered; registered: \[3, 2, 1\]"):
        store.promote("failure", 9)
    assert store.promote("failure", 2).champion


def test_a_store_that_does_not_answer_is_named(settings: Settings) -> None:
    nowhere = settings.model_copy(
        update={"tracking": settings.tracking.model_copy(update={"uri": "http://127.0.0.1:9"})}
    )
    with pytest.raises(TrackingError, match=r"MLflow at http://127\.0\.0\.1:9: .*tracking\.uri names it"):
        tracking(nowhere).champion("failure")
    with pytest.raises(TrackingError, match=r"s3a://lake is no folder for MLflow's database: name a server"):
        tracking(settings.at("s3a://lake"))


def test_the_store_lies_in_the_folder_of_the_lake(store: Tracking, lake: Lake) -> None:
    store.log(trained(ByAge(20)))
    assert (Path(lake.root) / "mlflow" / "mlflow.db").is_file()
    assert list((Path(lake.root) / "mlflow" / "artifacts" / "failure").iterdir())
