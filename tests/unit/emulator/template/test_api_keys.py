"""API keys and usage plans, as SAM and CloudFormation write them."""

from __future__ import annotations

from pathlib import Path

from lambda_emulator.stack import ApiKey, Quota, Throttle, UsagePlan
from support.templates import HEAD, load, notes

SAM = (
    HEAD
    + """
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: Prod
      Auth:
        ApiKeyRequired: true
        UsagePlan:
          CreateUsagePlan: PER_API
          Quota: {Limit: 100, Period: WEEK}
          Throttle: {BurstLimit: 5, RateLimit: 1.5}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get}}
        B: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /b, Method: get, Auth: {ApiKeyRequired: false}}}
"""
)


def test_a_usage_plan_of_sam(tmp_path: Path) -> None:
    stack = load(tmp_path, SAM)
    (api,) = stack.apis
    assert {route.path: route.api_key_required for route in api.routes} == {"/a": True, "/b": False}
    plan = api.usage_plans[0]
    (key,) = plan.keys
    assert (plan.logical_id, plan.throttle, plan.quota) == ("ApiUsagePlan", Throttle(1.5, 5), Quota(100, "WEEK"))
    assert (key.id, key.enabled, len(key.value)) == ("ApiApiKey", True, 40)
    assert notes(stack) == [f"ApiApiKey has no Value, so AWS makes one; here it is {key.value}"]
    assert load(tmp_path, SAM).apis[0].usage_plans[0].keys == (key,)


def test_usage_plans_of_cloudformation(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Hello: {Type: AWS::Serverless::Function}
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: api, ApiKeySourceType: AUTHORIZER}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: v1}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      ApiKeyRequired: true
      Integration:
        Type: AWS_PROXY
        Uri: !Sub 'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations'
  Key: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true, Value: a-value-of-twenty-characters}}
  Legacy:
    Type: AWS::ApiGateway::ApiKey
    Properties:
      Enabled: true
      Value: another-value-of-characters
      StageKeys: [{RestApiId: !Ref Api, StageName: !Ref Stage}]
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      ApiStages: [{ApiId: !Ref Api, Stage: !Ref Stage, Throttle: {//GET: {RateLimit: 1, BurstLimit: 2}}}]
      Quota: {Limit: '5', Offset: 1, Period: DAY}
  Elsewhere: {Type: AWS::ApiGateway::UsagePlan, Properties: {ApiStages: [{ApiId: !Ref Api, Stage: other}]}}
  Link: {Type: AWS::ApiGateway::UsagePlanKey, Properties: {KeyId: !Ref Key, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
""",
    )
    (api,) = stack.apis
    assert (api.api_key_source, api.routes[0].api_key_required) == ("AUTHORIZER", True)
    assert api.usage_plans == (
        UsagePlan(
            "Plan",
            (ApiKey("Key", "a-value-of-twenty-characters"),),
            quota=Quota(5, "DAY", 1),
            method_throttles={"//GET": Throttle(1, 2)},
        ),
        UsagePlan("Legacy.StageKeys", (ApiKey("Legacy", "another-value-of-characters"),)),
    )
    assert not notes(stack)
