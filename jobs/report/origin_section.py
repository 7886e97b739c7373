"""Section on where the figures come from: what is invented, notices of sources, runs, versions."""

from __future__ import annotations

import re
from html import escape

from jobs.query.snapshot import Snapshot
from jobs.report import words
from jobs.report.origin_data import Origin
from jobs.report.page import Head, Html, Section, paragraph, table, tag

ADDRESS = re.compile(r"https?://[^\s<>()\"]*[\w/]")


def synthetic_words(origin: Origin) -> str:
    """One sentence on how much of what was received is invented."""
    if origin.sources.empty:
        return "No file has been received."
    invented = int(origin.sources["synthetic"].sum())
    if invented == len(origin.sources):
        return (
            "Everything here is synthetic: every source states that its data are invented. No person or plant is real."
        )
    if invented == 0:
        return "No source states that its data are synthetic."
    return f"{invented} of {len(origin.sources)} sources state that their data are synthetic; figures may rest on both."


def origin_section(origin: Origin, snapshot: Snapshot) -> Section:
    body = paragraph(synthetic_words(origin)) + _notices(origin)
    body += "<h3>Sources</h3>"
    body += (
        table(
            (
                Head("source", number=False),
                Head("data", number=False),
                Head("files read"),
                Head("failed"),
                Head("rows"),
                Head("channel-intervals"),
            ),
            [
                (
                    row["source"],
                    tag("synthetic", "warm") if row["synthetic"] else tag("as delivered"),
                    words.count(row["files"]),
                    words.count(row["failed"]),
                    words.count(row["rows"]),
                    words.count(row["reads"]) if row["reads"] else words.NONE,
                )
                for row in origin.sources.to_dict("records")
            ],
        )
        if not origin.sources.empty
        else ""
    )
    release = "none: no build has finished, the tables are read as they stand"
    if snapshot.release_id is not None and snapshot.released_at_utc is not None:
        release = (
            f"{snapshot.release_id}, built {words.day(snapshot.released_at_utc)} {snapshot.released_at_utc:%H:%M} UTC"
        )
    body += "<h3>Release</h3>" + table(
        (Head("what", number=False), Head("value", number=False)),
        [
            ("release and run", release),
            ("settings digest", Html(f"<code>{escape(origin.settings_digest)}</code>")),
            ("code", f"gridlake {origin.code_version}"),
        ],
    )
    body += _tables(origin, snapshot)
    return Section("origin", "Where this comes from", body)


def has_notice(origin: Origin) -> bool:
    return not origin.sources.empty and bool(origin.sources["notice"].notna().any())


def _notices(origin: Origin) -> str:
    """What the declarations of sources ask to be shown, each text once, with addresses to follow."""
    if not has_notice(origin):
        return ""
    body = "<h3>Notices</h3>"
    for notice, asking in origin.sources.dropna(subset="notice").groupby("notice", sort=True)["source"]:
        text, place = f"<b>{escape(', '.join(asking))}:</b> ", 0
        for address in ADDRESS.finditer(str(notice)):
            target = escape(address.group())
            text += f'{escape(str(notice)[place : address.start()])}<a href="{target}">{target}</a>'
            place = address.end()
        body += f"<p>{text}{escape(str(notice)[place:])}</p>"
    return body


def _tables(origin: Origin, snapshot: Snapshot) -> str:
    """Versions read, with what the build did to each table it made."""
    runs = {row["table_name"]: row for row in origin.runs.to_dict("records")}
    names = sorted({*snapshot.versions, *runs})
    if not names:
        return ""
    rows = []
    for name in names:
        run = runs.get(name)
        built = (
            (words.NONE,) * 6
            if run is None
            else (
                words.count(run["rows"]),
                words.count(run["accepted"]),
                words.count(run["rejected"]),
                words.count(run["duplicates"]),
                words.count(run["superseded"]),
                words.quantity(run["seconds"], "s"),
            )
        )
        rows.append((name, snapshot.versions.get(name, words.NONE), *built))
    heads = (
        Head("table", number=False),
        Head("version"),
        Head("rows"),
        Head("accepted"),
        Head("rejected"),
        Head("duplicates"),
        Head("superseded"),
        Head("time"),
    )
    title = f"Versions of {len(names)} tables, and what the build did"
    return f"<details><summary>{title}</summary>{table(heads, rows)}</details>"
