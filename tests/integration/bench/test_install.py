"""``stellar bench install``, which needs uv and its package index."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stellar_deploy.tools import find_uv

STELLAR = str(Path(sys.executable).with_name("stellar"))


@pytest.mark.timeout(300)
def test_the_wheel_is_installed_and_measured_beside_the_sam_cli() -> None:
    if find_uv() is None:
        pytest.skip("uv is neither on the PATH nor in .uv")
    command = [STELLAR, "bench", "install", "--rounds", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    ours, sam = json.loads(done.stdout)
    assert ours["name"] == "lambda-emulator"
    assert sam["name"].startswith("aws-sam-cli ")
    for each in (ours, sam):
        assert each["seconds"] > 0
        assert each["megabytes"] > 1
        assert each["packages"] > 1
