"""Which card is of which unit: by key where nothing contradicts, else by how likely what both tell makes it.

Only cards that their key does not settle are scored, each against the units of its blocks: same key, same place, or
start or end of the key with year and rating. So the work grows with the ledger and never with its square.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame, GroupedData, Window
from pyspark.sql import functions as F

from jobs.gold.reconciliation.model import TOLD, as_text, from_text, learned, scored
from jobs.gold.reconciliation.settings import ReconciliationSettings
from jobs.gold.reconciliation.sides import side

_SCORED = pa.schema(
    {
        "account_id": pa.string(),
        "asset_id": pa.string(),
        "twins": pa.int64(),
        "probability": pa.float64(),
        "claimed": pa.bool_(),
    }
)
_LINK = pa.schema(
    {
        "account_id": pa.string(),
        "asset_id": pa.string(),
        "match_method": pa.string(),
        "match_probability": pa.float64(),
    }
)
_LINK_TYPES = "account_id string, asset_id string, match_method string, match_probability double"
ROLES = ("cards", "units", "near_units")
_BOOKING = 60
"""Days by which a booking may follow, for the year that a block is of."""
_END = 4
"""Letters at a key's start or end: one slip leaves at least one of the two as it is."""


def linked(records: DataFrame, *, settings: ReconciliationSettings, tasks: int) -> DataFrame:
    """gold.reconciliation_record -> gold.reconciliation_link.

    Parameters
    ----------
    tasks
        Into how many tasks the scoring is parted.
    """
    told = records.withColumn("since", F.unix_date("since"))
    cards, units = side(told, "card"), side(told, "unit")
    keyed = _keyed(cards, units).withColumn("_settled", F.col("asset_id").isNotNull() & ~_contradicts(settings))
    settled = keyed.where("_settled").select(
        "account_id", "asset_id", F.lit("key").alias("match_method"), F.lit(1.0).alias("match_probability")
    )
    claimed = settled.select("asset_id").distinct().withColumn("_claimed", F.lit(True))
    left = keyed.where("not _settled").select(
        "account_id", F.col("asset_id").alias("keyed"), _booked_when_it_came().alias("booked"), *cards.columns[1:]
    )
    pairs = _claimed(_candidates(left.drop("keyed", "booked"), units), claimed, "asset_id")
    likely = _likely(pairs, _models(told, settings, tasks), settings, tasks)
    named = _claimed(left, claimed, "keyed").select("account_id", "keyed", "booked", "claimed")
    chosen = _together(named).cogroup(_together(likely)).applyInArrow(_assigned, _LINK_TYPES)
    return settled.unionByName(chosen)


def _claimed(rows: DataFrame, claimed: DataFrame, name: str) -> DataFrame:
    """Rows that say whether the unit in a column is that of a card which its key has settled."""
    found = rows.join(claimed.withColumnRenamed("asset_id", name), name, "left")
    return found.withColumn("claimed", F.coalesce("_claimed", F.lit(False))).drop("_claimed")


def _together(rows: DataFrame) -> GroupedData:
    """All rows as one group: who gets a unit depends on who else wants it."""
    return rows.withColumn("_all", F.lit(0)).groupBy("_all")


def _keyed(cards: DataFrame, units: DataFrame) -> DataFrame:
    """Cards, each with the one unit of its key; without a unit where there is none or more than one."""
    same = F.count(F.lit(1)).over(Window.partitionBy("key_unit"))
    alone = units.where("key_unit is not null").withColumn("_same", same).where("_same = 1").drop("_same")
    return cards.join(alone, F.col("key_card") == F.col("key_unit"), "left")


def _contradicts(settings: ReconciliationSettings) -> Column:
    """Whether card and unit tell different things of place, rating or year."""
    unlike = [F.col(f"{name}_card") != F.col(f"{name}_unit") for name in ("place", "rating_kva")]
    unlike.append(F.abs(F.col("year_card") - F.col("year_unit")) > settings.year_tolerance)
    return reduce(or_, [F.coalesce(one, F.lit(False)) for one in unlike])


