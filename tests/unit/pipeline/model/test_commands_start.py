"""``stellar model`` and ``stellar tune`` are quick to say what they can do."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("mlflow", "sklearn", "optuna", "pandas", "boto3", "onnxruntime", "matplotlib", "grpc")


@pytest.mark.parametrize("arguments", [["model", "--help"], ["model", "promote", "--help"], ["tune", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from click.testing import CliRunner; from stellar_cli.main import cli; "
        f"result = CliRunner().invoke(cli, {arguments!r}); assert result.exit_code == 0, result.output; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
