"""``start-esm``, ``esm status`` and ``generate-event`` as a user runs them."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from base64 import b64decode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from lambda_emulator.cli.generate_event import generate_event
from lambda_emulator.event_source.api.commands import esm
from lambda_emulator.invoke_api.mappings import forwarding_router
from stellar_local_stack.kafka import EmbeddedBroker
from support.kafka import Lambda, new_topic, nothing, produce, records_of, until
from support.served import servers_of
from support.stacks import stack
from support.terminal import Terminal

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Stream:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: stream
      Handler: app.handler
      Runtime: python3.11
      InlineCode: "def handler(event, context): pass"
      Events:
        Records:
          Type: SelfManagedKafka
          Properties:
            KafkaBootstrapServers: ["%s"]
            Topics: [%s]
            BatchSize: 10
            MaximumBatchingWindowInSeconds: 0
            StartingPosition: TRIM_HORIZON
            BisectBatchOnFunctionError: true
            SourceAccessConfigurations:
              - {Type: VPC_SUBNET, URI: "subnet:subnet-1"}
              - {Type: VPC_SECURITY_GROUP, URI: "security_group:sg-1"}
"""


async def test_start_esm_runs_the_mappings_of_a_template(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    topic = new_topic(embedded)
    (tmp_path / "template.yaml").write_text(TEMPLATE % (embedded.bootstrap_servers, topic))
    function = Lambda(nothing)
    async with servers_of(stack(function.function), function) as addresses:
        assert addresses.lambda_api is not None
        arguments = ("start-esm", "--lambda-endpoint", addresses.lambda_api, "--metrics-port", "0")
        with Terminal(tmp_path, *arguments) as terminal:
            await until(lambda: "Press CTRL+C to quit" in terminal.log)
            assert f"Polling {topic} for stream (StreamRecords)" in terminal.log
            assert "BisectBatchOnFunctionError: on AWS, only together with ProvisionedPollerConfig" in terminal.log
            produce(embedded, topic, [b"x"] * 30)
            await until(lambda: len(function.values()) == 30)
            assert function.events[0]["eventSource"] == "SelfManagedKafka"
            address = terminal.log.partition(" * Metrics on ")[2].split("/metrics")[0]
            await until(lambda: _status(address)["processed"] == "30")
            metrics = await asyncio.to_thread(_read, f"{address}/metrics")
            labels = f'function="stream",mapping="StreamRecords",topic="{topic}"'
            assert f"esm_records_processed_total{{{labels}}} 30.0" in metrics
            assert terminal.end(signal.SIGINT) == 0


async def test_the_lambda_api_passes_the_calls_for_mappings_on(embedded: EmbeddedBroker, tmp_path: Path) -> None:
    topic = new_topic(embedded)
    (tmp_path / "template.yaml").write_text(TEMPLATE % (embedded.bootstrap_servers, topic))
    function = Lambda(nothing)
    async with servers_of(stack(function.function), function) as addresses:
        assert addresses.lambda_api is not None
        arguments = ("start-esm", "--lambda-endpoint", addresses.lambda_api, "--metrics-port", "0")
        with Terminal(tmp_path, *arguments) as terminal:
            await until(lambda: "Press CTRL+C to quit" in terminal.log)
            pollers = terminal.log.partition(" * Metrics on ")[2].split("/metrics")[0]
            routers = [forwarding_router(pollers)]
            async with servers_of(stack(function.function), function, routers=routers) as whole:
                call = _caller(whole.lambda_api)
                [found] = (await call("list_event_source_mappings", FunctionName="stream"))["EventSourceMappings"]
                assert found["Topics"] == [topic]
                await until(lambda: _status(pollers)["state"] == "Enabled")  # until then AWS refuses changes too
                changed = await call("update_event_source_mapping", UUID=found["UUID"], Enabled=False)
                assert changed["ResponseMetadata"]["HTTPStatusCode"] == 202
                await until(lambda: _status(pollers)["state"] == "Disabled")
                with pytest.raises(ClientError, match="ResourceNotFoundException"):
                    await call("get_event_source_mapping", UUID="0" * 36)
            assert terminal.end(signal.SIGINT) == 0


async def test_a_lambda_api_without_pollers_says_how_to_get_them() -> None:
    function = Lambda(nothing)
    routers = [forwarding_router("http://127.0.0.1:9")]
    async with servers_of(stack(function.function), function, routers=routers) as addresses:
        with pytest.raises(ClientError, match=r"start-esm, and nothing answers at http://127\.0\.0\.1:9"):
            await _caller(addresses.lambda_api)("list_event_source_mappings")


def _caller(endpoint: str | None) -> Callable[..., Awaitable[Any]]:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("lambda", endpoint_url=endpoint, region_name="us-east-1", **keys)

    async def call(operation: str, **arguments: Any) -> Any:
        return await asyncio.to_thread(getattr(client, operation), **arguments)

    return call


def _read(address: str) -> str:
    with urllib.request.urlopen(address) as response:
        text: str = response.read().decode()
        return text


def _status(address: str) -> dict[str, str]:
    result = CliRunner().invoke(esm, ["status", "--url", address, "--json"])
    assert result.exit_code == 0, result.output
    [only] = json.loads(result.output)
    return {name: str(value) for name, value in only.items()}


def test_a_template_without_kafka_and_a_taken_port_are_named(tmp_path: Path, embedded: EmbeddedBroker) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lambda_emulator", "start-esm", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    (tmp_path / "template.yaml").write_text(TEMPLATE.partition("      Events:")[0])
    assert "has no MSK, SelfManagedKafka or SQS event" in run().stderr
    (tmp_path / "template.yaml").write_text(TEMPLATE % (embedded.bootstrap_servers, "t"))
    refused = run("--metrics-port", str(embedded.port))
    assert refused.returncode == 1
    assert "--metrics-port" in refused.stderr


async def test_a_mapping_with_an_invalid_filter_is_named_and_the_others_go_on(
    embedded: EmbeddedBroker, tmp_path: Path
) -> None:
    topic = new_topic(embedded)
    good = TEMPLATE % (embedded.bootstrap_servers, topic)
    bad = good.partition("        Records:\n")[2].replace(
        "BatchSize: 10", "FilterCriteria: {Filters: [{Pattern: nonsense}]}"
    )
    (tmp_path / "template.yaml").write_text(f"{good}        Filtered:\n{bad}")
    function = Lambda(nothing)
    async with servers_of(stack(function.function), function) as addresses:
        assert addresses.lambda_api is not None
        arguments = ("start-esm", "--lambda-endpoint", addresses.lambda_api, "--metrics-port", "0")
        with Terminal(tmp_path, *arguments) as terminal:
            await until(lambda: "Press CTRL+C to quit" in terminal.log)
            reason = "Invalid filter pattern definition. nonsense: a pattern is JSON"
            assert f"Error: StreamFiltered is Failed and polls nothing: {reason}" in terminal.log
            produce(embedded, topic, [b"x"] * 3)
            await until(lambda: len(function.values()) == 3)
            address = terminal.log.partition(" * Metrics on ")[2].split("/metrics")[0]
            shown = await asyncio.to_thread(CliRunner().invoke, esm, ["status", "--url", address])
            assert "StreamFiltered  Failed, lag 0" in shown.output
            assert f"last result: PROBLEM: {reason}" in shown.output
            assert terminal.end(signal.SIGINT) == 0


def test_status_without_mappings_says_how_to_start_them() -> None:
    result = CliRunner().invoke(esm, ["status", "--url", "http://127.0.0.1:9"])
    assert result.exit_code == 1
    assert "by the command start-esm" in result.output


def test_an_event_is_made_of_values(tmp_path: Path) -> None:
    (tmp_path / "values.jsonl").write_text('{"n": 1}\n{"n": 2}\n')
    arguments = [
        "self-managed-kafka",
        "--topic",
        "t",
        "--value-file",
        str(tmp_path / "values.jsonl"),
        "--header",
        "a=b",
    ]
    result = CliRunner().invoke(generate_event, arguments)
    event = json.loads(result.output)
    assert event["eventSource"] == "SelfManagedKafka"
    assert [b64decode(record["value"]) for record in records_of(event)] == [b'{"n": 1}', b'{"n": 2}']
    assert records_of(event)[0]["headers"] == [{"a": [98]}]
    assert CliRunner().invoke(generate_event, ["kafka", "--header", "ab"]).exit_code == 2


@pytest.mark.parametrize("kind", ["kafka", "self-managed-kafka"])
def test_an_event_is_made_of_real_records(embedded: EmbeddedBroker, kind: str) -> None:
    topic = new_topic(embedded, partitions=2)
    produce(embedded, topic, [b"a", b"b"], partition=0)
    produce(embedded, topic, [b"c"], partition=1)
    arguments = [kind, "--from-topic", topic, "--bootstrap-servers", embedded.bootstrap_servers, "--count", "3"]
    event = json.loads(CliRunner().invoke(generate_event, arguments).output)
    assert set(event["records"]) == {f"{topic}-0", f"{topic}-1"}
    assert sorted(b64decode(record["value"]) for record in records_of(event)) == [b"a", b"b", b"c"]
    missing = CliRunner().invoke(generate_event, [kind, "--from-topic", "no-such-topic", *arguments[3:]])
    assert missing.exit_code == 1
    assert "no-such-topic" in missing.output


def test_a_client_property_that_there_is_not_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "client.properties").write_text("no.such.property=1\n")
    arguments = ["kafka", "--from-topic", "t", "--kafka-config", str(tmp_path / "client.properties")]
    result = CliRunner().invoke(generate_event, arguments)
    assert result.exit_code == 1
    assert 'No such configuration property: "no.such.property"' in result.output
