"""Health check of a container: ``healthy.py http URL`` or ``healthy.py grpc HOST:PORT``. Exits with 1 if it is not.

A script of its own because slim images have neither curl nor grpc_health_probe.
"""

from __future__ import annotations

import sys
import urllib.request

SECONDS = 4.0


def http(url: str) -> bool:
    """Whether the address answers without an error. Raises OSError."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the container asks itself
    with direct.open(url, timeout=SECONDS) as answer:
        return bool(answer.status < 400)


def grpc(address: str) -> bool:
    """Whether the server says SERVING, as ``grpc.health.v1`` defines it. Raises grpc.RpcError."""
    import grpc as client
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with client.insecure_channel(address, [("grpc.enable_http_proxy", 0)]) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def main() -> int:
    """Ask, and say on stderr why it is not healthy."""
    kind, target = sys.argv[1:]
    try:
        return 0 if {"http": http, "grpc": grpc}[kind](target) else 1
    except Exception as error:  # whatever it is, the container is not healthy
        print(f"{target}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
