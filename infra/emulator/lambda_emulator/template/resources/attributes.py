"""What ``Ref`` and ``Fn::GetAtt`` give for each type of resource, in the shape that AWS gives it.

Mirrors "Return values" of the resource pages in the CloudFormation template reference. Nothing is created locally, so
a resource that the template does not name is called by its logical id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lambda_emulator.arn import Location

_LOCAL_UUID = "00000000-0000-0000-0000-000000000000-1"


@dataclass(frozen=True, slots=True)
class Shape:
    """How one type of resource is named.

    ``{name}`` stands for the physical name, ``{region}`` and ``{account}`` for where it is.

    ``name_property`` holds the name in the template; ``arn`` is the ARN; ``ref`` is what ``Ref`` gives.
    """

    name_property: str | None = None
    arn: str = ""
    ref: str = "{name}"
    attributes: Mapping[str, str] | None = None
    normal: Callable[[str], str] = str  # from a logical id to a name that AWS would accept


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{{region}}:{{account}}:{resource}"


def _arn_as_ref(name_property: str | None, service: str, resource: str, **attributes: str) -> Shape:
    arn = _arn(service, resource)
    return Shape(name_property, arn, arn, attributes)


_FUNCTION = Shape("FunctionName", _arn("lambda", "function:{name}"))
_TABLE = Shape(
    "TableName",
    _arn("dynamodb", "table/{name}"),
    attributes={"StreamArn": _arn("dynamodb", "table/{name}/stream/2020-01-01T00:00:00.000")},
)
_REST_API = Shape(None, "arn:aws:apigateway:{region}::/restapis/{name}", attributes={"RootResourceId": "{name}root"})
_HTTP_API = Shape(
    None,
    "arn:aws:apigateway:{region}::/apis/{name}",
    attributes={"ApiEndpoint": "https://{name}.execute-api.{region}.amazonaws.com", "ApiId": "{name}"},
)
_STATE_MACHINE = _arn_as_ref("StateMachineName", "states", "stateMachine:{name}", Name="{name}")
_STAGE = Shape("StageName", normal=lambda _: "$default")

SHAPES: Mapping[str, Shape] = {
    "AWS::ApiGateway::Model": Shape("Name"),
    "AWS::ApiGateway::RestApi": _REST_API,
    "AWS::ApiGateway::Stage": _STAGE,
    "AWS::ApiGatewayV2::Api": _HTTP_API,
    "AWS::ApiGatewayV2::Stage": _STAGE,
    "AWS::Cognito::UserPool": Shape(
        None,
        _arn("cognito-idp", "userpool/{region}_{name}"),
        "{region}_{name}",
        {
            "ProviderName": "cognito-idp.{region}.amazonaws.com/{region}_{name}",
            "ProviderURL": "https://cognito-idp.{region}.amazonaws.com/{region}_{name}",
            "UserPoolId": "{region}_{name}",
        },
    ),
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::Events::EventBus": Shape("Name", _arn("events", "event-bus/{name}"), attributes={"Name": "{name}"}),
    "AWS::Events::Rule": Shape("Name", _arn("events", "rule/{name}")),
    "AWS::IAM::ManagedPolicy": Shape(
        "ManagedPolicyName", "arn:aws:iam::{account}:policy/{name}", "arn:aws:iam::{account}:policy/{name}"
    ),
    "AWS::IAM::Role": Shape("RoleName", "arn:aws:iam::{account}:role/{name}"),
    "AWS::KMS::Key": Shape(None, _arn("kms", "key/{name}"), attributes={"KeyId": "{name}"}),
    "AWS::Kinesis::Stream": Shape("Name", _arn("kinesis", "stream/{name}")),
    "AWS::KinesisFirehose::DeliveryStream": Shape("DeliveryStreamName", _arn("firehose", "deliverystream/{name}")),
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Lambda::Url": Shape(
        None, attributes={"FunctionUrl": "https://{name}.lambda-url.{region}.on.aws/"}, normal=str.lower
    ),
    "AWS::Lambda::LayerVersion": _arn_as_ref(
        "LayerName", "lambda", "layer:{name}:1", LayerVersionArn=_arn("lambda", "layer:{name}:1")
    ),
    "AWS::Logs::LogGroup": Shape("LogGroupName", _arn("logs", "log-group:{name}:*")),
    "AWS::MSK::Cluster": _arn_as_ref("ClusterName", "kafka", f"cluster/{{name}}/{_LOCAL_UUID}"),
    "AWS::MSK::ServerlessCluster": _arn_as_ref("ClusterName", "kafka", f"cluster/{{name}}/{_LOCAL_UUID}"),
    "AWS::S3::Bucket": Shape(
        "BucketName",
        "arn:aws:s3:::{name}",
        attributes={
            "DomainName": "{name}.s3.amazonaws.com",
            "RegionalDomainName": "{name}.s3.{region}.amazonaws.com",
            "WebsiteURL": "http://{name}.s3-website-{region}.amazonaws.com",
        },
        normal=str.lower,
    ),
    "AWS::SNS::Topic": _arn_as_ref("TopicName", "sns", "{name}", TopicName="{name}", TopicArn=_arn("sns", "{name}")),
    "AWS::SQS::Queue": Shape(
        "QueueName",
        _arn("sqs", "{name}"),
        "https://sqs.{region}.amazonaws.com/{account}/{name}",
        {"QueueName": "{name}", "QueueUrl": "https://sqs.{region}.amazonaws.com/{account}/{name}"},
    ),
    "AWS::SSM::Parameter": Shape("Name", _arn("ssm", "parameter/{name}")),
    "AWS::Scheduler::Schedule": Shape("Name", _arn("scheduler", "schedule/default/{name}")),
    "AWS::SecretsManager::Secret": _arn_as_ref("Name", "secretsmanager", "secret:{name}-AbCdEf"),
    "AWS::Serverless::Api": _REST_API,
    "AWS::Serverless::Function": _FUNCTION,
    "AWS::Serverless::HttpApi": _HTTP_API,
    "AWS::Serverless::SimpleTable": _TABLE,
    "AWS::Serverless::StateMachine": _STATE_MACHINE,
    "AWS::StepFunctions::StateMachine": _STATE_MACHINE,
}

_UNKNOWN = Shape()


def shape(resource_type: str) -> Shape:
    """The shape of a type of resource; of a type that is not listed, the logical id serves for everything."""
    return SHAPES.get(resource_type, _UNKNOWN)


def reference(resource_type: str, name: str, location: Location) -> str:
    """What ``Ref`` gives for a resource called ``name``."""
    return _filled(shape(resource_type).ref, name, location)


def attribute(
    resource_type: str, name: str, attribute_name: str, properties: Mapping[str, Any], location: Location
) -> Any:
    """One attribute of a resource called ``name``; ``None`` where its local value cannot be known."""
    known = shape(resource_type)
    if known.attributes and attribute_name in known.attributes:
        return _filled(known.attributes[attribute_name], name, location)
    if attribute_name == "Arn":
        return _filled(known.arn or _arn(_service(resource_type), "{name}"), name, location)
    return properties.get(attribute_name)


def _filled(text: str, name: str, location: Location) -> str:
    return text.format(name=name, region=location.region, account=location.account)


def _service(resource_type: str) -> str:
    parts = resource_type.split("::")
    return parts[1].lower() if len(parts) > 2 else "cloudformation"
