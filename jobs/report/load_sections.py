"""Sections on loads: feeders by day and time, their duration curves, transformers on the map."""

from __future__ import annotations

from html import escape

from jobs.report import words
from jobs.report.figures import LINES_SHOWN, duration_curves, heat_map, transformer_map
from jobs.report.heat import heat_maps
from jobs.report.load_data import Loads
from jobs.report.page import Head, Section, decision_tag, figure, paragraph, table
from jobs.settings import GridTime

WORST = 12


def feeder_section(loads: Loads, time: GridTime) -> Section:
    maps = heat_maps(loads, offset=time.offset, zone=time.zone)
    if maps is None:
        return Section("feeders", "Feeder loads", paragraph("No feeder profile has been built yet."))
    names = {row["feeder_id"]: row["name"] for row in loads.feeders.to_dict("records") if row["name"]}
    largest = next((row["feeder_id"] for row in loads.feeders.to_dict("records") if row["feeder_id"] in maps.kw), None)
    options = "".join(
        f'<option value="{escape(key)}"{" selected" * (key == largest)}>{escape(str(names.get(key, key)))}</option>'
        for key in sorted(maps.kw, key=lambda key: str(names.get(key, key)))
    )
    body = paragraph(
        "Each column is a local day, each row a time of day as the clock on the wall shows it. Net load is energy "
        "delivered less energy received, as mean power of each interval; blue is flow back to the grid. All feeders "
        "share one colour scale. Gaps: no meter was seen, or the hour that a clock change skips; of the hour that "
        "comes twice the mean is shown."
    )
    body += f'<p><label for="feeder">Feeder </label><select id="feeder">{options}</select></p>'
    body += figure("heat", _left_out(loads.feeders_in_all - len(maps.kw), "feeders with less energy are"))
    data = {"heat-kw": {"days": len(maps.days), "dtype": maps.dtype, "missing": maps.missing, "kw": maps.kw}}
    return Section("feeders", "Feeder loads", body, {"heat": heat_map(maps, time.zone)}, data)


def duration_section(loads: Loads, time: GridTime) -> Section:
    title = "Load duration"
    if loads.feeders.empty:
        return Section("duration", title, paragraph("No feeder metrics have been built yet."))
    first = loads.feeders.iloc[0]
    body = paragraph(
        f"Apparent power of each feeder that is exceeded for a share of the time, in the {first['period_kind']} that "
        f"begins {words.day(first['period_start'])} ({words.count(loads.feeders['days_present'].max())} of "
        f"{words.count(first['days_expected'])} days are in the lake). Only intervals with enough meters seen or "
        "estimated count; the share estimated is of the energy in these."
    )
    body += figure("duration", _left_out(loads.feeders_in_all - LINES_SHOWN, "feeders with a lower peak are"))
    body += table(
        (
            Head("feeder", number=False),
            Head("highest net load"),
            Head("at local time"),
            Head("delivered"),
            Head("received"),
            Head("load factor"),
            Head("coincidence, highest month"),
            Head("loss factor"),
            Head("reverse flow"),
            Head("at most"),
            Head("of rating"),
            Head("estimated"),
        ),
        [
            (
                row["name"] or row["feeder_id"],
                words.quantity(row["peak_kw"], "kW"),
                words.local_minute(row["peak_at_utc"], time.zone),
                words.energy(row["delivered_wh"]),
                words.energy(row["received_wh"]),
                words.number(row["load_factor"]),
                words.number(row["delivered_coincidence_factor"]),
                words.number(row["loss_factor"]),
                words.quantity(row["reverse_hours"], "h"),
                words.quantity(row["reverse_peak_kw"], "kW"),
                words.share(row["utilisation"]),
                words.share(row["estimated_share"]),
            )
            for row in loads.feeders.head(LINES_SHOWN).to_dict("records")
        ],
    )
    return Section("duration", title, body, {"duration": duration_curves(loads)})


def transformer_section(loads: Loads, time: GridTime) -> Section:
    title = "Transformer loading"
    if loads.transformers.empty:
        return Section("transformers", title, paragraph("No transformer metrics have been built yet."))
    placed = int(loads.transformers[["x", "y"]].notna().all(axis=1).sum())
    above = int((loads.transformers["utilisation"] > 1).sum())
    body = paragraph(
        f"{words.count(loads.transformers_in_all)} service transformers with metered load, {words.count(above)} of "
        "them above their rating at some time. Colour is the highest apparent power against the rating, size the "
        "rating; a diamond marks a unit to replace now. Touch one for its figures."
    )
    drawn = {}
    if placed:
        without = len(loads.transformers) - placed
        note = f"Without coordinates and not drawn: {words.count(without)}. " if without else ""
        body += figure(
            "map", note + _left_out(loads.transformers_in_all - len(loads.transformers), "less loaded ones are")
        )
        drawn = {"map": transformer_map(loads.transformers, time.zone)}
    else:
        body += paragraph("None has coordinates, so there is no map.", "soft")
    body += "<h3>Most loaded</h3>" + table(
        (
            Head("transformer", number=False),
            Head("of rating"),
            Head("peak"),
            Head("rating"),
            Head("above rating"),
            Head("highest net load, local time"),
            Head("reverse flow"),
            Head("estimated"),
            Head("decision", number=False),
        ),
        [
            (
                row["transformer_id"],
                words.share(row["utilisation"]),
                words.quantity(row["apparent_peak_kva"], "kVA"),
                words.quantity(row["rating_kva"], "kVA"),
                words.quantity(row["hours_above_rating"], "h"),
                words.local_minute(row["peak_at_utc"], time.zone),
                words.quantity(row["reverse_hours"], "h"),
                words.share(row["estimated_share"]),
                decision_tag(row["decision"]),
            )
            for row in loads.transformers.head(WORST).to_dict("records")
        ],
    )
    return Section("transformers", title, body, drawn)


def _left_out(number: int, which: str) -> str:
    return f"{words.count(number)} {which} not drawn." if number > 0 else ""
