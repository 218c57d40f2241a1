# What the project serves, by target: `runtime` is the functions on the local Lambda runtime, the event source mapping
# and the gRPC server; `page` adds the built web page; `emulator` is the Lambda runtime alone, for a template of your
# own. Built from the repository's root (see the .dockerignore beside this file), for another platform by
# `docker buildx build --platform linux/arm64`. Bases can be pinned by digest: --build-arg PYTHON_IMAGE=…@sha256:…
ARG PYTHON_IMAGE=python:3.11.13-slim-bookworm
ARG UV_IMAGE=ghcr.io/astral-sh/uv:0.13.9
ARG NODE_IMAGE=node:22.19.0-bookworm-slim

# hadolint ignore=DL3006
FROM ${UV_IMAGE} AS uv

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS builder
COPY --from=uv /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PREVIEW_FEATURES=sbom-export
WORKDIR /app
# The dependencies first: an edit of the sources does not install them anew.
COPY pyproject.toml uv.lock README.md LICENSE ./

FROM builder AS packages
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --only-group serve --no-install-workspace
COPY template.yaml samconfig.toml ./
COPY proto proto
COPY layers layers
COPY functions functions
COPY grpc_sidecar grpc_sidecar
COPY airflow/pipeline airflow/pipeline
COPY infra/emulator infra/emulator
COPY infra/local_stack infra/local_stack
COPY infra/stellar_cli infra/stellar_cli
COPY infra/docker/healthy.py infra/docker/healthy.py
# The `stellar` command without what it could install beside: benchmarks, deployment, stand-ins of S3 and Kafka. Of the
# first two, uv wants to see that they are members.
COPY infra/bench/pyproject.toml infra/bench/
COPY infra/deploy/pyproject.toml infra/deploy/
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --only-group serve \
    && uv pip install --no-deps --editable infra/stellar_cli \
    && uv export --frozen --only-group serve --format cyclonedx1.5 --output-file sbom.cdx.json --quiet \
    && python -m compileall -q layers functions grpc_sidecar airflow infra

FROM builder AS emulator-packages
COPY infra/emulator infra/emulator
# Of the other members of the workspace, uv wants to see that they are there.
COPY layers/model/pyproject.toml layers/model/
COPY layers/service/pyproject.toml layers/service/
COPY grpc_sidecar/pyproject.toml grpc_sidecar/
COPY airflow/pipeline/pyproject.toml airflow/pipeline/
COPY infra/local_stack/pyproject.toml infra/local_stack/
COPY infra/bench/pyproject.toml infra/bench/
COPY infra/deploy/pyproject.toml infra/deploy/
COPY infra/stellar_cli/pyproject.toml infra/stellar_cli/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --package lambda-emulator --no-default-groups --no-editable \
    && uv export --frozen --package lambda-emulator --no-default-groups --format cyclonedx1.5 --output-file sbom.cdx.json --quiet

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS served
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses=Apache-2.0 org.opencontainers.image.version=${VERSION} \
    org.opencontainers.image.revision=${REVISION}
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin stellar
# /tmp is the one place that is written to; a read-only container mounts a tmpfs there.
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp XDG_CACHE_HOME=/tmp/cache PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
STOPSIGNAL SIGTERM

FROM served AS emulator
LABEL org.opencontainers.image.title=lambda-emulator \
    org.opencontainers.image.description="AWS Lambda, API Gateway and the Kafka event source mapping for a template mounted at /var/task"
# Functions whose requirements.txt lists packages get them by uv, when they start first.
COPY --from=uv /uv /usr/local/bin/uv
COPY --from=emulator-packages /app/.venv /app/.venv
COPY --from=emulator-packages /app/sbom.cdx.json /app/LICENSE /app/
COPY infra/docker/healthy.py /app/infra/docker/healthy.py
WORKDIR /var/task
EXPOSE 3000 3001
ENTRYPOINT ["lambda-emulator"]
CMD ["start-api", "--host", "0.0.0.0"]

FROM served AS runtime
LABEL org.opencontainers.image.title=stellar-runtime \
    org.opencontainers.image.description="Star, galaxy or quasar: functions on a local Lambda runtime, event source mapping, gRPC server"
COPY --from=packages /app /app
WORKDIR /app
ENTRYPOINT ["stellar"]
CMD ["local", "start-api", "--host", "0.0.0.0", "--no-watch", "--shared-environment"]

# hadolint ignore=DL3006
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS frontend
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM runtime AS page
LABEL org.opencontainers.image.title=stellar-page \
    org.opencontainers.image.description="Star, galaxy or quasar: the web page and its live stream"
COPY --from=frontend /build/dist frontend/dist
CMD ["page", "--host", "0.0.0.0"]
