"""What runs and how well; and what the page says when it does not."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from support.page import page_server
from support.the_page import ThePage, words
from support.up import Up

DEAD = "http://127.0.0.1:1"


def test_every_protocol_is_up_and_the_model_is_told(visit: ThePage, stack: Up) -> None:
    visit.go("system")
    for protocol in ("REST", "GraphQL", "gRPC", "Kafka"):
        expect(visit.main).to_contain_text(protocol)
    expect(visit.main).to_contain_text(stack.get("/model")["version"])
    expect(visit.main).to_contain_text(words(r"confusion"))
    expect(visit.main).to_contain_text(words(r"accuracy"))


@pytest.mark.parametrize("name", ["docs|documentation", "graphiql"])
def test_there_are_links_to_the_rest(visit: ThePage, name: str) -> None:
    visit.go("system")
    expect(visit.main.get_by_role("link", name=words(name)).first).to_have_attribute("href", words(r"^http://127"))


def test_what_does_not_run_is_named_and_not_linked_to(lonely: ThePage) -> None:
    lonely.go("system")
    expect(lonely.main).to_contain_text("Not running: MLflow, Airflow")
    expect(lonely.main.get_by_role("link", name="MLflow")).to_have_count(0)


def test_a_server_that_runs_is_linked_to(built: None, browser: Browser) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mlflow:
        url = f"http://127.0.0.1:{mlflow.getsockname()[1]}"
        with page_server("--api-url", "http://127.0.0.1:9", "--mlflow-url", url, "--airflow-url", DEAD) as server:
            tab = browser.new_page(locale="en-GB")
            page = ThePage(tab, server.url).open()
            page.go("system")
            expect(page.main.get_by_role("link", name="MLflow")).to_have_attribute("href", url)
            tab.close()


@pytest.fixture
def alone(stack: Up, browser: Browser) -> Iterator[Page]:
    """A tab that reaches the API and nothing else."""
    tab = browser.new_page()
    tab.route(lambda url: url.startswith("http") and not url.startswith(stack.url()), lambda route: route.abort())
    yield tab
    tab.close()


@pytest.mark.parametrize("page", ["docs", "redoc"])
def test_documentation_of_the_api_needs_no_other_server(alone: Page, stack: Up, page: str) -> None:
    alone.goto(f"{stack.url()}/{page}")
    expect(alone.get_by_text("Classify up to 10,000 objects").filter(visible=True).first).to_be_visible()


def test_example_of_graphiql_is_answered_and_needs_no_other_server(alone: Page, stack: Up) -> None:
    alone.goto(f"{stack.url()}/graphql")
    alone.get_by_role("button", name=words("execute")).click()
    expect(alone.get_by_label("Result Window")).to_contain_text('"strOutput": "Galaxy"')


@pytest.fixture
def lonely(built: None, browser: Browser) -> Iterator[ThePage]:
    """The page where neither API nor broker runs."""
    arguments = ("--api-url", "http://127.0.0.1:9", "--bootstrap-servers", "127.0.0.1:1")
    servers = ("--mlflow-url", DEAD, "--airflow-url", DEAD)
    with page_server(*arguments, *servers, "--esm-url", DEAD) as server:
        tab = browser.new_page(locale="en-GB")
        yield ThePage(tab, server.url).open()
        tab.close()


def test_a_service_that_is_down_is_told_with_a_way_to_try_again(lonely: ThePage) -> None:
    lonely.example("galaxy")
    lonely.classify()
    expect(lonely.alert).to_be_visible()
    expect(lonely.button(r"retry|try again")).to_be_visible()


@pytest.mark.parametrize("section", ["many", "history", "live", "system"])
def test_no_section_is_blank_though_nothing_runs(lonely: ThePage, section: str) -> None:
    lonely.go(section)
    expect(lonely.main.get_by_role("heading").first).to_be_visible()
    if section in ("live", "system"):
        expect(lonely.main).to_contain_text(words(r"down|not (running|reach|answer)|unreachable|unavailable"))
