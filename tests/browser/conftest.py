"""The page as a person uses it: a system that `make run` started, and Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.person import Person
from tests.browser.site import PASSWORD, Site, running_site
from tests.support.node import need_node

FOLDER = Path(__file__).parent
expect.set_options(timeout=20_000)  # a machine may have other work
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.slow)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(600))  # the first one builds the page, and starts the system


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    need_node()
    executable()
    with running_site(tmp_path_factory.mktemp("site")) as found:
        yield found


def executable() -> str:
    """Chromium's; the test skips where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("Chromium is not on this machine")
    return found


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Of this package only: its event loop would be in the way of other tests'."""
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser that nobody has used. At the end: it asked nobody but the system, and failed nowhere."""
    context = chromium.new_context(base_url=site.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    asked: list[str] = []
    faults: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    yield context
    context.close()
    assert [url for url in asked if not url.startswith((site.url, "data:", "blob:"))] == []
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(60_000)
    return page


@pytest.fixture
def person(page: Page) -> Person:
    """Somebody in front of the page, not signed in yet."""
    return Person(page)


@pytest.fixture
def admin(person: Person) -> Person:
    person.sign_in("admin", PASSWORD)
    return person
