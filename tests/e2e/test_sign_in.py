"""The page where the APIs ask for access tokens: sign in, work, and sign out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from stellar_local_stack.auth.keys import Keys
from support.browser import Complaints
from support.ports import free_ports
from support.the_page import ThePage, words
from support.up import Up


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("auth"))


@pytest.fixture(scope="module")
def guarded(chromium: str, built: None, keys: Keys) -> Iterator[Up]:
    [port] = free_ports(1)
    with Up("--auth", "--auth-port", str(port), environment={"STELLAR_AUTH_FOLDER": str(keys.folder)}) as running:
        yield running


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_user_signs_in_and_is_answered(guarded: Up, browser: Browser, keys: Keys, host: str) -> None:
    tab = browser.new_page(locale="en-GB")
    complaints = Complaints(tab)
    page = ThePage(tab, guarded.url("page").replace("127.0.0.1", host)).open()
    page.go("system")
    expect(page.main).to_contain_text("An access token is needed")
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_label("Sign-in code").fill("wrong")
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("alert")).to_contain_text("That is not the code.")
    tab.get_by_label("Sign-in code").fill(keys.sign_in_code())
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
    assert tab.url.endswith("/#/system")  # where the user was, and no code in the address
    expect(page.main).to_contain_text(words(r"confusion"))
    assert tab.evaluate("JSON.stringify([sessionStorage, localStorage])").count("eyJ") == 0
    tab.get_by_role("button", name="Sign out").click()
    expect(page.main).to_contain_text("An access token is needed")
    assert complaints.of_policy == []
    tab.close()


def test_state_of_another_sign_in_gives_no_token(guarded: Up, browser: Browser) -> None:
    tab = browser.new_page(locale="en-GB")
    tab.goto(guarded.url("page"))
    tab.evaluate("sessionStorage.setItem('stellar-sign-in', JSON.stringify({verifier: 'v', state: 's', hash: ''}))")
    tab.goto(f"{guarded.url('page')}/?code=c&state=t")
    expect(tab.get_by_role("alert").first).to_contain_text("Signing in did not work")
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
    tab.close()
