# gridlake. `make demo` and `make test` do all set-up themselves on a fresh machine.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
GRIDLAKE := .venv/bin/gridlake
READY := .venv/.ready
unexport PYTHONDONTWRITEBYTECODE # else every process, each Spark task's too, compiles all it imports again
KERNELS := $(wildcard kernels/*.pyx kernels/*.pxd) setup.py

# The demo's size: a whole year with FULL=1, one low-voltage network for two days with TINY=1.
AREA ?= MV1.101
FROM ?= 2016-01-01
TO ?= $(if $(TINY),2016-01-03,$(if $(FULL),2017-01-01,2016-04-01))
DEMO ?= build/demo
OPTIONS := $(if $(TINY),--networks 1 --fleet 300 --conf conf/small.yaml) $(if $(MASTER),--master $(MASTER))

.PHONY: help setup demo test check bench mlflow docs lock clean airflow airflow-test airflow-plan airflow-lock

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

$(READY): requirements.lock pyproject.toml conf/jars.xml conf/jars.sh conf/setup.sh
	@bash conf/setup.sh

build/.kernels: $(READY) $(KERNELS)
	@mkdir -p build
	@echo "set-up: building the kernels"
	@$(PYTHON) setup.py -q build_ext --inplace
	@touch $@

setup: build/.kernels ## Make .venv from the lock, fetch the Delta JARs, build the kernels

demo: setup ## Sample utility -> lake -> profiles, costs, report (FULL=1: a year; TINY=1: two days; MASTER=spark://…)
	@$(GRIDLAKE) demo --folder $(DEMO) --area $(AREA) --from $(FROM) --to $(TO) $(OPTIONS)

test: setup ## All tests, in two processes with a Spark session each; WORKERS=0: in one
	@$(PYTHON) -m pytest -n $(or $(WORKERS),2) --dist loadfile

check: setup ## Lint, types, doctests and all tests; the kernels once more with bounds checks on
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@bash tests/checked_kernels.sh
	@$(MAKE) --no-print-directory test

bench: setup ## Benchmarks, side by side; READINGS=57600000, DAYS=100, FEEDERS=8, CORES=2, ROUNDS=5 unless said otherwise
	@$(PYTHON) -m tests.bench --readings $(or $(READINGS),57600000) --days $(or $(DAYS),100) --rounds $(or $(ROUNDS),5) \
		--feeders $(or $(FEEDERS),8) --cores $(or $(CORES),2) --out build/bench.json

mlflow: setup ## Open the runs and models of a lake: LAKE=build/demo/lake, PORT=5000 unless said otherwise
	@echo "http://127.0.0.1:$(or $(PORT),5000)"
	@.venv/bin/mlflow server --workers 1 --port $(or $(PORT),5000) \
		--backend-store-uri sqlite:///$(or $(LAKE),$(DEMO)/lake)/mlflow/mlflow.db

docs: setup ## Write the data dictionary again from the declarations
	@$(GRIDLAKE) dictionary --out docs/dictionary

lock: $(READY) ## Resolve the dependencies anew and lock them
	@.venv/bin/uv pip compile -q pyproject.toml --extra sample --group dev --group bench --generate-hashes \
		--no-emit-index-url --no-emit-find-links --python-version 3.11 --no-header -o requirements.lock

AIRFLOW := build/airflow/.venv

$(AIRFLOW)/.ready: airflow_dags/requirements.lock $(READY)
	@echo "set-up: Airflow's own environment"
	@test -x $(AIRFLOW)/bin/python || .venv/bin/uv venv -q --python .venv/bin/python $(AIRFLOW)
	@.venv/bin/uv pip install -q --python $(AIRFLOW)/bin/python --require-hashes -r airflow_dags/requirements.lock
	@touch $@

airflow: setup $(AIRFLOW)/.ready ## Airflow on the loopback over a tiny sample, with a daily run: PORT=8080 unless said otherwise
	@bash airflow_dags/local/start.sh

airflow-test: setup $(AIRFLOW)/.ready ## Import every DAG, run the daily one for one day: DROP=build/demo/drop, else a tiny sample
	@bash airflow_dags/local/test.sh $(DROP)

airflow-plan: setup ## Write the plan that Airflow's tasks are made from again
	@$(GRIDLAKE) plan --format json > build/plan.json && mv build/plan.json airflow_dags/plan.json

airflow-lock: $(READY) ## Resolve Airflow's dependencies anew and lock them
	@.venv/bin/uv pip compile -q airflow_dags/requirements.in --generate-hashes --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --no-header -o airflow_dags/requirements.lock

clean: ## Remove everything that was built, the environment too
	@rm -rf build .venv kernels/*.so kernels/*.c *.egg-info
