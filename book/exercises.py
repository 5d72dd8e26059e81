"""연습의 원본 노트북을 책의 페이지로 만듭니다.

- 답 셀에는 수강생이 받는 빈 셀을 보입니다. 풀이와, 풀이로 확인 셀을 실행한 출력은 문제의 끝에 접어 둡니다.
- 숨은 시험과 채점 기준, 설치하는 셀은 뺍니다. 풀이는 찾기의 색인에 넣지 않습니다.
- 내려받는 파일(_sources)은 원본이 아니라 수강생용 노트북이고, 그 곁에 꾸러미(wheel)가 있습니다.
- 장과 연습의 페이지에 문제지를 받는 링크와, 어디에서 실행하는지를 답니다.
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from nbformat.v4 import new_code_cell, new_markdown_cell
from sphinx.addnodes import pending_xref
from sphinx_design.icons import get_octicon

from classroom import handout, prepare, sheets
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

    notebook, cells, solution = sheets.source(name), [], None
    stubs = {cell.id: cell.source for cell in sheets.student(notebook).cells}
    for step in (ClearHiddenTests, ClearMarkScheme):
        notebook, _ = step(config=sheets.config()).preprocess(notebook, {})
    notebook.cells[0].source = notebook.cells[0].source.replace("**하는 법.** ", f"**하는 법.** {where()} ")
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.id == prepare.NAME:
            continue
        if about.get("solution"):
            shown, solution = with_solution(cell, stubs[cell.id])
            cells += [shown] if cell.cell_type == "code" else [shown, solution]
        elif about.get("grade"):
            # 빈 셀을 확인하면 나오지 않을 말이므로, 풀이의 출력으로 옮깁니다.
            solution.outputs += without_repeats(cell).outputs
            cell.outputs = []
            cells += [cell, solution]
        else:
            cells.append(cell)
    notebook.cells = cells
    return notebook


def with_solution(cell, stub):
    """수강생이 받는 셀과, 접어 둘 풀이의 셀."""
    solution = MARKERS.sub("", cell.source).strip("\n")
    if cell.cell_type == "markdown":
        return new_markdown_cell(stub), new_markdown_cell(f":::::{{folded}} 예시 답 보기\n{solution}\n:::::")
    cell.source, cell.metadata["tags"] = solution, ["solution"]
    return new_code_cell(stub), cell


def without_repeats(cell):
    """보이는 시험과 숨은 시험이 같은 말을 두 번 하므로 한 번만 남깁니다."""
    for output in cell.outputs:
        if "text" in output:
            output.text = "".join(dict.fromkeys(output.text.splitlines(keepends=True)))
    return cell


def where():
    """문제를 풀 수 있는 곳. 페이지에서는 실행되지 않습니다."""
    places = ", ".join(addresses.addresses("intro"))
    return f"{places} 또는 내려받은 노트북에서" if places else "내려받은 노트북에서"


def download(text, file):
    return f'<a href="../_sources/exercises/{file}" download>{text}</a>'


def beside(html):
    return nodes.raw("", f'<p class="wi-sheet">{html}</p>', format="html")


def links(name):
    """장의 끝에서 문제지를 내려받는 링크와 Binder에서 여는 링크. 저장소의 주소를 모르면 Binder는 뺍니다."""
    found = [download("문제지 내려받기", f"{name}.ipynb")]
    if address := addresses.addresses(f"exercises/{name}").get("Binder"):
        found.append(f'<a href="{address}">Binder에서 풀기</a>')
    return beside(" ".join(found))


def how_to_run(name):
    """연습 페이지에서 문제지를 내려받아 여는 법. 책의 주소를 모르면 문제지도 꾸러미를 받을 곳을 모릅니다."""
    files, opens = download("문제지", f"{name}.ipynb"), "를 내려받아 JupyterLab이나 VS Code에서 여십시오."
    if not addresses.site_url():
        files += f"와 {download('꾸러미', prepare.wheel_name())}"
        opens = opens.replace("를 내려받아", "를 한 폴더에 내려받아")
    return beside(f"{files}{opens} 첫 셀을 실행하면 필요한 것을 설치합니다.")


def package():
    """꾸러미를 내려받는 링크와 설치하는 명령. 책의 주소를 알면 주소에서 바로 설치합니다."""
    name, folder = prepare.wheel_name(), "_sources/exercises/"
    command = f"pip install {(addresses.site_url() or '') and addresses.site_url() + folder}{name}"
    link = f'<a href="{folder}{name}" download>꾸러미 내려받기</a>'
    return [beside(link), nodes.literal_block(command, command, language="console")]


def finish_tree(app, doctree):
    docname = app.env.docname
    for cell in list(doctree.findall(nodes.container)):
        if "tag_solution" in cell.get("classes", []):
            box = folded(title="풀이 보기")
            cell.replace_self(box)
            box += cell
    if docname == "own_model":
        place = next(doctree.findall(lambda n: isinstance(n, nodes.section) and "own-install" in n["ids"]))
        place += package()
    if name := sheet(docname):
        first = next(doctree.findall(lambda n: isinstance(n, nodes.container) and "cell" in n.get("classes", [])))
        # 여는 단추는 제목 아래에 있습니다(launch.py).
        first.parent.insert(first.parent.index(first), how_to_run(name))
    elif docname.startswith("chapters/"):
        name = docname.removeprefix("chapters/")
        for link in doctree.findall(pending_xref):
            if f"exercises/{name}" in link["reftarget"]:
                paragraph = link.parent
                paragraph.parent.insert(paragraph.parent.index(paragraph) + 1, links(name))
                break


def replace_downloads(app, exception):
    names = [] if exception or app.builder.name != "html" else list(filter(None, map(sheet, app.env.found_docs)))
    folder, site = Path(app.outdir, "_sources", "exercises"), addresses.site_url()
    for name in names:
        made = sheets.source(name, site=site, packages=site and f"{site}_sources/exercises/")
        sheets.write(sheets.student(made), folder / f"{name}.ipynb")
    if names:
        handout.wheel(folder)


def setup(app):
    app.add_node(folded, html=(open_details, close_details))
    app.add_directive("folded", Folded)
    app.connect("doctree-read", finish_tree)
    app.connect("build-finished", replace_downloads)
