"""Codes of readings: loops, which cannot import them, have the same."""

import re
from pathlib import Path

from kernels import quality

KERNELS = Path(quality.__file__).parent
CODE = re.compile(r"^ +([A-Z_]+) = (\d+)$", re.MULTILINE)


def test_codes_of_loops_are_those_of_python() -> None:
    of_loops = {name: int(code) for name, code in CODE.findall((KERNELS / "_quality.pxd").read_text())}
    assert of_loops == {name: code for name, code in vars(quality).items() if isinstance(code, int)}


def test_bounds_hold_all_codes() -> None:
    codes = {code for code in vars(quality).values() if isinstance(code, int)}
    assert codes == set(range(quality.LAST + 1))


def test_no_loop_has_codes_of_its_own() -> None:
    names = "|".join(name for name, code in vars(quality).items() if isinstance(code, int))
    own = {
        file.name: found
        for file in sorted(KERNELS.glob("_*.p[xy][xd]"))
        if file.name != "_quality.pxd"
        and (found := re.findall(rf"^ +((?:{names})(?:_QUALITY)? = \d+)", file.read_text(), re.M))
    }
    assert own == {}
