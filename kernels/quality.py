"""Codes of ``reading_quality``: one small integer for each reading, the same in every kernel and table.

The GLOSSARY maps them to the reading-quality codes of IEC 61968-9.
"""

VALID = 0
SUSPECT = 1  # kept; found by a rule that needs history: still raw material for baselines
SUSPECT_RAW = 2  # kept; found by a rule that needs no history
MISSING = 3  # no reading and no estimate; the value is 0 and means nothing
ESTIMATED_LINEAR = 4
ESTIMATED_LIKE_DAY = 5
ESTIMATED_SPREAD = 6  # the sum of the run is a real reading, its shape is not
ESTIMATED_BY_SOURCE = 7  # delivered as an estimate or substitute

FIRST_ESTIMATED = ESTIMATED_LINEAR
LAST = ESTIMATED_BY_SOURCE

MEANING = {
    VALID: "received, no rule objects",
    SUSPECT: "received and kept, suspect by a rule that compares with history",
    SUSPECT_RAW: "received and kept, suspect by a rule that needs no history",
    MISSING: "missing, not estimated",
    ESTIMATED_LINEAR: "estimated by straight line",
    ESTIMATED_LIKE_DAY: "estimated from the usage point's own like days",
    ESTIMATED_SPREAD: "a real sum, spread over the run before it",
    ESTIMATED_BY_SOURCE: "delivered as an estimate",
}
