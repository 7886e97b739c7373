"""Bronze ``network_branch``: branches of delivered network models, by the model's own ids."""

from __future__ import annotations

from pyspark.sql.types import BooleanType, DoubleType, IntegerType, StringType

from jobs.bronze.network_node import MODEL
from jobs.table import Column, Table

KINDS = {
    "line": "line or cable",
    "switch": "switch, breaker or fuse",
    "transformer": "transformer of two or more windings, by its highest and lowest",
    "regulator": "voltage regulator",
    "reactor": "series reactor",
    "capacitor": "series capacitor",
}

NETWORK_BRANCH = Table(
    name="bronze.network_branch",
    grain="One branch of one delivered network model.",
    key=("file_id", "source", "branch_id"),
    replace="file",
    columns=(
        *MODEL,
        Column("branch_id", StringType(), None, "Branch"),
        Column("kind", StringType(), None, "What the branch is", codes=KINDS),
        Column("node_a", StringType(), None, "One end; of a transformer the terminal of its highest winding"),
        Column("node_b", StringType(), None, "The other end"),
        Column("closed", BooleanType(), None, "False where a switch normally stands open"),
        Column("phases", StringType(), None, "Phases, such as ABC; null where the model does not say", nullable=True),
        Column("rating_kva", DoubleType(), "kVA", "Rated apparent power", nullable=True, minimum=0),
        Column("hv_kv", DoubleType(), "kV", "Rated voltage of the highest winding", nullable=True, minimum=0),
        Column("lv_kv", DoubleType(), "kV", "Rated voltage of the lowest winding", nullable=True, minimum=0),
        Column("no_load_loss_w", DoubleType(), "W", "No-load loss at rated voltage", nullable=True, minimum=0),
        Column("load_loss_w", DoubleType(), "W", "Load loss at rated current", nullable=True, minimum=0),
        Column("length_m", DoubleType(), "m", "Length", nullable=True, minimum=0),
        Column(
            "resistance_ohm",
            DoubleType(),
            "ohm",
            "Resistance of one phase of a line over its length, positive sequence; null where the model does not say",
            nullable=True,
            minimum=0,
        ),
        Column("type", StringType(), None, "Type, as the model names it", nullable=True),
        Column(
            "installed_year",
            IntegerType(),
            None,
            "Year it was built; null where the model does not say",
            nullable=True,
            minimum=1850,
            maximum=2100,
        ),
    ),
)
