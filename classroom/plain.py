"""책의 노트북을, MyST를 모르는 JupyterLab과 Colab에서도 책처럼 읽히는 Markdown으로 옮깁니다.

장과 절과 그림과 식에 책과 같은 번호를 적고, 인용과 다른 곳을 가리키는 말을 글로 풉니다. 번호는 노트북과
references.bib을 읽어 그때그때 셉니다. 만들어진 책이 없어도 되므로 Binder와 나누어 줄 zip도 씁니다.
"""

import os
import re
from pathlib import PurePosixPath

import nbformat
from nbformat.v4 import new_markdown_cell

from .course import ROOT

CODE = re.compile(r"(?ms)^((?:> )?```.*?^(?:> )?```[ ]*$)")
DIRECTIVE = re.compile(r"(?ms)^(:{3,})\{([\w-]+)\} ?([^\n]*)\n(.*?)^\1[ ]*$")
OPTIONS = re.compile(r"\A(?::[\w-]+:[^\n]*\n)+")
EQUATION = re.compile(r"(?s)\$\$((?:(?!\$\$).)+)\$\$ \(([\w-]+)\)")
HEADING = re.compile(r"(?m)^(?:\(([\w-]+)\)=\n)?(#{1,4}) (.+)$")
ROLE = re.compile(r"(?<!`)\{([\w:]+)\}`([^`]+)`")
LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((?!\w+:)([^)\s#]+)\)")
LEFT = re.compile(r"(?m)(?<!`)\{[\w:-]+\}`|^(?:> )*:{3,}|^\([\w-]+\)=|\$\$ \([\w-]+\)")
TITLES = {"note": "참고", "tip": "팁", "important": "중요", "warning": "경고"}


def documents():
    """옮길 노트북의 이름: 첫 페이지, 실험대, 내 모델에 쓰기, 장."""
    return [
        "intro",
        "lab",
        "own_model",
        *(f"chapters/{path.stem}" for path in sorted((ROOT / "chapters").glob("*.ipynb"))),
    ]


def outside_code(text, change):
    """코드 블록의 바깥만 고칩니다."""
    return "".join(part if i % 2 else change(part) for i, part in enumerate(CODE.split(text)))


def linked(text, docname, site):
    """저장소의 다른 글로 가는 링크를 책의 주소로. 주소를 모르면 함께 나누어 주는 노트북만 잇습니다."""

    def link(match):
        shown, target = match.groups()
        page = PurePosixPath(os.path.normpath(PurePosixPath(docname).parent / target).replace("\\", "/"))
        if site:
            return f"[{shown}]({site}{page.with_suffix('.html')})"
        return match[0] if page.suffix == ".ipynb" else shown

    return LINK.sub(link, text)


class Numbered:
    """노트북 하나에 번호를 적은 것. `places`는 {이름표: 그것을 가리키는 글}, figures는 앞에서 센 그림의 수입니다."""

    def __init__(self, docname, figures=0):
        self.notebook = nbformat.read(ROOT / f"{docname}.ipynb", as_version=4)
        found = re.match(r"chapters/(\d+)_", docname)
        self.chapter, self.places = int(found[1]) if found else None, {}
        self.sections, self.figures, self.equations = [(self.chapter or 1) - 1], figures, 0
        cells = []
        for cell in self.notebook.cells:
            cells.append(cell)
            if cell.cell_type == "markdown":
                cell.source = outside_code(cell.source, self.number)
            elif figure := cell.metadata.get("mystnb", {}).get("figure"):
                cells.append(self.caption(cell.id, **figure))
        self.notebook.cells = cells

    def number(self, text):
        return EQUATION.sub(self.equation, HEADING.sub(self.heading, text))

    def inside(self, count):
        """장 안의 차례. 첫 페이지에는 장의 번호가 없습니다."""
        return f"{self.chapter}.{count}" if self.chapter else str(count)

    def heading(self, match):
        label, marks, title = match.groups()
        *above, last = [*self.sections, 0, 0, 0][: len(marks)]
        self.sections = [*above, last + 1]
        if label:
            self.places[label] = title
        number = f"{'.'.join(map(str, self.sections))}. " if self.chapter else ""
        return f"{marks} {number}{title}"

    def equation(self, match):
        body, label = match.groups()
        self.equations += 1
        number = self.inside(self.equations)
        self.places[label] = f"식 ({number})"
        space = "\n" if "\n" in body else " "
        return f"$${body.rstrip()}{space}\\tag{{{number}}}{space}$$"

    def caption(self, cell, name, caption):
        self.figures += 1
        self.places[name] = f"그림 {self.inside(self.figures)}"
        return new_markdown_cell(f"**{self.places[name]}** {caption}", id=f"{cell}-caption")


def citations():
    """{문헌의 이름: (지은이, 해)}. 지은이가 셋이 넘으면 첫 사람과 et al.입니다."""
    from pybtex.database import parse_file

    found = {}
    for key, entry in parse_file(ROOT / "references.bib").entries.items():
        people = [
            " ".join(map(str, [*person.rich_prelast_names, *person.rich_last_names]))
            for person in entry.persons["author"]
        ]
        names = f"{people[0]} et al." if len(people) > 2 else " and ".join(people)
        found[key] = names, entry.fields["year"]
    return found


class Book:
    """책의 노트북 모두. `site`는 책을 낸 주소(끝은 /)이고, 없으면 곁의 노트북으로 잇거나 글만 둡니다."""

    def __init__(self, site=None):
        self.site, self.cited = site, citations()
        self.numbered, unnumbered = {}, 0
        for docname in documents():
            made = self.numbered[docname] = Numbered(docname, 0 if docname.startswith("chapters/") else unnumbered)
            # 장이 아닌 쪽의 그림은 책 전체에서 이어서 셉니다.
            unnumbered = unnumbered if made.chapter else made.figures
        self.homes = {label: docname for docname, found in self.numbered.items() for label in found.places}

    def notebook(self, docname):
        """옮긴 노트북. 코드와 출력은 그대로입니다."""
        notebook = self.numbered[docname].notebook
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = outside_code(cell.source, lambda text: self.words(docname, text))
                cell.source = DIRECTIVE.sub(box, cell.source)
                if left := LEFT.search("".join(CODE.split(cell.source)[::2])):
                    raise ValueError(f"{docname}의 셀 {cell.id}: 옮길 줄 모르는 MyST의 글입니다: {left[0]}")
        return notebook

    def words(self, docname, text):
        return ROLE.sub(lambda match: self.role(docname, *match.groups()), linked(text, docname, self.site))

    def role(self, docname, name, text):
        if name in ("cite:t", "cite:p"):
            return self.page("references", self.citation(name, text.split(",")))
        explicit = re.fullmatch(r"(.+?) ?<(.+)>", text)
        shown, target = explicit.groups() if explicit else (None, text)
        if name == "term":
            return self.page("glossary", shown or target)
        if name not in ("ref", "numref", "eq") or target not in self.homes:
            return f"{{{name}}}`{text}`"  # LEFT가 찾아 말합니다.
        home = self.homes[target]
        shown = shown or self.numbered[home].places[target]
        # 같은 노트북의 그림과 식은 눈앞에 있으므로 밖으로 보내지 않습니다.
        place = f"equation-{target}" if name == "eq" else target
        return shown if home == docname else self.page(home, shown, docname, place)

    def page(self, home, shown, docname="", label=""):
        if self.site:
            return f"[{shown}]({self.site}{home}.html{label and '#' + label})"
        if home in self.numbered:
            return f"[{shown}]({os.path.relpath(f'{home}.ipynb', PurePosixPath(docname).parent)})".replace("\\", "/")
        return shown

    def citation(self, name, keys):
        found = sorted(self.cited[key.strip()] for key in keys)
        if name == "cite:p":
            return f"[{', '.join(f'{names}, {year}' for names, year in found)}]"
        return ", ".join(f"{names} [{year}]" for names, year in found)


def box(match):
    """상자는 인용으로, 접힌 답은 details로."""
    _, name, title, body = match.groups()
    body = DIRECTIVE.sub(box, OPTIONS.sub("", body)).strip("\n")
    if name == "dropdown":
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
    if name not in ("admonition", *TITLES):
        return match[0]  # LEFT가 찾아 말합니다.
    # 여러 줄인 식은 줄마다 붙는 >가 식에 섞입니다.
    body = re.sub(r"(?s)\$\$.*?\$\$", lambda math: " ".join(math[0].split()), body)
    lines = [f"**{title or TITLES[name]}**", "", *body.splitlines()]
    return "\n".join(f"> {line}".rstrip() for line in lines)
