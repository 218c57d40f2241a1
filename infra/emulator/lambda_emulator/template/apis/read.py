"""Everything in a translated template that answers HTTP requests: HTTP APIs, REST APIs and function URLs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lambda_emulator.stack import Api, Route
from lambda_emulator.template.apis.http_apis import read_http_api
from lambda_emulator.template.apis.parts import http_cors
from lambda_emulator.template.apis.rest_apis import read_rest_api
from lambda_emulator.template.resources.catalog import Catalog, Resource
from lambda_emulator.template.resources.function_index import FunctionIndex


def read_apis(catalog: Catalog, index: FunctionIndex) -> tuple[Api, ...]:
    """Every API, in the template's order. Raises TemplateError."""
    found = (_READERS[resource.type](catalog, index, resource) for resource in catalog.of_type(*_READERS))
    apis = tuple(api for api in found if api is not None)
    for api in apis:
        for route in api.routes:
            if not route.path.startswith(("/", "$")):
                catalog.warn(f"{api.logical_id}: {route.key} is never reached: a path begins with /")
    return apis


def _function_url(catalog: Catalog, index: FunctionIndex, resource: Resource) -> Api | None:
    """Mirrors ``AWS::Lambda::Url`` of the CloudFormation template reference."""
    function = index.find(resource.get("TargetFunctionArn", tolerant=True))
    if function is None:
        catalog.warn(f"{resource.logical_id} is left out: its function is not in this template")
        return None
    if resource.text("AuthType") == "AWS_IAM":
        catalog.warn(str(resource.error("AWS_IAM is not enforced locally", "AuthType")))
    if resource.text("InvokeMode") == "RESPONSE_STREAM":
        catalog.warn(str(resource.error("responses are sent whole, not streamed", "InvokeMode")))
    cors = resource.mapping("Cors")
    return Api(
        logical_id=resource.logical_id,
        kind="function_url",
        routes=(Route("ANY", "$default", function),),
        cors=http_cors(cors) if cors else None,
        location=catalog.location,
    )


_READERS: Mapping[str, Callable[[Catalog, FunctionIndex, Resource], Api | None]] = {
    "AWS::ApiGateway::RestApi": read_rest_api,
    "AWS::ApiGatewayV2::Api": read_http_api,
    "AWS::Lambda::Url": _function_url,
}
