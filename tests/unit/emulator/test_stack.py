from __future__ import annotations

import pytest

from lambda_emulator.stack import split_reference

ARN = "arn:aws:lambda:eu-west-1:123456789012:function"


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("orders", ("orders", "")),
        ("orders:live", ("orders", "live")),
        ("orders-function:live", ("orders-function", "live")),
        ("function:orders", ("orders", "")),
        ("123456789012:function:orders", ("orders", "")),
        ("123456789012:function:orders-function:$LATEST", ("orders-function", "$LATEST")),
        (f"{ARN}:orders", ("orders", "")),
        (f"{ARN}:orders:7", ("orders", "7")),
    ],
)
def test_every_form_of_a_reference_gives_name_and_qualifier(reference: str, parts: tuple[str, str]) -> None:
    assert split_reference(reference) == parts
