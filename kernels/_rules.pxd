# What the loops over blocks share: the order of rules and thresholds, and how a finding is noted.
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from kernels._quality cimport SUSPECT, SUSPECT_RAW, VALID

cdef enum:  # what is done with a slot: kernels.block_rules
    KEEP = 0
    GAP = 1
    SPREAD = 2

cdef enum:  # kernels.block_rules: what moves a channel
    DEMAND = 0
    FEED_IN = 1
    REACTIVE = 2

cdef enum:  # kernels.block_rules.RULES
    MISSING
    NEGATIVE
    ABOVE_LIMIT
    SPIKE
    CATCH_UP
    HIGH
    LOW
    LEVEL_CHANGE
    FLAT_RUN
    ZERO_RUN
    ZERO_DAY
    REGISTER_DIFFERENCE
    CLOCK_DRIFT

cdef enum:  # kernels.block_rules.THRESHOLDS
    LIMIT_KW
    LIMIT_MARGIN
    SPIKE_RATIO
    SPIKE_MIN_KW
    CATCH_UP_MINUTES
    CATCH_UP_RANGE
    CATCH_UP_RATIO
    HIGH_RATIO
    HIGH_DAY_RATIO
    HIGH_QUIET_RATIO
    LOW_RATIO
    LOW_DAY_RATIO
    LOW_MIN_KW
    LEVEL_RISE_RATIO
    LEVEL_FALL_RATIO
    LEVEL_DEVIATIONS
    LEVEL_MIN_KW
    FLAT_MINUTES
    FLAT_MIN_KW
    ZERO_MINUTES
    ZERO_DAY_RUNS
    REGISTER_SHARE
    DRIFT_COURSE
    DRIFT_CORRELATION
    DRIFT_FACTOR

cdef enum:
    MOST_SLOTS = 1440


cdef inline Py_ssize_t add(
    int64_t[::1] found_row, int32_t[:, ::1] found_at, double[:, ::1] found_value, Py_ssize_t found,
    Py_ssize_t row, int rule, Py_ssize_t first, Py_ssize_t slots, double measured, double threshold,
) noexcept nogil:
    """Note a finding where there is room, and count it in any case."""
    if found < found_row.shape[0]:
        found_row[found] = row
        found_at[found, 0] = rule
        found_at[found, 1] = <int32_t>first
        found_at[found, 2] = <int32_t>slots
        found_value[found, 0] = measured
        found_value[found, 1] = threshold
    return found + 1


cdef inline void mark(const int8_t[::1] done, int8_t[::1] quality, int64_t first, int64_t slots, int8_t code) noexcept nogil:
    """Mark kept reads as suspect; one found without history stays marked so, an estimate of the source stays one."""
    cdef int64_t at
    for at in range(first, first + slots):
        if done[at] == KEEP and (quality[at] == VALID or (quality[at] == SUSPECT and code == SUSPECT_RAW)):
            quality[at] = code


cdef inline bint follows(
    const int64_t[::1] key, const int32_t[::1] day, const int32_t[::1] interval, const int64_t[::1] offset, Py_ssize_t row
) noexcept nogil:
    """Whether the row before is the same channel's block of the day before, on the same interval."""
    return (
        row > 0 and key[row] == key[row - 1] and day[row] == day[row - 1] + 1
        and interval[row] == interval[row - 1] and offset[row] > offset[row - 1]
    )


cdef inline bint usual_slots(
    const int32_t[:, ::1] base_row, const int64_t[::1] base_offset, const int32_t[:, ::1] local, int32_t date_index,
    int32_t minutes, Py_ssize_t row, int64_t n, int64_t* usual,
) noexcept nogil:
    """Whether there is a baseline for the day, and for each slot the place of its local slot and day type in it."""
    cdef int64_t slot
    cdef int32_t here, kind, minute
    if base_row[row, 0] < 0 and base_row[row, 1] < 0 and base_row[row, 2] < 0:
        return False
    for slot in range(n):
        minute = <int32_t>slot * minutes
        here = local[date_index, slot if minutes == 15 else minute // 15]
        kind = (here >= 96) + (here >= 192)
        here -= kind * 96
        if base_row[row, kind] < 0:
            return False
        usual[slot] = base_offset[base_row[row, kind]] + (here if minutes == 15 else (here * 15 + minute % 15) // minutes)
    return True
