"""Java started for this process, its standard error passed on but for one line that nobody can act on."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Thread

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway

SAID_AT_EACH_START = b"WARNING: Using incubator modules: jdk.incubator.vector"
"""Java says so of a module that Spark's own start script asks for; no option keeps it from it."""
STDERR = 2
LAST_WORDS_SECONDS = 5.0


def start_java(properties: dict[str, str]) -> None:
    """Start Java as a session with these Spark properties would, where none runs for this process yet.

    Raises
    ------
    PySparkRuntimeError
        Java does not start; what it said of that has been passed on.
    """
    if SparkContext._gateway is not None:
        return
    conf = SparkConf()
    for key, value in properties.items():
        conf.set(key, value)
    read, write = os.pipe()
    passing = Thread(target=pass_on, args=(read,), daemon=True)  # as long as Java and its workers live
    passing.start()
    try:
        gateway = launch_gateway(conf, popen_kwargs={"stderr": write})  # type: ignore[no-untyped-call]
    except Exception:
        os.close(write)
        passing.join(LAST_WORDS_SECONDS)
        raise
    os.close(write)
    SparkContext._ensure_initialized(gateway=gateway)


def pass_on(read: int) -> None:
    """Write what comes to standard error, line by line as it comes, until its writers are gone."""
    with os.fdopen(read, "rb") as lines:
        for line in lines:
            if line.rstrip() != SAID_AT_EACH_START:
                with suppress(OSError):  # nobody listens any more: Java must not wait for that
                    os.write(STDERR, line)
