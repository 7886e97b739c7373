# The loops of kernels/block_rules.py, which checks, allocates and documents: rules whose reads do not stand.
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t

from kernels._quality cimport ESTIMATED_SPREAD, MISSING
from kernels._rules cimport (
    ABOVE_LIMIT,
    CATCH_UP,
    CATCH_UP_MINUTES,
    CATCH_UP_RANGE,
    CATCH_UP_RATIO,
    DEMAND,
    GAP,
    KEEP,
    LIMIT_KW,
    LIMIT_MARGIN,
    NEGATIVE,
    SPIKE,
    SPIKE_MIN_KW,
    SPIKE_RATIO,
    SPREAD,
    add,
    follows,
)


def replace_reads(
    blocks,
    const double[:, ::1] threshold,
    int32_t[::1] reading,
    int8_t[::1] quality,
    int8_t[::1] done,
    int64_t[::1] found_row,
    int32_t[:, ::1] found_at,
    double[:, ::1] found_value,
):
    """Rules whose reads do not stand: negative, catch-up, above the limit, spike. Return how many findings."""
    cdef const int32_t[::1] raw = blocks.reading
    cdef const int8_t[::1] received = blocks.reading_quality
    cdef const int64_t[::1] offset = blocks.offset
    cdef const int64_t[::1] key = blocks.key
    cdef const int32_t[::1] day = blocks.day
    cdef const int32_t[::1] interval = blocks.interval_minutes
    cdef const uint8_t[::1] judged = blocks.judged
    cdef const int32_t[::1] of_class = blocks.of_class
    cdef const double[::1] limit_kw = blocks.limit_kw
    cdef const int8_t[::1] nature = blocks.nature
    cdef Py_ssize_t row, found = 0
    cdef int64_t slot, at, n, base, run, start, end
    cdef double watts, limit, low_spike
    cdef int32_t v, top1, top2, top3, beside, least, most, worst, seen, empty
    with nogil:
        for row in range(judged.shape[0]):
            if not judged[row]:
                continue
            base = offset[row]
            n = offset[row + 1] - base
            watts = 60.0 / (1000.0 * interval[row])  # kW of one unit an interval
            limit = limit_kw[row]
            if limit != limit:
                limit = threshold[of_class[row], LIMIT_KW]
            limit = limit * threshold[of_class[row], LIMIT_MARGIN] / watts
            # One plain pass tells which rules have anything to look at: of most days none has.
            least = most = seen = 0
            empty = 0
            for at in range(base, base + n):
                seen += received[at] != MISSING
                empty |= (received[at] == MISSING) | (raw[at] == 0)
                least = min(least, raw[at])
                most = max(most, raw[at])
            if seen < n:
                for at in range(base, base + n):
                    if received[at] == MISSING:
                        done[at] = GAP
            if least < 0:
                slot = 0
                while slot < n:
                    run = 0
                    worst = 0
                    while slot + run < n and raw[base + slot + run] < 0 and received[base + slot + run] != MISSING:
                        done[base + slot + run] = GAP
                        worst = min(worst, raw[base + slot + run])
                        run += 1
                    if run:
                        found = add(found_row, found_at, found_value, found, row, NEGATIVE, slot, run, worst, 0.0)
                    slot += run + 1
            if empty or (
                follows(key, day, interval, offset, row)
                and (received[base - 1] == MISSING or raw[base - 1] == 0)
            ):
                found = catch_ups(
                    raw, received, offset, key, day, interval, of_class, threshold,
                    nature[row] == DEMAND, reading, quality, done, found_row, found_at, found_value, found, row,
                )
            if most > limit:
                slot = 0
                while slot < n:
                    run = 0
                    worst = 0
                    while slot + run < n and raw[base + slot + run] > limit and done[base + slot + run] == KEEP:
                        done[base + slot + run] = GAP
                        worst = max(worst, raw[base + slot + run])
                        run += 1
                    if run:
                        found = add(
                            found_row, found_at, found_value, found, row, ABOVE_LIMIT, slot, run, worst * watts, limit * watts
                        )
                    slot += run + 1
            if nature[row] != DEMAND or seen < 8 or most * watts < threshold[of_class[row], SPIKE_MIN_KW]:
                continue
            top1 = top2 = top3 = 0
            # The two reads on the other side of each midnight count among the highest: load that runs through
            # midnight is no spike.
            start = offset[row - 1] if follows(key, day, interval, offset, row) else base
            end = base + n
            if row + 1 < judged.shape[0] and follows(key, day, interval, offset, row + 1):
                end = offset[row + 2]
            beside = 0
            for at in range(start, end):
                if received[at] == MISSING or (base <= at < base + n and done[at] != KEEP):
                    continue
                v = raw[at]
                if not base <= at < base + n:
                    beside = max(beside, v)
                if base - 2 <= at < base + n + 2 and v > top3:
                    top3 = min(v, top2)
                    top2 = max(top2, min(v, top1))
                    top1 = max(top1, v)
            low_spike = max(threshold[of_class[row], SPIKE_RATIO] * top3, threshold[of_class[row], SPIKE_MIN_KW] / watts)
            low_spike = max(low_spike, 1.5 * beside)  # what comes again the next day is no spike
            for slot in range(n):
                if done[base + slot] == KEEP and raw[base + slot] > low_spike:
                    done[base + slot] = GAP
                    found = add(
                        found_row, found_at, found_value, found, row, SPIKE, slot, 1, raw[base + slot] * watts, low_spike * watts
                    )
    return found


