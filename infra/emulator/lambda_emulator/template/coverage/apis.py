"""What is done with the properties of APIs.

Mirrors ``AWS::Serverless::Api`` and ``HttpApi`` of the SAM specification, ``AWS::ApiGateway::…`` and
``AWS::ApiGatewayV2::…`` of the CloudFormation template reference.
"""

from __future__ import annotations

from lambda_emulator.template.coverage.functions import NO_IAM
from lambda_emulator.template.coverage.status import DEPLOYS, DESCRIBES, DONE, Table, below, done, each, told, warned

_OF_SOCKETS = "of WebSocket APIs, which are left out"
_COUNTED = done("counted in memory, for each key, from the start of the process on")
_NO_ACCESS_LOG = warned("no access log is written here; the console shows each request")
_NO_CACHE = warned("responses are not cached here", False)
_NO_CANARY = warned("there is one deployment here, which takes every request")
_NO_CERTIFICATE = warned("no client certificate is shown to a backend here")
_NO_DOMAIN = warned("the API is at the root of the local port, under no domain or base path of its own")
_POLICY = done("enforced, callers being anonymous; what cannot be known here, such as a VPC, is named in a warning")
_NO_SETTING = warned("nothing is cached, logged or measured by these settings here")
_NO_LOGGING = warned("nothing is logged or measured by these settings here")
_NO_TRACING = warned("no trace is recorded here", False)
_NOT_CLOSED = warned("the API answers at its own address here", False)
_WHERE = done("where AWS puts the endpoint; here it is this machine")
_REMOTE_DEFINITION = done("a local file; definitions in S3 are not read")
_AUTHORIZER = done("Lambda and JWT authorizers are enforced; others are named in a warning")

_REST: Table = {
    "ApiKeySourceType": DONE,
    "BinaryMediaTypes": DONE,
    "Description": DESCRIBES,
    "DisableExecuteApiEndpoint": _NOT_CLOSED,
    **each(_WHERE, "EndpointAccessMode", "EndpointConfiguration", "SecurityPolicy"),
    **each(DEPLOYS, "FailOnWarnings", "Mode"),
    "MinimumCompressionSize": warned("responses are not compressed here"),
    "Name": DONE,
    "Policy": _POLICY,
    "Tags": DESCRIBES,
}
_STAGE: Table = {
    **each(_NO_CACHE, "CacheClusterEnabled", "CacheClusterSize"),
    "CanarySetting": _NO_CANARY,
    **below(
        "MethodSettings",
        {
            **each(DONE, "HttpMethod", "ResourcePath", "ThrottlingBurstLimit", "ThrottlingRateLimit"),
            **each(_NO_SETTING, "CacheTtlInSeconds", "DataTraceEnabled", "LoggingLevel", "MetricsEnabled"),
            **each(warned("responses are not cached here", False), "CacheDataEncrypted", "CachingEnabled"),
        },
    ),
    "StageName": DONE,
    "TracingEnabled": _NO_TRACING,
    "Variables": DONE,
}

