"""Training of the failure model in Spark: folds apart, planted hazard found, both ways of training, bad input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.errors import GridlakeError
from jobs.gold.asset_feature import ASSET_FEATURE
from jobs.models.failure.model import FailureModel, InputError
from jobs.models.failure.rows import CALIBRATE, SCORE, TRAIN, folds, with_folds
from jobs.models.failure.settings import FailureSettings, read_failure_settings
from jobs.models.failure.train import trained
from jobs.models.failure_probability import FAILURE_PROBABILITY, failure_probabilities
from jobs.models.training.trained import Champion, Trained
from jobs.settings import Settings
from tests.builders import frame_of

SETTINGS = FailureSettings.model_validate(
    {
        "years": {"train_from": 2001, "calibrate_every": 3, "score": 2},
        "columns": {"age_years": 1, "maximum_demand_pu": 1},
        "categories": ["manufacturer"],
        "members": 2,
        "boosting": {"num_boost_round": 60, "eta": 0.1, "min_child_weight": 10},
        "bootstrap_draws": 20,
    }
)
UNITS, YEARS = 1_500, range(2001, 2013)


@pytest.fixture(scope="module")
def labelled(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataFrame]:
    """Unit-years whose chance of failing is planted: it rises with age and load, and is twofold with maker B."""
    rng = np.random.default_rng(11)
    base, demand, maker = rng.integers(0, 40, UNITS), rng.uniform(0.2, 1.2, UNITS), rng.choice(["A", "B"], UNITS)
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "asset_id": [f"U{n}" for n in range(UNITS)], "as_of": date(year, 1, 1), "transformer_id": "T",
                    "age_years": base + year - 2001, "service_years": (base + year - 2001).astype(float),
                    "maximum_demand_pu": demand, "manufacturer": maker,
                }
            )
            for year in YEARS
        ],
        ignore_index=True,
    )  # fmt: skip
    counts = {column.name: 0 for column in ASSET_FEATURE.columns if not column.nullable and column.name not in rows}
    odds = np.exp(-5 + 0.05 * rows["age_years"] + rows["maximum_demand_pu"] + np.log(2) * (rows["manufacturer"] == "B"))
    failed = rng.random(len(rows)) < odds / (1 + odds)
    feature = frame_of(spark, tmp_path_factory.mktemp("feature"), ASSET_FEATURE, rows.assign(**counts))
    outcome = spark.createDataFrame(
        rows[["asset_id", "as_of"]].assign(failed=failed.astype(int), chance=odds / (1 + odds))
    )
    found = feature.join(outcome, ["asset_id", "as_of"]).withColumn("exposure", F.lit(1.0)).persist()
    yield found
    found.unpersist()


def run(rows: DataFrame, settings: FailureSettings = SETTINGS) -> Trained:
    def health(dates: Sequence[date]) -> DataFrame:
        """A method that knows the planted chance of every second unit, and nothing of the others."""
        known = rows.where(F.col("as_of").isin([*dates]) & (F.substring("asset_id", -1, 1).cast("int") % 2 == 0))
        return known.select("asset_id", "as_of", F.col("chance").alias("health_probability"))

    return trained(rows, settings, inputs={"gold.asset_feature": 3}, health=health, seed=1, echo=lambda line: None)


@pytest.fixture(scope="module")
def of_years(labelled: DataFrame) -> Trained:
    return run(labelled)


def test_years_that_train_calibrate_and_are_scored_are_apart(labelled: DataFrame) -> None:
    rows = with_folds(labelled, folds(labelled, SETTINGS), SETTINGS, seed=1)
    years: dict[str, set[int]] = {}
    for row in rows.select("_fold", F.year("as_of").alias("year")).distinct().collect():
        years.setdefault(row["_fold"], set()).add(row["year"])
    assert years == {
        SCORE: {2011, 2012}, CALIBRATE: {2010, 2007, 2004, 2001}, TRAIN: {2002, 2003, 2005, 2006, 2008, 2009},
    }  # fmt: skip


def test_of_one_year_units_are_apart(labelled: DataFrame) -> None:
    rows = labelled.where(F.year("as_of") == 2012)
    found = folds(rows, SETTINGS)
    shared = with_folds(rows, found, SETTINGS, seed=1).groupBy("_fold").count().collect()
    assert found.by == "unit"
    share = {row["_fold"]: row["count"] / UNITS for row in shared}
    assert share == {TRAIN: pytest.approx(0.6, abs=0.05), CALIBRATE: pytest.approx(0.2, abs=0.05),
                     SCORE: pytest.approx(0.2, abs=0.05)}  # fmt: skip


def test_a_unit_is_drawn_as_often_in_each_of_its_years_and_once_on_average(labelled: DataFrame) -> None:
    rows = with_folds(labelled, folds(labelled, SETTINGS), SETTINGS, seed=1)
    drawn = rows.groupBy("asset_id").agg(F.countDistinct("_drawn").alias("kinds"), F.first("_drawn")[0].alias("first"))
    told = drawn.agg(F.max("kinds"), F.avg("first"), F.variance("first")).first()
    assert told is not None
    assert told[0] == 1
    assert told[1] == pytest.approx(1.0, abs=0.1)  # Poisson: mean and variance 1
    assert told[2] == pytest.approx(1.0, abs=0.15)


def test_the_planted_chance_is_found_and_beats_age_alone(of_years: Trained, labelled: DataFrame) -> None:
    held = labelled.where(F.year("as_of") >= 2011).toPandas()
    slope = np.polyfit(of_years.model.predict(held)["probability"], held["chance"], 1)[0]
    assert 0.85 < slope < 1.15
    assert of_years.metrics["brier"] < of_years.baselines["weibull_of_age"]["brier"]
    assert of_years.metrics["roc_auc_p05"] < of_years.metrics["roc_auc"] < of_years.metrics["roc_auc_p95"]
    assert set(of_years.baselines) == {"logistic_regression", "weibull_of_age", "health_method", "base_rate"}
    assert of_years.rescore(of_years.model)["brier"] == of_years.metrics["brier"]


def test_the_health_method_is_scored_on_the_same_rows(of_years: Trained, labelled: DataFrame) -> None:
    """Half of the units it judges, and rightly; the others get the share of training rows that failed."""
    held = labelled.where(F.year("as_of") >= 2011).toPandas()
    base_rate = float(of_years.params["base_rate"])
    judged = held["asset_id"].str[-1].astype(int) % 2 == 0
    said = np.where(judged, held["chance"], base_rate)
    brier = np.mean((held["failed"] - said) ** 2)
    assert of_years.baselines["health_method"]["brier"] == pytest.approx(brier, rel=1e-12)
    assert of_years.params["health_method_share"] == 0.5
    assert "judges 50.0% of the rows" in " ".join(of_years.card.split())


def test_a_champion_of_other_columns_is_scored_on_the_same_rows(of_years: Trained, labelled: DataFrame) -> None:
    """It says of them what it said in its own training: the score is the same to the bit."""
    fewer = run(labelled, SETTINGS.model_copy(update={"columns": {"age_years": 1}, "categories": ()}))
    assert fewer.rescore(of_years.model)["log_loss"] == of_years.metrics["log_loss"]


def test_the_same_seed_and_rows_give_the_same_metrics(of_years: Trained, labelled: DataFrame) -> None:
    again = run(labelled.repartition(7))
    assert again.metrics == of_years.metrics
    assert again.scored_rows == of_years.scored_rows


def test_tasks_of_spark_train_as_well(of_years: Trained, labelled: DataFrame) -> None:
    spread = run(labelled, SETTINGS.model_copy(update={"distributed": True}))
    assert spread.metrics["brier"] == pytest.approx(of_years.metrics["brier"], rel=0.01)
    assert spread.metrics["roc_auc"] == pytest.approx(of_years.metrics["roc_auc"], abs=0.02)


def test_the_card_names_columns_folds_and_baselines(of_years: Trained) -> None:
    for told in ("maximum_demand_pu", "2004-01-01", "weibull_of_age", "health_method", "calibrated", "90 % intervals"):
        assert told in of_years.card


def champion(of: Trained) -> Champion:
    assert isinstance(of.model, FailureModel)
    return Champion("failure", 3, "r", of.model, tuple(of.model.inputs.names))


def test_the_table_holds_dates_whose_outcome_the_model_has_not_seen(of_years: Trained, labelled: DataFrame) -> None:
    feature = labelled.select(*ASSET_FEATURE.column_names)
    changed = feature.withColumn(
        "manufacturer", F.when(F.col("asset_id") == "U7", "Z").otherwise(F.col("manufacturer"))
    )
    rows = failure_probabilities(changed, champion=champion(of_years))
    assert rows.columns == FAILURE_PROBABILITY.column_names
    found = rows.toPandas()
    assert {day.year for day in found["as_of"]} == {2011, 2012}
    assert set(found.loc[found["unknown_category"], "asset_id"]) == {"U7"}
    assert set(found["model_version"]) == {"failure 3"}
    assert (found["top_reasons"].map(len) == 3).all()
    assert failure_probabilities(feature, champion=None).count() == 0


def test_a_champion_that_does_not_fit_is_refused(of_years: Trained, labelled: DataFrame) -> None:
    feature = labelled.select(*ASSET_FEATURE.column_names)
    with pytest.raises(InputError, match=r"failure 3 takes \['age_years'\], which gold.asset_feature does not have"):
        failure_probabilities(feature.drop("age_years"), champion=champion(of_years))
    with pytest.raises(InputError, match=r"its signature names \['age_years'\], the model takes"):
        failure_probabilities(feature, champion=replace(champion(of_years), columns=("age_years",)))
    with pytest.raises(InputError, match="failure 3 is a dict, no failure model"):
        failure_probabilities(feature, champion=replace(champion(of_years), model={}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failed", "told"), [(0, "no failure is on record among 18,000 unit-years"), (1, "every unit failed among 18,000")]
)
def test_one_class_is_refused(labelled: DataFrame, failed: int, told: str) -> None:
    with pytest.raises(GridlakeError, match=told):
        run(labelled.withColumn("failed", F.lit(failed)))


def test_no_known_outcome_is_refused(labelled: DataFrame) -> None:
    with pytest.raises(GridlakeError, match="no outcome is known: build a span that ends later"):
        run(labelled.limit(0))


def test_years_without_failures_are_named(labelled: DataFrame) -> None:
    none = F.when(F.year("as_of") >= 2011, F.lit(0)).otherwise(F.col("failed"))
    with pytest.raises(GridlakeError, match=r"no failure in the years that score \(\['2011-01-01', '2012-01-01'\]\)"):
        run(labelled.withColumn("failed", none))


def test_a_column_that_the_table_does_not_have_is_named(labelled: DataFrame) -> None:
    settings = SETTINGS.model_copy(update={"columns": {"age_years": 1, "moon_phase": 0}})
    with pytest.raises(
        GridlakeError, match=r"takes \['moon_phase'\], which gold.asset_feature does not have, and no unit"
    ):
        run(labelled, settings)


def test_the_repository_s_own_settings_name_columns_of_the_table(settings: Settings) -> None:
    own = read_failure_settings(Path(settings.conf_folder))
    assert set(own.inputs) <= set(ASSET_FEATURE.column_names)
