"""문제 은행: 장의 확인 문제와 예상이 Moodle XML과 Canvas의 zip에 하나도 빠짐없이, 식과 그림과 함께 들어 있습니다.

두 파일은 들여오는 쪽처럼 읽고(importing.py), 장의 글은 노트북의 Markdown에서 따로 읽어 견줍니다.
"""

import html
import io
import re
from collections import Counter
from urllib.parse import unquote

import pytest
from PIL import Image

from publish import banks, questions
from tests.browsing import SITE
from tests.chapters.test_chapters import CHAPTERS, text
from tests.publish import importing

each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
FOLDER = SITE / "questions"
ASKED = re.compile(r"(?ms)^\*\*(\d+)\.\*\* (.+?)\n\n:::\{dropdown\} 답\n(.+?)\n:::$")
BOX = re.compile(
    r"(?ms)^::::\{admonition\} (?:예상|흔한)[^\n]*\n:class: \w+\n:name: ask-\d\d-([\w-]+)\n"
    r"(.+?)\n\n:::\{dropdown\} 답\n(.+?)\n:::\n::::$"
)
BLANK = re.compile(r"\n\n답: ______ ?(\S*)$")
MARKUP = re.compile(r"\{[\w:]+\}`[^`]*`|\$\$[^$]+\$\$(?: \([\w-]+\))?|\$[^$]+\$|\*\*|`[^`]*`|[\"'“”‘’]|\n")


@pytest.fixture(scope="module")
def moodle():
    return importing.moodle(FOLDER / "moodle.xml")


@pytest.fixture(scope="module")
def canvas():
    return importing.canvas(FOLDER / "canvas.zip")


def formulas(shown):
    """글에 든 식의 TeX. 빈칸과, Sphinx가 여러 줄의 식에 두르는 split은 뺍니다."""
    drawn = r'data-equation-content="([^"]+)"|\\\((.+?)\\\)|\\\[(.+?)\\\]'
    return [squeezed(html.unescape("".join(found))) for found in re.findall(drawn, shown, re.S)]


def squeezed(tex):
    return re.sub(r"\s|\\(begin|end)\{split\}", "", tex)


def written(source):
    """Markdown에 든 식의 TeX."""
    return [squeezed(found) for found in re.findall(r"\$\$?([^$]+)\$", re.sub(r"`[^`]*`", "", source))]


def words(shown):
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]+>", "", shown)))


def is_told(source, shown):
    """Markdown의 글자가 표식과 식을 빼고 차례대로 모두 있습니다."""
    at, told = 0, words(shown)
    for piece in (re.sub(r"\s", "", piece) for piece in MARKUP.split(source)):
        found = told.find(piece, at)
        assert found >= 0, (piece, told)
        at = found + len(piece)


def of(found, path, kind):
    return [question for question in found if question["name"].startswith(f"wi-{path.stem[:2]}-{kind}-")]


@each_chapter
@pytest.mark.parametrize("bank", ["moodle", "canvas"])
def test_every_quiz_question_is_there(request, path, bank):
    """확인 문제마다 물음과 답이 그 번호로 한 번씩 있고, 식이 모두 있습니다. 덧붙은 식은 글이 가리키는 것입니다."""
    found = of(request.getfixturevalue(bank), path, "quiz")
    quiz = text(path).split("## 확인 문제")[1]
    source = ASKED.findall(quiz)
    assert len(source) == quiz.count(":::{dropdown} 답") >= 2
    assert [question["title"] for question in found] == [f"{int(path.stem[:2])}장 확인 문제 {n}" for n, _, _ in source]
    for (_, asked, answer), question in zip(source, found, strict=True):
        assert question["right"] is None
        for written_text, shown in ((asked, question["text"]), (answer, question["answer"])):
            is_told(written_text, shown)
            inline, added = written(written_text), len(set(re.findall(r"\{eq\}`([^`]+)`", written_text)))
            assert formulas(shown)[: len(inline)] == inline
            assert len(formulas(shown)) >= len(inline) + added
            for name in re.findall(r"\{numref\}`([^`]+)`", written_text):
                assert f"{name}.png" in question["pictures"]


