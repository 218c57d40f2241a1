"""What the page's server is told: where it listens, and where everything is that the page talks to or points at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from stellar_local_stack.project import BUILT_PAGE


@dataclass(frozen=True, slots=True)
class Settings:
    """``kafka`` is the brokers' address, ``mapping_url`` that of the event source mapping's status.

    ``allowed_hosts`` are names by which requests may come, beside addresses, loopback names and ``host``. The page's
    users sign in at ``issuer_url``, if there is one.
    """

    host: str = "127.0.0.1"
    port: int = 5174
    folder: Path = BUILT_PAGE
    api_url: str = "http://127.0.0.1:3000"
    graphql_url: str = "http://127.0.0.1:3000/graphql"
    grpc_address: str = "127.0.0.1:50051"
    mlflow_url: str = "http://127.0.0.1:5000"
    airflow_url: str = "http://127.0.0.1:8080"
    kafka: str = "127.0.0.1:9092"
    mapping_url: str = "http://127.0.0.1:9464"
    allowed_hosts: tuple[str, ...] = ()
    issuer_url: str = ""

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
