# Everyday commands. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help install up page mlops airflow spark test test-fast test-soak test-containers test-pythons coverage lint format types check secrets audit wheels sbom schema sam bench clean

# uv from the PATH, or our own copy in .uv/ (installed by pip on first use).
UV_VERSION := 0.13.9
PYTHON ?= python3
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
RUN := $(UV) run --frozen
ARGS ?=
OTHER_PYTHONS ?= 3.12 3.13

PACKAGES := layers/model/stellar layers/service/stellar_service infra/emulator/lambda_emulator grpc_sidecar/stellar_grpc \
	airflow/pipeline/stellar_pipeline infra/local_stack/stellar_local_stack infra/bench/stellar_bench \
	infra/deploy/stellar_deploy infra/stellar_cli/stellar_cli

PAGE := frontend/dist/index.html
PAGE_SOURCES := $(wildcard frontend/*.html frontend/*.json frontend/*.ts frontend/.env*) \
	$(shell find frontend/src frontend/public -type f 2>/dev/null)
GRAPHIQL := functions/graphql/graphiql.html

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.uv/bin/uv:
	@echo "uv is not on the PATH: installing uv $(UV_VERSION) into .uv/"
	@$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet uv==$(UV_VERSION)

install: $(UV) ## install what `make up` needs into .venv
	@$(UV) sync --frozen --no-default-groups --group functions --inexact --quiet

up: install ## start everything (ARGS="--http-port 3100" and the like)
ifeq (,$(wildcard frontend/package.json))
else ifeq (,$(shell command -v npm 2>/dev/null))
	@test -e $(PAGE) || echo "npm is not on the PATH: the web page is not built (everything else works without it)"
else
	@$(MAKE) --no-print-directory page || echo "the web page could not be built: everything else starts without it"
endif
	@exec .venv/bin/stellar up $(ARGS)

page: $(PAGE) $(GRAPHIQL) ## build the web page and GraphiQL, if their sources are newer than the build
	@:

$(PAGE): $(PAGE_SOURCES) frontend/node_modules/.package-lock.json
	@echo "building the web page (frontend/dist)"
	@cd frontend && npm run --silent build -- --logLevel warn
	@touch $@

$(GRAPHIQL): $(wildcard frontend/graphiql/*) frontend/node_modules/.package-lock.json
	@echo "building GraphiQL ($(GRAPHIQL))"
	@cd frontend && npm run --silent build:graphiql -- --logLevel error
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	@echo "installing the web page's packages (frontend/node_modules)"
	@cd frontend && npm ci --silent --no-audit --no-fund
	@touch $@

mlops: airflow ## start MLflow and Airflow beside the local stack; `stellar mlops run` then retrains
	@$(UV) sync --frozen --inexact --quiet
	@exec .venv/bin/stellar mlops $(ARGS)

airflow: $(UV) ## install Airflow into an environment of its own, .venv-airflow
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-airflow $(UV) sync --project airflow/environment --frozen --quiet

spark: $(UV) ## install PySpark, of which `stellar classify --engine spark` and its tests make use
	@$(UV) sync --frozen --inexact --group spark --quiet

test: $(UV) ## install everything and run every test (ARGS="-k name" and the like)
	@$(UV) sync --frozen --inexact --quiet
	@$(MAKE) --no-print-directory airflow || echo "Airflow could not be installed: the tests of its DAGs are skipped"
	@.venv/bin/pytest -n 2 --dist loadgroup $(ARGS)

test-fast: $(UV) ## run the unit tests alone: under a minute from a warm cache
	@$(UV) sync --frozen --inexact --quiet
	@.venv/bin/pytest tests/unit -n 2 --dist loadgroup -q $(ARGS)

test-soak: $(UV) ## prove that the soak test finds a poller that loses, repeats or reorders records, five times each
	@$(UV) sync --frozen --inexact --quiet
	@SOAK_ROUNDS=5 .venv/bin/pytest tests/integration/emulator/event_source/test_soak.py -q $(ARGS)

test-containers: $(UV) ## build the images and run them, compose and sam local (needs a Docker engine)
	@$(UV) sync --frozen --inexact --quiet
	@.venv/bin/pytest tests/containers -m containers $(ARGS)

test-pythons: $(UV) ## run the unit tests on the other Pythons (of uv, pyenv or the PATH), each in an environment of its own
	@for each in $(OTHER_PYTHONS); do \
		python=$$(ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/$$each.*/bin/python 2>/dev/null | tail -1); \
		echo "Python $$each"; \
		UV_PROJECT_ENVIRONMENT=.venv-$$each $(UV) sync --frozen --quiet --python $${python:-$$each} && \
		.venv-$$each/bin/pytest tests/unit -n 2 --dist loadgroup -q -p no:cacheprovider $(ARGS) || exit 1; \
	done

