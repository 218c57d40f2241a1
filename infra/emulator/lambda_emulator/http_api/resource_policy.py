"""The resource policy of a REST API: who may call it at all, whatever its authorizers say.

Mirrors "Control access to a REST API with API Gateway resource policies". Callers are anonymous here. What cannot be
known (a VPC, a principal, the address of a caller on this machine) lets an Allow count and a Deny not; the template's
reader warns of it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from lambda_emulator.asgi import Reply
from lambda_emulator.http_api.authorizers.policy import ACTION, Decision, matches
from lambda_emulator.http_api.exchange import Exchange
from lambda_emulator.http_api.gateway_responses import GatewayResponse, gateway_reply
from lambda_emulator.iam import ADDRESS_OPERATORS, conditions, is_everyone, is_known, list_of, statements

_SHORT = "execute-api:/"


class ResourcePolicy:
    """Decides on the requests of one API."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._statements = statements(document)

    def refusal(self, exchange: Exchange) -> Reply | None:
        """The reply to a caller who may not call; None for one who may."""
        decision = self._decide(exchange)
        if decision is Decision.ALLOW:
            return None
        account = exchange.api.location.account
        hidden = exchange.arn.replace(account, f"********{account[-4:]}")
        text = f"User: anonymous is not authorized to perform: {ACTION} on resource: {hidden}"
        if decision is Decision.EXPLICIT_DENY:
            text += " with an explicit deny"
        return gateway_reply("rest", GatewayResponse.FORBIDDEN, text=text)

    def _decide(self, exchange: Exchange) -> Decision:
        decision = Decision.IMPLICIT_DENY
        for statement in self._statements:
            if not _concerns(statement, exchange):
                continue
            met = _met(statement, exchange.request.source_ip)
            if statement.get("Effect") == "Deny" and met is True:
                return Decision.EXPLICIT_DENY
            if statement.get("Effect") == "Allow" and met is not False:
                decision = Decision.ALLOW
        return decision


def _concerns(statement: Mapping[str, Any], exchange: Exchange) -> bool:
    api = exchange.arn.partition("/")[0]

    def full(pattern: str) -> str:
        return f"{api}/{pattern.removeprefix(_SHORT)}" if pattern.startswith(_SHORT) else pattern

    actions = map(str, list_of(statement.get("Action")))
    resources = (full(str(pattern)) for pattern in list_of(statement.get("Resource")))
    return any(matches(each, ACTION) for each in actions) and any(matches(each, exchange.arn) for each in resources)


def _met(statement: Mapping[str, Any], address: str) -> bool | None:
    """Whether a statement's principal and conditions are met; None where nobody can know."""
    answers = [_condition_met(operator, key, values, address) for operator, key, values in conditions(statement)]
    if not is_everyone(statement):
        answers.append(None)
    if False in answers:
        return False
    return None if None in answers else True


def _condition_met(operator: str, key: str, values: list[str], address: str) -> bool | None:
    caller = _address(address)
    if not is_known(operator, key) or caller is None:
        return None
    try:
        inside = any(caller in ipaddress.ip_network(value, strict=False) for value in values)
    except ValueError:
        return None
    return inside is ADDRESS_OPERATORS[operator]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The caller's address; None for one that AWS would never see."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if address.is_loopback else address
