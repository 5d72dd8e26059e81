"""강의용 슬라이드(make slides): 장의 물음, 그림, 판정, 문제가 모두 있고, 책과 같은 번호를 쓰고, 넘치지 않습니다."""

import doctest
import re
from html.parser import HTMLParser

import nbformat
import pytest

from publish import myst, sentences, slides
from tests.browsing import ROOT, SITE, Visit

CHAPTERS = [path.stem for path in slides.CHAPTERS]
# 표, 코드, 긴 식, 움직여 보는 실험, 그림 곁의 글이 모두 있는 두 장.
PROJECTED = ["03_xavier", "11_frameworks"]
# 만든 것을 함께 쓰도록 한 프로세스에서 시험합니다.
pytestmark = pytest.mark.xdist_group("slides")


# 지금 슬라이드에서 화면 밖으로 나간 것. 보조 기술용 MathML과 메모는 보이지 않습니다.
STATE = """() => {
    const slide = Reveal.getCurrentSlide(), hidden = ".notes, .notes *, mjx-assistive-mml, mjx-assistive-mml *";
    const outside = (box) => box.right > 1281 || box.bottom > 721 || box.left < -1 || box.top < -1;
    const shown = [...slide.querySelectorAll(`:not(${hidden})`)].filter((e) => e.offsetWidth || e.offsetHeight);
    return {
        out: shown.filter((e) => outside(e.getBoundingClientRect())).map((e) => e.outerHTML.slice(0, 80)),
        inner: [slide.scrollWidth, slide.scrollHeight],
        outer: [slide.getBoundingClientRect().width, slide.getBoundingClientRect().height],
        size: Number(slide.style.getPropertyValue("--size") || 1),
        text: slide.innerText,
        last: Reveal.isLastSlide(),
        number: document.querySelector(".slide-number").innerText,
    };
}"""


