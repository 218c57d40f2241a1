"""What Chromium makes of the server's headers and events, with a page as small as can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from stellar_local_stack.kafka import EmbeddedBroker, create_topics
from support.browser import Complaints
from support.kafka import read_all
from support.page import PageServer, page_server

pytestmark = pytest.mark.xdist_group("browser")

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>small</title><link rel="icon" href="data:,">
<style nonce="__CSP_NONCE__">h1 { color: rgb(1, 2, 3) }</style>
<h1>small</h1><p id="heard"></p>
<script type="module" src="/assets/main-11111111.js"></script></html>"""
SCRIPT = """
globalThis.events = [];
const source = new EventSource("/live/events");
source.addEventListener("stats", (event) => events.push(JSON.parse(event.data)));
source.addEventListener("open", () => (document.querySelector("#heard").textContent = "open"));
globalThis.feed = (method, body) => fetch("/live/feed", { method, body }).then((answer) => answer.status);
globalThis.work = () => new Promise((resolve, reject) => {
  const worker = new Worker("/assets/worker-22222222.js", { type: "module" });
  worker.onmessage = (event) => resolve(event.data);
  worker.onerror = reject;
});
"""
WORKER = "postMessage(6 * 7);"


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as running:
        create_topics(running.client_config())
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("dist")
    (built / "assets").mkdir()
    (built / "index.html").write_text(PAGE)
    (built / "assets/main-11111111.js").write_text(SCRIPT)
    (built / "assets/worker-22222222.js").write_text(WORKER)
    return built


@pytest.fixture(scope="module")
def server(broker: EmbeddedBroker, folder: Path) -> Iterator[PageServer]:
    arguments = ("--folder", folder, "--bootstrap-servers", broker.bootstrap_servers)
    with page_server(*arguments, "--esm-url", "http://127.0.0.1:1", "--api-url", "http://127.0.0.1:9") as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    opened = browser.new_page()
    opened.goto(server.url)
    yield opened
    opened.close()


def test_styles_with_the_nonce_scripts_and_workers_run_and_nothing_is_refused(page: Page, server: PageServer) -> None:
    complaints = Complaints(page)
    page.reload()
    assert page.locator("h1").evaluate("element => getComputedStyle(element).color") == "rgb(1, 2, 3)"
    assert page.evaluate("work()") == 42
    assert complaints.texts == []


def test_an_inline_script_and_a_foreign_address_are_refused(page: Page) -> None:
    complaints = Complaints(page)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "globalThis.intruder = true";
            document.body.append(script);
            return fetch("http://127.0.0.1:7/").catch(() => "refused");
        }"""
    )
    assert page.evaluate("globalThis.intruder") is None
    assert len(complaints.of_policy) >= 2


def test_the_page_hears_events_and_starts_and_stops_the_feed(page: Page, broker: EmbeddedBroker) -> None:
    page.get_by_text("open").wait_for()
    assert page.evaluate("feed('POST', JSON.stringify({rate: 100}))") == 200
    page.wait_for_function("() => events.some((stats) => stats.feeding)")
    assert len(read_all(broker, "star_features_input", 20)) == 20
    assert page.evaluate("feed('DELETE')") == 200
    page.wait_for_function("() => !events.at(-1).feeding")


def test_another_sites_page_can_neither_start_the_feed_nor_read_anything(
    page: Page, browser: Browser, broker: EmbeddedBroker, folder: Path, server: PageServer
) -> None:
    with page_server("--folder", folder, "--bootstrap-servers", broker.bootstrap_servers) as other:
        stranger = browser.new_page(bypass_csp=True)
        stranger.goto(other.url.replace("127.0.0.1", "localhost"))
        tried = f"fetch('{server.url}/live/feed', {{method: 'POST', mode: 'no-cors', body: '{{\"rate\": 5}}'}})"
        stranger.evaluate(f"{tried}.then(() => null, () => null)")
        assert stranger.evaluate(f"fetch('{server.url}/config.json').then(() => 'read', () => 'refused')") == "refused"
        stranger.close()
    count = page.evaluate("events.length")
    page.wait_for_function(f"() => events.length > {count} + 1")
    assert page.evaluate("events.at(-1).feeding") is False


def test_events_go_on_by_themselves_after_a_restart(browser: Browser, folder: Path, broker: EmbeddedBroker) -> None:
    arguments = ("--folder", folder, "--bootstrap-servers", broker.bootstrap_servers)
    with page_server(*arguments) as first:
        port = first.url.rpartition(":")[2]
        page = browser.new_page()
        page.goto(first.url)
        page.wait_for_function("() => events.length > 0")
        first.end()
    with page_server(*arguments, "--port", port):
        count = page.evaluate("events.length")
        page.wait_for_function(f"() => events.length > {count}")
    page.close()
