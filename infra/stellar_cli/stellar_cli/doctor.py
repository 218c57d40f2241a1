"""``stellar doctor``: what is installed, what is missing, and what one goes without."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec

import click
from rich.console import Console
from rich.table import Table

from lambda_emulator.sockets import port_owner
from stellar_local_stack.ports import PORTS, is_free
from stellar_local_stack.running import expected, stacks


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``required`` things that are missing make the command fail."""

    name: str
    present: bool
    detail: str
    required: bool = False


def _package(name: str, module: str, cost: str, *, required: bool = False) -> Finding:
    if find_spec(module) is None:
        return Finding(name, False, cost, required)
    return Finding(name, True, metadata.version(name), required)


def _program(name: str, cost: str) -> Finding:
    path = shutil.which(name)
    return Finding(name, path is not None, path or cost)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= (3, 11), version, required=True)


def _model() -> Finding:
    from stellar.classifier import Classifier
    from stellar.settings import DEFAULT_MODEL_DIR

    try:
        classifier = Classifier.load(DEFAULT_MODEL_DIR)
    except (OSError, ValueError) as error:
        return Finding("default model", False, f"{error}. Reinstall: `make install`.", required=True)
    return Finding("default model", True, f"{classifier.version}, hashes match", required=True)


def _ports() -> Iterator[Finding]:
    running = stacks()
    for stack in running:
        yield Finding("local stack", True, f"{stack.ports.http_url}, process {stack.pid}")
    owners = {number: stack.pid for stack in running for number in asdict(stack.ports).values()}
    wanted = expected(os.environ)
    for port in PORTS:
        number = getattr(wanted, port.field)
        if is_free(number):
            yield Finding(f"port {number}", True, f"free for {port.purpose}")
        elif number in owners:
            yield Finding(f"port {number}", True, f"{port.purpose} of the stack of process {owners[number]}")
        else:
            owner = port_owner(number) or "another user"
            yield Finding(
                f"port {number}", False, f"taken by {owner}; `stellar up {port.flag} N`, or --port-offset N for all"
            )


def examine() -> Iterator[Finding]:
    """Every finding, what is required first."""
    yield _python()
    for name, module in (
        ("awslambdaric", "awslambdaric"),
        ("aws-sam-translator", "samtranslator"),
        ("onnxruntime", "onnxruntime"),
        ("fastapi", "fastapi"),
        ("moto", "moto"),
        ("grpcio", "grpc"),
        ("confluent-kafka", "confluent_kafka"),
    ):
        yield _package(name, module, "`make install` brings it.", required=True)
    yield _model()
    yield _package("scikit-learn", "sklearn", "No `stellar train`: `uv sync --inexact --group train` brings it.")
    yield _package("pytest", "pytest", "No tests: `make test` brings it.")
    yield _program("uv", "`make` uses its own copy in .uv/.")
    yield _program("java", "No Apache Kafka; the embedded broker needs no Java.")
    yield _program("mvn", "No Apache Kafka; the embedded broker needs no Maven.")
    yield _program("npm", "No `make page`: the web page is not built, and its server says so.")
    yield _program("chromium", "No browser tests.")
    yield _program("docker", "No `sam local` and no compose; nothing else needs it.")
    yield _program("sam", "No `sam build` or `sam deploy`; `make sam` runs a copy of its own.")
    yield _program("grpcurl", "No grpcurl examples; any gRPC client does as well.")
    yield from _ports()


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Say what is installed, what is missing and what that costs.

    Exits with 1 if something that `stellar up` needs is missing.
    """
    findings = list(examine())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("", "What", "Detail"):
            table.add_column(heading)
        for finding in findings:
            mark = "[green]ok[/]" if finding.present else "[red]no[/]" if finding.required else "[yellow]--[/]"
            table.add_row(mark, finding.name, finding.detail)
        Console().print(table)
    if any(finding.required and not finding.present for finding in findings):
        raise SystemExit(1)
