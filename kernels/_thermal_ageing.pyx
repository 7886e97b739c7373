"""The loop of thermal_ageing.py, which documents every argument and the formulas.

A row holds one transformer's intervals side by side; the distance between rows is free. The loop stops at the first
row with a bad value and returns it, or -1.

Within an interval each temperature is a sum of three decaying terms: what is left of the top-oil's, the winding's and
the oil flow's departure from where they tend to. All that is asked of the interval is asked of that sum.
"""

from cython cimport view
from libc.math cimport INFINITY, NAN, ceil, exp, fabs, log
from libc.stdint cimport uint8_t

cdef enum:
    # Columns of `unit`: thermal_ageing.FIELDS.
    OIL_EXPONENT = 0
    WINDING_EXPONENT = 1
    K11 = 2
    K21 = 3
    K22 = 4
    OIL_MINUTES = 5
    WINDING_MINUTES = 6
    LOSS_RATIO = 7
    TOP_OIL_RISE = 8
    HOT_SPOT_RISE = 9
    # Terms of a temperature.
    OIL = 0
    WINDING = 1
    FLOW = 2
    TERMS = 3
    NODES = 4
    MOST_TURNS = 60

cdef double ABSOLUTE_ZERO_DEGC = -273.15
cdef double CLOSE = 1e-13  # of an interval, to the minute at which a level is passed
# Four points in each part of a step come within 0.1 % of a day's ageing (tests/unit/test_thermal_ageing_quadrature.py):
cdef double LONGEST_PART = 2.0  # in the shortest time constant that the hot-spot has,
cdef double USUAL_DEPARTURE_K = 15.0  # where the winding is so near to where it tends to;
cdef Py_ssize_t FINER = 4  # else in so many parts for each of these.
cdef double[NODES] NODE = [
    0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263
]
cdef double[NODES] WEIGHT = [
    0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692
]


cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    typedef double two_doubles __attribute__((vector_size(16)));
    typedef int64_t two_integers __attribute__((vector_size(16)));

    static inline double within(double number)
    {
        number = number < -700.0 ? -700.0 : number;
        return number > 700.0 ? 700.0 : number;
    }

    /* exp of two numbers at once, within 1e-14 of it from -700 to 700, which are taken for what lies beyond:
       x = k ln 2 + r, ln 2 in two parts, Taylor's series of r to its 11th power; k goes into the exponent's bits. */
    static inline void exp_of_two(double one, double other, double *found)
    {
        const double shift = 6755399441055744.0;  /* 1.5 x 2^52: what is added to it is rounded to a whole number */
        two_doubles x = {within(one), within(other)}, k, r, r2, r4, high, series;
        high = x * 1.4426950408889634 + shift;
        k = high - shift;
        r = (x - k * 0.6931471803691238) - k * 1.9082149292705877e-10;
        r2 = r * r;
        r4 = r2 * r2;
        series = ((1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040)))
            + r4 * ((1.0 / 40320 + r * (1.0 / 362880)) + r2 * (1.0 / 3628800 + r * (1.0 / 39916800)));
        series = 1.0 + (r + r2 * ((0.5 + r * (1.0 / 6)) + r2 * series));
        series = (two_doubles) ((two_integers) series + ((two_integers) high << 52));
        memcpy(found, &series, sizeof series);
    }
    """
    void exp_of_two(double one, double other, double* found) noexcept nogil


cdef inline double departed(const double* term, const double* fade, double minutes) noexcept nogil:
    """What the terms add up to so many minutes into the interval."""
    return (
        term[OIL] * exp(-fade[OIL] * minutes)
        + term[WINDING] * exp(-fade[WINDING] * minutes)
        + term[FLOW] * exp(-fade[FLOW] * minutes)
    )


cdef inline double added(const double* term) noexcept nogil:
    return term[OIL] + term[WINDING] + term[FLOW]


cdef double level_at(const double* term, const double* fade, double level, double low, double high) noexcept nogil:
    """When the sum passes the level between two minutes at which it lies on either side of it.

    Newton's steps; one that would leave what is left between them halves it instead.
    """
    cdef double at = 0.5 * (low + high), close = CLOSE * high, value, slope, then, faded
    cdef bint above = departed(term, fade, low) > level
    cdef int turn, number
    for turn in range(MOST_TURNS):
        value, slope = -level, 0.0
        for number in range(TERMS):
            faded = term[number] * exp(-fade[number] * at)
            value += faded
            slope -= fade[number] * faded
        if (value > 0.0) == above:
            low = at
        else:
            high = at
        then = at - value / slope if slope != 0.0 else low
        if not low < then < high:
            then = 0.5 * (low + high)
        if fabs(then - at) <= close:
            return then
        at = then
    return at


cdef int turns(
    const double* term, const double* fade, const double* kept, const int* order, double minutes, double* at
) noexcept nogil:
    """The minutes, ascending and at most two, at which the sum turns within the interval.

    The slope has as many zeros as its terms, by rising fade, change sign. Over the slowest of them it is a constant and
    two decaying terms, and so turns at most once, at a minute that is known: on either side of it the slope has at
    most one zero.
    """
    cdef double[TERMS] speed
    cdef double a, b, mid, one, other
    cdef int number, piece, found = 0, bounds = 1
    cdef double[3] bound
    cdef double[3] slope
    slope[0] = slope[1] = 0.0
    for number in range(TERMS):
        speed[number] = -fade[number] * term[number]
        slope[0] += speed[number]
        slope[1] += speed[number] * kept[number]
    bound[0], bound[1] = 0.0, minutes
    if fade[order[1]] > fade[order[0]] and fade[order[2]] > fade[order[1]]:
        a = speed[order[1]] * (fade[order[1]] - fade[order[0]])
        b = speed[order[2]] * (fade[order[2]] - fade[order[0]])
        if (a > 0.0 and b < 0.0) or (a < 0.0 and b > 0.0):
            mid = log(-b / a) / (fade[order[2]] - fade[order[1]])
            if 0.0 < mid < minutes:
                bound[1], bound[2] = mid, minutes
                slope[2] = slope[1]
                slope[1] = departed(speed, fade, mid)
                bounds = 2
    for piece in range(bounds):
        one, other = slope[piece], slope[piece + 1]
        if (one > 0.0 and other < 0.0) or (one < 0.0 and other > 0.0):
            at[found] = level_at(speed, fade, 0.0, bound[piece], bound[piece + 1])
            found += 1
    return found


cdef double minutes_above(
    const double* term, const double* fade, double level, const double* bound, int pieces
) noexcept nogil:
    """How long the sum lies above the level; between two bounds that follow each other it only rises or only falls."""
    cdef double total = 0.0, start, end
    cdef int piece
    for piece in range(pieces):
        start = departed(term, fade, bound[piece])
        end = departed(term, fade, bound[piece + 1])
        if start > level and end > level:
            total += bound[piece + 1] - bound[piece]
        elif start > level:
            total += level_at(term, fade, level, bound[piece], bound[piece + 1]) - bound[piece]
        elif end > level:
            total += bound[piece + 1] - level_at(term, fade, level, bound[piece], bound[piece + 1])
    return total


def thermal_ageing(
    const double[::view.strided, ::view.contiguous] load_pu,
    const double[::view.strided, ::view.contiguous] ambient_degc,
    const double[::1] step_minutes,
    Py_ssize_t lead_steps,
    const double[:, ::1] unit,
    const uint8_t[::1] upgraded,
    const double[::1] hot_spot_limit_degc,
    const double[::1] top_oil_limit_degc,
    const double[:, ::1] start_k,
    bint steady_start,
    bint traces,
    double[:, ::1] most_degc,
    double[::1] aged_minutes,
    double[:, ::1] hot_spot_minutes,
    double[:, ::1] top_oil_minutes,
    double[:, ::1] top_oil_degc,
    double[:, ::1] hot_spot_degc,
):
    cdef Py_ssize_t row, step, part, parts, limit, bad = -1
    cdef Py_ssize_t steps = load_pu.shape[1]
    cdef Py_ssize_t hot_spot_limits = hot_spot_limit_degc.shape[0], top_oil_limits = top_oil_limit_degc.shape[0]
    cdef int node, turned, number, finer
    cdef int[TERMS] order  # by rising fade
    cdef double load, ambient, minutes, last_minutes, shortest, tends, oil_tends, gradient, losses
    cdef double oil, winding, flow, aged, most_hot_spot, most_top_oil, highest, lowest, left
    cdef double k21, whole_losses, loss_ratio
    cdef double[TERMS] fade
    cdef double[TERMS] term
    cdef double[TERMS] at_end
    cdef double[TERMS] kept_of_step
    cdef double[2 * TERMS] kept_of_part  # of usual parts, and of finer ones
    cdef double[2] part_minutes
    cdef Py_ssize_t[2] step_parts
    cdef const double* kept
    cdef const double* at
    cdef double[TERMS] oil_term
    cdef double[2 * NODES * TERMS] at_node
    cdef double[NODES] rate
    cdef double[2] power
    cdef double[4] bound
    cdef const double* of
    cdef bint paper
    with nogil:
        for row in range(load_pu.shape[0]):
            of = &unit[row, 0]
            paper = upgraded[row]
            k21 = of[K21]
            loss_ratio = of[LOSS_RATIO]
            whole_losses = 1.0 / (1.0 + loss_ratio)
            fade[OIL] = 1.0 / (of[K11] * of[OIL_MINUTES])
            fade[WINDING] = 1.0 / (of[K22] * of[WINDING_MINUTES])
            fade[FLOW] = of[K22] / of[OIL_MINUTES]
            shortest = min(1.0 / fade[OIL], 1.0 / fade[WINDING])
            if k21 > 1.0:
                shortest = min(shortest, 1.0 / fade[FLOW])
            oil, winding, flow = start_k[row, OIL], start_k[row, WINDING], start_k[row, FLOW]
            for number in range(TERMS):
                node = 0
                for turned in range(TERMS):
                    if fade[turned] < fade[number] or (fade[turned] == fade[number] and turned < number):
                        node += 1
                order[node] = number
            last_minutes = kept_of_step[OIL] = kept_of_step[WINDING] = kept_of_step[FLOW] = 0.0
            aged = 0.0
            most_hot_spot = most_top_oil = -INFINITY
            for step in range(steps):
                load, ambient = load_pu[row, step], ambient_degc[row, step]
                if not (0.0 <= load < INFINITY and ABSOLUTE_ZERO_DEGC < ambient < INFINITY):
                    bad = row
                    break
                if step_minutes[step] != last_minutes:
                    last_minutes = step_minutes[step]
                    for number in range(TERMS):
                        kept_of_step[number] = exp(-fade[number] * last_minutes)
                    step_parts[0] = <Py_ssize_t> max(1.0, ceil(last_minutes / (LONGEST_PART * shortest)))
                    step_parts[1] = step_parts[0] * FINER
                    for finer in range(2):
                        part_minutes[finer] = last_minutes / step_parts[finer]
                        for number in range(TERMS):
                            left = -fade[number] * part_minutes[finer]
                            kept_of_part[finer * TERMS + number] = exp(left)
                            for node in range(NODES):
                                at_node[(finer * TERMS + number) * NODES + node] = exp(left * NODE[node])
                losses = (1.0 + loss_ratio * load * load) * whole_losses
                # Powers, by what takes half of pow's time.
                exp_of_two(of[OIL_EXPONENT] * log(losses), of[WINDING_EXPONENT] * log(load), power)
                oil_tends = ambient + of[TOP_OIL_RISE] * power[0]
                gradient = of[HOT_SPOT_RISE] * power[1]
                tends = oil_tends + gradient
                if step == 0 and steady_start:
                    oil, winding, flow = oil_tends, k21 * gradient, (k21 - 1.0) * gradient
                term[OIL] = oil - oil_tends
                term[WINDING] = winding - k21 * gradient
                term[FLOW] = (k21 - 1.0) * gradient - flow
                if step < lead_steps:
                    for number in range(TERMS):
                        term[number] = term[number] * kept_of_step[number]
                else:
                    finer = fabs(term[WINDING]) > USUAL_DEPARTURE_K
                    parts, minutes = step_parts[finer], part_minutes[finer]
                    kept, at = &kept_of_part[finer * TERMS], &at_node[finer * NODES * TERMS]
                    for part in range(parts):
                        for node in range(NODES):
                            rate[node] = (
                                tends
                                + term[OIL] * at[node]
                                + term[WINDING] * at[NODES + node]
                                + term[FLOW] * at[2 * NODES + node]
                            )
                        if paper:
                            for node in range(NODES):
                                rate[node] = 15000.0 / 383.0 - 15000.0 / (rate[node] + 273.0)
                        else:
                            for node in range(NODES):
                                rate[node] = (rate[node] - 98.0) * (0.6931471805599453 / 6.0)
                        exp_of_two(rate[0], rate[1], &rate[0])
                        exp_of_two(rate[2], rate[3], &rate[2])
                        left = 0.0
                        for node in range(NODES):
                            left += WEIGHT[node] * rate[node]
                        aged += left * minutes
                        # No temperature of the part lies outside these.
                        highest = lowest = tends
                        for number in range(TERMS):
                            at_end[number] = term[number] * kept[number]
                            highest += max(term[number], at_end[number])
                            lowest += min(term[number], at_end[number])
                        turned = -1
                        if highest > most_hot_spot:
                            turned = turns(term, fade, kept, order, minutes, &bound[1])
                            bound[0] = 0.0
                            bound[turned + 1] = minutes
                            most_hot_spot = max(most_hot_spot, tends + added(term))
                            most_hot_spot = max(most_hot_spot, tends + added(at_end))
                            for number in range(turned):
                                most_hot_spot = max(most_hot_spot, tends + departed(term, fade, bound[number + 1]))
                        for limit in range(hot_spot_limits):
                            if highest <= hot_spot_limit_degc[limit]:
                                continue
                            if lowest > hot_spot_limit_degc[limit]:
                                hot_spot_minutes[row, limit] += minutes
                                continue
                            if turned < 0:
                                turned = turns(term, fade, kept, order, minutes, &bound[1])
                                bound[0] = 0.0
                                bound[turned + 1] = minutes
                            hot_spot_minutes[row, limit] += minutes_above(
                                term, fade, hot_spot_limit_degc[limit] - tends, bound, turned + 1
                            )
                        # The top-oil's temperature only rises or only falls.
                        highest = oil_tends + max(term[OIL], at_end[OIL])
                        lowest = oil_tends + min(term[OIL], at_end[OIL])
                        most_top_oil = max(most_top_oil, highest)
                        for limit in range(top_oil_limits):
                            if highest <= top_oil_limit_degc[limit]:
                                continue
                            if lowest > top_oil_limit_degc[limit]:
                                top_oil_minutes[row, limit] += minutes
                                continue
                            bound[0], bound[1] = 0.0, minutes
                            oil_term[OIL] = term[OIL]
                            oil_term[WINDING] = oil_term[FLOW] = 0.0
                            top_oil_minutes[row, limit] += minutes_above(
                                oil_term, fade, top_oil_limit_degc[limit] - oil_tends, bound, 1
                            )
                        for number in range(TERMS):
                            term[number] = at_end[number]
                oil = oil_tends + term[OIL]
                winding = k21 * gradient + term[WINDING]
                flow = (k21 - 1.0) * gradient - term[FLOW]
                if traces:
                    top_oil_degc[row, step] = oil
                    hot_spot_degc[row, step] = oil + winding - flow
            if bad >= 0:
                break
            most_degc[row, 0] = most_top_oil if most_top_oil > -INFINITY else NAN
            most_degc[row, 1] = most_hot_spot if most_hot_spot > -INFINITY else NAN
            aged_minutes[row] = aged
    return bad
