"""Every view in both languages and themes: axe finds nothing grave, and nothing is wider than a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import grave_violations
from tests.browser.person import Person
from tests.browser.site import PASSWORD, Site

VIEWS = (
    "analyse",
    "chat",
    "history",
    "system",
    "models",
    "models/tumor",
    "models/chatbot",
    "admin/users",
    "admin/keys",
    "admin/versions",
    "admin/audit",
    "settings",
)
WIDTHS = (1280, 360)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_view(chromium: Browser, site: Site, language: str, theme: str) -> None:
    context = chromium.new_context(base_url=site.url, locale="en-GB", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    Person(page).sign_in("admin", PASSWORD)
    page.evaluate(_PREFER, [language, theme])
    problems: list[object] = []
    for view in VIEWS:
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        page.goto(f"/{view}")
        _settle(page, language)
        problems += [(view, one) for one in grave_violations(page)]
        page.set_viewport_size({"width": WIDTHS[1], "height": 740})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > WIDTHS[1]:
            problems.append((view, f"{wide} pixels wide on a phone"))
        problems += [(view, "phone", one) for one in grave_violations(page)]
    context.close()
    assert problems == []


_PREFER = """([language, theme]) => {
  localStorage.setItem("doctorai.language", language);
  localStorage.setItem("doctorai.settings", JSON.stringify({ state: { theme, emergencyNumber: "" }, version: 0 }));
}"""


def _settle(page: Page, language: str) -> None:
    """Waits until the view is there, and has what it loads."""
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    expect(page.locator(".loading:not(figure *)")).to_have_count(0, timeout=20_000)
    for figure in page.locator("figure").all():  # what is in it is loaded when it is looked at
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".loading")).to_have_count(0)
    page.wait_for_load_state("networkidle")


def test_signing_in(person: Person) -> None:
    person.page.goto("/")
    expect(person.page.get_by_label("User name")).to_be_visible()
    assert grave_violations(person.page) == []
