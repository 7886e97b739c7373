# The loops of kernels/block_rules.py, which checks, allocates and documents: gaps, and rules whose reads are kept.
from libc.math cimport NAN, exp, fabs, log, sqrt
from libc.stdlib cimport abs
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from kernels._rules cimport *


def flag_reads(
    const int32_t[::1] raw,
    const int8_t[::1] received,
    const int64_t[::1] offset,
    const int64_t[::1] key,
    const int32_t[::1] day,
    const int32_t[::1] interval,
    const uint8_t[::1] judged,
    const int32_t[::1] of_class,
    const double[:, ::1] threshold,
    const double[::1] mean_kw,
    const int8_t[::1] nature,
    const int64_t[:, ::1] live,
    const double[::1] register,
    const int32_t[:, ::1] base_row,
    const int64_t[::1] base_offset,
    const int32_t[::1] typical,
    const int32_t[::1] low,
    const int32_t[::1] high,
    const int32_t[:, ::1] day_total,
    const int32_t[::1] date_index,
    const int32_t[:, ::1] local,
    const int8_t[::1] done,
    int8_t[::1] quality,
    uint8_t[:, ::1] not_run,
    int64_t[::1] found_row,
    int32_t[:, ::1] found_at,
    double[:, ::1] found_value,
):
    """Gaps, and the rules whose reads are kept but suspect. Return how many findings."""
    cdef Py_ssize_t row, found = 0
    cdef int64_t slot, at, n, base, run, quarter, sum_kept, total_received, count, above
    cdef int32_t kept, zeros, odd, top, bottom, of_day
    cdef double watts, total, measured, limit, lowest, highest, lowest_day, highest_day
    cdef int32_t least, most
    cdef double middle
    cdef double before[LEVEL_DAYS]
    cdef int days
    cdef bint has_usual, alive, zero_day, demand, lived_in
    cdef int64_t usual[MOST_SLOTS]
    cdef int64_t usual_total
    cdef int32_t quiet
    with nogil:
        for row in range(judged.shape[0]):
            if not judged[row]:
                continue
            base = offset[row]
            n = offset[row + 1] - base
            watts = 60.0 / (1000.0 * interval[row])
            demand = nature[row] == DEMAND
            has_usual = demand and usual_slots(
                base_row, base_offset, local, date_index[row], interval[row], row, n, usual
            )
            kept = zeros = 0
            sum_kept = 0
            for at in range(base, base + n):
                kept += done[at] == KEEP
                zeros += (done[at] == KEEP) & (raw[at] == 0)
                sum_kept += raw[at] if done[at] == KEEP else 0
            total = <double>sum_kept
            slot = 0
            while kept < n and slot < n:
                run = 0
                while slot + run < n and received[base + slot + run] == MISSING_QUALITY and done[base + slot + run] == GAP:
                    run += 1
                if run:
                    found = add(found_row, found_at, found_value, found, row, MISSING, slot, run, run * interval[row], 0.0)
                slot += max(run, 1)

            zero_day = False
            alive = live[row, 0] != 0 or live[row, 1] != 0
            if nature[row] != REACTIVE:
                found = flat_runs(
                    raw, done, quality, base, n, interval[row], threshold[of_class[row], FLAT_MINUTES],
                    threshold[of_class[row], FLAT_MIN_KW] / watts, found_row, found_at, found_value, found, row,
                )

            # Of what came, whether above a limit or not: a lone spike is no level, so a rise has to last an hour.
            count = above = 0
            total_received = 0
            for at in range(base, base + n):
                if received[at] != MISSING_QUALITY and raw[at] >= 0 and done[at] != SPREAD:
                    count += 1
                    total_received += raw[at]
            measured = total_received * watts / count if count else 0.0
            middle = highest = NAN
            if demand and earlier(row, key, day, mean_kw, before, &days):
                middle = 0.5 * (before[(days - 1) // 2] + before[days // 2])
                highest = before[days - 1]
            if demand and threshold[of_class[row], ZERO_DAY_RUNS] != 0:
                if highest != highest:
                    not_run[row, ZERO_DAY] = 1
                elif highest == 0.0 and alive and zeros == kept and 2 * kept >= n:
                    found = add(found_row, found_at, found_value, found, row, ZERO_DAY, 0, n, zeros * interval[row], 720.0)
                    mark(done, quality, base, n, SUSPECT)
                    zero_day = True  # one finding of it is enough
            limit = level(middle, before, days, threshold[of_class[row], LEVEL_RISE_RATIO],
                          threshold[of_class[row], LEVEL_FALL_RATIO], threshold[of_class[row], LEVEL_DEVIATIONS],
                          threshold[of_class[row], LEVEL_MIN_KW], measured)
            if limit != limit:  # as of what is no demand
                not_run[row, LEVEL_CHANGE] = 1
            elif limit > 0.0 and 2 * count >= n:
                for at in range(base, base + n):
                    above += received[at] != MISSING_QUALITY and done[at] != SPREAD and raw[at] * watts > limit
                if measured < limit or above * interval[row] >= 60:
                    found = add(found_row, found_at, found_value, found, row, LEVEL_CHANGE, 0, n, measured, limit)
                    mark(done, quality, base, n, SUSPECT)

            if register[row] != register[row]:
                not_run[row, REGISTER_DIFFERENCE] = 1
            else:
                limit = threshold[of_class[row], REGISTER_SHARE] * fabs(register[row]) + 0.5 * n
                measured = total - register[row]
                if measured > limit or (kept == n and -measured > limit):
                    found = add(found_row, found_at, found_value, found, row, REGISTER_DIFFERENCE, 0, n, measured, limit)
                    mark(done, quality, base, n, SUSPECT)

            if not has_usual:
                not_run[row, HIGH] = not_run[row, LOW] = not_run[row, CLOCK_DRIFT] = not_run[row, ZERO_RUN] = 1
                continue
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
                while slot + run < n and not zero_day and done[base + slot + run] == KEEP and raw[base + slot + run] == 0:
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


cdef inline void mark(const int8_t[::1] done, int8_t[::1] quality, int64_t first, int64_t slots, int8_t code) noexcept nogil:
    """Mark kept reads as suspect; one found without history stays marked so, an estimate of the source stays one."""
    cdef int64_t at
    for at in range(first, first + slots):
        if done[at] == KEEP and (quality[at] == VALID or (quality[at] == SUSPECT and code == SUSPECT_RAW)):
            quality[at] = code


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


cdef bint has_course(
    const int32_t[::1] typical, const int32_t[::1] low, const int32_t[::1] high, int64_t* usual, int64_t n, double least,
) noexcept nogil:
    """Whether the usual day's hours differ by more than its reads of one hour do: else no shift can be seen."""
    cdef double sum_ = 0.0, squares = 0.0, widths = 0.0, width
    cdef int64_t slot
    for slot in range(n):
        sum_ += typical[usual[slot]]
        squares += <double>typical[usual[slot]] * typical[usual[slot]]
        width = high[usual[slot]] - low[usual[slot]]
        widths += width * width
    return squares - sum_ * sum_ / n > least * least * widths


cdef Py_ssize_t clock_drift(
    const int32_t[::1] raw, const int32_t[::1] typical, int64_t* usual, int64_t base, int64_t n, int32_t minutes,
    double least_correlation, double least_factor, const int8_t[::1] done, int8_t[::1] quality,
    int64_t[::1] found_row, int32_t[:, ::1] found_at, double[:, ::1] found_value, Py_ssize_t found, Py_ssize_t row,
) noexcept nogil:
    """Whether the day fits the usual day better when moved in time, and by how many minutes."""
    cdef double expected[MOST_SLOTS]
    cdef double plain, highest, now
    cdef int64_t slot
    cdef int shift, best = 0, most = DRIFT_MINUTES // minutes
    for slot in range(n):
        expected[slot] = typical[usual[slot]]
    plain = highest = correlation(&raw[base], expected, n, 0)
    for shift in range(-most, most + 1):
        now = correlation(&raw[base], expected, n, shift)
        if now > highest:
            highest = now
            best = shift
    if (
        abs(best) * minutes >= DRIFT_LEAST_MINUTES and highest >= least_correlation
        and 1.0 - plain >= least_factor * (1.0 - highest)
    ):
        found = add(found_row, found_at, found_value, found, row, CLOCK_DRIFT, 0, n, best * minutes, 0.0)
        mark(done, quality, base, n, SUSPECT)
    return found


cdef double correlation(const int32_t* read, double* expected, int64_t n, int shift) noexcept nogil:
    """Correlation of the reads with what is expected `shift` slots earlier, over the slots that both have."""
    cdef double sx = 0.0, sy = 0.0, sxx = 0.0, syy = 0.0, sxy = 0.0, x, y
    cdef int64_t first = max(shift, 0), slot, count = n - (shift if shift > 0 else -shift)
    for slot in range(first, first + count):
        x = read[slot]
        y = expected[slot - shift]
        sx += x
        sy += y
        sxx += x * x
        syy += y * y
        sxy += x * y
    x = (sxx - sx * sx / count) * (syy - sy * sy / count)
    return (sxy - sx * sy / count) / sqrt(x) if x > 0.0 else 0.0
