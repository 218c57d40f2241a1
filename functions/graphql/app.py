"""The GraphQL function: Strawberry's schema behind a view of its own, with no web framework in between.

The model is loaded when this module is imported, which is Lambda's init phase: no request waits for it.
"""

from __future__ import annotations

import asyncio
import gc
from http import HTTPStatus
from typing import Any

import orjson
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from errors import formatted, request_error
from page import graphiql
from schema import Context, schema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType
from telemetry import logger, telemetry
from wire import GRAPHQL_JSON, HTML, Exchange, RequestError, response

QUERIES = frozenset({OperationType.QUERY})
ALL = frozenset({OperationType.QUERY, OperationType.MUTATION})

# One loop for the life of the environment: making one takes as long as a small query.
runner = asyncio.Runner()


@telemetry.traced
@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP API event (payload format 2.0; 1.0 is understood too)."""
    exchange = Exchange.of(event)
    if exchange.wants_page:
        return response(HTTPStatus.OK, graphiql(), HTML, {})
    try:
        content, status = runner.get_loop().run_until_complete(answer(exchange))
        headers: dict[str, str] = {}
    except RequestError as error:
        content, status, headers = {"errors": [request_error(str(error))]}, error.status, error.headers
    finally:
        telemetry.flush()
    return response(status, orjson.dumps(content, default=str), exchange.media_type, headers)


async def answer(exchange: Exchange) -> tuple[dict[str, Any], HTTPStatus]:
    """Execute what the request asks for. Raises RequestError."""
    call = exchange.call()
    try:
        result = await schema.execute(
            call.document,
            variable_values=call.variables,
            context_value=Context(exchange.base_url, call.operation, exchange.scopes),
            operation_name=call.operation,
            allowed_operation_types=QUERIES if call.read_only else ALL,
        )
    except InvalidOperationTypeError:
        text = "Send mutations by POST. Subscriptions there are none."
        raise RequestError(HTTPStatus.METHOD_NOT_ALLOWED, text, {"allow": "POST"}) from None
    except CannotGetOperationTypeError as error:
        raise RequestError(HTTPStatus.BAD_REQUEST, error.as_http_error_reason()) from None
    content: dict[str, Any] = {}
    if result.errors:
        content["errors"] = [formatted(error) for error in result.errors]
    # Without data there may yet have been an execution: an error that names a field comes from one.
    executed = result.data is not None or any(error.path for error in result.errors or ())
    if executed:
        content["data"] = result.data
    # Older clients read 200 as "look into the body"; with the newer media type, a request that fails as such is 400.
    failed = not executed and exchange.media_type == GRAPHQL_JSON
    return content, HTTPStatus.BAD_REQUEST if failed else HTTPStatus.OK


gc.freeze()  # what the init phase made stays: no collection need walk through it again
