"""The stream: synthetic objects fed on demand come back as predictions, as they are made."""

from __future__ import annotations

from playwright.sync_api import expect

from support.the_page import ThePage, words


def test_what_is_fed_is_seen_until_it_is_stopped(visit: ThePage) -> None:
    visit.go("live")
    visit.button(r"start|^feed").click()
    expect(visit.main).to_contain_text(words(r"galaxy"), timeout=20_000)
    expect(visit.table.get_by_role("row").nth(3)).to_be_visible(timeout=20_000)
    stop = visit.button(r"stop")
    expect(stop).to_be_visible()
    stop.click()
    expect(visit.button(r"start|^feed")).to_be_visible()


def test_rate_lag_and_dead_letters_are_told(visit: ThePage) -> None:
    visit.go("live")
    for name in (r"rate|per second|/ ?s", r"lag|waiting|behind", r"dlq|dead.letter"):
        expect(visit.main).to_contain_text(words(name))