@each_chapter
@pytest.mark.parametrize("bank", ["moodle", "canvas"])
def test_every_prediction_is_there(request, path, bank):
    """예상과 흔한 말마다 제 이름으로 하나씩, 물음과 보기와 답의 글이 모두 있습니다."""
    found = of(request.getfixturevalue(bank), path, "predict")
    boxes = BOX.findall(text(path))
    assert len(boxes) == len(re.findall(r"\{admonition\} (?:예상|흔한)", text(path)))
    assert [question["name"] for question in found] == [f"wi-{path.stem[:2]}-predict-{name}" for name, *_ in boxes]
    for (_, asked, told), question in zip(boxes, found):
        shown = question["text"] + "".join(f"<p>{choice}</p>" for choice in question["choices"])
        for source, there in ((BLANK.sub(r"\n\n\1", asked), shown), (told, question["answer"])):
            for piece in re.split(rf"{MARKUP.pattern}|\||-{{3,}}", re.sub(r"(?m)^(\d\.|-) ", "", source)):
                assert words(piece) in words(there), piece
            assert Counter(written(source)) <= Counter(formulas(there))


@each_chapter
def test_predictions_are_marked_as_in_the_chapter(moodle, path):
    """객관식은 맞는 보기 하나에, 수치형은 맞은 것으로 보는 범위에 점수를 주고, 그리는 것은 서술형입니다."""
    for (_, asked, told), question in zip(BOX.findall(text(path)), of(moodle, path, "predict"), strict=True):
        choices = re.findall(r"(?m)^(\d)\. ", asked)
        right = re.match(r"답은 (\d)번입니다", told)
        assert len(question["choices"]) == len(choices)
        assert question["right"] == (int(right[1]) - 1 if choices else None)
        assert (question["span"] is not None) == bool(BLANK.search(asked))
        if question["span"]:
            ends = re.search(r"입니다\. ([\d.,]+)–([\d.,]+)\S* 맞은", told)
            assert question["span"] == pytest.approx([float(end.replace(",", "")) for end in ends.groups()])


def test_both_files_hold_the_same(moodle, canvas):
    """두 파일의 이름, 제목, 보기의 답, 그림이 같고, 이름은 하나뿐이며, 장과 종류마다 모여 있습니다."""
    same = [(q["name"], q["title"], q["right"], len(q["choices"]), q["pictures"]) for q in moodle]
    assert same == [(q["name"], q["title"], q["right"], len(q["choices"]), q["pictures"]) for q in canvas]
    assert [q["span"] and pytest.approx(q["span"]) for q in canvas] == [q["span"] for q in moodle]
    assert [words(q["text"]) for q in canvas] == [
        re.sub(r"\\\(.+?\\\)|\\\[.+?\\\]", "", words(q["text"])) for q in moodle
    ]
    assert max(Counter(question["name"] for question in moodle).values()) == 1
    assert len({q["place"] for q in moodle}) == len({q["place"] for q in canvas}) == 2 * len(CHAPTERS)
    for question in moodle:
        chapter, kind = question["place"].removeprefix("$course$/top/가중치 초기화/").rsplit("/", 1)
        assert question["title"].startswith(f"{chapter.split('.')[0]} {kind} ")


def test_nothing_is_loaded_from_elsewhere(moodle, canvas):
    """그림은 함께 든 것과 Canvas가 그리는 식뿐이고, 그림은 책의 것이며 대체 텍스트가 있습니다."""
    for question in (*moodle, *canvas):
        shown = "".join([question["text"], question["answer"], *question["choices"]])
        for tag in re.findall(r"<img [^>]+>", shown):
            source, alt = re.search(r'src="([^"]+)"', tag)[1], html.unescape(re.search(r'alt="([^"]+)"', tag)[1])
            if source.startswith("/equation_images/"):
                assert unquote(unquote(source)) == f"/equation_images/{alt.removeprefix('LaTeX: ')}"
            else:
                assert source.startswith(("@@PLUGINFILE@@/fig-", "%24IMS-CC-FILEBASE%24/images/fig-"))
                assert len(alt) > 20
        assert not re.search(r"<(script|svg|style|iframe|link|mjx-)| on\w+=|style=", shown)
        assert not re.search(r'href="(?!https?://)', shown)
    for content in {content for question in moodle for content in question["pictures"].values()}:
        Image.open(io.BytesIO(content)).verify()


