"""One object: from an example or by hand to an answer that can be understood, over either protocol."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from stellar.schema import EXAMPLE
from support.the_page import ThePage, words
from support.up import Up


@pytest.mark.parametrize(
    ("example", "label"),
    [("galaxy", "galaxy"), ("quasar", "quasar|qso"), ("star", "star"), ("photometric", "photometric")],
)
def test_each_example_is_classified(visit: ThePage, stack: Up, example: str, label: str) -> None:
    visit.example(example)
    visit.classify()
    expect(visit.answer).to_contain_text(words(label))
    expect(visit.answer).to_contain_text(stack.get("/model")["version"])
    expect(visit.answer).to_contain_text(re.compile(r"\d ?%"))


def test_the_stars_redshift_is_negative_and_welcome(visit: ThePage) -> None:
    visit.example("star")
    assert float(visit.field("redshift").input_value()) < 0
    visit.classify()
    expect(visit.answer).to_contain_text(words("star"))


def test_a_redshift_that_is_taken_away_leads_to_the_photometric_model(visit: ThePage) -> None:
    visit.example("galaxy")
    visit.classify()
    expect(visit.answer).to_contain_text(words("spectroscopic"))
    visit.field("redshift").fill("")
    visit.classify()
    expect(visit.answer).to_contain_text(words("photometric"))


def test_invalid_input_is_told_at_once_with_its_limit(visit: ThePage) -> None:
    visit.example("galaxy")
    field = visit.field("delta")
    field.fill("123")
    field.blur()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(visit.main).to_contain_text(re.compile(r"[-−]?90"))
    field.fill("12.3")
    expect(field).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize(("protocol", "path"), [("REST", "/predict"), ("GraphQL", "/graphql")])
def test_the_chosen_protocol_is_the_one_that_is_spoken(visit: ThePage, protocol: str, path: str) -> None:
    visit.example("quasar")
    visit.choose(protocol)
    with visit.tab.expect_request(lambda request: request.method == "POST" and request.url.rstrip("/").endswith(path)):
        visit.classify()
    expect(visit.answer).to_contain_text(words("quasar|qso"))


def test_the_shown_curl_command_gives_the_same_answer(visit: ThePage) -> None:
    visit.example("quasar")
    visit.show("curl")
    expect(visit.shown_request).to_contain_text("curl ")
    command = shlex.split(visit.shown_request.inner_text().replace("\\\n", " "))
    answer = subprocess.run([*command, "-s"], capture_output=True, check=True, text=True, timeout=30).stdout
    assert json.loads(answer)["label"] == "QSO"


def test_the_shown_python_program_gives_the_same_answer(visit: ThePage) -> None:
    visit.example("star")
    visit.show("Python")
    expect(visit.shown_request).to_contain_text("import ")
    program = visit.shown_request.inner_text().replace("\N{NO-BREAK SPACE}", " ")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "STAR" in done.stdout


@pytest.mark.parametrize(
    ("language", "words_of_it"), [("GraphQL", ["mutation", "objID"]), ("grpcurl", ["grpcurl -plaintext"])]
)
def test_the_request_is_shown_for_the_other_protocols_too(
    visit: ThePage, stack: Up, language: str, words_of_it: list[str]
) -> None:
    visit.example("galaxy")
    visit.show(language)
    for word in words_of_it:
        expect(visit.shown_request).to_contain_text(word)
    if language == "grpcurl":
        expect(visit.shown_request).to_contain_text(f"127.0.0.1:{stack.ports['grpc']}")


def test_the_shown_request_is_copied(visit: ThePage) -> None:
    visit.example("galaxy")
    visit.show("curl")
    visit.button(r"^copy").click()
    expect(visit.main).to_contain_text(words("copied"))
    copied = visit.tab.evaluate("navigator.clipboard.readText()")
    assert shlex.split(copied) == shlex.split(visit.shown_request.inner_text())


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_pasted_object_fills_the_form(visit: ThePage, form: str) -> None:
    pasted = {**EXAMPLE, "u": 20.125, "redshift": 1.25}
    text = json.dumps(pasted) if form == "json" else f"{','.join(pasted)}\n{','.join(map(str, pasted.values()))}"
    visit.paste(text)
    expect(visit.field("u")).to_have_value("20.125")
    expect(visit.field("redshift")).to_have_value("1.25")


def test_the_answer_shows_where_the_object_lies(visit: ThePage) -> None:
    visit.example("quasar")
    visit.classify()
    for diagram in (r"colou?r", r"redshift"):
        expect(visit.main.get_by_role("img", name=words(diagram)).first).to_be_visible()


def test_what_was_typed_survives_a_reload(visit: ThePage) -> None:
    visit.example("galaxy")
    visit.field("u").fill("21.4321")
    visit.field("u").blur()
    visit.tab.reload()
    expect(visit.field("u")).to_have_value("21.4321")


def test_it_can_be_done_with_the_keyboard_alone(visit: ThePage) -> None:
    visit.example("star")
    visit.field("redshift").focus()
    visit.tab.keyboard.press("Enter")
    expect(visit.answer).to_contain_text(words("star"))


def test_a_link_shows_the_object_to_somebody_else(visit: ThePage) -> None:
    visit.example("quasar")
    visit.field("obj_ID").fill("1237663784734294017")
    visit.button(r"^copy link").click()
    expect(visit.main).to_contain_text(words("copied"))
    link = visit.tab.evaluate("navigator.clipboard.readText()")
    visit.example("star")
    visit.tab.goto("about:blank")
    visit.tab.goto(link)
    expect(visit.field("obj_ID")).to_have_value("1237663784734294017")
    expect(visit.field("redshift")).to_have_value("1.68")


def test_copying_works_where_there_is_no_clipboard(visit: ThePage) -> None:
    """As on a page that came over plain http from another machine."""
    visit.tab.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    visit.button(r"^copy$").click()
    expect(visit.main).to_contain_text(words("copied"))


def test_the_shown_graphql_pastes(visit: ThePage, stack: Up) -> None:
    visit.example("quasar")
    visit.show("GraphQL")
    expect(visit.shown_request).to_contain_text("mutation")
    query = visit.shown_request.inner_text().replace("\N{NO-BREAK SPACE}", " ")
    answer = visit.tab.request.post(f"{stack.url()}/graphql", data={"query": query}).json()
    assert answer["data"]["predict"]["label"] == "QSO"


def test_warnings_are_told_in_spanish(visit: ThePage) -> None:
    visit.speak("es")
    visit.tab.get_by_label("u", exact=True).fill("35")
    visit.main.get_by_role("button", name=words("^clasificar")).click()
    expect(visit.main).to_contain_text("u = 35 está fuera del intervalo habitual")
