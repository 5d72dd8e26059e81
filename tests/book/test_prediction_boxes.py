"""예상 상자의 꼴: 무엇으로 답하고 무엇이 맞는지 읽고, 어긋난 상자는 까닭을 말하며 빌드를 멈춥니다."""

import pytest
from docutils import nodes

from book import predictions


def paragraph(text):
    return nodes.paragraph("", text)


def listed(kind, *items):
    return kind("", *(nodes.list_item("", paragraph(item)) for item in items))


def table(*lines):
    rows = [nodes.row("", *(nodes.entry("", paragraph(cell)) for cell in line)) for line in lines]
    return nodes.table("", nodes.tgroup("", nodes.thead("", rows[0]), nodes.tbody("", *rows[1:])))


def box(asked, *inside, name="ask-05-try"):
    fold = nodes.container("", nodes.rubric("", "답"), *inside, design_component="dropdown")
    return nodes.admonition("", nodes.title("", "예상해 보십시오"), paragraph("몇일까요?"), asked, fold, ids=[name])


CHOICES = listed(nodes.enumerated_list, "하나", "둘", "셋")
WHYS = listed(nodes.bullet_list, "1번은 끌립니다.", "3번은 끌립니다.")
HEAD = ("층", "1", "5")
BLANK = ("RMS(10⁻²–10³)", "?", "?")


def classes(asked):
    return [item["classes"] for item in asked.findall(nodes.list_item) if item["classes"]]


def test_choice():
    asked = box(CHOICES.deepcopy(), paragraph("답은 2번입니다. 까닭."), WHYS.deepcopy())
    assert predictions.read(asked) == {"ask": "choice", "right": "2"}
    assert classes(asked) == [["wi-why-1"], ["wi-why-3"]]


def test_one_reason_for_two_choices():
    asked = box(CHOICES.deepcopy(), paragraph("답은 1번입니다."), listed(nodes.bullet_list, "2번과 3번은 같습니다."))
    predictions.read(asked)
    assert classes(asked) == [["wi-why-2", "wi-why-3"]]


@pytest.mark.parametrize(
    ("blank", "told", "low", "high", "unit"),
    [
        ("답: ______ 배", "답은 0.016배입니다. 0.005–0.05이면 맞은 것으로 봅니다.", 0.005, 0.05, "배"),
        ("답: ______ 배", "답은 1,500배쯤입니다. 1,000배–2,000배면 맞은 것으로 봅니다.", 1000, 2000, "배"),
        ("답: ______", "답은 −2입니다. −3–−1이면 맞은 것으로 봅니다.", -3, -1, ""),
        ("답: ______", r"답은 10^{-4}입니다. 2\times10^{-5}–10⁻³이면 맞은 것으로 봅니다.", 2e-5, 1e-3, ""),
    ],
)
def test_number(blank, told, low, high, unit):
    asked = box(paragraph(blank), paragraph(told), listed(nodes.bullet_list, "더 크게 답했다면", "더 작게 답했다면"))
    assert predictions.read(asked) == {"ask": "number", "low": low, "high": high, "unit": unit}
    assert classes(asked) == [["wi-why-high"], ["wi-why-low"]]


def test_line():
    asked = box(table(HEAD, BLANK), paragraph("답은 다음과 같습니다."), table(HEAD, ("RMS", "1", "10⁻¹")))
    assert predictions.read(asked) == {
        **{"ask": "line", "low": 0.01, "high": 1000.0},
        **{"scale": "log", "values": "1.0 0.1"},
    }
    plain = table(HEAD, ("코사인(0–1)", "?", "?"))
    asked = box(plain, paragraph("답은 다음과 같습니다."), table(HEAD, ("코사인", "1", "0.2")))
    assert predictions.read(asked)["scale"] == "linear"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (box(CHOICES, paragraph("2번입니다."), WHYS), "답은 N번입니다"),
        (box(CHOICES, paragraph("답은 4번입니다."), WHYS), "답은 N번입니다"),
        (box(CHOICES, paragraph("답은 2번입니다.")), r"있는 것은 \[2\]번"),
        (box(listed(nodes.enumerated_list, *"123456"), paragraph("답은 2번입니다."), WHYS), "다섯까지"),
        (box(paragraph("답: ______ 배"), paragraph("답은 2입니다. 1–3이면 맞은 것으로 봅니다.")), "답은 0.02배입니다"),
        (box(paragraph("답: ______"), paragraph("답은 5입니다. 1–3이면 맞은 것으로 봅니다.")), "밖에 있습니다"),
        (box(paragraph("답: ______"), paragraph("답은 둘입니다. 1–3이면 맞은 것으로 봅니다.")), "수가 아닙니다"),
        (
            box(table(HEAD, BLANK), paragraph("답은 다음과 같습니다."), table(HEAD, ("RMS", "1", "1e9"))),
            "밖에 있습니다",
        ),
        (box(table(HEAD, BLANK), paragraph("답은 다음과 같습니다."), table(HEAD, ("RMS", "1"))), "맞지 않거나"),
        (box(table(HEAD, ("RMS", "?", "?")), paragraph("답은 다음과 같습니다."), table(HEAD, BLANK)), "범위로 끝나지"),
        (box(table(HEAD, BLANK), paragraph("표입니다."), table(HEAD, BLANK)), "표로 시작"),
        (box(paragraph("적어 보십시오."), paragraph("답은 2번입니다.")), "가운데 하나로 끝나야"),
        (box(CHOICES), "접힌 답"),
        (nodes.admonition("", nodes.title("", "흔한 말: 그렇다"), paragraph("글"), ids=["a"]), "접힌 답"),
    ],
)
def test_broken_box_is_refused(asked, said):
    with pytest.raises(ValueError, match=said):
        predictions.read(asked.deepcopy())


def test_box_without_a_name_is_refused():
    asked = box(CHOICES.deepcopy(), paragraph("답은 2번입니다."), WHYS.deepcopy())
    asked["ids"] = []
    with pytest.raises(ValueError, match=":name:"):
        predictions.read(asked)
