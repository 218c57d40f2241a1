"""Reading YAML and JSON with their lines."""

from pathlib import Path

import pytest

from lambda_emulator.template import TemplateError
from lambda_emulator.template.source.document import parse, read_document

HERE = Path("template.yaml")


def test_short_forms_become_long_forms() -> None:
    data = parse("{a: !Ref X, b: !GetAtt X.Arn, c: !Sub '${X}', d: !Join [',', [a]], e: !Condition C}", HERE).data
    assert data == {
        "a": {"Ref": "X"},
        "b": {"Fn::GetAtt": ["X", "Arn"]},
        "c": {"Fn::Sub": "${X}"},
        "d": {"Fn::Join": [",", ["a"]]},
        "e": {"Condition": "C"},
    }


def test_short_forms_nest() -> None:
    data = parse("a: !Select [0, !Split [',', !Ref List]]", HERE).data
    assert data["a"] == {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "List"}]}]}


def test_get_att_keeps_dots_of_the_attribute() -> None:
    assert parse("a: !GetAtt Child.Outputs.Name", HERE).data["a"] == {"Fn::GetAtt": ["Child", "Outputs.Name"]}


def test_keys_are_text_and_dates_stay_text() -> None:
    assert parse("responses: {200: ok, on: x}\nVersion: 2012-10-17", HERE).data == {
        "responses": {"200": "ok", "on": "x"},
        "Version": "2012-10-17",
    }


def test_merge_keys_are_followed_and_own_keys_win() -> None:
    document = parse("base: &b {x: 1, y: 1}\nown:\n  y: 2\n  <<: *b", HERE)
    assert document.data["own"] == {"x": 1, "y": 2}
    assert not document.duplicates


def test_every_value_has_its_line() -> None:
    document = parse("a:\n  b:\n    - c\n    - d: 1\n  e: !Sub\n    - x\n    - {}\n", HERE)
    assert document.line(("a", "b", 1, "d")) == 4
    assert document.line(("a", "e", "Fn::Sub")) == 5
    assert document.line(("a", "b", 7, "nothing")) == 2


def test_a_key_written_twice_is_noted() -> None:
    assert parse("a: {x: 1}\nb: 1\na: {y: 2}", HERE).duplicates == ((("a",), 3),)


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text("Resources:\n  A: [1\n  B: 2\n")
    with pytest.raises(TemplateError, match="not well-formed YAML") as caught:
        read_document(path)
    assert caught.value.line == 3
    assert str(caught.value).startswith(f"{path}:3: ")


def test_an_anchor_in_itself_is_refused() -> None:
    with pytest.raises(TemplateError, match="contains itself"):
        parse("a: &a [*a]", HERE)


def test_json_with_tabs_and_escaped_slashes(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text('{\n\t"a": "x\\/y",\n\t"b": "back\\\\/slash",\n\t"c": {"Fn::Sub": "${X}"}\n}')
    document = read_document(path)
    assert document.data == {"a": "x/y", "b": "back\\/slash", "c": {"Fn::Sub": "${X}"}}
    assert document.line(("c",)) == 4


def test_broken_json_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text('{\n"a": 1,\n}')
    with pytest.raises(TemplateError) as caught:
        read_document(path)
    assert caught.value.line in (2, 3)


@pytest.mark.parametrize("text", ["", "- a\n", "just text"])
def test_what_is_no_mapping_is_no_template(text: str, tmp_path: Path) -> None:
    from support.templates import refused

    assert "Resources" in refused(tmp_path, text).message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no such file"):
        read_document(tmp_path / "template.yaml")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match="cannot be read"):
        read_document(path)
