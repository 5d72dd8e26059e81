r"""장의 페이지에서 확인 문제와 예상을 모읍니다. 두 형식의 문제 은행으로 적는 것은 publish/banks.py입니다.

확인 문제는 번호와 접힌 답으로, 예상은 그 상자로 알아봅니다. 보기가 있고 뒤의 글이 "답은 (나)입니다."처럼 하나를 짚으면
객관식이고, 나머지는 설명하는 문제입니다. 글은 LMS에 그대로 붙는 HTML이고 식은 `\(`와 `\)` 사이의 TeX입니다. 그래서 식을
그림으로 바꾸기 전의 페이지를 읽습니다.
"""

import html
import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from urllib.parse import urljoin

from bs4 import BeautifulSoup

from publish.sentences import options, plain, sentences

QUIZ, PREDICTION = "확인 문제", "예상"
KINDS = {QUIZ: "quiz", PREDICTION: "predict"}
ASKS, MYTH = "예상해 보십시오", "흔한 말"
CHOICE = re.compile(r"\([가나다라마]\) |[①②③④⑤] ")
RIGHT = re.compile(r"(?:예상 문제의 )?답은 (?:\(([가나다라마])\)|(\d)번)입니다")
ENDS = (".", "?", "!", "”", ")")
# LMS가 거르지 않는 태그
KEPT = {"p", "strong", "em", "code", "pre", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "sub", "sup"}


@dataclass(frozen=True)
class Question:
    """문제 하나. 보기(choices)가 없으면 설명하는 문제입니다."""

    kind: str
    title: str
    text: str
    answer: str
    choices: tuple[str, ...] = ()
    right: int | None = None
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
            found[PREDICTION] += predictions(section, title, page.number)
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


def predictions(section, title, number):
    """예상: 상자 하나에 문제 하나. 답은 다음 상자가 나오기 전의 글에서 찾습니다."""
    boxes = []
    for element in section.select("div.admonition, p"):
        if element.name == "div":
            if element.p.get_text().startswith((ASKS, MYTH)):
                boxes.append((element, []))
        elif boxes and not element.find_parent("div", class_="admonition"):
            boxes[-1][1].append(element)
    made = (prediction(box, after, title, f"{number}장 ‘{title}’") for box, after in boxes)
    return [question for question in made if question]


def prediction(box, after, title, place):
    """상자 하나의 문제. 고를 것이 없는 ‘흔한 말’은 묻는 것이 아니므로 None입니다."""
    name, *body = box.find_all(True, recursive=False)
    asks = name.get_text().startswith(ASKS)
    text, choices = chosen(body)
    right, answer = marked(after) if choices else (None, "")
    if right is None:
        if not asks:
            return None
        text, choices = "".join(map(str, body)), []
        answer = f"<p>답은 책의 {place}에 그림과 함께 있습니다.</p>"
    elif right >= len(choices):
        raise ValueError(f"{place}: 답이 짚은 보기가 상자에 없습니다: {plain(answer)[:60]}")
    said = "" if asks else f"<p><strong>{name.decode_contents()}</strong></p>"
    asked = f"<p>책의 {place}를 읽다가 답하는 물음입니다.</p>{said}{text}"
    return Question(PREDICTION, title, asked, answer, tuple(choices), right)


def chosen(body):
    """상자의 글을 (물음, 보기의 목록)으로. 보기는 한 문단에 이어 적은 것이거나, 번호를 매긴 목록입니다."""
    text, choices = "", []
    for element in body:
        if element.name == "ol":
            choices += [f"{i}. {inside(item)}" for i, item in enumerate(element.find_all("li"), 1)]
            continue
        for part in BeautifulSoup(options(element) if element.name == "p" else str(element), "html.parser"):
            if CHOICE.match(part.get_text()):
                choices.append(inside(part))
            else:
                text += str(part)
    return text, choices


def inside(element):
    """문단이나 항목 안의 글. 항목의 문단은 풉니다."""
    return re.sub("</?p>", "", element.decode_contents()).strip()


def marked(paragraphs):
    """답을 짚은 문장이 하나면 (보기의 차례, 그 문단), 없거나 여럿이면 (None, "")."""
    found = []
    for paragraph in paragraphs:
        told = sentences(paragraph)
        if told and not plain(told[-1]).endswith(ENDS):
            told.pop()  # 뒤의 식으로 이어지는 문장
        found += [(hit, f"<p>{' '.join(told)}</p>") for hit in filter(None, map(RIGHT.match, told))]
    if len(found) != 1:
        return None, ""
    ((hit, text),) = found
    return ("가나다라마".index(hit[1]) if hit[1] else int(hit[2]) - 1), text


def finished(question, number, page):
    """번호를 붙이고, 글이 가리키는 그림과 식을 함께 담은 문제."""
    text, shown = portable(question.text, page)
    answer, explained = portable(question.answer, page)
    return replace(
        question,
        name=f"wi-{page.number:02}-{KINDS[question.kind]}-{number}",
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
