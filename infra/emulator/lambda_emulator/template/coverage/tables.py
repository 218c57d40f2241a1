"""Every table, by type of resource."""

from __future__ import annotations

from collections.abc import Mapping

from lambda_emulator.template.coverage.apis import HTTP_APIS, REST_APIS
from lambda_emulator.template.coverage.events import MAPPINGS, SCHEDULES
from lambda_emulator.template.coverage.functions import FUNCTIONS
from lambda_emulator.template.coverage.status import Table

RESOURCES: Mapping[str, Table] = {**FUNCTIONS, **MAPPINGS, **SCHEDULES, **REST_APIS, **HTTP_APIS}
"""The properties of each type of resource that runs here."""
