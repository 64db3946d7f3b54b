# DoctorAI. `make help` lists what there is. CI runs `make test`, word for word.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# Wheels of an offline archive (docs/offline.md); with them pip asks no index.
WHEELS ?= $(if $(wildcard wheels/*.whl),wheels)
PIP_INSTALL += $(if $(filter-out 0,$(WHEELS)),--no-index --find-links "$(WHEELS)")
# The address of PyTorch's own index of CPU builds; without it pip may take the CUDA build, several GB.
TORCH_INDEX_URL ?=
TORCH_INDEX := $(if $(TORCH_INDEX_URL),--extra-index-url $(TORCH_INDEX_URL))
MODELS ?= tumor xray monkeypox lung_colon palm
EXTRAS = gateway,vision,palm,chatbot,cli
WITHOUT = $(if $(filter 0,$(IMAGES)),--no-images) $(if $(filter 0,$(WHEELS)),--no-wheels)
# What the images are labelled with; the same commit gives the same.
VERSION = $(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' shared/version.py)
REVISION = $(shell git describe --always --abbrev=40 --match '' --dirty 2>/dev/null || echo unknown)
CREATED = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null))
INTO ?= .
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup importer run test lint format types imports train evaluate knowledge eval-chatbot bench bench-gateway bench-observability bench-containers images bundle-offline load-offline sbom audit-dependencies openapi dashboards new-service lock clean page backup restore env secrets

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

# The original system's networks under the model path are imported at start, with TensorFlow.
MODEL_PLACES := $(or $(MODEL_PATH),models) $(or $(MODEL_PATH),models)/*
USERS_FILES := $(wildcard $(addsuffix /*.h5,$(MODEL_PLACES)) $(addsuffix /*.keras,$(MODEL_PLACES)) $(addsuffix /*.tflite,$(MODEL_PLACES)))

setup: $(VENV)/.run $(if $(USERS_FILES),$(VENV)/.importer) frontend/dist/index.html ## install what runs the system

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

bench-observability: $(VENV)/.dev ## measure what metrics, logs and traces cost the gateway
	$(BIN)/python -m benchmarks observability $(ARGS)

bench-containers: $(VENV)/.dev ## build and start the compose system: seconds to healthy, memory, answers a second
	$(BIN)/python -m benchmarks containers $(ARGS)

images: ## build every image of the compose system, labelled with version and commit
	docker compose build --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
	  $(if $(CREATED),--build-arg SOURCE_DATE_EPOCH=$(CREATED)) $(ARGS)

# nginx of the TLS overlay goes along
bundle-offline: export COMPOSE_FILE ?= docker-compose.yml:deploy/compose.tls.yml
bundle-offline: $(BIN)/python frontend/dist/index.html ## images, models, wheels and source in one archive: IMAGES=0, WHEELS=0 leave out
	$(BIN)/python -m cli.offline.bundle --extras $(EXTRAS) --torch-index-url "$(TORCH_INDEX_URL)" $(WITHOUT) $(ARGS)

load-offline: ## install such an archive here: ARCHIVE=doctorai-0.1.0-offline.tar, SHA256=…, IMAGES=0, WHEELS=0
	@test -n "$(ARCHIVE)" || { echo "usage: make load-offline ARCHIVE=doctorai-0.1.0-offline.tar"; exit 2; }
	@$(PYTHON) -m cli.offline.load "$(ARCHIVE)" --into "$(INTO)" --sha256 "$(SHA256)" $(WITHOUT)

sbom: $(VENV)/.run ## a CycloneDX document of each image in dist/sbom; IMAGES=0: of this machine's environment
	$(BIN)/python -m cli.sbom $(if $(filter 0,$(IMAGES)),--environment) $(ARGS)

audit-dependencies: $(VENV)/.dev ## ask an advisory service about every version in constraints.txt
	$(BIN)/python -m cli.vulnerabilities $(ARGS)

page: frontend/node_modules/.package-lock.json ## check, test and build the page: Node 20.19 or newer
	cd frontend && npm run check && npm test && npm run build

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund

PAGE_SOURCES := $(shell find frontend -name node_modules -prune -o -name dist -prune -o -type f -not -name '*.test.*' -print)
frontend/dist/index.html: $(PAGE_SOURCES)
	@sh frontend/build.sh

openapi: $(VENV)/.dev ## write docs/openapi.json anew
	$(BIN)/python -m gateway.document docs/openapi.json

dashboards: $(VENV)/.dev ## write Grafana's dashboards and the rules for Kubernetes anew: docs/dashboards.md
	$(BIN)/python -m deploy.grafana.source
	$(BIN)/python -m deploy.kubernetes.rules

new-service: setup ## scaffold a service with a toy bundle: NAME=retina
	@test -n "$(NAME)" || { echo "usage: make new-service NAME=retina"; exit 2; }
	@$(BIN)/python -m cli.scaffold "$(NAME)"

OVERLAYS := $(or $(COMPOSE_FILE),$(shell sed -n 's/^COMPOSE_FILE=//p' .env 2>/dev/null),docker-compose.yml)
COMPOSE_BACKUP := docker compose $(foreach file,$(subst :, ,$(OVERLAYS)),-f $(file)) -f deploy/compose.backup.yml

env: .env ## write .env, the settings of the containers, unless there is one

.env:
	cp .env.example .env

secrets: ## make the secrets of the containers that are not there yet, and name them
	docker compose run --rm --build secrets

backup: ## write an archive of the compose system to BACKUP_PATH (backups/), while it runs: docs/backup.md
	$(COMPOSE_BACKUP) run --rm $(if $(wildcard .env),-v "$(CURDIR)/.env:/config/.env:ro") \
	  $(if $(PASSPHRASE_FILE),-v "$(abspath $(PASSPHRASE_FILE)):/passphrase:ro" -e BACKUP_PASSPHRASE_FILE=/passphrase) \
	  backup backup --to /backups --config /config/.env $(ARGS)

restore: ## put an archive back, with the system stopped: ARCHIVE=backups/doctorai-….tar.gz
	@test -n "$(ARCHIVE)" || { echo "usage: make restore ARCHIVE=backups/doctorai-….tar.gz [ARGS=--dry-run]"; exit 2; }
	$(COMPOSE_BACKUP) run --rm --no-deps $(if $(IDENTITY),-v "$(abspath $(IDENTITY)):/identity:ro" -e BACKUP_IDENTITY=/identity) \
	  $(if $(PASSPHRASE_FILE),-v "$(abspath $(PASSPHRASE_FILE)):/passphrase:ro" -e BACKUP_PASSPHRASE_FILE=/passphrase) \
	  restore "/backups/$(notdir $(ARCHIVE))" $(ARGS)

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
	@$(PIP_INSTALL) $(TORCH_INDEX) -e '.[$(EXTRAS)]'
	@touch $@

$(VENV)/.importer: $(VENV)/.run
	@echo "installing what imports your own models …"
	@$(PIP_INSTALL) $(TORCH_INDEX) -e '.[$(EXTRAS),tensorflow]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "installing what trains and tests it …"
	@$(PIP_INSTALL) $(TORCH_INDEX) -e '.[$(EXTRAS),train,dev]'
	@touch $@ $(VENV)/.importer
