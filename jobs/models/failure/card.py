"""The model card: what the model is for, what it rests on, how good it is, and what it does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jobs.models.failure.settings import FailureSettings

Scored = tuple[Mapping[str, Mapping[str, float]], Mapping[str, tuple[float, float]]]
"""Model or baseline -> its scores, and the 90 % interval of each score of the model."""


def model_card(
    settings: FailureSettings,
    params: Mapping[str, str | float | int],
    scored: Scored,
    crossed: Scored,
    *,
    counts: Sequence[int],
) -> str:
    """Markdown."""
    train, calibrate, score = counts
    how = (
        f"years: those from {params['calibrated_on']} calibrate, from {params['score_from']} on are scored, the "
        "others train"
        if params["split_by"] == "year"
        else "units: the record holds too few years, so units that train, calibrate and are scored differ"
    )
    return f"""# Failure model

Chance that a unit in service as of a date fails within {settings.horizon_months} months, by what was known then.

- Method: discrete-time hazard; {settings.members} gradient-boosted classifiers (XGBoost), each on units drawn with
  replacement; the mean of their log-odds, calibrated by slope {params["calibration_slope_applied"]:.3f} and intercept
  {params["calibration_intercept_applied"]:.3f} on rows that are neither trained nor scored on.
- Columns: {", ".join(settings.inputs)}.
- Rows: {train:,} train, {calibrate:,} calibrate, {score:,} are scored. Shared out by {how}.
- A unit taken away within the horizon counts for the share of it that it stood.
- Baselines on the same rows: logistic regression on the same columns; the share of the training rows that failed;
  {_of_age(params)}; {_of_health(params)}.

{_table(scored)}

In brackets: 90 % intervals, scored rows drawn with replacement. Of one chance for all, no calibration line can be told.
{_all_folds(crossed, params)}
## What it does not know
It learns from this utility's record alone. Units with columns far outside those it has seen, and makers it never met
(treated as not known), get a probability that nothing has tested. The interval tells how far the boosters differ; it
holds neither the noise of what happens to one unit nor the error of the calibration.
"""


def _of_age(params: Mapping[str, str | float | int]) -> str:
    if "weibull_shape" not in params:
        return "no curve of age, for all units are as long in service"
    return (
        f"a Weibull curve of years in service (shape {params['weibull_shape']:.3f}, scale "
        f"{params['weibull_scale_years']:.1f} years), fitted by maximum likelihood with left truncation"
    )


def _of_health(params: Mapping[str, str | float | int]) -> str:
    share = float(params["health_method_share"])
    if not share:
        return "no health method, for it judges none of these units"
    return (
        f"the health method (CNAIM v2.1) by what was known at the date, which judges {share:.1%} of the rows and says "
        "the base rate of the others"
    )


def _table(scored: Scored) -> str:
    metrics, between = scored
    names = list(next(iter(metrics.values())))
    head = "| model | " + " | ".join(names) + " |\n|---" + "|---" * len(names) + "|\n"
    lines = [
        f"| {model} | "
        + " | ".join(
            f"{one[name]:.4g}" + ("" if model != "failure" else " ({:.4g} to {:.4g})".format(*between[name]))
            for name in names
        )
        + " |"
        for model, one in metrics.items()
    ]
    return head + "\n".join(lines)


def _all_folds(crossed: Scored, params: Mapping[str, str | float | int]) -> str:
    if not crossed[0]:
        return ""
    return f"""
Over all {params["turns"]} folds, each unit scored by a model that was neither trained nor calibrated on it:

{_table(crossed)}
"""
