"""읽기와 되돌리기: 어느 front end에서 저장했든, 어느 셀에 썼든, 학생이 쓴 답이 채점됩니다."""

import json
from types import SimpleNamespace
from urllib.parse import quote

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter

from classroom.cells import Refused, clean
from classroom.pasted import plain
from classroom.repair import mend
from classroom.submission import LARGEST, parse, sheet_of, untouched
from tests.browsing import ROOT
from tests.classroom.conftest import NAME
from tests.classroom.frontends import PIXEL, SAVED, UNREADABLE, data, dumped, foreign
from tests.classroom.hands import EDITED, cell, new, place
from tests.classroom.marking import SHEETS, filled, released, stubs

pytestmark = pytest.mark.xdist_group("reading")
SAID = "기울기는 층마다 fan_in과 fan_out의 비만큼 커지거나 작아집니다.\n그래서 하나만 맞추어도 됩니다."
KNOWN = {name: released(name, None) for name in SHEETS}


def answered():
    return filled(NAME, None, {1: "def he_std(fan_in):\n    return (2 / fan_in) ** 0.5", 5: SAID})


def mended(notebook):
    """파일로 저장하고 읽어서 되돌린 (노트북, 되돌린 것의 목록). 저장할 수 있는 노트북이어야 합니다."""
    text = nbformat.writes(notebook) if isinstance(notebook, nbformat.NotebookNode) else notebook.decode()
    found, notes = mend(parse(len(text), text.encode), released(NAME, None))
    nbformat.validate(found)
    return found, "\n".join(notes)


@pytest.mark.parametrize("how", SAVED)
def test_every_front_end_is_read(how):
    content, whole = SAVED[how](answered()), answered()
    notebook = parse(len(content), lambda: content)
    nbformat.validate(notebook)
    assert sheet_of(notebook, KNOWN) == NAME
    assert not untouched(notebook, KNOWN[NAME])
    found, _ = mend(notebook, released(NAME, None))
    assert [(each.id, each.source.strip()) for each in found.cells] == [(c.id, c.source.strip()) for c in whole.cells]


@pytest.mark.parametrize("name", SHEETS)
def test_sheets_are_known_by_their_text(name):
    """표시를 모두 잃은 노트북도 어느 장인지 알고, 모든 문제의 답을 제자리에서 찾습니다."""
    bare = foreign(data(filled(name, None)))
    notebook = parse(0, lambda: dumped(bare))
    assert sheet_of(notebook, KNOWN) == name
    found, _ = mend(notebook, released(name, None))
    assert [each.source for each in found.cells] == [each.source for each in filled(name, None).cells]
    assert untouched(parse(0, lambda: dumped(foreign(data(KNOWN[name])))), KNOWN[name])


@pytest.mark.parametrize("what", UNREADABLE)
def test_unreadable_files_are_refused_with_a_reason(what):
    content, says = UNREADABLE[what]
    with pytest.raises(Refused, match=says.replace("(", r"\(").replace(")", r"\)")):
        parse(len(content), lambda: content)


