"""The REST function as a client meets it: template, HTTP API, Lambda process, model from S3."""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from stellar.schema import EXAMPLE
from support import artefact
from support.commands import serving
from support.model_bucket import ModelBucket
from support.moto import moto_server
from support.stacks import until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def s3():
    with moto_server() as url:
        yield url


@pytest.fixture(scope="module")
def bucket(s3):
    client = boto3.client(
        "s3", endpoint_url=s3, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    client.create_bucket(Bucket="models")
    return ModelBucket("models", client)


@pytest.fixture(scope="module")
def api(s3, bucket, tmp_path_factory):
    """``start-api`` on the repository's own template, with the champion ``v1`` in S3."""
    folder = tmp_path_factory.mktemp("models")
    bucket.promote(artefact.write(folder / "v1", "v1"))
    variables = folder / "variables.json"
    local = {
        "AWS_ENDPOINT_URL_S3": s3,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "MODEL_REFRESH_SECONDS": "0.1",
        "MODEL_CACHE_DIR": str(folder / "cache"),
        "MODEL_S3_BUDGET_SECONDS": "20",  # boto3's import takes long on a busy machine
    }
    variables.write_text(json.dumps({"Parameters": local}))
    settings = ("--container-env-vars", str(variables), "--parameter-overrides", "ModelBucket=models")
    with serving(ROOT, "start-api", *settings, "--concurrency", "2", "--no-watch") as served:
        yield served


def post(api, path: str, content: object) -> tuple[int, dict]:
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{api.address}{path}", json.dumps(content).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_contract_example_is_classified_by_the_champion(api):
    status, answer = post(api, "/predict", {"features": EXAMPLE})
    assert status == 200
    assert (answer["model_version"], answer["model_variant"]) == ("v1", "spectroscopic")


def test_health_tells_that_the_model_is_from_s3(api):
    status, body = api.get("/health")
    assert (status, json.loads(body)["source"]) == (200, "s3")


def test_ten_thousand_objects_come_back_in_one_call(api):
    rows = [EXAMPLE | {"redshift": row / 10_000} for row in range(10_000)]
    status, answer = post(api, "/predict/batch", {"instances": rows})
    assert status == 200
    assert len(answer["predictions"]) == 10_000
    assert None not in answer["predictions"]


def test_problem_details_pass_the_gateway_as_text(api):
    status, answer = post(api, "/predict", {"features": {}})
    assert status == 422
    # RFC 9110 renamed it: the function's own Python says which name it has.
    assert answer["title"] in ("Unprocessable Content", "Unprocessable Entity")
    assert api.get("/nothing")[0] == 404


def test_documentation_is_a_page(api):
    status, page = api.get("/docs")
    assert status == 200
    assert b"/openapi.json" in page


def test_function_log_is_json_with_the_request_id(api):
    assert "model v1 from s3 is in use" in api.log


async def test_new_champion_answers_without_a_failed_request(api, bucket, tmp_path):
    bucket.promote(artefact.write(tmp_path / "v2", "v2"))
    with ThreadPoolExecutor(4) as pool:

        def swapped() -> bool:
            answers = list(pool.map(lambda _: post(api, "/predict", {"features": EXAMPLE}), range(8)))
            assert {status for status, _ in answers} == {200}
            return {answer["model_version"] for _, answer in answers} == {"v2"}

        await until(swapped, 30)
