r"""장의 페이지에서 확인 문제와 예상을 모읍니다. 두 형식의 문제 은행으로 적는 것은 publish/banks.py입니다.

확인 문제는 번호와 접힌 답으로, 예상은 그 상자로 알아봅니다. 무엇이 맞는지는 상자에 적혀 있습니다(book/predictions.py).
고르는 예상은 객관식, 수를 적는 예상은 수치형이고, 나머지는 설명하는 문제입니다. 글은 LMS에 그대로 붙는 HTML이고 식은
`\(`와 `\)` 사이의 TeX입니다. 그래서 식을 그림으로 바꾸기 전의 페이지를 읽습니다.
"""

import html
import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from urllib.parse import urljoin

from bs4 import BeautifulSoup

QUIZ, PREDICTION = "확인 문제", "예상"
KINDS = {QUIZ: "quiz", PREDICTION: "predict"}
ASKS = "예상해 보십시오"
# LMS가 거르지 않는 태그
KEPT = {"p", "strong", "em", "code", "pre", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "sub", "sup"}


@dataclass(frozen=True)
class Question:
    """문제 하나. 보기(choices)가 있으면 객관식, 맞은 것으로 보는 범위(span)가 있으면 수치형입니다."""

    kind: str
    title: str
    text: str
    answer: str
    choices: tuple[str, ...] = ()
    right: int | None = None
    span: tuple[float, float] | None = None
    name: str = ""  # 두 형식에서 함께 쓰는, 바뀌지 않는 이름
    chapter: str = ""
    pictures: dict[str, str] = field(default_factory=dict)  # {글이 부르는 이름: 책 안에서의 자리}


@dataclass
class Page:
    """장의 페이지. others는 그 글이 가리키는 그림과 식을 찾을 {이름: 페이지}입니다."""

    name: str
    article: BeautifulSoup
    others: dict

    @property
    def number(self):
        return int(re.search(r"\d+", self.name)[0])

    @property
    def chapter(self):
        return f"{self.number}장. {self.article.h1.get_text().partition('. ')[2].strip()}"


def pages(texts):
    """{이름: HTML}에서 장의 페이지들."""
    found = {}
    for name, text in sorted(texts.items()):
        if name.startswith("chapters/"):
            body = re.sub(r"<script\b.*?</script>", "", text[text.index("<article") :], flags=re.S)
            article = BeautifulSoup(body, "html.parser").article
            for element in article.select(".headerlink, button, h2 .section-number"):
                element.decompose()
            found[name] = Page(name, article, found)
    return list(found.values())


def questions(page):
    """그 장의 문제의 목록: 확인 문제, 그다음에 예상."""
    found = {kind: [] for kind in KINDS}
    for section in page.article.section.find_all("section", recursive=False):
        title = section.h2.get_text().strip()
        if title == QUIZ:
            found[QUIZ] += quiz(section)
        else:
            place = f"책의 {page.number}장 ‘{title}’"
            found[PREDICTION] += [prediction(box, title, place) for box in section.select("div[data-ask]")]
    return [finished(question, i, page) for made in found.values() for i, question in enumerate(made, 1)]


def quiz(section):
    """확인 문제: 번호로 시작하는 문단부터 접힌 답까지."""
    asked = []
    for element in section.find_all(True, recursive=False)[1:]:
        if element.name == "details":
            if not asked:
                raise ValueError(f"번호를 매긴 물음이 없는 답: {element.get_text()[:60]}")
            asked[0].strong.extract()  # 번호는 제목에 있습니다.
            answer = element.select_one(".sd-summary-content").decode_contents()
            yield Question(QUIZ, "", "".join(map(str, asked)), answer)
            asked = []
        elif asked or re.match(r"\d+\. ", element.get_text()):
            asked.append(element)
    if asked:
        raise ValueError(f"답이 없는 확인 문제: {asked[0].get_text()[:60]}")


