"""숨은 시험은 어떤 답을 내도 평가에 나오지 않습니다. 모든 장의 문제지를 채점하는 커널 하나에서 차례로 봅니다."""

import copy
import re

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config, Configurable

from classroom import sheets as assignments
from classroom.course import ROOT
from classroom.execution import GuardedExecute
from classroom.page import CleanOutputs, ClearGivenScheme, ClearGivenTests, Page
from tests.classroom.marking import SECRET_MARKS, SECRETS, SHEETS, checks, lines_only_in_source, source, stubs, written
from wi_check.errors import written_names

pytestmark = pytest.mark.xdist_group("leaks")
SECRET, FATAL = SECRETS[0], "05_he"
# 확인 셀이 부르면, 거기에서 닿는 것을 모두 뒤져 찍고, 오류에 담고, 뒤의 셀이 찍게 남깁니다.
SPY = """
import atexit, gc, inspect, linecache, sys, traceback
LOOT, MARKS, busy, dug = [], ("HID" + "DEN TESTS", "hidden" + "_seed"), False, 0

def loot():
    global busy, dug
    if busy:
        return ""
    busy, found, frame, dug = True, ["".join(traceback.format_stack())], sys._getframe(), dug + 1
    while frame:
        values = {k: v for k, v in frame.f_locals.items() if isinstance(v, (int, str, bytes))}
        found += [str(values)[:3000], repr(frame.f_code.co_consts)[:3000], repr(frame.f_code.co_names)[:3000]]
        try:
            found.append(inspect.getsource(frame)[:3000])
        except Exception:
            found += linecache.getlines(frame.f_code.co_filename)[:50]
        frame = frame.f_back
    if dug < 4:
        found += [x[:3000] for x in gc.get_objects() if isinstance(x, str) and any(m in x for m in MARKS)]
        inside = [v for x in gc.get_objects() if isinstance(x, dict) for v in list(x.values()) if isinstance(v, str)]
        found += [x[:3000] for x in inside if any(m in x for m in MARKS)]
    found += [str(get_ipython().kernel.get_parent())[:5000], *map(str, In[-3:])]
    LOOT.append("\\n".join(found))
    print(LOOT[-1][:2000])
    busy = False
    return LOOT[-1]

class Spy:
    def __call__(self, *a, **k):
        raise ValueError(loot()[-300:])
    def __repr__(self): return loot()[:500]
    __str__ = __repr__
    def __eq__(self, other): loot(); return True
    def __float__(self): loot(); return 1.0
    def __len__(self): loot(); return 1
    def __iter__(self): loot(); return iter([1.0])
    def __array__(self, *a, **k): raise TypeError(loot()[-300:])
    def strip(self): return loot()
    __hash__ = object.__hash__

def tell(seed):
    raise ValueError(f"{seed} {loot()[-300:]}")

def spying(answer, reached=tell):
    # 보이는 시험은 통과하고, 숨은 시험에 이르면 그 시드와 찾은 것을 오류에 담습니다.
    if not callable(answer):
        return Spy()
    def spy(*a, **k):
        frame, seed = sys._getframe(), SEED
        while frame:
            seed, frame = frame.f_locals.get("seed", seed), frame.f_back
        if seed != SEED:
            reached(seed)
        return answer(*a, **k)
    return spy

sys.excepthook = lambda *a: print(loot())
atexit.register(lambda: print(LOOT))
get_ipython().set_custom_exc((Exception,), lambda *a, **k: print(loot()))
"""
PRINT = """
print("Spy:", *[text[-2500:] for text in LOOT[:2]])
LOOT.clear()
print(In[-3:], {k: v for k, v in globals().items() if "seed" in k.lower()})
%history -l 3
"""
BROKEN = "def broken(:\n    return"


def nosy(name, broken):
    """엿보는 답을 낸 문제지의 셀. 그림을 그리는 셀은 뺍니다."""
    cells = [new_code_cell(SPY)]
    for cell in assignments.source(name, SECRET).cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or cell.id.startswith("figure"):
            continue
        if about.get("solution"):
            names = sorted(written_names(stubs(name, SECRET)[cell.id]))
            spies = [f"{n} = {'Spy()' if broken else f'spying({n})'}" for n in names]
            cell.source = "\n".join([BROKEN if broken else written(cell.source), *spies])
        cells += [cell, *([new_code_cell(PRINT)] if about.get("grade") else [])]
    return cells


def fatal(name):
    """숨은 시험에 이르면 멈추지 않는 답을 내고 확인한 다음, 커널을 끄는 답을 내고 확인하는 셀."""
    cells = {cell.id: cell for cell in assignments.source(name, SECRET).cells}
    task = next(id[-1] for id, cell in cells.items() if id.startswith("check-") and "hidden_seed" in cell.source)
    answer = written(cells[f"answer-{task}"].source)
    function = re.search(r"(?m)^def (\w+)", answer)[1]
    found = [new_code_cell(SPY), cells["setup"]]
    for end in ("__import__('time').sleep(600)", "__import__('os')._exit(1)"):
        code = f"{answer}\n\n{function} = spying({function}, lambda seed: {end})"
        found += [new_code_cell(code), copy.deepcopy(cells[f"check-{task}"])]
    return found


