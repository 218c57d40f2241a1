"""The project's samconfig: it overrides what the template has, and names what runs in the containers' network."""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from lambda_emulator.cli.inputs import ParameterOverrides
from lambda_emulator.template import load_stack
from support.cloudformation import TEMPLATE

CONFIG = tomllib.loads(TEMPLATE.with_name("samconfig.toml").read_text())
COMPOSE = yaml.safe_load((Path(TEMPLATE).parent / "infra/compose.yaml").read_text())
OVERRIDES = [
    pytest.param(table["parameters"]["parameter_overrides"], id=f"{environment}-{command}")
    for environment, commands in CONFIG.items()
    if environment != "version"
    for command, table in commands.items()
    if "parameter_overrides" in table["parameters"]
]


@pytest.mark.parametrize("overrides", OVERRIDES)
def test_the_template_takes_what_is_overridden(overrides: str) -> None:
    names = ParameterOverrides().convert(overrides, None, None)
    assert not [
        warning for warning in load_stack(TEMPLATE, parameter_overrides=names).warnings if "arameter" in warning
    ]


@pytest.mark.parametrize("command", ["local_start_api", "local_start_lambda"])
def test_sam_local_finds_what_runs_in_containers(command: str) -> None:
    parameters = CONFIG["compose"][command]["parameters"]
    assert parameters["docker_network"] == f"{COMPOSE['name']}_default"
    overrides = ParameterOverrides().convert(parameters["parameter_overrides"], None, None)
    function = load_stack(TEMPLATE, parameter_overrides=overrides).functions["StreamFunction"]
    hosts = {
        urlsplit(function.environment["AWS_ENDPOINT_URL_S3"]).hostname,
        *(function.environment[name].partition(":")[0] for name in ("KAFKA_BOOTSTRAP_SERVERS", "GRPC_ADDRESS")),
    }
    assert hosts == {"minio", "kafka", "grpc"}
    assert hosts <= COMPOSE["services"].keys()