def prediction(box, title, place):
    """상자 하나의 문제. 물음의 끝은 보기의 목록이나 답을 적을 자리나 선을 적을 표이고, 그 뒤가 접힌 답입니다."""
    name, *body, fold = box.find_all(True, recursive=False)
    choices, right, span = (), None, None
    if box["data-ask"] == "choice":
        choices = tuple(f"{i}. {inside(item)}" for i, item in enumerate(body.pop().find_all("li", recursive=False), 1))
        right = int(box["data-right"]) - 1
    elif box["data-ask"] == "number":
        body.pop()
        span = float(box["data-low"]), float(box["data-high"])
        body += BeautifulSoup(f"<p>단위: {box['data-unit']}</p>" if box["data-unit"] else "", "html.parser")
    said = "" if name.get_text() == ASKS else f"<p><strong>{name.decode_contents()}</strong></p>"
    asked = f"<p>{place}을 읽다가 답하는 물음입니다.</p>{said}{''.join(map(str, body))}"
    answer = fold.select_one(".sd-summary-content").decode_contents()
    return Question(PREDICTION, title, asked, answer, choices, right, span, name=box["id"].split("-", 2)[2])


def inside(element):
    """항목 안의 글. 항목의 문단은 풉니다."""
    return re.sub("</?p>", "", element.decode_contents()).strip()


def finished(question, number, page):
    """번호를 붙이고, 글이 가리키는 그림과 식을 함께 담은 문제."""
    text, shown = portable(question.text, page)
    answer, explained = portable(question.answer, page)
    return replace(
        question,
        name=f"wi-{page.number:02}-{KINDS[question.kind]}-{question.name or number}",
        chapter=page.chapter,
        title=f"{page.number}장 {question.kind} {number}" + (f". {question.title}" if question.title else ""),
        text=text,
        answer=answer,
        choices=tuple(cleaned(BeautifulSoup(choice, "html.parser")) for choice in question.choices),
        pictures=shown | explained,
    )


def portable(text, page):
    """책의 밖에서도 읽히는 (HTML, 그림). 가리키는 그림과 식은 뒤에 붙이고, 책 안의 링크는 글자만 남깁니다."""
    soup, added, pictures = BeautifulSoup(text, "html.parser"), {}, {}
    for link in soup.select("a.internal[href]"):
        name, target, there = pointed(link["href"], page)
        if target and name.startswith("equation-"):
            added[name] = str(target)
        elif target and name.startswith("fig-"):
            file = name + PurePosixPath(target.img["src"]).suffix
            pictures[file] = urljoin(there, target.img["src"])
            added[name] = f'<p><img src="{file}" alt="{html.escape(target.img["alt"])}"></p>{target.figcaption.p}'
    return cleaned(BeautifulSoup(str(soup) + "".join(added.values()), "html.parser")), pictures


def pointed(href, page):
    """링크가 가리키는 (이름, 요소, 그 요소가 있는 페이지). 장 밖을 가리키면 요소가 없습니다."""
    address, _, name = href.partition("#")
    there = page.others.get(urljoin(page.name, address).removesuffix(".html")) if address else page
    return name, there and name and there.article.find(id=name), there and there.name


def cleaned(soup):
    """LMS가 읽는 태그와 속성만 남긴 HTML. 식은 TeX 그대로입니다."""
    for formula in soup.select("div.math"):
        number = formula.select_one(".eqno")
        label = f" {number.extract().get_text()}" if number else ""
        formula.replace_with(BeautifulSoup(f"<p>{formula.decode_contents().strip()}{label}</p>", "html.parser"))
    for element in soup.find_all(True):
        kept = {"img": ("src", "alt"), "a": ("href",)}.get(element.name, ())
        element.attrs = {name: element[name] for name in kept if element.get(name)}
        outside = element.name == "a" and element.get("href", "").startswith("http")
        if not outside and element.name != "img" and element.name not in KEPT:
            element.unwrap()
    return re.sub(r"(<p>)\s+", r"\1", str(soup)).strip()
