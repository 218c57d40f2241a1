"""Which operation of a document is run. Mirrors "GetOperation" in the GraphQL specification, section 6.1.

Strawberry takes the first of several where the request names none: a mutation might run that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import SchemaExtension


class OneOperation(SchemaExtension):
    """Refuses a document of several operations without a name. Stands after what validates the document."""

    def on_validate(self) -> Iterator[None]:
        execution = self.execution_context
        if not execution.pre_execution_errors and execution.graphql_document and not execution.context.operation:
            found = [
                each for each in execution.graphql_document.definitions if isinstance(each, OperationDefinitionNode)
            ]
            if len(found) > 1:
                text = "Must provide operation name if query contains multiple operations."
                execution.pre_execution_errors = [GraphQLError(text, found)]
        yield
