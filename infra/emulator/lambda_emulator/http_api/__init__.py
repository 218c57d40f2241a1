"""API Gateway: HTTP APIs (payload 2.0 and 1.0), REST APIs (payload 1.0) and function URLs on one port.

``directory`` says how several APIs share the port, ``routes`` which route a request takes, ``payload_v2`` and
``payload_v1`` what a function gets and answers, ``gateway_responses`` what a client is told when there is no answer.
"""

from lambda_emulator.http_api.app import Gateway, create_app

__all__ = ["Gateway", "create_app"]
