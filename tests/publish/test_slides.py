"""강의용 슬라이드(make slides): 장의 물음, 그림, 판정, 문제가 모두 책과 같은 글과 번호로 있고, 넘치지 않습니다."""

import doctest
import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from publish import pages, pieces, sentences, slides
from tests.browsing import ROOT, SITE, Visit

CHAPTERS = slides.CHAPTERS
SCREEN = {"viewport": {"width": 1280, "height": 720}}
FORMULA = re.compile(r"<mjx-container.*?(<math.*?</math>).*?</mjx-container>", re.S)
# 만든 것을 함께 쓰도록 한 프로세스에서 시험합니다.
pytestmark = pytest.mark.xdist_group("slides")

# 슬라이드를 차례로 열어, 답까지 보였을 때 화면 밖으로 나간 것과 지나치게 줄인 것. 메모와 보조 기술용 MathML은 뺍니다.
OVERFLOWING = """() => [...document.querySelectorAll("section.page")].flatMap((slide) => {
    const { h, v } = Reveal.getIndices(slide);
    const hidden = ".notes, .notes *, mjx-assistive-mml, mjx-assistive-mml *, svg *";
    Reveal.slide(h, v, 99);
    const outside = (box) => box.right > 1281 || box.bottom > 721 || box.left < -1 || box.top < -1;
    const shown = [...slide.querySelectorAll(`:not(${hidden})`)].filter((e) => e.getClientRects().length);
    const found = shown.filter((e) => outside(e.getBoundingClientRect())).map((e) => e.outerHTML.slice(0, 80));
    if (Number(slide.style.getPropertyValue("--size") || 1) < 0.8) found.push(slide.style.cssText);
    const size = [slide.scrollWidth, slide.scrollHeight].join(" × ");
    if (size !== "1280 × 720") found.push(size);
    return found.map((one) => `${slide.dataset.kind} ${h}.${v}: ${one}`);
})"""
# 화면에 나누어 올린 글을 이은 것. 자리가 없어 메모로 옮긴 코드와, 나눈 표마다 되풀이하는 머리는 뺍니다.
FLOWING = """() => [...document.querySelectorAll(".page > .flow")].map((flow) => {
    const copied = flow.cloneNode(true);
    for (const one of copied.querySelectorAll(".code, thead, .notes, svg")) one.remove();
    return copied.textContent;
}).join("")"""


def parsed(path):
    """HTML을 읽습니다. 그려 둔 수식은 MathML만 남깁니다."""
    return BeautifulSoup(FORMULA.sub(r"\1", path.read_text(encoding="utf-8")), "html.parser")


def squeezed(text):
    return re.sub(r"\s", "", text)


def words(elements):
    return squeezed("".join(element.get_text() for element in elements))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """책의 곁(_build/slides)에 둔 것처럼 만든 모든 장의 슬라이드."""
    out = tmp_path_factory.mktemp("build") / "slides"
    slides.main([], out)
    return out


@pytest.fixture(scope="module")
def decks(folder):
    """장마다 (슬라이드의 목록, 슬라이드마다의 메모의 글). 슬라이드에는 화면에 보일 것만 남깁니다."""
    found = {}
    for stem in CHAPTERS:
        deck = parsed(folder / f"{stem}.html").select("section.page")
        found[stem] = deck, [words(note.extract() for note in slide.select("aside.notes")) for slide in deck]
    return found


@pytest.fixture(scope="module")
def chapters():
    """장마다 책의 페이지의 글. 화면에서만 쓰는 것은 뺍니다."""
    found = {stem: parsed(SITE / "chapters" / f"{stem}.html").find("article") for stem in CHAPTERS}
    for article in found.values():
        for element in article.select(".headerlink, button, script, .section-number, .wi-sheet, summary"):
            element.decompose()
    return found


def notebook(stem):
    return nbformat.read(ROOT / "chapters" / f"{stem}.ipynb", as_version=4)


def prose(stem):
    return "\n\n".join(cell.source for cell in notebook(stem).cells if cell.cell_type == "markdown")


def outputs(stem):
    return [output for cell in notebook(stem).cells if cell.cell_type == "code" for output in cell.outputs]


def kinds(deck):
    return [slide["data-kind"] for slide in deck]


def test_examples():
    assert doctest.testmod(sentences).failed == 0