REST_APIS: dict[str, Table] = {
    "AWS::Serverless::Api": {
        **_REST,
        **_STAGE,
        "AccessLogSetting": _NO_ACCESS_LOG,
        **below(
            "Auth",
            {
                "AddApiKeyRequiredToCorsPreflight": DONE,
                "AddDefaultAuthorizerToCorsPreflight": DONE,
                "ApiKeyRequired": DONE,
                "Authorizers": _AUTHORIZER,
                "DefaultAuthorizer": _AUTHORIZER,
                "InvokeRole": warned(NO_IAM, "NONE"),
                "ResourcePolicy": _POLICY,
                "UsagePlan": _COUNTED,
            },
        ),
        "AlwaysDeploy": DEPLOYS,
        "Cors": DONE,
        "DefinitionBody": done("OpenAPI 3.0 or Swagger 2.0, with API Gateway's extensions"),
        "DefinitionUri": _REMOTE_DEFINITION,
        "Domain": _NO_DOMAIN,
        "GatewayResponses": DONE,
        "MergeDefinitions": DONE,
        "Models": DONE,
        "OpenApiVersion": DONE,
        "PropagateTags": DESCRIBES,
    },
    "AWS::ApiGateway::RestApi": {
        **_REST,
        "Body": done("OpenAPI 3.0 or Swagger 2.0, with API Gateway's extensions"),
        "BodyS3Location": _REMOTE_DEFINITION,
        "CloneFrom": warned("no other API is read here"),
        "Parameters": DEPLOYS,
        "Version": DESCRIBES,
    },
    "AWS::ApiGateway::Stage": {
        **_STAGE,
        "AccessLogSetting": _NO_ACCESS_LOG,
        "ClientCertificateId": _NO_CERTIFICATE,
        **each(DEPLOYS, "DeploymentId"),
        **each(DESCRIBES, "Description", "DocumentationVersion", "Tags"),
        "RestApiId": DONE,
    },
    "AWS::ApiGateway::Deployment": {
        "DeploymentCanarySettings": _NO_CANARY,
        "Description": DESCRIBES,
        "RestApiId": DONE,
        **below(
            "StageDescription",
            {
                **_STAGE,
                "AccessLogSetting": _NO_ACCESS_LOG,
                **each(_NO_CACHE, "CacheDataEncrypted", "CacheTtlInSeconds", "CachingEnabled"),
                "ClientCertificateId": _NO_CERTIFICATE,
                **each(_NO_SETTING, "DataTraceEnabled", "LoggingLevel", "MetricsEnabled"),
                **each(
                    warned("throttling is that of MethodSettings here"), "ThrottlingBurstLimit", "ThrottlingRateLimit"
                ),
                **each(DESCRIBES, "Description", "DocumentationVersion", "Tags"),
            },
        ),
        "StageName": DONE,
    },
    "AWS::ApiGateway::Resource": each(DONE, "ParentId", "PathPart", "RestApiId"),
    "AWS::ApiGateway::Method": {
        "ApiKeyRequired": DONE,
        "AuthorizationScopes": warned("scopes are those of Cognito authorizers, which are not enforced here"),
        "AuthorizationType": warned("only Lambda authorizers are enforced here", "NONE", "CUSTOM"),
        **each(DONE, "AuthorizerId", "HttpMethod", "OperationName", "ResourceId", "RestApiId"),
        "Integration": told(
            "`AWS_PROXY` and `AWS` of functions, with mapping templates, and `MOCK`; others are left out"
        ),
        "MethodResponses": DONE,
        **each(DONE, "RequestModels", "RequestParameters", "RequestValidatorId"),
    },
    "AWS::ApiGateway::Authorizer": {
        **each(DONE, "AuthorizerResultTtlInSeconds", "AuthorizerUri", "IdentitySource", "IdentityValidationExpression"),
        **each(DONE, "Name", "RestApiId"),
        **each(warned(NO_IAM), "AuthorizerCredentials"),
        "AuthType": DESCRIBES,
        "ProviderARNs": told("Cognito authorizers are not enforced"),
        "Type": told("`TOKEN` and `REQUEST` are enforced"),
    },
    "AWS::ApiGateway::Model": {
        **each(DONE, "ContentType", "Name", "RestApiId", "Schema"),
        "Description": DESCRIBES,
    },
    "AWS::ApiGateway::RequestValidator": each(
        DONE, "Name", "RestApiId", "ValidateRequestBody", "ValidateRequestParameters"
    ),
    "AWS::ApiGateway::GatewayResponse": each(
        DONE, "ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode"
    ),
    "AWS::ApiGateway::ApiKey": {
        **each(DONE, "Enabled", "StageKeys"),
        **each(DESCRIBES, "CustomerId", "Description", "Name", "Tags"),
        "GenerateDistinctId": DEPLOYS,
        "Value": done("a key without one gets a value that a warning tells"),
    },
    "AWS::ApiGateway::UsagePlan": {
        **each(DONE, "ApiStages", "Throttle"),
        **each(DESCRIBES, "Description", "Tags", "UsagePlanName"),
        "Quota": _COUNTED,
    },
    "AWS::ApiGateway::UsagePlanKey": each(DONE, "KeyId", "KeyType", "UsagePlanId"),
}

_HTTP: Table = {
    "CorsConfiguration": DONE,
    "Description": DESCRIBES,
    "DisableExecuteApiEndpoint": _NOT_CLOSED,
    "FailOnWarnings": DEPLOYS,
    "Name": DONE,
    "Tags": DESCRIBES,
}
ROUTE_SETTINGS: Table = {
    **each(_NO_LOGGING, "DataTraceEnabled", "DetailedMetricsEnabled", "LoggingLevel"),
    **each(DONE, "ThrottlingBurstLimit", "ThrottlingRateLimit"),
}
_HTTP_STAGE: Table = {
    "AccessLogSettings": _NO_ACCESS_LOG,
    **below("DefaultRouteSettings", ROUTE_SETTINGS),
    **below("RouteSettings", below("*", ROUTE_SETTINGS)),
    **each(DONE, "StageName", "StageVariables"),
}

