#!/usr/bin/env bash
# Build the kernels once more, with bounds checks on, in a folder of their own, and run their tests against that build.
set -euo pipefail
cd "$(dirname "$0")/.."
out=build/checked
rm -rf "$out" && mkdir -p "$out"
cp -r kernels tests setup.py pyproject.toml "$out"
find "$out/kernels" -name '*.so' -delete
ln -s "$PWD/jobs" "$out/jobs"
ln -s "$PWD/conf" "$out/conf"
python=$PWD/.venv/bin/python
cd "$out"
GRIDLAKE_BOUNDS_CHECKS=1 "$python" setup.py -q build_ext --inplace
PYTHONPATH=$PWD "$python" - <<'PY'
import kernels, pathlib
assert pathlib.Path(kernels.__file__).is_relative_to(pathlib.Path.cwd()), kernels.__file__
PY
mapfile -t tests < <(grep -lE '^(from|import) kernels' tests/unit/test_*.py) # whatever its name
PYTHONPATH=$PWD "$python" -m pytest -q -p no:cacheprovider "${tests[@]}" "$@"