def _booked_when_it_came() -> Column:
    """Whether the card was capitalised soon after the unit came."""
    return F.coalesce((F.col("since_card") - F.col("since_unit")).between(0, _BOOKING), F.lit(False))


def _candidates(cards: DataFrame, units: DataFrame) -> DataFrame:
    """Pairs that share a block, each once."""
    of_card = cards.withColumn("_block", F.explode(_blocks("card", (0, _BOOKING))))
    of_unit = units.withColumn("_block", F.explode(_blocks("unit", (0,))))
    slip = F.levenshtein("key_card", "key_unit") <= 2
    whole = F.left("_block", F.lit(1)).isin("k", "p")
    return of_card.join(of_unit, "_block").where(whole | slip).drop("_block").dropDuplicates(["account_id", "asset_id"])


def _blocks(side: str, earlier_days: tuple[int, ...]) -> Column:
    key, place, since, rating = (F.col(f"{name}_{side}") for name in ("key", "place", "since", "rating_kva"))
    ends = {"h": F.left(key, F.lit(_END)), "t": F.right(key, F.lit(_END))}
    years = [F.year(F.date_from_unix_date(since - days)).cast("string") for days in earlier_days]
    all_of = [F.concat(F.lit("k "), key), F.concat(F.lit("p "), place)]
    all_of += [
        F.concat(F.lit(f"{name} "), part, F.lit(" "), year, F.lit(" "), rating.cast("string"))
        for name, part in ends.items()
        for year in years
    ]
    return F.array_distinct(F.array_compact(F.array(*all_of)))


def _models(records: DataFrame, settings: ReconciliationSettings, tasks: int) -> DataFrame:
    """The model learned from samples of cards and units, once for each task that scores."""
    cards, units = (
        records.where(F.col("record_kind") == kind).select(F.col("record_id").alias("unique_id"), *TOLD)
        for kind in ("card", "unit")
    )

    def drawn(rows: DataFrame) -> DataFrame:
        return rows.orderBy(F.xxhash64("unique_id"), "unique_id").limit(settings.sample_rows)

    some = drawn(cards)
    near = [units.join(F.broadcast(some.select(name).distinct()), name, "left_semi") for name in ("place", "key")]
    roles = {
        "cards": some,
        "units": drawn(units),
        "near_units": near[0].unionByName(near[1]).dropDuplicates(["unique_id"]),
    }
    rows = reduce(
        DataFrame.unionByName,
        [one.select("unique_id", *TOLD, F.lit(role).alias("role")) for role, one in roles.items()],
    )
    least = settings.learned_from

    def learn(sample: pa.Table) -> pa.Table:
        return _learn(sample, least=least)

    model = rows.withColumn("_all", F.lit(0)).groupBy("_all").applyInArrow(learn, "model string")
    counted = model.crossJoin(units.agg(F.count(F.lit(1)).alias("units")))
    return counted.withColumn("_task", F.explode(F.sequence(F.lit(0), F.lit(tasks - 1))))


def _likely(pairs: DataFrame, models: DataFrame, settings: ReconciliationSettings, tasks: int) -> DataFrame:
    """Pairs of each card's likely units: those that tell the same are twins, and likely together."""
    least, without, second = settings.least_probability, settings.share_without_unit, settings.share_of_second_cards

    def score(pairs: pa.Table, models: pa.Table) -> pa.Table:
        return _score(pairs, models, least=least, without=without, second=second)

    twins = F.xxhash64(*[f"{name}_unit" for name in TOLD if name != "key"])
    parted = pairs.withColumns({"twins": twins, "_task": F.pmod(F.xxhash64("account_id"), F.lit(tasks)).cast("int")})
    return (
        parted.groupBy("_task")
        .cogroup(models.groupBy("_task"))
        .applyInArrow(score, "account_id string, asset_id string, twins long, probability double, claimed boolean")
    )


