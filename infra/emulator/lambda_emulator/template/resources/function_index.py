"""Which function of a template a reference means."""

from __future__ import annotations

import re
from typing import Any

from lambda_emulator.template.resources.catalog import Catalog
from lambda_emulator.template.values import as_text

_FUNCTION_REFERENCE = re.compile(r"(?:^|function:)(?P<name>[A-Za-z0-9_-]+)(?::[A-Za-z0-9$_-]+)?$")
_INVOKE_URI = re.compile(r"/functions/(?P<function>[^/]+)/(?:invocations|response-streaming-invocations)$")
_STAND_IN = re.compile(r"(?P<name>[A-Za-z0-9]+)\.Arn$")


class FunctionIndex:
    """Finds functions by name, ARN or an integration's URI, with or without a qualifier."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_name: dict[str, str] = {}
        functions = list(catalog.of_type("AWS::Lambda::Function"))
        for resource in functions:
            self._by_name.setdefault(catalog.name(resource.logical_id), resource.logical_id)
        for resource in functions:
            self._by_name.setdefault(resource.logical_id, resource.logical_id)

    def find(self, reference: Any) -> str | None:
        """The logical id of the function that ``reference`` means; None where the template has no such function."""
        name = self._name(reference)
        return None if name is None else self._by_name.get(name)

    def target(self, uri: Any) -> str | None:
        """The function behind an integration: a logical id, or the name of one that the template does not have.

        None where the URI is not that of a function.
        """
        match = _INVOKE_URI.search(as_text(uri))
        if match is None:
            return self.find(uri)
        stand_in = _STAND_IN.fullmatch(match["function"])
        name = stand_in["name"] if stand_in else self._name(match["function"])
        return None if name is None else self._by_name.get(name, name)

    def _name(self, reference: Any) -> str | None:
        text = as_text(reference)
        if uri := _INVOKE_URI.search(text):
            text = uri["function"]
        match = _FUNCTION_REFERENCE.search(text)
        return match["name"] if match else None
