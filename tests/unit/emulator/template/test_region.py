"""``--region`` is in every ARN and address that a template comes to."""

from pathlib import Path

import pytest

from lambda_emulator.arn import Arn, ArnError
from lambda_emulator.stack import Stack
from support.templates import HEAD, load

TEMPLATE = (
    HEAD
    + """
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      Environment:
        Variables:
          ALIAS: !Ref HelloAliaslive
          API: !Sub "https://${ServerlessHttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
          ENDPOINT: !GetAtt ServerlessHttpApi.ApiEndpoint
          POOL: !Ref Users
          QUEUE: !GetAtt Work.Arn
          QUEUE_URL: !Ref Work
          STACK: !Ref AWS::StackId
          ZONE: !Select [0, !GetAZs ""]
      Events:
        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
        T: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}
  Users: {Type: AWS::Cognito::UserPool}
  Work: {Type: AWS::SQS::Queue}
"""
)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return load(tmp_path, TEMPLATE, parameter_overrides={"AWS::Region": "eu-west-1", "AWS::AccountId": "210987654321"})


def test_a_stack_is_where_its_pseudo_parameters_say(stack: Stack) -> None:
    function = stack.functions["Hello"]
    assert function.arn == "arn:aws:lambda:eu-west-1:210987654321:function:Hello"
    variables = dict(function.environment)
    assert variables.pop("STACK").startswith("arn:aws:cloudformation:eu-west-1:210987654321:stack/local/")
    assert variables == {
        "ALIAS": "arn:aws:lambda:eu-west-1:210987654321:function:Hello:live",
        "API": "https://ServerlessHttpApi.execute-api.eu-west-1.localhost",
        "ENDPOINT": "https://ServerlessHttpApi.execute-api.eu-west-1.amazonaws.com",
        "POOL": "eu-west-1_Users",
        "QUEUE": "arn:aws:sqs:eu-west-1:210987654321:Work",
        "QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/210987654321/Work",
        "ZONE": "eu-west-1a",
    }
    (api,) = stack.apis
    assert api.location.arn("execute-api", "x") == "arn:aws:execute-api:eu-west-1:210987654321:x"
    (schedule,) = stack.schedules
    assert schedule.arn.startswith("arn:aws:events:eu-west-1:210987654321:rule/")
    assert schedule.target == "arn:aws:lambda:eu-west-1:210987654321:function:Hello:live"


def test_an_arn_is_read_and_written() -> None:
    text = "arn:aws:sns:eu-west-1:123456789012:topic:with:colons"
    assert Arn.parse(text).resource == "topic:with:colons"
    assert str(Arn.parse(text)) == text
    for wrong in ("", "topic", "arn:aws:sns:eu-west-1", "urn:aws:sns:eu-west-1:123456789012:topic"):
        with pytest.raises(ArnError):
            Arn.parse(wrong)
