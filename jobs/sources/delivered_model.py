"""What a delivered network model consists of, and which network it describes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jobs.errors import SourceError, first_keys
from jobs.sources.declaration import Source
from jobs.sources.delivery import Delivery, UnreadableError
from jobs.sources.opendss_script import read_script


@dataclass(frozen=True)
class DeliveredModel:
    """The files of ``folder`` that make up a model, and the network's name where source or model say one.

    A source of SimBench folders that says none delivers one network. A circuit whose scripts are refused has none.
    """

    folder: Path
    files: list[Path]
    network: str | None


def delivered_model(source: Source, path: Path) -> DeliveredModel:
    """The model whose folder or master script ``path`` is.

    An OpenDSS circuit is made up of the scripts and coordinate files that its master reaches; one whose scripts are
    refused, like a model of another format, of all that stands in its folder.
    """
    folder = source.folder_of(path).resolve()
    if source.format == "opendss":
        try:
            script = read_script(path, folder)
        except SourceError:  # told when the model is read
            pass
        else:
            return DeliveredModel(folder, script.files, source.network or script.circuit)
    return DeliveredModel(folder, sorted(file for file in folder.rglob("*") if file.is_file()), source.network)


def rivals(deliveries: Iterable[Delivery]) -> dict[tuple[str, str], str]:
    """Why models of one source, network and version are refused, by (file_id, source): which one holds, nobody says."""
    of_one: dict[tuple[str, str | None, int], list[Delivery]] = defaultdict(list)
    for one in deliveries:
        network = delivered_model(one.source, Path(one.path)).network
        if network is None and one.source.format == "opendss":  # told when the model is read
            continue
        try:
            version = one.file_version()
        except UnreadableError:  # told when the model is read
            continue
        of_one[one.source.name, network, version].append(one)
    refused: dict[tuple[str, str], str] = {}
    for (_, network, _), same in of_one.items():
        if len(same) > 1:
            which = f"network '{network}'" if network else "the one network of a source that names none"
            found = f"{len(same)} models of one delivery describe {which}: {first_keys([m.path for m in same])}"
            needed = "one, or versions of it told by their names"
            needed += "" if network else "; of several networks a source each, with its 'network'"
            reason = f"{found}; needed is {needed}"
            refused |= dict.fromkeys(((one.file_id, one.source.name) for one in same), reason)
    return refused