cdef inline bint nothing(const int32_t[::1] raw, const int8_t[::1] received, int64_t at, bint demand) noexcept nogil:
    """Whether energy may be lacking: a gap, or of demand a zero; the sun feeds in nothing by night."""
    return received[at] == MISSING or (demand and raw[at] == 0)


cdef inline bint within(double value, double of, double factor) noexcept nogil:
    return of <= value * factor and value <= of * factor


cdef Py_ssize_t catch_ups(
    const int32_t[::1] raw, const int8_t[::1] received, const int64_t[::1] offset, const int64_t[::1] key,
    const int32_t[::1] day, const int32_t[::1] interval, const int32_t[::1] of_class, const double[:, ::1] threshold,
    bint demand, int32_t[::1] reading, int8_t[::1] quality, int8_t[::1] done,
    int64_t[::1] found_row, int32_t[:, ::1] found_at, double[:, ::1] found_value, Py_ssize_t found, Py_ssize_t row,
) noexcept nogil:
    """Spread each read that about equals what the gap or zero run before it lacked, over both."""
    cdef int64_t base = offset[row], end = offset[row + 1], start = base, at, first, other, beside, run, share, left
    cdef int32_t v, highest, highest_beside
    cdef int64_t count, zeros, count_beside
    cdef double total, total_beside, lacked, over
    cdef double range_ = threshold[of_class[row], CATCH_UP_RANGE]
    cdef bint all_zero, all_gap
    if follows(key, day, interval, offset, row):
        start = offset[row - 1]
    at = base
    while at < end:
        v = raw[at]
        if v <= 0 or received[at] == MISSING or at == start or not nothing(raw, received, at - 1, demand):
            at += 1
            continue
        first = at
        all_zero = all_gap = True
        while first > start and nothing(raw, received, first - 1, demand):
            first -= 1
            all_zero = all_zero and received[first] != MISSING
            all_gap = all_gap and received[first] == MISSING
        run = at - first
        if run * interval[row] < threshold[of_class[row], CATCH_UP_MINUTES]:
            at += 1
            continue
        count = zeros = count_beside = 0
        total = total_beside = 0.0
        highest = highest_beside = 0
        beside = 60 // interval[row] if interval[row] < 60 else 1
        for other in range(start, end):
            if first <= other <= at or received[other] == MISSING or raw[other] < 0:
                continue
            count += 1
            zeros += raw[other] == 0
            total += raw[other]
            highest = max(highest, raw[other])
            if first - beside <= other <= at + beside:
                count_beside += 1
                total_beside += raw[other]
                highest_beside = max(highest_beside, raw[other])
        at += 1
        if count < 8:
            continue
        lacked = total / count * (run + 1)
        over = highest
        if (all_gap or (all_zero and zeros == 0)) and count_beside:
            # After a gap, or of a channel that is otherwise never zero, the hour on either side tells as much.
            over = highest_beside
            if within(v, total_beside / count_beside * (run + 1), range_):
                lacked = total_beside / count_beside * (run + 1)
        if v <= threshold[of_class[row], CATCH_UP_RATIO] * over or not within(v, lacked, range_):
            continue
        share = v // (run + 1)
        left = v - share * (run + 1)
        for other in range(first, at):
            reading[other] = <int32_t>(share + (other - first < left))
            quality[other] = ESTIMATED_SPREAD
            done[other] = SPREAD
        found = add(found_row, found_at, found_value, found, row, CATCH_UP, first - base, run + 1, v, lacked)
    return found
