"""Which brokers a mapping reads from, and with which client settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambda_emulator.event_source.config import MappingConfig
from lambda_emulator.event_source.kafka.security import client_settings
from lambda_emulator.event_source.values import InvalidMappingError

_CONSUMER_ONLY = ("fetch.", "queued.", "session.", "heartbeat.", "max.poll.", "max.partition.", "isolation.", "auto.")


def without_consumer_settings(kafka: Mapping[str, Any]) -> dict[str, Any]:
    """librdkafka settings that suit a producer or an admin client as well."""
    return {name: value for name, value in kafka.items() if not name.startswith(_CONSUMER_ONLY)}


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the user says of Kafka, beside the template.

    ``bootstrap_servers`` sends every mapping to those brokers instead of its own. The credentials that a template
    names belong to its own brokers, so they are not used then; ``client_config`` (librdkafka's names) is, always.
    """

    bootstrap_servers: str | None = None
    client_config: Mapping[str, str] = field(default_factory=dict)

    def servers(self, config: MappingConfig) -> str:
        """``host:port,host:port``. Raises InvalidMappingError where nobody says which."""
        servers = (
            self.bootstrap_servers or ",".join(config.endpoints) or self.client_config.get("bootstrap.servers") or ""
        )
        if not servers:
            raise InvalidMappingError(
                "Where the brokers of an MSK cluster are is only known to AWS: give --bootstrap-servers."
            )
        return servers

    def is_shared(self, first: MappingConfig, second: MappingConfig) -> bool:
        """Whether two mappings read from the same brokers, as far as addresses tell. Raises InvalidMappingError."""
        one, other = (
            {server.strip().lower().replace("localhost:", "127.0.0.1:") for server in self.servers(config).split(",")}
            for config in (first, second)
        )
        return not one.isdisjoint(other)

    def settings(self, config: MappingConfig) -> dict[str, Any]:
        """Settings of a client for the mapping's brokers. Blocks while secrets are fetched. Raises SecurityError."""
        own = {} if self.bootstrap_servers else client_settings(config.access)
        return {**own, **self.client_config, "bootstrap.servers": self.servers(config)}
