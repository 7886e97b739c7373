"""Builds kernels/_*.pyx; everything else about the distribution stands in pyproject.toml."""

import os
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup

CHECKED = os.environ.get("GRIDLAKE_BOUNDS_CHECKS") == "1"
SOURCES = [] if os.environ.get("GRIDLAKE_WITHOUT_KERNELS") == "1" else sorted(Path("kernels").glob("_*.pyx"))

setup(
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
    ext_modules=cythonize(
        [
            Extension(
                f"kernels.{source.stem}",
                [str(source)],
                include_dirs=[numpy.get_include()],
                define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
                extra_compile_args=["-O1" if CHECKED else "-O3", "-fno-math-errno"],
            )
            for source in SOURCES
        ],
        compiler_directives={
            "language_level": 3,
            "boundscheck": CHECKED,
            "wraparound": False,
            "initializedcheck": CHECKED,
            "cdivision": not CHECKED,
        },
        force=CHECKED,
    ),
)
