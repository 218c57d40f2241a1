"""The issuer over HTTP: its discovery document, its public keys, and the sign-in of the web page.

Mirrors "OpenID Connect Discovery 1.0", section 4. It listens on loopback alone, whatever the rest of the stack does.
"""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl

from lambda_emulator.asgi import (
    BodyTooLargeError,
    ClientDisconnectedError,
    Receive,
    Reply,
    Scope,
    Send,
    json_reply,
    read_body,
    send_reply,
)
from lambda_emulator.http_server import HttpServer
from lambda_emulator.origin_guard import OriginRule
from stellar.roles import Role
from stellar_local_stack.auth.keys import KeyFolderError, Keys
from stellar_local_stack.auth.sign_in import Request, RequestRefusedError, SignIn, is_loopback

HOST = "127.0.0.1"
_DISCOVERY = "/.well-known/openid-configuration"
_JWKS = "/.well-known/jwks.json"
_AUTHORIZE = "/authorize"
_TOKEN = "/token"
_METHODS = {
    _DISCOVERY: ("GET", "HEAD"),
    _JWKS: ("GET", "HEAD"),
    _AUTHORIZE: ("GET", "POST"),
    _TOKEN: ("POST",),
}
_FORM_BYTES = 8192
_NO_STORE = (b"cache-control", b"no-store")


class Issuer:
    """The issuer on a port of this machine; 0 takes any free one. Raises PortInUseError."""

    def __init__(self, keys: Keys, port: int) -> None:
        self._keys = keys
        # Pages on this machine read the discovery document and exchange codes; who else may not is decided here.
        self._server = HttpServer(self._answer, HOST, port, flag="--port", foreign_origins=True)
        self._rule = OriginRule()
        self.url = self._server.url
        self._sign_in = SignIn(keys, self.url)

    async def serve(self, stop: asyncio.Event) -> None:
        """Answer until ``stop`` is set."""
        await self._server.open()
        try:
            await stop.wait()
        finally:
            await self._server.close(0.0)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        shared = path != _AUTHORIZE and origin is not None and is_loopback(origin.decode("latin-1"))
        if not shared and (refused := self._rule.refusal(method, scope["headers"])):
            reply = json_reply(refused[0], {"message": refused[1]})
        elif path not in _METHODS:
            reply = json_reply(404, {"message": f"Ask for {_DISCOVERY} or {_JWKS}."})
        elif method not in _METHODS[path]:
            allowed = ", ".join(_METHODS[path])
            reply = json_reply(405, {"message": f"Only {allowed}."}, [(b"allow", allowed.encode())])
        else:
            try:
                reply = await self._reply(path, method, scope, receive)
            except RequestRefusedError as error:
                reply = json_reply(400, {"error": error.code, "error_description": str(error)}, [_NO_STORE])
            except BodyTooLargeError:
                reply = json_reply(413, {"message": f"A form has at most {_FORM_BYTES} bytes."})
            except KeyFolderError as error:
                reply = json_reply(500, {"message": str(error)})
            except ClientDisconnectedError:
                return
        if shared and origin is not None:
            reply.headers += [(b"access-control-allow-origin", origin), (b"vary", b"origin")]
        if method == "HEAD":
            reply.body = b""
        await send_reply(send, reply)

    async def _reply(self, path: str, method: str, scope: Scope, receive: Receive) -> Reply:
        if path == _DISCOVERY:
            return json_reply(200, self._discovery())
        if path == _JWKS:
            return json_reply(200, await asyncio.to_thread(self._keys.jwks), [_NO_STORE])
        if method == "GET":
            return _page(Request.read(_fields(scope["query_string"])))
        given = _fields(await read_body(scope, receive, _FORM_BYTES))
        if path == _TOKEN:
            return json_reply(200, self._sign_in.exchange(given), [_NO_STORE])
        request = Request.read(given)
        target = self._sign_in.redirect(request, given.get("code", ""))
        if target is None:
            return _page(request, wrong=True)
        return Reply(303, b"", [(b"location", target.encode("latin-1", "replace")), _NO_STORE])

    def _discovery(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}{_JWKS}",
            "authorization_endpoint": f"{self.url}{_AUTHORIZE}",
            "token_endpoint": f"{self.url}{_TOKEN}",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": [str(role) for role in Role],
        }


def _fields(encoded: bytes) -> dict[str, str]:
    """The fields of a form or a query. Raises RequestRefusedError for one that comes twice, as RFC 6749 asks."""
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise RequestRefusedError("invalid_request", "The fields cannot be read.") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise RequestRefusedError("invalid_request", "A field comes twice.")
    return fields


def _page(request: Request, *, wrong: bool = False) -> Reply:
    # Browsers apply form-action to where the form's answer redirects too.
    policy = f"default-src 'none'; form-action 'self' {request.origin}; frame-ancestors 'none'; base-uri 'none'"
    return Reply(
        403 if wrong else 200,
        request.form(wrong),
        [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-security-policy", policy.encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            _NO_STORE,
        ],
    )
