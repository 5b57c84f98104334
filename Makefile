# Everything a newcomer or a machine runs. `make edit` and `make test` set up all that they need in .venv.
PYTHON ?= python3
BIN := .venv/bin
# one more than there are cores: a third of the time the tests wait for a process or a server
WORKERS = $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 1)")

.PHONY: edit test comfyui-test lint mutants bench bench-llm llm-smoke fuzz clean

.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/test-ready: .venv/ready tests/constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint tests/constraints.txt --editable '.[test]'
	touch $@

# the bundled photo, edited with nothing downloaded but Python packages
edit: .venv/ready
	mkdir -p out
	$(BIN)/cielr edit photos/coins.png "remove the second coin from the left in the top row" --labels coin --output out/coins.png --overwrite

test: .venv/test-ready
	$(BIN)/python -m pytest tests --ignore tests/comfyui --ignore tests/fuzz -q -n $(WORKERS) --dist worksteal

# in a real ComfyUI, in a venv of its own; says how to get a checkout where there is none
comfyui-test:
	bash scripts/comfyui_test.sh

# files, scenes, sentences and edits made up at random; minutes. CIELR_FUZZ=10 tries ten times as much
fuzz: .venv/test-ready
	$(BIN)/python -m pytest tests/fuzz -q -n auto
	CIELR_FUZZ=$$((10 * $${CIELR_FUZZ:-1})) $(BIN)/python -m pytest tests/reasoning/test_grammar_fuzz.py -q -n auto

lint: .venv/test-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/pyright --pythonpath $(BIN)/python

# which small changes of the central code no test notices: hours; docs/mutants.md explains the known ones
mutants: .venv/test-ready
	$(BIN)/python scripts/mutants.py

bench: .venv/test-ready
	for script in benchmarks/*.py; do OMP_NUM_THREADS=1 $(BIN)/python $$script || exit 1; done

# real small language models, out of Python packages, on 40 of the reasoning cases, asked briefly and with the full
# prompt; an hour or two on two cores
bench-llm: .venv/test-ready
	$(BIN)/python scripts/bench_llm.py 0.5b 1.5b --prompt brief --prompt full --record out/llm

# one case with a real language model of half a billion parameters (480 MB, in Python packages); says so where it cannot
# be had
llm-smoke: .venv/test-ready
	$(BIN)/python scripts/llm_smoke.py

clean:
	rm -rf .venv .venv-comfyui out
