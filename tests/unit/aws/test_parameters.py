"""What the template's parameters make of it, with CloudFormation's own rules checked by cfn-lint."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lambda_emulator.stack import Stack, Throttle
from lambda_emulator.template import load_stack
from stellar.roles import Role, allowed
from stellar_local_stack.up import local_stack
from support.cloudformation import TEMPLATE, of_type, translated

CLUSTER = "arn:aws:kafka:eu-west-1:123456789012:cluster/sky/6cc0432b-8618-4f44-bccc-e1fbd8fb7c4d-2"
VPC = {"SubnetA": "subnet-0a", "SubnetB": "subnet-0b", "SecurityGroup": "sg-0c"}


def test_cfn_lint_finds_nothing_in_the_template() -> None:
    _lint(TEMPLATE)


@pytest.mark.parametrize("name", ["classify-map.yaml", "emr-serverless.yaml"])
def test_cfn_lint_finds_nothing_in_the_templates_for_catalogues(name: str) -> None:
    _lint(TEMPLATE.parent / "infra/aws" / name)


def test_cfn_lint_finds_nothing_in_what_sam_makes_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = tmp_path / "packaged.json"
    packaged.write_text(json.dumps(translated({}, monkeypatch)))
    # W2001: the transform puts the values of some parameters in. W1030: as in the template's own metadata.
    _lint(packaged, "--ignore-checks", "W2001", "W1030")


def test_without_brokers_there_is_no_kafka_function() -> None:
    stack = _stack()
    assert stack.functions.keys() == {"RestFunction", "GraphqlFunction"}
    assert not stack.event_sources


def test_a_cluster_of_msk_is_polled_by_its_arn() -> None:
    (source,) = _stack(MskClusterArn=CLUSTER, KafkaBootstrapServers="b-1:9092").event_sources
    assert (source.kind, source.properties["EventSourceArn"]) == ("MSK", CLUSTER)


def test_other_brokers_are_polled_by_their_addresses_from_within_the_vpc() -> None:
    (source,) = _stack(KafkaBootstrapServers="a:9092,b:9092", **VPC).event_sources
    assert source.kind == "SelfManagedKafka"
    endpoints = source.properties["SelfManagedEventSource"]["Endpoints"]
    assert endpoints == {"KafkaBootstrapServers": ["a:9092", "b:9092"]}
    assert [item["URI"] for item in source.properties["SourceAccessConfigurations"]] == [
        "subnet:subnet-0a",
        "subnet:subnet-0b",
        "security_group:sg-0c",
    ]


SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_sky-AbCdEf"


def test_a_secret_is_the_mappings_and_the_functions() -> None:
    stack = _stack(MskClusterArn=CLUSTER, KafkaBootstrapServers="b-1:9096", KafkaSecretArn=SECRET)
    (source,) = stack.event_sources
    access = [{"Type": "SASL_SCRAM_512_AUTH", "URI": SECRET}]
    assert source.properties["SourceAccessConfigurations"] == access
    assert {each.environment.get("KAFKA_SECRET") for each in stack.functions.values()} == {SECRET}
    (source,) = _stack(
        KafkaBootstrapServers="a:9093", KafkaSecretArn=SECRET, KafkaCaSecretArn=f"{SECRET}2"
    ).event_sources
    authority = {"Type": "SERVER_ROOT_CA_CERTIFICATE", "URI": f"{SECRET}2"}
    assert source.properties["SourceAccessConfigurations"] == [*access, authority]


def test_without_secrets_there_is_no_access_configuration() -> None:
    for parameters in ({"MskClusterArn": CLUSTER}, {}):
        (source,) = _stack(KafkaBootstrapServers="a:9092", **parameters).event_sources
        assert "SourceAccessConfigurations" not in source.properties


def test_polling_can_be_left_to_another_poller() -> None:
    stack = _stack(KafkaBootstrapServers="a:9092", KafkaPolling="External")
    assert "StreamFunction" in stack.functions
    assert not stack.event_sources


@pytest.mark.parametrize("brokers", [{"MskClusterArn": CLUSTER}, {"KafkaBootstrapServers": "a:9092"}])
def test_pollers_are_provisioned_and_failed_batches_kept(brokers: dict[str, str]) -> None:
    (source,) = _stack(MinimumPollers="2", MaximumPollers="8", FailureQueue="Create", **brokers).event_sources
    assert source.properties["ProvisionedPollerConfig"] == {"MinimumPollers": 2, "MaximumPollers": 8}
    assert source.properties["DestinationConfig"]["OnFailure"]["Destination"].startswith("arn:aws:sqs:")
    assert source.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_architecture_is_that_of_functions_and_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {f.architectures for f in _stack(Architecture="arm64").functions.values()} == {("arm64",)}
    layers = of_type(translated({}, monkeypatch), "AWS::Lambda::LayerVersion").values()
    assert [layer["Properties"]["CompatibleArchitectures"] for layer in layers] == 2 * [[{"Ref": "Architecture"}]]


def test_the_api_and_the_mappings_call_the_published_alias(monkeypatch: pytest.MonkeyPatch) -> None:
    template = translated({}, monkeypatch)
    assert {alias["Properties"]["Name"] for alias in of_type(template, "AWS::Lambda::Alias").values()} == {"live"}
    for mapping in of_type(template, "AWS::Lambda::EventSourceMapping").values():
        assert mapping["Properties"]["FunctionName"] == {"Ref": "StreamFunctionAliaslive"}
    (api,) = of_type(template, "AWS::ApiGatewayV2::Api").values()
    paths = json.dumps(api["Properties"]["Body"]["paths"])
    assert paths.count("Aliaslive}/invocations") == 4


def test_without_an_issuer_all_may_call() -> None:
    (api,) = _stack().apis
    assert not api.authorizers
    assert {route.authorizer for route in api.routes} == {None}


def test_routes_have_a_rate_where_one_is_given() -> None:
    assert _stack().apis[0].throttles == {}
    (api,) = _stack(RequestsPerSecond="20", RequestBurst="40").apis
    assert api.throttles == {"": Throttle(rate=20.0, burst=40)}


def test_with_an_issuer_every_route_but_preflights_needs_a_role() -> None:
    (api,) = _stack(TokenIssuer="https://issuer.example", TokenAudience="sky").apis
    (authorizer,) = api.authorizers
    assert (authorizer.issuer, authorizer.audience) == ("https://issuer.example", ("sky",))
    assert {route.key: (route.authorizer, route.scopes) for route in api.routes} == {
        "$default": ("Tokens", allowed(Role.READER)),
        "ANY /graphql": ("Tokens", allowed(Role.READER)),
        "POST /{proxy+}": ("Tokens", allowed(Role.PREDICTOR)),
        "OPTIONS /{proxy+}": (None, ()),
    }


def test_every_function_writes_to_the_log_group_whose_days_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    template = translated({}, monkeypatch)
    for function in of_type(template, "AWS::Lambda::Function").values():
        assert function["Properties"]["LoggingConfig"] == {"LogGroup": {"Ref": "Logs"}}
    assert template["Resources"]["Logs"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_local_stack_has_the_mapping_of_msk() -> None:
    (source,) = local_stack(TEMPLATE, {}).event_sources
    assert (source.kind, source.function) == ("MSK", "StreamFunction")


def test_no_function_is_told_where_it_runs() -> None:
    aws = _stack(MskClusterArn=CLUSTER, KafkaBootstrapServers="b-1:9092", **VPC)
    local = local_stack(TEMPLATE, {})
    for name, function in aws.functions.items():
        assert function.environment.keys() == local.functions[name].environment.keys()


def _stack(**parameters: Any) -> Stack:
    return load_stack(TEMPLATE, parameter_overrides=parameters)


def _lint(template: Path, *options: str) -> None:
    command = [Path(sys.executable).with_name("cfn-lint"), "--template", template, *options]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert checked.returncode == 0, checked.stdout
