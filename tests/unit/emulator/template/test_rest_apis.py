"""REST APIs, as SAM and as CloudFormation write them."""

from pathlib import Path

import pytest

from lambda_emulator.stack import IntegrationResponse, LambdaAuthorizer, MappedIntegration, Route, Throttle
from lambda_emulator.template import load_stack
from support.templates import HEAD, TEMPLATES, line_of, load, notes, refused, routes


def test_the_implicit_api(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  HelloWorldFunction:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        HelloWorld: {Type: Api, Properties: {Path: /hello, Method: get}}
        Any: {Type: Api, Properties: {Path: '/any/{proxy+}', Method: any}}
Outputs:
  HelloWorldApi:
    Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/hello/"
""",
    )
    (api,) = stack.apis
    assert (api.logical_id, api.kind, api.stage) == ("ServerlessRestApi", "rest", "Prod")
    assert routes(api) == {
        "GET /hello": Route("GET", "/hello", "HelloWorldFunction", "1.0", 29.0),
        "ANY /any/{proxy+}": Route("ANY", "/any/{proxy+}", "HelloWorldFunction", "1.0", 29.0),
    }
    assert stack.outputs["HelloWorldApi"] == "https://ServerlessRestApi.execute-api.us-east-1.amazonaws.com/Prod/hello/"


def test_everything_an_api_can_say(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
  Api:
    BinaryMediaTypes: [image~1png, application/octet-stream]
Parameters:
  Version: {Type: String, Default: v1}
Resources:
  Main:
    Type: AWS::Serverless::Api
    Properties:
      StageName: !Ref Version
      Variables: {color: blue}
      Cors:
        AllowOrigin: "'https://a.example'"
        AllowMethods: "'GET,OPTIONS'"
        AllowHeaders: "'X-A, X-B'"
        MaxAge: "'600'"
        AllowCredentials: true
      Auth:
        DefaultAuthorizer: Token
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers:
          Token:
            FunctionArn: !GetAtt Check.Arn
            Identity: {Header: X-Token, ValidationExpression: 'a+', ReauthorizeEvery: 60}
          Request:
            FunctionPayloadType: REQUEST
            FunctionArn: !GetAtt Check.Arn
            Identity: {QueryStrings: [q], Headers: [h]}
          Pool: {UserPoolArn: !GetAtt Users.Arn}
  Users: {Type: AWS::Cognito::UserPool}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Main, Path: /a, Method: GET}}
        B: {Type: Api, Properties: {RestApiId: !Ref Main, Path: /b, Method: any, Auth: {Authorizer: NONE}}}
        C: {Type: Api, Properties: {RestApiId: !Ref Main, Path: /c, Method: post, Auth: {Authorizer: Request}}}
        P: {Type: Api, Properties: {RestApiId: !Ref Main, Path: /p, Method: post, Auth: {Authorizer: Pool}}}
  Check: {Type: AWS::Serverless::Function}
""",
    )
    (api,) = stack.apis
    assert (api.stage, api.stage_variables) == ("v1", {"color": "blue"})
    assert api.binary_media_types == ("image/png", "application/octet-stream")
    mock = routes(api)["OPTIONS /a"].mapped
    assert mock is not None
    assert mock.responses[0].parameters == {
        "method.response.header.Access-Control-Allow-Credentials": "'true'",
        "method.response.header.Access-Control-Allow-Headers": "'X-A, X-B'",
        "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'",
        "method.response.header.Access-Control-Allow-Origin": "'https://a.example'",
        "method.response.header.Access-Control-Max-Age": "'600'",
    }
    assert {key: route.authorizer for key, route in routes(api).items() if not route.mapped} == {
        "GET /a": "Token",
        "ANY /b": None,
        "POST /c": "Request",
        "POST /p": None,
    }
    assert api.authorizers == (
        LambdaAuthorizer(
            "Token", "Check", "TOKEN", ("method.request.header.X-Token",), "1.0", False, 60, validation_expression="a+"
        ),
        LambdaAuthorizer(
            "Request", "Check", "REQUEST", ("method.request.header.h", "method.request.querystring.q"), "1.0"
        ),
    )
    assert notes(stack) == ["Main: the authorizer Pool (cognito_user_pools) is not enforced locally"]


@pytest.mark.parametrize("cors", ["\"'*'\"", "\"'*''\"", "{AllowOrigin: \"'*'\"}"])
def test_a_cors_text_is_the_origin_and_methods_are_those_of_the_paths(cors: str, tmp_path: Path) -> None:
    (api,) = load(
        tmp_path,
        HEAD
        + f"""
  Api: {{Cors: {cors}}}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {{Type: Api, Properties: {{Path: /a, Method: get}}}}
        B: {{Type: Api, Properties: {{Path: /b, Method: post}}}}
""",
    ).apis
    assert set(routes(api)) == {"GET /a", "POST /b", "OPTIONS /a", "OPTIONS /b"}
    mock = routes(api)["OPTIONS /b"].mapped
    assert mock is not None
    said = mock.responses[0].parameters
    assert said["method.response.header.Access-Control-Allow-Origin"].strip("'") == "*"
    assert said["method.response.header.Access-Control-Allow-Methods"] == "'OPTIONS,POST'"