def _learn(sample: pa.Table, *, least: int) -> pa.Table:
    sample = sample.sort_by([("role", "ascending"), ("unique_id", "ascending")])
    parts = {role: sample.filter(pc.equal(sample["role"], role)).drop_columns(["role", "_all"]) for role in ROLES}
    return pa.table({"model": [as_text(learned(**parts, least=least))]})


def _score(pairs: pa.Table, models: pa.Table, *, least: float, without: float, second: float) -> pa.Table:
    if pairs.num_rows == 0:
        return _SCORED.empty_table()
    pairs = pairs.sort_by([("account_id", "ascending"), ("asset_id", "ascending")])
    model, units = from_text(models["model"][0].as_py()), models["units"][0].as_py()
    chance = scored(pairs, model, prior=1 / max(units, 2)).to_numpy()
    frame = pairs.select(["account_id", "asset_id", "twins", "claimed"]).to_pandas()
    rare = np.where(frame["claimed"], second, 1.0)
    frame["probability"] = among_units(frame["account_id"], chance, rare, without=without)
    together = frame.groupby(["account_id", "twins"])["probability"].transform("sum")
    return pa.Table.from_pandas(frame[together >= least], schema=_SCORED, preserve_index=False)


def among_units(card: pd.Series, chance: np.ndarray, rare: np.ndarray, *, without: float) -> np.ndarray:
    """Chance that a card is of each unit that comes into question, from the chance of each pair by itself.

    A card is of at most one unit, so its units compete with each other and with there being none: with the odds o of
    each pair, P(unit) = (1 - w) o / ((1 - w) sum of o + w), w being the share of cards without a unit. The odds of a
    unit that has its own card already are multiplied by how rare a second one is.
    """
    odds = chance / np.maximum(1 - chance, 1e-15) * rare
    total = pd.Series(odds).groupby(card.to_numpy()).transform("sum").to_numpy()
    likely: np.ndarray = (1 - without) * odds / ((1 - without) * total + without)
    return likely


def _assigned(named: pa.Table, likely: pa.Table) -> pa.Table:
    """One unit for each card that its key does not settle: of twins one that no other card has, the likeliest first.

    A card that stays without a unit, all but its key being wrong, gets its key's unit while no other card has or names
    that one: only where it was capitalised soon after that unit came.

    Parameters
    ----------
    named
        Each card with the unit of its key, or null: whether that has a card already (``claimed``), and whether the
        card was ``booked`` when it came.
    """
    pair = likely.to_pandas().sort_values(["probability", "account_id", "asset_id"], ascending=[False, True, True])
    together = pair.groupby(["account_id", "twins"])["probability"].transform("sum")
    pair = pair.assign(match_probability=together)
    parts, free = [], pair[~pair["claimed"]]
    while len(free):
        best = free[~free["account_id"].duplicated() & ~free["asset_id"].duplicated()]
        parts.append(best)
        free = free[~free["account_id"].isin(best["account_id"]) & ~free["asset_id"].isin(best["asset_id"])]
    given = set(pd.concat(parts)["account_id"]) if parts else set()
    parts.append(pair[~pair["account_id"].isin(given)].drop_duplicates("account_id"))
    chosen = pd.concat(parts)[["account_id", "asset_id", "match_probability"]]
    card = named.to_pandas().merge(chosen, on="account_id", how="left")
    without = card["asset_id"].isna() & card["keyed"].notna()
    alone = without & ~card["claimed"] & ~card["keyed"].isin(chosen["asset_id"])
    uncontested = alone & card["booked"] & ~card["keyed"].where(without).duplicated(keep=False)
    method = pd.Series("attributes", card.index).mask(card["asset_id"] == card["keyed"], "key_and_attributes")
    card["match_method"] = method.where(card["asset_id"].notna()).mask(uncontested, "key")
    card["asset_id"] = card["asset_id"].mask(uncontested, card["keyed"])
    card["match_probability"] = card["match_probability"].mask(uncontested, 1.0)
    return pa.Table.from_pandas(card[list(_LINK.names)], schema=_LINK, preserve_index=False)
