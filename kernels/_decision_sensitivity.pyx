"""The loop of decision_sensitivity.py, which documents every argument and the formulas.

It stops at the first asset with a bad value and returns its row, or -1.
"""

from cython cimport view
from libc.float cimport DBL_MAX
from libc.math cimport NAN, fabs, isfinite
from libc.stdint cimport int32_t, uint8_t

cdef enum:
    RATE = 0
    ENERGY_PRICE = 1
    PRICE_GROWTH = 2
    LOAD_GROWTH = 3
    FAILURE_PROBABILITY = 4
    FACTORS = 5
    HALVINGS = 24  # of a step of the search, so 1 / 17 million of it is left

cdef struct Asset:
    double no_load, load, upkeep, failure_cost, removal_value, ends_life
    const double* hazard
    int32_t years

cdef struct Successor:
    double investment, upkeep, failure_cost, disposal, ends_life
    const double* hazard
    Py_ssize_t years


cdef double annual_cost(const Successor* new, double rate) noexcept nogil:
    """a0: least EAC(T) without losses, as `new_asset_cost` finds it."""
    cdef Py_ssize_t t
    cdef double v = 1.0 / (1.0 + rate)
    cdef double discount = 1.0, survival = 1.0, annuity = 0.0, cm = 0.0, cf = 0.0
    cdef double least_lcc = DBL_MAX, of_annuity = 1.0  # compared crosswise: a division takes as long as the rest
    cdef double weight, h, lcc
    for t in range(new.years):
        h = new.hazard[t]
        discount = discount * v
        weight = survival * discount
        survival = survival * (1.0 - new.ends_life * h)
        annuity = annuity + weight
        cm = cm + weight * new.upkeep
        cf = cf + weight * (h * new.failure_cost)
        lcc = new.investment + cm + cf + survival * discount * new.disposal
        if lcc * of_annuity < least_lcc * annuity:
            least_lcc, of_annuity = lcc, annuity
    return least_lcc / of_annuity


cdef int32_t best_year(const Asset* old, const double* factor, double a0, double* least) noexcept nogil:
    """Smallest n of least W(n); -2 where a number is not finite."""
    cdef int32_t t, best = 0
    cdef double v = 1.0 / (1.0 + factor[RATE])
    cdef double dearer = 1.0 + factor[PRICE_GROWTH]
    cdef double heavier = dearer * (1.0 + factor[LOAD_GROWTH]) * (1.0 + factor[LOAD_GROWTH])
    cdef double no_load = factor[ENERGY_PRICE] * old.no_load, load = factor[ENERGY_PRICE] * old.load
    cdef double fixed = old.upkeep - a0
    cdef double highest = 1.0 if old.ends_life > 0.0 else DBL_MAX
    cdef double discount = 1.0, survival = 1.0, running = 0.0, least_cost = 0.0
    cdef double h, cost
    for t in range(old.years):
        h = factor[FAILURE_PROBABILITY] * old.hazard[t]
        h = h if h < highest else highest
        no_load = no_load * dearer
        load = load * heavier
        discount = discount * v
        running = running + survival * discount * (no_load + load + fixed + h * old.failure_cost)
        survival = survival * (1.0 - old.ends_life * h)
        cost = old.removal_value - survival * discount * old.removal_value + running
        if cost < least_cost:
            best = t + 1
            least_cost = cost
    least[0] = least_cost
    return best if isfinite(running) and isfinite(old.removal_value) else -2


cdef int decision(int32_t year, int32_t years) noexcept nogil:
    return 0 if year == 0 else 2 if year == years else 1


cdef int32_t nearest_change(
    const Asset* old,
    const Successor* new,
    double* factor,
    Py_ssize_t changed,
    int believed,
    const double* steps,
    const double* annual_costs,
    Py_ssize_t n_steps,
    double a0,
    double* found,
) noexcept nogil:
    """Go by steps from what is believed until the decision changes, nearer than `found`, and halve that step.

    Returns the year at the value then written to `found`, -1 where there is none, -2 where a number is not finite.
    `annual_costs` is a0 at each step where the rate is changed.
    """
    cdef Py_ssize_t step, halving
    cdef double start = factor[changed], inside = factor[changed], outside, middle, ignored
    cdef int32_t year, found_year
    for step in range(n_steps):
        if fabs(inside - start) >= fabs(found[0] - start):
            return -1
        outside = factor[changed] = steps[step]
        found_year = best_year(old, factor, annual_costs[step] if changed == RATE else a0, &ignored)
        if found_year < 0:
            return -2
        if decision(found_year, old.years) == believed:
            inside = outside
            continue
        for halving in range(HALVINGS):
            middle = factor[changed] = 0.5 * (inside + outside)
            year = best_year(old, factor, annual_cost(new, middle) if changed == RATE else a0, &ignored)
            if decision(year, old.years) == believed:
                inside = middle
            else:
                outside, found_year = middle, year
        if fabs(outside - start) >= fabs(found[0] - start):
            return -1
        found[0] = outside
        return found_year
    return -1


