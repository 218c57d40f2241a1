"""Functions: how they are run, and which cannot run here."""

from pathlib import Path

import pytest

from lambda_emulator.stack import AsyncConfig, DurableConfig, LoggingConfig
from lambda_emulator.template import load_stack
from support.templates import HEAD, ONE, SAM, line_of, load, notes, refused, write


def test_defaults_are_those_of_lambda(tmp_path: Path) -> None:
    function = load(tmp_path, ONE).functions["Hello"]
    assert function.code_dir == tmp_path / "src"
    assert (function.name, function.handler, function.runtime) == ("Hello", "app.lambda_handler", "python3.12")
    assert (function.memory_mb, function.timeout_seconds, function.ephemeral_storage_mb) == (128, 3, 512)
    assert function.reserved_concurrency is None
    assert function.architectures == ("x86_64",)
    assert function.async_config == AsyncConfig()
    assert not function.tenant_isolation
    assert function.arn == "arn:aws:lambda:us-east-1:123456789012:function:Hello"


def test_a_zero_stands_for_lambdas_default(tmp_path: Path) -> None:
    function = load(tmp_path, ONE + "      Timeout: 0\n      MemorySize: 0\n").functions["Hello"]
    assert (function.timeout_seconds, function.memory_mb) == (3, 128)


def test_globals_are_merged_under_a_functions_own_settings(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        SAM
        + """
Globals:
  Function:
    CodeUri: src
    Handler: app.lambda_handler
    Runtime: python3.11
    Timeout: 20
    MemorySize: 256
    Environment: {Variables: {SHARED: g, OVERRIDDEN: g}}
    Architectures: [arm64]
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 30
      Environment: {Variables: {OVERRIDDEN: own, OWN: 1}}
  B: {Type: AWS::Serverless::Function}
""",
    )
    first, second = stack.functions.values()
    assert (first.timeout_seconds, first.memory_mb, first.architectures) == (30, 256, ("arm64",))
    assert first.environment == {"SHARED": "g", "OVERRIDDEN": "own", "OWN": "1"}
    assert (second.logical_id, second.timeout_seconds) == ("B", 20)


def test_every_setting(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        SAM
        + """
Parameters:
  Seconds: {Type: Number, Default: 7}
Resources:
  Full:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub 'full-${AWS::StackName}'
      Description: it does
      CodeUri: src
      Handler: app.lambda_handler
      Runtime: python3.13
      Timeout: !Ref Seconds
      MemorySize: 1024
      ReservedConcurrentExecutions: 0
      EphemeralStorage: {Size: 1024}
      AutoPublishAlias: live
      TenancyConfig: {TenantIsolationMode: PER_TENANT}
      Tags: {team: stars}
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dead.Arn}
      Policies: [AmazonS3FullAccess, {S3ReadPolicy: {Nonsense: here}}]
      VpcConfig: {SubnetIds: [!ImportValue subnet]}
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        MaximumEventAgeInSeconds: 60
        DestinationConfig:
          OnFailure: {Type: SNS, Destination: !Ref Alarm}
          OnSuccess: {Type: SQS, Destination: !GetAtt Dead.Arn}
  Dead: {Type: AWS::SQS::Queue}
  Alarm: {Type: AWS::SNS::Topic}
""",
    )
    function = stack.functions["Full"]
    assert (function.name, function.description, function.timeout_seconds) == ("full-local", "it does", 7)
    assert (function.memory_mb, function.reserved_concurrency, function.ephemeral_storage_mb) == (1024, 0, 1024)
    assert function.aliases == ("live",)
    assert function.tenant_isolation
    assert function.tags["team"] == "stars"
    assert function.async_config == AsyncConfig(
        maximum_retry_attempts=1,
        maximum_event_age_seconds=60,
        on_success="arn:aws:sqs:us-east-1:123456789012:Dead",
        on_failure="arn:aws:sns:us-east-1:123456789012:Alarm",
        dead_letter="arn:aws:sqs:us-east-1:123456789012:Dead",
    )


