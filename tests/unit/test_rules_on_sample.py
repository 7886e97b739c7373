"""The rules held against the sample's planted faults, on seeds other than the default one (DESIGN, section 6).

Three months of a third of the area MV1.101, with faults as the sample plants them, without outages. A fault counts
where a rule made for its kind ran; a finding is right where it lies on a fault of any kind.
"""

from datetime import date

import pytest

from jobs.report.scoring import FALSE_FLAGS_ALLOWED, PRECISION_NEEDED, RECALL_NEEDED, Score
from jobs.span import Span
from tests.planted import judged, score_of

pytest.importorskip("simbench")
SPAN = Span(date(2016, 1, 1), date(2016, 4, 1))
SEEDS = (2, 3)
JUDGED_LEAST = 15


@pytest.fixture(scope="module")
def score() -> Score:
    return score_of(*(judged(seed, SPAN) for seed in SEEDS))


def test_what_rules_are_made_for_is_found(score: Score) -> None:
    kinds = score.kinds[score.kinds["has_rule"]].set_index("kind")
    print(kinds.round(3).to_string())
    assert kinds["judged"].min() >= JUDGED_LEAST
    recall = kinds["recall"].round(3)
    assert recall[recall < RECALL_NEEDED].to_dict() == {}


def test_what_rules_find_is_wrong(score: Score) -> None:
    rules = score.rules.set_index("rule_id").drop(index="missing")  # a gap is a gap
    print(rules.round(3).to_string())
    short = {k: round(p, 3) for k, p in rules["precision"].items() if p < PRECISION_NEEDED}
    assert short == {}


def test_clean_reads_stay_as_they_are(score: Score) -> None:
    print(f"clean reads named: {score.false_flag_share:.3%}")
    assert score.false_flag_share is not None
    assert score.false_flag_share <= FALSE_FLAGS_ALLOWED
