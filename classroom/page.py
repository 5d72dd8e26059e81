"""돌려줄 평가 한 쪽. nbgrader_config.py가 nbgrader의 평가 단계에 끼워 넣습니다.

숨은 시험과 채점 기준은 글에서도 출력에서도 빼고, 우리말로 적습니다. 바깥에서 받는 것이 없어 인터넷 없이 열립니다.
"""

import re
from urllib.parse import unquote

from bs4 import BeautifulSoup
from bs4.element import PreformattedString
from jinja2 import pass_context
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_locked
from traitlets.config import Config

REGION = re.compile(r"BEGIN HIDDEN TESTS(.*?)(?:END HIDDEN TESTS|\Z)", re.S)
REMOVED = "■■■"
# nbgrader가 영어로 적어 둔 말.
ENGLISH = {
    "No response.": "답을 쓰지 않았습니다.",
    "... Output truncated ...": "… 출력이 길어 여기까지만 싣습니다 …",
    "... Traceback truncated ...": "…",
}
# 낸 답의 HTML에서 빼는 것: 페이지의 모양을 바꾸거나 무언가를 부르는 것.
ACTIVE = ("script", "style", "link", "meta", "base", "iframe", "object", "embed", "form")

# 글자. 길이의 제곱에 견주는 시간이 드는 글이 있어, 한 사람의 글이 온 반의 평가를 막을 수 있습니다.
LONGEST_TEXT, LONGEST_HTML = 20_000, 200_000
TOO_LONG = "<p><i>(너무 길어 싣지 않았습니다)</i></p>"


def korean(text):
    for english, said in ENGLISH.items():
        text = text.replace(english, said)
    return text


def secrets(notebook):
    """출력에 있어서는 안 되는 것(숨은 시험의 줄, `hidden`으로 시작하는 이름, 큰 수)을 찾는 식. 없으면 None입니다."""
    cells = [cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    hidden = "\n".join(region for source in cells for region in REGION.findall(source))
    shown = {line.strip() for source in cells for line in REGION.sub("", source).splitlines()}
    lines = {line.strip() for line in hidden.splitlines()} - shown
    found = {re.escape(line) for line in lines if len(line) > 8} | set(re.findall(r"\bhidden\w*", hidden))
    found |= {rf"(?<!\d){number}(?!\d)" for number in re.findall(r"\b\d{4,}\b", hidden)}
    # 긴 것부터 찾아야 줄의 나머지가 남지 않습니다.
    return (
        re.compile("|".join([*sorted(found, key=len, reverse=True), "(?:BEGIN|END) HIDDEN TESTS"])) if found else None
    )


class CleanOutputs(NbGraderPreprocessor):
    """출력에 섞여 든 숨은 시험을 지웁니다. 채점하는 커널에는 그 글이 없지만, 수는 학생의 코드가 찾아낼 수 있습니다."""

    def preprocess(self, notebook, resources):
        hidden = secrets(notebook)

        def clean(text):
            text = korean(strip_ansi(text))
            return hidden.sub(REMOVED, text) if hidden else text

        for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
            for key in ("text", "ename", "evalue"):
                if key in output:
                    output[key] = clean(output[key])
            output.traceback = [clean(line) for line in output.get("traceback", [])]
            # 글이 아닌 것은 보일 수 없는 출력이거나, 학생의 코드가 꾸며 보낸 것입니다.
            data = {kind: value for kind, value in output.get("data", {}).items() if isinstance(value, str)}
            output.data = {kind: clean(value) if kind.startswith("text/") else value for kind, value in data.items()}
        return notebook, resources


class GivenOnly:
    """주어진 셀만 봅니다. 학생의 글이 nbgrader의 표식처럼 생겼어도 글입니다."""

    def preprocess_cell(self, cell, resources, index):
        return super().preprocess_cell(cell, resources, index) if is_locked(cell) else (cell, resources)


class ClearGivenTests(GivenOnly, ClearHiddenTests):
    pass


class ClearGivenScheme(GivenOnly, ClearMarkScheme):
    pass


class Grades(GetGrades):
    """점수와 의견을 붙이고, 사람이 아직 채점하지 않은 것을 표시합니다."""

    def preprocess(self, notebook, resources):
        notebook, resources = super().preprocess(notebook, resources)
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as book:
            found = book.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
            waiting = {grade.name: grade.max_score for grade in found.grades if grade.needs_manual_grade}
        for cell in notebook.cells:
            if marks := cell.metadata.get("nbgrader"):
                marks.pending = marks.get("grade_id") in waiting
                marks.comment = korean(marks.get("comment") or "")
        about["pending"] = sum(waiting.values())
        return notebook, resources


class Renderer(IPythonRenderer):
    """식은 MathML로, 붙인 그림은 그 자리에 적습니다."""

    def inline_math(self, body):
        return formula(body, "inline")

    def block_math(self, body):
        return formula(body, "block")

    def latex_environment(self, name, body):
        return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")

    def link(self, text, url, title=None):
        """책의 다른 파일로 가는 링크는 받은 사람에게 없으므로 글만 남깁니다."""
        return super().link(text, url, title) if url.startswith(("http", "#", "mailto:")) else text

    def image(self, text, url, title=None):
        url = unquote(url)  # 한글이나 빈칸이 든 이름은 바뀌어 옵니다.
        kind, _, name = url.partition(":")
        if kind == "attachment" and name in self.attachments:
            return super().image(text or "붙인 그림", url, title)
        return (
            super().image(text, url, title) if kind == "data" else f"<i>(싣지 못한 그림: {self.escape_html(url)})</i>"
        )


def formula(tex, display):
    try:
        drawn = convert(tex.replace("{aligned}", "{split}"), display=display)  # aligned를 모르고 split은 압니다.
        return f'<span class="wide" tabindex="0">{drawn}</span>' if display == "block" else drawn
    except Exception:  # 학생이 쓴 식은 무엇이든 될 수 있습니다. 읽지 못하면 쓴 그대로 보입니다.
        return f"<code>{IPythonRenderer().escape_html(tex)}</code>"


def fragment(html):
    """열고 닫지 않은 태그나 주석이 그 아래를 삼키지 않게 하고, 페이지를 바꾸는 것을 뺍니다."""
    if len(html) > LONGEST_HTML:
        return TOO_LONG
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup(ACTIVE):
        tag.decompose()
    # 주석뿐 아니라 CDATA도. 브라우저는 CDATA를 첫 >에서 끝내고 그 뒤의 태그를 살립니다.
    for hidden in soup(string=lambda text: isinstance(text, PreformattedString)):
        hidden.extract()
    for tag in soup(True):
        tag.attrs.pop("style", None)
    return str(soup)


@pass_context
def markdown(context, source):
    if len(source) > LONGEST_TEXT:
        return TOO_LONG
    renderer = Renderer(escape=False, attachments=context.get("cell", {}).get("attachments"), exclude_anchor_links=True)
    return fragment(MarkdownWithMath(renderer=renderer).render(source))


class Page(HTMLExporter):
    @property
    def default_config(self):
        kinds = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain")
        return Config(NbConvertBase={"display_data_priority": list(kinds)})

    def default_filters(self):
        yield from super().default_filters()
        yield "markdown2html", markdown
        yield "fragment", fragment
