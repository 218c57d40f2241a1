"""``sam build``, with the SAM CLI in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from stellar_deploy.errors import DeployError
from stellar_deploy.tools import find_uv, tool
from stellar_local_stack.project import ROOT

SAM = "aws-sam-cli==1.170.0"


def sam_command() -> list[str]:
    """The SAM CLI: by uv, or the one on the PATH. Raises DeployError."""
    if uv := find_uv():
        return tool(uv, "sam", SAM)
    if sam := shutil.which("sam"):
        return [sam]
    raise DeployError("neither uv nor sam is on the PATH; `pip install uv` brings the one that can run the other")


def sam_build(folder: Path, python: str, architecture: str = "x86_64") -> Path:
    """Build into ``folder`` with wheels for that version of Python and that architecture; the built template.

    Raises DeployError with the end of what SAM says.
    """
    command = [*sam_command(), "build", "--build-dir", str(folder)]
    command += ["--parameter-overrides", f"PythonRuntime=python{python} Architecture={architecture}"]
    variables = {**os.environ, "SAM_CLI_TELEMETRY": "0"}
    # The Makefile installs by uv, which may be `make`'s own copy. The Python of SAM's environment has no pip.
    if uv := find_uv():
        variables["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(uv).parent)))
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DeployError(f"sam build failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return folder / "template.yaml"
