"""What the Lambda API tells of functions: lists, configurations, versions, aliases, tags, account settings.

Mirrors the shapes of the Lambda API Reference, as far as a local function has anything to say. Nothing can be
changed through it: the template is the only source, and an attempt is answered with a clear error.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lambda_emulator.arn import Location
from lambda_emulator.asgi import Reply, json_reply
from lambda_emulator.invocation import LATEST, FunctionNotFoundError, Invoker
from lambda_emulator.invoke_api.references import called_function, location_of, qualified_arn, unknown_function
from lambda_emulator.invoke_api.router import Router
from lambda_emulator.invoke_api.wire import Call, InvalidParameterValueError, ResourceNotFoundError, ValidationError
from lambda_emulator.stack import AsyncConfig, Function

_PAGE = 50  # the most that ListFunctions gives at once
_NOT_CODE = frozenset({"__pycache__", "node_modules"})
_CONCURRENCY = 1_000  # what a new AWS account may use


class Catalogue:
    """The handlers of the reading calls."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    def router(self) -> Router:
        router = Router()
        one = "/2015-03-31/functions/{FunctionName}"
        router.add("GET", "/2015-03-31/functions", self.list_functions)
        router.add("GET", one, self.get_function)
        router.add("GET", f"{one}/configuration", self.get_configuration)
        router.add("GET", f"{one}/versions", self.list_versions)
        router.add("GET", f"{one}/aliases", self.list_aliases)
        router.add("GET", f"{one}/aliases/{{Name}}", self.get_alias)
        router.add("GET", "/2019-09-30/functions/{FunctionName}/concurrency", self.get_concurrency)
        router.add("GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config", self.get_event_config)
        router.add("GET", "/2016-08-19/account-settings", self.get_account_settings)
        router.add("GET", "/2017-03-31/tags/{Resource}", self.list_tags)
        return router

    async def list_functions(self, call: Call) -> Reply:
        functions = self._invoker.functions()
        start, size = _page(call)
        page = functions[start : start + size]
        version = call.query.get("FunctionVersion")
        if version not in (None, "ALL"):
            raise ValidationError(
                f"1 validation error detected: Value '{version}' at 'functionVersion' failed to satisfy constraint: "
                "Member must satisfy enum value set: [ALL]"
            )
        qualifier = LATEST if version else None  # of all versions, the code as it is
        content: dict[str, Any] = {"Functions": [await _listed(function, qualifier) for function in page]}
        if start + size < len(functions):
            content["NextMarker"] = base64.b64encode(str(start + size).encode()).decode()
        return json_reply(200, content)

    async def get_function(self, call: Call) -> Reply:
        function, qualifier = called_function(self._invoker, call)
        content: dict[str, Any] = {
            "Configuration": await _configuration(function, qualifier),
            "Code": {"RepositoryType": "FileSystem", "Location": function.code_dir.resolve().as_uri()},
        }
        if function.tags:
            content["Tags"] = dict(function.tags)
        if function.reserved_concurrency is not None:
            content["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved_concurrency}
        return json_reply(200, content)

    async def get_configuration(self, call: Call) -> Reply:
        return json_reply(200, await _configuration(*called_function(self._invoker, call)))

    async def list_versions(self, call: Call) -> Reply:
        function, _ = called_function(self._invoker, call)
        versions = [await _listed(function, version) for version in (LATEST, *function.versions)]
        return json_reply(200, {"Versions": versions})

    async def list_aliases(self, call: Call) -> Reply:
        function, _ = called_function(self._invoker, call)
        return json_reply(200, {"Aliases": [_alias(function, name) for name in function.aliases]})

    async def get_alias(self, call: Call) -> Reply:
        function, _ = called_function(self._invoker, call)
        name = call.parameters["Name"]
        if name not in function.aliases:
            raise ResourceNotFoundError(f"Cannot find alias arn: {function.arn}:{name}")
        return json_reply(200, _alias(function, name))

    async def get_concurrency(self, call: Call) -> Reply:
        reserved = called_function(self._invoker, call)[0].reserved_concurrency
        return json_reply(200, {} if reserved is None else {"ReservedConcurrentExecutions": reserved})

    async def get_event_config(self, call: Call) -> Reply:
        try:
            function, qualifier = called_function(self._invoker, call)
        except ResourceNotFoundError:
            reference = call.parameters["FunctionName"]
            asked = qualified_arn(reference, call.query.get("Qualifier") or LATEST, location_of(self._invoker))
            raise _no_event_config(asked) from None
        config = function.async_config
        called = f"{function.arn}:{qualifier or LATEST}"
        if replace(config, dead_letter=None) == AsyncConfig():
            raise _no_event_config(called)
        targets = (("OnSuccess", config.on_success), ("OnFailure", config.on_failure))
        return json_reply(
            200,
            {
                "FunctionArn": called,
                "MaximumRetryAttempts": config.maximum_retry_attempts,
                "MaximumEventAgeInSeconds": config.maximum_event_age_seconds,
                "DestinationConfig": {name: {"Destination": arn} if arn else {} for name, arn in targets},
            },
        )

    async def get_account_settings(self, call: Call) -> Reply:
        functions = self._invoker.functions()
        reserved = sum(function.reserved_concurrency or 0 for function in functions)
        size = sum([(await _code(function))[1] for function in functions])
        return json_reply(
            200,
            {
                "AccountLimit": {
                    "TotalCodeSize": 80_530_636_800,
                    "CodeSizeUnzipped": 262_144_000,
                    "CodeSizeZipped": 52_428_800,
                    "ConcurrentExecutions": _CONCURRENCY,
                    "UnreservedConcurrentExecutions": _CONCURRENCY - reserved,
                },
                "AccountUsage": {"TotalCodeSize": size, "FunctionCount": len(functions)},
            },
        )

    async def list_tags(self, call: Call) -> Reply:
        reference = call.parameters["Resource"]
        try:
            return json_reply(200, {"Tags": dict(self._invoker.resolve(reference).tags)})
        except FunctionNotFoundError:
            raise unknown_function(reference, location=location_of(self._invoker)) from None


async def _configuration(function: Function, qualifier: str | None = None) -> dict[str, Any]:
    """A ``FunctionConfiguration``."""
    digest, size, modified = await _code(function)
    content: dict[str, Any] = {
        "FunctionName": function.name,
        "FunctionArn": f"{function.arn}:{qualifier}" if qualifier else function.arn,
        "Runtime": function.runtime,
        "Role": f"arn:aws:iam::{function.location.account}:role/local",
        "Handler": function.handler,
        "CodeSize": size,
        "CodeSha256": digest,
        "Description": function.description,
        "Timeout": function.timeout_seconds,
        "MemorySize": function.memory_mb,
        "LastModified": modified,
        "Version": function.executed_version(qualifier) or LATEST,
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{function.arn}/{digest}")),
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": list(function.architectures),
        "EphemeralStorage": {"Size": function.ephemeral_storage_mb},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": _logging(function),
    }
    # AWS reserves these names, and here they may hold credentials that were given to the process.
    if variables := {k: v for k, v in function.environment.items() if not k.startswith("AWS_")}:
        content["Environment"] = {"Variables": variables}
    if function.layer_dirs:
        content["Layers"] = [{"Arn": _layer_arn(folder, function.location)} for folder in function.layer_dirs]
    if function.async_config.dead_letter:
        content["DeadLetterConfig"] = {"TargetArn": function.async_config.dead_letter}
    return content


def _logging(function: Function) -> dict[str, str]:
    """A ``LoggingConfig``: levels are those of format JSON alone."""
    config = function.logging
    content = {"LogFormat": config.format, "LogGroup": function.log_group}
    if config.format == "JSON":
        content |= {"ApplicationLogLevel": config.application_level, "SystemLogLevel": config.system_level}
    return content


async def _listed(function: Function, qualifier: str | None = None) -> dict[str, Any]:
    """A ``FunctionConfiguration`` as lists have it: without the states, for which one has to ask GetFunction."""
    content = await _configuration(function, qualifier)
    return {name: value for name, value in content.items() if name not in ("State", "LastUpdateStatus")}


def _no_event_config(arn: str) -> ResourceNotFoundError:
    return ResourceNotFoundError(f"The function {arn} doesn't have an EventInvokeConfig")


def _layer_arn(folder: Path, location: Location) -> str:
    return location.arn("lambda", f"layer:{quote(folder.name)}:1")


def _alias(function: Function, name: str) -> dict[str, str]:
    return {
        "AliasArn": f"{function.arn}:{name}",
        "Name": name,
        "FunctionVersion": function.executed_version(name) or LATEST,
        "Description": "",
    }


async def _code(function: Function) -> tuple[str, int, str]:
    """A digest of the code as it is now, its size in bytes and the time of its last change."""
    return await asyncio.to_thread(_measure, function.code_dir)


def _measure(folder: Path) -> tuple[str, int, str]:
    digest = hashlib.sha256()
    size, newest = 0, 0.0
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_CODE and not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            status = path.stat(follow_symlinks=False)
            digest.update(f"{path.relative_to(folder)}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
            size += status.st_size
            newest = max(newest, status.st_mtime)
    moment = datetime.fromtimestamp(newest, UTC)
    modified = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
    return base64.b64encode(digest.digest()).decode(), size, modified


def _page(call: Call) -> tuple[int, int]:
    """First index and greatest length of the page asked for."""
    marker = call.query.get("Marker")
    try:
        start = int(base64.b64decode(marker, validate=True)) if marker else 0
        size = int(call.query.get("MaxItems", _PAGE))
    except ValueError:
        raise InvalidParameterValueError("Marker or MaxItems is not valid.") from None
    if start < 0 or not 1 <= size <= 10_000:
        raise InvalidParameterValueError("MaxItems must be between 1 and 10000.")
    return start, min(size, _PAGE)
