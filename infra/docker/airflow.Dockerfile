# Airflow as its lock has it, and beside it the pipeline in an environment of its own: the two ask for different
# versions of packages (docs/decisions/0007). A task runs the pipeline with $STELLAR_PYTHON.
ARG PYTHON_IMAGE=python:3.11.13-slim-bookworm
ARG UV_IMAGE=ghcr.io/astral-sh/uv:0.13.9

# hadolint ignore=DL3006
FROM ${UV_IMAGE} AS uv

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS packages
COPY --from=uv /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /opt/stellar/airflow/environment
COPY airflow/environment/pyproject.toml airflow/environment/uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv UV_PROJECT_ENVIRONMENT=/opt/airflow/venv uv sync --frozen --group postgres
WORKDIR /opt/stellar
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY proto proto
COPY layers layers
COPY airflow/pipeline airflow/pipeline
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --package stellar-pipeline --extra train --extra mlops --no-editable --no-default-groups
RUN install --directory --owner=10001 --group=10001 /opt/airflow/logs

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin airflow
COPY --from=packages /opt/airflow/venv /opt/airflow/venv
COPY --from=packages /opt/stellar/.venv /opt/stellar/.venv
COPY --from=packages --chown=10001:10001 /opt/airflow/logs /opt/airflow/logs
COPY infra/docker/healthy.py /app/infra/docker/healthy.py
COPY --chmod=755 infra/docker/start-airflow /app/infra/docker/start-airflow
ENV PATH=/opt/airflow/venv/bin:$PATH AIRFLOW_HOME=/opt/airflow STELLAR_PYTHON=/opt/stellar/.venv/bin/python HOME=/tmp \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/infra/docker/start-airflow"]
CMD ["version"]
