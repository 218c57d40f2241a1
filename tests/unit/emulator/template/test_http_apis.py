"""HTTP APIs and function URLs, as SAM and as CloudFormation write them."""

from pathlib import Path

from lambda_emulator.stack import Cors, JwtAuthorizer, LambdaAuthorizer, Route
from lambda_emulator.template import load_stack
from support.templates import HEAD, TEMPLATES, load, notes, routes


def test_the_implicit_api(tmp_path: Path) -> None:
    (api,) = load(
        tmp_path,
        HEAD
        + """
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: HttpApi, Properties: {Path: '/a/{id}', Method: get}}
        Any: {Type: HttpApi, Properties: {Path: '/b/{proxy+}', Method: ANY}}
        Rest: {Type: HttpApi}
""",
    ).apis
    assert (api.logical_id, api.kind, api.stage, api.cors) == ("ServerlessHttpApi", "http", "$default", None)
    assert set(routes(api)) == {"GET /a/{id}", "ANY /b/{proxy+}", "$default"}
    assert routes(api)["$default"] == Route("ANY", "$default", "Hello")
    assert routes(api)["GET /a/{id}"] == Route("GET", "/a/{id}", "Hello", "2.0", 30.0)


def test_everything_an_api_can_say(tmp_path: Path) -> None:
    (api,) = load(
        tmp_path,
        HEAD
        + """
  HttpApi:
    CorsConfiguration:
      AllowOrigins: ['https://a.example']
      AllowMethods: [GET, POST]
      AllowHeaders: ['*']
      ExposeHeaders: [x-id]
      AllowCredentials: true
      MaxAge: 600
Resources:
  Main:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: v1
      StageVariables: {color: blue}
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers:
          Jwt:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: 'https://issuer.example', audience: [one]}
            AuthorizationScopes: [read]
          Custom:
            FunctionArn: !GetAtt Check.Arn
            AuthorizerPayloadFormatVersion: '2.0'
            EnableSimpleResponses: true
            Identity: {Headers: [X-Key], ReauthorizeEvery: 30}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Main, Path: /a, Method: GET}}
        B:
          Type: HttpApi
          Properties:
            ApiId: !Ref Main
            Path: /b
            Method: ANY
            Auth: {Authorizer: NONE}
            PayloadFormatVersion: '1.0'
            TimeoutInMillis: 5000
        C: {Type: HttpApi, Properties: {ApiId: !Ref Main, Path: /c, Method: post, Auth: {Authorizer: Custom}}}
  Check: {Type: AWS::Serverless::Function}
""",
    ).apis
    assert (api.stage, api.stage_variables) == ("v1", {"color": "blue"})
    assert api.cors == Cors(("https://a.example",), ("GET", "POST"), ("*",), ("x-id",), True, 600)
    assert routes(api) == {
        "GET /a": Route("GET", "/a", "Hello", authorizer="Jwt", scopes=("read",)),
        "ANY /b": Route("ANY", "/b", "Hello", "1.0", 5.0),
        "POST /c": Route("POST", "/c", "Hello", authorizer="Custom"),
    }
    assert api.authorizers == (
        JwtAuthorizer("Jwt", "https://issuer.example", ("one",), "$request.header.Authorization"),
        LambdaAuthorizer("Custom", "Check", "REQUEST", ("$request.header.X-Key",), "2.0", True, 30),
    )


def test_the_short_form_of_cors(tmp_path: Path) -> None:
    (api,) = load(
        tmp_path,
        HEAD
        + """
Resources:
  Main: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}}
""",
    ).apis
    assert api.cors == Cors(allow_origins=("*",))


