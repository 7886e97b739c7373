"""The order of jobs, derived from what each one reads."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from jobs.errors import GridlakeError
from jobs.job import Job


def reads_of(jobs: dict[str, Job]) -> dict[str, set[str]]:
    """Table -> tables its job reads that have a job themselves."""
    return {name: {read.table for read in job.reads.values() if read.table in jobs} for name, job in jobs.items()}


def sorter(jobs: dict[str, Job]) -> TopologicalSorter[str]:
    """A sorter of the jobs, ready to hand them out; refuses a cycle by naming it."""
    topological = TopologicalSorter({name: sorted(reads) for name, reads in sorted(reads_of(jobs).items())})
    try:
        topological.prepare()
    except CycleError as fault:
        raise GridlakeError(f"jobs read each other in a circle: {' -> '.join(fault.args[1])}") from fault
    return topological


def in_order(jobs: dict[str, Job]) -> list[str]:
    """Names of the jobs, each after all it reads."""
    topological, order = sorter(jobs), []
    while topological.is_active():
        ready = sorted(topological.get_ready())
        order += ready
        topological.done(*ready)
    return order


def chain_after(jobs: dict[str, Job]) -> dict[str, int]:
    """Table -> tables of the longest chain that stands on it."""
    reads, chain = reads_of(jobs), dict.fromkeys(jobs, 0)
    for name in reversed(in_order(jobs)):
        for read in reads[name]:
            chain[read] = max(chain[read], chain[name] + 1)
    return chain


def needed_for(names: list[str], jobs: dict[str, Job]) -> dict[str, Job]:
    """The jobs of the named tables and of all they stand on."""
    reads, wanted, left = reads_of(jobs), set(), list(names)
    while left:
        name = left.pop()
        if name not in wanted:
            wanted.add(name)
            left += reads[name]
    return {name: jobs[name] for name in jobs if name in wanted}


def after(names: Iterable[str], jobs: dict[str, Job]) -> set[str]:
    """The named tables and all that stand on them."""
    found = set(names)
    for name in in_order(jobs):
        if reads_of(jobs)[name] & found:
            found.add(name)
    return found & set(jobs)


def mermaid_graph(jobs: dict[str, Job]) -> list[str]:
    """The lineage as a Mermaid graph, sources of the jobs included."""
    lines = ["graph LR"]
    for name in in_order(jobs):
        lines += [f"  {read.table} --> {name}" for read in jobs[name].reads.values()] or [f"  {name}"]
    return list(dict.fromkeys(lines))
