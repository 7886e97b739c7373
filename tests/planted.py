"""The rules judging a sample with its planted faults, without a lake: what was planted and what was found."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from jobs.report.scoring import Score, scored
from jobs.sample.faults import KINDS, Faults, planted
from jobs.span import Span
from kernels.block_rules import RULES
from tests.judging import judge
from tests.sample_channels import SampleChannels

Sample = tuple[pd.DataFrame, pd.DataFrame, int]
"""Planted faults and findings as `scored` takes them, and how many channel-intervals there are."""


def judged(seed: int, span: Span) -> Sample:
    """What the rules make of a sample with faults as it plants them, without outages."""
    channels = SampleChannels.of(seed)
    frame, quarter = channels.frame, channels.quarter_hourly
    true = channels.energy(span)
    faults = Faults(frame, seed)
    delivered, missing, truth = true.copy(), np.zeros(true.shape, bool), []
    for n, day in enumerate(span):
        for event, change in planted(faults, day, true[:, n], true[:, max(n - 1, 0)], set()):
            delivered[event.row, n], missing[event.row, n] = change.delivered, change.missing
            truth.append((event.row, day, change.first_slot, change.slots, event.kind, event.first_day))
    register = np.where(frame["with_register"].to_numpy()[:, None], true.sum(axis=2, dtype=np.int64), np.nan)
    result = judge(channels.read(span, delivered, missing, register, quarter))
    names, place = np.array(RULES), np.cumsum(quarter) - 1
    columns = ["usage_point_id", "grid_date", "first_slot", "slots", "kind", "began"]
    planted_rows = pd.DataFrame(truth, columns=columns).assign(channel="-")
    planted_rows["has_rule"] = [KINDS[kind].has_rule for kind in planted_rows["kind"]]
    planted_rows["rules_not_run"] = [
        names[result.not_run[place[row], (day - span.first).days]].tolist()
        for row, day in zip(planted_rows["usage_point_id"], planted_rows["grid_date"], strict=True)
    ]
    found = result.findings.rename(columns={"rule": "rule_id", "slot": "first_slot"})
    found = found.assign(
        usage_point_id=np.flatnonzero(quarter)[found["channel"]],
        grid_date=[span.first + timedelta(days=int(n)) for n in found["day"]],
        channel="-",
        interval_minutes=15,
    )
    return planted_rows, found, int(true[quarter].size)


def score_of(*samples: Sample) -> Score:
    """All samples at once: the channels of each are other channels."""
    planted_rows, findings, readings = zip(*samples, strict=True)
    for number, frames in enumerate(zip(planted_rows, findings, strict=True)):
        for frame in frames:
            frame["usage_point_id"] = frame["usage_point_id"] + 1_000_000 * number
    return scored(
        pd.concat(planted_rows, ignore_index=True), pd.concat(findings, ignore_index=True), readings=sum(readings)
    )
