# The tracking server and registry: MLflow as uv.lock has it, with the drivers of Postgres and S3.
ARG PYTHON_IMAGE=python:3.11.13-slim-bookworm
ARG UV_IMAGE=ghcr.io/astral-sh/uv:0.13.9

# hadolint ignore=DL3006
FROM ${UV_IMAGE} AS uv

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS packages
COPY --from=uv /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --only-group tracking

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title=stellar-mlflow org.opencontainers.image.licenses=Apache-2.0 \
    org.opencontainers.image.description="MLflow's tracking server and registry, with the drivers of Postgres and S3" \
    org.opencontainers.image.version=${VERSION} org.opencontainers.image.revision=${REVISION}
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin mlflow
COPY --from=packages /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY infra/docker/healthy.py /app/infra/docker/healthy.py
WORKDIR /app
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["mlflow", "server", "--host", "0.0.0.0"]
