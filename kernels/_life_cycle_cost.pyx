"""The loops of life_cycle_cost.py, which documents every argument and the formulas.

A row holds one asset's years side by side; the distance between rows is free, and 0 where all share one row.
A loop stops at the first asset with a bad value and returns its row, or -1.
"""

from cython cimport view
from libc.float cimport DBL_MAX
from libc.math cimport INFINITY, isfinite
from libc.stdint cimport int32_t, uint8_t


def new_asset_cost(
    const double[::1] investment_cost,
    const double[::1] study_year_losses_cost,
    const double[::view.strided, ::view.contiguous] ageing_operation_cost,
    const double[::view.strided, ::view.contiguous] maintenance_cost,
    const double[::view.strided, ::view.contiguous] hazard,
    const double[::1] failure_cost,
    const double[::view.strided, ::view.contiguous] disposal_cost,
    const double[::1] rate,
    const uint8_t[::1] repaired,
    bint curves,
    int32_t[::1] least_year,
    double[::1] least_eac,
    double[:, ::1] least_parts,
    double[:, ::1] lcc_curve,
    double[:, ::1] eac_curve,
):
    cdef Py_ssize_t asset, t, bad = -1
    cdef Py_ssize_t years = hazard.shape[1]
    cdef double v, discount, survival, weight, annuity, h, ends_life, highest_h
    cdef double ci, co, cm, cf, cd, cost_of_failure, losses, lcc, eac, total
    cdef double best_eac, best_co, best_cm, best_cf, best_cd
    cdef int32_t best_year
    cdef bint valid
    with nogil:
        for asset in range(hazard.shape[0]):
            if not -1.0 < rate[asset] < INFINITY:
                bad = asset
                break
            v = 1.0 / (1.0 + rate[asset])
            ends_life = 0.0 if repaired[asset] else 1.0
            highest_h = DBL_MAX if repaired[asset] else 1.0
            valid = True
            discount = survival = 1.0
            annuity = co = cm = cf = total = best_co = best_cm = best_cf = best_cd = 0.0
            best_eac, best_year = INFINITY, 0
            ci, cost_of_failure = investment_cost[asset], failure_cost[asset]
            losses = study_year_losses_cost[asset]
            for t in range(years):
                h = hazard[asset, t]
                valid = valid & (h >= 0.0) & (h <= highest_h)
                discount = discount * v
                weight = survival * discount
                survival = survival * (1.0 - ends_life * h)
                annuity = annuity + weight
                co = co + weight * (ageing_operation_cost[asset, t] + losses)
                cm = cm + weight * maintenance_cost[asset, t]
                cf = cf + weight * (h * cost_of_failure)
                cd = survival * discount * disposal_cost[asset, t]
                lcc = ci + co + cm + cf + cd
                eac = lcc / annuity
                total = total + eac  # not finite once any number before it was not
                if eac < best_eac:
                    best_year = <int32_t> (t + 1)
                    best_eac, best_co, best_cm, best_cf, best_cd = eac, co, cm, cf, cd
                if curves:
                    lcc_curve[asset, t] = lcc
                    eac_curve[asset, t] = eac
            least_year[asset], least_eac[asset] = best_year, best_eac
            least_parts[0, asset], least_parts[1, asset] = best_co, best_cm
            least_parts[2, asset], least_parts[3, asset] = best_cf, best_cd
            if not (valid and isfinite(total)):
                bad = asset
                break
    return bad


def waiting_cost(
    const double[::view.strided, ::view.contiguous] ageing_operation_cost,
    const double[::view.strided, ::view.contiguous] losses_cost,
    const double[::view.strided, ::view.contiguous] successor_losses_cost,
    const double[::view.strided, ::view.contiguous] maintenance_cost,
    const double[::view.strided, ::view.contiguous] hazard,
    const double[::1] failure_cost,
    const double[::view.strided, ::view.contiguous] removal_value,
    const double[::1] successor_annual_cost,
    const double[::1] rate,
    const uint8_t[::1] repaired,
    bint curves,
    int32_t[::1] least_year,
    double[::1] least_cost,
    double[::1] one_year_cost,
    double[:, ::1] cost_curve,
):
    cdef Py_ssize_t asset, t, bad = -1
    cdef Py_ssize_t years = hazard.shape[1]
    cdef double v, discount, survival, h, ends_life, highest_h
    cdef double a0, cost_of_failure, value_today, running, cost, best_cost, total
    cdef int32_t best_year
    cdef bint valid
    with nogil:
        for asset in range(hazard.shape[0]):
            if not -1.0 < rate[asset] < INFINITY:
                bad = asset
                break
            v = 1.0 / (1.0 + rate[asset])
            ends_life = 0.0 if repaired[asset] else 1.0
            highest_h = DBL_MAX if repaired[asset] else 1.0
            valid = True
            discount = survival = 1.0
            running = total = best_cost = 0.0
            best_year = 0
            a0, cost_of_failure = successor_annual_cost[asset], failure_cost[asset]
            value_today = removal_value[asset, 0]
            for t in range(years):
                h = hazard[asset, t]
                valid = valid & (h >= 0.0) & (h <= highest_h)
                discount = discount * v
                running = running + survival * discount * (
                    ageing_operation_cost[asset, t] + losses_cost[asset, t] - successor_losses_cost[asset, t]
                    + maintenance_cost[asset, t] + h * cost_of_failure - a0
                )
                survival = survival * (1.0 - ends_life * h)
                cost = value_today - survival * discount * removal_value[asset, t + 1] + running
                total = total + cost  # not finite once any number before it was not
                if cost < best_cost:
                    best_year = <int32_t> (t + 1)
                    best_cost = cost
                if t == 0:
                    one_year_cost[asset] = cost
                if curves:
                    cost_curve[asset, t + 1] = cost
            least_year[asset], least_cost[asset] = best_year, best_cost
            if not (valid and isfinite(total)):
                bad = asset
                break
    return bad
