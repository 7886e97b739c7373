"""Section on the energy balance: what goes into a feeder, what becomes of it, and what nobody can explain."""

from __future__ import annotations

from typing import Any

import pandas as pd

from jobs.report import words
from jobs.report.asset_figures import unexplained_by_feeder
from jobs.report.balance_data import Balances
from jobs.report.page import Head, Section, figure, paragraph, table, tag

CORRECTIONS_SHOWN = 15
LOSSES = ("no_load_loss_wh", "load_loss_wh", "line_loss_wh")


def balance_section(balances: Balances, corrections: pd.DataFrame) -> Section:
    title = "Energy balance"
    feeders, suspects = balances.feeders, balances.suspects
    if feeders.empty and not balances.judged:
        body = paragraph("No head or total meter has been balanced yet.")
        return Section("balance", title, body + _corrections(corrections))
    body, drawn = "", {}
    if not feeders.empty:
        first = feeders.iloc[0]
        body += paragraph(
            f"The {first['period_kind']} that begins {words.day(first['period_start'])}, by feeder: import less export "
            "at its head = delivered less received + profiled + unmetered + computed losses + unexplained, over the "
            "intervals in which the head and enough meters are seen."
        )
        body += figure("unexplained", "What is unexplained, with three standard uncertainties to either side.")
        drawn = {"unexplained": unexplained_by_feeder(feeders)}
        body += _rows(feeders, "feeder_id")
    body += paragraph(
        f"Of {words.count(balances.judged)} transformers with a total meter "
        f"{words.count(balances.suspected)} are suspect: what is unexplained exceeds three standard uncertainties. "
        "Most energy first; above zero more went in than is accounted for, as by theft or a multiplier set too low."
    )
    if not suspects.empty:
        body += _rows(suspects, "transformer_id")
    return Section("balance", title, body + _corrections(corrections), drawn)


def _corrections(corrections: pd.DataFrame) -> str:
    """Meters whose multiplier was put right: what it was, since when that is known, and what it moved."""
    if corrections.empty:
        return ""
    heads = (
        Head("usage point", number=False),
        Head("transformer", number=False),
        Head("feeder", number=False),
        Head("registered first"),
        Head("multiplier"),
        Head("known since", number=False),
        Head("delivered"),
        Head("by the first multiplier"),
    )
    rows = [
        (
            row["usage_point_id"],
            row["transformer_id"] or words.NONE,
            row["feeder_id"] or words.NONE,
            words.number(row["first_multiplier"]),
            words.number(row["multiplier"]),
            words.day(row["known_from_utc"]),
            words.energy(row["delivered_wh"]),
            words.energy(row["first_delivered_wh"]),
        )
        for row in corrections.head(CORRECTIONS_SHOWN).to_dict("records")
    ]
    told = paragraph(
        f"The register had the multiplier of {words.count(len(corrections))} meters wrong and was put right; the days "
        "built hold what is right. Most energy moved first:"
    )
    return f"<h3>Multipliers put right</h3>{told}" + table(heads, rows)


def _rows(balances: pd.DataFrame, key: str) -> str:
    heads = (
        Head(words.plain(key.removesuffix("_id")), number=False),
        Head("unexplained"),
        Head("of its energy"),
        Head("uncertainty"),
        Head("", number=False),
        Head("import"),
        Head("export"),
        Head("delivered"),
        Head("received"),
        Head("profiled"),
        Head("unmetered"),
        Head("losses"),
        Head("of the time"),
    )
    return table(heads, [_row(row, key) for row in balances.to_dict("records")])


def _row(row: dict[Any, Any], key: str) -> tuple[Any, ...]:
    losses = [row[name] for name in LOSSES if key == "feeder_id" or name == "line_loss_wh"]
    return (
        row[key],
        words.energy(row["unexplained_wh"]),
        words.share(row["unexplained_share"]),
        words.energy(row["standard_uncertainty_wh"]),
        tag("suspect", "bad") if row["suspect"] else "",
        words.energy(row["import_wh"]),
        words.energy(row["export_wh"]),
        words.energy(row["delivered_wh"]),
        words.energy(row["received_wh"]),
        words.energy(row["profiled_wh"]),
        words.energy(row["unmetered_wh"]),
        words.NONE if any(words.is_none(loss) for loss in losses) else words.energy(sum(losses)),
        words.share(row["coverage"]),
    )
