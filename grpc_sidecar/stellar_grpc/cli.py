"""``stellar grpc``."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import click
from prometheus_client import CollectorRegistry

from stellar import ModelStore
from stellar_grpc.listening import address_of
from stellar_grpc.metrics import Metrics, MetricsPage, collected
from stellar_grpc.running import START_ERRORS, StopRequest, log_to_stderr, on_signals, run, serve
from stellar_grpc.server import Server
from stellar_grpc.settings import Settings
from stellar_grpc.workers import WorkerFailedError, Workers
from stellar_service.ports import GRPC

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    "-p",
    type=click.IntRange(0, 65535),
    default=GRPC,
    envvar="STELLAR_GRPC_PORT",
    show_default=True,
    show_envvar=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Server processes.")
@click.option("--tls-cert", type=_FILE, help="Certificate chain (PEM): speak TLS.")
@click.option("--tls-key", type=_FILE, help="The certificate's private key (PEM).")
@click.option("--client-ca", type=_FILE, help="Authority (PEM) that must have signed the clients' certificates.")
@click.option(
    "--token-issuer",
    envvar="STELLAR_TOKEN_ISSUER",
    show_envvar=True,
    help="Issuer (a URL) of the access tokens that calls must bear; without it, all may call.",
)
@click.option(
    "--token-audience",
    default="stellar",
    envvar="STELLAR_TOKEN_AUDIENCE",
    show_default=True,
    show_envvar=True,
    help="Audience that the tokens are for.",
)
@click.option(
    "--calls-per-second",
    type=click.FloatRange(0, min_open=True),
    help="Calls, and objects of streams, that each client address may make; twice as many at once.",
)
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve Prometheus metrics at this port.")
@click.option(
    "--max-message-mb", type=click.IntRange(1, 256), default=4, show_default=True, help="Largest message taken, in MiB."
)
@click.option(
    "--keepalive-seconds", type=click.FloatRange(1), default=60.0, show_default=True, help="Ping idle clients so often."
)
@click.option(
    "--grace-seconds",
    type=click.FloatRange(0),
    default=5.0,
    show_default=True,
    help="Time for calls to end at a stop.",
)
def grpc(
    host: str,
    port: int,
    workers: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    client_ca: Path | None,
    token_issuer: str | None,
    token_audience: str,
    calls_per_second: float | None,
    metrics_port: int | None,
    max_message_mb: int,
    keepalive_seconds: float,
    grace_seconds: float,
) -> None:
    """Run the gRPC server on its own. It reads its model as the functions do (MODEL_BUCKET and so on).

    A first Ctrl-C or SIGTERM drains, a second one ends at once.
    """
    if bool(tls_cert) != bool(tls_key) or (client_ca and not tls_cert):
        raise click.UsageError("--tls-cert and --tls-key go together, and --client-ca needs both.")
    settings = Settings(
        host=host,
        port=port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        client_ca=client_ca,
        token_issuer=token_issuer or None,
        token_audience=token_audience,
        calls_per_second=calls_per_second,
        max_message_mb=max_message_mb,
        keepalive_seconds=keepalive_seconds,
        grace_seconds=grace_seconds,
    )
    log_to_stderr()
    try:
        run(_alone(settings, metrics_port) if workers == 1 else _together(settings, workers, metrics_port))
    except (*START_ERRORS, WorkerFailedError) as error:
        raise click.ClickException(str(error)) from None


async def _alone(settings: Settings, metrics_port: int | None) -> None:
    stop = StopRequest()
    on_signals(stop.ask)
    metrics = Metrics()
    with ExitStack() as stack:
        page = _page(stack, settings.host, metrics_port, metrics.registry)

        def ready(server: Server, store: ModelStore) -> None:
            status = store.status()
            _announce(settings, server.port, page, f"model {status.version} from {status.source}")

        await serve(settings, metrics, stop, ready)


async def _together(settings: Settings, count: int, metrics_port: int | None) -> None:
    stop = StopRequest()
    on_signals(stop.ask)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="stellar-grpc-"))
        page = _page(stack, settings.host, metrics_port, collected(folder))
        workers = Workers(settings, count, Path(folder))
        await workers.run(stop, lambda port: _announce(settings, port, page, f"{count} workers"))


def _page(stack: ExitStack, host: str, port: int | None, registry: CollectorRegistry) -> MetricsPage | None:
    return None if port is None else stack.enter_context(MetricsPage(host, port, registry))


def _announce(settings: Settings, port: int, page: MetricsPage | None, detail: str) -> None:
    security = "mutual TLS" if settings.client_ca else "TLS" if settings.secure else "no TLS"
    click.echo(f"gRPC server ready on {address_of(settings.host, port)} ({security}, {detail})", err=True)
    if page is not None:
        click.echo(f"Metrics at http://{address_of(settings.host, page.port)}/metrics", err=True)
