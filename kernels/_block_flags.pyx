# A loop of kernels/block_rules.py, which checks, allocates and documents: gaps, and what a day's own reads tell.
from libc.math cimport fabs
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from kernels._quality cimport MISSING as MISSING_QUALITY, SUSPECT, SUSPECT_RAW
from kernels._rules cimport (
    FLAT_MIN_KW,
    FLAT_MINUTES,
    FLAT_RUN,
    GAP,
    KEEP,
    MISSING,
    REACTIVE,
    REGISTER_DIFFERENCE,
    REGISTER_SHARE,
    add,
    mark,
)


def flag_reads(
    blocks,
    const double[:, ::1] threshold,
    const int8_t[::1] done,
    int8_t[::1] quality,
    uint8_t[:, ::1] not_run,
    int64_t[::1] found_row,
    int32_t[:, ::1] found_at,
    double[:, ::1] found_value,
):
    """Gaps, runs of equal reads and days that the register contradicts. Return how many findings."""
    cdef const int32_t[::1] raw = blocks.reading
    cdef const int8_t[::1] received = blocks.reading_quality
    cdef const int64_t[::1] offset = blocks.offset
    cdef const int32_t[::1] interval = blocks.interval_minutes
    cdef const uint8_t[::1] judged = blocks.judged
    cdef const int32_t[::1] of_class = blocks.of_class
    cdef const int8_t[::1] nature = blocks.nature
    cdef const double[::1] register = blocks.register
    cdef Py_ssize_t row, found = 0
    cdef int64_t slot, at, n, base, run, sum_kept
    cdef int32_t kept
    cdef double watts, measured, limit
    with nogil:
        for row in range(judged.shape[0]):
            if not judged[row]:
                continue
            base = offset[row]
            n = offset[row + 1] - base
            watts = 60.0 / (1000.0 * interval[row])
            kept = 0
            for at in range(base, base + n):
                kept += done[at] == KEEP
            slot = 0
            while kept < n and slot < n:
                run = 0
                while slot + run < n and received[base + slot + run] == MISSING_QUALITY and done[base + slot + run] == GAP:
                    run += 1
                if run:
                    found = add(found_row, found_at, found_value, found, row, MISSING, slot, run, run * interval[row], 0.0)
                slot += max(run, 1)
            if nature[row] != REACTIVE:
                found = flat_runs(
                    raw, done, quality, base, n, interval[row], threshold[of_class[row], FLAT_MINUTES],
                    threshold[of_class[row], FLAT_MIN_KW] / watts, found_row, found_at, found_value, found, row,
                )
            if register[row] != register[row]:
                not_run[row, REGISTER_DIFFERENCE] = 1
                continue
            sum_kept = 0
            for at in range(base, base + n):
                sum_kept += raw[at] if done[at] == KEEP else 0
            limit = threshold[of_class[row], REGISTER_SHARE] * fabs(register[row]) + 0.5 * n
            measured = <double>sum_kept - register[row]
            if measured > limit or (kept == n and -measured > limit):
                found = add(found_row, found_at, found_value, found, row, REGISTER_DIFFERENCE, 0, n, measured, limit)
                mark(done, quality, base, n, SUSPECT)
    return found


cdef Py_ssize_t flat_runs(
    const int32_t[::1] raw, const int8_t[::1] done, int8_t[::1] quality, int64_t base, int64_t n, int32_t minutes,
    double least_minutes, double least_value,
    int64_t[::1] found_row, int32_t[:, ::1] found_at, double[:, ::1] found_value, Py_ssize_t found, Py_ssize_t row,
) noexcept nogil:
    # A run of `most` equal reads holds every (most - 1)th pair of neighbours: only those are looked at.
    cdef int64_t at = base, first, end, most = <int64_t>max(least_minutes / minutes, 2.0)
    while at + 1 < base + n:
        if raw[at] != raw[at + 1]:
            at += most - 1
            continue
        first = at
        end = at + 2
        while first > base and raw[first - 1] == raw[at]:
            first -= 1
        while end < base + n and raw[end] == raw[at]:
            end += 1
        # Zeros are the affair of other rules, gaps and spread reads of none.
        if (end - first) * minutes >= least_minutes and raw[at] >= max(least_value, 1.0) and done[first] == KEEP:
            found = add(
                found_row, found_at, found_value, found, row, FLAT_RUN, first - base, end - first,
                (end - first) * minutes, least_minutes,
            )
            mark(done, quality, first, end - first, SUSPECT_RAW)
        at = end - 1
    return found
