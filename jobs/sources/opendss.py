"""OpenDSS circuits, read by OpenDSS itself in a child process that sees nothing but a private folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from jobs.errors import SourceError
from jobs.network.model import BRANCH, CONNECTION, NODE, Network
from jobs.sources import opendss_child
from jobs.sources.opendss_script import Script, read_script


@dataclass(frozen=True)
class OpenDssCircuit:
    """A circuit's network, its elements by class (disabled ones too), and what was not taken over.

    ``dropped`` counts commands that were not let through, ``nodes_without_coordinates`` nodes whose place nobody
    delivered. Ids are ``class.name`` in lower case, for OpenDSS does not tell cases apart.
    """

    network: Network
    element_count: dict[str, int]
    dropped: dict[str, int]
    nodes_without_coordinates: int


def read_opendss(master: Path, *, folder: Path | None = None, timeout_s: float = 60.0) -> OpenDssCircuit:
    """Nodes, branches and connections of the circuit that a master script builds.

    Elements that are disabled, or open at a terminal, are branches that are not closed, or no connections. A node
    that carries no voltage in the unloaded circuit has no nominal voltage. A transformer marked ``sub=y`` names the
    substation of its lower bus. The circuit's name is the network's: a circuit of the same name that the source
    delivers later is a new version of it and replaces it as a whole.

    Parameters
    ----------
    master
        The script that redirects to the others.
    folder
        Top of the delivered folder, which no redirect may leave; the master's own by default.
    timeout_s
        Seconds after which the engine is stopped.

    Raises
    ------
    SourceError
        A line that is not let through (see ``read_script``), an error of the engine, its crash or time limit.
    """
    script = read_script(master, folder or master.parent)
    result = _run(script, master, timeout_s)
    station = {row["node_b"]: row["substation_id"] for row in result["branch"] if row.get("substation_id")}
    node = [row | {"substation_id": station.get(row["node_id"])} for row in result["node"]]
    return OpenDssCircuit(
        network=Network(
            node=pa.Table.from_pylist(node, schema=NODE),
            branch=pa.Table.from_pylist(result["branch"], schema=BRANCH),
            connection=pa.Table.from_pylist(result["connection"], schema=CONNECTION),
            name=script.circuit,
        ),
        element_count=result["element_count"],
        dropped=dict(script.dropped),
        nodes_without_coordinates=sum("x" not in row for row in node),
    )


def _run(script: Script, master: Path, timeout_s: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="opendss_") as private:
        folder = Path(private)
        lines: list[tuple[str, str]] = []  # what the engine is told, and where it stood
        for command in script.command:
            if command.verb == "buscoords":
                copy = folder / f"buscoords_{command.subject}.txt"
                shutil.copyfile(script.bus_coordinates[int(command.subject)], copy)
                lines += [("makebuslist", command.where), (f'buscoords "{copy}"', command.where)]
            else:
                lines.append((command.text(), command.where))
        (folder / "script.dss").write_text("\n".join(text for text, _ in lines), encoding="utf-8")
        try:
            child = subprocess.run(
                [sys.executable, "-I", str(Path(opendss_child.__file__)), private],
                cwd=private,
                env={"HOME": private, "TMPDIR": private},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"{master}: OpenDSS was stopped after {timeout_s:g} s") from error
        written = folder / "result.json"
        if child.returncode != 0 or not written.exists():
            raise SourceError(f"{master}: OpenDSS ended with status {child.returncode}: {child.stderr[-500:].strip()}")
        result: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    if "error" in result:
        text, where = lines[result["line"]] if "line" in result else ("the circuit as a whole", "")
        raise SourceError(f"{master}: {where}: OpenDSS refused {text[:200]!r}: {result['error']}")
    return result
