"""The sample's ledger, written as it is exported and read as its source declares it, beside the register it is of."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from jobs.sample.asset_accounts import Accounts, asset_accounts, write_accounts
from jobs.sources.declaration import read_source
from jobs.sources.delivery import Identities, Rejects
from jobs.sources.entity import read_entity_file
from tests.unit.delivered import KEY, delivery
from tests.unit.sampled_fleet import fleet_of

END = date(2016, 4, 1)
SOURCE = read_source(Path(__file__).parents[1] / "conf" / "sources" / "asset_accounts.yaml")


class SampledLedger(NamedTuple):
    """``card``: rows of silver.asset_account; ``unit``, ``deployment``: of the register as known at the closing."""

    accounts: Accounts
    card: pa.Table
    unit: pd.DataFrame
    deployment: pd.DataFrame


def sampled_ledger(folder: Path, positions: int, seed: int) -> SampledLedger:
    made = fleet_of(positions, seed)
    accounts = asset_accounts(made, seed, END)
    write_accounts(accounts, folder, folder, END)
    (path,) = (folder / "asset_accounts").iterdir()
    rejects = Rejects()
    cards = read_entity_file(delivery(SOURCE, path), Identities(KEY), rejects).rows
    assert rejects.table().num_rows == 0
    known = pd.Timestamp(END, tz="UTC")
    stood = made.deployment[made.deployment["from_utc"] < known]
    stood = stood.assign(valid_to_utc=stood["to_utc"].where(stood["to_utc"] < known)).rename(
        columns={"unit": "asset_id", "position": "transformer_id", "from_utc": "valid_from_utc"}
    )
    unit = made.unit.rename(columns={"unit": "asset_id", "maker": "manufacturer", "made": "manufactured_year"})
    unit = unit[unit["asset_id"].isin(stood["asset_id"])].assign(asset_class="distribution_transformer")
    told = {"known_from_utc": known, "known_from_basis": "lag", "source": "register", "synthetic": True}
    return SampledLedger(accounts, cards, unit.assign(**told), stood.assign(**told))
