# Each target works from a clean clone: it makes .venv first, from Python 3.11 or newer (make PYTHON=... to name one).

VENV := .venv
PEERS := .venv-peers
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
# How many tests run at a time; more take more memory: make test PROCESSES=8
PROCESSES := 2

.PHONY: help demo test example verify bench bench-peers clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    two studies of eight chips on 5,000 digits, with three seeds: one task, and two; a page each"
	@echo "make test    the quick tests, ruff and mypy (PROCESSES=N: tests at a time, 2 unless told otherwise)"
	@echo "make example the package of examples/ with a kind of its own, as its README says"
	@echo "make verify  every test, the slow ones too, and the reports on published chips (needs full MNIST and Fashion-MNIST)"
	@echo "make bench   speed and memory of each chip, beside plain numpy (ARGS='--save FILE' or '--against FILE' to compare)"
	@echo "make bench-peers  speed beside aihwkit, in turns on one core (downloads about 3 GB); NEUROSIM=.../main adds NeuroSim's"
	@echo "make clean   remove .venv, .venv-peers and caches (results in runs/ stay)"

$(READY): pyproject.toml
	@python=$$(PYTHON='$(PYTHON)' tools/find-python) && echo "==> Making $(VENV) with $$python" && "$$python" -m venv $(VENV)
	@echo "==> Installing chipsim and what it needs"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

# Of two processes the second finds what the first compiled, but for kernels that both come to at the same time.
demo: $(READY)
	@echo "==> Chips of pulses and floating point on 5,000 digits, one sample at a time; three seeds"
	@$(BIN)/chipsim study examples/studies/demo-one-task.yaml -j 2 --overwrite
	@echo "==> Chips of hidden weights and floating point on two tasks, in batches; three seeds"
	@$(BIN)/chipsim study examples/studies/demo-two-tasks.yaml -j 2 --overwrite

# Every check runs, even after one has failed; the last line names those that did. Each process takes a stretch of
# neighbouring tests, which share what they made, and takes over from the other one when it has nothing left.
test: $(READY)
	@failed=; \
	check() { name=$$1; echo "==> $$name"; shift; "$$@" || failed="$$failed$${failed:+, }$$name"; }; \
	check "ruff check" $(BIN)/ruff check .; \
	check "ruff format" $(BIN)/ruff format --check .; \
	check mypy $(BIN)/mypy; \
	check pytest $(PYTEST) -q -m "not slow" -n $(PROCESSES) --dist worksteal; \
	[ -z "$$failed" ] || { echo "==> Failed: $$failed"; exit 1; }

example: $(READY)
	@echo "==> A package with a kind of its own, installed and tried as its README says"
	@$(BIN)/python tools/run_readme.py examples/bit-serial-tile/README.md

verify: $(READY)
	@echo "==> Every test, the slow ones too"
	@$(PYTEST)
	@echo "==> Full-scale papers and comparison: about seventeen hours of one core; writes reports/"
	@$(BIN)/python reports/make.py reports/choi2021
	@$(BIN)/python reports/make.py reports/dagostino2023
	@$(BIN)/python reports/make.py reports/dong2018
	@echo "==> The frozen layers of VGG-16, an hour of one core; without its weights and photographs it says what is missing"
	@$(BIN)/python tools/frozen_layers.py
	@$(BIN)/python reports/make.py reports/neurosim
	@$(BIN)/python reports/make.py reports/comparison
	@$(BIN)/python reports/make.py reports/devices

bench: $(READY)
	@echo "==> Speed of training, each chip in a process of its own"
	@$(BIN)/python -m benchmarks $(ARGS)

bench-peers: $(READY)
	@echo "==> chipsim, aihwkit and numpy in turns; writes benchmarks/README.md"
	@$(BIN)/python -m benchmarks.peers $(if $(NEUROSIM),--neurosim '$(NEUROSIM)') $(ARGS)

clean:
	@echo "==> Removing $(VENV), $(PEERS) and caches; results in runs/ stay"
	@rm -rf $(VENV) $(PEERS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis examples/*/build examples/*/*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