@pytest.mark.parametrize("stem", CHAPTERS)
def test_sections_are_all_there(decks, stem):
    """제목의 슬라이드에서 시작해, 장의 물음이 모두 적힌 차례로 나옵니다."""
    source, (deck, _) = prose(stem), decks[stem]
    assert kinds(deck)[0] == "title"
    assert deck[0].h1.get_text() == f"{int(stem[:2])}장. {re.search(r'(?m)^# (.+)$', source)[1]}"
    assert "이 장에서 하는 일" in deck[0].get_text()
    assert "배우는 것" in deck[0].get_text()
    asked = [squeezed(title.replace("`", "")) for title in re.findall(r"(?m)^##+ (.+)$", source)]
    shown = [
        words([slide.h2]) for slide in deck[1:] if slide["data-kind"] not in ("predict", "claim", "answer") and slide.h2
    ]
    assert [title for title in dict.fromkeys(shown) if title not in ("들어가며", "더풀어보기")] == asked
    assert kinds(deck)[-1] == "readings"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_figures_are_all_there(folder, decks, stem):
    """그림마다 자기 슬라이드가 있고, 대체 텍스트와 책과 같은 번호의 캡션이 있습니다.

    긴 그림은 나누어서도 다 보입니다.
    """
    deck, _ = decks[stem]
    shown = [slide for slide in deck if slide["data-kind"] in ("figure", "tall")]
    pngs = [output for output in outputs(stem) if "image/png" in output.get("data", {})]
    assert len(shown) == len(pngs) > 0
    for i, (slide, output) in enumerate(zip(shown, pngs), start=1):
        [image] = slide.select("img")
        assert (folder / image["src"]).is_file()
        assert image["alt"] == output.metadata["image/png"]["alt"]
        assert slide.figcaption.get_text().startswith(f"그림 {int(stem[:2])}.{i}. ")
    for slide in deck:
        assert all(len(image["alt"]) >= 10 for image in slide.select("img"))
    parts = [slide.svg for slide in deck if slide["data-kind"] == "zoom"]
    assert all(re.match(r"그림 [\d.]+의 \S+ 칸", part["aria-label"]) for part in parts)
    # 안쪽 svg가 제 조각만 남기고 잘라 냅니다.
    assert all(part.svg["viewbox"].split()[2:] == [part.svg["width"], part.svg["height"]] for part in parts)
    heights = {part.image["href"]: int(part.image["height"]) for part in parts}
    for source, height in heights.items():
        boxes = [part.svg["viewbox"].split() for part in parts if part.image["href"] == source]
        assert sum(int(box[3]) for box in boxes) == height
        assert len(boxes) > 1


@pytest.mark.parametrize("stem", CHAPTERS)
def test_predictions_come_before_figures(decks, stem):
    """예상과 흔한 말은 저마다 한 슬라이드이고, 그림과 장에서와 같은 차례입니다. 답은 함께 있지 않습니다."""
    wanted, (deck, _) = [], decks[stem]
    for cell in notebook(stem).cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"(?m)^:{3,}\{admonition\} (예상|흔한)", cell.source)
            wanted += [{"예상": "predict", "흔한": "claim"}[word] for word in found]
        else:
            wanted += ["figure" for output in cell.outputs if "image/png" in output.get("data", {})]
    shown = [kind.replace("tall", "figure") for kind in kinds(deck)]
    assert [kind for kind in shown if kind in ("predict", "claim", "figure")] == wanted
    assert not any("답은 " in slide.get_text() for slide in deck if slide["data-kind"] in ("predict", "claim"))
    # 답은 예상마다 하나씩, 예상의 뒤에 나옵니다.
    waiting = 0
    for kind in kinds(deck):
        waiting += (kind in ("predict", "claim")) - (kind == "answer")
        assert waiting >= 0
    assert waiting == 0


