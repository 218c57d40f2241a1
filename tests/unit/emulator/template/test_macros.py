"""Loops and included files."""

from pathlib import Path

from support.templates import SAM, load, refused

FUNCTIONS = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'users, orders'}
Globals:
  Function: {Handler: app.lambda_handler, Runtime: python3.11, CodeUri: src}
Resources:
  Fn::ForEach::Endpoints:
    - Endpoint
    - !Ref Names
    - ${Endpoint}Function:
        Type: AWS::Serverless::Function
        Properties:
          Environment: {Variables: {NAME: !Sub '${Endpoint}', REF: !Ref Endpoint, KEPT: !Sub '${AWS::Region}'}}
          Events:
            Api: {Type: Api, Properties: {Path: !Sub '/${Endpoint}', Method: get}}
"""


def test_a_loop_makes_one_function_an_item(tmp_path: Path) -> None:
    stack = load(tmp_path, FUNCTIONS)
    assert {name: function.environment for name, function in stack.functions.items()} == {
        "usersFunction": {"NAME": "users", "REF": "users", "KEPT": "us-east-1"},
        "ordersFunction": {"NAME": "orders", "REF": "orders", "KEPT": "us-east-1"},
    }
    assert {route.key: route.function for route in stack.apis[0].routes} == {
        "GET /users": "usersFunction",
        "GET /orders": "ordersFunction",
    }


def test_loops_nest(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        """
        Resources:
          Fn::ForEach::Outer:
            - A
            - [x, y]
            - Fn::ForEach::Inner:
                - B
                - ['1-a', '2']
                - F${A}&{B}:
                    Type: AWS::Lambda::Function
                    Properties: {Code: src, Handler: app.lambda_handler, Runtime: python3.11, Description: '${A}/${B}'}
        """,
    )
    assert {name: function.description for name, function in stack.functions.items()} == {
        "Fx1a": "x/1-a",
        "Fx2": "x/2",
        "Fy1a": "y/1-a",
        "Fy2": "y/2",
    }


def test_a_mistake_in_a_loop_has_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, FUNCTIONS.replace("Environment:", "Enviroment:"))
    assert (error.resource, error.property) == ("usersFunction", "Enviroment")
    assert error.line == 14


def test_a_loop_over_what_is_not_known(tmp_path: Path) -> None:
    error = refused(tmp_path, FUNCTIONS.replace(", Default: 'users, orders'", ""))
    assert "--parameter-overrides Names=VALUE" in error.message
    assert "takes a name" in refused(tmp_path, "Resources: {'Fn::ForEach::X': [a, b]}").message


def test_a_part_of_the_template_may_be_another_file(tmp_path: Path) -> None:
    (tmp_path / "environment.yaml").write_text("Variables:\n  STAGE: !Ref Stage\n")
    stack = load(
        tmp_path,
        SAM
        + """
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: app.lambda_handler
      Runtime: python3.11
      Environment: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: environment.yaml}}}
""",
    )
    assert stack.functions["Hello"].environment == {"STAGE": "dev"}


def test_an_included_file_that_is_not_there(tmp_path: Path) -> None:
    error = refused(
        tmp_path,
        """
        Resources:
          Api:
            Type: AWS::ApiGatewayV2::Api
            Properties:
              Body: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: no.yaml}}}
        """,
    )
    assert (error.resource, error.property, error.line) == ("Api", "Body", 6)
    assert "no.yaml cannot be included" in error.message
