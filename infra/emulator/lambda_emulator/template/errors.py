"""A mistake in a template, told so that its author can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class TemplateError(ValueError):
    """A template that cannot be run as written.

    ``line`` is 1-based and None where the mistake has no place in the file. ``property`` is a dotted path below
    the resource's ``Properties`` (``Events.Api.Path``). ``related`` holds further mistakes found in the same pass.
    """

    def __init__(
        self,
        message: str,
        resource: str | None = None,
        property: str | None = None,  # noqa: A002 - the word that CloudFormation has for it
        line: int | None = None,
        path: Path | None = None,
        related: Sequence[TemplateError] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.resource = resource
        self.property = property
        self.line = line
        self.path = path
        self.related = tuple(related)

    @property
    def place(self) -> str:
        """Where the mistake is: file, line, resource and property, as far as they are known."""
        file = "" if self.path is None else f"{self.path}" if self.line is None else f"{self.path}:{self.line}"
        subject = ".".join(part for part in (self.resource, self.property) if part)
        return ": ".join(part for part in (file, subject) if part)

    def __str__(self) -> str:
        return "\n".join([self._told(), *map(str, self.related)])

    def _told(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class SamWordedError(TemplateError):
    """A mistake that is told in SAM CLI's own words, for scripts look for them: they come before the place."""

    def _told(self) -> str:
        return f"{self.message} ({self.place})"


class UnavailableError(TemplateError):
    """Something that this machine does not have: a parameter's value, another stack's output, a folder.

    It concerns the function that needs it; the others can run.
    """
