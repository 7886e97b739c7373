"""How well the rules find planted faults: recall and precision by kind, and how often clean readings are named.

A *fault* is one planted event (it may last days); a *finding* is one row of ``silver.reading_flag``. A finding is
*of the kind* where its rule is one of ``RULES_OF_KIND``, and *overlaps* a fault where they share a channel-interval.
A fault is *judged* where the first of these rules ran on its first day (it may lack history; and what has been so
for days is the level of a channel).

- recall by fault = judged faults of the kind with an overlapping finding of the kind / judged faults of the kind
- recall by reading = channel-intervals of these faults that findings of the kind cover / all of them
- precision of a rule = its findings that overlap a planted fault, of whatever kind / its findings
- false flags = clean channel-intervals that some finding covers / clean channel-intervals
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import functions as F

from jobs.errors import SourceError
from jobs.protected.identifier import IDENTIFIER
from jobs.query.snapshot import Snapshot
from jobs.silver.interval_block import INTERVAL_BLOCK
from jobs.silver.reading_flag import READING_FLAG

RULES_OF_KIND: dict[str, tuple[str, ...]] = {
    "catch_up_after_gap": ("catch_up",),
    "catch_up_after_zero": ("catch_up",),
    "catch_up_over_midnight": ("catch_up",),
    "zero_run": ("zero_run", "zero_day"),
    "low": ("low", "zero_run"),
}
"""Rules made for a kind of planted fault; any other kind that has a rule bears its rule's name."""

TRUTH_COLUMNS = ("usage_point", "channel", "grid_date", "first_slot", "slots", "kind", "has_rule", "began")
RECALL_NEEDED = 0.9
"""Recall by fault of each kind that a rule is made for, at least."""
PRECISION_NEEDED = 0.8
"""Precision of each rule, at least."""
FALSE_FLAGS_ALLOWED = 0.005
"""Share of clean channel-intervals that are named, at most."""
DAY_SLOTS = 96  # faults are planted in quarter-hours
CHANNEL = ["usage_point_id", "channel"]
FAULT = [*CHANNEL, "kind", "began"]


@dataclass(frozen=True)
class Score:
    """How rules and planted faults met.

    Parameters
    ----------
    kinds
        ``kind, has_rule, faults, judged, found, recall, readings, covered, reading_recall, found_by_any``; readings
        are those of judged faults.
    rules
        ``rule_id, findings, right, precision, of_its_kind``; right findings lie on a fault, of_its_kind on one that
        the rule is made for.
    clean, falsely_flagged
        Quarter-hours of channels without a planted fault, and how many of them some finding covers.
    """

    kinds: pd.DataFrame
    rules: pd.DataFrame
    clean: int
    falsely_flagged: int

    @property
    def false_flag_share(self) -> float | None:
        return self.falsely_flagged / self.clean if self.clean else None


def read_planted(snapshot: Snapshot, truth: Path) -> pd.DataFrame:
    """Planted faults on the days the lake holds, with hashed ids and the rules that did not run there.

    Raises
    ------
    SourceError
        The folder holds no planted faults, or not the columns needed.
    """
    file = truth / "fault.parquet"
    if not file.is_file():
        raise SourceError(f"{truth}: no fault.parquet with the planted faults of a sample")
    planted = snapshot.lake.spark.read.parquet(file.resolve().as_uri())
    lacking = sorted(set(TRUTH_COLUMNS) - set(planted.columns))
    if lacking:
        raise SourceError(f"{file}: planted faults lack the columns {lacking}")
    known = snapshot.rows(IDENTIFIER).where("id_kind = 'usage_point_id'")
    ids = known.select(F.col("id").alias("usage_point_id"), F.col("source_id").alias("usage_point"))
    blocks = snapshot.rows(INTERVAL_BLOCK)
    not_run = blocks.select(*CHANNEL, "grid_date", "rules_not_run")
    return (
        planted.select(*TRUTH_COLUMNS)
        .join(F.broadcast(ids), "usage_point")
        .drop("usage_point")
        .join(blocks.select("grid_date").distinct(), "grid_date", "left_semi")
        .join(not_run, [*CHANNEL, "grid_date"], "left")
        .toPandas()
    )


def score(snapshot: Snapshot, truth: Path) -> Score:
    """The rules of a lake held against the planted truth of its sample, which knows of customers' meters alone."""
    planted = read_planted(snapshot, truth)
    blocks, of_grid = snapshot.rows(INTERVAL_BLOCK), F.col("customer_class") == "grid"
    flags = (
        snapshot.rows(READING_FLAG)
        .join(F.broadcast(blocks.where(of_grid).select("usage_point_id").distinct()), "usage_point_id", "left_anti")
        .select(*CHANNEL, "grid_date", "interval_minutes", "rule_id", "first_slot", "slots")
    )
    return scored(planted, flags.toPandas(), readings=blocks.where(~of_grid).count() * DAY_SLOTS)


