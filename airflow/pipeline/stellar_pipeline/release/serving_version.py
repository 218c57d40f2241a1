"""Which model a running service answers with, asked over its own protocols."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from urllib.request import Request, urlopen

_TIMEOUT = 3.0
_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class ServingVersion:
    """What one protocol said: the version that answers there, or why none does (``problem``)."""

    protocol: str
    address: str
    version: str | None = None
    problem: str | None = None


def serving_versions(rest_url: str, grpc_address: str) -> list[ServingVersion]:
    """Ask REST, GraphQL and gRPC. Never raises: what is away says so. Over Kafka there is nobody to ask."""
    graphql_url = f"{rest_url.rstrip('/')}/graphql"
    return [
        _asked("REST", rest_url, _rest),
        _asked("GraphQL", graphql_url, _graphql),
        _asked("gRPC", grpc_address, _grpc),
    ]


def wait_for_all(rest_url: str, grpc_address: str, version: str, seconds: float) -> list[str]:
    """Wait until all that answer do so by ``version``; the protocols that do not when the time is over.

    Each process looks for a new champion at its own pace.
    """
    deadline = time.monotonic() + seconds
    while True:
        answering = serving_versions(rest_url, grpc_address)
        behind = [each.protocol for each in answering if each.version not in (None, version)]
        if not behind or time.monotonic() > deadline:
            return behind
        time.sleep(_PAUSE)


def _asked(protocol: str, address: str, ask: Callable[[str], str]) -> ServingVersion:
    try:
        return ServingVersion(protocol, address, ask(address))
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)  # what a URLError wraps
        return ServingVersion(protocol, address, problem=getattr(reason, "strerror", None) or str(reason))
    except (ValueError, KeyError, TypeError):
        return ServingVersion(protocol, address, problem="what answers there is no classifier")


def _rest(address: str) -> str:
    with urlopen(f"{address.rstrip('/')}/health", timeout=_TIMEOUT) as answer:
        return str(json.load(answer)["model_version"])


def _graphql(address: str) -> str:
    body = json.dumps({"query": "{ health { modelVersion } }"}).encode()
    with urlopen(Request(address, body, {"content-type": "application/json"}), timeout=_TIMEOUT) as answer:
        return str(json.load(answer)["data"]["health"]["modelVersion"])


def _grpc(address: str) -> str:
    import grpc

    from stellar_service.contract import SERVICE, HealthCheckRequest, HealthCheckResponse

    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(
            f"/{SERVICE.full_name}/HealthCheck",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )
        try:
            return str(call(HealthCheckRequest(), timeout=_TIMEOUT).model_version)
        except grpc.RpcError as error:
            raise OSError(error.code().name.lower().replace("_", " ")) from None
