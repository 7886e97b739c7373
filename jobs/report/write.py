"""Write the report: sections of one release's content, put together as one page."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd

from jobs.report import words
from jobs.report.ageing_section import ageing_section
from jobs.report.balance_section import balance_section
from jobs.report.content import Content
from jobs.report.cost_data import Costs, replaced_now
from jobs.report.cost_sections import area_section, cost_section
from jobs.report.fleet_sections import plan_section, sensitivity_section
from jobs.report.forecast_section import forecast_section
from jobs.report.ledger_section import ledger_section
from jobs.report.load_sections import duration_section, feeder_section, transformer_section
from jobs.report.origin_section import has_notice, origin_section, synthetic_words
from jobs.report.page import facts, page
from jobs.report.quality_sections import quality_section
from jobs.report.risk_section import risk_section
from jobs.report.supplier_section import supplier_section
from jobs.settings import Settings


def write_report(content: Content, settings: Settings, out: Path) -> Path:
    """Write ``out/index.html``, one page that needs nothing else, and return its path."""
    text = report_page(content, settings)
    out.mkdir(parents=True, exist_ok=True)
    target = out / "index.html"
    target.write_text(text, encoding="utf-8")
    return target


def report_page(content: Content, settings: Settings) -> str:
    """The page as HTML."""
    time, money, origin = settings.grid_time, settings.money, content.origin
    release = content.snapshot.release_id
    foot = f"gridlake {origin.code_version}" + (f", release {release}" if release else "")
    foot += ". Made from the lake alone; this page loads nothing from anywhere."
    if has_notice(origin):
        foot += " Its sources' notices stand under “Where this comes from”."
    return page(
        title="Load, quality and cost of the grid",
        kicker="gridlake report",
        lead=_lead(content, settings) + facts(_headlines(content)),
        sections=[
            feeder_section(content.loads, time),
            duration_section(content.loads, time),
            transformer_section(content.loads, time),
            forecast_section(content.forecast, time),
            ageing_section(content.ageing, settings.transformer_ageing),
            balance_section(content.balances, content.corrections),
            cost_section(content.costs, money),
            risk_section(content.risk, money),
            plan_section(content.fleet, money),
            sensitivity_section(content.fleet),
            supplier_section(content.suppliers),
            ledger_section(content.ledger),
            quality_section(content.quality, content.score),
            area_section(content.areas, money),
            origin_section(origin, content.snapshot),
        ],
        foot=f"<p>{escape(foot)}</p>",
    )


def _lead(content: Content, settings: Settings) -> str:
    quality, time = content.quality, settings.grid_time
    span = "No interval data has been built yet."
    if quality.first_day is not None:
        span = f"Grid days {words.day(quality.first_day)} to {words.day(quality.last_day)}."
    span += (
        f" A grid day runs at UTC{time.utc_offset} all year; clock times are local ({time.zone}) unless they say UTC."
    )
    return f'<p class="soft">{escape(span)}</p><p class="banner">{escape(synthetic_words(content.origin))}</p>'


def _highest_loads(feeders: pd.DataFrame) -> str:
    """Highest net load of a feeder towards its customers, and the highest back, which may be the greater."""
    towards, back = (feeders[name].max() if len(feeders) else None for name in ("peak_kw", "reverse_peak_kw"))
    told = f"highest net load {words.quantity(towards, 'kW')}"
    return (
        told if back is None or pd.isna(back) else f"{told} to customers, {words.quantity(back, 'kW')} back from them"
    )


def _headlines(content: Content) -> list[tuple[str, str, str]]:
    """Value, what it is, and a remark."""
    quality, loads, decisions = content.quality, content.loads, content.costs.decisions
    feeders, transformers = loads.feeders, loads.transformers
    return [
        (words.count(quality.readings), "channel-intervals", f"{words.count(quality.received)} read and accepted"),
        (words.share(quality.share("estimated")), "estimated", f"{words.share(quality.share('missing'))} missing"),
        (words.count(quality.rejected_readings), "channel-intervals rejected", ""),
        (
            words.energy(feeders["delivered_wh"].sum() if len(feeders) else None),
            "delivered by feeders",
            f"{words.energy(feeders['received_wh'].sum() if len(feeders) else None)} received",
        ),
        (
            words.count(loads.feeders_in_all),
            "feeders",
            _highest_loads(feeders),
        ),
        (
            words.count(loads.transformers_in_all),
            "metered transformers",
            f"most loaded at {words.share(transformers['utilisation'].max() if len(transformers) else None)} of rating",
        ),
        (words.count(int((transformers["utilisation"] > 1).sum())), "transformers above rating", "at some time"),
        (
            words.count(decisions.get("replace_now", 0)) if decisions else words.NONE,
            "units to replace now",
            _judged(content.costs),
        ),
    ]


def _judged(costs: Costs) -> str:
    """How many to replace now of those with meters, whose load is known, and of those without, whose load is not."""
    kinds = ((costs.metered, "by their own load"), (costs.typical, "by a typical load"))
    return ", ".join(f"{replaced_now(of.decisions)} {how}" for of, how in kinds if of.decisions)
