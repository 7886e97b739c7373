"""Which process owns what lies in a lake, and whether it still runs: told only of processes of this machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

Owner = dict[str, str]
BOOT, NAMESPACE = "/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"


def this_process() -> Owner:
    """This process, so that it is taken for no other: machine, its start and numbering of processes, number, start."""
    return {**_machine(), "pid": str(os.getpid()), "started": _started(os.getpid())}


def still_runs(owner: Owner) -> bool | None:
    """Whether that process runs; None where it is of another machine, or container, or not told."""
    here = _machine()
    if not here["boot"] or {name: owner.get(name) for name in here} != here or not owner.get("started"):
        return None
    return _started(int(owner["pid"])) == owner["started"]


def _machine() -> Owner:
    """Empty texts where the system does not tell (it is not Linux)."""
    boot, namespace = Path(BOOT), Path(NAMESPACE)
    return {
        "host": socket.gethostname(),
        "boot": boot.read_text().strip() if boot.is_file() else "",
        "processes": os.readlink(namespace) if namespace.is_symlink() else "",
    }


def _started(pid: int) -> str:
    """When the process started, in ticks since the machine did; empty where there is none."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    state, *rest = told.rpartition(")")[2].split()  # its name may hold anything
    return "" if state == "Z" else rest[18]
