"""돌려줄 평가: 우리말이고, 인터넷 없이 전화기에서 읽히고, 학생의 글은 글대로이고, 만들지 못한 것은 까닭이 남습니다."""

import csv
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from traitlets.config import Config

from classroom.autograde import autograde
from classroom.course import FOLDER, ROOT
from classroom.feedback import feedback
from classroom.page import CleanOutputs, ClearGivenTests, Page
from tests.browsing import Visit
from tests.classroom.conftest import NAME, copied
from tests.classroom.marking import automatic, checks, filled, hand_in

pytestmark = pytest.mark.xdist_group("returning")
MARKERS = "### BEGIN HIDDEN TESTS\n### BEGIN MARK SCHEME\n### BEGIN SOLUTION"
ANSWERS = {
    1: "!pip install wi-lib\nimport torch\nexit()\nn = input('너비: ')\n%matplotlib qt\ndef he_std(fan_in):\n"
    f"    return np.sqrt(2 / fan_in)\n{MARKERS}\nprint(없는_이름)",
    2: "def leaky_init(shape, slope, *, rng)\n    return rng.standard_normal(shape)",
    5: f"분산은 $\\frac{{2}}{{n}}$입니다.\n\n![그림](attachment:사라진.png)\n\n{MARKERS}\n\n<!-- 닫지 않은 주석",
}