cdef inline Successor _successor(
    Py_ssize_t row,
    const double[::1] investment,
    const double[::1] upkeep,
    const double[::view.strided, ::view.contiguous] hazard,
    const double[::1] failure_cost,
    const double[::1] disposal,
    const uint8_t[::1] repaired,
) noexcept nogil:
    cdef Successor new
    new.investment, new.upkeep, new.failure_cost, new.disposal = (
        investment[row], upkeep[row], failure_cost[row], disposal[row]
    )
    new.ends_life = 0.0 if repaired[row] else 1.0
    new.hazard, new.years = &hazard[row, 0], hazard.shape[1]
    return new


def decision_sensitivity(
    const double[::1] no_load_difference_cost,
    const double[::1] load_difference_cost,
    const double[::1] maintenance_cost,
    const double[::view.strided, ::view.contiguous] hazard,
    const double[::1] failure_cost,
    const double[::1] removal_value,
    const int32_t[::1] successor,
    const double[::1] successor_investment_cost,
    const double[::1] successor_maintenance_cost,
    const double[::view.strided, ::view.contiguous] successor_hazard,
    const double[::1] successor_failure_cost,
    const double[::1] successor_disposal_cost,
    const uint8_t[::1] repaired,
    const double[::1] base,
    const double[:, ::1] cases,
    const double[:, :, ::1] steps,
    double[:, ::1] annual_costs,
    int32_t[::1] base_year,
    double[::1] least_cost,
    int32_t[:, :, ::1] case_year,
    double[:, :, ::1] case_cost,
    double[:, ::1] break_even,
    int32_t[:, ::1] break_even_year,
):
    """`annual_costs` is room for a0 of each successor at the base, the cases and the steps of the rate."""
    cdef Py_ssize_t asset, new, factor, case, side, step, t, bad = -1
    cdef Py_ssize_t n_cases = cases.shape[1], n_steps = steps.shape[2]
    cdef int32_t years = <int32_t> hazard.shape[1]
    cdef int32_t year
    cdef int believed
    cdef double a0
    cdef double value[FACTORS]
    cdef Asset old
    cdef Successor successor_of
    with nogil:
        for new in range(successor_hazard.shape[0]):
            successor_of = _successor(
                new, successor_investment_cost, successor_maintenance_cost, successor_hazard, successor_failure_cost,
                successor_disposal_cost, repaired,
            )
            annual_costs[new, 0] = annual_cost(&successor_of, base[RATE])
            for case in range(n_cases):
                annual_costs[new, 1 + case] = annual_cost(&successor_of, cases[RATE, case])
            for side in range(2):
                for step in range(n_steps):
                    annual_costs[new, 1 + n_cases + side * n_steps + step] = annual_cost(
                        &successor_of, steps[RATE, side, step]
                    )
        for factor in range(FACTORS):
            value[factor] = base[factor]
        for asset in range(hazard.shape[0]):
            new = successor[asset]
            successor_of = _successor(
                new, successor_investment_cost, successor_maintenance_cost, successor_hazard, successor_failure_cost,
                successor_disposal_cost, repaired,
            )
            old.no_load, old.load = no_load_difference_cost[asset], load_difference_cost[asset]
            old.upkeep, old.failure_cost = maintenance_cost[asset], failure_cost[asset]
            old.removal_value, old.ends_life = removal_value[asset], successor_of.ends_life
            old.hazard, old.years = &hazard[asset, 0], years
            for t in range(years):
                if not 0.0 <= hazard[asset, t] <= (1.0 if old.ends_life > 0.0 else DBL_MAX):
                    bad = asset
            year = best_year(&old, value, annual_costs[new, 0], &least_cost[asset])
            if year < 0 or bad >= 0:
                bad = asset
                break
            base_year[asset] = year
            believed = decision(year, years)
            for factor in range(FACTORS):
                for case in range(n_cases):
                    value[factor] = cases[factor, case]
                    a0 = annual_costs[new, 1 + case if factor == RATE else 0]
                    year = best_year(&old, value, a0, &case_cost[factor, case, asset])
                    if year < 0:
                        bad = asset
                    case_year[factor, case, asset] = year
                break_even[factor, asset], break_even_year[factor, asset] = NAN, base_year[asset]
                for side in range(2):
                    value[factor] = base[factor]
                    year = nearest_change(
                        &old, &successor_of, value, factor, believed, &steps[factor, side, 0],
                        &annual_costs[new, 1 + n_cases + side * n_steps], n_steps, annual_costs[new, 0],
                        &break_even[factor, asset],
                    )
                    if year >= 0:
                        break_even_year[factor, asset] = year
                    elif year == -2:
                        bad = asset
                value[factor] = base[factor]
            if bad >= 0:
                break
    return bad
