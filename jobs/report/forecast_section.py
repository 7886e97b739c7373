"""Section on demand forecasts: what was expected of a feeder, how sure that was, and what happened."""

from __future__ import annotations

import numpy as np

from jobs.report import words
from jobs.report.forecast_data import Forecast
from jobs.report.model_figures import BANDS, band, fan
from jobs.report.page import Section, figure, paragraph
from jobs.settings import GridTime

MADE_BY = {"model": "the champion", "baseline": "the same time last week, for no demand model is champion"}


def forecast_section(forecast: Forecast, time: GridTime) -> Section:
    title = "Demand forecast"
    rows = forecast.rows
    if forecast.feeder_id is None or rows.empty:
        none = "No demand has been forecast yet: `gridlake train demand`, then `gridlake forecast`."
        return Section("forecast", title, paragraph(none))
    issued = words.local_minute(forecast.issued_utc, time.zone)
    body = paragraph(
        f"Feeder {forecast.feeder_id}, the one of highest expected demand, as forecast {issued} by "
        f"{MADE_BY.get(str(forecast.method), forecast.method)}: its transformers, what hangs on it at medium voltage, "
        "and its losses. Quantiles are those of the whole feeder, from paths that its parts take together."
    )
    body += paragraph(_outcome(forecast))
    body += figure("fan", "Dark to light: 50, 80 and 90 % intervals about the median. Red: what happened.")
    return Section("forecast", title, body, {"fan": fan(rows, forecast.levels, time.zone)})


def _outcome(forecast: Forecast) -> str:
    known = forecast.rows.dropna(subset=["actual_kw"])
    if known.empty:
        return "None of it has happened yet."
    actual = known["actual_kw"].to_numpy(float)
    quantile = np.stack(list(known["quantile_kw"]))
    held = []
    for share in BANDS:
        low, high = band(quantile, forecast.levels, share)
        if low is not None and high is not None:
            held.append(f"{share:.0%} interval {words.share(((low <= actual) & (actual <= high)).mean())}")
    off = np.abs(known["mean_kw"].to_numpy(float) - actual).mean()
    of = len(forecast.rows)
    return (
        f"Of {words.count(of)} intervals {words.count(len(known))} have happened: the mean was off by "
        f"{words.quantity(off, 'kW')} on average, {words.share(off / np.abs(actual).mean())} of the mean demand. Of "
        f"them lay in the {', in the '.join(held)}."
    )