def test_environment_values_are_what_aws_or_sam_would_give(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        ONE
        + """
      Environment:
        Variables:
          ON: true
          SIZE: 10
          RATIO: 0.5
          EMPTY: ""
          NOTHING: !Ref AWS::NoValue
          REGION: !Ref AWS::Region
          ACCOUNT: !Ref AWS::AccountId
          PARTITION: !Ref AWS::Partition
          STACK: !Ref AWS::StackName
          SUFFIX: !Ref AWS::URLSuffix
          BUCKET: !Ref Files
          BUCKET_ARN: !GetAtt Files.Arn
          TABLE: !Ref Items
          QUEUE: !Ref Jobs
          TOPIC: !Ref News
          SELF: !Sub '${AWS::StackName}-hello'
          ROLE: !GetAtt HelloRole.Arn
          OTHER: !GetAtt Named.Arn
  Named:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: other, CodeUri: src, Handler: app.lambda_handler, Runtime: python3.11}
  Files: {Type: AWS::S3::Bucket}
  Items: {Type: AWS::Serverless::SimpleTable}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs.fifo}}
  News: {Type: AWS::SNS::Topic}
""",
    )
    assert stack.functions["Hello"].environment == {
        "ON": "true",
        "SIZE": "10",
        "RATIO": "0.5",
        "EMPTY": "",
        "REGION": "us-east-1",
        "ACCOUNT": "123456789012",
        "PARTITION": "aws",
        "STACK": "local",
        "SUFFIX": "localhost",
        "BUCKET": "files",
        "BUCKET_ARN": "arn:aws:s3:::files",
        "TABLE": "Items",
        "QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs.fifo",
        "TOPIC": "arn:aws:sns:us-east-1:123456789012:News",
        "SELF": "local-hello",
        "ROLE": "arn:aws:iam::123456789012:role/HelloRole",
        "OTHER": "arn:aws:lambda:us-east-1:123456789012:function:other",
    }
    assert not notes(stack)


def test_plain_cloudformation_needs_no_transform(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        """
        Resources:
          Local:
            Type: AWS::Lambda::Function
            Properties: {Code: ./src, Handler: app.lambda_handler, Runtime: python3.9}
          Nothing:
            Type: AWS::Lambda::Function
            Properties: {Handler: app.lambda_handler, Runtime: python3.9}
        """,
    )
    assert [function.code_dir for function in stack.functions.values()] == [tmp_path / "src", tmp_path]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ("{PackageType: Image}", "needs a container"),
        ("{ImageUri: 'x/y:latest'}", "needs a container"),
        ("{CodeUri: src, Handler: index.handler, Runtime: nodejs22.x}", "only Python 3 functions run here"),
        ("{CodeUri: 's3://bucket/key', Handler: a.b, Runtime: python3.11}", "its code is in S3"),
        ("{CodeUri: {Bucket: b, Key: k}, Handler: a.b, Runtime: python3.11}", "its code is in S3"),
        ("{CodeUri: nowhere, Handler: a.b, Runtime: python3.11}", "nowhere does not exist"),
        ("{CodeUri: src, Handler: a.b, Runtime: python3.11, Timeout: !ImportValue x}", "use a parameter"),
    ],
)
def test_what_cannot_run_here_is_left_out_and_named(properties: str, reason: str, tmp_path: Path) -> None:
    stack = load(tmp_path, f"{ONE}\n  Other: {{Type: AWS::Serverless::Function, Properties: {properties}}}\n")
    assert list(stack.functions) == ["Hello"]
    assert reason in stack.unavailable["Other"]
    assert any("Other" in warning and reason in warning for warning in stack.warnings)


def test_where_nothing_is_left_to_run_the_missing_value_is_an_error(tmp_path: Path) -> None:
    text = ONE + "      Timeout: !ImportValue other-Seconds\n"
    error = refused(tmp_path, text)
    assert (error.resource, error.property) == ("Hello", "Timeout")
    assert error.line == line_of(text, "other-Seconds")
    assert "use a parameter in its place" in error.message


def test_a_missing_parameter_names_itself_and_the_way_out(tmp_path: Path) -> None:
    text = ONE + "      Timeout: !Ref Seconds\nParameters: {Seconds: {Type: Number}}\n"
    assert "--parameter-overrides Seconds=VALUE" in refused(tmp_path, text).message
    stack = load_stack(write(tmp_path, text), parameter_overrides={"Seconds": "9"})
    assert stack.functions["Hello"].timeout_seconds == 9


@pytest.mark.parametrize(
    ("written", "value", "way_out"),
    [
        ("!Ref Unset", "Unset", "--parameter-overrides Unset=VALUE"),
        ("!Sub 'x-${Unset}'", "x-Unset", "--parameter-overrides Unset=VALUE"),
        ("!ImportValue other-Name", "other-Name", "--env-vars"),
        ("!Ref Unsett", "Unsett", "did you mean Unset?"),
    ],
)
def test_a_variable_without_a_value_has_its_name_for_one(
    written: str, value: str, way_out: str, tmp_path: Path
) -> None:
    text = f"{ONE}      Environment: {{Variables: {{NAME: {written}}}}}\nParameters: {{Unset: {{Type: String}}}}\n"
    stack = load(tmp_path, text)
    assert stack.functions["Hello"].environment == {"NAME": value}
    (note,) = notes(stack)
    assert way_out in note
    assert "stands in for it" in note
    stack = load(tmp_path, text, environment_overrides={"Hello": {"NAME": "known"}})
    assert (stack.functions["Hello"].environment, notes(stack)) == ({"NAME": "known"}, [])


