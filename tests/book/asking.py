"""예상 상자를 찾고 답하는 것. 예상의 시험들이 함께 씁니다."""

import re

from tests.browsing import CHAPTERS, SITE

SEEN = "each => each.checkVisibility() && each.getBoundingClientRect().height > 0"
VISIBLE = f"all => all.filter({SEEN}).map(each => each.textContent.trim())"
RECORD = "JSON.parse(localStorage.getItem('wi-record') ?? '{}')"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def asks(page):
    """페이지의 상자: [(답하는 방법, 이름)]."""
    return [
        (re.search(r'data-ask="(\w+)"', tag)[1], re.search(r'id="([\w-]+)"', tag)[1])
        for tag in re.findall(r"<div[^>]* data-ask=[^>]*>", (SITE / page).read_text(encoding="utf-8"))
    ]


def first_of(kind):
    """그 방법으로 답하는 상자가 있는 (페이지, 상자의 이름)."""
    return next((page, name) for page in CHAPTERS for known, name in asks(page) if known == kind)


def headings(visit):
    return visit.tab.locator("article :is(h2, h3)").evaluate_all(VISIBLE)


def open_up_to(visit, name):
    """앞의 상자를 모두 넘겨 이름이 name인 상자까지 엽니다."""
    while not visit.tab.locator(f"#{name}").is_visible():
        visit.tab.get_by_role("button", name="이 물음만 넘기기").click()
    return visit.tab.locator(f"#{name}")


def answer(box, press):
    """상자에 아무 답이나 합니다."""
    kind = box.get_attribute("data-ask")
    if kind == "choice":
        press(box.locator(".wi-choice").first)
    elif kind == "number":
        box.locator("input").fill(box.get_attribute("data-low"))
        press(box.get_by_role("button", name="답하기", exact=True))
    else:
        for slider in box.get_by_role("slider").all():
            slider.press("ArrowUp")
        press(box.get_by_role("button", name="이렇게 답하기"))
