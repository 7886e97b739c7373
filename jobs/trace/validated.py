"""What validation made of each channel of a usage point's day: readings, qualities, findings, rules not run."""

from __future__ import annotations

from datetime import timedelta

from jobs.silver.reading_flag import READING_FLAG
from jobs.silver.validation import RULE_TABLE
from jobs.trace.lookup import Lookup, Values, same
from jobs.trace.pieces import Day
from jobs.trace.structure import ChannelDay, Finding, Interval, NotRun
from kernels.quality import MEANING, MISSING

DONE = READING_FLAG.column("disposition").codes or {}


def channel_days(lookup: Lookup, blocks: list[Values], point: str, day: Day) -> list[ChannelDay]:
    """One for each block of silver.interval_block."""
    of_day = same(usage_point_id=point, grid_date=day.date)
    received = {row["channel"]: row for row in lookup.rows("silver.received_block", of_day)}
    flags = lookup.rows(READING_FLAG.name, of_day)
    lookup.met.add(READING_FLAG.name)  # that it holds nothing is an answer, too
    return [
        _channel_day(
            block, received.get(block["channel"]), [row for row in flags if row["channel"] == block["channel"]], day
        )
        for block in sorted(blocks, key=lambda row: str(row["channel"]))
    ]


def _channel_day(block: Values, received: Values | None, flags: list[Values], day: Day) -> ChannelDay:
    findings = [_finding(flag, day) for flag in sorted(flags, key=lambda row: (row["first_slot"], row["rule_id"]))]
    return ChannelDay(
        channel=block["channel"],
        unit=block["unit"],
        interval_minutes=block["interval_minutes"],
        rule_set_version=block["rule_set_version"],
        received_intervals=block["received_intervals"],
        rounding=block["rounding_wh"],
        energy=block["energy"],
        findings=findings,
        not_run=[
            NotRun(rule_id=one, rule=RULE_TABLE[one].told, needs=RULE_TABLE[one].needs)
            for one in block["rules_not_run"]
        ],
        intervals=[_interval(block, received, findings, slot, day) for slot in range(len(block["reading"]))],
    )


def _finding(flag: Values, day: Day) -> Finding:
    rule = RULE_TABLE[flag["rule_id"]]
    return Finding(
        rule_id=rule.id,
        rule=rule.told,
        rule_version=flag["rule_version"],
        first_slot=flag["first_slot"],
        slots=flag["slots"],
        start_utc=day.start + flag["first_slot"] * timedelta(minutes=flag["interval_minutes"]),
        measured=flag["measured"],
        threshold=flag["threshold"],
        measures=rule.measured,
        disposition=flag["disposition"],
        done=DONE[flag["disposition"]],
    )


def _interval(block: Values, received: Values | None, findings: list[Finding], slot: int, day: Day) -> Interval:
    quality = block["reading_quality"][slot]
    reading = None if quality == MISSING else block["reading"][slot]
    came = None
    if received is not None and received["reading_quality"][slot] != MISSING:
        came = received["reading"][slot]
    return Interval(
        slot=slot,
        start_utc=day.start + slot * timedelta(minutes=block["interval_minutes"]),
        received=came,
        reading=reading,
        quality_code=quality,
        quality=MEANING[quality],
        replaced=reading != came,
        rule_ids=[one.rule_id for one in findings if one.first_slot <= slot < one.first_slot + one.slots],
    )
