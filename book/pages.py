"""다 쓰인 페이지를 한 번씩 읽고, STEPS의 차례대로 마무리해, 한 번씩 씁니다.

모든 페이지가 파일 하나씩으로 합친 스타일시트와 스크립트를 함께 쓰므로, 한 장만 고쳐도 페이지를 모두 다시 씁니다.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from . import formulas, korean, lab, launch, markup, not_found, pictures, questions, shared_files

# 책의 글이 아닌 페이지.
EXTRA = ("404", "search")


@dataclass(frozen=True)
class Page:
    """이름("chapters/05_he")과 글(HTML). 마무리하는 일은 글을 바꾼 새 페이지를 돌려줍니다."""

    name: str
    text: str


def each(step):
    """페이지 하나의 글을 고치는 일을 모든 페이지에."""
    return lambda pages, app: [replace(page, text=step(page, app)) for page in pages]


def add_front(pages, app):
    """사이트의 첫 쪽은 다른 곳으로 보내는 페이지가 아니라 책의 첫 글입니다. intro.html로 와도 같은 글이 있습니다."""
    return [*pages, *(replace(page, name="index") for page in pages if page.name == app.config.root_doc)]


# 앞의 일이 남긴 글을 뒤의 일이 읽습니다.
STEPS = (
    each(launch.add_buttons),  # 노트북을 여는 단추
    each(korean.translate_labels),  # 틀에 박힌 영어 이름표
    each(markup.shorten_title),
    each(markup.name_regions),
    each(markup.free_citations),
    each(markup.drop_handlers),
    questions.write_banks,  # LMS의 문제 은행. 식이 아직 TeX일 때 읽습니다.
    formulas.draw,  # 식을 그림과 MathML로
    pictures.draw_icons,
    each(pictures.size_images),
    each(shared_files.move_state_last),  # 움직여 보는 실험의 자료는 글 뒤로
    shared_files.merge,  # 스타일시트와 스크립트를 하나씩으로. 스타일은 여기까지의 글이 쓰는 것만 남깁니다.
    lab.add_scripts,  # 실험대가 있는 페이지의 스크립트. 합치는 것들 뒤에 답니다.
    each(shared_files.add_policy),  # 내용 보안 정책. 글에 남은 인라인 스크립트의 해시를 적습니다.
    each(not_found.root_links),  # 404.html의 링크는 사이트의 주소에서 시작
    add_front,
)


def read(app):
    """이번에 쓰인 페이지. 차례를 정해 두어, 합친 파일이 늘 같습니다."""
    names = sorted({*app.env.found_docs, *EXTRA})
    return [Page(name, place(app, name).read_text(encoding="utf-8")) for name in names]


def place(app, name):
    return Path(app.outdir, f"{name}.html")


def write(page, app):
    """다 쓴 뒤에 제자리에 놓으므로, 책을 보고 있는 사람이 반쯤 쓴 페이지를 만나지 않습니다."""
    path = place(app, page.name)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(page.text, encoding="utf-8")
    temporary.replace(path)


def finish(app, exception):
    if exception or app.builder.name != "html":
        return
    pages = read(app)
    for step in STEPS:
        pages = step(pages, app)
    for page in pages:
        write(page, app)


def write_all(app):
    """Sphinx가 바뀌지 않은 페이지를 건너뛰지 않게 합니다."""
    app.builder.get_outdated_docs = lambda: app.env.found_docs


def setup(app):
    app.connect("builder-inited", write_all)
    # 목차 확장이 index.html에 다른 곳으로 보내는 글을 쓴 뒤입니다.
    app.connect("build-finished", finish, priority=900)
