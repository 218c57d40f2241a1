"""What the functions may do on AWS: what they need, and nothing else."""

import json
from typing import Any

import pytest

from support.cloudformation import of_type, statements, translated

# Actions that IAM lets nobody narrow down to a resource ("Actions, resources, and condition keys for AWS services").
WITHOUT_RESOURCES = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "kafka:GetBootstrapBrokers",
}
VPC_RESOURCES = tuple(
    f"ec2:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*" for kind in ("network-interface", "subnet", "security-group")
)
FUNCTIONS = {"RestFunction": "RestRole", "GraphqlFunction": "GraphqlRole", "StreamFunction": "StreamRole"}


@pytest.fixture
def template(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return translated({"Tracing": "Active"}, monkeypatch)


def test_no_action_has_a_wildcard(template: dict[str, Any]) -> None:
    actions = [action for _, statement in statements(template) for action in _actions(statement)]
    assert actions
    assert not [action for action in actions if "*" in action]


def test_every_resource_is_named_where_iam_allows_it(template: dict[str, Any]) -> None:
    for _, statement in statements(template):
        resources = statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            if resource == "*":
                assert set(_actions(statement)) <= WITHOUT_RESOURCES
            elif "Fn::Sub" in resource:
                assert resource["Fn::Sub"].endswith(("${ModelBucket}/models/*", "${ModelBucket}", *VPC_RESOURCES))
            else:
                assert resource.keys() <= {"Ref", "Fn::GetAtt"}


def test_each_function_has_a_role_of_its_own_and_no_policy_of_aws(template: dict[str, Any]) -> None:
    functions = of_type(template, "AWS::Lambda::Function")
    assert {name: f["Properties"]["Role"]["Fn::GetAtt"][0] for name, f in functions.items()} == FUNCTIONS
    roles = of_type(template, "AWS::IAM::Role")
    assert roles.keys() == set(FUNCTIONS.values())
    for role in roles.values():
        assert role["Properties"]["ManagedPolicyArns"] == [{"Ref": "ServingPolicy"}]


def test_only_lambda_may_take_the_roles(template: dict[str, Any]) -> None:
    for role in of_type(template, "AWS::IAM::Role").values():
        (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_kafka_and_the_queue_are_the_kafka_functions_alone(template: dict[str, Any]) -> None:
    for name, policy in of_type(template, "AWS::IAM::Policy").items():
        if name != "KafkaSecretsPolicy":
            assert policy["Properties"]["Roles"] == [{"Ref": "StreamRole"}], name
    shared = {
        action.partition(":")[0]
        for name, s in statements(template)
        if name == "ServingPolicy"
        for action in _actions(s)
    }
    assert shared == {"logs", "s3", "xray", "ec2"}


def test_kafkas_secrets_are_read_by_those_that_write_to_kafka(template: dict[str, Any]) -> None:
    roles = json.dumps(template["Resources"]["KafkaSecretsPolicy"]["Properties"]["Roles"])
    assert ("RestRole" in roles, "StreamRole" in roles, "GraphqlRole" in roles) == (True, True, False)
    found = [each for name, each in statements(template) if name == "KafkaSecretsPolicy"]
    assert {action for statement in found for action in _actions(statement)} == {"secretsmanager:GetSecretValue"}
    assert {statement["Resource"]["Ref"] for statement in found} == {
        "KafkaSecretArn",
        "KafkaCertificateSecretArn",
        "KafkaCaSecretArn",
    }


def test_no_function_may_write_a_model(template: dict[str, Any]) -> None:
    allowed = {action for _, statement in statements(template) for action in _actions(statement)}
    assert {action for action in allowed if action.startswith("s3:")} == {"s3:GetObject", "s3:ListBucket"}


def test_the_api_may_call_the_functions_that_it_routes_to(template: dict[str, Any]) -> None:
    permissions = of_type(template, "AWS::Lambda::Permission").values()
    assert {permission["Properties"]["Principal"] for permission in permissions} == {"apigateway.amazonaws.com"}
    assert "arn:aws:iam::aws:policy" not in json.dumps(template["Resources"])


def _actions(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions
