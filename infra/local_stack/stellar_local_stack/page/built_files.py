"""The files that ``npm run build`` made: read once, compressed, and told to browsers how long they hold.

A file below ``assets/`` has a hash of its content in its name, so it never changes. The page itself is made anew for
every visit: its style elements bear a nonce that the response's policy names. A path that is no file is a place
within the page, which sorts it out by itself.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from stellar_local_stack.page.headers import POLICY, content_security_policy

NONCE_MARK = b"__CSP_NONCE__"
"""What stands in ``index.html`` where the nonce is to be."""

_COMPRESSED = ("text/", "application/json", "application/manifest+json", "image/svg+xml", "application/javascript")
_LONGEST_PATH = 255  # characters; no place within the page and no built file has more
_SMALL = 1024  # bytes; less is not worth compressing

_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The page is not built yet</title>
<h1>The page is not built yet</h1>
<p>Its server runs, but there is no <code>{folder}</code>. With Node.js 20 or later:</p>
<pre>make page</pre>
<p>Then load this page again; nothing needs a restart. Without Node.js the services work all the same:
the API and its documentation are at <a href="{api}/docs">{api}/docs</a>.</p>
"""


@dataclass(frozen=True, slots=True)
class _File:
    """One file as it is sent. ``version`` tells whether it is still the one on disk."""

    version: tuple[int, int]
    body: bytes
    compressed: bytes | None
    media_type: str
    etag: str


class BuiltFiles:
    """Answers for every path that is not one of the server's own."""

    def __init__(self, folder: Path, origins: Sequence[str], api_url: str) -> None:
        self._folder = folder.resolve()
        self._origins = origins
        self._api_url = api_url
        self._files: dict[Path, _File] = {}

    def answer(self, request: Request) -> Response:
        """The file, the page, or what is wrong."""
        path = request.path_params["path"]
        if len(path) > _LONGEST_PATH:
            return PlainTextResponse("The path is too long.\n", HTTPStatus.REQUEST_URI_TOO_LONG)
        target = self._locate(path)
        if target is not None and target.name != "index.html":
            return self._file(target, request)
        if target is None and "." in path.rpartition("/")[2]:
            return PlainTextResponse("There is no such file.\n", HTTPStatus.NOT_FOUND)
        return self._page()

    def _locate(self, path: str) -> Path | None:
        """The file at a path; never one outside of the folder, symbolic links included."""
        try:
            target = (self._folder / path).resolve()
            return target if target.is_relative_to(self._folder) and target.is_file() else None
        except (OSError, RuntimeError, ValueError):  # a loop of links, a folder that may not be read, a NUL
            return None

    def _page(self) -> Response:
        nonce = secrets.token_urlsafe(18)
        headers = {
            POLICY: content_security_policy(self._origins, nonce),
            # Without an ETag: an answer "not modified" would join an old page with a new nonce.
            "cache-control": "no-cache",
        }
        try:
            page = (self._folder / "index.html").read_bytes()
        except OSError:
            return HTMLResponse(_NOT_BUILT.format(folder=self._folder, api=self._api_url), 503, headers)
        return HTMLResponse(page.replace(NONCE_MARK, nonce.encode()), headers=headers)

    def _file(self, target: Path, request: Request) -> Response:
        file = self._read(target)
        hashed = target.parent == self._folder / "assets"
        headers = {
            "etag": file.etag,
            "cache-control": "public, max-age=31536000, immutable" if hashed else "no-cache",
            "vary": "accept-encoding",
        }
        if file.etag in (part.strip().removeprefix("W/") for part in _list(request, "if-none-match")):
            return Response(status_code=304, headers=headers)
        body = file.body
        if file.compressed and "gzip" in (part.partition(";")[0].strip() for part in _list(request, "accept-encoding")):
            body = file.compressed
            headers["content-encoding"] = "gzip"
        return Response(body, headers=headers, media_type=file.media_type)

    def _read(self, target: Path) -> _File:
        status = target.stat()
        version = (status.st_mtime_ns, status.st_size)
        known = self._files.get(target)
        if known is None or known.version != version:
            known = self._files[target] = _load(target, version)
        return known


def _load(target: Path, version: tuple[int, int]) -> _File:
    body = target.read_bytes()
    media_type = mimetypes.guess_type(target.name)[0] or "application/octet-stream"
    compressed = None
    if len(body) >= _SMALL and media_type.startswith(_COMPRESSED):
        compressed = gzip.compress(body, mtime=0)
    return _File(version, body, compressed, media_type, f'"{hashlib.sha256(body).hexdigest()[:20]}"')


def _list(request: Request, header: str) -> list[str]:
    return request.headers.get(header, "").split(",")
