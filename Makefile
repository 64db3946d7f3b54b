# DoctorAI. `make help` lists what there is. CI runs `make test`, word for word.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# The address of PyTorch's own index of CPU builds; without it pip may take the CUDA build, several GB.
TORCH_INDEX_URL ?=
TORCH_INDEX := $(if $(TORCH_INDEX_URL),--extra-index-url $(TORCH_INDEX_URL))
MODELS ?= tumor xray monkeypox lung_colon palm
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup importer run test lint format types imports train evaluate knowledge eval-chatbot bench bench-gateway bench-containers openapi new-service lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# The original system's networks under the model path are imported at start, with TensorFlow.
MODEL_PLACES := $(or $(MODEL_PATH),models) $(or $(MODEL_PATH),models)/*
USERS_FILES := $(wildcard $(addsuffix /*.h5,$(MODEL_PLACES)) $(addsuffix /*.keras,$(MODEL_PLACES)) $(addsuffix /*.tflite,$(MODEL_PLACES)))

setup: $(VENV)/.run $(if $(USERS_FILES),$(VENV)/.importer) ## install what runs the system

importer: $(VENV)/.importer ## install what imports your own Keras, SavedModel and .tflite models: TensorFlow

run: setup ## set up, then run everything on this machine (no Docker): gateway on API_PORT, 8000
	@$(BIN)/doctorai up $(ARGS)

test: lint ## set up, then lint and test everything that this machine can
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## put every file in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

train: $(VENV)/.dev ## train a bundle: MODEL=tumor DATA=/path/to/tumor
	@test -n "$(MODEL)" && test -n "$(DATA)" || { echo "usage: make train MODEL=tumor DATA=/path/to/tumor"; exit 2; }
	$(BIN)/python -m training train --model $(MODEL) --data "$(DATA)" $(ARGS)

evaluate: $(VENV)/.dev ## score a bundle on held-out images and write its card: MODEL=tumor DATA=/path/to/tumor
	@test -n "$(MODEL)" && test -n "$(DATA)" || { echo "usage: make evaluate MODEL=tumor DATA=/path/to/tumor"; exit 2; }
	$(BIN)/python -m training evaluate --model $(MODEL) --data "$(DATA)" $(ARGS)

knowledge: $(VENV)/.dev ## check the chatbot's knowledge base and build its bundle anew
	$(BIN)/python -m services.chatbot.lint
	$(BIN)/python -m training.chatbot $(ARGS)

eval-chatbot: $(VENV)/.dev ## measure the chatbot on held-out questions and write its card: DATA=/path/to/chatbot
	$(BIN)/python -m training.chatbot_evaluation $(if $(DATA),--data "$(DATA)") $(ARGS)

bench: $(VENV)/.dev ## measure speed and memory beside the alternatives
	$(BIN)/python -m benchmarks $(ARGS)

bench-gateway: $(VENV)/.dev ## measure what the gateway costs, beside plain httpx and nginx
	$(BIN)/python -m benchmarks gateway $(ARGS)

bench-containers: $(VENV)/.dev ## build and start the compose system: seconds to healthy, memory, answers a second
	$(BIN)/python -m benchmarks containers $(ARGS)

openapi: $(VENV)/.dev ## write docs/openapi.json anew
	$(BIN)/python -m gateway.document docs/openapi.json

new-service: setup ## scaffold a service with a toy bundle: NAME=retina
	@test -n "$(NAME)" || { echo "usage: make new-service NAME=retina"; exit 2; }
	@$(BIN)/python -m cli.scaffold "$(NAME)"

lock: $(VENV)/.dev ## write constraints.txt: the version of everything that is installed
	$(BIN)/python -m pip list --format=freeze --exclude-editable --exclude pip --exclude setuptools \
	  | sed 's/+cpu$$//' | LC_ALL=C sort -f > constraints.txt

clean: ## remove what was built and what ran
	rm -rf $(VENV) .doctorai .mypy_cache .pytest_cache .ruff_cache *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
	  { echo "Python 3.11 or 3.12 is needed: make PYTHON=python3.11 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "No venv module. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.run: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing what runs the system …"
	@$(PIP_INSTALL) $(TORCH_INDEX) -e '.[gateway,vision,palm,chatbot,cli]'
	@touch $@

$(VENV)/.importer: $(VENV)/.run
	@echo "installing what imports your own models …"
	@$(PIP_INSTALL) $(TORCH_INDEX) -e '.[gateway,vision,palm,chatbot,cli,tensorflow]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "installing what trains and tests it …"
	@$(PIP_INSTALL) $(TORCH_INDEX) -e '.[gateway,vision,palm,chatbot,cli,train,dev]'
	@touch $@ $(VENV)/.importer