coverage: $(UV) ## run the unit tests and say which lines none of them reached; too many fail
	@$(UV) sync --frozen --inexact --quiet
	@.venv/bin/pytest tests/unit -n 2 --dist loadgroup -q --cov --cov-report term:skip-covered $(ARGS)

lint: $(UV) secrets ## ruff (rules and format), import-linter (who may import whom), secrets, and Biome where the page's packages are
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) lint-imports
	@if test -x frontend/node_modules/.bin/biome && command -v npm >/dev/null; then cd frontend && npm run --silent lint; \
		else echo "the page is not linted: its packages are not installed (make page)"; fi

format: $(UV) ## let ruff put the format right
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

types: $(UV) ## mypy, strict
	@$(RUN) mypy $(PACKAGES) tests
	@for each in rest graphql stream; do \
		cd $(CURDIR)/functions/$$each && MYPYPATH=../../layers/model:../../layers/service $(CURDIR)/.venv/bin/mypy --no-error-summary \
			--config-file ../../pyproject.toml --cache-dir ../../.mypy_cache/$$each *.py || exit 1; \
	done
	@# TaskFlow puts arguments in by their names, and passes XComArg where the task gets the value.
	@if test -x .venv-airflow/bin/python; then cd airflow/dags && $(CURDIR)/.venv/bin/mypy --config-file ../../pyproject.toml \
		--python-executable ../../.venv-airflow/bin/python --cache-dir ../../.mypy_cache/dags --no-error-summary \
		$(addprefix --disable-error-code=,arg-type call-arg no-any-return) *.py stellar_dags | { ! grep -v ' note: '; }; \
	else echo "the types of the DAGs are not checked: Airflow is not installed (make airflow)"; fi

secrets: $(UV) ## look for credentials in whatever git does not ignore
	@if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then \
		found=$$(git grep --untracked -lzI -e '' | xargs -0 -n 10000 $(RUN) kingfisher scan --quiet \
			--redact --no-validate --no-update-check --git-history none --skip-word open-sesame 2>&1) || { echo "$$found"; exit 1; }; \
	else echo "no secrets are looked for: this is no git repository"; fi

audit: $(UV) ## look the locked packages up at an advisory source
	@UV=$(UV) .ci/audit

wheels: $(UV) ## build what a release has: the wheels, with the page, and its bill of materials (dist/)
	@command -v npm >/dev/null && $(MAKE) --no-print-directory page || echo "the wheels have no web page: it is not built"
	@rm -rf dist && $(UV) build --quiet --wheel --all-packages --out-dir dist
	@$(MAKE) --no-print-directory sbom

sbom: install ## write what a release is made of as CycloneDX, and the licences of it all as CSV (dist/)
	@mkdir -p dist
	@$(UV) export --quiet --frozen --preview-features sbom-export --format cyclonedx1.5 --all-packages --no-default-groups \
		--group functions --output-file dist/stellar.cdx.json
	@if command -v npm >/dev/null; then npm sbom --prefix frontend --sbom-format cyclonedx --package-lock-only --omit dev \
		>dist/page.cdx.json; else echo "the page's packages are not listed: npm is not on the PATH"; fi
	@.venv/bin/python -m stellar_deploy.licences dist/*.cdx.json >dist/licences.csv

check: lint types test ## all that CI runs

schema: install ## write anew what is made of the code: GraphQL schema, template properties, the page's types and diagrams, the model card
	@.venv/bin/python functions/graphql/export.py
	@.venv/bin/python functions/rest/export.py
	@.venv/bin/python -m stellar_pipeline.reports.page_population
	@.venv/bin/python -m lambda_emulator.template.coverage.page > docs/template-properties.md
	@.venv/bin/stellar model card > docs/model-card.md
	@command -v npm >/dev/null && cd frontend && npm run --silent generate

sam: $(UV) ## sam validate --lint and sam build, with aws-sam-cli in an environment of its own
	@$(UV) tool run --from aws-sam-cli==1.170.0 sam validate --lint --region us-east-1
	@$(UV) tool run --from aws-sam-cli==1.170.0 sam build
	@du -sm .aws-sam/build/*/ | sort -rn | awk '{print $$1 " MB  " $$2}'

bench: install ## compare the protocols side by side
	@.venv/bin/stellar bench $(ARGS)

clean: ## remove what was built, keep the environments
	@rm -rf .aws-sam .stellar .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis dist frontend/dist $(GRAPHIQL)
