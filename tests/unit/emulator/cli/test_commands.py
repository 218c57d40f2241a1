"""Options of the commands, as SAM CLI has them, without running anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lambda_emulator.cli import COMMANDS, local, start_api, start_lambda
from lambda_emulator.cli.service import ServiceOptions
from lambda_emulator.server import Options
from lambda_emulator.stack import Stack

TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev}
Globals:
  Function: {Runtime: python3.11, CodeUri: ., Handler: app.handler, Timeout: 7}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Environment: {Variables: {STAGE: !Ref Stage, COLOR: red, SHAPE: round}}
      Events:
        Get: {Type: HttpApi, Properties: {Path: /hello, Method: get}}
        Any: {Type: HttpApi, Properties: {Path: /any, Method: any}}
  Other:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: other-name}
"""


class Run:
    """What a command would have served."""

    def __init__(self) -> None:
        self.stack: Stack
        self.servers: Options
        self.options: ServiceOptions

    def __call__(self, load: Callable[[], Stack], servers: Options, options: ServiceOptions) -> None:
        self.stack, self.servers, self.options = load(), servers, options

    def variables(self, function: str = "Hello") -> dict[str, str]:
        return dict(self.stack.functions[function].environment)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "app.py").write_text("def handler(event, context): return event\n")
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "STAGE", "COLOR", "SHAPE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    run = Run()
    monkeypatch.setattr(start_api, "run_service", run)
    monkeypatch.setattr(start_lambda, "run_service", run)
    return run


def sam(*args: str, expect: int = 0) -> Result:
    result = CliRunner().invoke(local, args)
    assert result.exit_code == expect, result.output
    return result


def test_defaults(served: Run) -> None:
    sam("start-api")
    assert (served.options.host, served.options.port, served.servers.http_port) == ("127.0.0.1", 3000, 3000)
    assert served.servers.lambda_port is None
    assert served.servers.enforce_authorizers
    sam("start-lambda")
    assert (served.servers.lambda_port, served.servers.http_port) == (3001, None)


def test_short_flags(served: Run, tmp_path: Path) -> None:
    (tmp_path / "env.json").write_text('{"Hello": {"COLOR": "blue", "UNKNOWN": "x"}}')
    (tmp_path / "files").mkdir()
    sam("start-api", "-t", "template.yaml", "-p", "0", "-n", "env.json", "-d", "5858", "-l", "x.log", "-s", "files")
    assert served.variables()["COLOR"] == "blue"
    assert "UNKNOWN" not in served.variables()
    assert served.stack.functions["Hello"].timeout_seconds == 36_000
    assert served.options.log_file == Path("x.log")
    assert served.servers.static_dir == tmp_path / "files"


@pytest.mark.parametrize(
    "args",
    [
        ("--parameter-overrides", "Stage=prod"),
        ("--parameter-overrides", "Stage=prod Other=1"),
        ("--parameter-overrides", "Other=1", "Stage=prod", "--port", "1"),
        ("--parameter-overrides=ParameterKey=Stage,ParameterValue=prod",),
    ],
)
def test_parameter_overrides_in_every_form(served: Run, args: tuple[str, ...]) -> None:
    sam("start-api", *args)
    assert served.variables()["STAGE"] == "prod"


def test_parameter_overrides_leave_a_function_name_alone(served: Run) -> None:
    sam("start-lambda", "--parameter-overrides", "Stage=prod", "Hello")
    assert (list(served.stack.functions), served.variables()["STAGE"]) == (["Hello"], "prod")


def test_variables_come_from_the_file_then_the_shell_then_the_template(
    served: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "env.json").write_text('{"Parameters": {"COLOR": "file"}}')
    (tmp_path / "more.json").write_text('{"Parameters": {"EXTRA": "1"}}')
    monkeypatch.setenv("COLOR", "shell")
    monkeypatch.setenv("SHAPE", "shell")
    monkeypatch.setenv("SECRET", "stays here")
    sam("start-api", "--env-vars", "env.json", "--container-env-vars", "more.json")
    assert served.variables() == {"STAGE": "dev", "COLOR": "file", "SHAPE": "shell", "EXTRA": "1"}


