"""The champion that scores a lake's tables; looks for it without MLflow where nothing was ever trained."""

from __future__ import annotations

from pathlib import Path

from jobs.models.training.trained import Champion
from jobs.settings import Settings

DATABASE = Path("mlflow", "mlflow.db")
"""Of a lake in a folder, where no other store is named."""


def champion_of(model: str, settings: Settings) -> Champion | None:
    """Who fills the table of a model; None where no version ever beat its baselines."""
    root = settings.lake.root
    if settings.tracking.uri is None and ("://" in root or not (Path(root) / DATABASE).is_file()):
        return None
    from jobs.tracking import tracking  # takes seconds to import

    return tracking(settings).champion(model)
