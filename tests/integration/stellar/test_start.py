"""What a cold start pays for: the layer in a fresh process. How long it takes, the benchmark says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from support import artefact

SCRIPT = """
import json, sys
from pathlib import Path
import stellar
from stellar.settings import Settings
settings = Settings(default_dir=Path(sys.argv[1]))
store = stellar.open_store(settings)
store.classifier.classify(stellar.validate([stellar.EXAMPLE]))
print(json.dumps(sorted(sys.modules)))
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that a process has imported once it has classified an object."""
    folder = artefact.write(tmp_path_factory.mktemp("models") / "v1", "v1")
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    return set(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


@pytest.mark.parametrize("heavy", ["sklearn", "pandas", "scipy", "mlflow", "onnx", "boto3", "botocore", "fastapi"])
def test_serving_imports_nothing_heavy(imported: set[str], heavy: str) -> None:
    assert heavy not in imported
