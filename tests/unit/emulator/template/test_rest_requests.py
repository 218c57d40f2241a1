"""What REST APIs ask of their requests: models, validators, mapping templates."""

from pathlib import Path

import pytest

from lambda_emulator.stack import IntegrationResponse, MappedIntegration
from support.templates import HEAD, load, notes, routes

SWAGGER = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src, Handler: app.lambda_handler, Runtime: python3.11}
  Main:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        swagger: "2.0"
        x-amazon-apigateway-request-validators:
          all: {validateRequestBody: true, validateRequestParameters: true}
        x-amazon-apigateway-request-validator: all
        definitions:
          User: {type: object, required: [name], properties: {name: {$ref: '#/definitions/Name'}}}
          Name: {type: string}
        paths:
          /users:
            parameters: [{in: header, name: X-Tenant, required: true, type: string}]
            post:
              parameters:
                - {in: body, name: User, schema: {$ref: '#/definitions/User'}}
                - {in: query, name: page, required: true, type: string}
                - {in: query, name: size, type: string}
              x-amazon-apigateway-integration:
                type: aws
                httpMethod: POST
                uri: !Sub arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations
                passthroughBehavior: when_no_templates
                requestTemplates: {application/json: "$input.json('$')"}
                responses:
                  default: {statusCode: "200"}
                  ".*bad.*": {statusCode: "400", responseTemplates: {application/json: '{"m": 1}'}}
"""


def test_what_a_definition_asks_of_its_requests(tmp_path: Path) -> None:
    stack = load(tmp_path, SWAGGER)
    route = routes(stack.apis[0])["POST /users"]
    assert route.validation is not None
    assert route.validation.parameters == ("method.request.header.X-Tenant", "method.request.querystring.page")
    (schema,) = route.validation.models.values()
    assert schema["$ref"] == "#/definitions/User"
    assert schema["definitions"]["User"]["properties"]["name"] == {"$ref": "#/definitions/Name"}
    assert route.mapped == MappedIntegration(
        "aws",
        {"application/json": "$input.json('$')"},
        "WHEN_NO_TEMPLATES",
        (
            IntegrationResponse(200),
            IntegrationResponse(400, ".*bad.*", templates={"application/json": '{"m": 1}'}),
        ),
    )
    assert not notes(stack)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("$ref: '#/definitions/User'", "$ref: '#/definitions/Usr'", "are not validated: there is no model"),
        ("$input.json('$')", "#if($x)", "is left out: the mapping template of application/json cannot be read"),
        ("when_no_templates", "sometimes", "is left out: passthroughBehavior is one of"),
        ('".*bad.*"', '"*bad"', "is left out: the pattern '*bad' of a response cannot be read"),
        ("type: aws\n", "type: http\n", "is no Lambda function"),
    ],
)
def test_what_cannot_be_mapped_or_validated_is_said(old: str, new: str, said: str, tmp_path: Path) -> None:
    (note,) = notes(load(tmp_path, SWAGGER.replace(old, new)))
    assert f"Main: {'the requests of ' if 'validated' in said else ''}POST /users" in note
    assert said in note


def test_models_and_validators_as_resources_of_their_own(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        """
Resources:
  Hello:
    Type: AWS::Lambda::Function
    Properties: {Code: src, Handler: app.lambda_handler, Runtime: python3.11}
  Main: {Type: AWS::ApiGateway::RestApi, Properties: {Name: main}}
  User:
    Type: AWS::ApiGateway::Model
    Properties: {RestApiId: !Ref Main, ContentType: application/json, Schema: '{"type": "object"}'}
  Body:
    Type: AWS::ApiGateway::RequestValidator
    Properties: {RestApiId: !Ref Main, ValidateRequestBody: true}
  Post:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Main
      ResourceId: !GetAtt Main.RootResourceId
      HttpMethod: POST
      RequestParameters: {method.request.querystring.page: true}
      RequestModels: {application/json: !Ref User}
      RequestValidatorId: !Ref Body
      Integration:
        Type: AWS_PROXY
        Uri: !Sub arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations
""",
    )
    validation = routes(stack.apis[0])["POST /"].validation
    assert validation is not None
    assert not validation.parameters
    assert validation.models["application/json"]["type"] == "object"
    assert not notes(stack)


def test_the_model_of_an_event(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Resources:
  Main:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Models:
        User: {type: object, required: [name]}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A:
          Type: Api
          Properties:
            RestApiId: !Ref Main
            Path: /a
            Method: post
            RequestModel: {Model: User, Required: true, ValidateBody: true, ValidateParameters: true}
            RequestParameters:
              - method.request.header.X-Tenant: {Required: true}
""",
    )
    validation = routes(stack.apis[0])["POST /a"].validation
    assert validation is not None
    assert validation.parameters == ("method.request.header.X-Tenant",)
    assert "application/json" in validation.models
    assert not notes(stack)