def test_region_and_credentials_reach_every_function(served: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    sam("start-api")
    aws = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    region = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    assert served.variables("Other") == aws | region
    sam("start-api", "--region", "us-west-2")
    assert served.variables("Other")["AWS_REGION"] == "us-west-2"


def test_a_profile_gives_its_credentials(served: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("[profile mine]\nregion = us-west-1\n")
    (tmp_path / "credentials").write_text("[mine]\naws_access_key_id = k\naws_secret_access_key = s\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    mine = {"AWS_REGION": "us-west-1", "AWS_DEFAULT_REGION": "us-west-1"}
    mine |= {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
    sam("start-api", "--profile", "mine")
    assert served.variables("Other") == mine
    monkeypatch.setenv("AWS_PROFILE", "mine")
    sam("start-api")
    assert served.variables("Other") == mine
    assert "could not be found" in sam("start-api", "--profile", "nobody", expect=1).output


def test_the_default_profile_gives_its_credentials_where_the_shell_has_none(
    served: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = k\naws_secret_access_key = s\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    sam("start-api")
    assert served.variables("Other")["AWS_ACCESS_KEY_ID"] == "k"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the shell")
    sam("start-api")
    assert served.variables("Other")["AWS_ACCESS_KEY_ID"] == "of the shell"


def test_samconfig_gives_defaults_and_the_command_line_wins(served: Run, tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text(
        "[default.local_start_api.parameters]\n"
        'port = 4000\nwarm_containers = "EAGER"\nparameter_overrides = "Stage=prod"\ndebug_port = 5858\n'
        'skip_pull_image = true\n[fast.local_start_api.parameters]\nparameter_overrides = {Stage = "fast"}\n'
    )
    result = sam("start-api")
    assert (served.options.port, served.options.warm_containers) == (4000, "EAGER")
    assert served.variables()["STAGE"] == "prod"
    assert served.stack.functions["Hello"].debugged
    assert "Ignored" not in result.output
    sam("start-api", "--port", "5000", "--config-env", "fast")
    assert (served.options.port, served.variables()["STAGE"]) == (5000, "fast")


def test_what_needs_a_container_is_taken_and_named_once(served: Run) -> None:
    result = sam(
        "start-api", "--skip-pull-image", "--docker-network", "x", "-v", "/x", "--add-host", "a:1", "--add-host", "b:2",
        "-ii", "image", "--container-host", "x", "--container-host-interface", "0.0.0.0", "--force-image-build",
        "--layer-cache-basedir", "/x", "--shutdown", "--debug-function", "Hello",
        "--debugger-path", "x", "--debug-args", "x", "--container-dns", "8.8.8.8", "--no-beta-features",
        "--hook-name", "terraform", "--skip-prepare-infra", "--save-params", "--warm-containers", "eager", "--debug",
    )  # fmt: skip
    assert result.stderr.count("--add-host") == 1
    assert "--warm-containers" not in result.stderr
    assert "--skip-prepare-infra" not in result.stdout
    assert "there is no such folder here: --docker-volume-basedir /x" in result.stderr


def test_code_may_be_in_another_folder_than_the_template(served: Run, tmp_path: Path) -> None:
    code = tmp_path / "elsewhere"
    code.mkdir()
    (code / "app.py").touch()
    sam("start-api", "-v", str(code))
    assert served.stack.functions["Hello"].code_dir == code
    sam("start-lambda", "--docker-volume-basedir", "elsewhere")
    assert served.stack.functions["Hello"].code_dir == code


def test_functions_may_use_the_machine_s_memory(served: Run) -> None:
    sam("start-lambda")
    assert served.stack.functions["Hello"].limits_memory
    sam("start-lambda", "--no-memory-limit")
    assert not served.stack.functions["Hello"].limits_memory


def test_function_that_cannot_run_here_is_refused_with_the_reason(served: Run, tmp_path: Path) -> None:
    other = "  Js: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs20.x, CodeUri: ., Handler: a.b}}\n"
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("Resources:\n", f"Resources:\n{other}"))
    assert "Js cannot run here: its runtime is nodejs20.x" in sam("start-lambda", "Js", expect=1).output


def test_start_lambda_can_serve_some_functions_only(served: Run) -> None:
    sam("start-lambda", "other-name")
    assert list(served.stack.functions) == ["Other"]
    output = sam("start-lambda", "Nope", "Hello", "Neither", expect=1).output
    for name in ("Nope", "Neither"):
        assert f"Function {name} not found in template. The template has: Hello, Other" in output


def test_a_template_without_apis_has_nothing_to_serve(served: Run, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("HttpApi", "SNS").replace("Path: /hello, ", ""))
    result = sam("start-api", expect=1)
    assert "Error: Template does not have any APIs" in result.output


def test_where_there_is_nothing_to_serve_the_warnings_tell_why(served: Run, tmp_path: Path) -> None:
    socket = "  Socket: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET}}\n"
    text = TEMPLATE.replace("HttpApi", "SNS").replace("Path: /hello, ", "")
    (tmp_path / "template.yaml").write_text(text.replace("Resources:\n", f"Resources:\n{socket}"))
    assert "Warning: Socket is left out: WebSocket APIs do not run here" in sam("start-api", expect=1).output


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("start-api", "--bogus"), 2),
        (("start-api", "--port", "x"), 2),
        (("start-api", "--env-vars", "missing.json"), 2),
        (("start-api", "--warm-containers", "HOT"), 2),
        (("start-api", "-t", "missing.yaml"), 1),
        (("start-api", "--config-file", "missing.toml"), 1),
        (("invoke", "Nope"), 1),
        (("invoke",), 1),
        (("invoke", "Hello", "-e", "missing.json"), 1),
    ],
)
def test_exit_codes(served: Run, args: tuple[str, ...], code: int) -> None:
    sam(*args, expect=code)


def test_a_mistake_in_the_template_is_an_error_and_no_traceback(served: Run, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources:\n  Hello: {Type: [}\n")
    result = sam("start-api", expect=1)
    assert result.output.startswith("Error: ")
    assert "Traceback" not in result.output


def test_several_functions_need_a_name(served: Run) -> None:
    assert "Possible options in your template: Hello, Other" in sam("invoke", expect=1).output


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_there_cannot_be_is_a_usage_error(served: Run, port: str) -> None:
    for arguments in (["start-api", "--port"], ["start-lambda", "--port"], ["start-esm", "--metrics-port"]):
        assert "is not in the range" in sam(*arguments, port, expect=2).output


def test_a_log_file_that_cannot_be_written_is_one_line(served: Run) -> None:
    output = sam("invoke", "Hello", "--log-file", "absent/log", expect=1).output
    assert "absent/log cannot be written: No such file or directory" in output


@pytest.mark.parametrize("endpoint", ["127.0.0.1:3001", "nonsense"])
def test_a_lambda_endpoint_that_is_no_address_is_a_usage_error(served: Run, endpoint: str) -> None:
    assert "is no URL such as" in sam("start-esm", "--lambda-endpoint", endpoint, expect=2).output


def test_help_lists_every_command_without_importing_it() -> None:
    output = sam("--help").output
    assert all(name in output for name in COMMANDS)


@pytest.mark.parametrize("name", ["start-api", "start-lambda", "invoke"])
def test_every_option_has_the_name_that_sam_gives_it(name: str) -> None:
    command = local.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    flags: set[Any] = {flag for parameter in command.params for flag in (*parameter.opts, *parameter.secondary_opts)}
    expected = {
        "-t", "--template", "--template-file", "-n", "--env-vars", "--parameter-overrides", "-d", "--debug-port",
        "--debugger-path", "--debug-args", "--container-env-vars", "-v", "--docker-volume-basedir", "-l", "--log-file",
        "--layer-cache-basedir", "--skip-pull-image", "--docker-network", "--force-image-build", "--shutdown",
        "--container-host", "--container-host-interface", "--add-host", "--container-dns", "-ii", "--invoke-image",
        "--no-memory-limit", "--config-env", "--config-file", "--save-params", "--region", "--profile", "--debug",
        "--beta-features", "--no-beta-features", "--hook-name", "--skip-prepare-infra", "--prepare-infra",
        "--terraform-plan-file", "--language-extensions", "--no-language-extensions",
    }  # fmt: skip
    if name == "invoke":
        expected |= {"-e", "--event", "--no-event", "-r", "--runtime", "--mount-symlinks", "--no-mount-symlinks"}
    else:
        expected |= {"--host", "-p", "--port", "--warm-containers", "--debug-function", "--no-watch"}
    if name == "start-api":
        expected |= {"-s", "--static-dir", "--disable-authorizer", "--ssl-cert-file", "--ssl-key-file"}
    assert expected <= flags


def test_options_that_are_saved_are_the_defaults_of_the_next_run(served: Run, tmp_path: Path) -> None:
    args = ("--port", "4321", "--parameter-overrides", "Stage=prod", "--no-watch", "--save-params")
    assert "Saved the options in samconfig.toml" in sam("start-api", *args).output
    assert (tmp_path / "samconfig.toml").read_text() == (
        "version = 0.1\n\n[default.local_start_api.parameters]\n"
        'no_watch = true\nparameter_overrides = ["Stage=prod"]\nport = 4321\n'
    )
    sam("start-api")
    assert (served.options.port, served.options.no_watch) == (4321, True)
    assert served.variables()["STAGE"] == "prod"


def test_a_debugged_function_has_no_timeout_and_no_second_process(served: Run) -> None:
    output = sam("start-api", "-d", "5678", "--debug-function", "other-name").output
    assert "Other waits at its first call until a debugger attaches to 127.0.0.1:5678" in output
    hello, other = served.stack.functions.values()
    assert (hello.timeout_seconds, hello.debugged, hello.debug_args) == (7, False, ())
    assert (other.timeout_seconds, other.debugged) == (36_000, True)
    assert other.debug_args[2:] == ("--listen", "127.0.0.1:5678", "--wait-for-client")


def test_arguments_of_ones_own_stand_in_for_debugpy(served: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    args = ("-d", "1", "--debug-function", "Hello", "--debugger-path", "mine")
    sam("start-lambda", *args, "--debug-args", "-u '/tmp/lambci_debug_files/a b'")
    assert served.stack.functions["Hello"].debug_args == ("-u", f"{tmp_path}/mine/a b")
    output = sam("start-lambda", *args, expect=1).output
    assert "there is no debugpy in it" in output


def test_without_debugpy_functions_have_no_timeout_at_least(served: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    output = sam("start-lambda", "Hello", "-d", "5678").output
    assert "Hello does not time out, and waits for no debugger" in output
    assert served.stack.functions["Hello"].timeout_seconds == 36_000


def test_of_several_functions_none_waits_unless_it_is_named(served: Run) -> None:
    assert "--debug-function NAME has one of them wait" in sam("start-lambda", "-d", "5678").output
    assert {function.timeout_seconds for function in served.stack.functions.values()} == {36_000}
    assert not any(function.debug_args for function in served.stack.functions.values())
