"""What a cold start pays for: the layer in a fresh process."""

import json
import subprocess
import sys

import pytest

from support import artefact

BUDGET_SECONDS = 3.0  # 0.6 s is the aim on a quiet machine (see the benchmark); tests run on busy ones

SCRIPT = """
import json, sys, time
began = time.perf_counter()
from pathlib import Path
import stellar
from stellar.settings import Settings
settings = Settings(default_dir=Path(sys.argv[1]))
store = stellar.open_store(settings)
store.classifier.classify(stellar.validate([stellar.EXAMPLE]))
print(json.dumps({"seconds": time.perf_counter() - began, "modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    folder = artefact.write(tmp_path_factory.mktemp("models") / "v1", "v1")

    def start() -> dict:
        command = [sys.executable, "-c", SCRIPT, str(folder)]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    start()  # GIVEN the files are in the page cache
    return min((start() for _ in range(3)), key=lambda run: run["seconds"])


def test_the_layer_is_ready_within_its_budget(started):
    assert started["seconds"] < BUDGET_SECONDS


@pytest.mark.parametrize("heavy", ["sklearn", "pandas", "scipy", "mlflow", "onnx", "boto3", "botocore", "fastapi"])
def test_serving_imports_nothing_heavy(started, heavy):
    assert heavy not in started["modules"]
