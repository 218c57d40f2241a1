"""The command's help, and what doctor says."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from stellar_cli.main import COMMANDS, cli


def test_help_lists_every_command_without_importing_them():
    code = (
        "import sys; from click.testing import CliRunner; from stellar_cli.main import cli; "
        "print(CliRunner().invoke(cli, ['--help']).output); "
        "print([m for m in ('fastapi', 'boto3', 'grpc', 'sklearn', 'confluent_kafka') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for name, command in COMMANDS.items():
        assert name in printed
        assert command.summary.split(":")[0] in printed
    assert printed.rstrip().endswith("[]")


@pytest.mark.parametrize("group", ["mlops", "local", "data", "pipeline", "model", "kafka", "deploy", "bench", "esm"])
def test_no_summary_of_a_command_is_cut_off_at_eighty_columns(group):
    usage, *lines = CliRunner().invoke(cli, [group, "--help"], terminal_width=80).output.splitlines()
    assert group in usage
    assert not [line for line in lines if line.endswith("...")]


def test_unknown_command_is_a_usage_error():
    result = CliRunner().invoke(cli, ["lunar"])
    assert result.exit_code == 2
    assert "lunar" in result.output


def test_one_port_for_two_services_is_refused_before_anything_starts():
    result = CliRunner().invoke(cli, ["up", "--http-port", "3001"])
    assert result.exit_code == 1
    assert result.output == "Error: Port 3001 is given twice: by --http-port and by --lambda-port.\n"


def test_doctor_finds_what_up_needs_and_speaks_json():
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    findings = {finding["name"]: finding for finding in json.loads(result.output)}
    assert findings["awslambdaric"]["present"]
    assert findings["default model"]["present"], findings["default model"]["detail"]
    assert result.exit_code == 0
