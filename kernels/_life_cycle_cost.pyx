"""The loops of life_cycle_cost.py, which documents every argument and the formulas.

A row holds one asset's years side by side; the distance between rows is free, and 0 where all share one row.
A loop stops at the first asset with a bad value and returns its row, or -1.
"""

from cython cimport view
from libc.float cimport DBL_MAX
from libc.math cimport isfinite
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
    cdef double operation, maintenance, failure, disposal, lcc, eac, total
    cdef bint valid
    with nogil:
        for asset in range(hazard.shape[0]):
            v = 1.0 / (1.0 + rate[asset])
            ends_life = 0.0 if repaired[asset] else 1.0
            highest_h = DBL_MAX if repaired[asset] else 1.0
            valid = rate[asset] > -1.0
            discount = survival = 1.0
            annuity = operation = maintenance = failure = total = 0.0
            for t in range(years):
                h = hazard[asset, t]
                valid = valid & (h >= 0.0) & (h <= highest_h)
                discount = discount * v
                weight = survival * discount
                survival = survival * (1.0 - ends_life * h)
                annuity = annuity + weight
                operation = operation + weight * (
                    ageing_operation_cost[asset, t] + study_year_losses_cost[asset]
                )
                maintenance = maintenance + weight * maintenance_cost[asset, t]
                failure = failure + weight * (h * failure_cost[asset])
                disposal = survival * discount * disposal_cost[asset, t]
                lcc = investment_cost[asset] + operation + maintenance + failure + disposal
                eac = lcc / annuity
                total = total + eac  # not finite once any number before it was not
                if t == 0 or eac < least_eac[asset]:
                    least_year[asset] = <int32_t> (t + 1)
                    least_eac[asset] = eac
                    least_parts[0, asset] = operation
                    least_parts[1, asset] = maintenance
                    least_parts[2, asset] = failure
                    least_parts[3, asset] = disposal
                if curves:
                    lcc_curve[asset, t] = lcc
                    eac_curve[asset, t] = eac
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
    cdef double v, discount, survival, h, ends_life, highest_h, kept, cost, total
    cdef bint valid
    with nogil:
        for asset in range(hazard.shape[0]):
            v = 1.0 / (1.0 + rate[asset])
            ends_life = 0.0 if repaired[asset] else 1.0
            highest_h = DBL_MAX if repaired[asset] else 1.0
            valid = rate[asset] > -1.0
            discount = survival = 1.0
            kept = total = least_cost[asset] = 0.0
            least_year[asset] = 0
            for t in range(years):
                h = hazard[asset, t]
                valid = valid & (h >= 0.0) & (h <= highest_h)
                discount = discount * v
                kept = kept + survival * discount * (
                    ageing_operation_cost[asset, t] + losses_cost[asset, t] - successor_losses_cost[asset, t]
                    + maintenance_cost[asset, t] + h * failure_cost[asset] - successor_annual_cost[asset]
                )
                survival = survival * (1.0 - ends_life * h)
                cost = removal_value[asset, 0] - survival * discount * removal_value[asset, t + 1] + kept
                total = total + cost  # not finite once any number before it was not
                if cost < least_cost[asset]:
                    least_year[asset] = <int32_t> (t + 1)
                    least_cost[asset] = cost
                if t == 0:
                    one_year_cost[asset] = cost
                if curves:
                    cost_curve[asset, t + 1] = cost
            if not (valid and isfinite(total)):
                bad = asset
                break
    return bad
