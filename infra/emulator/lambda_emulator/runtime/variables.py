"""The environment variables that a function's process starts with.

Mirrors "Using Lambda environment variables" (AWS Lambda Developer Guide). Four layers, later ones winning:

1. From this machine, a short list only (``INHERITED`` and ``AWS_ENDPOINT_URL…``): nothing secret of the host reaches
   a function by accident. A function with a Python of its own gets no ``VIRTUAL_ENV``, and finds that Python first.
2. Stand-ins for what AWS provides and a user may want otherwise: region, dummy credentials, time zone, language.
3. The function's own variables: the template's, with ``--env-vars`` merged in. To let a function use real AWS,
   set ``AWS_ACCESS_KEY_ID`` or ``AWS_PROFILE`` there: the dummy credentials are then left out altogether.
4. What Lambda reserves (function name, memory, Runtime API address, task root …).

``AWS_LAMBDA_MAX_CONCURRENCY`` stays unset always: with it the runtime forks workers of its own.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from lambda_emulator.dependencies import Home
from lambda_emulator.http_client import without_proxy_here
from lambda_emulator.stack import Function

INHERITED = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
)
ENDPOINTS = "AWS_ENDPOINT_URL"  # so that a function finds the same local S3 as the shell does

OWNER_VARIABLE = "_LAMBDA_LOCAL_ENVIRONMENT"
"""Marks every process that descends from an environment, so that none survives it."""

_DUMMY_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
}


def function_variables(
    function: Function,
    *,
    runtime_api: str,
    scratch: Path,
    mark: str,
    home: Home,
    host: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Everything that the process of one environment of ``function`` finds in its environment.

    ``runtime_api`` is ``host:port``, ``scratch`` the environment's own temporary folder, ``mark`` what its
    processes are known by, ``home`` where its Python and its packages are.
    """
    variables = {name: value for name, value in host.items() if name in INHERITED or name.startswith(ENDPOINTS)}
    if any(name.lower().endswith("_proxy") for name in variables):  # they are not for the Runtime API
        variables |= without_proxy_here(variables)
    if home.environment is not None:
        variables.pop("VIRTUAL_ENV", None)
        path = variables.get("PATH")
        variables["PATH"] = os.pathsep.join([str(home.environment / "bin"), *([path] if path else [])])
    region = function.location.region
    variables |= {"LANG": "en_US.UTF-8", "TZ": ":UTC", "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    if not function.environment.keys() & {"AWS_ACCESS_KEY_ID", "AWS_PROFILE"}:
        variables |= _DUMMY_CREDENTIALS
    variables |= function.environment
    own_path = variables.get("PYTHONPATH")
    variables |= {
        "_HANDLER": function.handler,
        "_X_AMZN_TRACE_ID": "",
        "AWS_SAM_LOCAL": "true",  # this and the next two as SAM CLI has them: code asks for them to know it is local
        "AWS_LAMBDA_FUNCTION_HANDLER": function.handler,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_seconds),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d', time.gmtime())}/[$LATEST]{uuid.uuid4().hex}",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "LAMBDA_TASK_ROOT": str(function.code_dir),
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "PYTHONPATH": os.pathsep.join([*map(str, import_path(function, home)), *([own_path] if own_path else [])]),
        "TMPDIR": str(scratch),
        OWNER_VARIABLE: mark,
    }
    if function.logging.format == "JSON":  # the runtime client's own two
        variables |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": function.logging.application_level}
    variables |= _paths(function, variables)
    variables.pop("AWS_LAMBDA_MAX_CONCURRENCY", None)
    return variables


def _paths(function: Function, variables: Mapping[str, str]) -> dict[str, str]:
    """Where programs and libraries are looked for: ``/opt/bin`` and ``/opt/lib`` are those of each layer here."""
    programs = [layer / "bin" for layer in function.layer_dirs]
    libraries = [layer / "lib" for layer in function.layer_dirs] + [function.code_dir / "lib"]
    found = {}
    for name, folders in (("PATH", programs), ("LD_LIBRARY_PATH", libraries)):
        parts = [str(folder) for folder in folders if folder.is_dir()]
        if parts:
            found[name] = os.pathsep.join([*parts, *([variables[name]] if variables.get(name) else [])])
    return found


def import_path(function: Function, home: Home) -> Iterator[Path]:
    """Where the function's imports are looked for: its code, then each layer, each with the packages that it lists.

    A built layer keeps its packages under ``python/``; a layer run from its sources has them at its root. What lies
    beside the code comes before what was installed for it.
    """
    yield function.code_dir
    yield from _listed(function.code_dir, home)
    for layer in function.layer_dirs:
        if (layer / "python").is_dir():
            yield layer / "python"
            yield from sorted(layer.glob("python/lib/python3.*/site-packages"))
        yield layer
        yield from _listed(layer, home)


def _listed(folder: Path, home: Home) -> Iterator[Path]:
    if folder in home.packages:
        yield home.packages[folder]
