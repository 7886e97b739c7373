#!/usr/bin/env bash
# Make the environment: what is missing is named (and, as root on Debian, installed), then .venv from the lock and
# the Delta JARs into its pyspark. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'set-up: %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

missing=()
python=""
for candidate in python3.11 python3; do
  if has "$candidate" && "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || missing+=("Python 3.11 with venv:python3.11 python3.11-venv python3.11-dev")
if [ -n "$python" ] && ! "$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'; then
  missing+=("the headers of Python 3.11:python3.11-dev")
fi
if ! has java || ! java -version 2>&1 | grep -Eq 'version "(17|21)'; then missing+=("Java 17:openjdk-17-jre-headless"); fi
has mvn || missing+=("Maven:maven")
if ! has cc || ! printf '#include <stdlib.h>\n' | cc -fsyntax-only -xc - 2>/dev/null; then
  missing+=("a C compiler with its headers:gcc libc6-dev")
fi

if [ ${#missing[@]} -gt 0 ]; then
  say "missing: $(printf '%s; ' "${missing[@]%%:*}")"
  if [ "$(id -u)" = 0 ] && has apt-get && [ -z "${GRIDLAKE_INSTALLED:-}" ]; then
    # shellcheck disable=SC2046
    packages=$(printf '%s ' "${missing[@]#*:}")
    say "installing $packages"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
    GRIDLAKE_INSTALLED=1 exec bash "$0"
  fi
  say "install them (and see that PATH finds them first) and run this again"
  exit 1
fi

if [ ! -x .venv/bin/python ]; then
  say "making .venv"
  "$python" -m venv .venv
fi
if [ ! -x .venv/bin/uv ]; then
  uv=$(grep -oE '^uv==[0-9.]+' requirements.lock)
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "$uv"
fi
say "installing the locked packages"
.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements.lock
# The kernels are built by the Makefile, in place, and again whenever one changes.
GRIDLAKE_WITHOUT_KERNELS=1 .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .

bash conf/jars.sh .venv
touch .venv/.ready
say "ready"
