"""``stellar page``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from lambda_emulator.sockets import PortInUseError
from stellar_local_stack.page.settings import Settings
from stellar_local_stack.project import BUILT_PAGE

_DEFAULTS = Settings()
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--host", default=_DEFAULTS.host, show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    "-p",
    type=click.IntRange(0, 65535),
    default=_DEFAULTS.port,
    envvar="STELLAR_PAGE_PORT",
    show_default=True,
    show_envvar=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=BUILT_PAGE,
    help="The built page.  [default: frontend/dist]",
)
@click.option("--api-url", default=_DEFAULTS.api_url, show_default=True, help="REST, as browsers reach it.")
@click.option("--graphql-url", help="GraphQL.  [default: API's /graphql]")
@click.option("--grpc-address", default=_DEFAULTS.grpc_address, show_default=True, help="gRPC, for what users copy.")
@click.option("--mlflow-url", default=_DEFAULTS.mlflow_url, show_default=True, help="MLflow, to link to.")
@click.option("--airflow-url", default=_DEFAULTS.airflow_url, show_default=True, help="Airflow, to link to.")
@click.option(
    "--bootstrap-servers",
    default=_DEFAULTS.kafka,
    envvar="KAFKA_BOOTSTRAP_SERVERS",
    show_default=True,
    show_envvar=True,
    help="Kafka brokers whose stream is shown.",
)
@click.option(
    "--kafka-config",
    type=_FILE,
    help="Properties of the Kafka client (librdkafka's names): TLS, SASL.",
)
@click.option(
    "--esm-url",
    default=_DEFAULTS.mapping_url,
    envvar="STELLAR_ESM_URL",
    show_default=True,
    show_envvar=True,
    help="Event source mapping's status, for the lag.",
)
@click.option("--ssl-cert-file", type=_FILE, help="Certificate chain (PEM): speak TLS.")
@click.option("--ssl-key-file", type=_FILE, help="The certificate's private key (PEM).")
@click.option("--token-issuer", default="", help="Where users sign in, if the APIs ask for access tokens.")
@click.option(
    "--allow-host", multiple=True, help="Host name by which requests may come, beside addresses and localhost."
)
def page(
    host: str,
    port: int,
    folder: Path,
    api_url: str,
    graphql_url: str | None,
    grpc_address: str,
    mlflow_url: str,
    airflow_url: str,
    bootstrap_servers: str,
    kafka_config: Path | None,
    esm_url: str,
    ssl_cert_file: Path | None,
    ssl_key_file: Path | None,
    token_issuer: str,
    allow_host: tuple[str, ...],
) -> None:
    """Serve the web page, with the Kafka stream as live events. Ctrl-C stops it.

    The page is what `make page` builds; without it, the server says how to build it.
    """
    import uvloop

    from lambda_emulator.event_source.kafka.security import SecurityError, read_kafka_config
    from stellar_local_stack.page.serving import serve
    from stellar_pipeline.data.synth_objects import synthetic_objects

    api = api_url.rstrip("/")
    settings = Settings(
        host,
        port,
        folder,
        api,
        graphql_url or f"{api}/graphql",
        grpc_address,
        mlflow_url,
        airflow_url,
        bootstrap_servers,
        esm_url,
        allow_host,
        token_issuer.rstrip("/"),
    )
    try:
        security = read_kafka_config(kafka_config) if kafka_config else {}
    except SecurityError as error:
        raise click.ClickException(str(error)) from None
    if bool(ssl_cert_file) != bool(ssl_key_file):
        raise click.UsageError("--ssl-cert-file and --ssl-key-file go together.")
    pair = (ssl_cert_file, ssl_key_file) if ssl_cert_file and ssl_key_file else None
    settings = replace(settings, kafka_security=security, certificate=pair)
    try:
        uvloop.run(serve(settings, synthetic_objects, lambda url: click.echo(f"The page is at {url}", err=True)))
    except PortInUseError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{host} cannot be listened on: {error.strerror}") from None
