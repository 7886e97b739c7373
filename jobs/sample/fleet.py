"""The fleet: units with nameplates at every position, where they stood, which failed and of what."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jobs.sample.assets import LOSSES_W, Fleet, loss_class
from jobs.sample.draws import UnitDraws
from jobs.sample.numbering import in_order
from jobs.sample.unit_lives import MECHANISMS, Lives, unit_lives
from jobs.sample.years import NEVER, NEW_YEAR, YEAR_S, Seconds, instants

_LOSS_SPREAD = (0.96, 1.04)  # from unit to unit, within the tolerance of IEC 60076-1
_FAILURE_COST, _FAILURE_COST_SPREAD = 7000.0, 0.35
CAUSES = {
    "ageing": (("insulation", 0.55), ("overload", 0.15), ("oil leak", 0.15), ("bushing", 0.15)),
    "lightning": (("lightning", 0.8), ("insulation", 0.2)),  # what a surge did is not always told from old age
    "accident": (("third party", 0.6), ("animal", 0.25), ("flooding", 0.15)),
}
_UNKNOWN_CAUSE = 0.1
WARNING_SHARE, WARNING_YEARS, WARNING_SPREAD = 0.7, 1.0, 0.6  # of ageing failures, and how long before
_WARNINGS = np.array(["thermal", "discharge"])


def fleet(position: pd.DataFrame, seed: int) -> Fleet:
    """Units of 16 years at every position; ``position`` is as in `jobs.sample.assets.Fleet`."""
    lives = unit_lives(position, seed)
    at = lives.frame["position"].to_numpy()
    draws = UnitDraws(at, lives.frame["generation"].to_numpy(), seed)
    unit = _nameplates(lives, position, draws)
    failed = lives.frame["mechanism"].notna().to_numpy()
    deployment = pd.DataFrame(
        {
            "unit": unit["unit"],
            "position": position["transformer"].to_numpy()[at],
            "from_utc": instants(lives.since),
            "to_utc": instants(lives.end),
            "why": pd.Series(np.where(failed, "failed", "planned")).where(lives.end != NEVER),
        }
    )
    failure = _failures(lives, deployment, draws)
    metered = position["network"].to_numpy()[at]
    dark = failed & (lives.end >= NEW_YEAR[-2]) & pd.notna(metered)
    hidden = lives.frame.drop(columns=["position", "generation", "made", "maker"]).assign(
        unit=unit["unit"], **_warnings(lives, draws)
    )
    return Fleet(
        position, unit, deployment, failure, hidden,
        [(network, at.to_pydatetime()) for network, at in zip(metered[dark], deployment["to_utc"][dark], strict=True)],
    )  # fmt: skip


def _nameplates(lives: Lives, position: pd.DataFrame, draws: UnitDraws) -> pd.DataFrame:
    own = lives.frame
    at = own["position"].to_numpy()
    place = position.iloc[at]
    years = np.arange(own["made"].min(), own["made"].max() + 1)
    tier = np.array([loss_class(year) for year in years.tolist()])[own["made"] - years[0]]
    rating = place["rating_kva"].to_numpy(float)
    losses = pd.DataFrame(
        [(name, kva, *watts) for name, by_kva in LOSSES_W.items() for kva, watts in by_kva.items()],
        columns=["tier", "rating_kva", "no_load_w", "load_w"],
    ).set_index(["tier", "rating_kva"])
    nominal = losses.loc[pd.MultiIndex.from_arrays([tier, rating])].to_numpy()
    spread = np.stack([draws.random(f"{name} loss") for name in ("no-load", "load")], axis=1)
    watts = (nominal * (_LOSS_SPREAD[0] + np.ptp(_LOSS_SPREAD) * spread)).round(1)
    maker = own["maker"]
    kva = pd.Series(rating, own.index).map("{:.0f}".format)
    return pd.DataFrame(
        {
            "unit": "T" + pd.Series(at + 1).map("{:05}".format) + "-" + own["generation"].astype(str),
            "type": maker.str[0] + kva + "-" + tier,
            "maker": maker,
            "batch": maker.str[:2].str.upper() + own["made"].astype(str),
            "made": own["made"],
            "rating_kva": rating,
            "hv_kv": place["high_kv"].to_numpy(),
            "lv_kv": place["low_kv"].to_numpy(),
            "no_load_w": watts[:, 0],
            "load_w": watts[:, 1],
            "tier": tier,
        }
    )


def _failures(lives: Lives, deployment: pd.DataFrame, draws: UnitDraws) -> pd.DataFrame:
    """Failures in order of time, with the cause that was written down and the cost beyond planned work."""
    mechanism = lives.frame["mechanism"]
    cause = pd.Series("unknown", mechanism.index, dtype=object)
    drawn = draws.random("failure cause")
    for name in MECHANISMS:
        words, shares = zip(*CAUSES[name], strict=True)
        within = (drawn - _UNKNOWN_CAUSE) / (1 - _UNKNOWN_CAUSE)
        of = np.minimum(np.searchsorted(np.cumsum(shares), within, "right"), len(words) - 1)
        known = mechanism.eq(name) & (drawn >= _UNKNOWN_CAUSE)
        cause[known] = np.array(words)[of[known]]
    cost = _FAILURE_COST * np.exp(_FAILURE_COST_SPREAD * draws.normal("failure cost"))
    failed = mechanism.notna()
    rows = pd.DataFrame(
        {
            "unit": deployment["unit"],
            "position": deployment["position"],
            "at_utc": deployment["to_utc"],
            "cause": cause,
            "cost": cost.round(2),
        }
    )[failed]
    return in_order(rows.assign(currency="EUR"), ["at_utc", "unit"], "F", 6)


def _warnings(lives: Lives, draws: UnitDraws) -> dict[str, pd.Series]:
    """Since when a unit has a fault that its oil tells of, of what kind, and when it ends the unit if nobody does.

    Whether the record reaches so far, and whether the unit is taken away first, makes no difference to the fault.
    """
    lead = WARNING_YEARS * np.exp(WARNING_SPREAD * draws.normal("warning time"))
    warned = (lives.worn_out != NEVER) & (draws.random("warning") < WARNING_SHARE)
    begun: Seconds = np.where(warned, np.maximum(lives.worn_out - (lead * YEAR_S).astype(np.int64), lives.since), NEVER)
    kind = _WARNINGS[(draws.random("warning kind") < 0.5).astype(int)]
    return {
        "incipient_utc": instants(begun),
        "incipient_kind": pd.Series(kind).where(warned),
        "worn_out_utc": instants(lives.worn_out),
    }
