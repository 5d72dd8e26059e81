"""수강생처럼: 받은 문제지를 JupyterLab에서 열고, 답을 글쇠로 쓰고, 확인 셀의 말을 듣고 고칩니다."""

import re

import pytest

from classroom import sheets as assignments
from tests.browsing import KERNEL_IDLE, jupyterlab
from tests.classroom.marking import code_cells, written

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    home = tmp_path_factory.mktemp("student")
    assignments.write_students(home / "book")
    with jupyterlab(home) as url:
        yield url


def run(tab, index, text=None):
    """index번째 셀에 text를 쓰고(없으면 그대로) 실행한 뒤, 그 셀의 출력의 글을 돌려줍니다."""
    cell = tab.locator(".jp-Notebook .jp-Cell").nth(index)
    # 설치하는 셀은 접혀 있으므로 번호를 눌러 고릅니다.
    cell.locator(".cm-content" if text is not None else ".jp-InputPrompt").click()
    if text is not None:
        tab.keyboard.press("Control+A")
        tab.keyboard.insert_text(text)
    tab.keyboard.press("Shift+Enter")
    cell.get_by_text(re.compile(r"^\[\d+\]:$")).first.wait_for()
    return cell.locator(".jp-OutputArea").inner_text().strip()


def solve(browser, lab, name, wrong):
    """문제지를 처음부터 끝까지 풉니다. wrong은 처음에 잘못 쓴 답 {문제: (코드, 들을 말)}입니다."""
    tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    tab.set_default_timeout(60_000)
    tab.goto(f"{lab}/lab/tree/exercises/{name}.ipynb?reset")
    tab.wait_for_function(KERNEL_IDLE)
    solutions = {cell.id: written(cell.source) for cell in code_cells(name, None)}
    cells, said = assignments.student(assignments.source(name)).cells, []
    for index, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        task = int(cell.id.split("-")[-1]) if cell.id.startswith(("answer-", "check-")) else None
        if cell.id.startswith("check-"):
            if task in wrong:
                code, says = wrong[task]
                answer = next(i for i, other in enumerate(cells) if other.id == f"answer-{task}")
                run(tab, answer, code)
                heard = run(tab, index)
                assert f"아직 아닙니다. {says}" in heard, heard
                assert "Traceback" not in heard
                run(tab, answer, solutions[f"answer-{task}"])
            said.append(run(tab, index))
        else:
            run(tab, index, solutions[cell.id] if cell.id.startswith("answer-") else None)
    tab.context.close()
    return said


def test_a_student_solves_a_sheet(browser, lab):
    """틀린 답을 쓰면 까닭만 짧게 듣고, 고치면 통과합니다."""
    wrong = {1: ("def he_std(fan_in):\n    return 2 / fan_in", "`he_std(fan_in)`의 값이 다릅니다. 표준편차가 아니라")}
    said = solve(browser, lab, "05_he", wrong)
    assert said == [f"{task}번: 통과했습니다." for task in range(1, 5)]
