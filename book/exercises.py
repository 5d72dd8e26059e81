"""연습의 원본 노트북을 책의 페이지로 만듭니다.

- 답 셀마다 수강생이 받는 빈 셀을 먼저 보이고, 풀이는 접어서 그 아래에 둡니다. 숨은 시험과 채점 기준은 뺍니다.
- 풀이는 찾기의 색인에 넣지 않습니다.
- 내려받는 파일(_sources)은 원본이 아니라 수강생용 노트북입니다.
- 장과 연습의 페이지에 문제지를 받고 Binder에서 여는 링크를 답니다.
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from nbformat.v4 import new_code_cell, new_markdown_cell
from sphinx.addnodes import pending_xref
from sphinx_design.icons import get_octicon

from classroom import sheets
from publish import addresses

MARKERS = re.compile(r"(?m)^\s*### (?:BEGIN|END) SOLUTION\n?")


class folded(nodes.comment):
    """접힌 풀이. Sphinx의 찾기는 comment의 자손을 세지 않으므로 풀이가 색인에 들지 않습니다."""


def open_details(self, node):
    chevron = get_octicon("chevron-right", height="1.5em")
    self.body.append(
        '<details class="sd-sphinx-override sd-dropdown sd-card sd-mb-3 wi-solution">'
        f'<summary class="sd-summary-title sd-card-header"><span class="sd-summary-text">{node["title"]}</span>'
        f'<span class="sd-summary-state-marker sd-summary-chevron-right">{chevron}</span></summary>'
        '<div class="sd-summary-content sd-card-body docutils">'
    )


def close_details(self, node):
    self.body.append("</div></details>")


class Folded(Directive):
    """`:::{folded} 제목`의 내용을 접어 둡니다."""

    has_content, required_arguments, final_argument_whitespace = True, 1, True

    def run(self):
        node = folded(title=self.arguments[0])
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def sheet(docname):
    """그 페이지가 연습이면 문제지의 이름, 아니면 None."""
    folder, _, name = docname.partition("/")
    return name if folder == "exercises" and name in sheets.sheets() else None


def as_page(name):
    """문제지의 원본을 페이지의 노트북으로 바꿉니다."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme

    notebook, cells = sheets.source(name), []
    stubs = {cell.id: cell.source for cell in sheets.student(notebook).cells}
    for step in (ClearHiddenTests, ClearMarkScheme):
        notebook, _ = step(config=sheets.config()).preprocess(notebook, {})
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cells += with_solution(cell, stubs[cell.id])
        else:
            cells.append(without_repeats(cell))
    notebook.cells = cells
    return notebook


def with_solution(cell, stub):
    """수강생이 받는 셀과, 접어 둘 풀이의 셀."""
    solution = MARKERS.sub("", cell.source).strip("\n")
    if cell.cell_type == "markdown":
        return [new_markdown_cell(stub), new_markdown_cell(f":::::{{folded}} 예시 답 보기\n{solution}\n:::::")]
    cell.source, cell.metadata["tags"] = solution, ["solution"]
    return [new_code_cell(stub), cell]


def without_repeats(cell):
    """보이는 시험과 숨은 시험이 같은 말을 두 번 하므로 한 번만 남깁니다."""
    for output in cell.get("outputs", []):
        if "text" in output:
            output.text = "".join(dict.fromkeys(output.text.splitlines(keepends=True)))
    return cell


def links(name, opening):
    """문제지를 내려받는 링크와, opening이면 Binder에서 여는 링크. 저장소의 주소를 모르면 Binder는 뺍니다."""
    found = [f'<a href="../_sources/exercises/{name}.ipynb" download>문제지 내려받기</a>']
    if opening and (address := addresses.addresses(f"exercises/{name}").get("Binder")):
        found.append(f'<a href="{address}">Binder에서 풀기</a>')
    return nodes.raw("", f'<p class="wi-sheet">{" ".join(found)}</p>', format="html")


def finish_tree(app, doctree):
    docname = app.env.docname
    for cell in list(doctree.findall(nodes.container)):
        if "tag_solution" in cell.get("classes", []):
            box = folded(title="풀이 보기")
            cell.replace_self(box)
            box += cell
    if name := sheet(docname):
        first = next(doctree.findall(lambda n: isinstance(n, nodes.container) and "cell" in n.get("classes", [])))
        # 여는 단추는 제목 아래에 있습니다(launch.py).
        first.parent.insert(first.parent.index(first), links(name, opening=False))
    elif docname.startswith("chapters/"):
        name = docname.removeprefix("chapters/")
        for link in doctree.findall(pending_xref):
            if f"exercises/{name}" in link["reftarget"]:
                paragraph = link.parent
                paragraph.parent.insert(paragraph.parent.index(paragraph) + 1, links(name, opening=True))
                break


def replace_downloads(app, exception):
    if exception is None and app.builder.name == "html":
        for docname in app.env.found_docs:
            if name := sheet(docname):
                target = Path(app.outdir, "_sources", f"{docname}.ipynb")
                sheets.write(sheets.student(sheets.source(name)), target)


def setup(app):
    app.add_node(folded, html=(open_details, close_details))
    app.add_directive("folded", Folded)
    app.connect("doctree-read", finish_tree)
    app.connect("build-finished", replace_downloads)
