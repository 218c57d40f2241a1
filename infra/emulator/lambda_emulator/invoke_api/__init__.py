"""Lambda's own HTTP API, as boto3, the AWS CLI and other SDKs speak it.

``invocations`` runs functions, ``asynchronous`` and ``destinations`` do what follows an ``Event`` invocation,
``catalogue`` describes functions, ``mappings`` passes on what concerns event sources. A further part of the control
plane is a ``Router`` given to ``create_app`` or to ``LambdaApi.mount``.
"""

from lambda_emulator.invoke_api.app import LambdaApi, create_app
from lambda_emulator.invoke_api.endpoint import Endpoint
from lambda_emulator.invoke_api.router import Router
from lambda_emulator.invoke_api.wire import ApiError, Call

__all__ = ["ApiError", "Call", "Endpoint", "LambdaApi", "Router", "create_app"]