@pytest.mark.parametrize("stem", CHAPTERS)
def test_verdicts_answers_and_numbers_are_shown(decks, chapters, stem):
    """판정과 답, 정리, 찍힌 글이 메모가 아니라 화면에 있습니다."""
    (deck, _), article, source = decks[stem], chapters[stem], prose(stem)
    shown = words(deck)
    verdicts = [strong for strong in article.select("strong") if strong.get_text().startswith("판정: ")]
    assert len(verdicts) == len(re.findall(r"\*\*판정: ", source))
    answers = [
        answer
        for paragraph in article.select("p")
        for answer in re.findall(r"(?:^|\. )((?:예상 문제의 )?답은 [^.]+\.)", paragraph.get_text())
    ]
    [summary] = [heading.parent for heading in article.select("h2") if heading.get_text() == "정리"]
    found = [element.get_text() for element in (*verdicts, *summary.select("li, td"))] + answers
    assert len(found) > 5
    for text in found:
        assert squeezed(text) in shown, text
    printed = words(pre for slide in deck for pre in slide.select("pre"))
    for output in outputs(stem):
        if output.output_type == "stream":
            assert squeezed(output.text) in printed, output.text


@pytest.mark.parametrize("stem", CHAPTERS)
def test_formulas_are_shown(decks, chapters, stem):
    """따로 적은 식이 모두 화면에 있고, 번호가 장에서의 차례와 같습니다."""
    deck, _ = decks[stem]
    shown = [squeezed(str(formula)) for slide in deck for formula in slide.select("div.math math")]
    assert shown == [squeezed(str(formula)) for formula in chapters[stem].select("div.math math")]
    numbers = [words([number]) for slide in deck for number in slide.select(".eqno")]
    assert numbers == [f"({int(stem[:2])}.{i})" for i in range(1, len(numbers) + 1)]
    assert len(numbers) == len(re.findall(r"\$\$ *\(eq-", prose(stem)))


@pytest.mark.parametrize("stem", CHAPTERS)
def test_questions_hide_their_answers(decks, stem):
    """확인 문제는 하나씩 나오고, 답은 글쇠를 한 번 더 눌러야 보입니다."""
    deck, _ = decks[stem]
    quiz = [slide for slide in deck if slide["data-kind"] == "quiz" and slide.h2.get_text() == "확인 문제"]
    assert len(quiz) == prose(stem).split("## 확인 문제")[1].count("{dropdown} 답") >= 2
    for i, slide in enumerate(quiz, start=1):
        assert slide.select_one(".unit").get_text().startswith(f"{i}. ")
        [answer] = slide.select(".fragment")
        assert re.match(r"답\S", answer.get_text())


@pytest.mark.parametrize("stem", CHAPTERS)
def test_every_paragraph_is_kept(decks, chapters, stem):
    """장의 문단, 목록의 항목, 표의 칸이 하나도 빠짐없이, 온전히, 화면이나 메모에 있습니다."""
    deck, notes = decks[stem]
    kept = words(deck) + "".join(notes)
    for element in chapters[stem].select(
        "p:not(figcaption p, .wi-lab p, .note > .admonition-title), .caption-text, td"
    ):
        assert words([element]) in kept, element.get_text()


def test_nothing_is_loaded_from_elsewhere(folder):
    """HTML도, 함께 쓰는 모양과 스크립트도 곁에 둔 것만 부릅니다."""
    for stem in CHAPTERS:
        text = (folder / f"{stem}.html").read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:img|script|link|image)[^>]* (?:src|href)="([^"]+)"', text)
        assert len(loaded) > 8
        for address in loaded:
            assert address == "data:," or (folder / address).is_file(), address
        assert not re.search(r"<use (?!href=\"#)", text)
        assert set(re.findall(r'<use href="#([^"]+)"', text)) == set(re.findall(r'<path id="([^"]+)"', text))
    styles = [path.read_text(encoding="utf-8") for path in (folder / "shared").glob("*.css")]
    assert len(styles) == 3
    assert not re.search(r"@import|url\(['\"]?(?:https?:)?//", "".join(styles))
    assert "Hakim El Hattab" in (folder / "shared" / "LICENSE").read_text(encoding="utf-8")


def test_links_lead_to_the_book(decks):
    """움직여 보는 실험마다 책의 그 그림으로 잇습니다."""
    everything = [slide for deck, _ in decks.values() for slide in deck]
    live = [slide.select_one('a[href^="../html/chapters/"]') for slide in everything if slide["data-kind"] == "tall"]
    assert all("#fig-" in link["href"] for link in live)
    links = [link["href"] for slide in everything for link in slide.select("a[href]")]
    assert all(re.match(r"https?://|\.\./html/", link) for link in links)
    for link in (link for link in links if link.startswith(".")):
        path, _, fragment = link.removeprefix("../html/").partition("#")
        setting = path == "lab.html" and "=" in fragment
        assert not fragment or setting or f'id="{fragment}"' in (SITE / path).read_text(encoding="utf-8"), link
        assert (SITE / path).is_file()


