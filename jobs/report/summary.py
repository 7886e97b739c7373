"""The result of a build on one screen of text."""

from __future__ import annotations

from jobs.report import words
from jobs.report.content import Content
from jobs.report.cost_data import replaced_now

LISTED = 5
WIDTH = 22


def summary_lines(content: Content, build_seconds: dict[str, float]) -> list[str]:
    """Readings and their quality, feeders and transformers, the most loaded, what to replace, seconds by step."""
    quality, loads, costs = content.quality, content.loads, content.costs
    lines = [
        _line("readings", f"{words.count(quality.readings)} channel-intervals expected"),
        _line("  accepted", words.count(quality.received)),
        _line("  estimated", _part(quality.days["estimated"].sum(), quality.readings)),
        _line("  missing", _part(quality.days["missing"].sum(), quality.readings)),
        _line("  rejected", words.count(quality.rejected_readings)),
        _line("  moved by rounding", quality.rounding_words),
        _line("feeders", words.count(loads.feeders_in_all)),
        _line("transformers", words.count(loads.transformers_in_all)),
    ]
    for number, row in enumerate(loads.transformers.dropna(subset="utilisation").head(LISTED).to_dict("records")):
        loaded = (
            f"{row['transformer_id']}: {words.share(row['utilisation'])} of {words.quantity(row['rating_kva'], 'kVA')}"
        )
        lines.append(_line("most loaded" if number == 0 else "", loaded))
    put_right = content.corrections.dropna(subset=["delivered_wh"])
    moved = words.energy((put_right["delivered_wh"] - put_right["first_delivered_wh"]).abs().sum())
    lines.append(_line("multipliers put right", f"{words.count(len(content.corrections))} meters, which moved {moved}"))
    lines.append(_line("replace now", f"{replaced_now(costs.decisions)} units"))
    for label, ranked, why in (
        ("  by their own load", costs.metered, "metered"),
        ("  by a typical load", costs.typical, "without meters: their class's load stands for theirs"),
    ):
        lines.append(_line(label, f"{replaced_now(ranked.decisions)} units, {why}"))
        now = ranked.units[ranked.units["decision"] == "replace_now"]
        for row in now.head(LISTED).to_dict("records"):
            lines.append(_line("", f"{row['asset_id']} at {row['transformer_id']}: {row['reason']}"))
    timed = build_seconds | ({"in all": sum(build_seconds.values())} if len(build_seconds) > 1 else {})
    lines += [
        _line("seconds" if number == 0 else "", f"{seconds:>7.1f}  {step}")
        for number, (step, seconds) in enumerate(timed.items())
    ]
    return lines


def _line(label: str, value: str) -> str:
    return f"{label:<{WIDTH}}{value}"


def _part(number: float, whole: int) -> str:
    return f"{words.count(number)} ({words.share(number / whole)})" if whole else words.count(number)
