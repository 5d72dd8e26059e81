"""만들다 끊긴 책에서 무엇을 버리는지. 정말로 끊어 보는 시험은 tests/conditions에 있습니다."""

from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from book import unfinished
from publish import pages


@pytest.fixture
def app(tmp_path):
    """두 폴더에 읽어 둔 것이 있는 책."""
    folders = [tmp_path / name for name in ("html", ".doctrees", "jupyter_execute")]
    for folder in folders:
        folder.mkdir()
        (folder / "kept").touch()
    return SimpleNamespace(outdir=folders[0], doctreedir=folders[1], pictures=folders[2])


def rebuilt(app):
    """다시 만들 때 버린 폴더의 이름."""
    unfinished.begin(app, None)
    return {folder.name for folder in (app.outdir, app.doctreedir, app.pictures) if not folder.exists()}


def test_an_interrupted_build_is_not_trusted(app):
    unfinished.begin(app, None)
    assert rebuilt(app) == {".doctrees", "jupyter_execute"}


@pytest.mark.parametrize("stopped", [None, ExtensionError("틀린 예상 상자")])
def test_a_build_that_ended_is_trusted(app, stopped):
    unfinished.begin(app, None)
    unfinished.end(app, stopped)
    assert rebuilt(app) == set()


def test_a_full_disk_is_an_interruption(app):
    unfinished.begin(app, None)
    unfinished.end(app, OSError("디스크가 꽉 찼습니다"))
    assert rebuilt(app) == {".doctrees", "jupyter_execute"}


def test_a_half_written_site_is_not_published(app, tmp_path, monkeypatch):
    """만들다 끊긴 사이트에서는 슬라이드도 PDF도 만들지 않습니다. 두 방이 따로 적은 파일의 자리는 같습니다."""
    assert unfinished.mark(SimpleNamespace(outdir=pages.SITE)) == pages.UNFINISHED
    monkeypatch.setattr(pages, "SITE", app.outdir)
    monkeypatch.setattr(pages, "UNFINISHED", unfinished.mark(app))
    (app.outdir / "intro.html").write_text("<article>글</article>", encoding="utf-8")
    unfinished.begin(app, None)
    with pytest.raises(SystemExit, match="만들다 끊겼거나"):
        pages.read("intro")
    unfinished.end(app, None)
    assert pages.read("intro").docname == "intro"
