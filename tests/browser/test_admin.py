"""Administrators: users, keys, versions, the audit log."""

from __future__ import annotations

import secrets

import httpx
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.site import OLDER, Site


def test_a_user_is_added_and_can_sign_in(admin: Person, site: Site) -> None:
    name, password = f"nurse-{secrets.token_hex(3)}", "a nurse's long password"
    admin.page.goto("/admin/users")
    admin.page.get_by_role("button", name="Add a user").click()
    dialog = admin.page.get_by_role("dialog")
    dialog.get_by_label("User name").fill(name)
    dialog.get_by_label("Password", exact=True).fill(password)
    dialog.get_by_role("button", name="Add").click()
    expect(admin.page.get_by_text(f"{name} can sign in now.")).to_be_visible()
    expect(admin.page.get_by_role("row").filter(has_text=name)).to_be_visible()
    answer = httpx.post(f"{site.url}/api/token", data={"username": name, "password": password}, timeout=30)
    assert answer.status_code == 200


def test_a_name_that_is_taken_is_said_at_its_field(admin: Person) -> None:
    admin.page.goto("/admin/users")
    admin.page.get_by_role("button", name="Add a user").click()
    dialog = admin.page.get_by_role("dialog")
    dialog.get_by_label("User name").fill("admin")
    dialog.get_by_label("Password", exact=True).fill("a nurse's long password")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_text("There is a user of this name already.")).to_be_visible()


def test_a_key_is_shown_once_and_works(admin: Person, site: Site) -> None:
    admin.page.goto("/admin/keys")
    admin.page.get_by_role("button", name="Make a key").click()
    dialog = admin.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("the laboratory's program")
    dialog.get_by_role("button", name="Make").click()
    key = dialog.get_by_text("dai_").inner_text()
    answer = httpx.get(f"{site.url}/api/me", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    assert answer.json()["method"] == "api_key"


def test_the_versions_of_a_model_are_told(admin: Person) -> None:
    admin.page.goto("/admin/versions")
    model = admin.page.get_by_role("region", name="Brain MRI")
    expect(model).to_contain_text("1.0.0")
    expect(model).to_contain_text("Active")


def test_a_version_is_activated_and_rolled_back(admin: Person) -> None:
    admin.page.goto("/admin/versions")
    model = admin.page.get_by_role("region", name="Chest x-ray")
    for button, version in ((f"Activate {OLDER}", OLDER), ("Roll back", "1.0.0")):
        model.get_by_role("button", name=button).click()
        dialog = admin.page.get_by_role("alertdialog")
        dialog.get_by_role("button", name=button.split()[0]).click()
        expect(model).to_contain_text(f"All instances serve {version}.", timeout=60_000)


def test_the_audit_log_is_read_and_checked(admin: Person) -> None:
    admin.page.goto("/admin/audit")
    expect(admin.page.get_by_role("list", name="Audit").get_by_text("Signed in").first).to_be_visible()
    admin.page.get_by_role("button", name="Check now").click()
    expect(admin.page.get_by_text("Intact: every line is as it was written.")).to_be_visible(timeout=60_000)


def test_a_clinician_sees_no_administration(person: Person, site: Site) -> None:
    name, password = f"clinician-{secrets.token_hex(3)}", "a clinician's long password"
    with site.client() as client:
        made = client.post("/api/users", json={"username": name, "password": password, "role": "clinician"})
        assert made.status_code == 201, made.text
    person.sign_in(name, password)
    expect(person.page.get_by_role("link", name="Administration")).to_have_count(0)
    person.page.goto("/admin/users")
    expect(person.page.get_by_text("Not for this account")).to_be_visible()
