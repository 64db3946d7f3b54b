"""``python -m tests.browser.screenshots``: draws docs/images/page anew, from a system that `make run` starts.

It needs the labelled images (DOCTORAI_DATA), and blurs them: they are not the project's to hand on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, executable
from tests.browser.person import Person
from tests.browser.pictures import pictures
from tests.browser.site import PASSWORD, running_site
from tests.conftest import REPOSITORY

FOLDER = REPOSITORY / "docs" / "images" / "page"
_WIDE, _PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
_BLURRED = 'img[src^="blob:"] { filter: blur(5px) !important }'
Prepare = Callable[[Person], None]


def result(person: Person) -> None:
    person.analyse("Brain MRI", pictures("tumor"))
    person.result().scroll_into_view_if_needed()


def refused(person: Person) -> None:
    person.analyse("Brain MRI", pictures("xray"))
    expect(person.page.get_by_role("button", name="Analyse it there: Chest x-ray")).to_be_visible()


def emergency(person: Person) -> None:
    person.go("Ask")
    box = person.page.get_by_role("textbox")
    box.fill("I have crushing chest pain and my left arm is numb")
    box.press("Enter")
    expect(person.page.get_by_role("alert")).to_be_visible()


def arabic_chat(person: Person) -> None:
    person.prefer("العربية")
    person.go("اسأل")
    box = person.page.get_by_role("textbox")
    box.fill("ما هي أعراض الصداع النصفي؟")
    box.press("Enter")
    expect(person.page.locator(".chat-turn [lang=ar]").first).to_be_visible()


def view(address: str) -> Prepare:
    def go(person: Person) -> None:
        person.page.goto(address)
        expect(person.page.get_by_role("heading", level=2).first).to_be_visible()
        expect(person.page.locator(".loading:not(figure *)")).to_have_count(0)

    return go


SHOTS: tuple[tuple[str, Prepare, bool, bool], ...] = (
    ("analyse", result, False, False),
    ("analyse-dark", result, True, False),
    ("analyse-phone", result, False, True),
    ("wrong-kind", refused, False, False),
    ("chat-emergency", emergency, False, False),
    ("chat-arabic-phone", arabic_chat, True, True),
    ("system", view("/system"), False, False),
    ("model-card", view("/models/tumor"), False, False),
    ("admin-audit", view("/admin/audit"), True, False),
)
"""Name, what is done before, whether dark, whether on a phone."""


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        for name, prepare, dark, phone in SHOTS:
            context = browser.new_context(
                base_url=site.url,
                bypass_csp=True,  # for the style that blurs
                viewport=_PHONE if phone else _WIDE,
                color_scheme="dark" if dark else "light",
                locale="en-GB",
                reduced_motion="reduce",
            )
            page = context.new_page()
            person = Person(page)
            person.sign_in("admin", PASSWORD)
            prepare(person)
            take(page, FOLDER / f"{name}.png")
            context.close()
        browser.close()


def take(page: Page, path: Path) -> None:
    page.add_style_tag(content=_BLURRED)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)


if __name__ == "__main__":
    main()
