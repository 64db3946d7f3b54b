"""What the page says while something does not work, and that it goes on by itself."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.pictures import NAMES, pictures
from tests.browser.site import Site


def test_a_service_that_is_killed_is_told_and_comes_back(admin: Person, site: Site) -> None:
    page = admin.page
    admin.go("System")
    tile = page.get_by_role("listitem").filter(has_text=NAMES["xray"]).first
    expect(tile).to_contain_text("works")
    expect(page.get_by_text("Everything works")).to_be_visible()
    killed_until(site, "xray", lambda: tile.get_by_text("does not work").is_visible())
    expect(page.get_by_text("Some of it does not work")).to_be_visible()
    expect(tile.get_by_text("does not work")).to_be_hidden(timeout=60_000)
    expect(page.get_by_text("Everything works")).to_be_visible(timeout=60_000)


def test_a_picture_waits_for_its_model(admin: Person, site: Site) -> None:
    page = admin.page
    admin.choose_model(NAMES["tumor"])
    card = page.get_by_text("Does not work just now")
    killed_until(site, "tumor", lambda: card.first.is_visible())
    admin.give(pictures("tumor"))
    expect(page.get_by_text("The model “Brain MRI” does not work just now. Goes on by itself.")).to_be_visible()
    expect(admin.result()).to_contain_text("the model says", timeout=60_000)


def killed_until(site: Site, service: str, seen: Callable[[], bool]) -> None:
    """Kills the service, and what is started in its place, until the page says that it is down."""
    ends = time.monotonic() + 60
    while not seen():
        assert time.monotonic() < ends, f"the page does not say that {service} is down"
        site.kill(service)


def test_a_gateway_that_does_not_answer_is_told(admin: Person, site: Site) -> None:
    admin.go("System")
    expect(admin.page.get_by_text("Everything works")).to_be_visible()
    (gateway,) = site.gateways()
    gateway.send_signal(signal.SIGSTOP)
    try:
        expect(admin.page.get_by_role("alert").filter(has_text="DoctorAI does not answer")).to_be_visible(
            timeout=60_000
        )
        expect(admin.page.get_by_role("listitem").filter(has_text=NAMES["xray"]).first).to_be_visible()
    finally:
        gateway.send_signal(signal.SIGCONT)
    expect(admin.page.get_by_role("alert")).to_be_hidden(timeout=60_000)


def test_a_device_without_a_network_keeps_what_it_has(admin: Person) -> None:
    admin.analyse(NAMES["tumor"], pictures("tumor"))
    admin.page.context.set_offline(True)
    expect(admin.page.get_by_text("This device is offline.")).to_be_visible()
    expect(admin.result()).to_contain_text("the model says")
    admin.page.context.set_offline(False)
    expect(admin.page.get_by_text("This device is offline.")).to_be_hidden(timeout=30_000)
