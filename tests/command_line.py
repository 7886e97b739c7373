"""The command line, in this process and its one Spark session."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import yaml

from jobs.cli import main


class CommandLine:
    """`gridlake` on one lake, with settings and sources of its own.

    Parameters
    ----------
    folder
        Where settings, sources and the lake lie.
    sources
        What they declare; none: the sources of the repository's configuration.
    over
        Sections of the settings, by the name of the settings file.
    """

    def __init__(self, folder: Path, sources: list[dict[str, Any]], **over: dict[str, Any]) -> None:
        self.folder = folder
        (folder / "sources").mkdir(parents=True)
        for source in sources:
            (folder / "sources" / f"{source['name']}.yaml").write_text(yaml.safe_dump(source))
        ours = {"conf_folder": str(folder)} if sources else {}
        for name, sections in over.items():
            settings = ours | {"spark": {"master": "local[2]", "shuffle_partitions": 2}} | sections
            (folder / f"{name}.yaml").write_text(yaml.safe_dump(settings))

    def run(self, command: str, *arguments: object, settings: str, ends_with: int = 0) -> str:
        """What a command prints; it has to end with that status."""
        options = ["--lake", self.folder / "lake", "--conf", self.folder / f"{settings}.yaml"]
        out, status = io.StringIO(), 0
        with redirect_stdout(out), redirect_stderr(out):
            try:
                main([command, *map(str, [*arguments, *options])])
            except SystemExit as end:
                status = int(end.code or 0)
        assert status == ends_with, out.getvalue()
        return out.getvalue()

    def rows(self, query: str, *, settings: str) -> list[dict[str, Any]]:
        """Rows of `gridlake sql`."""
        lines = self.run("sql", "--protected", query, "--format", "json", settings=settings)
        return [json.loads(line) for line in lines.splitlines()]
