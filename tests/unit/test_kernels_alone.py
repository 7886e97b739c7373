"""Kernels need NumPy and nothing of a data platform."""

import subprocess
import sys
from pathlib import Path

LOADED = """
import importlib, pkgutil, sys
import kernels
for module in pkgutil.iter_modules(kernels.__path__):
    importlib.import_module(f"kernels.{module.name}")
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_kernels_are_usable_with_numpy_alone() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, cwd=root)
    loaded = set(done.stdout.split())
    assert {"numpy", "kernels"} <= loaded
    assert loaded & {"pyspark", "pandas", "pyarrow", "delta", "jobs"} == set()
