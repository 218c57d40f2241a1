"""What a request may ask for at most. Introspection is not counted, and stays on."""

from __future__ import annotations

from collections.abc import Iterator

from strawberry.extensions import SchemaExtension
from strawberry.extensions.max_aliases import create_validator as alias_limit
from strawberry.extensions.query_depth_limiter import create_validator as depth_limit

MAX_DEPTH = 6
MAX_ALIASES = 100
MAX_TOKENS = 10_000
MAX_BATCH = 10_000

# Made once: the rules are part of the key under which a document's validation is kept.
_RULES = (depth_limit(MAX_DEPTH, None), alias_limit(MAX_ALIASES))


class Limits(SchemaExtension):
    """Depth, aliases and tokens of a document."""

    def on_operation(self) -> Iterator[None]:
        self.execution_context.parse_options["max_tokens"] = MAX_TOKENS
        self.execution_context.validation_rules += _RULES
        yield
