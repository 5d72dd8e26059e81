"""책에 실린 연습: 풀이는 접혀 있고, 내려받는 파일과 찾기의 색인에는 풀이가 없고, 장에서 문제지로 이어집니다."""

import json
import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from book import exercises
from classroom import prepare
from classroom import sheets as assignments
from publish import addresses
from tests.browsing import SITE, Visit
from tests.classroom.marking import SECRET_MARKS, SHEETS, lines_only_in_source, source, stubs


def words(texts):
    """영어와 우리말 낱말. 수식은 색인에서 글자로 바뀌므로(\\sqrt5는 √5) 한 글자와 수는 세지 않습니다."""
    return {word.lower() for text in texts for word in re.findall(r"[A-Za-z]{2}[A-Za-z_]*|[가-힣]{2,}", text)}


@pytest.mark.parametrize("name", SHEETS)
def test_downloads_are_student_sheets(name):
    """책에서 내려받는 노트북은 수강생용 그대로이고, 원본은 책의 어디에도 없습니다."""
    file = SITE / "_sources" / "exercises" / f"{name}.ipynb"
    assert nbformat.read(file, as_version=4) == assignments.student(source(name, None))
    assert file.with_name(prepare.wheel_name()).exists()
    page = (SITE / "exercises" / f"{name}.html").read_text(encoding="utf-8")
    assert not SECRET_MARKS.search(page)
    for cell in source(name, None).cells:
        for hidden in re.findall(r"BEGIN (?:HIDDEN TESTS|MARK SCHEME)\n(.*?)### END", cell.source, re.S):
            for line in filter(None, map(str.strip, hidden.splitlines())):
                assert line.removeprefix("- ") not in page, line


@pytest.mark.parametrize("name", SHEETS)
def test_a_stub_is_not_shown_as_passed(name):
    """빈 셀과 확인 셀에는 출력이 없고, 통과했다는 말은 접힌 풀이 안에 있습니다. 제목은 장의 번호로 시작합니다."""
    page = (SITE / "exercises" / f"{name}.html").read_text(encoding="utf-8")
    article = BeautifulSoup(page, "html.parser").find("article")
    solutions = [details.extract().get_text() for details in article.select("details.wi-solution")]
    tasks = [key.removeprefix("answer-") for key in stubs(name, None) if key.startswith("answer-")]
    checked = [key for key in stubs(name, None) if key.startswith("check-")]
    assert len(solutions) == len(tasks)
    assert ["통과했습니다" in solution for solution in solutions] == [f"check-{task}" in checked for task in tasks]
    shown = article.get_text()
    assert "통과했습니다" not in shown
    assert "importlib" not in shown
    assert article.h1.get_text().startswith(f"{int(name[:2])}장 연습: ")
    assert "하는 법. 내려받은 노트북에서" in shown
    assert "꾸러미를 한 폴더에 내려받아" in shown


def test_no_answer_lies_in_the_site():
    """표식이 붙은 원본의 글은 만들어진 책의 어느 파일에도 없습니다."""
    for path in SITE.rglob("*"):
        if path.suffix in (".html", ".js", ".json", ".ipynb", ".txt", ".md", ".inv"):
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not re.search(r"### (BEGIN|END)|MARK SCHEME|hidden_seed", text), path


def test_search_index_has_no_answers():
    """풀이에만 나오는 낱말로 찾으면 연습 페이지가 나오지 않습니다. 문제의 글에 있는 낱말로는 나옵니다."""
    index = json.loads(
        re.search(r"Search\.setIndex\((.*)\)", (SITE / "searchindex.js").read_text(encoding="utf-8"), re.S)[1]
    )
    for name in SHEETS:
        page = index["docnames"].index(f"exercises/{name}")
        found = words(text for section in index["texts"][page] for text in section)
        assert found
        text = (SITE / "exercises" / f"{name}.html").read_text(encoding="utf-8")
        # 수식의 글자는 페이지에서 그림이므로, 문제지의 글에서도 봅니다.
        sheet = (cell.source for cell in assignments.student(source(name, None)).cells)
        shown = words([re.sub(r'<details class="[^"]*wi-solution.*?</details>|<[^>]+>', " ", text, flags=re.S), *sheet])
        only = words(lines_only_in_source(name, None)) - shown
        assert len(only) > 10
        assert not only & found


@pytest.mark.parametrize("name", SHEETS)
def test_chapter_leads_to_its_sheet(name):
    """장의 확인 문제 끝에서 문제지를 내려받고 연습 페이지로 갑니다. 저장소의 주소를 모르면 Binder의 링크는 없습니다."""
    for page in (SITE / "chapters" / f"{name}.html", SITE / "exercises" / f"{name}.html"):
        text = page.read_text(encoding="utf-8")
        assert text.count(f'href="../_sources/exercises/{name}.ipynb" download') == 1
    assert f'href="../exercises/{name}.html"' in (SITE / "chapters" / f"{name}.html").read_text(encoding="utf-8")


def test_binder_address(monkeypatch):
    """저장소의 주소를 알면 문제지를 Binder에서 여는 링크가 있고, 모르면 없습니다."""
    monkeypatch.delenv("GITHUB_REF", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/fork")
    link = exercises.links("05_he").astext()
    assert "https://mybinder.org/v2/gh/someone/fork/HEAD?urlpath=lab/tree/student/exercises/05_he.ipynb" in link
    monkeypatch.delenv("GITHUB_REPOSITORY")
    monkeypatch.setattr(addresses, "REMOTE", ["true"])
    assert "mybinder" not in exercises.links("05_he").astext()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["05_he"])
def test_solutions_unfold(browser, address, name):
    """풀이는 접혀 있고 글쇠로 펼쳐집니다. 그 앞에는 수강생이 받는 빈 셀이 보입니다."""
    with Visit(browser, f"{address}/exercises/{name}.html") as visit:
        boxes = visit.tab.locator("details.wi-solution")
        assert boxes.count() == sum(key.startswith("answer-") for key in stubs(name, None))
        for box in boxes.all():
            assert not box.locator(".sd-card-body").is_visible()
            box.locator("summary").focus()
            visit.tab.keyboard.press("Enter")
            assert box.locator(".sd-card-body").is_visible()
        assert visit.tab.get_by_text("# 여기에 코드를 쓰십시오.").first.is_visible()