def scored(planted: pd.DataFrame, flags: pd.DataFrame, *, readings: int) -> Score:
    """Score of findings against planted faults.

    Parameters
    ----------
    planted
        ``usage_point_id, channel, grid_date, first_slot, slots, kind, has_rule, began, rules_not_run``; slots of a
        quarter-hour, null where every rule ran.
    flags
        Rows of silver.reading_flag.
    readings
        Quarter-hours of the channels judged.
    """
    faults = _spans(planted, 1.0)
    judged = [
        _rules(kind)[0] not in (() if not_run is None else not_run)
        for kind, not_run in zip(faults["kind"], faults["rules_not_run"], strict=True)
    ]
    faults["judged"] = np.array(judged, bool)
    faults = faults.sort_values("grid_date", kind="stable")
    faults["judged"] = faults.groupby(FAULT)["judged"].transform("first")
    findings = _spans(flags, flags["interval_minutes"] / (1440 / DAY_SLOTS)).drop(columns=["slots"])
    findings["finding"] = np.arange(len(findings))
    hits = faults.merge(findings, on=CHANNEL, suffixes=("", "_of"))
    hits = hits[(hits["start_of"] < hits["stop"]) & (hits["stop_of"] > hits["start"])]
    made_for = [rule in _rules(kind) for rule, kind in zip(hits["rule_id"], hits["kind"], strict=True)]
    hits["right"] = np.array(made_for, bool) & hits["has_rule"].astype(bool)
    dirty, named = _slots(faults, "start", "stop"), _slots(findings, "start", "stop")
    return Score(_by_kind(faults, hits), _by_rule(findings, hits), readings - len(dirty), len(named.difference(dirty)))


def _rules(kind: str) -> tuple[str, ...]:
    return RULES_OF_KIND.get(kind, (kind,))


def _spans(rows: pd.DataFrame, per_slot: pd.Series[float] | float) -> pd.DataFrame:
    """The rows with the quarter-hours since 1970 in which they begin and, exclusive, end."""
    first = (pd.to_datetime(rows["grid_date"]) - pd.Timestamp(0)).dt.days * DAY_SLOTS
    start = np.floor(first + rows["first_slot"] * per_slot).astype(np.int64)
    stop = np.ceil(first + (rows["first_slot"] + rows["slots"]) * per_slot).astype(np.int64)
    return rows.assign(start=start, stop=stop)


def _slots(rows: pd.DataFrame, start: str, stop: str) -> pd.MultiIndex:
    """Each channel-interval that the rows cover, once."""
    length = (rows[stop] - rows[start]).to_numpy(np.int64)
    each = rows.loc[rows.index.repeat(length), CHANNEL]
    first = np.repeat(np.cumsum(length) - length, length)
    slot = rows[start].to_numpy(np.int64).repeat(length) + np.arange(length.sum()) - first
    return pd.MultiIndex.from_frame(each.assign(slot=slot)).unique()


def _by_kind(faults: pd.DataFrame, hits: pd.DataFrame) -> pd.DataFrame:
    def events(rows: pd.DataFrame) -> pd.Series[int]:
        return rows.drop_duplicates(FAULT).groupby("kind").size()

    judged = faults[faults["judged"]]
    right = hits[hits["right"] & hits["judged"].astype(bool)]
    overlap = right.assign(
        first=np.maximum(right["start"], right["start_of"]), end=np.minimum(right["stop"], right["stop_of"])
    )
    covered = {kind: len(_slots(rows, "first", "end")) for kind, rows in overlap.groupby("kind")}
    kinds = pd.DataFrame({"has_rule": faults.groupby("kind")["has_rule"].max(), "faults": events(faults)})
    kinds["judged"], kinds["found"], kinds["found_by_any"] = events(judged), events(right), events(hits)
    kinds["readings"] = judged.groupby("kind")["slots"].sum()
    kinds["covered"] = pd.Series(covered, dtype=np.int64)
    counts = ["judged", "found", "found_by_any", "readings", "covered"]
    kinds[counts] = kinds[counts].fillna(0).astype(np.int64)
    kinds["recall"], kinds["reading_recall"] = kinds["found"] / kinds["judged"], kinds["covered"] / kinds["readings"]
    return kinds.rename_axis("kind").reset_index().sort_values(["has_rule", "kind"], ascending=[False, True])


def _by_rule(findings: pd.DataFrame, hits: pd.DataFrame) -> pd.DataFrame:
    rules = pd.DataFrame({"findings": findings.groupby("rule_id").size()})
    rules["right"] = hits.groupby("rule_id")["finding"].nunique()
    rules["of_its_kind"] = hits[hits["right"]].groupby("rule_id")["finding"].nunique()
    rules = rules.fillna(0).astype(np.int64)
    rules["precision"] = rules["right"] / rules["findings"]
    return rules.rename_axis("rule_id").reset_index()
