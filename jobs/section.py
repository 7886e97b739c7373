"""What every declared section of YAML has in common: no key but those declared, and none that changes later."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section of the configuration, or of a source's declaration."""

    model_config = ConfigDict(extra="forbid", frozen=True)
