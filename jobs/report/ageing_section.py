"""Section on ageing: how hot the hottest transformers got, and what of their life that took."""

from __future__ import annotations

from jobs.gold.ageing.settings import AgeingSettings
from jobs.report import words
from jobs.report.ageing_data import DAY_HOURS, Ageing
from jobs.report.model_figures import hot_spots
from jobs.report.page import Head, Section, figure, paragraph, table


def ageing_section(ageing: Ageing, settings: AgeingSettings) -> Section:
    title = "Hot-spot and ageing"
    if ageing.units.empty:
        none = "No temperature has been computed yet: `gridlake build gold.transformer_ageing` makes them."
        return Section("ageing", title, paragraph(none))
    body = paragraph(
        f"Of {words.count(ageing.computed)} transformers whose load is known, {words.count(ageing.above)} had their "
        f"hot-spot above {settings.hot_spot_limit_degc:g} degC, its limit in normal cyclic loading, at some time. "
        "Temperatures follow the loading guide IEC 60076-7 from each unit's own load and the weather of its place; its "
        "class says how it is cooled."
    )
    body += figure("hot-spot", "The day's highest hot-spot of the hottest units; dashed, the limits.", "Day by day")
    body += table(
        (
            Head("unit", number=False),
            Head("at", number=False),
            Head("rating"),
            Head("highest load / rating"),
            Head("highest hot-spot"),
            Head("on", number=False),
            Head("above the limit"),
            Head("ageing, times normal"),
            Head("days"),
        ),
        [
            (
                row["asset_id"],
                row["transformer_id"],
                words.quantity(row["rating_kva"], "kVA"),
                words.share(row["load_peak_pu"]),
                words.quantity(row["hot_spot_max_degc"], "degC"),
                words.day(row["hottest_day"]),
                words.quantity(row["hours_above_hot_spot_limit"], "h"),
                words.number(row["loss_of_life_hours"] / (DAY_HOURS * row["days"])),
                words.count(row["days"]),
            )
            for row in ageing.units.to_dict("records")
        ],
    )
    return Section("ageing", title, body, {"hot-spot": hot_spots(ageing.days, settings)})
