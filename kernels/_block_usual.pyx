# A loop of kernels/block_rules.py, which checks, allocates and documents: reads beside what is usual for the channel.
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from kernels._drift cimport clock_drift, has_course
from kernels._quality cimport SUSPECT
from kernels._rules cimport (
    CLOCK_DRIFT,
    DEMAND,
    DRIFT_CORRELATION,
    DRIFT_COURSE,
    DRIFT_FACTOR,
    HIGH,
    HIGH_DAY_RATIO,
    HIGH_QUIET_RATIO,
    HIGH_RATIO,
    KEEP,
    LEVEL_MIN_KW,
    LOW,
    LOW_DAY_RATIO,
    LOW_MIN_KW,
    LOW_RATIO,
    MOST_SLOTS,
    ZERO_MINUTES,
    ZERO_RUN,
    add,
    mark,
    usual_slots,
)

cdef enum:
    QUIET_SHARE = 20  # of a day's reads one in so many lies below its quiet level
    QUIET_LEAST = 4  # whole units tell no ratio of less
    MOST_QUIET = 73  # MOST_SLOTS / QUIET_SHARE + 1


def flag_unusual(
    blocks,
    baseline,
    const int32_t[:, ::1] base_row,
    const double[:, ::1] threshold,
    const int8_t[::1] done,
    int8_t[::1] quality,
    uint8_t[:, ::1] not_run,
    const uint8_t[::1] zero_day,
    int64_t[::1] found_row,
    int32_t[:, ::1] found_at,
    double[:, ::1] found_value,
):
    """Reads and days that are high or low, zeros, and days moved in time. Return how many findings."""
    cdef const int32_t[::1] raw = blocks.reading
    cdef const int64_t[::1] offset = blocks.offset
    cdef const int32_t[::1] interval = blocks.interval_minutes
    cdef const uint8_t[::1] judged = blocks.judged
    cdef const int32_t[::1] of_class = blocks.of_class
    cdef const int8_t[::1] nature = blocks.nature
    cdef const int64_t[:, ::1] live = blocks.live
    cdef const int64_t[::1] base_offset = baseline.offset
    cdef const int32_t[::1] typical = baseline.typical
    cdef const int32_t[::1] low = baseline.low
    cdef const int32_t[::1] high = baseline.high
    cdef const int32_t[:, ::1] day_total = baseline.day_total
    cdef const int32_t[::1] date_index = baseline.date_index
    cdef const int32_t[:, ::1] local = baseline.local
    cdef Py_ssize_t row, found = 0
    cdef int64_t slot, at, n, base, run, quarter, sum_kept, usual_total
    cdef int64_t usual[MOST_SLOTS]
    cdef int32_t kept, zeros, odd, top, bottom, of_day, least, most, quiet
    cdef double watts, total, measured, limit, lowest, highest, lowest_day, highest_day
    cdef bint lived_in
    with nogil:
        for row in range(judged.shape[0]):
            if not judged[row] or nature[row] != DEMAND:
                continue
            base = offset[row]
            n = offset[row + 1] - base
            if not usual_slots(base_row, base_offset, local, date_index[row], interval[row], row, n, usual):
                not_run[row, HIGH] = not_run[row, LOW] = not_run[row, CLOCK_DRIFT] = not_run[row, ZERO_RUN] = 1
                continue
            watts = 60.0 / (1000.0 * interval[row])
            kept = zeros = 0
            sum_kept = 0
            for at in range(base, base + n):
                kept += done[at] == KEEP
                zeros += (done[at] == KEEP) & (raw[at] == 0)
                sum_kept += raw[at] if done[at] == KEEP else 0
            total = <double>sum_kept
            least = 2147483647
            most = 0
            for slot in range(n):
                least = min(least, low[usual[slot]])
                most = max(most, high[usual[slot]])
            usual_days(base_row, day_total, row, watts / n, &lowest_day, &highest_day)
            highest = max(most * threshold[of_class[row], HIGH_RATIO], 1.0)
            lived_in = highest_day >= threshold[of_class[row], LEVEL_MIN_KW]
            if not lived_in:
                highest = 2147483647.0  # of a home that nobody lived in, no high is known
            lowest = least * threshold[of_class[row], LOW_RATIO]
            if least * watts < threshold[of_class[row], LOW_MIN_KW]:
                lowest = 0.0
            measured = total * watts / n
            quiet = 0
            if kept == n and 2 * zeros < n:
                of_day = -1
                quiet = usual_quiet(typical, usual, n, &usual_total)
                if lived_in and measured > highest_day * threshold[of_class[row], HIGH_DAY_RATIO]:
                    of_day = HIGH
                    limit = highest_day * threshold[of_class[row], HIGH_DAY_RATIO]
                elif (
                    lowest_day >= threshold[of_class[row], LOW_MIN_KW]
                    and 0.0 < measured < lowest_day * threshold[of_class[row], LOW_DAY_RATIO]
                ):
                    of_day = LOW
                    limit = lowest_day * threshold[of_class[row], LOW_DAY_RATIO]
                elif quiet >= QUIET_LEAST and sum_kept > usual_total and all_but_quiet_above(
                    raw, base, n, quiet * threshold[of_class[row], HIGH_QUIET_RATIO]
                ):
                    of_day = HIGH
                    measured = quiet_level(&raw[base], n) * watts
                    limit = quiet * threshold[of_class[row], HIGH_QUIET_RATIO] * watts
                if of_day >= 0:
                    found = add(found_row, found_at, found_value, found, row, of_day, 0, n, measured, limit)
                    mark(done, quality, base, n, SUSPECT)
                    not_run[row, ZERO_RUN] = not_run[row, CLOCK_DRIFT] = 1
                    continue
            if not lived_in and quiet < QUIET_LEAST:
                not_run[row, HIGH] = 1
            # As above: one plain pass, and nearly always nothing to look at.
            top = <int32_t>min(highest, 2147483646.0)
            bottom = <int32_t>max(lowest, 1.0)
            odd = 0
            for at in range(base, base + n):
                odd |= (raw[at] > top) | (raw[at] <= bottom)
            slot = 0
            while odd and slot < n:
                run = 0
                measured = 0.0
                while slot + run < n and done[base + slot + run] == KEEP and raw[base + slot + run] > highest:
                    measured = max(measured, raw[base + slot + run])
                    run += 1
                if run:
                    found = add(found_row, found_at, found_value, found, row, HIGH, slot, run, measured * watts, highest * watts)
                    mark(done, quality, base + slot, run, SUSPECT)
                    slot += run
                    continue
                measured = lowest
                while slot + run < n and done[base + slot + run] == KEEP and 0 < raw[base + slot + run] < lowest:
                    measured = min(measured, raw[base + slot + run])
                    run += 1
                if run:
                    found = add(found_row, found_at, found_value, found, row, LOW, slot, run, measured * watts, lowest * watts)
                    mark(done, quality, base + slot, run, SUSPECT)
                    slot += run
                    continue
                while slot + run < n and not zero_day[row] and done[base + slot + run] == KEEP and raw[base + slot + run] == 0:
                    quarter = (slot + run) * interval[row] // 15
                    if low[usual[slot + run]] <= 0 or not (live[row, quarter >= 48] >> (quarter - 48 * (quarter >= 48))) & 1:
                        break
                    run += 1
                if run * interval[row] >= threshold[of_class[row], ZERO_MINUTES]:
                    found = add(found_row, found_at, found_value, found, row, ZERO_RUN, slot, run, run * interval[row],
                                threshold[of_class[row], ZERO_MINUTES])
                    mark(done, quality, base + slot, run, SUSPECT)
                slot += max(run, 1)
            if kept < n or threshold[of_class[row], DRIFT_CORRELATION] >= 1.0 or not has_course(
                typical, low, high, usual, n, threshold[of_class[row], DRIFT_COURSE]
            ):
                not_run[row, CLOCK_DRIFT] = 1
            else:
                found = clock_drift(
                    raw, typical, usual, base, n, interval[row], threshold[of_class[row], DRIFT_CORRELATION],
                    threshold[of_class[row], DRIFT_FACTOR], done, quality, found_row, found_at, found_value, found, row,
                )
    return found


