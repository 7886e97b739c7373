"""Airflow's tasks are made from a committed plan: it must be what `gridlake plan` says."""

import json

import pytest

from jobs.cli import main
from tests.conftest import ROOT


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["plan", *arguments])
    assert not ended.value.code
    return capsys.readouterr().out


def test_the_committed_plan_is_that_of_the_declarations(capsys: pytest.CaptureFixture[str]) -> None:
    committed = (ROOT / "airflow_dags" / "plan.json").read_text()
    assert committed == told(capsys, "--format", "json"), "write it again: make airflow-plan"
    assert [one["table"] for one in json.loads(committed)] == told(capsys).split()