def test_cors_that_aws_refuses_is_noted_and_lets_no_credentials_through(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Main: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: ["*"], AllowCredentials: true}}}
""",
    )
    assert stack.apis[0].cors == Cors(allow_origins=("*",))
    assert notes(stack) == ["Main: AWS refuses AllowCredentials for any origin ('*'); here it counts for nothing"]


def test_an_inline_definition(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Main:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: 3.0.1
        info: {title: !Ref AWS::StackName}
        x-amazon-apigateway-cors: {allowOrigins: ['*'], maxAge: 5}
        paths:
          /a:
            parameters: [{name: x, in: query}]
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                payloadFormatVersion: '2.0'
                uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations
            put: {x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/hello'}}
            post:
              x-amazon-apigateway-integration: {type: http_proxy, uri: 'https://example.com'}
          /$default:
            x-amazon-apigateway-any-method:
              x-amazon-apigateway-integration: {type: AWS_PROXY, uri: !GetAtt Hello.Arn}
        components:
          x-amazon-apigateway-integrations:
            hello: {type: aws_proxy, payloadFormatVersion: '2.0', uri: !GetAtt Hello.Arn}
  Hello: {Type: AWS::Serverless::Function}
""",
    )
    (api,) = stack.apis
    assert routes(api) == {
        "GET /a": Route("GET", "/a", "Hello"),
        "PUT /a": Route("PUT", "/a", "Hello"),
        "$default": Route("ANY", "$default", "Hello", "1.0"),
    }
    assert api.cors == Cors(("*",), max_age_seconds=5)
    assert notes(stack) == ["Main: POST /a is left out: https://example.com is no Lambda function"]


def test_a_definition_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(
        """
openapi: 3.0.1
paths:
  /a:
    get:
      x-amazon-apigateway-integration:
        type: aws_proxy
        uri: {Fn::Sub: 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations'}
  /b:
    get:
      x-amazon-apigateway-integration:
        type: aws_proxy
        uri: >-
          arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:Hello/invocations
"""
    )
    sam, cloudformation = "AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api"
    asset = "Metadata: {'aws:asset:path': openapi.yaml, 'aws:asset:property': BodyS3Location}"
    for kind, definition in (
        (sam, "Properties: {DefinitionUri: openapi.yaml}"),
        (
            sam,
            "Properties: {DefinitionBody: "
            "{'Fn::Transform': {Name: AWS::Include, Parameters: {Location: ./openapi.yaml}}}}",
        ),
        (cloudformation, f"Properties: {{BodyS3Location: {{Bucket: assets, Key: !Ref Uploaded}}}}, {asset}"),
    ):
        (api,) = load(
            tmp_path,
            f"""{HEAD}
Resources:
  Main: {{Type: {kind}, {definition}}}
  Hello: {{Type: AWS::Serverless::Function}}
""",
        ).apis
        assert {route.key: route.function for route in api.routes} == {"GET /a": "Hello", "GET /b": "Hello"}


def test_routes_and_integrations_as_resources_of_their_own(tmp_path: Path) -> None:
    stack = load_stack(TEMPLATES / "explicit_http_api.yaml")
    main, quick = stack.apis
    assert routes(main) == {
        "GET /items": Route("GET", "/items", "Hello", "2.0", 1.5, "jwt", ("read",)),
        "$default": Route("ANY", "$default", "Hello", "2.0", 1.5),
    }
    assert main.authorizers == (JwtAuthorizer("jwt", "https://issuer.example", ("one",)),)
    assert quick.routes == (Route("ANY", "$default", "Hello"),)
    assert any("GET /broken" in warning for warning in stack.warnings)
    assert any("Socket" in warning for warning in stack.warnings)


def test_function_urls(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig:
        AuthType: AWS_IAM
        InvokeMode: RESPONSE_STREAM
        Cors: {AllowOrigins: ['*'], AllowMethods: [GET], MaxAge: 5}
Outputs:
  Url: {Value: !GetAtt HelloUrl.FunctionUrl}
""",
    )
    (api,) = stack.apis
    assert (api.kind, api.routes) == ("function_url", (Route("ANY", "$default", "Hello"),))
    assert api.cors == Cors(("*",), ("GET",), max_age_seconds=5)
    assert stack.outputs == {"Url": "https://hellourl.lambda-url.us-east-1.on.aws/"}
    assert len(notes(stack)) == 2


def test_a_route_to_an_unknown_function_is_kept_and_fails_when_called(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Main:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Body:
        paths:
          /a:
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                uri: !Sub arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Missing.Arn}/invocations
  Hello: {Type: AWS::Serverless::Function}
""",
    )
    assert [route.function for route in stack.apis[0].routes] == ["Missing"]
    assert any("Missing is neither" in warning for warning in stack.warnings)


def test_a_path_without_a_slash_and_a_method_that_is_none_are_noted(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {Path: no-slash, Method: get}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: fetch}}
""",
    )
    assert any("no-slash" in warning for warning in stack.warnings)
    assert any("fetch /b" in warning for warning in stack.warnings)
