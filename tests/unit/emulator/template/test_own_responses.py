"""Gateway responses, as SAM and CloudFormation write them."""

from __future__ import annotations

from pathlib import Path

from lambda_emulator.stack import OwnResponse
from support.templates import HEAD, load, notes


def test_responses_of_sam_and_of_cloudformation(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: Prod
      GatewayResponses:
        DEFAULT_4XX:
          ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'*'"}}
        UNAUTHORIZED:
          StatusCode: 418
          ResponseTemplates: {application/json: '{"m": $context.error.messageString}'}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get}}
  Slow:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      RestApiId: !Ref Api
      ResponseType: INTEGRATION_TIMEOUT
      StatusCode: '503'
      ResponseParameters: {gatewayresponse.header.Retry-After: "'5'"}
""",
    )
    assert stack.apis[0].responses == {
        "DEFAULT_4XX": OwnResponse(headers={"Access-Control-Allow-Origin": "'*'"}),
        "UNAUTHORIZED": OwnResponse(418, templates={"application/json": '{"m": $context.error.messageString}'}),
        "INTEGRATION_TIMEOUT": OwnResponse(503, {"Retry-After": "'5'"}),
    }
    assert not notes(stack)
