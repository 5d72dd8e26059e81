"""만들다 끊긴 책은 처음부터 다시 만듭니다.

myst-nb는 같은 이름의 그림이 있으면 다시 쓰지 않으므로, 그림을 쓰던 순간에 끊기면 반쪽 그림이 언제까지나 남습니다.
그래서 만드는 동안 파일 하나를 두고, 그것이 남아 있으면 읽어 둔 것을 모두 버립니다.
"""

import shutil
from pathlib import Path

from sphinx.errors import SphinxError


def mark(app):
    return Path(app.outdir).parent / ".unfinished"


def begin(app, config):
    if mark(app).exists():
        for folder in (Path(app.doctreedir), Path(app.outdir).parent / "jupyter_execute"):
            shutil.rmtree(folder, ignore_errors=True)
    mark(app).parent.mkdir(parents=True, exist_ok=True)
    mark(app).touch()


def end(app, exception):
    """글이 틀려 멈춘 것은 끊긴 것이 아닙니다. 읽어 둔 것은 온전하므로, 고쳐서 다시 만들 때 모두 다시 읽지 않습니다."""
    if exception is None or isinstance(exception, SphinxError):
        mark(app).unlink()


def setup(app):
    app.connect("config-inited", begin)
    # 페이지를 마무리한 뒤입니다(pages).
    app.connect("build-finished", end, priority=999)
