# On a machine with Python 3.11 or later, git and make:
#   make score      sets everything up and scores the real profile
#   make test       sets up and runs lint, types and tests
#   make bench      measures speed beside what one would use instead: benchmarks/README.md
#   make test-long  runs the long property tests and stress tests
#   make sound      scores a million sound programs, one in four also with a line amiss
#   make proofs     proves ten thousand small indices, and tries every profile of each
#   make fuzz       reads a million damaged inputs with each reader
#   make fuzz-guided  the same, with inputs that look for lines not yet run (atheris)
#   make mutate     puts small faults into the engine, one at a time: the tests have to notice each
# README.md has the setup, the score and the tests as plain commands for machines without make.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: score check test test-long bench sound proofs fuzz fuzz-guided mutate clean

score: .venv/ready-core
	@$(BIN)/bareme score --framework nuclear-security

check: .venv/ready-core
	@$(BIN)/bareme check

test: .venv/ready-test
	$(BIN)/ruff check engine tests
	$(BIN)/ruff format --check engine tests
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m "not long"

test-long: .venv/ready-test
	$(BIN)/pytest -n auto -m long

sound: .venv/ready-test
	$(BIN)/python tests/test_sound_programs.py 0 1000000

proofs: .venv/ready-test
	$(BIN)/python tests/test_proofs.py 0 10000

fuzz: .venv/ready-test
	PYTHONPATH=tests $(BIN)/python -m fuzz

fuzz-guided: .venv/ready-test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	for reader in rules profile table questionnaire workbook sealed edition; do \
		PYTHONPATH=tests $(BIN)/python -m fuzz.guided --reader $$reader --keep fuzz-$$reader || exit 1; \
	done

# `make mutate MODULES="exact results"` for some modules only.
mutate: .venv/ready-test
	PYTHONPATH=tests $(BIN)/python -m mutation $(MODULES:%=--module %)

# Installing prepares the table of the grammar; an edited grammar works without, a little slower.
.venv/ready-core: pyproject.toml hatch_build.py engine/bareme/language/grammar.lark
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("bareme needs Python 3.11 or later; this is %d.%d. Try: make PYTHON=python3.12" % v[:2])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

bench: .venv/ready-core
	@$(BIN)/python -m benchmarks

.venv/ready-test: .venv/ready-core
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

clean:
	rm -rf .venv
