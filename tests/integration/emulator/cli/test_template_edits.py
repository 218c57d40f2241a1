"""The template is edited while ``start-api`` serves it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.commands import Served, serving


def edit(project: Path, old: str, new: str) -> None:
    path = project / "template.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def wait(condition: Callable[[], bool], api: Served, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, api.log
        time.sleep(0.02)


def test_an_edit_of_the_template_is_served_without_a_restart(project: Path) -> None:
    with serving(project, "start-api") as api:
        assert api.get("/half")[1] == b"done"
        edit(project, "Handler: app.half_a_second", "Handler: app.hello\n      Environment: {Variables: {COLOR: new}}")
        edit(project, "Path: /half,", "Path: /renamed,")
        api.wait_for("Reloaded template.yaml")
        wait(lambda: b'"color": "new"' in api.get("/renamed")[1], api)
        assert api.get("/half")[0] == 404
        assert api.end() == 0


def test_a_mistake_in_an_edit_changes_nothing_and_is_shown(project: Path) -> None:
    with serving(project, "start-api") as api:
        edit(project, "Transform:", "Transform: [")
        api.wait_for("ERROR: template.yaml is not taken over")
        assert api.get("/half")[1] == b"done"
        edit(project, "Transform: [", "Transform:")
        api.wait_for("Reloaded template.yaml")
        assert api.get("/half")[1] == b"done"


def test_no_request_fails_through_edits(project: Path) -> None:
    with serving(project, "start-api") as api, ThreadPoolExecutor(1) as pool:
        edited = threading.Event()

        def ask() -> set[int]:
            statuses = set()
            while not edited.is_set():
                statuses.add(api.get("/hello")[0])
            return statuses

        statuses = pool.submit(ask)
        for number in (1, 2, 3):
            edit(project, f"Timeout: 1{number - 1},", f"Timeout: 1{number},")
            wait(lambda number=number: api.log.count("Reloaded template.yaml") == number, api)
        edited.set()
        assert statuses.result() == {200}


def test_watching_can_be_switched_off(project: Path) -> None:
    with serving(project, "start-api", "--no-watch") as api:
        edit(project, "Path: /half,", "Path: /renamed,")
        assert api.get("/half")[1] == b"done"
        assert "Reloaded" not in api.log
