"""Every property of a template is done, warned of with its place, or refused: never passed over in silence."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from samtranslator.model import sam_resources
from samtranslator.model.eventsources import cloudwatchlogs, pull, push, scheduler
from samtranslator.plugins.globals.globals import Globals

from lambda_emulator.template.coverage import page
from lambda_emulator.template.coverage.events import EVENTS, OTHER_EVENTS
from lambda_emulator.template.coverage.status import Status
from lambda_emulator.template.coverage.tables import RESOURCES
from support.templates import HEAD, ONE, line_of, load, notes

PAGE = Path(__file__).parents[4] / "docs" / "template-properties.md"
SAM_CLASSES = {
    kind.resource_type: kind
    for kind in vars(sam_resources).values()
    if str(getattr(kind, "resource_type", None)).startswith("AWS::Serverless::") and kind.resource_type in RESOURCES
}
EVENT_CLASSES = {
    kind.resource_type: kind
    for module in (cloudwatchlogs, pull, push, scheduler)
    for kind in vars(module).values()
    if getattr(kind, "__module__", None) == module.__name__ and getattr(kind, "resource_type", None)
}


def names(table: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in table}


def schema_of(resource_type: str) -> dict[str, Any]:
    schema: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    return schema


@pytest.mark.parametrize("resource_type", sorted(kind for kind in RESOURCES if "::Serverless::" not in kind))
def test_every_property_of_cloudformation_is_in_the_table(resource_type: str) -> None:
    schema = schema_of(resource_type)
    only_read = {path.split("/")[2] for path in schema.get("readOnlyProperties", [])}
    assert names(RESOURCES[resource_type]) >= schema["properties"].keys() - only_read


@pytest.mark.parametrize("resource_type", sorted(SAM_CLASSES))
def test_every_property_of_sam_is_in_the_table(resource_type: str) -> None:
    known = {name for name in SAM_CLASSES[resource_type].property_types if not name.startswith("__")}
    assert names(RESOURCES[resource_type]) == known
    shared = Globals.supported_properties.get(resource_type, [])
    assert names(RESOURCES[resource_type]) >= set(shared)


def test_every_event_of_sam_is_in_the_table() -> None:
    assert EVENTS.keys() | OTHER_EVENTS.keys() == EVENT_CLASSES.keys()
    for kind, table in EVENTS.items():
        assert names(table) == EVENT_CLASSES[kind].property_types.keys(), kind


def test_the_page_is_what_the_tables_say() -> None:
    if not PAGE.is_file():
        pytest.skip("this copy has no documentation")
    assert PAGE.read_text() == "\n".join(page.lines()), "write it anew: make schema"


def test_what_counts_for_nothing_is_named_with_resource_property_and_line(tmp_path: Path) -> None:
    text = ONE + "      VpcConfig: {SecurityGroupIds: [sg-1], SubnetIds: [subnet-1]}\n"
    (note,) = notes(load(tmp_path, text))
    place = f"{tmp_path / 'template.yaml'}:{line_of(text, 'VpcConfig')}: Hello.VpcConfig: "
    assert note == f"{place}functions run in this machine's own network"


def test_one_warning_tells_every_place_of_one_thing(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {Tracing: Active}}
  B: {Type: AWS::Serverless::Function, Properties: {Tracing: Active}}
"""
    )
    (note,) = notes(load(tmp_path, text))
    assert ": A.Tracing: no trace is recorded here; also B.Tracing (line " in note


def test_globals_are_looked_at_too(tmp_path: Path) -> None:
    text = HEAD.replace("Globals:\n  Function: {", "Globals:\n  Function: {Tracing: Active, ")
    (note,) = notes(load(tmp_path, text + "\nResources:\n  A: {Type: AWS::Serverless::Function}\n"))
    assert "Globals.Function.Tracing" in note


@pytest.mark.parametrize(
    "written",
    [
        "Tracing: PassThrough",
        "SnapStart: {ApplyOn: None}",
        "EphemeralStorage: {Size: 512}",
        "LoggingConfig: {LogFormat: Text}",
        "RecursiveLoop: Allow",
        "Description: text",
        "Tags: {a: b}",
    ],
)
def test_a_value_that_asks_for_nothing_is_not_warned_of(written: str, tmp_path: Path) -> None:
    assert not notes(load(tmp_path, f"{ONE}      {written}\n"))


def test_an_unknown_property_of_cloudformation_is_named(tmp_path: Path) -> None:
    text = """
Resources:
  Hello:
    Type: AWS::Lambda::Function
    Properties: {Code: src, Handler: app.lambda_handler, Runtime: python3.11, Timeuot: 5}
"""
    (note,) = notes(load(tmp_path, text))
    assert "Hello.Timeuot: AWS knows no such property; did you mean Timeout?" in note


@pytest.mark.parametrize("kind", sorted(OTHER_EVENTS))
def test_events_that_do_not_come_by_themselves_are_named(kind: str, tmp_path: Path) -> None:
    text = ONE + f"      Events:\n        It:\n          Type: {kind}\n          Properties: {{}}\n"
    (note,) = notes(load(tmp_path, text))
    assert "Hello.Events.It: events of this type do not come by themselves here" in note
    assert f"({kind})" in note


def test_every_note_says_why() -> None:
    for table in RESOURCES.values():
        for name, coverage in table.items():
            assert coverage.status is Status.DONE or coverage.note, name


def test_what_a_function_url_asks_for_in_vain_is_named_with_its_line(tmp_path: Path) -> None:
    text = ONE + "      FunctionUrlConfig:\n        AuthType: AWS_IAM\n        InvokeMode: RESPONSE_STREAM\n"
    by_iam, streamed = notes(load(tmp_path, text))
    start = f"{tmp_path / 'template.yaml'}:"
    assert by_iam.startswith(f"{start}{line_of(text, 'AWS_IAM')}: Hello.FunctionUrlConfig.AuthType: ")
    assert streamed.startswith(f"{start}{line_of(text, 'RESPONSE_STREAM')}: Hello.FunctionUrlConfig.InvokeMode: ")