class Course(Configurable):
    def __init__(self, folder, **options):
        super().__init__(**options)
        self.coursedir, self.root = self, str(folder)


def numbered(cells):
    """문제지마다 같은 id가 있으므로 번호를 붙입니다."""
    for number, cell in enumerate(cells):
        cell.id = f"{cell.id}-{number}"
    return cells


def run(cells, folder):
    for cell in numbered(cells):
        cell.outputs = []
    executor = GuardedExecute(parent=Course(folder, parent=Course(folder)), each=8, total=400)
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    return executor.preprocess(notebook, {"metadata": {"path": str(folder)}})[0].cells


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaks")
    cells = run([cell for name in SHEETS for broken in (False, True) for cell in nosy(name, broken)], folder)
    # 커널이 멈추거나 꺼졌을 때의 말은 문제지와 관계없이 채점하는 쪽이 적습니다.
    ended = run(fatal(FATAL), folder)
    return new_notebook(cells=numbered([*cells, *ended]))


def secret_lines(notebook):
    """학생이 볼 수 없는 줄. 학생에게 주는 꾸러미나 문제지에 있는 줄과, 엿보는 답이 제 손으로 쓴 줄은 뺍니다."""
    given = "".join(
        path.read_text(encoding="utf-8") for room in ("wi_lib", "wi_check") for path in (ROOT / room).rglob("*.py")
    )
    given += "".join(text for name in SHEETS for text in stubs(name, SECRET).values())
    given += "".join(cell.source for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade"))
    return {line for name in SHEETS for line in lines_only_in_source(name, SECRET) if line not in given}


def outputs(notebook):
    return "\n".join(str(cell.get("outputs", "")) for cell in notebook.cells)


def seeds(name):
    text = "\n".join(cell.source for cell in source(name, SECRET).cells)
    return set(re.findall(r"hidden_seed = (\d+)", text))


def test_the_kernel_never_holds_the_text_of_a_hidden_test(executed):
    """채점하는 커널에 숨은 시험의 글이 없으므로, 무엇을 뒤져도 평가를 만들기 전의 출력에 한 줄도 없습니다."""
    said = outputs(executed)
    for end in ("시간 안에 끝나지 않아", "커널이 꺼졌습니다"):
        assert sum(end in str(cell.get("outputs", "")) for cell in executed.cells) == 1
    assert "Spy" in said  # 엿보기는 했습니다.
    assert len(secret_lines(executed)) > 40
    assert [line for line in secret_lines(executed) if line in said] == []
    assert not re.search(r"HIDDEN|hidden_seed = \d|seed=hidden_seed", said)


def test_every_spying_answer_fails(executed):
    """엿보는 답도, 문법이 틀린 답도 통과하지 못합니다."""
    graded = [cell for cell in executed.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    graded = [cell for cell in graded if cell.cell_type == "code"]
    assert len(graded) == 2 * sum(len(checks(name)) for name in SHEETS) + 2
    assert [cell.source for cell in graded if "error" not in {o.output_type for o in cell.outputs}] == []


def test_no_page_shows_a_hidden_test(executed):
    """평가에는 숨은 시험의 줄도, 이름도, 시드도 없습니다."""
    about = {"notebook": "", "student": "", "score": 0, "max_score": 0, "pending": 0}
    # 아래에서 고쳐도 다른 시험이 보는 것은 그대로입니다.
    notebook, resources = copy.deepcopy(executed), {"nbgrader": about}
    # 시드는 커널 안에 있어 엿보는 답이 찾아내므로, 지울 것이 정말 있습니다.
    assert [seed for name in SHEETS for seed in seeds(name) if seed in outputs(notebook)]
    lines = secret_lines(notebook)
    for step in (CleanOutputs, ClearGivenTests, ClearGivenScheme):
        notebook, resources = step(config=assignments.config()).preprocess(notebook, resources)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.score = 0
        elif "nbgrader" not in cell.metadata or cell.metadata.nbgrader.solution:
            cell.source = ""  # 학생이 쓴 것
    about = {"template_name": "feedback_page", "extra_template_basedirs": [str(ROOT / "classroom" / "templates")]}
    page, _ = Page(config=Config(Page=about)).from_notebook_node(notebook, resources=resources)
    assert SECRET_MARKS.findall(page) == []
    assert [line for line in lines if line in page] == []
    assert [seed for name in SHEETS for seed in seeds(name) if re.search(rf"\b{seed}\b", page)] == []
