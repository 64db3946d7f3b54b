"""Pictures and what the page makes of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person
from tests.browser.pictures import NAMES, pictures
from tests.support.pictures import encode, photo

WITH_HEAT_MAP = ("tumor", "xray", "monkeypox", "lung_colon")


@pytest.mark.parametrize("service", NAMES)
def test_a_picture_gets_its_answer(admin: Person, service: str) -> None:
    admin.analyse(NAMES[service], pictures(service))
    result = admin.result()
    expect(result.get_by_role("heading").first).to_be_visible()
    expect(result).to_contain_text("%")
    if service in WITH_HEAT_MAP:
        map_ = result.get_by_role("img", name=re.compile("Heat map"))
        expect(map_).to_be_visible()
        assert map_.evaluate("image => image.naturalWidth") > 0
    else:
        expect(result).to_contain_text("What spoke for and against")


def test_a_picture_of_another_kind_gets_none_and_is_told_where_it_belongs(admin: Person) -> None:
    admin.analyse(NAMES["xray"], pictures("tumor"))
    expect(admin.result()).to_contain_text("No answer: not a picture for this model")
    admin.page.get_by_role("button", name=f"Analyse it there: {NAMES['tumor']}").click()
    expect(admin.rows()).to_have_count(2)
    expect(admin.result()).to_contain_text("Brain MRI: the model says")


def test_what_cannot_be_taken_is_refused_before_it_is_sent(admin: Person, tmp_path: Path) -> None:
    sent: list[str] = []
    admin.page.on("request", lambda request: sent.append(request.url) if "/api/predict" in request.url else None)
    large = tmp_path / "large.jpg"
    large.write_bytes(encode(photo((640, 480)), "JPEG").ljust(12_000_000, b"\0"))
    heic = tmp_path / "phone.heic"
    heic.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    empty = tmp_path / "empty.png"
    empty.write_bytes(b"")
    admin.choose_model(NAMES["tumor"])
    admin.give([large, heic, empty])
    for sentence in ("the limit is 10 MB", "This is a HEIC photo", "The file is empty"):
        expect(admin.page.get_by_text(sentence)).to_be_visible()
    assert sent == []


def test_ten_pictures_are_sent_beside_each_other_and_can_be_cancelled(admin: Person, tmp_path: Path) -> None:
    files = []
    for number in range(10):
        files.append(tmp_path / f"picture-{number}.jpg")
        encode_to = encode(photo((800, 600), seed=number), "JPEG", quality=92)
        files[-1].write_bytes(encode_to)
    slow(admin)
    admin.choose_model(NAMES["tumor"])
    admin.give(files)
    expect(admin.rows()).to_have_count(10)
    expect(admin.page.get_by_role("progressbar").first).to_be_visible()
    assert admin.page.get_by_text("Waits for its turn").count() >= 5
    admin.page.get_by_role("button", name="Cancel picture-9.jpg").click()
    expect(admin.rows().filter(has_text="picture-9.jpg")).to_contain_text("Cancelled")
    quick(admin)
    for number in range(9):
        row = admin.rows().filter(has_text=f"picture-{number}.jpg")
        expect(row).to_contain_text(re.compile("The model gives no answer|%$"), timeout=60_000)


def slow(person: Person) -> None:
    """A line of 100 kB a second."""
    _emulate(person, 100_000)


def quick(person: Person) -> None:
    _emulate(person, -1)


def _emulate(person: Person, upload: int) -> None:
    session = person.page.context.new_cdp_session(person.page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload},
    )


def test_the_keyboard_alone_is_enough(admin: Person) -> None:
    """From the address to the answer, to its feedback, without a mouse."""
    page = admin.page
    page.goto("/analyse")
    page.get_by_role("radio").first.wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "radio":
            break
    for _ in range(8):
        if page.get_by_role("radio", name=re.compile("^Brain MRI")).is_checked():
            break
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name=re.compile("^Brain MRI"))).to_be_checked()
    with page.expect_file_chooser() as chooser:
        tab_to(admin, "Choose files")
        page.keyboard.press("Enter")
    chooser.value.set_files(pictures("tumor"))
    expect(admin.result()).to_contain_text("the model says")
    tab_to(admin, "Agree")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept: you agree.")).to_be_visible()


def test_the_arrow_keys_send_nothing_to_a_model_that_they_pass(admin: Person) -> None:
    page = admin.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/predict" in request.url else None)
    admin.give(pictures("tumor"))
    expect(page.get_by_text("1 picture waits")).to_be_visible()
    page.get_by_role("radio", name=re.compile("^Chest x-ray")).focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    tab_to(admin, f"Analyse 1 picture: {NAMES['tumor']}")
    assert asked == []
    page.keyboard.press("Enter")
    expect(admin.result()).to_contain_text("the model says")
    assert [url for url in asked if "/api/predict/tumor" not in url] == []


def tab_to(person: Person, name: str) -> None:
    for _ in range(80):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("document.activeElement.innerText").strip() == name:
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def test_two_results_are_compared(admin: Person) -> None:
    admin.analyse(NAMES["tumor"], pictures("tumor", 2))
    admin.go("History")
    boxes = admin.page.get_by_role("checkbox", name=re.compile("to compare"))
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        box.check(force=True)
    admin.page.get_by_role("button", name="Compare these two").click()
    expect(admin.page.get_by_role("heading", name="Two results")).to_be_visible()


def test_a_report_keeps_the_patients_reference_in_the_browser(admin: Person) -> None:
    bodies: list[str] = []
    admin.page.on("request", lambda request: bodies.append(f"{request.url} {request.post_data or ''}"))
    admin.analyse(NAMES["tumor"], pictures("tumor"))
    admin.page.get_by_role("button", name="Report").click()
    admin.page.get_by_role("dialog").get_by_role("textbox").first.fill("Bed 7, canary-reference")
    with admin.page.expect_download() as download:
        admin.page.get_by_role("button", name=re.compile("JSON")).click()
    assert "canary-reference" in Path(download.value.path()).read_text(encoding="utf-8")
    assert "canary" not in download.value.suggested_filename
    assert not [body for body in bodies if "canary-reference" in body]
    kept = admin.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "canary-reference" not in kept


def test_a_photo_from_the_camera(admin: Person) -> None:
    """Chromium's own test picture: no palm, so there is no answer, but the whole way was gone."""
    admin.choose_model(NAMES["palm"])
    admin.page.get_by_role("button", name="Take a photo").click()
    dialog = admin.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Take the photo").click()
    dialog.get_by_role("button", name="Use this photo").click()
    expect(admin.result()).to_contain_text("No answer")


def test_asking_the_chatbot_about_a_result(admin: Person) -> None:
    admin.analyse(NAMES["tumor"], pictures("tumor"))
    admin.page.get_by_role("button", name="Ask about this").click()
    expect(admin.page.get_by_role("textbox")).to_have_value(re.compile(r"\?$"))
