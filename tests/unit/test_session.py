"""Which Spark properties a session gets: those submitted, the settings' and ours (no Spark)."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.session import session_properties
from jobs.settings import Settings, read_settings

LOCAL = {"spark.master": "local[1]"}


def settings(folder: Path, properties: str = "") -> Settings:
    conf = folder / "conf.yaml"
    conf.write_text(f"spark: {{master: 'spark://ours:7077', shuffle_partitions: 7, properties: {{{properties}}}}}")
    return read_settings(conf)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("spark.master", "spark://theirs:7077"),
        ("spark.sql.shuffle.partitions", "33"),
        ("spark.ui.enabled", "true"),
        ("spark.executor.memory", "3g"),
        ("spark.app.name", "nightly"),
    ],
)
def test_what_was_submitted_is_not_set_again(tmp_path: Path, key: str, value: str) -> None:
    ours = settings(tmp_path, "spark.executor.memory: 1g")
    assert key in session_properties(ours, {}, name="gridlake")
    assert key not in session_properties(ours, {**LOCAL, key: value}, name="gridlake")


def test_what_the_lake_needs_is_set_over_what_was_submitted_but_not_over_the_settings(tmp_path: Path) -> None:
    extensions, delta = "spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension"
    submitted = {**LOCAL, "spark.sql.session.timeZone": "Asia/Tokyo", extensions: "org.example.Theirs"}
    properties = session_properties(settings(tmp_path), submitted, name="gridlake")
    assert (properties["spark.sql.session.timeZone"], properties[extensions]) == ("UTC", delta)
    both = settings(tmp_path, f"{extensions}: '{delta},org.example.Theirs'")
    assert session_properties(both, submitted, name="gridlake")[extensions] == f"{delta},org.example.Theirs"


def test_delta_goes_along_to_a_cluster_beside_jars_that_were_submitted(tmp_path: Path) -> None:
    def jars(submitted: dict[str, str]) -> list[str]:
        listed = session_properties(settings(tmp_path), submitted, name="gridlake").get("spark.jars", "")
        return [Path(jar).name.split("-")[0] for jar in listed.split(",")]

    assert {"delta", "unitycatalog"} == set(jars({}))
    assert jars({"spark.master": "yarn", "spark.jars": "/theirs.jar"})[0] == "theirs.jar"
    assert "delta" in jars({"spark.master": "yarn", "spark.jars": "/theirs.jar"})
    assert jars(LOCAL) == [""]


def test_options_of_a_jvm_that_runs_already_are_left_alone(tmp_path: Path) -> None:
    assert session_properties(settings(tmp_path), {}, name="gridlake")["spark.driver.memory"] == "6g"
    assert (
        not {"spark.driver.memory", "spark.driver.extraJavaOptions"}
        & session_properties(settings(tmp_path), LOCAL, name="gridlake").keys()
    )
