"""수식을 네트워크 없이 그립니다: sphinx-mathjax-offline 휠의 MathJax 3.2.2에서 쓰는 것만 페이지 곁에 둡니다."""

import importlib.util
import shutil
from pathlib import Path

# tex-chtml.js는 TeX 입력, CHTML 출력, 보조 기술용 MathML을 모두 담은 묶음이고, 글꼴만 따로 읽습니다.
FILES = ("tex-chtml.js", "output/chtml/fonts/woff-v2")


def place_mathjax(target):
    """휠에 든 MathJax를 target에 둡니다. 슬라이드(tools/slides.py)도 씁니다."""
    # 꾸러미 이름에 -가 있어 import문으로는 부를 수 없습니다.
    source = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    for name in FILES:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, target / name)


def copy_mathjax(app, exception):
    if exception is None and app.builder.format == "html":
        place_mathjax(Path(app.outdir) / "_static" / "mathjax")


def setup(app):
    app.connect("config-inited", lambda app, config: setattr(config, "mathjax_path", "mathjax/tex-chtml.js"))
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True}