cdef void usual_days(
    const int32_t[:, ::1] base_row, const int32_t[:, ::1] day_total, Py_ssize_t row, double unit,
    double* lowest, double* highest,
) noexcept nogil:
    """Mean power of the lowest and of the highest day of any type."""
    cdef int kind
    lowest[0] = 1e18
    highest[0] = 0.0
    for kind in range(3):
        if base_row[row, kind] >= 0:
            lowest[0] = min(lowest[0], day_total[base_row[row, kind], 0] * unit)
            highest[0] = max(highest[0], day_total[base_row[row, kind], 1] * unit)


cdef int32_t usual_quiet(const int32_t[::1] typical, int64_t* usual, int64_t n, int64_t* total) noexcept nogil:
    """Quiet level of the usual day, and its sum."""
    cdef int32_t day[MOST_SLOTS]
    cdef int64_t slot, sum_ = 0
    for slot in range(n):
        day[slot] = typical[usual[slot]]
        sum_ += day[slot]
    total[0] = sum_
    return quiet_level(day, n)


cdef int32_t quiet_level(const int32_t* day, int64_t n) noexcept nogil:
    """The read that one in QUIET_SHARE lies below."""
    cdef int32_t lowest[MOST_QUIET]
    cdef int64_t slot, place, most = n // QUIET_SHARE + 1, count = 0
    for slot in range(n):
        if count == most and day[slot] >= lowest[most - 1]:
            continue
        place = count if count < most else most - 1
        while place > 0 and lowest[place - 1] > day[slot]:
            lowest[place] = lowest[place - 1]
            place -= 1
        lowest[place] = day[slot]
        count = min(count + 1, most)
    return lowest[most - 1]


cdef bint all_but_quiet_above(const int32_t[::1] raw, int64_t base, int64_t n, double bound) noexcept nogil:
    """Whether the quiet level of the day's reads is above the bound."""
    cdef int64_t at
    cdef int32_t count = 0, whole = <int32_t>min(bound, 2147483646.0)
    for at in range(base, base + n):
        count += raw[at] <= whole
    return count <= n // QUIET_SHARE
