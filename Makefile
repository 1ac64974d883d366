# The two commands of the README are `make run` and `make test`; both work from a clean clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Test files that run at once: one more than two cores, because many tests wait for daemons.
JOBS ?= 3
STAMP := $(VENV)/.installed

.PHONY: run test lint clean

run: $(STAMP)
	@$(BIN)/python -m bench demo

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy

$(STAMP): setup.cfg setup.py pyproject.toml $(wildcard hj212d/*/_*.pyx hj212d/*/_*.px[di])
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "hj212d needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "no venv module: on Debian, apt-get install python3-venv"; exit 1; }
	@echo "installing into $(VENV) (once, about a minute)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test]'
	@$(BIN)/python -m hj212d.cli.compiled
	@touch $(STAMP)

clean:
	rm -rf $(VENV) build *.egg-info data hj212d/*/_*.so hj212d/*/_*.c
