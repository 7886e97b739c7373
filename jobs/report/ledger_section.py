"""Section on the ledger: asset cards against the physical register."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from jobs.gold.asset_reconciliation import OUTCOMES
from jobs.report import words
from jobs.report.asset_figures import stakes_by_outcome
from jobs.report.ledger_data import AMOUNTS
from jobs.report.page import Head, Html, Section, figure, paragraph, table


def ledger_section(ledger: pd.DataFrame) -> Section:
    title = "Ledger and register"
    if ledger.empty:
        return Section("ledger", title, paragraph("No ledger has been reconciled yet."))
    matched = ledger[ledger["outcome"] == "matched"]
    body = paragraph(
        f"Closing of {words.day(ledger['balance_date'].max())}: {words.count(ledger['cards'].sum())} cards, "
        f"{words.count(matched['cards'].sum())} of them agree with their unit. "
        f"{words.count(ledger['by_attributes'].sum())} found their unit by what both tell, for their number was "
        "missing, another, or contradicted. A card counts once, under the worst that was found of it."
    )
    drawn = {}
    for place, (currency, rows) in enumerate(ledger.groupby("currency")):
        name = f"stakes{place or ''}"
        if (rows["amount_at_stake"] > 0).any():
            body += figure(name, "Capitalised value that a finding puts in question.", f"At stake, {currency}")
            drawn[name] = stakes_by_outcome(rows, str(currency))
        body += _outcomes(rows)
    return Section("ledger", title, body, drawn)


def _outcomes(rows: pd.DataFrame) -> str:
    heads = (
        Head("outcome", number=False),
        Head("at stake"),
        Head("cards"),
        Head("units without"),
        Head("capitalised"),
        Head("on the books"),
        Head("what it says", number=False, words=True),
    )
    each = [_line(row, words.plain(row["outcome"]), OUTCOMES[row["outcome"]]) for row in rows.to_dict("records")]
    summed: dict[str, Any] = {name: rows[name].dropna().sum() for name in ("cards", "units", *AMOUNTS)}
    return table(heads, [*each, _line(summed, Html("<b>all of the ledger</b>"), "")])


def _line(row: dict[Any, Any], name: str | Html, said: str) -> tuple[str | Html, ...]:
    capitalised, on_the_books, at_stake = (_to_the_cent(row[amount]) for amount in AMOUNTS)
    return (name, at_stake, words.count(row["cards"]), words.count(row["units"]), capitalised, on_the_books, said)


def _to_the_cent(amount: Decimal | None) -> str:
    """Money as booked.

    >>> _to_the_cent(Decimal("1234567.80")), _to_the_cent(None)
    ('1,234,567.80', '–')
    """
    return words.NONE if amount is None else f"{amount:,.2f}"
