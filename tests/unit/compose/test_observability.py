"""Prometheus asks the ports that the services open; the dashboard's queries name metrics that there are."""

import json
import re
from typing import Any

import yaml
from prometheus_client import CollectorRegistry

from lambda_emulator.event_source.metrics import Metrics as MappingMetrics
from stellar_grpc.metrics import Metrics as GrpcMetrics
from support.containers import INFRA, services

OBSERVABILITY = INFRA / "observability"


def test_every_target_is_a_port_of_a_service() -> None:
    config = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())
    targets = [
        target for job in config["scrape_configs"] for entry in job["static_configs"] for target in entry["targets"]
    ]
    assert targets
    for target in targets:
        service, _, port = target.partition(":")
        assert port in services()[service]["command"]


def test_every_query_names_a_metric_that_there_is() -> None:
    known = _names(GrpcMetrics().registry) | _names(MappingMetrics().registry)
    dashboard: dict[str, Any] = json.loads((OBSERVABILITY / "grafana/dashboards/stellar.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked = {name for query in queries for name in re.findall(r"\b(?:stellar_grpc|esm)_\w+", query)}
    assert asked
    assert asked <= known


def _names(registry: CollectorRegistry) -> set[str]:
    """The names of the series; counters and histograms get their endings when they are collected."""
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}
    return {f"{metric.name}{ending}" for metric in registry.collect() for ending in endings[metric.type]}
