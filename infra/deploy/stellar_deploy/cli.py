"""``stellar deploy local | localstack | aws``."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import click
import orjson

from stellar_deploy.build import sam_command
from stellar_deploy.errors import DeployError
from stellar_local_stack.project import ROOT


@click.group()
def deploy() -> None:
    """Bring the template to this machine, to LocalStack or MiniStack, or to AWS."""


@deploy.command(context_settings={"ignore_unknown_options": True}, short_help="Start `stellar up` on this machine.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def local(arguments: tuple[str, ...]) -> None:
    """Start `stellar up`, to which further ARGUMENTS go: it runs the template from its sources."""
    from stellar_local_stack.up import up

    up.main(args=list(arguments), prog_name="stellar up")


@deploy.command(short_help="Deploy by CloudFormation to LocalStack or MiniStack.")
@click.option(
    "--endpoint-url",
    envvar="AWS_ENDPOINT_URL",
    default="http://127.0.0.1:4566",
    show_default=True,
    help="Where LocalStack or MiniStack answers.",
)
@click.option("--stack-name", default="stellar-localstack", show_default=True)
@click.option("--python", default="3.13", show_default=True, help="Version that runs the functions there.")
@click.option("--kafka", default="", metavar="HOST:PORT", help="Brokers, as the functions reach them.")
@click.option("--grpc", default="", metavar="HOST:PORT", help="gRPC server, for /services.")
@click.option(
    "--built",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="What `sam build` has made already; otherwise it is made now.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was deployed as JSON.")
def localstack(
    endpoint_url: str, stack_name: str, python: str, kafka: str, grpc: str, built: Path | None, as_json: bool
) -> None:
    """Build, package and deploy by CloudFormation to LocalStack or MiniStack; the model goes into its bucket.

    MiniStack runs functions on its own Python, so give that version with --python.
    """
    from stellar_deploy.localstack import DeployOptions
    from stellar_deploy.localstack import deploy as to_localstack

    options = DeployOptions(endpoint_url.rstrip("/"), stack_name, python, kafka, grpc, built)
    try:
        deployed = to_localstack(options, lambda line: click.echo(line, err=True))
    except DeployError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(orjson.dumps(asdict(deployed), option=orjson.OPT_INDENT_2).decode())
        return
    click.echo(f"\n{deployed.api_url}  (REST; GraphQL at /graphql)")
    if deployed.stream_function:
        click.echo(
            f"\nIts Kafka function is driven from here:\n  stellar local start-esm --bootstrap-servers {kafka}"
            f" --lambda-endpoint {endpoint_url}"
        )


@deploy.command(context_settings={"ignore_unknown_options": True}, short_help="Deploy to AWS with the SAM CLI.")
@click.option("--guided", is_flag=True, help="Ask for every parameter.")
@click.option(
    "--architecture",
    type=click.Choice(["x86_64", "arm64"]),
    default="x86_64",
    show_default=True,
    help="What the wheels are for; the parameter Architecture must say the same.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def aws(guided: bool, architecture: str, arguments: tuple[str, ...]) -> None:
    """Build and deploy to AWS with the SAM CLI, to which further ARGUMENTS go."""
    from stellar_deploy.build import sam_build

    try:
        click.echo("sam build", err=True)
        built = sam_build(ROOT / ".aws-sam" / "build", "3.13", architecture)
        command = [*sam_command(), "deploy", "--config-env", "aws", "--template-file", str(built)]
    except DeployError as error:
        raise click.ClickException(str(error)) from None
    guide = ["--guided"] if guided else []
    sys.exit(subprocess.run([*command, *guide, *arguments], cwd=ROOT, check=False).returncode)
