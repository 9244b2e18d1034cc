# Everything a developer types. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PURE := tests/unit tests/property tests/contracts
STATE := pyproject.toml requirements.lock
FUZZ_SEED ?= 1
FUZZ_RECORDS ?= 100000
FUZZ_EXAMPLES ?= 200
BEHAVIOUR_EXAMPLES ?= 2000
APPEALS ?= 10000

.DEFAULT_GOAL := help
.PHONY: help venv demo up down status test lint format types imports contracts pure real chassis notify partners parts e2e train chaos shortchaos model fuzz appeals load bench lock clean

help: ## list the targets
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-11s %s\n", $$1, $$2}'

venv: $(VENV)/.dev ## make .venv with everything that development and tests need

demo: $(VENV)/.local ## start everything and take 120 appeals through it
	$(BIN)/python -m demo

up: $(VENV)/.local ## start Kafka, PostgreSQL, the issuer, the SMS gateway and all services in the background
	@$(BIN)/python -m stack up

down: $(VENV)/.local ## stop what `make up` started; its data stays in .stack
	@$(BIN)/python -m stack down

status: $(VENV)/.local ## show what runs, where, and whether it is ready
	@$(BIN)/python -m stack status

test: $(VENV)/.dev ## everything a submission must pass: three at a time, and what waits more than it computes at the end
	@$(MAKE) --no-print-directory --jobs=3 e2e lint types imports contracts parts chassis pure
	@$(MAKE) --no-print-directory --jobs=3 shortchaos notify partners

lint: $(VENV)/.dev ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.dev ## mypy --strict over the product and the tests
	$(BIN)/mypy
	$(BIN)/mypy tests

imports: $(VENV)/.dev ## who may import whom
	$(BIN)/lint-imports --no-logo

contracts: $(VENV)/.dev ## schemas: no drift, compatible with the landed ones
	$(BIN)/python -m contracts check

pure: $(VENV)/.dev ## unit, property and contracts tests
	$(BIN)/pytest $(PURE)

real: $(VENV)/.dev ## integration and e2e tests side by side, on real brokers and real databases
	@$(MAKE) --no-print-directory --jobs=4 e2e chassis parts notify partners

chassis: $(VENV)/.dev ## what every service runs on, and the local stack
	$(BIN)/pytest tests/integration/chassis tests/integration/stack

notify: $(VENV)/.dev ## messages and call-backs to citizens
	$(BIN)/pytest tests/integration/notify

partners: $(VENV)/.dev ## what partners subscribe to and are called about
	$(BIN)/pytest tests/integration/partners

parts: $(VENV)/.dev ## every other integration test
	$(BIN)/pytest tests/integration $(foreach lane,chassis stack notify partners,--ignore=tests/integration/$(lane))

e2e: $(VENV)/.dev ## all services together, as people and partners use them
	$(BIN)/pytest tests/e2e

train: $(VENV)/.local ## the model of classification anew, out of its phrases and CORRECTIONS (a file of the operator's)
	$(BIN)/python -m services.intake.classify.train $(if $(CORRECTIONS),--corrections $(CORRECTIONS))

chaos: $(VENV)/.local ## break everything for CHAOS_MINUTES (5) by the dice of CHAOS_SEED (1), and look from outside
	$(BIN)/python -m chaos

shortchaos: $(VENV)/.dev ## two minutes of that, with a stack and a report of its own
	$(BIN)/python -m chaos --minutes 2 --seed 451 --state .stack/shortchaos --report build/reports/shortchaos.json

fuzz: $(VENV)/.dev ## FUZZ_RECORDS (100000) a topic, FUZZ_EXAMPLES (200) a route, BEHAVIOUR_EXAMPLES (2000) by FUZZ_SEED (1)
	FUZZ_SEED=$(FUZZ_SEED) FUZZ_RECORDS=$(FUZZ_RECORDS) FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) \
		BEHAVIOUR_EXAMPLES=$(BEHAVIOUR_EXAMPLES) $(BIN)/pytest --durations=10 \
		tests/integration/chassis/test_behaviour.py tests/e2e/test_api_fuzz.py tests/e2e/test_record_fuzz.py

appeals: $(VENV)/.dev ## APPEALS (10000) random appeals through the APIs, random commands, and whether everything adds up
	APPEALS=$(APPEALS) $(BIN)/pytest tests/e2e/test_appeals_at_random.py

load: $(VENV)/.dev ## a city calls for LOAD_MINUTES (5) at LOAD_FACTOR (10) times its rate, here or at any deployment: docs/load.md
	$(BIN)/locust -f load/locustfile.py --headless --only-summary --loglevel WARNING

bench: $(VENV)/.dev ## ours beside bare loops and other frameworks, in turns (QUICK=1: three to four minutes)
	$(BIN)/python -m bench

model: $(VENV)/.local ## every schedule of small systems out of the chassis's own code, with every rule and without each
	$(BIN)/python -m model

lock: $(VENV)/.dev ## take the newest versions that pyproject.toml allows into requirements.lock
	$(BIN)/pip-compile --quiet --upgrade --all-extras --strip-extras --no-header --no-emit-index-url \
		--no-emit-find-links --no-emit-trusted-host -o requirements.lock pyproject.toml

clean: ## remove .venv, reports and the data of `make up`
	rm -rf $(VENV) build .stack

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# What demo and up need; .dev has more. Each is done again when the dependencies change.
$(VENV)/.local: $(STATE) | $(VENV)/bin/python
	@echo "Installing into $(VENV) …"
	$(BIN)/python -m pip install --quiet -c requirements.lock -e '.[local]'
	@touch $@

$(VENV)/.dev: $(STATE) | $(VENV)/bin/python
	@echo "Installing into $(VENV) …"
	$(BIN)/python -m pip install --quiet -c requirements.lock -e '.[local,docker,bench,dev]'
	@touch $@ $(VENV)/.local
