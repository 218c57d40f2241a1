"""A packaged SAM template as plain CloudFormation, with every route of an HTTP API as a resource.

SAM describes an HTTP API by an OpenAPI document in the ``Body`` of ``AWS::ApiGatewayV2::Api``. MiniStack does not
read it: the stack is made, and its API has no routes. Routes and integrations of their own mean the same to every
CloudFormation. The template itself stays as it is, for AWS; see docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

API = "AWS::ApiGatewayV2::Api"
_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_CORS = "x-amazon-apigateway-cors"
_CORS_NAMES = {
    "allowOrigins": "AllowOrigins",
    "allowMethods": "AllowMethods",
    "allowHeaders": "AllowHeaders",
    "exposeHeaders": "ExposeHeaders",
    "allowCredentials": "AllowCredentials",
    "maxAge": "MaxAge",
}


class _Session:
    """Stands in for a boto3 session, of which the translator asks the region alone."""

    def __init__(self, region: str) -> None:
        self.region_name = region


def expand(template: Mapping[str, Any], region: str) -> dict[str, Any]:
    """Plain CloudFormation. Code must be in S3 already."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    translator = Translator({}, Parser(), boto_session=_Session(region))
    expanded: dict[str, Any] = translator.translate(deepcopy(dict(template)), {}, get_managed_policy_map=dict)
    translator.metrics.publish()  # nowhere; otherwise it complains of metrics that are not published
    return spell_out_routes(with_function_names(expanded))


def with_function_names(template: dict[str, Any]) -> dict[str, Any]:
    """The template with functions that are called by their logical ids, as `stellar local` calls them too.

    So whoever invokes them, the event source mapping among others, need not ask for the names that a stack made up.
    """
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"].setdefault("FunctionName", logical_id)
    return template


def spell_out_routes(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template with a route and an integration in place of each operation of an API's ``Body``."""
    spelled = deepcopy(dict(template))
    for logical_id, resource in list(spelled["Resources"].items()):
        body = resource.get("Properties", {}).pop("Body", None) if resource["Type"] == API else None
        if body is None:
            continue
        properties = resource["Properties"]
        properties.pop("FailOnWarnings", None)
        properties |= {"Name": {"Fn::Sub": f"${{AWS::StackName}}-{logical_id}"}, "ProtocolType": "HTTP"}
        if cors := body.get(_CORS):
            properties["CorsConfiguration"] = {_CORS_NAMES[name]: value for name, value in cors.items()}
        for number, (key, integration) in enumerate(_operations(body), 1):
            spelled["Resources"] |= _route(logical_id, number, key, integration)
    return spelled


def _operations(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Route key and integration of each operation: ``ANY /graphql``, ``$default``."""
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            if path.removeprefix("/") == "$default":
                yield "$default", operation[_INTEGRATION]
            else:
                yield f"{'ANY' if method == _ANY else method.upper()} {path}", operation[_INTEGRATION]


def _route(api: str, number: int, key: str, integration: Mapping[str, Any]) -> dict[str, Any]:
    target = f"{api}Integration{number}"
    return {
        target: {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": api},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": integration["uri"],
                "PayloadFormatVersion": integration.get("payloadFormatVersion", "2.0"),
            },
        },
        f"{api}Route{number}": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": api},
                "RouteKey": key,
                "Target": {"Fn::Join": ["/", ["integrations", {"Ref": target}]]},
            },
        },
    }
