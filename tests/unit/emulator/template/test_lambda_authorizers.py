"""Lambda authorizers that API Gateway does not take, and what is said of them."""

from pathlib import Path

import pytest

from lambda_emulator.template import TemplateError
from support.templates import HEAD, load, notes, refused

GUARDED = (
    HEAD
    + """
Resources:
  Main:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Body:
        openapi: 3.0.1
        components:
          securitySchemes:
            Guard:
              type: apiKey
              in: header
              name: unused
              x-amazon-apigateway-authorizer:
                type: TYPE
                authorizerPayloadFormatVersion: 'VERSION'
                enableSimpleResponses: true
                identitySource: SOURCE
                authorizerUri: !GetAtt TARGET
        paths:
          /a:
            get:
              security: [{Guard: []}]
              x-amazon-apigateway-integration: {type: aws_proxy, payloadFormatVersion: '2.0', uri: !GetAtt Hello.Arn}
  Hello: {Type: AWS::Serverless::Function}
"""
)
RIGHT = {"TYPE": "request", "VERSION": "2.0", "SOURCE": "$request.header.X-Key", "TARGET": "Hello.Arn"}


def guarded(**changes: str) -> str:
    text = GUARDED
    for name, value in {**RIGHT, **changes}.items():
        text = text.replace(name, value)
    return text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"VERSION": "3.0"}, "Authorizer 'Guard' contains an invalid payload version"),
        ({"SOURCE": "$request.heading.X"}, "Identity source '$request.heading.X' for Lambda Authorizer 'Guard' is not"),
        ({"SOURCE": "method.request.header.X"}, "Identity source 'method.request.header.X' for Lambda Authorizer"),
    ],
)
def test_an_authorizer_that_aws_refuses_is_refused_in_the_words_of_sam(
    changes: dict[str, str], said: str, tmp_path: Path
) -> None:
    assert str(refused(tmp_path, guarded(**changes))).startswith(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"TYPE": "guard"}, "Lambda authorizer 'Guard' type 'guard' is unsupported, skipping"),
        ({"TYPE": "token"}, "Type 'token' for Lambda Authorizer 'Guard' is unsupported"),
        ({"TARGET": "HelloRole.RoleId"}, "Unable to parse the Lambda ARN for Authorizer 'Guard', skipping"),
    ],
)
def test_an_authorizer_that_cannot_be_asked_is_passed_over_and_noted(
    changes: dict[str, str], said: str, tmp_path: Path
) -> None:
    stack = load(tmp_path, guarded(**changes))
    assert any(said in note for note in notes(stack))
    (api,) = stack.apis
    assert (api.authorizers, [route.authorizer for route in api.routes]) == ((), [None])


def test_simple_responses_need_the_second_payload_format(tmp_path: Path) -> None:
    assert notes(load(tmp_path, guarded())) == []
    with pytest.raises(TemplateError, match="'Guard' has EnableSimpleResponses, which need"):
        load(tmp_path, guarded(VERSION="1.0"))


def test_a_validation_expression_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="Authorizer 'Token' contains an invalid validation expression: missing"):
        load(
            tmp_path,
            HEAD
            + """
Resources:
  Main:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      Auth:
        Authorizers:
          Token: {FunctionArn: !GetAtt Check.Arn, Identity: {Header: X, ValidationExpression: "(a"}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Main, Auth: {Authorizer: Token}}}
  Check: {Type: AWS::Serverless::Function}
""",
        )
