"""The sample's balances by transformer: who is suspect against what was planted, on other seeds than the default.

What validation makes of planted faults of meters is taken as done: what it has a rule for is estimated, or flagged and
kept, as the rule says; the other faults stand as they were delivered. The chain as a whole is another test's.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.bronze.entity import ENTITIES
from jobs.bronze.network_branch import NETWORK_BRANCH
from jobs.bronze.network_connection import NETWORK_CONNECTION
from jobs.bronze.network_node import NETWORK_NODE
from jobs.gold.balance.energy_balance import balance_options
from jobs.gold.line_loss_coefficient import line_loss_coefficients
from jobs.gold.profile.sums import profile_options
from jobs.gold.transformer_energy_balance import transformer_energy_balances
from jobs.gold.transformer_profile import transformer_profiles
from jobs.gold.usage_point_day import usage_point_days
from jobs.sample.faults import KINDS
from jobs.sample.utility import write_sample
from jobs.settings import Settings
from jobs.silver.asset import ASSET
from jobs.silver.asset_deployment import ASSET_DEPLOYMENT
from jobs.silver.connectivity import connectivities
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.meter import METER
from jobs.silver.network_branch import network_branches
from jobs.silver.power_transformer import POWER_TRANSFORMER
from jobs.silver.profiled_block import PROFILED_BLOCK
from jobs.silver.usage_point import USAGE_POINT
from jobs.silver.validation import RULE_TABLE
from jobs.sources.declaration import read_source
from jobs.sources.simbench import read_simbench
from jobs.span import Span
from kernels.quality import ESTIMATED_LIKE_DAY, MISSING, SUSPECT, VALID
from tests.builders import frame, frame_of
from tests.unit.delivered import KEY, read

pytest.importorskip("simbench")
SPAN = Span(date(2016, 1, 1), date(2016, 1, 17))
NETWORKS = 24
SEEDS = (2, 3)
GRID = read_source(Path(__file__).parents[2] / "conf" / "sources" / "readings_grid.yaml")
PLACE = ["transformer_id", "feeder_id"]


class Sample:
    """What one seed delivered and what is true of it; ids begin with the seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.drop, self.truth, self.seed = folder / "drop", folder / "truth", f"s{seed}:"
        write_sample(
            self.drop, self.truth, first=SPAN.first, end=SPAN.end, seed=seed, low_voltage_networks=NETWORKS,
            echo=lambda line: None,
        )  # fmt: skip

    def true(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.truth / (name if name == "interval_block" else f"{name}.parquet"))

    def named(self, text: pd.Series) -> pd.Series:
        return (self.seed + text).where(text.notna(), None)

    def blocks(self) -> pd.DataFrame:
        """Rows of silver.interval_block: customers and total meters."""
        point = self.true("usage_point").set_index("usage_point")
        own = self.true("interval_block").astype({"channel": str})
        place = self.true("connectivity").query("from_date <= @day < to_date", local_dict={"day": SPAN.first})
        own = own.merge(place.set_index("usage_point")[["transformer", "feeder"]], on="usage_point")
        own["reading_quality"] = [np.full(len(one), VALID) for one in own["reading"]]
        faulty = self.true("fault").set_index(["usage_point", "channel", "grid_date"])
        own = own.set_index(["usage_point", "channel", "grid_date"]).join(faulty[["kind", "delivered"]]).reset_index()
        hit = own["delivered"].notna()
        judged = [_judged(*row) for row in own.loc[hit, ["kind", "reading", "delivered"]].itertuples(index=False)]
        own.loc[hit, "reading"] = pd.Series([one for one, _ in judged], own.index[hit])
        own.loc[hit, "reading_quality"] = pd.Series([one for _, one in judged], own.index[hit])
        taken = point.loc[own["usage_point"]]
        own = own.assign(
            kind=taken["kind"].to_numpy(),
            customer_class=taken["customer_class"].to_numpy(),
            reactive_metered=taken["reactive"].to_numpy(),
            counts_as_meter=own["channel"] == "delivered",
        )
        both = pd.concat([own[own["transformer"].notna()], self.grid()], ignore_index=True)
        both["unit"] = np.where(both["channel"].str.startswith("reactive"), "varh", "Wh")
        both["energy"] = [int(np.sum(one)) for one in both["reading"]]
        names = dict(zip(("usage_point", "transformer", "feeder"), ("usage_point_id", *PLACE), strict=True))
        return both.assign(**{new: self.named(both[old]) for old, new in names.items()}).drop(columns=list(names))

    def grid(self) -> pd.DataFrame:
        """Reads of the total meters by the factor that the register has."""
        meter = pd.read_csv(self.drop / "meters_grid" / "meters_grid.csv", dtype={"meter": str})
        meter = meter.assign(meter_id=[KEY.hashed("grid", one) for one in meter["meter"]])
        link = pd.read_csv(self.drop / "transformer_links" / "transformer_links.csv")
        meter = meter.merge(link, left_on="point", right_on="premise").dropna(subset=["transformer"])
        rows = []
        for path in sorted((self.drop / "readings_grid").iterdir()):
            blocks = read(GRID, path).blocks.to_pandas().merge(meter, on="meter_id")
            for one in blocks.to_dict("records"):
                value = np.asarray(one["value"], np.float64) * one["unit_factor"] * one["factor"]
                gone = np.isnan(value)
                shared = {"usage_point": one["point"], "channel": one["channel"], "kind": "transformer_total",
                          "customer_class": "grid", "transformer": one["transformer"], "feeder": one["feeder"],
                          "interval_minutes": 15, "counts_as_meter": one["channel"] == "delivered",
                          "reactive_metered": False}  # fmt: skip
                day = (one["start_utc"] + pd.Timedelta(hours=1)).date()
                for n, at in enumerate(range(0, len(value), 96)):
                    slots = slice(at, at + 96)
                    rows.append(
                        shared
                        | {"grid_date": day + pd.Timedelta(days=n).to_pytimedelta()}
                        | {"reading": np.rint(np.nan_to_num(value[slots])).astype(np.int32)}
                        | {"reading_quality": np.where(gone[slots], MISSING, VALID)}
                    )
        return pd.DataFrame(rows)

    def modelled(self) -> pd.DataFrame:
        """Rows of silver.profiled_block: lamps as they burn, plots as evenly as their yearly estimate says."""
        apart = self.true("unmeasured")
        link = pd.read_csv(self.drop / "transformer_links" / "transformer_links.csv").set_index("premise")
        point = (
            pd.read_csv(self.drop / "usage_points" / "usage_points.csv").set_index("premise").loc[apart["usage_point"]]
        )
        even = np.rint(point["annual_kwh"].to_numpy() * 1000 / (366 * 96))
        lamp = (apart["kind"] == "lamp").to_numpy()
        return pd.DataFrame(
            {
                "grid_date": apart["grid_date"],
                "interval_minutes": 15,
                "series": np.where(lamp, "unmetered", "profiled"),
                "reading": [
                    wh if own else np.full(96, same) for wh, own, same in zip(apart["wh"], lamp, even, strict=True)
                ],
                "transformer_id": self.named(link.loc[apart["usage_point"], "transformer"]).to_numpy(),
            }
        )

    def meters(self) -> pd.DataFrame:
        """Rows of silver.meter."""
        point = self.true("usage_point")
        own = pd.DataFrame({"usage_point_id": point["usage_point"], "multiplier": point["multiplier"]})
        grid = pd.read_csv(self.drop / "meters_grid" / "meters_grid.csv")
        grid = pd.DataFrame(
            {
                "usage_point_id": grid["point"],
                "multiplier": grid["factor"],
                "meter_error_limit": grid["class_percent"] / 100,
                "current_transformer_error_limit": grid["ct_class_percent"] / 100,
            }
        )
        both = pd.concat([own, grid])
        return both.assign(usage_point_id=self.named(both["usage_point_id"]))

    def model(self) -> dict[str, pd.DataFrame]:
        """Rows of the bronze tables of the network model."""
        (folder,) = (self.drop / "network").iterdir()
        network = read_simbench(folder)
        mark = {"file_id": self.seed, "source": "network", "network": self.seed[:-1], "synthetic": True}
        mark |= dict.fromkeys(("valid_from_utc", "known_from_utc"), pd.Timestamp("2015-12-30", tz="UTC"))
        mark |= {"known_from_basis": "lag"}
        parts = {name: getattr(network, name).to_pandas().assign(**mark) for name in ("node", "branch", "connection")}
        connection = parts["connection"]
        return parts | {"connection": connection.assign(connection_id=self.named(connection["connection_id"]))}


