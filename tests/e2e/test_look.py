"""Both themes, both languages, every width, every ability; and quick."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from stellar.schema import EXAMPLE
from support.the_page import SECTIONS, ThePage, words

AXE = Path(__file__).resolve().parents[2] / "frontend/node_modules/axe-core/axe.min.js"
WIDTHS = (360, 390, 900, 1600)
INTERACTIVE_SECONDS = 10.0  # generous: on a quiet machine it is under one
FIRST_LOAD_BYTES = 400_000


def background(visit: ThePage) -> str:
    return str(visit.tab.evaluate("getComputedStyle(document.body).backgroundColor"))


def serious(visit: ThePage) -> list[str]:
    """What axe finds that keeps somebody out."""
    visit.tab.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = visit.tab.evaluate("axe.run().then((result) => result.violations)")
    return [
        f"{each['id']}: {each['help']} {each['nodes'][0]['html'][:200]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("theme", ["first", "other"])
@pytest.mark.parametrize("section", list(SECTIONS))
def test_axe_finds_nothing_serious(visit: ThePage, section: str, theme: str) -> None:
    visit.tab.emulate_media(reduced_motion="reduce")
    if theme == "other":
        before = background(visit)
        visit.theme_button.click()
        visit.tab.wait_for_function(f"() => getComputedStyle(document.body).backgroundColor !== '{before}'")
    if section == "classify":
        visit.example("quasar")
        visit.classify()
        expect(visit.answer).to_contain_text(words("quasar|qso"))
    else:
        visit.go(section)
    expect(visit.main.get_by_role("heading").first).to_be_visible()
    assert serious(visit) == []


def test_the_theme_stays_after_a_reload(visit: ThePage) -> None:
    before = background(visit)
    visit.theme_button.click()
    visit.tab.wait_for_function(f"() => getComputedStyle(document.body).backgroundColor !== '{before}'")
    after = background(visit)
    visit.tab.reload()
    expect(visit.classify_button).to_be_visible()
    assert background(visit) == after


def test_it_speaks_spanish_and_english(visit: ThePage) -> None:
    visit.speak("es")
    expect(visit.tab.locator("html")).to_have_attribute("lang", re.compile("^es"))
    expect(visit.main.get_by_role("button", name=words(r"^clasificar")).first).to_be_visible()
    visit.tab.reload()
    expect(visit.main.get_by_role("button", name=words(r"^clasificar")).first).to_be_visible()
    visit.speak("en")
    expect(visit.classify_button).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_hangs_over_the_edge(visit: ThePage, tmp_path: Path, width: int) -> None:
    visit.tab.set_viewport_size({"width": width, "height": 800})
    visit.tab.reload()
    expect(visit.classify_button).to_be_visible()
    assert visit.tab.evaluate("document.documentElement.scrollWidth") <= width
    file = tmp_path / "objects.csv"
    file.write_text("\n".join([",".join(EXAMPLE), *[",".join(map(str, EXAMPLE.values()))] * 3]))
    visit.go("many")
    visit.upload(file)
    expect(visit.table).to_be_visible()
    assert visit.tab.evaluate("document.documentElement.scrollWidth") <= width


def test_each_section_has_a_title_of_its_own(visit: ThePage) -> None:
    titles = set()
    for section in SECTIONS:
        visit.go(section)
        expect(visit.main.get_by_role("heading").first).to_be_visible()
        expect(visit.tab).to_have_title(words(SECTIONS[section]))
        titles.add(visit.tab.title())
    assert len(titles) == len(SECTIONS)


def test_navigation_is_one_row_on_a_telephone(visit: ThePage) -> None:
    visit.tab.set_viewport_size({"width": 390, "height": 800})
    for language in ("en", "es"):
        visit.speak(language)
        tops = visit.tab.locator("nav a").evaluate_all("all => all.map(a => a.getBoundingClientRect().top)")
        assert len(set(tops)) == 1


def test_a_section_that_could_not_be_loaded_is_tried_again(visit: ThePage) -> None:
    visit.tab.reload()
    visit.tab.route(words(r"SystemPage.*\.js"), lambda route: route.abort())
    visit.go("system")
    expect(visit.main).to_contain_text(words("could not be loaded"))
    visit.tab.unroute_all(behavior="wait")
    visit.button("try again").click()
    expect(visit.main.get_by_role("heading", level=1)).to_have_text("System")


def test_it_is_ready_soon_and_small(visit: ThePage) -> None:
    visit.tab.reload()
    expect(visit.classify_button).to_be_enabled()
    assert visit.tab.evaluate("performance.now()") < 1000 * INTERACTIVE_SECONDS
    # By another tab of the profile, the files would come from its cache; sizes are the same there.
    scripts = visit.tab.evaluate(
        """() => performance.getEntriesByType("resource")
            .filter((entry) => /\\.(js|css)$/.test(entry.name))
            .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
    )
    assert 0 < scripts < FIRST_LOAD_BYTES


def test_everything_comes_from_this_machine(visit: ThePage) -> None:
    asked: list[str] = []
    visit.tab.on("request", lambda request: asked.append(request.url))
    visit.tab.reload()
    for section in SECTIONS:
        visit.go(section)
        expect(visit.main.get_by_role("heading").first).to_be_visible()
    assert asked
    assert all(re.match(r"(http://127\.0\.0\.1:|data:|blob:)", url) for url in asked)
