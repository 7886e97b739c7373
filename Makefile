# gridlake: `make demo` and `make test` do all set-up themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
READY := .venv/.ready
