"""What a cold start of the function costs, and what it must not load."""

import json
import os
import subprocess
import sys
from pathlib import Path

FUNCTION = Path(__file__).resolve().parents[3] / "functions/graphql"
START_BUDGET_SECONDS = 10.0  # some ten times what an idle machine takes

SCRIPT = """
import json, sys, time
began = time.perf_counter()
import app
print(json.dumps({"seconds": time.perf_counter() - began, "modules": sorted(sys.modules)}))
"""


def test_import_is_quick_and_brings_no_web_framework_and_no_boto3():
    environment = {**os.environ, "POWERTOOLS_TRACE_DISABLED": "true", "MODEL_BUCKET": ""}
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=FUNCTION, env=environment, capture_output=True, text=True, check=True
    )
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["seconds"] < START_BUDGET_SECONDS
    loaded = {name.partition(".")[0] for name in found["modules"]}
    assert not loaded & {"boto3", "fastapi", "mangum", "sklearn", "pandas", "scipy", "mlflow", "starlette"}
