"""The web page as its users find their way in it: by the names that a screen reader says, in English.

Whatever the tests take for granted about names is here, so that a word that changes on the page changes in one place.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SECTIONS = {
    "classify": r"^classify",
    "many": r"many at once|batch",
    "history": r"^history",
    "live": r"^live",
    "system": r"^system",
}
DECIDING = ("u", "g", "r", "i", "z", "redshift")
EXAMPLES = {
    "galaxy": r"^(a )?galaxy",
    "quasar": r"^(a )?quasar",
    "star": r"^(a )?star",
    "photometric": r"no redshift|without (a )?redshift|photometr",
}


def words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


class ThePage:
    """One tab of a browser with the page in it."""

    def __init__(self, tab: Page, url: str) -> None:
        self.tab = tab
        self.url = url

    def open(self) -> ThePage:
        """Load the page, and wait until it can be used."""
        self.tab.goto(self.url)
        expect(self.classify_button).to_be_visible()
        return self

    def go(self, section: str) -> None:
        """Follow the way to a section."""
        navigation = self.tab.get_by_role("navigation").or_(self.tab.get_by_role("tablist"))
        pattern = words(SECTIONS[section])
        way = navigation.get_by_role("link", name=pattern)
        way.or_(navigation.get_by_role("tab", name=pattern)).or_(
            navigation.get_by_role("button", name=pattern)
        ).first.click()

    def button(self, pattern: str) -> Locator:
        return self.tab.get_by_role("button", name=words(pattern)).first

    @property
    def main(self) -> Locator:
        return self.tab.get_by_role("main")

    # Classify

    @property
    def classify_button(self) -> Locator:
        return self.main.get_by_role("button", name=words(r"^classify")).first

    @property
    def answer(self) -> Locator:
        """Where the answer is told."""
        return self.tab.get_by_role("region", name=words(r"answer|result")).first

    def field(self, name: str) -> Locator:
        """The input of one of the sixteen columns; those that decide nothing are unfolded first."""
        fold = self.main.get_by_role("button", name=words("travels with the object"))
        if name not in DECIDING and fold.get_attribute("aria-expanded") == "false":
            fold.click()
        return self.main.get_by_label(re.compile(rf"^{name}\b")).first

    def example(self, kind: str) -> None:
        self.main.get_by_role("button", name=words(EXAMPLES[kind])).first.click()

    def classify(self) -> None:
        self.classify_button.click()

    def choose(self, protocol: str) -> None:
        """Choose the protocol over which the object is sent."""
        self._choices(protocol).first.click()

    def show(self, language: str) -> None:
        """Have the request shown as curl, Python, GraphQL or grpcurl; that choice comes after the protocol's."""
        self._choices(language).last.click()

    def _choices(self, name: str) -> Locator:
        exact = re.compile(rf"^{name}$", re.IGNORECASE)
        radios, tabs, buttons = (self.main.get_by_role(role, name=exact) for role in ("radio", "tab", "button"))
        return radios.or_(tabs).or_(buttons)

    def paste(self, text: str) -> None:
        """Put a JSON object or a CSV row in at once."""
        box = self.tab.get_by_role("textbox", name=words(r"paste|json|csv")).first
        if not box.is_visible():
            self.button(r"paste").click()
        box.fill(text)
        take = self.tab.get_by_role("button", name=words(r"^(use|fill|apply|take|read)")).first
        if take.is_visible():
            take.click()

    @property
    def shown_request(self) -> Locator:
        """The request as text to copy."""
        return self.main.locator("pre").first

    # Many at once

    def upload(self, file: Path) -> None:
        self.main.locator("input[type=file]").set_input_files(file)

    @property
    def table(self) -> Locator:
        return self.main.get_by_role("table").or_(self.main.get_by_role("grid")).first

    @property
    def progress(self) -> Locator:
        return self.main.get_by_role("progressbar").first

    # The whole page

    @property
    def theme_button(self) -> Locator:
        return self.button(r"theme|light mode|dark mode|switch to (light|dark)")

    def speak(self, language: str) -> None:
        """Switch between English (``en``) and Spanish (``es``)."""
        names = {"en": r"english|inglés|^en$", "es": r"spanish|español|^es$"}
        choices = [self.tab.get_by_role(role, name=words(names[language])) for role in ("button", "radio", "option")]
        choices[0].or_(choices[1]).or_(choices[2]).first.click()

    @property
    def alert(self) -> Locator:
        return self.tab.get_by_role("alert").first