def test_the_same_chapter_gives_the_same_bytes(folder, tmp_path):
    slides.main(["02_sigmoid_std"], tmp_path)
    name = "02_sigmoid_std.html"
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_unknown_words_stop_the_build():
    """모르는 장과 요소, 없는 페이지는 조용히 빠지지 않고 이름을 말하며 멈춥니다."""
    with pytest.raises(SystemExit, match="99_없음"):
        slides.main(["99_없음"])
    with pytest.raises(SystemExit, match=r"chapters/99_없음\.html이 없습니다\. make book을 먼저"):
        pages.read("chapters/99_없음")
    with pytest.raises(ValueError, match="<video>"):
        pieces.pieces([BeautifulSoup("<video></video>", "html.parser").video])


def projected(browser, path):
    visit = Visit(browser, path.as_uri(), **SCREEN)
    visit.tab.wait_for_function("window.Reveal?.isReady()")
    return visit


@pytest.mark.browser
@pytest.mark.parametrize("stem", CHAPTERS)
def test_slides_fit_the_screen(browser, folder, decks, stem):
    """파일로 열면 1280 × 720에서 넘치는 슬라이드도, 나누다 잃은 글도, 오류도, 바깥 요청도 없습니다."""
    with projected(browser, folder / f"{stem}.html") as visit:
        assert visit.tab.evaluate("document.documentElement.lang") == "ko"
        assert visit.count("use") > 50
        assert visit.tab.evaluate(OVERFLOWING) == []
        total = visit.tab.evaluate("Reveal.getTotalSlides()")
        assert visit.tab.locator(".slide-number").inner_text().split() == [str(total), "/", str(total)]
        flows = parsed(folder / f"{stem}.html").select(".page > .flow")
        for element in (element for flow in flows for element in flow.select(".code, thead, .notes")):
            element.decompose()
        assert squeezed(visit.tab.evaluate(FLOWING)) == words(flows)
        assert visit.errors == []
        assert visit.outside == []
        assert visit.broken_images() == []


@pytest.mark.browser
def test_wide_fonts_make_more_slides(browser, folder):
    """글꼴이 넓은 기기에서도 글자를 줄이지 않고 더 나눕니다."""
    text = (folder / "11_frameworks.html").read_text(encoding="utf-8")
    wide = folder / "wide.html"
    wide.write_text(text.replace("</head>", "<style>.flow { font-size: 1.15em; }</style></head>"), encoding="utf-8")
    totals = []
    for path in (folder / "11_frameworks.html", wide):
        with projected(browser, path) as visit:
            assert visit.tab.evaluate(OVERFLOWING) == []
            totals.append(visit.tab.evaluate("Reveal.getTotalSlides()"))
    assert totals[0] < totals[1]


@pytest.mark.browser
def test_keys_reveal_answers_and_notes(browser, folder):
    """→로 끝까지 갑니다. 답은 한 번 더 눌러야 보이고, S를 누르면 화면에 없는 글과 식이 발표자 화면에 있습니다."""
    with projected(browser, folder / "03_xavier.html") as visit:
        tab = visit.tab
        tab.keyboard.press("ArrowRight")
        with tab.expect_popup() as opened:
            tab.keyboard.press("s")
        notes = opened.value.locator(".speaker-controls-notes .value")
        notes.filter(has_text="목표는 하나입니다").wait_for()
        opened.value.close()  # 열어 두면 슬라이드를 두 벌 더 그립니다.
        revealed, pressed = 0, 1
        while not tab.evaluate("Reveal.isLastSlide()"):
            answer = tab.locator(".page.present[data-kind=quiz] .fragment:not(.visible)")
            asked = answer.count()
            assert not asked or not answer.is_visible()
            tab.keyboard.press("ArrowRight")
            pressed += 1
            if asked:
                tab.locator(".page.present[data-kind=quiz] .fragment.visible").wait_for(state="visible")
                revealed += 1
            assert pressed < 300
        assert revealed == visit.count(".page[data-kind=quiz] .fragment") > 0
        assert pressed > tab.evaluate("Reveal.getTotalSlides()")
        assert visit.errors == []
        assert visit.outside == []
