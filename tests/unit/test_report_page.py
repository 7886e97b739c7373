"""The page itself: complete, self-contained, escaped, small enough, and calm where there is nothing to show."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import plotly.graph_objects as go
import pytest

from jobs.report.cost_data import Costs, Ranked
from jobs.report.summary import summary_lines
from jobs.report.supplier_section import supplier_section
from jobs.report.write import report_page
from jobs.settings import read_settings
from tests.unit.report_content import NOTICE, content, empty

SETTINGS = read_settings()


class Seen(HTMLParser):
    """Ids, links, addresses that a browser would load, and JSON blocks."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.json: dict[str, str] = {}
        self._block: str | None = None
        self.scripts: list[str] = []
        self.text = ""
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if tag == "a" else []
        self.loaded += [values[name] for name in ("src", "srcset", "data", "action") if name in values]
        self.loaded += [values["href"]] if tag == "link" else []
        if tag == "script":
            self._in_script, self._block = True, values.get("id")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script, self._block = False, None

    def handle_data(self, data: str) -> None:
        if self._block:
            self.json[self._block] = self.json.get(self._block, "") + data
        elif self._in_script:
            self.scripts.append(data)
        else:
            self.text += data


@pytest.fixture(scope="module")
def text() -> str:
    return report_page(content(), SETTINGS)


@pytest.fixture(scope="module")
def seen(text: str) -> Seen:
    return Seen(text)


def test_a_whole_year_of_an_area_stays_small(text: str) -> None:
    assert len(text.encode()) < 8_000_000


