"""What was asked before: kept in the browser, found again, asked again, taken along, forgotten."""

from __future__ import annotations

from playwright.sync_api import expect

from support.the_page import ThePage, words


def with_history(visit: ThePage) -> ThePage:
    """A quasar and a star are classified, then the history is open."""
    for example in ("quasar", "star"):
        visit.example(example)
        visit.classify()
        expect(visit.answer).to_contain_text(words("quasar|qso" if example == "quasar" else example))
    visit.go("history")
    return visit


def test_it_outlives_a_reload(visit: ThePage) -> None:
    with_history(visit)
    expect(visit.main).to_contain_text(words("quasar|qso"))
    visit.tab.reload()
    visit.go("history")
    expect(visit.main).to_contain_text(words("quasar|qso"))


def test_it_is_searched(visit: ThePage) -> None:
    with_history(visit)
    search = visit.main.get_by_role("searchbox").or_(visit.main.get_by_role("textbox", name=words("search"))).first
    search.fill("star")
    expect(visit.table).not_to_contain_text(words("quasar|qso"))
    expect(visit.table).to_contain_text(words("star"))


def test_an_entry_is_asked_again(visit: ThePage) -> None:
    with_history(visit)
    with visit.tab.expect_request(lambda request: request.method == "POST"):
        visit.main.get_by_role("button", name=words(r"again|re-?run")).first.click()
        if visit.answer.count() == 0:
            visit.classify()


def test_it_is_exported_and_cleared(visit: ThePage) -> None:
    with_history(visit)
    with visit.tab.expect_download() as download:
        visit.button(r"export|download").click()
    assert download.value.path().stat().st_size > 100
    visit.button(r"^clear|^delete|^forget").click()
    confirmation = visit.tab.get_by_role("dialog").get_by_role("button", name=words(r"clear|delete|forget|yes")).first
    if confirmation.count():
        confirmation.click()
    expect(visit.main).not_to_contain_text(words("quasar|qso"))
