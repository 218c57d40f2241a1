"""Events of CloudFront's functions at the edge.

Mirrors "Lambda@Edge event structure" of the CloudFront Developer Guide. SAM names its samples after what a function may
do with them; the samples of one kind of request differ in what such a function looks at.
"""

from __future__ import annotations

from typing import Any

_PATH = "/test"
_FORECAST = "/forecast/Seattle:NewYork:Chicago:SanFrancisco"


def ab_test(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A viewer's request, with the cookie that keeps the viewer in one group of a test."""
    return _request("viewer-request", uri, method, cookie="X-Experiment-Name=A")


def access_request_in_response(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """An origin's response, and the request that it answers."""
    return _response("origin-response", uri, method)


def http_redirect(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A request that is answered by a redirection."""
    return _request("origin-request", uri, method)


def modify_querystring(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A request whose query is to be changed."""
    return _request("origin-request", uri, method, query="auth=test&foo=bar")


def modify_response_header() -> dict[str, Any]:
    """A response whose headers are to be changed."""
    return _response("viewer-response", _PATH, "GET")


def aggregate(*, uri: str = _FORECAST, method: str = "GET") -> dict[str, Any]:
    """A request that is answered by asking several others."""
    return _request("origin-request", uri, method)


def normalize_querystring(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A request whose query is in another order and case than that of others."""
    return _request("viewer-request", uri, method, query="Size=LARGE&color=RED")


def redirect_by_country(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A request that says which country it comes from."""
    return _request("origin-request", uri, method, **{"cloudfront-viewer-country": "TW"})


def redirect_unauthenticated(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A request whose cookie has no session."""
    return _request("viewer-request", uri, method, cookie="other=1")


def generate_response(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A request that the function answers itself."""
    return _request("viewer-request", uri, method)


def by_device(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A request that says what device it comes from."""
    devices = {"desktop": "false", "mobile": "true", "smarttv": "false", "tablet": "false"}
    headers = {f"cloudfront-is-{device}-viewer": value for device, value in devices.items()}
    return _request("origin-request", uri, method, **headers)


def simple_call(*, uri: str = _PATH, method: str = "GET") -> dict[str, Any]:
    """A request that is answered by asking another server."""
    return _request("origin-request", uri, method)


def _request(kind: str, uri: str, method: str, query: str = "", **headers: str) -> dict[str, Any]:
    return {"Records": [{"cf": {"config": _config(kind), "request": _asked(kind, uri, method, query, headers)}}]}


def _response(kind: str, uri: str, method: str) -> dict[str, Any]:
    answer = {
        "status": "200",
        "statusDescription": "OK",
        "headers": _headers({"content-type": "text/html", "last-modified": "Mon, 28 Nov 2016 06:00:00 GMT"}),
    }
    asked = _asked(kind, uri, method, "", {})
    return {"Records": [{"cf": {"config": _config(kind), "request": asked, "response": answer}}]}


def _config(kind: str) -> dict[str, str]:
    return {
        "distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": kind,
        "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
    }


def _asked(kind: str, uri: str, method: str, query: str, headers: dict[str, str]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "clientIp": "203.0.113.178",
        "headers": _headers({"host": "d111111abcdef8.cloudfront.net", "user-agent": "curl/8.5.0", **headers}),
        "method": method,
        "querystring": query,
        "uri": uri,
    }
    if kind.startswith("origin-"):
        content["origin"] = {
            "custom": {
                "customHeaders": {},
                "domainName": "example.com",
                "keepaliveTimeout": 5,
                "path": "",
                "port": 443,
                "protocol": "https",
                "readTimeout": 30,
                "sslProtocols": ["TLSv1.2"],
            }
        }
    return content


def _headers(headers: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    return {name: [{"key": name.title(), "value": value}] for name, value in headers.items()}
