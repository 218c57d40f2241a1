"""Amazon Resource Names. Mirrors "Identify AWS resources with Amazon Resource Names (ARNs)" of the IAM User Guide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

REGION = "us-east-1"
ACCOUNT_ID = "123456789012"


class ArnError(ValueError):
    """A text is no ARN."""


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN; ``str`` gives its text."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ArnError."""
        parts = text.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn":
            raise ArnError(f"{text!r} is no ARN")
        return cls(*parts[1:])

    def __str__(self) -> str:
        return ":".join(("arn", self.partition, self.service, self.region, self.account, self.resource))


@dataclass(frozen=True, slots=True)
class Location:
    """The region and the account that a stack would be in."""

    region: str = REGION
    account: str = ACCOUNT_ID

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource there."""
        return str(Arn("aws", service, self.region, self.account, resource))

    def function_arn(self, name: str) -> str:
        """The unqualified ARN of a function there."""
        return self.arn("lambda", f"function:{name}")