@pytest.fixture(scope="module")
def returned(released_sheet, tmp_path_factory):
    """한 사람을 채점하고, 채점하지 못한 사람과 채점한 파일이 깨진 사람을 더해 평가를 만든 폴더와 그때의 말."""
    folder = copied(released_sheet, tmp_path_factory.mktemp("returning"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(folder))
        notebook = filled(NAME, None, ANSWERS)
        notebook.metadata.language_info = {"name": "python", "version": "3.99.0"}
        hand_in(folder, "kim", NAME, notebook)
        autograde([("kim", NAME)])
        for who in ("choi", "park"):
            hand_in(folder, who, NAME, filled(NAME, None))
        broken = folder / "autograded" / "choi" / NAME / f"{NAME}.ipynb"
        broken.parent.mkdir(parents=True)
        broken.write_text("{깨진 파일", encoding="utf-8")
        with pytest.raises(SystemExit, match="평가 1개를 만들지 못했습니다"):
            feedback()
        yield folder


@pytest.fixture(scope="module")
def page(returned):
    return (returned / "feedback" / "kim" / NAME / f"{NAME}.html").read_text(encoding="utf-8")


def test_the_answer_below_an_unrelated_line_is_graded(returned):
    full = {cell: float(points) for cell, points in checks(NAME).items()}
    assert automatic(returned)["kim", NAME] == full | {"check-2": 0.0}


def test_what_was_skipped_and_why_is_said(page):
    text = re.sub(r"<[^>]+>", "", page)
    for said in (
        "`!pip install wi-lib`",
        "ModuleNotFoundError이(가) 났습니다(설치되지 않은 꾸러미): No module named 'torch'",
        "exit()와 quit()는 건너뛰었습니다.",
        "(채점하는 동안에는 입력을 받을 수 없음)",
        "%matplotlib qt 대신 inline으로 그렸습니다.",
    ):
        assert text.count(said) == 1, said
    assert text.count("번째 줄의 문장을 건너뛰고 그 아래를 이어서 실행했습니다.") == 1
    assert "답 셀에서 `leaky_init`을(를) 정의하지 않았습니다. 그 셀에서 SyntaxError" in text
    assert "이 노트북은 Python 3.99에서 저장했고" in text
    assert "채점 중인 4점은 아직 더하지 않았습니다" in text


def test_the_page_is_korean_and_hides_what_it_must(page):
    assert '<html lang="ko">' in page
    assert not re.search(r"Score|Comment|Student's|Test cell|Top\b|Traceback|No response|Output truncated", page)
    assert "hidden_seed" not in page
    assert "MARK SCHEME ###" not in page
    # 학생의 글에 든 표식은 글입니다. 답 셀과 서술형에 하나씩.
    for marker in ("BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME", "BEGIN SOLUTION"):
        assert page.count(marker) == 2, marker
    assert "닫지 않은 주석" in page
    assert "<math" in page


def test_every_page_that_could_not_be_made_is_listed(returned):
    with (returned / "feedback-failed.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["학생"]: row["까닭"] for row in csv.DictReader(file)}
    assert set(rows) == {"choi", "park"}
    assert "NotJSONError" in rows["choi"]
    assert "채점하지 못한 답입니다" in rows["park"]


@pytest.mark.browser
def test_the_page_reads_on_a_phone_without_the_net(browser, returned):
    path = returned / "feedback" / "kim" / NAME / f"{NAME}.html"
    visit = Visit(browser, path.as_uri(), viewport={"width": 390, "height": 844})
    assert (visit.errors, visit.outside) == ([], [])
    assert visit.tab.evaluate("document.documentElement.scrollWidth") == 390
    assert Axe().run(visit.tab).generate_report().startswith("Found 0 ")
    visit.context.close()


def rendered(*cells):
    notebook, about = new_notebook(cells=list(cells)), {"notebook": "", "student": "", "score": 0, "max_score": 0}
    resources = {"nbgrader": about | {"pending": 0}}
    for step in (CleanOutputs, ClearGivenTests):
        notebook, resources = step().preprocess(notebook, resources)
    folder = str(ROOT / "classroom" / "templates")
    config = Config(Page={"template_name": "feedback_page", "extra_template_basedirs": [folder]})
    return Page(config=config).from_notebook_node(notebook, resources=resources)[0]


def test_a_pasted_picture_is_shown():
    cell = new_markdown_cell("![](attachment:그림.png)", attachments={"그림.png": {"image/png": "aGVsbG8="}})
    assert '<img alt="붙인 그림" src="data:image/png;base64,aGVsbG8="' in rendered(cell)
    assert "(싣지 못한 그림: attachment:없음.png)" in rendered(
        new_markdown_cell("![](attachment:없음.png) ![](그림.png)")
    )


def test_the_installer_is_not_in_the_way():
    about = {"nbgrader": {"grade_id": "install", "locked": True}}
    page = rendered(new_code_cell("prepare()", metadata=about), new_code_cell("import numpy"))
    assert "prepare()" not in page
    assert "import numpy" in page


HOSTILE = "<script>alert(1)</script><style>section{display:none}</style><iframe src='x'></iframe></section></main><!-- "


def test_what_a_student_wrote_cannot_change_the_page():
    """스크립트와 모양을 빼고, 닫지 않은 태그와 주석이 그 아래를 삼키지 않습니다."""
    output = new_output("display_data", data={"text/html": f"<b>표{HOSTILE}", "text/plain": "표"})
    widget = new_output("display_data", data={"application/javascript": "alert(1)", "text/plain": "조절기"})
    text = rendered(
        new_markdown_cell(f"글 {HOSTILE}"),
        new_code_cell("1", outputs=[output, widget]),
        new_raw_cell(HOSTILE),
        new_markdown_cell("끝"),
    )
    main = text[text.index("<main>") :]
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<style|<iframe|<!--", main)
    assert main.count("<section") == main.count("</section>") == 4
    assert main.endswith("<section><p>끝</p>\n</section></main>\n</body></html>")
    assert "조절기" in main


ODD = {
    "끝나지 않은 식": r"$\frac{1}{$",
    "짝이 없는 괄호": r"$$\left( x$$",
    "빈 식": "$$ $$",
    "aligned": r"$$\begin{aligned}a&=b\\c&=d\end{aligned}$$",
    "모르는 명령": r"$\알수없음{x}$",
    "깊은 식": "$" + "{" * 3000 + "x" + "}" * 3000 + "$",
    "깊은 인용": ">" * 5000 + "x",
    "깊은 태그": "<div>" * 5000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_any_text_leaves_a_page(text):
    assert "<p>끝</p>" in rendered(new_markdown_cell(text), new_markdown_cell("끝"))


def test_a_forged_picture_stays_a_picture():
    forged = new_output("display_data", data={"image/png": '"><b>10/10점</b>'})
    assert "<b>10/10점" not in rendered(new_code_cell("1", outputs=[forged]))


def test_an_older_run_that_leaked_is_cleaned():
    """이 판보다 앞서 채점한 노트북의 출력에는 색을 입힌 숨은 시험이 남아 있습니다."""
    check = "ch05.he_std(he_std, seed=SEED)\n### BEGIN HIDDEN TESTS\nhidden_seed = 31415\n### END HIDDEN TESTS"
    leak = "\x1b[32m3\x1b[39m hidden_seed = \x1b[32m31415\x1b[39m\n### BEGIN HIDDEN TESTS"
    cell = new_code_cell(check, outputs=[new_output("error", ename="E", evalue="31415", traceback=[leak])])
    cell.metadata.nbgrader = {"grade": True, "solution": False, "locked": True, "grade_id": "check-1", "points": 3}
    cell.metadata.nbgrader |= {"schema_version": 3, "score": 0}
    text = rendered(cell, new_code_cell("x", outputs=[new_output("stream", text="seed 31415, 131415\n")]))
    assert not re.search(r"HIDDEN|hidden_seed|\b31415\b|\x1b", text)
    assert "seed ■■■, 131415" in text