def test_an_alias_named_by_a_missing_parameter_is_done_without(tmp_path: Path) -> None:
    text = ONE + "      AutoPublishAlias: !Ref Stage\nParameters: {Stage: {Type: String}}\n"
    assert load(tmp_path, text).functions["Hello"].aliases == ()


def test_resources_whose_condition_fails_are_not_there(tmp_path: Path) -> None:
    text = (
        ONE
        + """
  Other:
    Type: AWS::Serverless::Function
    Condition: IsProd
    Properties: {CodeUri: src, Handler: app.lambda_handler, Runtime: python3.11}
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
"""
    )
    assert list(load(tmp_path, text).functions) == ["Hello"]
    assert list(load(tmp_path, text, parameter_overrides={"Stage": "prod"}).functions) == ["Hello", "Other"]


def test_functions_stay_in_the_templates_order(tmp_path: Path) -> None:
    functions = "".join(
        f"  {name}: {{Type: {kind}, Properties: {{Code{suffix}: src, Handler: app.f, Runtime: python3.11}}}}\n"
        for name, kind, suffix in [
            ("Z", "AWS::Serverless::Function", "Uri"),
            ("A", "AWS::Lambda::Function", ""),
            ("M", "AWS::Serverless::Function", "Uri"),
        ]
    )
    assert list(load(tmp_path, f"{SAM}Resources:\n{functions}").functions) == ["Z", "A", "M"]


@pytest.mark.parametrize(
    ("metadata", "called"),
    [
        ("{'aws:cdk:path': Shop/pay-function/Resource}", "pay-function"),
        ("{'aws:cdk:path': Shop/pay-function}", "pay-function"),
        ("{'aws:cdk:path': Shop/Queue/Consumer/Resource}", "payfunction1A2B"),
        ("{SamResourceId: mine, 'aws:cdk:path': Shop/pay-function/Resource}", "mine"),
        ("{}", "payfunction1A2B"),
    ],
)
def test_a_function_is_called_what_its_author_calls_it(metadata: str, called: str, tmp_path: Path) -> None:
    (function,) = load(
        tmp_path,
        f"""
        Resources:
          payfunction1A2B:
            Type: AWS::Lambda::Function
            Properties: {{Code: src, Handler: app.lambda_handler, Runtime: python3.11}}
            Metadata: {metadata}
        """,
    ).functions.values()
    assert function.is_called(called)
    assert function.is_called("payfunction1A2B")
    assert not function.is_called("Shop")


def test_a_name_that_two_functions_have_is_refused_with_both_lines(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: same  # the first
  B:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: same  # the second
"""
    )
    error = refused(tmp_path, text)
    assert (error.resource, error.property, error.line) == ("B", "FunctionName", line_of(text, "the second"))
    assert f"that of A (line {line_of(text, 'the first')})" in str(error)


def test_a_durable_function(tmp_path: Path) -> None:
    text = ONE + "      DurableConfig: {ExecutionTimeout: 60, RetentionPeriodInDays: 2}\n"
    assert load(tmp_path, text).functions["Hello"].durable == DurableConfig(60, 2)
    error = refused(tmp_path, text.replace("60", "0"))
    assert (error.resource, error.property) == ("Hello", "DurableConfig.ExecutionTimeout")


def test_the_code_may_be_one_file(tmp_path: Path) -> None:
    function = load(tmp_path, ONE.replace("src/", "src/app.py")).functions["Hello"]
    assert [path.name for path in function.code_dir.iterdir()] == ["app.py"]


def test_the_logging_configuration_of_globals_and_function(tmp_path: Path) -> None:
    text = HEAD.replace("runtime: ", "").replace(
        "Function: {", "Function: {LoggingConfig: {LogFormat: JSON, SystemLogLevel: WARN}, "
    )
    text += """
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      LoggingConfig: {ApplicationLogLevel: DEBUG, LogGroup: !Ref Logs}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /mine}}
"""
    function = load(tmp_path, text).functions["Hello"]
    assert function.logging == LoggingConfig("JSON", "DEBUG", "WARN", "/mine")
    assert function.log_group == "/mine"


@pytest.mark.parametrize(
    ("written", "name", "said"),
    [
        ("{LogFormat: Yaml}", "LogFormat", "must be one of JSON, Text, not Yaml"),
        ("{LogFormat: JSON, SystemLogLevel: ERROR}", "SystemLogLevel", "must be one of DEBUG, INFO, WARN"),
        ("{ApplicationLogLevel: DEBUG}", "ApplicationLogLevel", "with LogFormat JSON alone"),
    ],
)
def test_a_logging_configuration_that_aws_refuses(written: str, name: str, said: str, tmp_path: Path) -> None:
    error = refused(tmp_path, f"{ONE}      LoggingConfig: {written}\n")
    assert (error.resource, error.property) == ("Hello", f"LoggingConfig.{name}")
    assert said in str(error)
