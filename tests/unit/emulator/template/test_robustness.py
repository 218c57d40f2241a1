"""Whatever is in a template, it is read or refused: nothing else is raised."""

import contextlib
import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_emulator.template import TemplateError, load_stack
from lambda_emulator.template.source.document import read_document
from support.templates import TEMPLATES

DOCUMENTS = [read_document(path).data for path in sorted(TEMPLATES.glob("*.yaml"))]
JUNK: list[Any] = [
    None,
    1,
    True,
    "text",
    [],
    {},
    ["a"],
    {"a": "b"},
    {"Ref": "Nothing"},
    {"Ref": "AWS::NoValue"},
    {"Fn::Sub": "${Nothing.Arn}"},
    {"Fn::GetAtt": "X"},
    {"Fn::If": ["a", "b", "c"]},
    {"Fn::ImportValue": "x"},
    {"Fn::Transform": {"Name": "Macro"}},
]


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a template, from the outside in."""
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*place, key)
        yield from places(child, (*place, key))


@st.composite
def damaged_templates(draw: st.DrawFn) -> Any:
    """A template with something in it replaced or left out."""
    template = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    *outer, last = draw(st.sampled_from(list(places(template))))
    parent = template
    for key in outer:
        parent = parent[key]
    if draw(st.booleans()):
        parent[last] = draw(st.sampled_from(JUNK))
    else:
        del parent[last]
    return template


@given(damaged_templates())
@settings(max_examples=60)
def test_a_damaged_template_is_read_or_refused(template: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "template.yaml")
        path.write_text(yaml.safe_dump(template))
        with contextlib.suppress(TemplateError):
            load_stack(path)


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_undamaged_ones_are_read(path: Path) -> None:
    assert load_stack(path).template_path == path