def _judged(kind: str, true: np.ndarray, came: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What validation makes of a day with a planted fault."""
    came = np.array(came, np.float64)
    rule = RULE_TABLE.get(kind.split("_after")[0].split("_over")[0])
    differs = np.isnan(came) | (came != true)
    if not KINDS[kind].has_rule or rule is None:
        return np.nan_to_num(came).astype(np.int32), np.where(np.isnan(came), MISSING, VALID)
    if rule.disposition == "flag":
        return came.astype(np.int32), np.where(differs, SUSPECT, VALID)
    return true, np.where(differs, ESTIMATED_LIKE_DAY, VALID)


@pytest.fixture(scope="module")
def balances(
    spark: SparkSession, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the balance, and what was planted behind transformers that have a total meter."""
    tables = tmp_path_factory.mktemp("tables")
    samples = [Sample(tmp_path_factory.mktemp("balance"), seed) for seed in SEEDS]

    def all_of(rows: str) -> pd.DataFrame:
        return pd.concat([getattr(one, rows)() for one in samples], ignore_index=True)

    model = [one.model() for one in samples]
    node, branch, connection = (
        frame_of(spark, tables, table, pd.concat([one[name] for one in model], ignore_index=True))
        for table, name in ((NETWORK_NODE, "node"), (NETWORK_BRANCH, "branch"), (NETWORK_CONNECTION, "connection"))
    )
    blocks = frame_of(spark, tables, INTERVAL_BLOCK, all_of("blocks")).cache()
    points = frame_of(spark, tables, USAGE_POINT, all_of("meters")[["usage_point_id"]])
    options = profile_options(settings, SPAN)
    profile = transformer_profiles(
        blocks, frame_of(spark, tables, PROFILED_BLOCK, all_of("modelled")), frame(spark, POWER_TRANSFORMER), **options
    ).cache()
    day = usage_point_days(blocks, utc_offset=settings.grid_time.offset).cache()
    links = connectivities(
        node, branch, connection, frame(spark, ENTITIES["connectivity"]), frame(spark, POWER_TRANSFORMER), points
    )
    coefficient = line_loss_coefficients(
        _accepted(network_branches(node, branch, connection)),
        _accepted(links),
        day,
        utc_offset=settings.grid_time.offset,
    )
    rows = transformer_energy_balances(
        profile, blocks, day, frame_of(spark, tables, METER, all_of("meters")), frame(spark, ASSET_DEPLOYMENT),
        frame(spark, ASSET), coefficient, **balance_options(settings, SPAN),
    )  # fmt: skip
    fault = pd.concat([one.true("balance_fault").assign(seed=one.seed) for one in samples]).dropna(subset="transformer")
    return rows.toPandas(), fault.assign(transformer_id=fault["seed"] + fault["transformer"])


def _accepted(rows: DataFrame) -> DataFrame:
    return rows.where("_outcome = 'accepted'")


def test_planted_theft_and_wrong_factors_are_found(balances: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """By transformer that has a total meter: one is at fault where anything was planted behind it or at it."""
    rows, fault = balances
    month = rows[rows["period_kind"] == "month"]
    assert len(month) > 35
    at_fault = month["transformer_id"].isin(fault["transformer_id"])
    accused = month["suspect"]
    assert at_fault.sum() >= 8
    assert (at_fault & accused).sum() >= 0.7 * at_fault.sum()
    assert (accused & ~at_fault).sum() <= 0.2 * accused.sum()
    assert sorted(month.loc[accused, "rank"]) == list(range(1, accused.sum() + 1))
    assert month.loc[~accused, "rank"].isna().all()


def test_without_a_fault_the_uncertainty_is_about_what_is_unexplained(
    balances: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """The ratio of the two has a standard deviation near 1 over areas in which nothing was planted."""
    rows, fault = balances
    month = rows[rows["period_kind"] == "month"]
    clean = month[~month["transformer_id"].isin(fault["transformer_id"])]
    ratio = clean["unexplained_wh"] / clean["standard_uncertainty_wh"]
    assert 0.5 <= ratio.quantile(0.84) - ratio.quantile(0.16) <= 3.0
    assert (clean["line_loss_basis"] == "computed").all()