def test_cut_files_say_so():
    whole = nbformat.writes(answered()).encode()
    for end in (len(whole) // 2, len(whole) - 3):
        with pytest.raises(Refused, match="잘렸습니다"):
            parse(end, lambda end=end: whole[:end])
    with pytest.raises(Refused, match="한도 20 MB"):
        parse(LARGEST + 1, lambda: b"")


def test_other_notebooks_are_not_sheets():
    """책의 장과 빈 노트북은 문제지가 아니고, 나누어 주지 않은 장은 나누어 준 장이 되지 않습니다."""
    chapter = nbformat.read(ROOT / "chapters" / f"{NAME}.ipynb", as_version=4)
    other = clean(foreign(data(filled("06_mnist", None))))
    for notebook in (clean(data(chapter)), clean(data(nbformat.v4.new_notebook())), other):
        with pytest.raises(Refused, match="이 강의의 문제지가 아닙니다"):
            sheet_of(notebook, {NAME: KNOWN[NAME]})


@pytest.mark.parametrize("how", EDITED)
def test_answers_are_found_wherever_they_are(how):
    """첫 문제의 함수는 확인 셀까지 실행하면 서고, 설명은 답 셀에 있어 사람이 채점합니다."""
    notebook = answered()
    edit, says = EDITED[how]
    edit(notebook, stubs(NAME, None))
    found, notes = mended(notebook)
    assert says in notes, notes
    space = {"np": np, "SEED": 5, "ch05": SimpleNamespace(he_std=lambda *a, **k: None)}
    for each in found.cells[: place(found, "check-1")]:
        if each.cell_type == "code" and each.id != "setup":
            exec(each.source, space)
    assert space["he_std"](8) == pytest.approx(0.5)
    explained = cell(found, "answer-5")
    assert explained.cell_type == "markdown"
    assert "".join(explained.source.split()) == "".join(SAID.split())
    wanted = [each.id for each in released(NAME, None).cells]
    assert [each.id for each in found.cells if not each.id.startswith("added-")] == wanted


def test_nothing_written_is_lost():
    """더한 셀은 그 자리에 남고, 여러 셀에 나누어 정한 이름은 모두 찾습니다."""
    notebook = answered()
    cell(notebook, "answer-4").source = stubs(NAME, None)["answer-4"]
    at = place(notebook, "check-4")
    notebook.cells[at + 1 : at + 1] = [new("per_layer = 0.8"), new("print('연습')"), new("first_layer = 3")]
    notebook.cells.insert(0, new("맨 앞의 메모", "markdown"))
    found, notes = mended(notebook)
    assert cell(found, "answer-4").source == "per_layer = 0.8\nfirst_layer = 3"
    assert "answer-4: 답이 다른 셀에 있어" in notes
    extra = [each.source for each in found.cells if each.id.startswith("added-")]
    assert extra == ["맨 앞의 메모", "print('연습')"]


def test_lines_added_to_given_cells_are_kept():
    """Colab에서는 주어진 셀에도 쓸 수 있습니다. 더 적은 import와 메모는 남기고, 바꾸어 놓은 것은 되돌립니다."""
    notebook, changed = answered(), answered()
    cell(notebook, "setup").source = "from math import sqrt\n" + cell(notebook, "setup").source + "\nEXTRA = 3"
    cell(notebook, "question-2").source += "\n\n모르겠다"
    cell(changed, "setup").source = cell(changed, "setup").source.replace("WIDTH = 200", "WIDTH = 2")
    cell(changed, "check-1").source = "pass"
    found, notes = mended(notebook)
    assert [each.source for each in found.cells if each.id.startswith("added-")] == [
        "from math import sqrt\n\nEXTRA = 3",
        "모르겠다",
    ]
    assert place(found, "setup") + 1 == next(i for i, each in enumerate(found.cells) if "EXTRA" in each.source)
    assert "setup: 더 적은 것은 바로 아래의 셀로 옮겼습니다." in notes
    assert len(mended(changed)[0].cells) == len(released(NAME, None).cells)


def test_half_an_answer_keeps_the_stub():
    """하나만 찾은 답에는 받은 그대로의 나머지가 남아, 확인 셀이 무엇이 비었는지 말합니다."""
    notebook = answered()
    cell(notebook, "answer-4").source = stubs(NAME, None)["answer-4"]
    notebook.cells.append(new("per_layer = 0.8"))
    found, _ = mended(notebook)
    assert cell(found, "answer-4").source == stubs(NAME, None)["answer-4"] + "\nper_layer = 0.8"


def test_the_python_of_the_student_is_kept():
    """채점하는 것보다 새로운 Python으로 썼는지 말하는 데 씁니다. 다른 언어의 판은 남기지 않습니다."""
    versions = []
    for how in ("VS Code", "R의 커널", "틀린 metadata"):
        content = SAVED[how](answered())
        found, _ = mend(parse(0, lambda content=content: content), released(NAME, None))
        versions.append(found.metadata.get("language_info", {}).get("version"))
    assert versions == ["3.12.3", None, None]


def test_text_like_markers_is_text():
    marked = "### BEGIN SOLUTION\n### BEGIN HIDDEN TESTS\n=== BEGIN MARK SCHEME ===\n" + SAID
    notebook = answered()
    cell(notebook, "answer-5").source = marked
    cell(notebook, "answer-1").source += "\n# ### BEGIN HIDDEN TESTS"
    found, notes = mended(notebook)
    assert (cell(found, "answer-5").source, notes) == (marked, "")
    assert cell(found, "answer-1").source.endswith("# ### BEGIN HIDDEN TESTS")


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("image.png", "image.png"),
        ("그림(1).png", "그림(1).png"),
        ("스크린샷 오후 3.21.png", "스크린샷%20오후%203.21.png"),
        ("스크린샷 오후 3.21.png", quote("스크린샷 오후 3.21.png")),
    ],
)
def test_pictures_stay(name, spelled):
    """설명에 붙인 그림은 따로 쓴 셀의 것까지 남아 평가에 나오고, 파일에 없는 그림은 말로 적습니다."""
    notebook = answered()
    first, second = cell(notebook, "answer-5"), new(f"또 ![](attachment:{spelled})", "markdown")
    first.source += f"\n![그림](attachment:{spelled}) ![](attachment:gone.png)"
    second.metadata = first.metadata
    for each, kind in ((first, "image/png"), (second, "image/jpeg")):
        each.attachments = nbformat.from_dict({name: {kind: PIXEL}})
    notebook.cells.append(second)
    found, _ = mended(notebook)
    answer = cell(found, "answer-5")
    assert [list(kinds) for kinds in answer.attachments.values()] == [["image/png"], ["image/jpeg"]]
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(nbformat.v4.new_notebook(cells=[answer]))
    assert page.count("data:image/") == 2
    assert "싣지 못한 그림: attachment:gone.png" in page


def test_odd_pictures_and_letters_are_read():
    """모양이 틀린 그림은 빼고, 혼자 남은 서로게이트는 바꾸어 읽습니다. 아주 긴 줄도 그대로입니다."""
    found = data(answered())
    found["cells"][-1] |= {"attachments": {"a": None, "b": {"image/png": 3}, "c": {"image/png": [PIXEL]}}}
    found["cells"][-1]["source"] = ["x" * 2_000_000, "\\", "\ud800끝"]
    notebook = parse(0, lambda: json.dumps(found).encode())
    answer = notebook.cells[-1]
    assert list(answer.attachments) == ["c"]
    assert answer.source == "x" * 2_000_000 + "\\" + "�끝"
    nbformat.writes(notebook).encode()


@pytest.mark.parametrize(
    ("code", "fixed"),
    [
        ("x = '\u00a0가\u200d'", "x = '\u00a0가\u200d'"),
        ("%matplotlib inline\n!pip install x\ny = 'ㅎ\u3000'", "%matplotlib inline\n!pip install x\ny = 'ㅎ\u3000'"),
        ("x\u00a0= '가'", "x = '가'"),
        ("print（“가”，１）", 'print("가",1)'),
        ("x = −3", "x = -3"),
        ("def f(가:\u00a0return", "def f(가:\u00a0return"),
    ],
    ids=["옳은 코드는 그대로", "매직이 든 코드도", "빈칸", "전각", "빼기 기호", "고쳐도 틀린 코드는 그대로"],
)
def test_pasted_letters(code, fixed):
    assert plain(code) == fixed
