"""노트북을 여는 단추: 포크의 책은 포크를 열고, 저장소의 주소를 모르면 단추가 없습니다."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from publish import addresses as launch
from tests.browsing import ROOT, Visit, served
from tests.speaking import SPOKEN

# 만든 책을 함께 쓰도록 한 프로세스에서 돕니다.
pytestmark = pytest.mark.xdist_group("launch")
# 쪽의 갈래마다 하나: 첫 페이지, 장, 연습, 노트북이 아닌 글.
KINDS = ["intro", "chapters/02_sigmoid_std", "exercises/02_sigmoid_std", "glossary"]
HUB = "https://hub.example.org"
# 시험을 돌리는 곳의 저장소가 끼어들지 않게 합니다.
GIVEN = ("GITHUB_REPOSITORY", "GITHUB_REF", launch.HUB)
TOC = "format: jb-book\nroot: intro\nchapters:\n" + "".join(f"  - file: {page}\n" for page in KINDS[1:])


@pytest.fixture
def nowhere(monkeypatch):
    """저장소의 주소를 모르는 곳."""
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(launch, "REMOTE", [sys.executable, "-c", ""])


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://github.com/a-b/c.d.git", "a-b/c.d"),
        ("git@github.com:a/b.git", "a/b"),
        ("https://github.com/a/b", "a/b"),
        ("/srv/git/book.git", None),
        ("https://example.org/a/b", None),
    ],
)
def test_repository_is_found_in_the_remote(nowhere, monkeypatch, address, known):
    monkeypatch.setattr(launch, "REMOTE", [sys.executable, "-c", f"print({address!r})"])
    assert launch.repository() == known
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/fork")
    assert launch.repository() == "someone/fork"


@pytest.mark.parametrize(
    ("ref", "branch"), [("refs/heads/2027/봄", "2027%2F%EB%B4%84"), ("refs/pull/3/merge", "HEAD"), ("", "HEAD")]
)
def test_binder_opens_the_branch_of_the_book(nowhere, monkeypatch, ref, branch):
    """가지에서 만든 책은 그 가지를, 그 밖의 책은 기본 가지를 엽니다."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/fork")
    monkeypatch.setenv("GITHUB_REF", ref)
    assert f"/someone/fork/{branch}?" in launch.addresses("intro")["Binder"]


def test_nothing_is_opened_when_nothing_is_known(nowhere, monkeypatch):
    assert launch.addresses("intro") == {}
    monkeypatch.setenv(launch.HUB, HUB)
    assert launch.addresses("intro") == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("GITHUB_REPOSITORY", "https://github.com/a/b"), ("GITHUB_REPOSITORY", "fork"), (launch.HUB, "hub.example.org")],
)
def test_bad_addresses_are_refused(nowhere, monkeypatch, name, value):
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/fork")
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"^{name}.*{re.escape(value)}"):
        launch.addresses("intro")


def build(folder, **known):
    """쪽의 갈래마다 하나씩만 있는 책을 folder에 만듭니다. 주소가 바뀌면 같은 folder에 다시 만들어도 됩니다."""
    book = folder / "book"
    shutil.copytree(
        ROOT, book, ignore=shutil.ignore_patterns(".*", "_build", "course", "__pycache__"), dirs_exist_ok=True
    )
    (book / "_toc.yml").write_text(TOC, encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if name not in GIVEN} | known
    # 고른 쪽만 있으므로 다른 장을 가리키는 링크는 끊깁니다.
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "--quiet", book]
    done = subprocess.run(command, env=env, capture_output=True, encoding=SPOKEN)
    assert done.returncode == 0, done.stderr[-3000:]
    return book / "_build" / "html"


def buttons(page):
    """{단추의 글: 주소}."""
    found = re.findall(r'<nav class="wi-launch".*?</nav>', page.read_text(encoding="utf-8"), re.S)
    links = re.findall(r'<a href="([^"]*)">(.*?)</a>', "".join(found), re.S)
    return {re.sub(r"<svg.*?</svg>", "", text, flags=re.S).strip(): unescape(address) for address, text in links}


@pytest.fixture(scope="module")
def fork(tmp_path_factory):
    """someone/fork가 만든 책. 처음에는 저장소를 모른 채 만들었습니다."""
    folder = tmp_path_factory.mktemp("fork")
    site = build(folder)
    for page in KINDS:
        assert buttons(site / f"{page}.html") == {}
    assert "mybinder" not in "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    return build(folder, GITHUB_REPOSITORY="someone/fork", WI_JUPYTERHUB_URL=f"{HUB}/")


@pytest.mark.parametrize("page", KINDS)
def test_every_notebook_page_opens_the_fork(fork, page):
    """노트북인 쪽에는 세 단추가 모두 있고, 연습은 풀이가 든 원본이 아니라 문제지를 엽니다."""
    found = buttons(fork / f"{page}.html")
    if page == "glossary":
        assert found == {}
        return
    assert list(found) == ["Binder에서 열기", "Colab에서 열기", "JupyterHub에서 열기"]
    binder, colab, hub = map(urlsplit, found.values())
    assert (binder.netloc, binder.path) == ("mybinder.org", "/v2/gh/someone/fork/HEAD")
    assert parse_qs(binder.query) == {"urlpath": [f"lab/tree/student/{page}.ipynb"]}
    assert colab.netloc == "colab.research.google.com"
    assert colab.path == f"/github/someone/fork/blob/student/{page}.ipynb"
    assert f"{hub.scheme}://{hub.netloc}" == HUB
    assert hub.path == "/hub/user-redirect/git-pull"
    assert parse_qs(hub.query) == {
        "repo": ["https://github.com/someone/fork"],
        "branch": ["student"],
        "urlpath": [f"lab/tree/fork/{page}.ipynb"],
    }


def test_downloaded_sheet_installs_from_the_site(fork):
    """문제지는 책이 함께 내는 꾸러미의 주소를 알고, 연습 페이지는 실행할 수 있는 곳의 이름을 모두 말합니다."""
    [page] = [page for page in KINDS if page.startswith("exercises/")]
    sheet = (fork / "_sources" / f"{page}.ipynb").read_text(encoding="utf-8")
    [wheel] = re.findall(r"https://someone\.github\.io/fork/([^']+\.whl)", sheet)
    assert zipfile.is_zipfile(fork / wheel)
    assert "](https://someone.github.io/fork/chapters/02_sigmoid_std.html)" in sheet
    text = (fork / f"{page}.html").read_text(encoding="utf-8")
    assert "Binder, Colab, JupyterHub 또는 내려받은 노트북에서" in text
    assert wheel not in text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_buttons_are_seen_and_reached(browser, fork, width):
    """제목 바로 아래에 보이고, 글쇠로 닿고, 손가락으로 누를 만큼 크고, 열기 전에는 바깥에 아무것도 묻지 않습니다."""
    with served(fork) as url, Visit(browser, f"{url}/{KINDS[2]}.html") as visit:
        visit.tab.set_viewport_size({"width": width, "height": 900})
        group = visit.tab.get_by_role("navigation", name="이 노트북 실행하기")
        for name in ("Binder", "Colab", "JupyterHub"):
            link = group.get_by_role("link", name=f"{name}에서 열기", exact=True)
            link.focus()
            box = link.bounding_box()
            assert box["width"] >= 24
            assert box["height"] >= 24
            assert box["x"] + box["width"] <= width
            assert box["y"] < 400
        assert visit.outside == []
        assert visit.errors == []
        assert visit.tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
