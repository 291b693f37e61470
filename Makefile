# The one command surface: what people type and what CI calls.

PYTHON ?= python3
HOST   ?= 127.0.0.1
PORT   ?= 3000

# Models and bentos live in this clone unless told otherwise, so that clones do not mix.
export BENTOML_HOME ?= $(CURDIR)/.bentoml
export BENTOML_DO_NOT_TRACK ?= true

VENV := .venv
BIN  := $(VENV)/bin
DONE := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup train serve test soak lint load bench conformance build proto check clean lock

help:  ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(DONE)  ## Build the environment in .venv from the pinned lock

# uv brings certificates of its own; a company's mirror or proxy may have one that only the system knows, as pip does.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt),)
export UV_SYSTEM_CERTS ?= true
endif

MIRROR = mirror="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}"; \
	if [ -n "$$mirror" ]; then export UV_DEFAULT_INDEX="$$mirror"; fi

# uv installs in seconds what pip installs in minutes. It does not read pip's settings, so a mirror
# that pip is set to is handed on.
$(DONE): requirements/uv.txt requirements/all.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Expected Python 3.11 to 3.13. Received " + sys.version.split()[0] + ". Set PYTHON=python3.12, say.")'
	@echo "Building the environment in $(VENV), about a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(MIRROR); $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/all.txt
	@touch $@

train: $(DONE)  ## Train all models anew; NAME=mnist for one, ARGS="--seed 1" for options
	$(BIN)/python -m training $(or $(NAME),all) $(ARGS)

SERVICE = env $(if $(WORKERS),KERAS_SERVE_WORKERS=$(WORKERS)) $(BIN)/python -m service --host $(HOST) --port $(PORT)

serve: $(DONE)  ## Train what is missing, then serve on HOST:PORT; WORKERS=2 for more processes
	@$(SERVICE) --check start
	@$(BIN)/python -m training all --missing
	@exec $(SERVICE)

test: $(DONE) lint  ## Lint, types, import rule, then all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

soak: $(DONE)  ## What takes minutes: memory over swaps, a canary's share, a file of a million rows
	$(BIN)/python -m pytest -m soak -s

lint: $(DONE)  ## Lint, types and import rule only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

LOAD = $(BIN)/python -m loadtests $(if $(URL),--url $(URL)) $(if $(PROCESSES),--processes $(PROCESSES))

.PHONY: capacity

load: $(DONE)  ## Load-test a server of its own; URL=http://… for yours, SHAPE=smoke|steady|step, PROCESSES=4, ARGS for options
	$(LOAD) $(if $(SHAPE),--shape $(SHAPE)) $(ARGS)

capacity: $(DONE)  ## Find the highest load with p99 in 50 ms; URL, PROCESSES, ARGS="--objective-p99-ms 20"
	$(LOAD) --shape capacity $(ARGS)

bench: $(DONE)  ## Measure beside Triton, MLServer and others, 45 minutes; QUICK=1 for a few, ARGS for options
	@$(MIRROR); $(BIN)/python -m loadtests.benchmark $(if $(QUICK),--quick) $(ARGS)

conformance: $(DONE)  ## Ask a server everything, then foreign clients; URL=http://… for yours, ARGS for options
	@$(if $(URL),,$(BIN)/python -m training all --missing)
	$(BIN)/python -m tests.conformance $(if $(URL),--url $(URL)) $(ARGS)

build: $(DONE)  ## Build the bento for CPU with its models; BENTOFILE=bentofile.gpu.yaml for GPU
	@$(BIN)/python -m training all --missing
	@$(BIN)/python -m service --check latest
	$(BIN)/bentoml build -f $(or $(BENTOFILE),bentofile.yaml)

proto: $(DONE)  ## Make the gRPC messages from service/rpc/inference.proto
	$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. service/rpc/inference.proto
	sed -i 's/_descriptor_pool\.Default()/_descriptor_pool.DescriptorPool()/' service/rpc/inference_pb2.py

check: $(DONE)  ## Verify every stored model as the service would, without serving
	$(BIN)/python -m service --check all

clean:  ## Remove the environment, caches and reports; stored models stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .conformance loadtests/reports
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command 'make lock'

lock: $(DONE)  ## Compile the pinned requirements from pyproject.toml
	$(LOCK) --extra training --extra loadtests --extra dev pyproject.toml -o requirements/all.txt
	$(LOCK) pyproject.toml -c requirements/all.txt -o requirements/service.txt
	$(LOCK) --extra gpu pyproject.toml -c requirements/all.txt -o requirements/gpu.txt
	grep '^uv==' requirements/all.txt | cut -d' ' -f1 | $(LOCK) - -o requirements/uv.txt