HTTP_APIS: dict[str, Table] = {
    "AWS::Serverless::HttpApi": {
        **_HTTP,
        **_HTTP_STAGE,
        **below(
            "Auth",
            {
                **each(_AUTHORIZER, "Authorizers", "DefaultAuthorizer"),
                "EnableIamAuthorizer": told("`AWS_IAM` is not enforced"),
            },
        ),
        "DefinitionBody": done("OpenAPI 3.0 or Swagger 2.0, with API Gateway's extensions"),
        "DefinitionUri": _REMOTE_DEFINITION,
        "Domain": _NO_DOMAIN,
        "PropagateTags": DESCRIBES,
    },
    "AWS::ApiGatewayV2::Api": {
        **_HTTP,
        "ApiKeySelectionExpression": warned(_OF_SOCKETS),
        "BasePath": warned("the definition's base path counts for nothing here", "ignore"),
        "Body": done("OpenAPI 3.0 or Swagger 2.0, with API Gateway's extensions"),
        "BodyS3Location": _REMOTE_DEFINITION,
        "CredentialsArn": warned(NO_IAM),
        "DisableSchemaValidation": warned("messages are not validated here", True),
        "IpAddressType": _WHERE,
        "ProtocolType": told("`WEBSOCKET`: the API is left out"),
        **each(DONE, "RouteKey", "Target"),
        "RouteSelectionExpression": done("HTTP APIs have no choice; WebSocket APIs are left out"),
        "Version": DESCRIBES,
    },
    "AWS::ApiGatewayV2::Stage": {
        **_HTTP_STAGE,
        "ApiId": DONE,
        **each(DEPLOYS, "AutoDeploy", "DeploymentId"),
        "ClientCertificateId": _NO_CERTIFICATE,
        **each(DESCRIBES, "Description", "Tags"),
    },
    "AWS::ApiGatewayV2::Deployment": each(DEPLOYS, "ApiId", "Description", "StageName"),
    "AWS::ApiGatewayV2::Route": {
        **each(DONE, "ApiId", "AuthorizationScopes", "AuthorizerId", "RouteKey", "Target"),
        "ApiKeyRequired": warned(_OF_SOCKETS, False),
        "AuthorizationType": warned("only JWT and Lambda authorizers are enforced here", "NONE", "JWT", "CUSTOM"),
        "OperationName": DESCRIBES,
        **each(
            done("of WebSocket APIs, which are left out"),
            *("ModelSelectionExpression", "RequestModels", "RequestParameters", "RouteResponseSelectionExpression"),
        ),
    },
    "AWS::ApiGatewayV2::Integration": {
        **each(DONE, "ApiId", "IntegrationUri", "PayloadFormatVersion", "TimeoutInMillis"),
        **each(DONE, "IntegrationMethod"),
        **each(told("an integration of another kind than a function's is left out"), "IntegrationType"),
        **each(told("an integration with a service of AWS is left out"), "IntegrationSubtype"),
        **each(warned("functions are called directly here", "INTERNET"), "ConnectionId", "ConnectionType", "TlsConfig"),
        "CredentialsArn": warned(NO_IAM),
        "Description": DESCRIBES,
        **each(warned("parameters are not mapped here"), "RequestParameters", "ResponseParameters"),
        **each(
            done("of WebSocket APIs, which are left out"),
            *("ContentHandlingStrategy", "PassthroughBehavior", "RequestTemplates", "TemplateSelectionExpression"),
        ),
    },
    "AWS::ApiGatewayV2::Authorizer": {
        **each(DONE, "ApiId", "AuthorizerPayloadFormatVersion", "AuthorizerResultTtlInSeconds", "AuthorizerUri"),
        **each(DONE, "EnableSimpleResponses", "IdentitySource", "JwtConfiguration", "Name"),
        "AuthorizerCredentialsArn": warned(NO_IAM),
        "AuthorizerType": told("`JWT` and `REQUEST` are enforced"),
        "IdentityValidationExpression": done("HTTP APIs take none"),
    },
}
