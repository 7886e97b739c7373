"""How likely a card and a unit are one: Splink's model of record linkage, learned from ledger and register.

The model is Fellegi and Sunter's: for each thing that both tell, how often it agrees where card and unit are one (m)
and where they are not (u). Splink estimates u from pairs drawn at random, and m by expectation maximisation over pairs
that share place and time, and over pairs that share a key. All of it runs within Spark tasks, on DuckDB with one
thread, so that two runs give the same bits.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:  # to import Splink takes a second, which only the tasks that link should spend
    from splink import Linker, SettingsCreator
    from splink.comparison_library import CustomComparison

TOLD = ("key", "place", "year", "since", "rating_kva", "maker")
"""What a card and a unit both tell, by name."""

_SAME, _NEAR, _UNLIKE = "same", "near", "unlike"
ASSUMED = {
    "key": {_SAME: (0.90, 1e-4), _NEAR: (0.07, 1e-3), _UNLIKE: (0.03, 0.9989)},
    "place": {_SAME: (0.97, 1e-4), _UNLIKE: (0.03, 0.9999)},
    "year": {_SAME: (0.85, 0.03), _NEAR: (0.13, 0.05), _UNLIKE: (0.02, 0.92)},
    "since": {_SAME: (0.95, 0.01), _NEAR: (0.03, 0.05), _UNLIKE: (0.02, 0.94)},
    "rating_kva": {_SAME: (0.98, 0.15), _UNLIKE: (0.02, 0.85)},
    "maker": {_SAME: (0.97, 0.25), _UNLIKE: (0.03, 0.75)},
}
"""m and u of each level of agreement, for a ledger too small to learn from; u of key and place are 1 in 10,000."""

_AGREE = {
    "key": {_SAME: '"key_l" = "key_r"', _NEAR: 'damerau_levenshtein("key_l", "key_r") <= 1'},
    "place": {_SAME: '"place_l" = "place_r"'},
    "year": {_SAME: '"year_l" = "year_r"', _NEAR: 'abs("year_l" - "year_r") <= 1'},
    "since": {_SAME: 'abs("since_l" - "since_r") <= 92', _NEAR: 'abs("since_l" - "since_r") <= 366'},
    "rating_kva": {_SAME: '"rating_kva_l" = "rating_kva_r"'},
    "maker": {_SAME: 'jaro_winkler_similarity("maker_l", "maker_r") >= 0.9'},
}
"""When a level holds, the first that does; else the two are unlike. ``since`` counts days."""

_MOSTLY_ONE = {"place": "l.place = r.place and abs(l.since - r.since) <= 92", "key": "l.key = r.key"}
"""Pairs of which most are one: from the first are learned the shares of what it does not name, from the second those of
place and time. (A place alone has a unit and those before it, whose keys are often alike.)"""

_LEAST_M, _LEAST_U = 2e-3, 1e-7  # what no pair of a sample showed may be rare, it is never impossible
_SEED, _U_PAIRS = 1, 1e6

Model = dict[str, dict[str, tuple[float, float]]]


def learned(cards: pa.Table, units: pa.Table, near_units: pa.Table, *, least: int) -> Model:
    """M and u of each level, from samples drawn at random of cards and units; `ASSUMED` where they are too few.

    Parameters
    ----------
    near_units
        All units that share place or key with a card of the sample.
    least
        So many cards must share their place, or key, with a unit for anything to be learned from such pairs.
    """
    shared = {name: pc.sum(pc.is_in(cards[name], near_units[name].drop_null())).as_py() or 0 for name in _MOSTLY_ONE}
    enough = [mostly_one for name, mostly_one in _MOSTLY_ONE.items() if shared[name] >= least]
    if not enough:
        return ASSUMED
    drawn = _linker(cards, units, _settings(ASSUMED))
    drawn.training.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=_SEED, min_count_per_level=None)
    at_random = _shares(drawn)
    known_u = {name: {level: (m, at_random[name][level][1]) for level, (m, _) in levels.items()}
               for name, levels in ASSUMED.items()}  # fmt: skip
    near = _linker(cards, near_units, _settings(known_u))
    for mostly_one in enough:
        near.training.estimate_parameters_using_expectation_maximisation(mostly_one)
    return {name: {level: (m, known_u[name][level][1]) for level, (m, _) in levels.items()}
            for name, levels in _shares(near).items()}  # fmt: skip


def scored(pairs: pa.Table, model: Model, *, prior: float) -> pa.Array:
    """Chance of each pair that its card and unit are one.

    Parameters
    ----------
    pairs
        ``<name>_card`` and ``<name>_unit`` for each name of `TOLD`.
    prior
        Chance that a card and a unit drawn at random are one.
    """
    number = pa.array(range(pairs.num_rows), pa.int64())
    sides = [
        pa.table([number, number, *[pairs[f"{name}_{side}"] for name in TOLD]], names=["unique_id", "pair", *TOLD])
        for side in ("card", "unit")
    ]
    linker = _linker(sides[0], sides[1], _settings(model, prior=prior, block="pair"))
    found: pa.Table = linker.inference.predict().as_pyarrow_table()  # type: ignore[no-untyped-call]
    chance = found.select(["unique_id_l", "match_probability"]).sort_by("unique_id_l")
    return chance["match_probability"].combine_chunks()


def as_text(model: Model) -> str:
    return json.dumps(model)


def from_text(text: str) -> Model:
    return {name: {level: (m, u) for level, (m, u) in levels.items()} for name, levels in json.loads(text).items()}


def _settings(model: Model, *, prior: float = 1e-4, block: str = "place") -> SettingsCreator:
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(name, model[name]) for name in TOLD],
        blocking_rules_to_generate_predictions=[block_on(block)],
        probability_two_random_records_match=prior,
        retain_matching_columns=False,
    )


def _comparison(name: str, shares: dict[str, tuple[float, float]]) -> CustomComparison:
    from splink import comparison_level_library as cll
    from splink.comparison_library import CustomComparison

    levels: list[Any] = [cll.NullLevel(name)]
    for level, (m, u) in shares.items():
        made = cll.ElseLevel() if level == _UNLIKE else cll.CustomLevel(_AGREE[name][level], label_for_charts=level)
        levels.append(made.configure(m_probability=m, u_probability=u))
    return CustomComparison(output_column_name=name, comparison_levels=levels)


def _linker(left: pa.Table, right: pa.Table, settings: SettingsCreator) -> Linker:
    import duckdb
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)  # it warns of each level that a sample does not show
    connection = duckdb.connect(config={"threads": 1})
    api = DuckDBAPI(connection)
    sides = [api.register(one, dataset_display_name=name) for one, name in ((left, "a_card"), (right, "b_unit"))]
    return Linker(sides, settings, log_level=None)


def _shares(linker: Linker) -> Model:
    """M and u of a linker's levels; what was never seen keeps a small share."""
    told = linker.misc.save_model_to_json()
    model: Model = {}
    for comparison in told["comparisons"]:
        name = comparison["output_column_name"]
        levels = [one for one in comparison["comparison_levels"] if not one.get("is_null_level")]
        model[name] = {
            level: (_share(one, "m_probability", _LEAST_M), _share(one, "u_probability", _LEAST_U))
            for level, one in zip(ASSUMED[name], levels, strict=True)
        }
    return model


def _share(level: dict[str, Any], kind: str, least: float) -> float:
    given = level.get(kind)
    return max(float(given), least) if isinstance(given, int | float) else least
