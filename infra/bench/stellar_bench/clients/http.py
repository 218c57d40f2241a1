"""REST and GraphQL: requests are encoded before the run, answers are checked by status and content."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import orjson

from stellar_bench.access import REFUSED
from stellar_bench.clients.base import Row, UnexpectedAnswerError, Workload
from stellar_bench.http_client import Connection, Response, prepare
from stellar_bench.load import Opener, Session

ANSWER = "{ intOutput strOutput label modelVersion }"
MUTATION = f"mutation($x: StarClassificationInput!) {{ predict(features: $x) {ANSWER} }}"
BATCH_MUTATION = f"mutation($x: [StarClassificationInput!]!) {{ predictBatch(features: $x) {ANSWER} }}"


class _HttpSession:
    """Sends prepared requests in turn."""

    def __init__(self, connection: Connection, requests: list[bytes], right: Callable[[Response], bool]) -> None:
        self._connection = connection
        self._requests = requests
        self._right = right

    async def call(self, index: int) -> bool:
        response = await self._connection.send(self._requests[index % len(self._requests)])
        if response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise UnexpectedAnswerError(REFUSED)
        return self._right(response)

    async def close(self) -> None:
        self._connection.close()


def sending(url: str, requests: list[bytes], right: Callable[[Response], bool]) -> Opener:
    """Prepared requests to the server at ``url``, in turn; ``right`` tells good answers from bad ones."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80

    async def open_session() -> Session:
        return _HttpSession(await Connection.open(host, port), requests, right)

    return open_session


def rest(base_url: str, workload: Workload, *, token: str | None = None, server: str | None = None) -> Opener:
    """``POST /predict``, or ``POST /predict/batch`` where the workload has more than one object a request.

    ``server`` is where to connect, if no resolver knows the URL's host.
    """

    def encode(rows: list[Row]) -> bytes:
        if workload.batch == 1:
            return prepare("POST", f"{base_url}/predict", orjson.dumps({"features": rows[0]}), token=token)
        return prepare("POST", f"{base_url}/predict/batch", orjson.dumps({"instances": rows}), token=token)

    def right(response: Response) -> bool:
        if response.status != 200:
            return False
        content = orjson.loads(response.body)
        predictions = [content] if workload.batch == 1 else content["predictions"]
        return len(predictions) == workload.batch and all(item and "int_output" in item for item in predictions)

    requests = [encode(workload.request(index)) for index in range(workload.distinct)]
    return sending(server or base_url, requests, right)


def graphql(base_url: str, workload: Workload, names: dict[str, str], *, token: str | None = None) -> Opener:
    """The ``predict`` or ``predictBatch`` mutation. ``names`` maps the fields' names to GraphQL's."""

    def encode(rows: list[Row]) -> bytes:
        inputs = [{names[name]: value for name, value in row.items()} for row in rows]
        query, variable = (MUTATION, inputs[0]) if workload.batch == 1 else (BATCH_MUTATION, inputs)
        body = orjson.dumps({"query": query, "variables": {"x": variable}})
        return prepare("POST", f"{base_url}/graphql", body, token=token)

    def right(response: Response) -> bool:
        if response.status != 200:
            return False
        content = orjson.loads(response.body)
        return not content.get("errors") and all(content["data"].values())

    requests = [encode(workload.request(index)) for index in range(workload.distinct)]
    return sending(base_url, requests, right)