def test_cors_from_another_stack_does_not_stop_the_api(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Main:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Cors: {AllowOrigin: !Sub ["'https://${zone}'", {zone: !ImportValue dns-Zone}]}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Main, Path: /a, Method: get}}
""",
    )
    assert set(routes(stack.apis[0])) == {"GET /a", "OPTIONS /a"}
    assert any("Fn::ImportValue dns-Zone" in warning for warning in stack.warnings)


def test_a_swagger_definition_with_security_and_stage_variables(tmp_path: Path) -> None:
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
    (api,) = load(
        tmp_path,
        HEAD
        + f"""
Resources:
  Main:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      Variables: {{target: Hello}}
      DefinitionBody:
        swagger: '2.0'
        x-amazon-apigateway-binary-media-types: [image/gif]
        securityDefinitions:
          Token:
            type: apiKey
            in: header
            name: X-Token
            x-amazon-apigateway-authtype: custom
            x-amazon-apigateway-authorizer: {{type: token, authorizerUri: !Sub '{uri}/${{Check.Arn}}/invocations'}}
        paths:
          /:
            x-amazon-apigateway-any-method:
              security: [Token: []]
              x-amazon-apigateway-integration:
                {{type: aws_proxy, httpMethod: POST, uri: !Sub '{uri}/${{Hello.Arn}}/invocations'}}
          /by-variable:
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                uri: !Sub '{uri}/arn:aws:lambda:us-east-1:123456789012:function:${{!stageVariables.target}}/invocations'
  Hello: {{Type: AWS::Serverless::Function}}
  Check: {{Type: AWS::Serverless::Function}}
""",
    ).apis
    assert routes(api) == {
        "ANY /": Route("ANY", "/", "Hello", "1.0", 29.0, "Token"),
        "GET /by-variable": Route("GET", "/by-variable", "Hello", "1.0", 29.0),
    }
    assert api.authorizers == (LambdaAuthorizer("Token", "Check", "TOKEN", ("method.request.header.X-Token",), "1.0"),)
    assert api.binary_media_types == ("image/gif",)


def test_methods_as_resources_of_their_own(tmp_path: Path) -> None:
    (api,) = load_stack(TEMPLATES / "explicit_rest_api.yaml").apis
    found = routes(api)
    mock = found.pop("OPTIONS /items").mapped
    assert found == {
        "GET /": Route("GET", "/", "Hello", "1.0", 29.0, operation_name="GetRoot"),
        "ANY /items/{proxy+}": Route("ANY", "/items/{proxy+}", "Hello", "1.0", 2.0, "check"),
    }
    assert (api.stage, api.binary_media_types) == ("prod", ("image/gif",))
    assert mock == MappedIntegration(
        "mock",
        {"application/json": '{"statusCode": 200}'},
        responses=(
            IntegrationResponse(
                204,
                parameters={
                    "method.response.header.Access-Control-Allow-Methods": "'OPTIONS,GET'",
                    "method.response.header.Access-Control-Allow-Origin": "'*'",
                },
            ),
        ),
    )
    assert api.authorizers == (LambdaAuthorizer("check", "Hello", "TOKEN", ("method.request.header.X",), "1.0"),)


def test_several_apis_stay_apart(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  One: {Type: AWS::Serverless::Api, Properties: {StageName: one}}
  Two: {Type: AWS::Serverless::HttpApi}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref One, Path: /a, Method: get}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Two, Path: /b, Method: get}}
        C: {Type: Api, Properties: {Path: /c, Method: get}}
        D: {Type: HttpApi, Properties: {Path: /d, Method: get}}
""",
    )
    assert {api.logical_id: list(routes(api)) for api in stack.apis} == {
        "One": ["GET /a"],
        "Two": ["GET /b"],
        "ServerlessRestApi": ["GET /c"],
        "ServerlessHttpApi": ["GET /d"],
    }


@pytest.mark.parametrize("kind", ["Api", "HttpApi"])
def test_of_two_functions_on_one_path_the_last_has_it(kind: str, tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + f"""
Resources:
  First:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {{Type: {kind}, Properties: {{Path: /a, Method: get}}}}
        B: {{Type: {kind}, Properties: {{Path: /b, Method: get}}}}
  Second:
    Type: AWS::Serverless::Function
    Properties: {{Events: {{A: {{Type: {kind}, Properties: {{Path: /a, Method: GET}}}}}}}}
""",
    )
    assert {key: route.function for key, route in routes(stack.apis[0]).items()} == {
        "GET /a": "Second",
        "GET /b": "First",
    }
    assert notes(stack) == ["First.Events.A is left out: Second has its path; AWS refuses such a template"]


def test_a_variable_in_a_part_of_a_path_is_refused_as_aws_refuses_it(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {Path: '/x/{y}.png', Method: get}}
"""
    )
    error = refused(tmp_path, text)
    assert "/x/{y}.png is no path of a REST API" in str(error)
    assert (error.resource, error.line) == ("Hello", line_of(text, "{y}.png"))
    assert load(tmp_path, text.replace("Type: Api", "Type: HttpApi")).apis


def test_method_settings_throttle(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: Prod
      MethodSettings:
        - {ResourcePath: "/*", HttpMethod: "*", ThrottlingRateLimit: 10, ThrottlingBurstLimit: 5}
        - {ResourcePath: /~1a, HttpMethod: GET, ThrottlingBurstLimit: 1, LoggingLevel: INFO}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get}}
""",
    )
    assert stack.apis[0].throttles == {"": Throttle(10, 5), "GET /a": Throttle(10_000, 1)}
    (note,) = notes(stack)
    assert "Api.MethodSettings" in note
    assert "LoggingLevel" in note
