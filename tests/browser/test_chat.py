"""Questions in both languages, emergencies, and a conversation that is forgotten."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.person import Person


def ask(person: Person, question: str) -> None:
    box = person.page.get_by_role("textbox")
    box.fill(question)
    box.press("Enter")


def test_a_question_gets_an_answer_with_its_sources(admin: Person) -> None:
    admin.go("Ask")
    ask(admin, "What are the symptoms of migraine?")
    answer = admin.page.locator(".chat-turn").last
    expect(answer).to_contain_text("headache", ignore_case=True)
    expect(answer.get_by_role("list", name="Sources").get_by_role("listitem").first).to_be_visible()


def test_an_emergency_comes_first(admin: Person) -> None:
    admin.go("Ask")
    ask(admin, "I have crushing chest pain and my left arm is numb")
    expect(admin.page.get_by_role("alert").filter(has_text="This may be an emergency.")).to_be_visible()
    expect(admin.page.get_by_role("link", name=re.compile("112"))).to_have_attribute("href", "tel:112")


def test_ones_own_emergency_number_is_shown(admin: Person) -> None:
    admin.page.goto("/settings")
    number = admin.page.get_by_label("Number to call in an emergency")
    number.fill("997")
    number.press("Enter")
    admin.go("Ask")
    ask(admin, "I have crushing chest pain and my left arm is numb")
    expect(admin.page.get_by_role("link", name=re.compile("997"))).to_have_attribute("href", "tel:997")


def test_arabic_is_answered_in_arabic_from_right_to_left(admin: Person) -> None:
    admin.go("Ask")
    ask(admin, "ما هي أعراض الصداع النصفي؟")
    answer = admin.page.locator(".chat-turn").last
    text = answer.locator("[lang=ar]").first
    expect(text).to_contain_text("الصداع")
    assert text.evaluate("element => getComputedStyle(element).direction") == "rtl"


def test_an_emergency_in_arabic(admin: Person) -> None:
    admin.prefer("العربية")
    admin.go("اسأل")
    ask(admin, "أعاني من ألم شديد في الصدر وضيق في التنفس")
    alert = admin.page.get_by_role("alert").first
    expect(alert).to_be_visible()
    expect(alert.get_by_role("link")).to_have_attribute("href", "tel:112")


def test_a_new_conversation_forgets_at_the_gateway_too(admin: Person) -> None:
    admin.go("Ask")
    ask(admin, "What are the symptoms of migraine?")
    expect(admin.page.locator(".chat-turn").last).to_contain_text("headache", ignore_case=True)
    with admin.page.expect_response(lambda answer: answer.request.method == "DELETE") as forgotten:
        admin.page.get_by_role("button", name="New conversation").click()
    assert forgotten.value.status == 204
    expect(admin.page.locator(".chat-turn")).to_have_count(0)


def test_a_conversation_outlives_another_view(admin: Person) -> None:
    admin.go("Ask")
    ask(admin, "What are the symptoms of migraine?")
    expect(admin.page.locator(".chat-turn").last).to_contain_text("headache", ignore_case=True)
    admin.page.get_by_role("textbox").fill("And what helps")
    admin.go("System")
    admin.go("Ask")
    expect(admin.page.locator(".chat-turn").last).to_contain_text("headache", ignore_case=True)
    expect(admin.page.get_by_role("textbox")).to_have_value("And what helps")
