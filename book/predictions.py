"""예상 상자를 읽어, 무엇을 묻고 무엇이 맞는지 페이지에 적습니다. 페이지에서 답을 받는 것은 assets/ask.js입니다.

상자는 제목이 "예상해 보십시오"나 "흔한 말"인 admonition이고, 물음과 접힌 답(dropdown)이 차례로 있습니다.
물음의 끝을 보고 무엇으로 답하는지 압니다.

- 번호를 매긴 목록: 고릅니다. 답은 "답은 2번입니다."로 시작하고, 다른 보기마다 "1번은 …"으로 시작하는 항목이 있습니다.
- "답: ______ 배": 수를 적습니다. 답은 "답은 0.016배입니다. 0.005–0.05이면 맞은 것으로 봅니다."로 시작합니다.
- 물음표로 채운 표: 선을 그립니다. 답은 "답은 다음과 같습니다."와, 같은 머리글에 수를 적은 표로 시작합니다.

꼴이 어긋나면 빌드를 멈춥니다. 스크립트가 없는 화면과 종이와 JupyterLab에서는 적힌 그대로 읽힙니다.
"""

import re

from docutils import nodes
from sphinx.errors import ExtensionError

TITLES = ("예상해 보십시오", "흔한 말: ")
RIGHT = re.compile(r"답은 (\d)번입니다\.")
OTHERS = re.compile(r"(?:\d번(?:과|와|,)? ?)+")
BLANK = re.compile(r"답: _{6} ?(\S*)")
SHAPE = "답은 다음과 같습니다."
SPAN = re.compile(r"\(([^()–]+)–([^()–]+)\)$")
POWER = re.compile(r"(?:([\d.]+) ?(?:×|\\times) ?)?10(?:\^\{?(-?\d+)\}?|([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


class ask(nodes.Admonition, nodes.Element):
    """답을 받는 상자. "data"는 ask.js가 읽을 {이름: 값}입니다."""


def open_ask(self, node):
    data = {f"data-{name}": str(value) for name, value in node["data"].items()}
    self.body.append(self.starttag(node, "div", CLASS="admonition", **data))


def close_ask(self, node):
    self.body.append("</div>\n")


def number(text):
    r"""글로 적은 수.

    >>> [number(text) for text in ("1,500", "−0.5", "10⁻²", r"1.8\times10^{-5}")]
    [1500.0, -0.5, 0.01, 1.8e-05]
    """
    if found := POWER.fullmatch(text.strip()):
        digits, exponent, raised = found.groups()
        return float(f"{digits or 1}e{exponent or raised.translate(SUPERSCRIPTS)}")
    try:
        return float(text.replace(",", "").replace("−", "-"))
    except ValueError:
        raise ValueError(f"수가 아닙니다: {text!r}") from None


def choice(question, fold):
    """고르는 물음: {"right": 맞는 보기의 번호}."""
    right, choices = RIGHT.match(fold[0].astext()), question[-1].children
    if not right or not 1 <= int(right[1]) <= len(choices) <= 5:
        raise ValueError('답이 "답은 N번입니다."로 시작하고, N은 다섯까지인 보기의 번호여야 합니다.')
    explained = {int(right[1])}
    for item in whys(fold):
        numbers = re.findall(r"\d", found[0]) if (found := OTHERS.match(item.astext())) else []
        item["classes"] += [f"wi-why-{each}" for each in numbers]
        explained.update(map(int, numbers))
    if explained != {*range(1, len(choices) + 1)}:
        raise ValueError(f"보기 {len(choices)}개 가운데 답과 까닭이 있는 것은 {sorted(explained)}번입니다.")
    return {"right": right[1]}


def numeric(question, fold):
    """수를 적는 물음: {"low", "high": 맞은 것으로 보는 범위, "unit": 단위}."""
    unit = BLANK.fullmatch(question[-1].astext())[1]
    maybe = f"(?:{re.escape(unit)})?"
    told = rf"답은 (.+?){re.escape(unit)}쯤?입니다\. (.+?){maybe}–(.+?){maybe}이?면 맞은 것으로 봅니다\."
    found = re.match(told, fold[0].astext())
    if not found:
        raise ValueError(f'답이 "답은 0.02{unit}입니다. 0.01–0.03이면 맞은 것으로 봅니다."처럼 시작해야 합니다.')
    answer, low, high = map(number, found.groups())
    if not low <= answer <= high:
        raise ValueError(f"답 {answer}이 맞은 것으로 보는 범위 {low}–{high}의 밖에 있습니다.")
    for item in whys(fold):
        for start, name in (("더 작게", "low"), ("더 크게", "high")):
            item["classes"] += [f"wi-why-{name}"] * item.astext().startswith(start)
    return {"low": low, "high": high, "unit": unit}


def line(question, fold):
    """선을 그리는 물음: {"low", "high": 세로축의 끝, "scale": 눈금, "values": 열마다의 답}."""
    (head, blanks), span = rows(question[-1]), SPAN.search(rows(question[-1])[1][0])
    if fold[0].astext() != SHAPE or not isinstance(fold[1], nodes.table):
        raise ValueError(f'답이 "{SHAPE}"와 표로 시작해야 합니다.')
    known, answers = rows(fold[1])
    if known != head or len(answers) != len(blanks) or {*blanks[1:]} != {"?"} or not span:
        raise ValueError("답의 표가 물음의 표와 맞지 않거나, 물음의 줄의 이름이 (0–1) 같은 범위로 끝나지 않습니다.")
    low, high, *values = map(number, (*span.groups(), *answers[1:]))
    if not all(low <= value <= high for value in values):
        raise ValueError(f"답 {values}이 {blanks[0]}의 밖에 있습니다.")
    scale = "log" if all(map(POWER.fullmatch, span.groups())) else "linear"
    return {"low": low, "high": high, "scale": scale, "values": " ".join(map(str, values))}


def whys(fold):
    """접힌 답의 항목."""
    return [item for part in fold if isinstance(part, nodes.bullet_list) for item in part]


def rows(table):
    return [[entry.astext().strip() for entry in row] for row in table.findall(nodes.row)]


def is_dropdown(node):
    return isinstance(node, nodes.container) and node.get("design_component") == "dropdown"


def read(box):
    """상자 하나의 data."""
    _, *question, fold = box.children
    if not question or not is_dropdown(fold) or not fold.children[1:]:
        raise ValueError("물음 뒤에 접힌 답(dropdown)이 있어야 합니다.")
    if not box["ids"]:
        raise ValueError(":name:이 없습니다.")
    last, inside = question[-1], fold.children[1:]
    if isinstance(last, nodes.enumerated_list):
        return {"ask": "choice", **choice(question, inside)}
    if isinstance(last, nodes.table):
        return {"ask": "line", **line(question, inside)}
    if BLANK.fullmatch(last.astext()):
        return {"ask": "number", **numeric(question, inside)}
    raise ValueError('물음이 번호를 매긴 목록, "답: ______", 물음표로 채운 표 가운데 하나로 끝나야 합니다.')


def finish_tree(app, doctree):
    """상자를 답을 받는 것으로 바꾸고, 책의 차례에 그 수를 적습니다. 뒤의 글을 가리는 것은 장의 상자뿐입니다."""
    docname = app.env.docname
    boxes = [box for box in doctree.findall(nodes.admonition) if box[0].astext().startswith(TITLES)]
    for box in boxes:
        try:
            data = read(box)
        except ValueError as error:
            raise ExtensionError(f"{docname}의 {box[0].astext()!r}({', '.join(box['ids'])}): {error}") from error
        if docname.startswith("chapters/"):
            data["gate"] = ""
        made = ask(data=data, **box.attributes)
        made.extend(box.children)
        box.replace_self(made)
    if boxes and docname.startswith("chapters/"):
        title = next(app.env.tocs[docname].findall(nodes.reference))
        title += nodes.inline("", "", classes=["wi-progress", f"wi-of-{len(boxes)}"])


def setup(app):
    app.add_node(ask, html=(open_ask, close_ask))
    app.connect("doctree-read", finish_tree)
