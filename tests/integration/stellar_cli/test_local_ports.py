"""The HTTP ports of `stellar up` before a page of another site, or a name that was rebound to this machine."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest

from stellar.champion import RECORD_KEY
from stellar_local_stack.model_bucket import BUCKET, local_client
from support.up import Up

pytestmark = [pytest.mark.xdist_group("up"), pytest.mark.timeout(180)]

ALLOWED = "box.example"
MAPPINGS = "/2015-03-31/event-source-mappings"
CREATE = ("POST", MAPPINGS, {"FunctionName": "StreamFunction", "Topics": ["star_features_input"]})
CALLS = [
    ("http", "GET", "/health", None),
    ("lambda", "GET", "/2015-03-31/functions", None),
    ("lambda", "POST", "/2015-03-31/functions/RestFunction/invocations", {}),
    ("lambda", *CREATE),
    ("metrics", *CREATE),
    ("metrics", "GET", "/status", None),
    ("page", "GET", "/config.json", None),
    ("page", "DELETE", "/live/feed", None),
    ("s3", "GET", "/moto-api/data.json", None),
    ("s3", "POST", "/moto-api/reset", {}),
]
EVERY_CALL = pytest.mark.parametrize(("port", "method", "path", "body"), CALLS)


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with Up("--allow-host", ALLOWED) as running:
        yield running


def status(up: Up, port: str, method: str, path: str, body: object = None, **headers: str) -> int:
    """The status of a call, whose content type is one that a page may send without being asked first."""
    connection = http.client.HTTPConnection("127.0.0.1", up.ports[port], timeout=30)
    headers = {"content-type": "text/plain"} | {name.replace("_", "-"): text for name, text in headers.items()}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@EVERY_CALL
def test_a_foreign_host_is_refused(up: Up, port: str, method: str, path: str, body: object) -> None:
    assert status(up, port, method, path, body, host="evil.example") == 403


@pytest.mark.parametrize(("port", "method", "path", "body"), [call for call in CALLS if call[0] != "http"])
@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"sec_fetch_site": "cross-site"}])
def test_another_sites_page_is_refused(
    up: Up, port: str, method: str, path: str, body: object, headers: dict[str, str]
) -> None:
    """The APIs alone have a CORS configuration of their own."""
    assert status(up, port, method, path, body, **headers) == 403


@pytest.mark.parametrize(("port", "method", "path", "body"), [call for call in CALLS if call[1] == "GET"])
def test_a_name_that_the_user_allows_is_served(up: Up, port: str, method: str, path: str, body: object) -> None:
    assert status(up, port, method, path, body, host=f"{ALLOWED}:{up.ports[port]}") == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
@pytest.mark.parametrize("port", ["lambda", "metrics"])
def test_a_mapping_is_made_of_json_alone(up: Up, port: str, content_type: str) -> None:
    assert status(up, port, *CREATE, content_type=content_type) == 415


def test_what_was_refused_changed_nothing(up: Up) -> None:
    assert len(up.get("/status", server="metrics")) == 1
    assert local_client(up.url("s3")).get_object(Bucket=BUCKET, Key=RECORD_KEY)["ContentLength"] > 0
