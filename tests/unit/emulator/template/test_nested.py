"""Nested stacks."""

from pathlib import Path

from lambda_emulator.template import load_stack
from support.templates import ONE, SAM, TEMPLATES, load, notes, refused, write


def test_a_nested_stack_runs_with_its_parent() -> None:
    stack = load_stack(TEMPLATES / "nested" / "parent.yaml", environment_overrides={"Child/Worker": {"QUEUE": "local"}})
    assert {name: function.name for name, function in stack.functions.items()} == {
        "Front": "Front",
        "Child/Worker": "Worker",
        "Child/Deeper/Deep": "Deep",
    }
    worker = stack.functions["Child/Worker"]
    assert worker.logical_id == "Child/Worker"
    assert worker.environment == {"STAGE": "test", "FRONT": "Front", "QUEUE": "local"}
    assert worker.layer_dirs == (TEMPLATES / "nested" / "child",)
    assert stack.functions["Front"].environment == {"WORKER": "arn:aws:lambda:us-east-1:123456789012:function:Worker"}
    assert {api.logical_id: [(route.key, route.function) for route in api.routes] for api in stack.apis} == {
        "ServerlessRestApi": [("GET /both", "Front")],
        "Child/ServerlessRestApi": [("GET /both", "Child/Worker")],
    }
    assert [(source.logical_id, source.function) for source in stack.event_sources] == [
        ("Child/WorkerKafka", "Child/Worker")
    ]
    assert stack.outputs == {"Deep": "deep"}


def test_a_nested_function_that_lacks_something_does_not_stop_its_parent(tmp_path: Path) -> None:
    write(tmp_path, ONE.replace("src/", "nowhere"), name="child.yaml")
    nested = "  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}\n"
    stack = load(tmp_path, ONE + nested)
    assert list(stack.functions) == ["Hello"]
    assert "nowhere does not exist" in stack.unavailable["Child/Hello"]


def test_a_nested_stack_is_in_the_region_of_its_parent(tmp_path: Path) -> None:
    write(tmp_path, f"{ONE}      Environment: {{Variables: {{REGION: !Ref AWS::Region}}}}\n", name="child.yaml")
    nested = "  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}\n"
    stack = load(tmp_path, ONE + nested, parameter_overrides={"AWS::Region": "eu-north-1"})
    assert stack.functions["Child/Hello"].environment == {"REGION": "eu-north-1"}


def test_a_template_that_is_elsewhere_is_left_out(tmp_path: Path) -> None:
    stack = load_stack(
        write(
            tmp_path,
            f"""{SAM}
Resources:
  Catalogue:
    Type: AWS::Serverless::Application
    Properties: {{Location: {{ApplicationId: 'arn:aws:serverlessrepo:x', SemanticVersion: 1.0.0}}}}
  Remote: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: 'https://s3.amazonaws.com/x/y.yaml'}}}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: app.lambda_handler
      Runtime: python3.11
      Environment: {{Variables: {{URL: !GetAtt Remote.Outputs.Url}}}}
""",
        )
    )
    assert stack.functions["Hello"].environment == {"URL": "Remote.Outputs.Url"}
    assert {warning.split(" is ")[0] for warning in notes(stack)} == {
        "the nested stack Catalogue",
        "the nested stack Remote",
        "Remote.Outputs.Url",
    }


def test_nested_stacks_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path, "Resources: {Up: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: template.yaml}}}",
          name="child.yaml")  # fmt: skip
    error = refused(
        tmp_path, "Resources: {Down: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}}"
    )
    assert "contains itself" in error.message


def test_two_nested_stacks_that_need_each_other(tmp_path: Path) -> None:
    write(tmp_path, "{Parameters: {P: {Type: String}}, Resources: {B: {Type: AWS::S3::Bucket}}, "
          "Outputs: {O: {Value: !Ref P}}}", name="child.yaml")  # fmt: skip
    text = "Resources:\n" + "".join(
        f"  {name}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: child.yaml, "
        f"Parameters: {{P: !GetAtt {other}.Outputs.O}}}}}}\n"
        for name, other in (("One", "Two"), ("Two", "One"))
    )
    assert "One → Two → One" in refused(tmp_path, text).message


def test_a_function_of_the_cdk_is_called_by_its_place_in_nested_stacks(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
        Resources:
          pay1A2B:
            Type: AWS::Lambda::Function
            Properties: {Code: src, Handler: app.lambda_handler, Runtime: python3.11}
            Metadata: {'aws:cdk:path': Till/pay/Resource}
        """,
        name="till.yaml",
    )
    stack = load(
        tmp_path,
        """
        Resources:
          TillNested3C4D:
            Type: AWS::CloudFormation::Stack
            Properties: {TemplateURL: 'https://s3.amazonaws.com/assets/till.yaml'}
            Metadata:
              'aws:cdk:path': Shop/Till.NestedStack/Till.NestedStackResource
              'aws:asset:path': till.yaml
              'aws:asset:property': TemplateURL
        """,
    )
    function = stack.functions["TillNested3C4D/pay1A2B"]
    for name in ("Till/pay", "pay", "TillNested3C4D/pay1A2B", "pay1A2B"):
        assert function.is_called(name)
    assert not function.is_called("Till")
