"""Resource policies, as SAM and CloudFormation write them."""

from __future__ import annotations

from pathlib import Path

from support.templates import HEAD, line_of, load, notes

SAM = (
    HEAD
    + """
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: Prod
      Auth:
        ResourcePolicy:
          IpRangeWhitelist: ["10.0.0.0/8"]
          SourceVpcWhitelist: ["vpc-1"]
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get}}
"""
)


def test_a_policy_of_sam(tmp_path: Path) -> None:
    stack = load(tmp_path, SAM)
    policy = stack.apis[0].policy
    assert policy is not None
    assert [each["Effect"] for each in policy["Statement"]] == ["Allow", "Deny", "Deny"]
    assert policy["Statement"][0]["Resource"] == ["execute-api:/Prod/GET/a"]
    unknown, addresses = notes(stack)
    place = f":{line_of(SAM, 'Auth:')}: Api.Auth: "
    assert f"{place}the resource policy is enforced here but for its aws:SourceVpc" in unknown
    assert f"{place}callers on this machine have no address" in addresses


def test_a_policy_of_cloudformation(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
Resources:
  Hello: {Type: AWS::Serverless::Function}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Policy:
        Statement:
          Effect: Allow
          Principal: {AWS: "123456789012"}
          Action: execute-api:*
          Resource: "*"
"""
    )
    stack = load(tmp_path, text)
    assert stack.apis[0].policy == {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "123456789012"},
            "Action": "execute-api:*",
            "Resource": "*",
        }
    }
    (note,) = notes(stack)
    assert (
        f":{line_of(text, 'Policy:')}: Api.Policy: the resource policy is enforced here but for its principals" in note
    )