class Page(HTMLParser):
    """슬라이드마다 종류, 제목, 그림, 보이는 글(text), 메모, 찍힌 글(pre), 메모까지 더해 코드를 뺀 글(words)."""

    def __init__(self, text):
        super().__init__()
        self.slides, self.open, self.addresses = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.addresses += [attributes[name] for name in ("src", "href") if tag != "a" and name in attributes]
        if tag == "section":
            self.slides.append({"kind": attributes["data-kind"], "images": [], "links": [], "fragments": 0})
            self.slides[-1] |= dict.fromkeys(("h1", "h2", "pre", "text", "notes", "words"), "")
        if tag in ("img", "link", "meta", "br", "hr"):
            if tag == "img":
                self.slides[-1]["images"].append(attributes)
            return
        if tag == "a":
            self.slides[-1]["links"].append(attributes.get("href", ""))
        if tag == "div" and attributes.get("class") == "fragment":
            self.slides[-1]["fragments"] += 1
        self.open.append("notes" if tag == "aside" else tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != ("notes" if tag == "aside" else tag):
            pass

    def handle_data(self, data):
        if not self.slides or {"script", "style"} & set(self.open):
            return
        slide, notes = self.slides[-1], "notes" in self.open
        if "pre" not in self.open or notes:
            slide["notes" if notes else "text"] += data
        else:
            slide["pre"] += data
        if not {"pre", "code"} & set(self.open):
            slide["words"] += data
        for tag in {"h1", "h2"} & set(self.open):
            slide[tag] += data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """책의 곁(_build/slides)에 둔 것처럼 만든 모든 장의 슬라이드."""
    out = tmp_path_factory.mktemp("build") / "slides"
    slides.main([], out)
    return out


@pytest.fixture(scope="module")
def decks(folder):
    """장마다 슬라이드의 목록. 절의 바깥 상자는 뺍니다."""
    pages = {stem: Page((folder / f"{stem}.html").read_text(encoding="utf-8")) for stem in CHAPTERS}
    for page in pages.values():
        page.slides = [slide for slide in page.slides if slide["text"].strip()]
    return pages


def notebook(stem):
    return nbformat.read(ROOT / "chapters" / f"{stem}.ipynb", as_version=4)


def prose(stem):
    return "\n\n".join(cell.source for cell in notebook(stem).cells if cell.cell_type == "markdown")


def outputs(stem):
    return [output for cell in notebook(stem).cells if cell.cell_type == "code" for output in cell.outputs]


def visible(deck):
    return "\n".join(slide["text"] for slide in deck.slides)


def squeezed(text):
    """띄어쓰기와 굵은 글씨의 표시를 지운 글."""
    return re.sub(r"[\s*`]", "", text)


def test_examples():
    for module in (sentences, myst):
        assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("stem", CHAPTERS)
def test_sections_are_all_there(decks, stem):
    """제목의 슬라이드에서 시작해, 장의 물음이 모두 적힌 차례로 나옵니다."""
    source = prose(stem)
    first, *rest = decks[stem].slides
    assert first["kind"] == "title"
    assert first["h1"].endswith(re.search(r"(?m)^# (.+)$", source)[1])
    assert "이 장에서 하는 일" in first["text"]
    assert "배우는 것" in first["text"]
    asked = [title.replace("`", "") for title in re.findall(r"(?m)^##+ (.+)$", source)]
    shown = iter([slide["h2"] or slide["text"] for slide in rest if slide["kind"] not in ("predict", "claim")])
    for title in asked:
        assert any(title in words for words in shown), title
    assert [slide["kind"] for slide in rest][-1] == "readings"


@pytest.mark.parametrize("stem", CHAPTERS)
def test_figures_are_all_there(decks, stem):
    """그림마다 자기 슬라이드가 있고, 대체 텍스트와 책과 같은 번호의 캡션이 있습니다."""
    shown = [slide for slide in decks[stem].slides if slide["kind"] in ("figure", "tall")]
    pngs = [output for output in outputs(stem) if "image/png" in output.get("data", {})]
    assert len(shown) == len(pngs) > 0
    for i, (slide, output) in enumerate(zip(shown, pngs), start=1):
        (image,) = slide["images"]
        assert image["src"] == f"data:image/png;base64,{output.data['image/png']}"
        assert image["alt"] == output.metadata["image/png"]["alt"]
        assert f"그림 {int(stem[:2])}.{i}." in slide["text"]
    assert all(len(image["alt"]) >= 10 for slide in decks[stem].slides for image in slide["images"])


@pytest.mark.parametrize("stem", CHAPTERS)
def test_predictions_come_before_figures(decks, stem):
    """예상과 흔한 말은 저마다 한 슬라이드이고, 그림과 장에서와 같은 차례입니다. 답은 함께 있지 않습니다."""
    kinds = {"예상": "predict", "흔한": "claim"}
    wanted = []
    for cell in notebook(stem).cells:
        if cell.cell_type == "markdown":
            wanted += [kinds[word] for word in re.findall(r"(?m)^:{3,}\{admonition\} (예상|흔한)", cell.source)]
        else:
            wanted += ["figure" for output in cell.outputs if "image/png" in output.get("data", {})]
    shown = [slide["kind"].replace("tall", "figure") for slide in decks[stem].slides]
    assert [kind for kind in shown if kind in ("predict", "claim", "figure")] == wanted
    assert not any("답은 " in slide["text"] for slide in decks[stem].slides if slide["kind"] == "predict")


@pytest.mark.parametrize("stem", CHAPTERS)
def test_verdicts_answers_and_numbers_are_shown(decks, stem):
    """판정과 답, 정리, 찍힌 글이 메모가 아니라 화면에 있습니다."""
    names, source = slides.chapter_names(), prose(stem)
    shown = squeezed(visible(decks[stem]))
    for verdict in re.findall(r"\*\*(판정: .+?)\*\*", source):
        assert squeezed(names.plain(verdict)) in shown, verdict
    for answer in re.findall(r"(?m)(?:^|\. )((?:예상 문제의 )?답은 [^.]+\.)", source):
        assert squeezed(names.plain(answer)) in shown, answer
    summary = source.split("## 정리\n")[1].split("\n## ")[0]
    for item in re.findall(r"(?m)^- (.+)$", summary):
        assert squeezed(names.plain(item)) in shown, item
    printed = squeezed("".join(slide["pre"] for slide in decks[stem].slides))
    for output in outputs(stem):
        if output.output_type == "stream":
            assert squeezed(output.text) in printed, output.text


@pytest.mark.parametrize("stem", CHAPTERS)
def test_formulas_are_shown(decks, stem):
    """따로 적은 식이 모두 화면에 있고, 번호가 장에서의 차례와 같습니다."""
    shown = re.findall(r"\$\$(.+?)\$\$", visible(decks[stem]), re.S)
    written = re.findall(r"(?s)\$\$\s*(.+?)\s*\$\$", prose(stem))
    assert [squeezed(re.sub(r"\\tag\{.*?\}", "", one)) for one in shown] == [squeezed(one) for one in written]
    numbers = re.findall(r"\\tag\{(.+?)\}", visible(decks[stem]))
    assert numbers == [f"{int(stem[:2])}.{i}" for i in range(1, len(numbers) + 1)]
    assert len(numbers) == len(re.findall(r"\$\$ *\(eq-", prose(stem)))


@pytest.mark.parametrize("stem", CHAPTERS)
def test_questions_hide_their_answers(decks, stem):
    """확인 문제는 하나씩 나오고, 답은 글쇠를 한 번 더 눌러야 보입니다."""
    quiz = [slide for slide in decks[stem].slides if slide["kind"] == "quiz" and slide["h2"] == "확인 문제"]
    assert len(quiz) == len(re.findall(r"\{dropdown\} 답", prose(stem))) >= 2
    for i, slide in enumerate(quiz, start=1):
        assert slide["fragments"] == 1
        question, answer = re.split(r"\n답\n", slide["text"])
        assert f"{i}." in question
        assert answer.strip()


@pytest.mark.parametrize("stem", CHAPTERS)
def test_no_markup_is_left_over(decks, stem):
    """화면에도 메모에도 해석되지 않은 MyST나 Markdown이 글자로 남아 있지 않습니다."""
    for slide in decks[stem].slides:
        words = re.sub(r"\$\$.+?\$\$|\$[^$]+\$", "", slide["words"], flags=re.S)
        left = re.search(
            r"\{[\w:-]+\}|:::|\]\(|\*\*|\(\w+-[\w-]+\)=|\b(?:fig|eq|ch|sec)-\d*\w|\$|^#|\bNone\b|식 식", words
        )
        assert not left, (left[0], slide["text"][:200])


@pytest.mark.parametrize("stem", CHAPTERS)
def test_words_and_numbers_are_those_of_the_book(stem):
    """그림과 식의 번호, 인용의 모양이 책의 페이지와 같습니다."""
    page = (SITE / "chapters" / f"{stem}.html").read_text(encoding="utf-8")
    names, source = slides.chapter_names(), prose(stem)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    for label in re.findall(r"\(eq-[\w-]+\)", source):
        number = re.search(rf'id="equation-{label[1:-1]}">\s*<span class="eqno">(\([\d.]+\))', page)[1]
        assert names.words[label[1:-1]] == f"식 {number}"
    for cell in notebook(stem).cells:
        if name := cell.metadata.get("mystnb", {}).get("figure", {}).get("name"):
            number = re.search(rf'id="{name}".*?class="caption-number">(.+?)\s*</span>', page, re.S)[1]
            assert names.words[name] == number
    for role in re.findall(r"\{cite:[tp]\}`[^`]+`", source):
        assert names.plain(role) in words, role


def test_nothing_is_loaded_from_elsewhere(folder, decks):
    """HTML도, 함께 쓰는 모양과 스크립트도 곁에 둔 것만 부릅니다."""
    for deck in decks.values():
        for address in deck.addresses:
            assert address.startswith("data:") or (folder / address).is_file(), address
    styles = [(folder / "shared" / name).read_text(encoding="utf-8") for name in ("slides.css", "reveal/reveal.css")]
    assert not re.search(r"@import|url\(['\"]?(?:https?:)?//", "".join(styles))
    assert "Hakim El Hattab" in (folder / "shared" / "reveal" / "LICENSE").read_text(encoding="utf-8")


def test_links_lead_to_the_book(folder, decks):
    """움직여 보는 실험마다 책의 그 그림으로 잇습니다. 책이 없으면 잇지 않습니다."""
    links = [link for deck in decks.values() for slide in deck.slides for link in slide["links"] if link[0] == "."]
    assert len(links) >= sum(slide["kind"] == "tall" for deck in decks.values() for slide in deck.slides) > 0
    for link in links:
        path, _, fragment = link.removeprefix("../html/").partition("#")
        assert not fragment or f'id="{fragment}"' in (SITE / path).read_text(encoding="utf-8"), link
    deck = slides.Deck(3, notebook("03_xavier"), slides.chapter_names(), lambda notebook: "")
    assert not re.search(r"\]\(\.\.?/", repr(deck.slides))


def test_the_same_chapter_gives_the_same_bytes(folder, tmp_path):
    path = slides.CHAPTERS[1]
    again = slides.build(path, slides.chapter_names(), tmp_path)
    assert again.read_bytes() == (folder / again.name).read_bytes()


def test_unknown_words_stop_the_build():
    """모르는 장, role, 지시문은 조용히 빠지지 않고 이름을 말하며 멈춥니다."""
    with pytest.raises(SystemExit, match="99_없음"):
        slides.main(["99_없음"])
    with pytest.raises(ValueError, match="doc"):
        slides.chapter_names().plain("{doc}`intro`")
    with pytest.raises(ValueError, match="blockquote"):
        myst.blocks("> 인용문")


@pytest.mark.browser
@pytest.mark.parametrize("stem", PROJECTED)
def test_slides_fit_the_screen(browser, folder, stem):
    """파일로 열어 → 글쇠로 끝까지 가는 동안 오류도 바깥 요청도 없고, 1280 × 720에서 넘치는 슬라이드가 없습니다."""
    with Visit(browser, (folder / f"{stem}.html").as_uri(), viewport={"width": 1280, "height": 720}) as visit:
        visit.tab.wait_for_function("window.Reveal?.isReady()")
        assert visit.tab.evaluate("document.documentElement.lang") == "ko"
        assert visit.count("mjx-merror") == 0
        assert visit.count("mjx-container") > 50
        seen = 1
        for _ in range(300):
            state = visit.tab.evaluate(STATE)
            assert state["out"] == [], state
            assert state["inner"] == state["outer"] == [1280, 720], state
            assert state["size"] >= 0.8, state
            assert "$" not in state["text"], state
            if state["last"]:
                break
            visit.tab.keyboard.press("ArrowRight")
            seen += 1
        total = visit.tab.evaluate("Reveal.getTotalSlides()")
        assert state["last"]
        assert state["number"].split() == [str(total), "/", str(total)]
        assert seen >= total
        assert visit.errors == []
        assert visit.outside == []
        assert visit.broken_images() == []


@pytest.mark.browser
def test_speaker_notes_open(browser, folder):
    """S 글쇠를 누르면 발표자 화면이 열리고, 화면에 없는 글이 메모에 있습니다."""
    with Visit(browser, (folder / "03_xavier.html").as_uri(), viewport={"width": 1280, "height": 720}) as visit:
        visit.tab.wait_for_function("window.Reveal?.isReady()")
        visit.tab.keyboard.press("ArrowRight")
        with visit.tab.expect_popup() as opened:
            visit.tab.keyboard.press("s")
        notes = opened.value.locator(".speaker-controls-notes .value")
        notes.filter(has_text="목표는 하나입니다").wait_for()
        assert visit.errors == []
        assert visit.outside == []
