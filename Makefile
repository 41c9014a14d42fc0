# Two commands matter: `make demo` shows the bot in a browser, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types browser postgres proxy api-fuzz clean

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "pilotbot needs Python 3.11 or newer")'
	@echo 'installing into .venv, which takes a minute or two'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: .venv/ready
	$(BIN)/pilotbot demo

test: .venv/ready
	$(BIN)/python -m pytest

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

browser: .venv/ready
	$(BIN)/python -m pytest -m browser

postgres: .venv/ready
	$(BIN)/python -m pytest -m postgres

proxy: .venv/ready
	$(BIN)/python -m pytest -m proxy

api-fuzz: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,fuzz]'
	$(BIN)/python -m tools.api_fuzz

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
