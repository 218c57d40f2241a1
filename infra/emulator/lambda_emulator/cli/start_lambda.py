"""``start-lambda``: the Lambda API over a template's functions."""

from __future__ import annotations

from typing import Any

import click

from lambda_emulator.cli.debugging import DebugOptions, with_debugger
from lambda_emulator.cli.options import LocalCommand, runtime_options, service_options, take, template_options
from lambda_emulator.cli.service import ServiceOptions, run_service
from lambda_emulator.cli.session import TemplateOptions, load, select
from lambda_emulator.invoke_api.mappings import DEFAULT_ENDPOINT, forwarding_router
from lambda_emulator.server import Options
from lambda_emulator.stack import Stack


@click.command("start-lambda", cls=LocalCommand, short_help="Serve the Lambda API, for boto3 and the AWS CLI.")
@click.argument("function_logical_ids", nargs=-1)
@template_options
@service_options(3001)
@runtime_options
@click.option(
    "--esm-endpoint",
    default=DEFAULT_ENDPOINT,
    show_default=True,
    help="Where start-esm answers the calls for event source mappings.",
)
def start_lambda(function_logical_ids: tuple[str, ...], esm_endpoint: str, **values: Any) -> None:
    """Serve the Lambda API over the functions of a SAM template, or over those named.

    \b
    aws lambda invoke --endpoint-url http://127.0.0.1:3001 --function-name Hello out.json
    boto3.client("lambda", endpoint_url="http://127.0.0.1:3001")
    """
    options = take(ServiceOptions, values)
    template = take(TemplateOptions, values)
    debugging = take(DebugOptions, values)

    def load_chosen() -> Stack:
        stack = load(template, shared=options.shared_environment)
        return with_debugger(select(stack, function_logical_ids), debugging)

    servers = Options(lambda_port=options.port, routers=[forwarding_router(esm_endpoint)])
    run_service(load_chosen, servers, options)
