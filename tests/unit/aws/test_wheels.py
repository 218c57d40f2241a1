"""What `sam build` installs follows the template's parameters: one setting for the runtime and the wheels."""

import itertools
import shutil
import subprocess
from typing import Any

import pytest

from lambda_emulator.template.source.document import read_document
from support.cloudformation import TEMPLATE

DOCUMENT: dict[str, Any] = read_document(TEMPLATE).data
BUILT = {
    name: resource for name, resource in DOCUMENT["Resources"].items() if "BuildMethod" in resource.get("Metadata", {})
}
RUNTIMES, ARCHITECTURES = (DOCUMENT["Parameters"][name]["AllowedValues"] for name in ("PythonRuntime", "Architecture"))
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}  # Lambda's name of an architecture, and that of a wheel


def test_every_part_is_built_by_the_makefile_of_its_parameters() -> None:
    assert BUILT.keys() == {"StellarLayer", "ServiceLayer", "RestFunction", "GraphqlFunction", "StreamFunction"}
    for resource in BUILT.values():
        assert resource["Metadata"] == {
            "BuildMethod": "makefile",
            "ContextPath": {"Fn::Sub": "infra/sam/${PythonRuntime}-${Architecture}"},
        }


@pytest.mark.parametrize(("runtime", "architecture"), list(itertools.product(RUNTIMES, ARCHITECTURES)))
@pytest.mark.parametrize("installer", ["uv", "pip"])
def test_wheels_are_for_the_runtime_and_the_architecture(
    runtime: str, architecture: str, installer: str, tmp_path: Any
) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not on the PATH")
    if installer == "uv":
        (tmp_path / "uv").touch(mode=0o755)
    makefile = TEMPLATE.parent / "infra/sam" / f"{runtime}-{architecture}" / "Makefile"
    for name in BUILT.keys() - {"ServiceLayer"}:  # which is the same on each, and has a test of its own
        command = [make, "--dry-run", "--makefile", makefile, f"build-{name}", "ARTIFACTS_DIR=/built"]
        planned = subprocess.run(
            command,
            env={"PATH": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout
        assert f"--python-version {runtime.removeprefix('python')} " in planned
        assert f"{MACHINES[architecture]}" in planned
        assert ("uv pip install" in planned) is (installer == "uv")
        assert "cp *.py" in planned or name == "StellarLayer"


def test_the_service_layer_is_built_without_the_grpc_contract(tmp_path: Any) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not on the PATH")
    makefile = TEMPLATE.parent / "infra/sam/python3.11-x86_64/Makefile"
    subprocess.run(
        [make, "--makefile", makefile, "build-ServiceLayer", f"ARTIFACTS_DIR={tmp_path}"],
        cwd=TEMPLATE.parent / "layers/service",
        check=True,
        capture_output=True,
        timeout=30,
    )
    sources = {path.name for path in (TEMPLATE.parent / "layers/service/stellar_service").glob("*.py")}
    built = {path.name for path in (tmp_path / "python/stellar_service").iterdir()}
    assert sources - built == {"contract.py"}