# 작은 페이지로 보는 것: 식을 그리기 전의 페이지의 꼴입니다.

PAGE = """<article><section><h1><span class="section-number">12. </span>걸음 고르기</h1>
<section><h2><span class="section-number">12.1. </span>얼마나 클까?</h2>
<div class="admonition tip" data-ask="choice" data-right="2" id="ask-12-size">
<p class="admonition-title">예상해 보십시오</p>
<p>\\(\\chi &lt; 1\\)이면?</p><ol><li><p>준다</p></li><li><p>는다</p></li></ol>
<details><summary>답</summary><div class="sd-summary-content"><p>답은 2번입니다.
<a class="reference internal" href="#fig-12-a">그림 12.1</a>을 보십시오.</p></div></details></div>
<p>재어 봅니다.</p>
<div class="admonition" data-ask="number" data-low="1.0" data-high="3.0" data-unit="배" id="ask-12-how-many">
<p class="admonition-title">흔한 말: “두 배”</p><p>몇 배일까요?</p><p>답: ______ 배</p>
<details><summary>답</summary><div class="sd-summary-content"><p>답은 2배입니다.</p></div></details></div>
<figure id="fig-12-a"><img src="../_images/a.png" alt="대체 텍스트">
<figcaption><p>그림 12.1 글</p></figcaption></figure>
</section>
<section><h2><span class="section-number">12.2. </span>확인 문제</h2>
<p><strong>1.</strong> 얼마입니까?</p>{answer}
<p>코드로 더 풀어 보려면</p></section></section></article>"""
ANSWER = '<details><summary>답</summary><div class="sd-summary-content"><p>반</p></div></details>'


def read(answer=ANSWER):
    [page] = questions.pages({"chapters/12_optimizers": PAGE.format(answer=answer), "intro": "<p>"})
    return {question.name: question for question in questions.questions(page)}


def test_new_chapter_needs_no_change():
    found = read()
    assert list(found) == ["wi-12-quiz-1", "wi-12-predict-size", "wi-12-predict-how-many"]
    quiz, chosen, counted = found.values()
    assert (quiz.chapter, quiz.title, quiz.text, quiz.answer) == (
        "12장. 걸음 고르기",
        "12장 확인 문제 1",
        "<p>얼마입니까?</p>",
        "<p>반</p>",
    )
    assert chosen.choices == ("1. 준다", "2. 는다")
    assert (chosen.right, chosen.span) == (1, None)
    assert chosen.text.endswith("<p>\\(\\chi &lt; 1\\)이면?</p>")
    assert chosen.pictures == {"fig-12-a.png": "_images/a.png"}
    assert (counted.choices, counted.right, counted.span) == ((), None, (1.0, 3.0))
    assert "흔한 말: “두 배”" in counted.text
    assert counted.text.endswith("<p>몇 배일까요?</p><p>단위: 배</p>")
    assert counted.answer == "<p>답은 2배입니다.</p>"


@pytest.mark.parametrize(("answer", "expected"), [("", "답이 없는 확인 문제"), (ANSWER * 2, "물음이 없는 답")])
def test_broken_question_stops_the_build(answer, expected):
    with pytest.raises(ValueError, match=expected):
        read(answer)


def test_same_pages_give_the_same_bytes(tmp_path):
    """다시 만들면 바이트까지 같고, 쓰다 만 파일을 남기지 않습니다."""
    texts, made = {"chapters/12_optimizers": PAGE.format(answer=ANSWER)}, []
    for name in ("한 번", "두 번"):
        (tmp_path / name / "_images").mkdir(parents=True)
        (tmp_path / name / "_images" / "a.png").write_bytes(b"png")
        banks.write(texts, tmp_path / name)
        made.append({path.name: path.read_bytes() for path in (tmp_path / name / "questions").iterdir()})
    assert made[0] == made[1]
    assert made[0].keys() == {"moodle.xml", "canvas.zip"}
