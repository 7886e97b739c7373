"""The drop folder read by the declared readers says what the truth says, and nothing but what was planted differs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jobs.errors import SourceError
from jobs.intake.drop_folder import source_paths
from jobs.intake.tasks import network_rows
from jobs.network.trace import trace
from jobs.sample.delivered import BlockReport
from jobs.sample.outages import outage_records
from jobs.sample.utility import write_sample
from jobs.sources.declaration import Source, Version, read_source
from jobs.sources.delivery import Identities, Rejects
from jobs.sources.entity import read_entity_file
from jobs.sources.simbench import read_simbench
from tests.unit.delivered import ARRIVED, KEY, delivery, read

SOURCES = Path(__file__).parents[2] / "conf" / "sources"
FLEET = 60
SPANS = {  # days -> area, low-voltage networks: two blocks with what is irregular, a leap day, both clock changes
    (date(2016, 1, 1), date(2016, 1, 9)): ("MV1.101", 3),
    (date(2016, 2, 29), date(2016, 3, 1)): ("MV3.101", 1),
    (date(2016, 3, 26), date(2016, 3, 28)): ("MV2.101", 1),
    (date(2016, 10, 29), date(2016, 10, 31)): ("MV4.101", 1),
}
INTERVAL = (
    "readings_wide",
    "readings_long",
    "readings_parquet",
    "readings_nem12",
    "readings_hourly",
    "readings_ten_minute",
)
GRID = "readings_grid"


class Sample(NamedTuple):
    drop: Path
    truth: Path
    first: date
    end: date

    def true(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.truth / f"{name}.parquet" if name != "interval_block" else self.truth / name)


def sampled(folder: Path, first: date, end: date, area: str, networks: int) -> Sample:
    sample = Sample(folder / "drop", folder / "truth", first, end)
    write_sample(
        sample.drop,
        sample.truth,
        area=area,
        first=first,
        end=end,
        low_voltage_networks=networks,
        transformers=FLEET,
        echo=lambda line: None,
    )
    return sample


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[date, date]], Sample]:
    """A sample of a span, written once."""
    return cache(lambda span: sampled(tmp_path_factory.mktemp("sample"), *span, *SPANS[span]))


@pytest.fixture(scope="module", params=list(SPANS), ids=["new_year", "leap_day", "spring", "autumn"])
def sample(request: pytest.FixtureRequest, made: Callable[[tuple[date, date]], Sample]) -> Sample:
    return made(request.param)


@pytest.fixture(scope="module")
def new_year(made: Callable[[tuple[date, date]], Sample]) -> Sample:
    return made(next(iter(SPANS)))


def entity(sample: Sample, name: str) -> tuple[Source, pa.Table, Rejects]:
    source, rejects = read_source(SOURCES / f"{name}.yaml"), Rejects()
    tables = [
        read_entity_file(delivery(source, path), Identities(KEY), rejects).rows
        for path in source_paths(source, sample.drop / name)
    ]
    return source, pa.concat_tables(tables), rejects


def reads(sample: Sample, name: str) -> tuple[pd.DataFrame, list[dict[str, object]]]:
    """Reads of one source, one a row, and the records rejected."""
    source = read_source(SOURCES / f"{name}.yaml")
    parts, rejected, seen = [], [], set()
    for path in source_paths(source, sample.drop / name):
        content = path.read_bytes()
        if content in seen:  # the ledger skips it
            continue
        seen.add(content)
        done = read(source, path)
        rejected += done.rejected
        for row in done.blocks.to_pylist():
            value = np.array(row["value"])
            start = row["start_utc"] + np.arange(len(value)) * timedelta(minutes=row["interval_minutes"])
            parts.append(
                pd.DataFrame(
                    {"meter_id": row["meter_id"], "channel": row["channel"], "at_utc": start, "version": row["version"]}
                ).assign(value=value * row["unit_factor"])
            )
    frame = pd.concat(parts, ignore_index=True)
    return frame[frame["value"].notna()], rejected


def true_reads(sample: Sample) -> pd.DataFrame:
    block = sample.true("interval_block")
    block["at_utc"] = [
        pd.Timestamp(day, tz="UTC")
        - pd.Timedelta(hours=1)
        + pd.to_timedelta(np.arange(len(values)) * minutes, unit="min")
        for day, values, minutes in zip(block["grid_date"], block["reading"], block["interval_minutes"], strict=True)
    ]
    long = block.explode(["reading", "at_utc"])
    return long.assign(channel=long["channel"].astype(str), reading=long["reading"].astype(float))[
        ["usage_point", "channel", "at_utc", "reading"]
    ]


def touched(sample: Sample) -> pd.DataFrame:
    """Channel-intervals where what was delivered differs from the truth, with the value delivered."""
    fault = sample.true("fault")
    rows = [
        (
            row.usage_point,
            row.channel,
            pd.Timestamp(row.grid_date, tz="UTC") + pd.Timedelta(minutes=15 * slot - 60),
            value,
        )
        for row in fault.itertuples()
        for slot, (value, original) in enumerate(zip(row.delivered, row.original, strict=True))
        if value is None or np.isnan(value) or value != original
    ]
    return pd.DataFrame(rows, columns=["usage_point", "channel", "at_utc", "delivered"])


def test_every_subfolder_has_its_declaration_and_every_declaration_its_subfolder(new_year: Sample) -> None:
    written = {path.name for path in new_year.drop.iterdir()}
    declared = {path.stem for path in SOURCES.glob("*.yaml") if read_source(path).synthetic}
    assert written <= declared
    assert {name for name in declared - written if not name.startswith("readings_")} == set()


def test_entity_files_are_read_without_a_reject(sample: Sample) -> None:
    for folder in sample.drop.iterdir():
        if folder.name not in (*INTERVAL, GRID, "network"):
            _, rows, rejects = entity(sample, folder.name)
            assert rejects.table().num_rows == 0, folder.name
            assert rows.num_rows > 0 or folder.name == "transformer_links"  # rare


def test_reads_say_what_the_truth_says(sample: Sample) -> None:
    meters = pd.concat([entity(sample, f"meters_{name}")[1].to_pandas() for name in ("ami", "plc", "mdm")])
    stands = meters.sort_values("version").groupby(["source", "meter_id", "valid_from_utc"], dropna=False)
    meters = stands.tail(1)  # a factor that was corrected
    hashed = {KEY.hashed("premises", point): point for point in sample.true("usage_point")["usage_point"]}
    true = true_reads(sample)
    for name in INTERVAL:
        if not (sample.drop / name).exists():
            continue
        frame, _ = reads(sample, name)
        known = frame[
            frame["meter_id"].isin(meters["meter_id"]) & (frame["at_utc"] < pd.Timestamp("2020-01-01", tz="UTC"))
        ]
        key = ["meter_id", "channel", "at_utc"]
        last = known[known["version"] == known.groupby(key)["version"].transform("max")]
        agreed = last.groupby(key, as_index=False).agg(
            value=("value", "first"), lowest=("value", "min"), highest=("value", "max")
        )
        agreed = agreed[agreed["lowest"] == agreed["highest"]]
        at = agreed.merge(meters, on="meter_id")
        at = at[(at["valid_from_utc"] <= at["at_utc"]) & ~(at["valid_to_utc"] <= at["at_utc"])]
        at = at.assign(usage_point=at["usage_point_id"].map(hashed), value=at["value"] * at["multiplier"])
        both = true.merge(at, on=["usage_point", "channel", "at_utc"], how="right", validate="one_to_one").merge(
            touched(sample), on=["usage_point", "channel", "at_utc"], how="left"
        )
        expected = both["delivered"].fillna(both["reading"])
        assert len(both) > 0
        np.testing.assert_allclose(both["value"], expected, atol=1e-6, err_msg=name)
        absent = len(true[true["usage_point"].isin(both["usage_point"])]) - len(both)
        gaps = touched(sample).query("delivered.isna()")["usage_point"].isin(both["usage_point"]).sum()
        conflicts = 4 * sample.true("irregular").query("kind == 'conflict' and source == @name").shape[0]
        assert absent == gaps + conflicts, name


def test_counts_are_those_of_the_files(sample: Sample) -> None:
    count = sample.true("count").set_index(["source", "what"])["channel_intervals"]
    for name in (*INTERVAL, GRID):
        if (sample.drop / name).exists():
            frame, rejected = reads(sample, name)
            assert count.get((name, "readings")) == len(frame) + sum(row["reads"] for row in rejected), name


def test_irregular_deliveries_are_there_once_in_a_block(new_year: Sample) -> None:
    kinds = new_year.true("irregular").query("source == 'readings_wide'")["kind"].value_counts()
    twice = ("late", "corrected", "duplicate", "conflict", "unknown_meter", "unknown_register")
    assert dict(kinds) == dict.fromkeys(twice, 2) | {"file_twice": 1}
    contents = [path.read_bytes() for path in (new_year.drop / "readings_wide").iterdir()]
    assert len(contents) - len(set(contents)) == 1


def test_a_meter_is_exchanged_on_the_second_day_and_two_usage_points_move(new_year: Sample) -> None:
    exchange = new_year.true("meter_exchange")
    assert date(2016, 1, 2) in exchange["day"].tolist()
    _, meters, _ = entity(new_year, "meters_ami")
    plots = new_year.true("unmeasured").query("kind == 'plot'")["usage_point"].nunique()
    assert meters.num_rows == len(new_year.true("usage_point").query("namespace == 'ami'")) + len(exchange) + plots
    links = pd.read_csv(new_year.drop / "transformer_links" / "transformer_links.csv")
    of_model = links["premise"].isin(new_year.true("usage_point")["usage_point"])  # the others stand in links alone
    assert (links[of_model].groupby("premise")["transformer"].nunique() == 2).all()
    moved = new_year.true("connectivity").query("from_date == @moved_on", local_dict={"moved_on": date(2016, 1, 3)})
    assert len(moved) >= 1  # at noon of the second day: from the third


def test_two_head_ends_share_meter_numbers(new_year: Sample) -> None:
    point = new_year.true("usage_point")
    shared = set(point.query("namespace == 'ami'")["meter"]) & set(point.query("namespace == 'plc'")["meter"])
    assert shared


def test_outages_are_recorded_by_position_at_their_time() -> None:
    dark = {"network": "LV2.101", "grid_date": date(2016, 7, 1), "first_slot": 94, "slots": 2}
    position = pd.DataFrame({"network": ["LV1.101", "LV2.101"], "transformer": ["T1", "T2"], "customers": [31, 47]})
    recorded = outage_records([BlockReport(), BlockReport(outages=[dark])], position)
    (row,) = recorded.to_dict("records")
    assert (row["number"], row["position"]) == ("201607012230-LV2.101", "T2")
    assert (row["customers"], row["planned"]) == (47, False)
    assert (str(row["from_utc"]), str(row["to_utc"])) == ("2016-07-01 22:30:00+00:00", "2016-07-01 23:00:00+00:00")
    assert outage_records([BlockReport()], position).columns.tolist() == recorded.columns.tolist()


def test_a_day_is_the_same_in_a_longer_span(new_year: Sample, tmp_path: Path) -> None:
    later = date(2016, 1, 6)
    short = sampled(tmp_path, later, new_year.end, *SPANS[new_year.first, new_year.end])
    key = ["usage_point", "channel", "grid_date"]
    for name, column in (("interval_block", "reading"), ("fault", "delivered")):
        long = new_year.true(name)
        long = long[long["grid_date"] >= later].sort_values(key, ignore_index=True)
        again = short.true(name).sort_values(key, ignore_index=True)
        assert long[key].astype(str).equals(again[key].astype(str))
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(long[column], again[column], strict=True))


def test_the_delivered_network_hangs_every_usage_point_where_the_truth_says(sample: Sample) -> None:
    model = read_simbench(*(sample.drop / "network").glob("model_*"))
    traced = trace(model.node, model.branch, model.connection)
    assert traced.rejected.num_rows == 0
    found = traced.connectivity.to_pandas().set_index("connection_id")["transformer_id"]
    point = sample.true("usage_point").set_index("usage_point")
    assert set(found.index) == set(point.index)
    low = point[point["supply_level"] == "lv"]
    of_network = sample.true("position").set_index("network")["transformer"]  # by SimBench's name of the network
    assert (found[low.index] == low["network"].map(of_network)).all()


def test_the_delivered_network_is_known_a_day_after_the_day_in_its_name(new_year: Sample) -> None:
    source = read_source(SOURCES / "network.yaml")
    (folder,) = source_paths(source, new_year.drop / "network")
    assert folder.name == "model_20151230"

    def marks(**changed: object) -> set[tuple[object, ...]]:
        of = delivery(source.model_copy(update=changed), folder)
        names = ("valid_from_utc", "known_from_utc", "known_from_basis")
        return {row for table in network_rows(of, Identities(KEY)).values()
                for row in zip(*(table[name].unique().to_pylist() for name in names), strict=True)}  # fmt: skip

    exported, arrived = pd.Timestamp("2015-12-30", tz="UTC"), pd.Timestamp(ARRIVED, tz="UTC")
    assert marks() == {(exported, exported + timedelta(days=1), "lag")}
    assert marks(lag=None) == {(exported, arrived, "arrival")}
    assert marks(lag=None, version=Version()) == {(arrived, arrived, "arrival")}


def test_delivered_never_exceeds_the_limit_but_by_a_fault(sample: Sample) -> None:
    limit = sample.true("usage_point").set_index("usage_point")["limit_kw"]
    block = sample.true("interval_block").query("channel in ('delivered', 'received')")
    kw = np.array([values.max() for values in block["reading"]]) * 60 / block["interval_minutes"] / 1000
    assert (kw.to_numpy() <= block["usage_point"].map(limit).to_numpy()).all()


def test_received_and_reactive_channels_stand_where_the_design_says(sample: Sample) -> None:
    point = sample.true("usage_point").set_index("usage_point")
    channels = sample.true("interval_block").groupby("usage_point")["channel"].agg(lambda names: set(map(str, names)))
    sun = (point["pv_kw"] > 0) | (point["kind"] == "generation")
    assert all(("received" in channels[name]) == sun[name] for name in point.index)
    reactive = point["supply_level"].eq("mv") | point["reactive"]
    assert all(("reactive_delivered" in channels[name]) == reactive[name] for name in point.index)
    assert not point.query("supply_level == 'lv' and customer_class.str.startswith('household')")["reactive"].any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"area": "MV9.1"}, "MV9.1"),
        ({"end": date(2017, 2, 1)}, "SimBench's year"),
        ({"truth": "drop/truth"}, "lies in the drop folder"),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    values = {"area": "MV1.101", "first": date(2016, 1, 1), "end": date(2016, 1, 2), "truth": "truth"} | change
    truth = tmp_path / str(values.pop("truth"))
    with pytest.raises(SourceError, match=message):
        write_sample(tmp_path / "drop", truth, echo=print, **values)  # type: ignore[arg-type]
