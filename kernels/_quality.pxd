# The codes of kernels/quality.py as loops know them; tests/unit/test_quality.py compares the two.
cdef enum:
    VALID = 0
    SUSPECT = 1
    SUSPECT_RAW = 2
    MISSING = 3
    ESTIMATED_LINEAR = 4
    ESTIMATED_LIKE_DAY = 5
    ESTIMATED_SPREAD = 6
    ESTIMATED_BY_SOURCE = 7
    FIRST_ESTIMATED = 4
    LAST = 7
