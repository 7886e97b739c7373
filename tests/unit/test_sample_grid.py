"""What the sample's own meters of the grid read: all that was taken behind them, and what was lost on the way."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jobs.sample.utility import write_sample
from jobs.sources.declaration import read_source
from tests.unit.delivered import KEY, read

pytest.importorskip("simbench")
FIRST, END = date(2016, 1, 1), date(2016, 1, 4)
NETWORKS = 12
SOURCE = read_source(Path(__file__).parents[2] / "conf" / "sources" / "readings_grid.yaml")
METER_LIMIT = 0.015  # of a customer's meter and its transformers, by class


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("grid")
    write_sample(
        made / "drop", made / "truth", first=FIRST, end=END, low_voltage_networks=NETWORKS, echo=lambda line: None
    )
    return made


def true(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "truth" / (name if name == "interval_block" else f"{name}.parquet"))


@pytest.fixture(scope="module")
def taken(folder: Path) -> pd.DataFrame:
    """By usage point: where it hangs, what its meter should have delivered of active energy, and what was planted."""
    block = true(folder, "interval_block").astype({"channel": str})
    block = block[~block["channel"].str.startswith("reactive")]
    sign = np.where(block["channel"] == "delivered", 1, -1)
    block["wh"] = [int(np.sum(one)) for one in block["reading"]] * sign
    place = true(folder, "connectivity").query("from_date <= @day < to_date", local_dict={"day": FIRST})
    fault = true(folder, "balance_fault").set_index("usage_point")["recorded_share"]
    own = place.set_index("usage_point").join(block.groupby("usage_point")["wh"].sum())
    gross = block.assign(wh=block["wh"].abs()).groupby("usage_point")["wh"].sum()
    return own.assign(gross=gross, share=fault.reindex(own.index).fillna(1.0))


def apart(folder: Path) -> pd.Series:
    """Energy without interval meters by transformer."""
    wh = true(folder, "unmeasured").assign(wh=lambda rows: [int(np.sum(one)) for one in rows["wh"]])
    links = pd.read_csv(folder / "drop" / "transformer_links" / "transformer_links.csv").set_index("premise")
    return wh.groupby(wh["usage_point"].map(links["transformer"].to_dict()))["wh"].sum()


def test_through_a_transformer_goes_what_is_taken_behind_it_and_lost_in_its_lines(
    folder: Path, taken: pd.DataFrame
) -> None:
    """What a tampered meter records is a share of what is taken: the rest was taken too."""
    loss = true(folder, "grid_loss").query("level == 'lv'").groupby("place")[["wh", "line_wh"]].sum()
    moved = set(true(folder, "connectivity").query("from_date > @day", local_dict={"day": FIRST})["usage_point"])
    touched = set(taken[taken.index.isin(moved)]["transformer"]) | set(true(folder, "outage")["network"])
    sums = (taken["wh"] / taken["share"]).groupby(taken["transformer"]).sum() + apart(folder)
    gross = (taken["gross"] / taken["share"]).groupby(taken["transformer"]).sum()
    compared = [place for place in loss.index if place not in touched]
    assert len(compared) >= 8
    for place in compared:
        accounted = sums[place] + loss.at[place, "line_wh"]
        assert abs(loss.at[place, "wh"] - accounted) <= METER_LIMIT * gross[place], place
    assert (loss["line_wh"] > 0).all()


def test_at_a_feeder_s_head_goes_what_its_transformers_take_and_lose(folder: Path, taken: pd.DataFrame) -> None:
    loss = true(folder, "grid_loss").groupby(["level", "place"])[["wh", "line_wh", "transformer_wh"]].sum()
    position = true(folder, "position")
    at_medium = taken[taken["supply_level"] == "mv"]
    for feeder, own in position.groupby("feeder"):
        behind = loss.loc["lv"].loc[own["transformer"]]
        direct = at_medium[at_medium["feeder"] == feeder]
        accounted = behind["wh"].sum() + behind["transformer_wh"].sum() + (direct["wh"] / direct["share"]).sum()
        head = loss.loc[("mv", feeder)]
        allowed = METER_LIMIT * (direct["gross"] / direct["share"]).sum() + 1e-6 * abs(head["wh"])
        assert abs(head["wh"] - head["line_wh"] - accounted) <= allowed, feeder


def test_a_total_meter_delivers_what_went_through_by_its_class_and_a_wrong_factor(folder: Path) -> None:
    meter = pd.read_csv(folder / "drop" / "meters_grid" / "meters_grid.csv", dtype={"meter": str})
    links = pd.read_csv(folder / "drop" / "transformer_links" / "transformer_links.csv").set_index("premise")
    place = meter["point"].map(links["transformer"].to_dict()).fillna(meter["point"].map(links["feeder"].to_dict()))
    by_id = meter.assign(place=place).set_index([[KEY.hashed("grid", one) for one in meter["meter"]]])
    (path,) = (folder / "drop" / "readings_grid").iterdir()
    blocks = read(SOURCE, path).blocks.to_pandas()
    through = true(folder, "grid_loss").groupby("place")["wh"].sum()
    wrong = true(folder, "balance_fault").set_index("usage_point")["recorded_share"]
    whole = 0
    for meter_id, of_meter in blocks.groupby("meter_id"):
        own = by_id.loc[str(meter_id)]
        values = np.concatenate([np.asarray(one, np.float64) for one in of_meter["value"]])
        if np.isnan(values).any():
            continue
        signs = np.where(of_meter["channel"] == "delivered", 1.0, -1.0)
        sums = [np.sum(one) for one in of_meter["value"]]
        read_wh = float(np.dot(signs, sums)) * of_meter["unit_factor"].iloc[0] * own["factor"]
        limit = (own["class_percent"] + own["ct_class_percent"]) / 100
        expected = through[own["place"]] * wrong.get(own["point"], 1.0)
        gross = sum(sums) * of_meter["unit_factor"].iloc[0] * own["factor"]
        assert abs(read_wh - expected) <= limit * gross * 1.02, own["point"]
        whole += 1
    assert whole >= 10


def test_customers_files_know_nothing_of_what_was_planted(folder: Path) -> None:
    """No folder of the drop names a fault; only the truth does."""
    fault = true(folder, "balance_fault")
    assert set(fault["kind"]) <= {"theft", "wrong_multiplier"}
    assert fault["recorded_share"].between(0.05, 2.0).all()
    for path in (folder / "drop" / "meters_grid").iterdir():
        header = path.read_text().splitlines()[0]
        assert header == "meter,point,installed_at,removed_at,factor,class_percent,ct_class_percent"
