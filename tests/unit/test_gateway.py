"""What Java says on standard error reaches people, but for the line that it says at each start."""

from __future__ import annotations

import os
from threading import Thread

import pytest

from jobs.gateway import SAID_AT_EACH_START, pass_on


def test_all_is_passed_on_but_the_line_of_each_start(capfd: pytest.CaptureFixture[str]) -> None:
    read, write = os.pipe()
    passing = Thread(target=pass_on, args=(read,))
    passing.start()
    for said in (
        b"WARNING: A terminally deprecated method has been called\n",
        SAID_AT_EACH_START + b"\n",
        SAID_AT_EACH_START + b", jdk.incubator.foreign\n",
        b"killed without an end of line",
    ):
        os.write(write, said)
    os.close(write)
    passing.join(10)
    assert not passing.is_alive()
    assert capfd.readouterr().err == (
        "WARNING: A terminally deprecated method has been called\n"
        "WARNING: Using incubator modules: jdk.incubator.vector, jdk.incubator.foreign\n"
        "killed without an end of line"
    )
