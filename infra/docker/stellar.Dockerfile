# syntax=docker/dockerfile:1
# The project's own services: `--target runtime` is the local Lambda runtime, the event source mapping and the gRPC
# server; `--target page` adds the built web page. Built from the repository's root (see .dockerignore beside this file).

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:3.11.13-slim-bookworm AS packages
COPY --from=uv /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# The dependencies first: an edit of the sources does not install them anew.
COPY pyproject.toml uv.lock README.md LICENSE ./
# moto stays out: S3 is a container of its own here.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-default-groups --group functions --no-install-workspace --no-install-package moto
COPY template.yaml samconfig.toml ./
COPY proto proto
COPY layers layers
COPY functions functions
COPY grpc_sidecar grpc_sidecar
COPY airflow/pipeline airflow/pipeline
COPY infra/emulator infra/emulator
COPY infra/local_stack infra/local_stack
COPY infra/stellar_cli infra/stellar_cli
COPY infra/bench infra/bench
COPY infra/deploy infra/deploy
COPY infra/docker/healthy.py infra/docker/healthy.py
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-default-groups --group functions --no-install-package moto \
    && python -m compileall -q layers functions grpc_sidecar airflow infra

FROM python:3.11.13-slim-bookworm AS runtime
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin stellar
COPY --from=packages /app /app
# /tmp is the one place that is written to; a read-only container mounts a tmpfs there.
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp XDG_CACHE_HOME=/tmp/cache PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["stellar"]
CMD ["local", "start-api", "--host", "0.0.0.0", "--no-watch", "--shared-environment"]

FROM node:22.19.0-bookworm-slim AS frontend
WORKDIR /build
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM runtime AS page
COPY --from=frontend /build/dist frontend/dist
CMD ["page", "--host", "0.0.0.0"]
