"""Which variables a function starts with, and which never reach it."""

from __future__ import annotations

from pathlib import Path

from lambda_emulator.dependencies import Home
from lambda_emulator.runtime.command import runtime_command
from lambda_emulator.runtime.variables import OWNER_VARIABLE, function_variables, import_path
from lambda_emulator.stack import LoggingConfig
from support.stacks import function

HOST = {"PATH": "/bin", "HOME": "/home/me", "AWS_SECRET_ACCESS_KEY": "real", "AWS_PROFILE": "mine", "TOKEN": "secret"}
HOST |= {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:4566", "VIRTUAL_ENV": "/venv"}
HOME = Home("/usr/bin/python3")


def variables(home=HOME, **changes):
    return function_variables(
        function(**changes), runtime_api="127.0.0.1:1234", scratch=Path("/scratch"), mark="m", home=home, host=HOST
    )


def test_of_the_hosts_variables_only_the_listed_ones_pass():
    found = variables()
    assert found["PATH"] == "/bin"
    assert found["HOME"] == "/home/me"
    assert found["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:4566"
    assert "TOKEN" not in found
    assert "AWS_PROFILE" not in found


def test_credentials_are_dummies_unless_the_function_has_its_own():
    assert variables()["AWS_SECRET_ACCESS_KEY"] == "test"
    own = variables(environment={"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "key"})
    assert own["AWS_SECRET_ACCESS_KEY"] == "key"
    assert "AWS_SESSION_TOKEN" not in own


def test_a_profile_for_the_function_leaves_the_dummies_out():
    own = variables(environment={"AWS_PROFILE": "dev"})
    assert own["AWS_PROFILE"] == "dev"
    assert "AWS_ACCESS_KEY_ID" not in own


def test_the_function_may_choose_region_and_time_zone_but_not_what_lambda_reserves():
    found = variables(environment={"AWS_REGION": "eu-west-1", "TZ": "Europe/Rome", "_HANDLER": "x", "TMPDIR": "/x"})
    assert found["AWS_REGION"] == "eu-west-1"
    assert found["TZ"] == "Europe/Rome"
    assert found["_HANDLER"] == "app.lambda_handler"
    assert found["TMPDIR"] == "/scratch"
    assert found[OWNER_VARIABLE] == "m"


def test_the_runtime_never_forks_workers_of_its_own():
    assert "AWS_LAMBDA_MAX_CONCURRENCY" not in variables(environment={"AWS_LAMBDA_MAX_CONCURRENCY": "4"})


def test_lambdas_own_variables_are_there():
    found = variables(runtime="python3.12", memory_mb=512)
    assert found["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"
    assert found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
    assert found["AWS_LAMBDA_RUNTIME_API"] == "127.0.0.1:1234"
    assert found["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/the-function"
    assert "/[$LATEST]" in found["AWS_LAMBDA_LOG_STREAM_NAME"]


def test_the_logging_configuration_reaches_the_runtime_client():
    found = variables(logging=LoggingConfig("JSON", "DEBUG", group="/mine"))
    assert found["AWS_LAMBDA_LOG_GROUP_NAME"] == "/mine"
    assert (found["AWS_LAMBDA_LOG_FORMAT"], found["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "DEBUG")
    assert not {"AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"} & variables().keys()


def test_programs_and_libraries_of_layers_are_found(tmp_path):
    for name in ("layer/bin", "layer/lib", "code/lib"):
        (tmp_path / name).mkdir(parents=True)
    found = variables(code_dir=tmp_path / "code", layer_dirs=(tmp_path / "layer",))
    assert found["PATH"] == f"{tmp_path}/layer/bin:/bin"
    assert found["LD_LIBRARY_PATH"] == f"{tmp_path}/layer/lib:{tmp_path}/code/lib"


def test_a_wrapper_script_gets_the_runtime_s_command(tmp_path):
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "wrap").touch()
    usual = runtime_command(function(), "python")
    assert usual == ("python", "-m", "awslambdaric", "app.lambda_handler")
    for path, found in (("/opt/wrap", tmp_path / "late" / "wrap"), ("/var/task/wrap", tmp_path / "wrap")):
        wrapped = function(
            code_dir=tmp_path, layer_dirs=(tmp_path, tmp_path / "late"), environment={"AWS_LAMBDA_EXEC_WRAPPER": path}
        )
        assert runtime_command(wrapped, "python") == (str(found), *usual)


def test_imports_are_looked_for_in_the_code_then_in_built_and_unbuilt_layers(tmp_path):
    built, plain = tmp_path / "built", tmp_path / "plain"
    packages = built / "python" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    plain.mkdir()
    chosen = function(tmp_path / "code", layer_dirs=(built, plain))
    assert list(import_path(chosen, HOME)) == [tmp_path / "code", built / "python", packages, built, plain]


def test_what_a_folder_lists_comes_after_what_lies_in_it(tmp_path):
    code, layer, listed, layers_own = (tmp_path / name for name in ("code", "layer", "listed", "layers_own"))
    chosen = function(code, layer_dirs=(layer,))
    home = Home("python", "3.11", {layer: layers_own, code: listed})
    assert list(import_path(chosen, home)) == [code, listed, layer, layers_own]


def test_a_function_with_a_python_of_its_own_finds_that_one_first_and_no_other_environment():
    found = variables(Home("/own/bin/python", "3.11", {}, Path("/own")))
    assert found["PATH"] == "/own/bin:/bin"
    assert "VIRTUAL_ENV" not in found
    assert variables()["VIRTUAL_ENV"] == "/venv"


def test_the_functions_own_import_path_comes_last():
    own = variables(environment={"PYTHONPATH": "/mine"})["PYTHONPATH"]
    assert own.split(":")[-1] == "/mine"
