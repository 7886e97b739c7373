# A loop of kernels/block_rules.py, which checks, allocates and documents: a day's level beside those before it.
from libc.math cimport NAN, exp, fabs, log
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from kernels._quality cimport MISSING as MISSING_QUALITY, SUSPECT
from kernels._rules cimport (
    DEMAND,
    KEEP,
    LEVEL_CHANGE,
    LEVEL_DEVIATIONS,
    LEVEL_FALL_RATIO,
    LEVEL_MIN_KW,
    LEVEL_RISE_RATIO,
    SPREAD,
    ZERO_DAY,
    ZERO_DAY_RUNS,
    add,
    mark,
)

cdef enum:
    LEVEL_DAYS = 14
    LEVEL_MIN_DAYS = 7


def flag_levels(
    blocks,
    const double[:, ::1] threshold,
    const int8_t[::1] done,
    int8_t[::1] quality,
    uint8_t[:, ::1] not_run,
    uint8_t[::1] zero_day,
    int64_t[::1] found_row,
    int32_t[:, ::1] found_at,
    double[:, ::1] found_value,
):
    """Days of another level than those before, and days of zeros, which `zero_day` notes. Return how many findings."""
    cdef const int32_t[::1] raw = blocks.reading
    cdef const int8_t[::1] received = blocks.reading_quality
    cdef const int64_t[::1] offset = blocks.offset
    cdef const int64_t[::1] key = blocks.key
    cdef const int32_t[::1] day = blocks.day
    cdef const int32_t[::1] interval = blocks.interval_minutes
    cdef const uint8_t[::1] judged = blocks.judged
    cdef const int32_t[::1] of_class = blocks.of_class
    cdef const double[::1] mean_kw = blocks.mean_kw
    cdef const int8_t[::1] nature = blocks.nature
    cdef const int64_t[:, ::1] live = blocks.live
    cdef Py_ssize_t row, found = 0
    cdef int64_t at, n, base, total_received, count, above
    cdef int32_t kept, zeros
    cdef double watts, measured, limit, highest, middle
    cdef double before[LEVEL_DAYS]
    cdef int days
    with nogil:
        for row in range(judged.shape[0]):
            if not judged[row] or nature[row] != DEMAND:
                continue
            base = offset[row]
            n = offset[row + 1] - base
            watts = 60.0 / (1000.0 * interval[row])
            # Of what came, whether above a limit or not: a lone spike is no level, so a rise has to last an hour.
            count = above = 0
            total_received = 0
            for at in range(base, base + n):
                if received[at] != MISSING_QUALITY and raw[at] >= 0 and done[at] != SPREAD:
                    count += 1
                    total_received += raw[at]
            measured = total_received * watts / count if count else 0.0
            middle = highest = NAN
            if earlier(row, key, day, mean_kw, before, &days):
                middle = 0.5 * (before[(days - 1) // 2] + before[days // 2])
                highest = before[days - 1]
            if threshold[of_class[row], ZERO_DAY_RUNS] != 0:
                if highest != highest:
                    not_run[row, ZERO_DAY] = 1
                elif highest == 0.0 and (live[row, 0] != 0 or live[row, 1] != 0):
                    kept = zeros = 0
                    for at in range(base, base + n):
                        kept += done[at] == KEEP
                        zeros += (done[at] == KEEP) & (raw[at] == 0)
                    if zeros == kept and 2 * kept >= n:
                        found = add(
                            found_row, found_at, found_value, found, row, ZERO_DAY, 0, n, zeros * interval[row], 720.0
                        )
                        mark(done, quality, base, n, SUSPECT)
                        zero_day[row] = 1
            limit = level(middle, before, days, threshold[of_class[row], LEVEL_RISE_RATIO],
                          threshold[of_class[row], LEVEL_FALL_RATIO], threshold[of_class[row], LEVEL_DEVIATIONS],
                          threshold[of_class[row], LEVEL_MIN_KW], measured)
            if limit != limit:
                not_run[row, LEVEL_CHANGE] = 1
            elif limit > 0.0 and 2 * count >= n:
                for at in range(base, base + n):
                    above += received[at] != MISSING_QUALITY and done[at] != SPREAD and raw[at] * watts > limit
                if measured < limit or above * interval[row] >= 60:
                    found = add(found_row, found_at, found_value, found, row, LEVEL_CHANGE, 0, n, measured, limit)
                    mark(done, quality, base, n, SUSPECT)
    return found


cdef bint earlier(
    Py_ssize_t row, const int64_t[::1] key, const int32_t[::1] day, const double[::1] mean_kw, double* before, int* days
) noexcept nogil:
    """The means of the days before, sorted, and whether they are enough."""
    cdef Py_ssize_t other = row - 1
    days[0] = 0
    while other >= 0 and key[other] == key[row] and day[other] >= day[row] - LEVEL_DAYS:
        if mean_kw[other] == mean_kw[other]:
            insert(before, days[0], mean_kw[other])
            days[0] += 1
        other -= 1
    return days[0] >= LEVEL_MIN_DAYS


cdef inline void insert(double* sorted_values, int count, double x) noexcept nogil:
    while count > 0 and sorted_values[count - 1] > x:
        sorted_values[count] = sorted_values[count - 1]
        count -= 1
    sorted_values[count] = x


cdef double level(
    double middle, double* before, int days, double rise_ratio, double fall_ratio, double deviations, double least_kw,
    double now_kw,
) noexcept nogil:
    """The bound that the day's mean breaks, 0 where it breaks none, NaN where the days before are no measure."""
    cdef double away[LEVEL_DAYS]
    cdef double bound
    cdef int other
    if not middle >= least_kw:
        return NAN
    if now_kw <= 0.0 or middle / fall_ratio <= now_kw <= middle * rise_ratio:
        return 0.0
    for other in range(days):
        insert(away, other, fabs(log(max(before[other], 1e-9) / middle)))
    # 1.4826 x the median absolute deviation is the standard deviation of normal values.
    bound = 1.4826 * 0.5 * (away[(days - 1) // 2] + away[days // 2])
    bound = exp(min(deviations * bound, 50.0))
    if now_kw > middle * max(rise_ratio, bound):
        return middle * max(rise_ratio, bound)
    bound = max(fall_ratio, bound)
    return middle / bound if now_kw < middle / bound else 0.0
