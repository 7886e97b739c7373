"""One structure for a delivered network model, whatever format it came in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

MEDIUM_VOLTAGE_MAX_KV = 36.0
"""Upper end of medium voltage. Source: EN 50160:2010, 3.8 and 3.13."""

LOW_VOLTAGE_MAX_KV = 1.0
"""Upper end of low voltage. Source: EN 50160:2010, 3.9."""


def _text(name: str, *, null: bool = False) -> pa.Field[Any]:
    return pa.field(name, pa.string(), nullable=null)


def _number(name: str) -> pa.Field[Any]:
    return pa.field(name, pa.float64(), nullable=True)


NODE = pa.schema(
    [
        _text("node_id"),
        _number("nominal_kv"),  # line to line
        _text("substation_id", null=True),
        _number("x"),
        _number("y"),
    ]
)
BRANCH = pa.schema(
    [
        _text("branch_id"),
        _text("kind"),  # line, switch, transformer, regulator, reactor, capacitor
        _text("node_a"),  # of a transformer: the terminal of its first, highest winding
        _text("node_b"),
        pa.field("closed", pa.bool_(), nullable=False),
        _text("phases", null=True),
        _number("rating_kva"),
        _number("hv_kv"),
        _number("lv_kv"),  # the lowest winding
        _number("no_load_loss_w"),
        _number("load_loss_w"),
        _number("length_m"),
        _number("resistance_ohm"),  # of one phase, positive sequence, over the whole length
        _text("type", null=True),
        pa.field("installed_year", pa.int32(), nullable=True),
    ]
)
CONNECTION = pa.schema(
    [
        _text("connection_id"),
        _text("kind"),  # load, generator, storage, supply
        _text("node_id"),
        _text("phases", null=True),
        _number("rated_kw"),
        _text("profile", null=True),
    ]
)


@dataclass(frozen=True)
class Network:
    """Nodes, branches and connections of one delivered model, by the source's own ids.

    A ``supply`` connection is where the model's network is fed from outside. Null means the model does not say.
    ``name`` is the network's own name, None where the model says none.
    """

    node: pa.Table
    branch: pa.Table
    connection: pa.Table
    name: str | None = None
