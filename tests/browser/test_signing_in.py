"""Signing in, and what becomes of work when a session ends."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from tests.browser.person import Person
from tests.browser.site import PASSWORD, Site


def test_a_wrong_password_is_said(person: Person) -> None:
    person.page.goto("/")
    person.page.get_by_label("User name").fill("admin")
    person.page.get_by_label("Password", exact=True).fill("not the password")
    person.page.get_by_role("button", name="Sign in").click()
    expect(person.page.get_by_role("alert")).to_contain_text("wrong")


def test_a_reload_asks_no_password(admin: Person) -> None:
    admin.go("System")
    admin.page.reload()
    expect(admin.page.get_by_role("link", name="System", exact=True)).to_have_attribute("aria-current", "page")


def test_no_script_can_read_a_token(admin: Person, context: BrowserContext) -> None:
    kept = admin.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "dar_" not in kept
    assert "eyJ" not in kept
    (cookie,) = context.cookies(f"{admin.page.url.rstrip('/')}/api/session".replace("/analyse", ""))
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")


def test_signing_out_ends_it_in_every_tab(admin: Person, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto("/")
    expect(other.get_by_role("navigation")).to_be_visible()
    admin.page.get_by_role("banner").get_by_role("button").last.click()
    admin.page.get_by_role("menuitem", name="Sign out").click()
    for page in (admin.page, other):
        expect(page.get_by_label("User name")).to_be_visible()
    admin.page.reload()
    expect(admin.page.get_by_label("User name")).to_be_visible()


def test_two_tabs_renew_their_tokens_beside_each_other(admin: Person, context: BrowserContext) -> None:
    tabs = [admin.page, *(context.new_page() for _ in range(3))]
    for page in tabs[1:]:
        page.goto("/", wait_until="commit")
    for page in tabs:
        expect(page.get_by_role("navigation")).to_be_visible()
    for page in tabs:
        page.reload(wait_until="commit")
    for page in tabs:
        expect(page.get_by_role("navigation")).to_be_visible()


def test_a_session_that_ends_costs_no_work(admin: Person, site: Site, context: BrowserContext) -> None:
    admin.go("Ask")
    question = admin.page.get_by_role("textbox")
    question.fill("What are the symptoms of anaemia?")
    with site.client() as client:  # somebody ends all of the account's sessions
        me = client.get("/api/me").json()
        client.put("/api/me/password", json={"current": PASSWORD, "new": PASSWORD}).raise_for_status()
    assert me["username"] == "admin"
    question.press("Enter")
    dialog = admin.page.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(admin.page.get_by_text("What are the symptoms of anaemia?").first).to_be_visible()
    expect(admin.page.locator(".chat-turn").last).to_contain_text("anaemia", ignore_case=True)
