"""The page as a person uses it: a system that `make run` started, and Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.person import Person
from tests.conftest import REPOSITORY
from tests.support.node import need_node
from tests.support.processes import eventually_sync, free_port

PASSWORD = "an-administrator-of-tests"
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


@dataclass(frozen=True)
class Site:
    """A running system with its page."""

    url: str
    supervisor: int

    def processes(self, service: str) -> list[psutil.Process]:
        """Those of a service that run now."""
        below = psutil.Process(self.supervisor).children(recursive=True)
        return [one for one in below if _runs(one, f"services.{service}")]

    def kill(self, service: str) -> None:
        for process in self.processes(service):
            process.kill()

    def token(self) -> str:
        """An administrator's, for what a test does behind the page's back."""
        form = {"username": "admin", "password": PASSWORD}
        answer = httpx.post(f"{self.url}/api/token", data=form, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token()}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)


def _runs(process: psutil.Process, module: str) -> bool:
    try:
        return module in process.cmdline()
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`make run`, as the README says, with a folder and a port of its own."""
    need_node()
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    environment = {"API_PORT": str(port), "ADMIN_PASSWORD": PASSWORD, "EMERGENCY_NUMBER": "112", "LOG_LEVEL": "WARNING"}
    command = ["make", "run", f"ARGS=--data {folder}"]
    log = folder / "make-run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, **environment, "PATH": _path()},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    found = Site(f"http://127.0.0.1:{port}", process.pid)
    try:
        eventually_sync(lambda: process.poll() is not None or _is_healthy(found), timeout_s=420)
        assert process.poll() is None, log.read_text(encoding="utf-8")[-4000:]
        yield found
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def _path() -> str:
    """Where node is, too, whatever started this."""
    node = shutil.which("node")
    return os.pathsep.join(filter(None, [os.environ.get("PATH", ""), node and str(Path(node).parent)]))


def _is_healthy(site: Site) -> bool:
    try:
        return bool(httpx.get(f"{site.url}/api/health", timeout=5).json()["status"] == "healthy")
    except (httpx.HTTPError, KeyError, ValueError):
        return False


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
    page.set_default_timeout(20_000)
    return page


@pytest.fixture
def person(page: Page) -> Person:
    """Somebody in front of the page, not signed in yet."""
    return Person(page)


@pytest.fixture
def admin(person: Person) -> Person:
    person.sign_in("admin", PASSWORD)
    return person
