# syntax=docker/dockerfile:1
# Airflow, and beside it the pipeline in an environment of its own: the two ask for different versions of packages.
# A task runs the pipeline with $STELLAR_PYTHON.

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM apache/airflow:3.3.2-python3.11
COPY --from=uv /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PYTHON=3.11
USER 0
RUN install --directory --owner=50000 --group=0 /opt/stellar
USER 50000:0
WORKDIR /opt/stellar
COPY --chown=50000:0 pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-cache --no-default-groups --group train --group mlops --no-install-workspace
COPY --chown=50000:0 proto proto
COPY --chown=50000:0 layers layers
COPY --chown=50000:0 airflow/pipeline airflow/pipeline
COPY --chown=50000:0 grpc_sidecar grpc_sidecar
COPY --chown=50000:0 infra infra
RUN uv sync --frozen --no-cache --no-default-groups --group train --group mlops
ENV STELLAR_PYTHON=/opt/stellar/.venv/bin/python
WORKDIR /opt/airflow
