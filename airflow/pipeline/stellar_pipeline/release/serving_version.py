"""Which model a running service answers with, asked over its own protocols."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from stellar_pipeline.http_client import client, is_loopback, reason

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
    import httpx

    try:
        return ServingVersion(protocol, address, ask(address))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return ServingVersion(protocol, address, problem=reason(error))
    except (ValueError, KeyError, TypeError):
        return ServingVersion(protocol, address, problem="what answers there is no classifier")


def _rest(address: str) -> str:
    with client(address, _TIMEOUT) as service:
        return str(service.get(f"{address.rstrip('/')}/health").raise_for_status().json()["model_version"])


def _graphql(address: str) -> str:
    with client(address, _TIMEOUT) as service:
        answer = service.post(address, json={"query": "{ health { modelVersion } }"}).raise_for_status().json()
        return str(answer["data"]["health"]["modelVersion"])


def _grpc(address: str) -> str:
    import grpc

    from stellar_service.contract import SERVICE, HealthCheckRequest, HealthCheckResponse

    proxy = ("grpc.enable_http_proxy", 0 if is_loopback(f"//{address}") else 1)
    with grpc.insecure_channel(address, [proxy]) as channel:
        call = channel.unary_unary(
            f"/{SERVICE.full_name}/HealthCheck",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )
        try:
            return str(call(HealthCheckRequest(), timeout=_TIMEOUT).model_version)
        except grpc.RpcError as error:
            raise OSError(error.code().name.lower().replace("_", " ")) from None
