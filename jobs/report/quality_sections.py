"""Section on data quality: readings by quality, findings by rule, scores against planted truth, what was rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobs.registry import rules_of
from jobs.report import words
from jobs.report.figures import quality_by_day
from jobs.report.page import Head, Section, figure, paragraph, table
from jobs.report.quality_data import Quality
from jobs.report.scoring import FALSE_FLAGS_ALLOWED, PRECISION_NEEDED, RECALL_NEEDED, Score
from jobs.rule import Rule
from jobs.silver.validation import RULE_TABLE

ROWS_OF = {"failed": "none", "kept": "as read before"}


def quality_section(quality: Quality, score: Score | None) -> Section:
    body = _readings(quality) + _findings(quality, score)
    if score is not None:
        body += _kinds(score)
    body += _rejected(quality)
    drawn = {} if quality.days.empty else {"quality": quality_by_day(quality.days)}
    return Section("quality", "Data quality", body, drawn)


def _readings(quality: Quality) -> str:
    if not quality.readings:
        return paragraph("No readings have been validated yet.")
    text = (
        f"{words.count(quality.readings)} channel-intervals were expected ({words.count(quality.blocks)} days of a "
        f"channel); for {words.count(quality.received)} of them a read was accepted. Every expected channel-interval "
        "is in the lake, received or not, and says whether it is valid, kept as suspect, estimated or missing. "
        f"Rounding to whole units moved all of them together by {quality.rounding_words}."
    )
    if quality.days.empty:
        return paragraph(text)
    return paragraph(text) + figure("quality", "What is not drawn is valid.", "Estimated, suspect and missing by day")


def _findings(quality: Quality, score: Score | None) -> str:
    title = "<h3>Findings by rule</h3>"
    if quality.findings.empty and quality.not_run.empty:
        return title + paragraph("No rule has found anything.")
    not_run = dict(zip(quality.not_run["rule_id"], quality.not_run["blocks"], strict=True))
    scores = {} if score is None else {row["rule_id"]: row for row in score.rules.to_dict("records")}
    rows: list[list[Any]] = [
        [
            _label(row["rule_id"], RULE_TABLE),
            row["disposition"],
            words.count(row["findings"]),
            words.count(row["readings"]),
            words.share(row["readings"] / quality.readings if quality.readings else None),
            words.count(not_run.get(row["rule_id"], 0)),
            *_rule_score(row["rule_id"], scores, score),
        ]
        for row in quality.findings.to_dict("records")
    ]
    silent = sorted(set(not_run) - set(quality.findings["rule_id"]))
    rows += [
        [
            _label(rule, RULE_TABLE),
            words.NONE,
            "0",
            "0",
            "0 %",
            words.count(not_run[rule]),
            *_rule_score(rule, scores, score),
        ]
        for rule in silent
    ]
    heads = [
        Head("rule", number=False),
        Head("what was done", number=False),
        Head("findings"),
        Head("channel-intervals"),
        Head("of all"),
        Head("not run, channel-days"),
    ]
    if score is not None:
        heads += [Head("precision"), Head("of its kind")]
    body = title + paragraph(
        "A rule that lacked history is counted as not run, never as passed. A failed rule rejects nothing: the read "
        "stays, "
        "with its quality.",
        "soft",
    )
    return body + table(heads, rows)


def _label(rule: str, rules: Mapping[str, Rule]) -> str:
    return words.plain(rules[rule].label if rule in rules else rule)


def _meaning(rule: str, rules: Mapping[str, Rule]) -> str:
    return rules[rule].meaning if rule in rules else words.NONE


def _rule_score(rule: str, scores: dict[Any, dict[Any, Any]], score: Score | None) -> list[str]:
    if score is None:
        return []
    one = scores.get(rule)
    if one is None:
        return [words.NONE, words.NONE]
    return [words.share(one["precision"]), words.share(one["of_its_kind"] / one["findings"])]


def _kinds(score: Score) -> str:
    body = "<h3>Against the planted truth</h3>" + paragraph(
        "The sample plants faults and writes down where. Recall by fault: share of the judged faults (a rule made for "
        "them had the history to run on the first day) that a finding of such a rule overlaps. Recall by reading: "
        "share of their channel-intervals that such findings cover. Precision of a rule (table above): share of its "
        "findings that lie on a planted fault; beside it, on one of a kind it is made for. Kinds without a rule show "
        "what was found by chance.",
        "soft",
    )
    body += paragraph(
        f"The floors: {words.share(RECALL_NEEDED)} for recall by fault, of each kind that a rule is made for; "
        f"{words.share(PRECISION_NEEDED)} for the precision of each rule but ‘missing’, on a fault of any kind; of "
        f"clean quarter-hours at most {words.share(FALSE_FLAGS_ALLOWED)} may be named. The other columns have none."
    )
    body += paragraph(
        f"Of {words.count(score.clean)} clean quarter-hours {words.count(score.falsely_flagged)} "
        f"({words.share(score.false_flag_share)}) are named by some rule."
    )
    if score.kinds.empty:
        return body + paragraph("No fault was planted on the days that the lake holds.")
    return body + table(
        (
            Head("planted fault", number=False),
            Head("rule made for it", number=False),
            Head("faults"),
            Head("judged"),
            Head("recall by fault"),
            Head("channel-intervals"),
            Head("recall by reading"),
            Head("found by any rule"),
        ),
        [
            (
                words.plain(row["kind"]),
                "yes" if row["has_rule"] else "no",
                words.count(row["faults"]),
                words.count(row["judged"]) if row["has_rule"] else words.NONE,
                words.share(row["recall"]) if row["has_rule"] and row["judged"] else words.NONE,
                words.count(row["readings"]),
                words.share(row["reading_recall"]) if row["has_rule"] and row["judged"] else words.NONE,
                words.share(row["found_by_any"] / row["faults"]),
            )
            for row in score.kinds.to_dict("records")
        ],
    )


def _rejected(quality: Quality) -> str:
    body = "<h3>Rejected records by rule</h3>"
    if quality.rejected.empty:
        body += paragraph("Nothing was rejected.")
    else:
        body += table(
            (
                Head("table", number=False),
                Head("rule", number=False),
                Head("why", number=False, words=True),
                Head("records"),
                Head("channel-intervals"),
            ),
            [
                (
                    row["table_name"],
                    _label(row["rule_id"], rules_of(row["table_name"])),
                    _meaning(row["rule_id"], rules_of(row["table_name"])),
                    words.count(row["records"]),
                    words.count(row["readings"]) if row["readings"] else words.NONE,
                )
                for row in quality.rejected.to_dict("records")
            ],
        )
    if not quality.failed_files.empty:
        body += "<h3>Files that could not be read</h3>" + table(
            (
                Head("source", number=False),
                Head("file", number=False),
                Head("its rows", number=False),
                Head("reason", number=False, words=True),
            ),
            [
                (row["source"], row["file"], ROWS_OF[row["status"]], row["reason"] or words.NONE)
                for row in quality.failed_files.to_dict("records")
            ],
        )
        if (more := quality.failed_count - len(quality.failed_files)) > 0:
            body += paragraph(f"and {words.count(more)} more: select * from bronze.file where status <> 'ok'", "soft")
    return body
