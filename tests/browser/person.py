"""What people do with the page, in their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


class Person:
    """Somebody in front of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def sign_in(self, name: str, password: str) -> None:
        self.page.goto("/")
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("navigation")).to_be_visible()

    def go(self, view: str) -> None:
        """To a view, by the name that its link has."""
        self.page.get_by_role("link", name=view, exact=True).click()
        expect(self.page.get_by_role("link", name=view, exact=True)).to_have_attribute("aria-current", "page")

    def prefer(self, item: str) -> None:
        """A language or an appearance, from the menu."""
        self.page.get_by_role("banner").get_by_role("button").last.click()
        self.page.get_by_role("menuitemradio", name=item).click()
        self.page.keyboard.press("Escape")

    def choose_model(self, name: str) -> None:
        self.page.get_by_role("radio", name=re.compile(f"^{name}")).check(force=True)

    def give(self, files: Sequence[Path] | Path) -> None:
        """Files to the picker of the view."""
        self.page.locator("input[type=file]").first.set_input_files(files)

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", name=name)
