"""What verifiers ask an issuer for: its discovery document and its public keys. It gives no tokens by HTTP.

Mirrors "OpenID Connect Discovery 1.0", section 4. It listens on loopback alone, whatever the rest of the stack does.
"""

from __future__ import annotations

import asyncio

from lambda_emulator.asgi import Receive, Scope, Send, json_reply, send_reply
from lambda_emulator.http_server import HttpServer
from stellar.roles import Role
from stellar_local_stack.auth.keys import KeyFolderError, Keys

HOST = "127.0.0.1"
_DISCOVERY = "/.well-known/openid-configuration"
_JWKS = "/.well-known/jwks.json"


class Issuer:
    """The issuer on a port of this machine; 0 takes any free one. Raises PortInUseError."""

    def __init__(self, keys: Keys, port: int) -> None:
        self._keys = keys
        self._server = HttpServer(self._answer, HOST, port, flag="--port")
        self.url = self._server.url

    async def serve(self, stop: asyncio.Event) -> None:
        """Answer until ``stop`` is set."""
        await self._server.open()
        try:
            await stop.wait()
        finally:
            await self._server.close(0.0)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            reply = json_reply(405, {"message": "Only GET is answered."}, [(b"allow", b"GET, HEAD")])
        elif path == _DISCOVERY:
            reply = json_reply(200, self._discovery())
        elif path == _JWKS:
            try:
                reply = json_reply(200, await asyncio.to_thread(self._keys.jwks), [(b"cache-control", b"no-store")])
            except KeyFolderError as error:
                reply = json_reply(500, {"message": str(error)})
        else:
            reply = json_reply(404, {"message": f"Ask for {_DISCOVERY} or {_JWKS}."})
        if scope["method"] == "HEAD":
            reply.body = b""
        await send_reply(send, reply)

    def _discovery(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}{_JWKS}",
            "response_types_supported": ["none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": [str(role) for role in Role],
        }
