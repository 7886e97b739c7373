"""The supplier scorecard apart from Spark: planted bad batches found, old units' maker not accused, levels apart."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from jobs.gold.suppliers.scorecard import CELL, scorecard
from jobs.gold.suppliers.settings import SupplierSettings
from jobs.sample.unit_lives import OLD_MAKER
from tests.supplier_score import SCORED, scored

SETTINGS = SupplierSettings(columns={"age_years": 1}, categories=())


def cells(*rows: tuple[str | None, str | None, str | None, int, float, int], **more: Any) -> pd.DataFrame:
    """Maker, type, batch, age, exposure and failures of each cell; half of it in either fold."""
    names = ["manufacturer", "type_name", "batch", "age_years", "exposure_years", "failures"]
    frame = pd.DataFrame(rows, columns=names).assign(
        year=2010, units=100, unit_years=100, complaints=0, outages=0, fold=0
    )
    frame = frame.assign(**more)
    halves = [frame.assign(fold=fold, **{name: frame[name] / 2 for name in CELL}) for fold in (0, 1)]
    return pd.concat(halves, ignore_index=True)


def fleet(*, bad: float = 3.0, ages: tuple[int, int] = (20, 20)) -> pd.DataFrame:
    """Two makers of ten batches, 2 % failures a year at age 20 and 6 % at 40; batch A0 is ``bad`` times as bad."""
    rows = []
    for maker, age in zip("AB", ages, strict=True):
        for number in range(10):
            rate = (0.02 if age == 20 else 0.06) * (bad if (maker, number) == ("A", 0) else 1)
            rows.append((maker, f"{maker}-type", f"{maker}{number}", age, 1000.0, round(1000 * rate)))
    rows.append(("C", "C-type", "C0", 40, 1000.0, 60))  # age 40 is known of others, too
    return cells(*rows)


def by_group(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {str(row["group_id"]): dict(row) for row in rows.to_dict("records")}


def test_bad_batches_of_fleets_are_found_and_the_maker_of_old_units_is_not_accused() -> None:
    """On fleets that no setting was chosen on: at least 0.7 found, at most 0.2 of the accusations wrong."""
    planted = listed = found = 0
    for seed in list(SCORED)[:2]:
        score, rows = scored(seed, SupplierSettings())
        planted, listed = planted + len(score.planted), listed + len(score.listed)
        found += len(score.listed & score.planted)
        makers = by_group(rows[rows["group_level"] == "maker"])
        assert makers[OLD_MAKER]["crude_ratio"] > 1.6
        assert {row["listed_as"] for row in makers.values()} == {"none"}
        assert makers[OLD_MAKER]["relative_rate"] == pytest.approx(1, abs=0.05)
    assert planted == 6
    assert found >= 0.7 * planted
    assert listed - found <= 0.2 * listed


def test_a_bad_batch_is_named_with_its_evidence_and_its_maker_and_model_are_not() -> None:
    found = by_group(scorecard(fleet(), SETTINGS))
    bad = found["A / A0"]
    assert bad["listed_as"] == "blacklist"
    assert bad["failures"] == 60
    assert bad["relative_rate_low"] > 1
    assert re.fullmatch(
        r"\d\.\d\d times the failures expected, shrunk \(at least 1\.1\); false discovery rate .* \(at most 0\.05\)",
        bad["reason"],
    )
    assert bad["evidence"][0].startswith("60 failures where ")
    for group in ("A", "A / A-type"):
        assert found[group]["listed_as"] == "none"
        assert found[group]["failures"] == 240
        assert found[group]["failures_apart"] == 180  # without the batch
        assert any(
            "without what is listed of it at a smaller level: 180 failures" in one for one in found[group]["evidence"]
        )
    assert [name for name, row in found.items() if row["listed_as"] != "none"] == ["A / A0"]
    assert found["A / A1"]["reason"] is None


def test_a_maker_whose_units_are_old_is_crudely_bad_and_not_accused() -> None:
    found = by_group(scorecard(fleet(bad=1.0, ages=(40, 20)), SETTINGS))
    assert found["A"]["crude_ratio"] == pytest.approx(0.06 * 21 / (0.06 * 11 + 0.02 * 10))
    assert found["A"]["expected_failures"] == pytest.approx(600, rel=0.01)
    assert {row["listed_as"] for row in found.values()} == {"none"}


def test_a_maker_all_of_whose_batches_are_somewhat_bad_is_listed_itself() -> None:
    """60 small batches a maker, 3 failures expected of each: 1.5 times as many tell of the maker, not of a batch."""
    rng = np.random.default_rng(3)
    rows = [
        (maker, None, f"{maker}{n}", 20, 100.0, int(rng.poisson(3 * rate)))
        for maker, rate in (("A", 1.5), ("B", 1.0), ("C", 1.0), ("D", 1.0))
        for n in range(60)
    ]
    found = by_group(scorecard(cells(*rows), SETTINGS))
    assert found["A"]["listed_as"] == "blacklist"
    assert [found[name]["listed_as"] for name in "BCD"] == ["none"] * 3


def test_complaints_alone_bring_a_batch_on_the_watch_list_at_most() -> None:
    loud = fleet(bad=1.0)
    loud["complaints"] = np.where(loud["batch"] == "A0", 30.0, 2.0)
    found = by_group(scorecard(loud, SETTINGS))
    assert found["A / A0"]["listed_as"] == "watch_list"
    assert "complaints of the unit" in found["A / A0"]["reason"]
    assert found["A / A0"]["failures_false_discovery_rate"] > 0.3


def test_units_without_maker_or_batch_count_in_what_is_expected_and_in_no_group() -> None:
    rows = scorecard(cells((None, None, None, 20, 1000.0, 20), ("A", None, "A0", 20, 1000.0, 20)), SETTINGS)
    assert rows["group_id"].tolist() == ["A / A0", "A"]
    assert rows["expected_failures"].tolist() == pytest.approx([20, 20])


def test_a_fleet_without_failures_accuses_nobody() -> None:
    rows = scorecard(cells(("A", "t", "A0", 20, 10.0, 0), ("B", "t", "B0", 20, 10.0, 0)), SETTINGS)
    assert set(rows["listed_as"]) == {"none"}
    assert rows["crude_ratio"].isna().all()
    assert rows["relative_rate"].tolist() == pytest.approx([1.0] * len(rows))
    assert rows["failures_false_discovery_rate"].isna().all()


def test_a_register_that_names_no_maker_has_no_groups() -> None:
    assert scorecard(cells((None, None, None, 20, 10.0, 1)), SETTINGS).empty


def test_the_order_of_cells_does_not_matter() -> None:
    given = fleet()
    mixed = given.sample(frac=1, random_state=1, ignore_index=True)
    pd.testing.assert_frame_equal(scorecard(given, SETTINGS), scorecard(mixed, SETTINGS), check_exact=True)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"columns": {"manufactured_year": 1}}, "manufactured_year: expected numbers rest on no column that tells"),
        ({"categories": ["batch"]}, "batch: expected numbers rest on no column"),
        ({"columns": {"age_years": 0}}, "the step of age_years is not above 0"),
        ({"blacklist_share": 0.2}, "blacklist_share is above watch_share"),
    ],
)
def test_settings_that_would_excuse_a_batch_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        SupplierSettings.model_validate(given)
