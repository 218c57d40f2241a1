# syntax=docker/dockerfile:1
# The tracking server and registry: MLflow as uv.lock has it, with the drivers of Postgres and S3.

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:3.11.13-slim-bookworm AS packages
COPY --from=uv /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv uv sync --frozen --only-group tracking

FROM python:3.11.13-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin mlflow
COPY --from=packages /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY infra/docker/healthy.py /app/infra/docker/healthy.py
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["mlflow", "server", "--host", "0.0.0.0"]