def test_nothing_is_loaded_from_outside(text: str, seen: Seen) -> None:
    assert [address for address in seen.loaded if address != "data:,"] == []
    style = text[text.index("<style>") : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert {link for link in seen.links if not link.startswith("#")} == {"https://example.org/licence?a=1&b=2"}


def test_plotly_is_there_once(seen: Seen) -> None:
    assert sum(len(script) > 1_000_000 for script in seen.scripts) == 1


def test_ids_are_unique_and_every_link_within_the_page_leads_somewhere(seen: Seen) -> None:
    assert len(seen.ids) == len(set(seen.ids))
    inner = [link[1:] for link in seen.links if link.startswith("#")]
    assert len(inner) == 15
    assert set(inner) <= set(seen.ids)


def test_every_figure_has_a_place_is_valid_and_names_its_axes_with_units(seen: Seen) -> None:
    figures = json.loads(seen.json["figures"])
    assert sorted(figures) == [
        "ages",
        "areas",
        "calibration",
        "duration",
        "eac",
        "fan",
        "heat",
        "hot-spot",
        "map",
        "plan",
        "quality",
        "stakes",
        "suppliers",
        "unexplained",
        "waiting",
    ]
    titles = []
    for name, figure in figures.items():
        assert f"plot-{name}" in seen.ids
        go.Figure(figure)  # raises on anything that plotly does not know
        titles += [figure["layout"][axis]["title"]["text"] for axis in ("xaxis", "yaxis")]
    assert "local time (Europe/Berlin)" in titles
    assert "apparent power, kVA" in titles
    assert all(re.search(r",|°|day|\(|years?$|T$|^number|^outcome$", title) for title in titles), titles


def test_heat_map_holds_every_feeder_and_a_gap_is_no_zero(seen: Seen) -> None:
    heat = json.loads(seen.json["heat-kw"])
    assert len(heat["kw"]) == 8
    assert heat["days"] in (366, 367)
    assert heat["missing"] == -(2**15)


def test_files_that_could_not_be_read_are_named_with_their_reason(text: str) -> None:
    failed, kept = (text.index(name) for name in ("may.csv", "june.csv"))
    assert failed < text.index("ends within record 300") < kept
    assert kept < text.index("as read before") < text.index("its rows stay as they were read before")
    assert "and 52 more" in text  # of 54, two are shown


def test_what_came_from_files_is_escaped(text: str, seen: Seen) -> None:
    assert "<line 1,204>" not in text
    assert "ends within record 300 <line 1,204>" in seen.text
    assert "losses & load" in seen.text


def test_says_which_figures_are_of_a_new_unit_and_which_of_this_one(seen: Seen) -> None:
    assert "LCC, EAC and economic life describe a new unit of this type" in seen.text
    assert "describe this very unit" in seen.text


def test_says_how_much_is_estimated_of_feeders_transformers_units_and_areas(seen: Seen) -> None:
    assert all(share in seen.text for share in ("98.7 %", "97.2 %", "96.5 %", "95.4 %"))
    assert "survival 3" in seen.text  # who says how likely a unit fails


def test_balance_names_what_is_unexplained_and_keeps_what_is_not_known_apart(seen: Seen) -> None:
    assert "Of 77 transformers with a total meter 1 are suspect" in seen.text
    assert "T<7>" in seen.text
    assert "25 MWh" in seen.text  # unexplained
    assert "20 MWh" in seen.text  # losses of the feeder whose lines are known


def test_multipliers_put_right_say_what_they_moved_here_and_on_the_one_screen(seen: Seen) -> None:
    assert "had the multiplier of 2 meters wrong" in seen.text
    assert all(part in seen.text for part in ("U<8>", "T<8>", "3 February 2016", "46 MWh"))
    assert "multipliers put right 2 meters, which moved 23 MWh" in summary_lines(content(days=2), {})


def test_ledger_adds_up_to_the_cent_and_says_what_is_at_stake(seen: Seen) -> None:
    assert all(amount in seen.text for amount in ("181,200,000.55", "90,300,000.05", "1,840,000.45"))


def test_suppliers_are_listed_with_their_evidence_and_makers_counted_without_what_is(seen: Seen) -> None:
    assert "292 makers, models and batches by the years wholly on record at 1 April 2016; 3 are listed" in seen.text
    assert "batch Maker <M> / M1977" in seen.text
    assert all(part in seen.text for part in ("1.35 to 1.66", "Evidence: 149 failures where 67.9 were expected; <b>."))
    assert all(part in seen.text for part in ("2,100", "2,126.0"))
    drawn = supplier_section(content(days=2).suppliers).figures["suppliers"]["data"][0]
    assert drawn["y"] == ["maker Maker <M>", "batch Maker <M> / M1977"]  # the highest above
    assert drawn["error_x"]["arrayminus"] == pytest.approx([0.03, 0.155])


def test_plan_says_what_it_spends_and_leaves_out(seen: Seen) -> None:
    assert "630 units are replaced in 2 years for 9,900,000 EUR, which saves 4,100,000 EUR" in seen.text
    assert "42 that it would pay to replace are left out" in seen.text


def test_a_decision_says_what_it_would_take_to_change_it(seen: Seen) -> None:
    for part in ("replace in 2018 at -0.0075", "nothing", "U<1>"):
        assert part in seen.text


def test_says_where_it_comes_from(seen: Seen) -> None:
    for part in ("Everything here is synthetic", "a1b2c3d4e5f6", "0123456789abcdef", "gridlake 0.1.0"):
        assert part in seen.text


def test_a_sources_notice_is_shown_once_with_its_name_and_no_other(seen: Seen) -> None:
    assert seen.text.count(NOTICE) == 1
    assert f"simbench_network: {NOTICE}" in seen.text
    assert "SimBench" not in seen.text  # credit is what a source's declaration says, whatever its name
    assert "head_end:" not in seen.text


def test_sources_of_one_notice_share_it() -> None:
    some = content(days=2)
    sources = some.origin.sources.assign(notice=[NOTICE, None, NOTICE])
    text = Seen(report_page(replace(some, origin=replace(some.origin, sources=sources)), SETTINGS)).text
    assert f"head_end, simbench_network: {NOTICE}" in text
    assert text.count(NOTICE) == 1


def test_says_what_rounding_moved_here_and_on_the_one_screen(seen: Seen) -> None:
    assert "moved all of them together by -1,234 Wh and 0.25 varh." in seen.text
    lines = summary_lines(content(days=2), {"sample": 1.25, "build": 2.5})
    assert "  moved by rounding   -1,234 Wh and 0.25 varh" in lines
    assert [line.split(maxsplit=1) for line in lines[-2:]] == [["2.5", "build"], ["3.8", "in all"]]


def test_one_screen_keeps_units_that_are_metered_apart_from_those_that_are_not() -> None:
    some = content(days=2)
    unit = {"transformer_id": "P", "decision": "replace_now", "reason": "worn"}
    metered = Ranked(pd.DataFrame([{"asset_id": "M1", **unit}]), {"replace_now": 1, "keep": 4})
    typical = Ranked(pd.DataFrame([{"asset_id": "F1", **unit}]), {"replace_now": 1200, "replace_later": 300})
    lines = summary_lines(replace(some, costs=Costs(metered, typical)), {})
    at = lines.index("replace now           1,201 of 1,505 units")
    assert [" ".join(line.split()) for line in lines[at + 1 : at + 5]] == [
        "by their own load 1 of 5 units, metered",
        "M1 at P: worn",
        "by a typical load 1,200 of 1,500 units, without meters: their class's load stands for theirs",
        "F1 at P: worn",
    ]


def test_a_remainder_of_floating_point_is_no_rounding() -> None:
    quality = replace(content(days=2).quality, rounding={"Wh": 7.2e-10, "varh": -2.5e-11})
    assert quality.rounding_words == "0 Wh and 0 varh"


def test_scores_stand_beside_the_rules(seen: Seen) -> None:
    assert "94.7 %" in seen.text  # precision of 'missing'
    assert "97.6 %" in seen.text  # its recall by reading
    assert "90 % for recall by fault" in seen.text  # which of the columns a floor is of
    assert "80 % for the precision of each rule" in seen.text
    assert "0.1 %" in seen.text  # 52,000 of 35 million clean readings named


def test_without_truth_there_is_no_score() -> None:
    whole = content(days=2)
    unplanted = replace(whole.risk, bins=whole.risk.bins.assign(truth=None))
    text = Seen(report_page(replace(whole, score=None, risk=unplanted), SETTINGS)).text
    assert "planted" not in text
    assert "precision" not in text


@pytest.mark.parametrize(
    ("synthetic", "said"),
    [(True, "Everything here is synthetic"), (False, "No source states that its data are synthetic.")],
)
def test_sources_that_ask_for_no_notice_get_none_invented_or_not(synthetic: bool, said: str) -> None:
    some = content(days=2)
    sources = some.origin.sources.assign(synthetic=synthetic, notice=None)
    text = Seen(report_page(replace(some, origin=replace(some.origin, sources=sources)), SETTINGS)).text
    assert said in text
    assert "Notices" not in text
    assert "SimBench" not in text


def test_an_empty_lake_gets_plain_sentences() -> None:
    seen = Seen(report_page(empty(), SETTINGS))
    assert json.loads(seen.json["figures"]) == {}
    for sentence in ("No feeder profile has been built yet.", "No feeder metrics have been built yet.",
                     "No transformer metrics have been built yet.", "No life-cycle cost has been built yet.",
                     "No readings have been validated yet.", "Nothing was rejected.",
                     "No area energy has been built yet.", "No file has been received."):  # fmt: skip
        assert sentence in seen.text


def test_flow_back_that_exceeds_the_load_is_told_beside_it() -> None:
    shown = content()
    feeders = shown.loads.feeders.assign(peak_kw=[120.0] * len(shown.loads.feeders), reverse_peak_kw=None)
    for back, told in ((None, "highest net load 120 kW"), (310.0, "highest net load 120 kW to customers, 310 kW back")):
        feeders.loc[feeders.index[0], "reverse_peak_kw"] = back
        loads = replace(shown.loads, feeders=feeders.assign(reverse_peak_kw=feeders["reverse_peak_kw"].astype(float)))
        text = Seen(report_page(replace(shown, loads=loads), SETTINGS)).text
        assert told in text
        assert ("back from them" in text) == (back is not None)
