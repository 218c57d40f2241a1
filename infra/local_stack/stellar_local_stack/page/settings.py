"""What the page's server is told: where it listens, and where everything is that the page talks to or points at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from stellar_local_stack.project import BUILT_PAGE
from stellar_service import ports


@dataclass(frozen=True, slots=True)
class Settings:
    """``kafka`` is the brokers' address, ``mapping_url`` that of the event source mapping's status.

    ``allowed_hosts`` are names by which requests may come, beside addresses, loopback names and ``host``. The page's
    users sign in at ``issuer_url``, if there is one. ``kafka_security`` are librdkafka's settings for TLS and SASL.
    ``certificate`` has the files of the server's own certificate and key; without them it speaks no TLS.
    """

    host: str = "127.0.0.1"
    port: int = ports.PAGE
    folder: Path = BUILT_PAGE
    api_url: str = ports.url(ports.HTTP)
    graphql_url: str = f"{ports.url(ports.HTTP)}/graphql"
    grpc_address: str = ports.address(ports.GRPC)
    mlflow_url: str = ports.url(ports.MLFLOW)
    airflow_url: str = ports.url(ports.AIRFLOW)
    kafka: str = ports.address(ports.KAFKA)
    mapping_url: str = ports.url(ports.METRICS)
    allowed_hosts: tuple[str, ...] = ()
    issuer_url: str = ""
    kafka_security: Mapping[str, str] = field(default_factory=dict)
    certificate: tuple[Path, Path] | None = None

    @property
    def kafka_client(self) -> dict[str, str]:
        """librdkafka's settings for the brokers."""
        return {"bootstrap.servers": self.kafka, **self.kafka_security}

    def for_the_page(self) -> dict[str, str]:
        """The addresses under the names by which the page reads them."""
        return {
            "apiUrl": self.api_url,
            "graphqlUrl": self.graphql_url,
            "grpcAddress": self.grpc_address,
            "mlflowUrl": self.mlflow_url,
            "airflowUrl": self.airflow_url,
            "issuerUrl": self.issuer_url,
        }

    @property
    def called_origins(self) -> tuple[str, ...]:
        """Origins that the page sends requests to, other than its own."""
        parts = (urlsplit(url) for url in (self.api_url, self.graphql_url, self.issuer_url) if url)
        return tuple(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))
