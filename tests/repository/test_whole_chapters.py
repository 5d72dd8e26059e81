"""장과 움직여 보는 실험이 갖출 것: 빠뜨리면 여기에서 말합니다. 장의 틀은 tests/chapters/test_chapters.py가 봅니다."""

import json
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))
NUMBERS = [path.stem[:2] for path in CHAPTERS]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))


def test_every_chapter_has_its_companions():
    """장마다 주장의 시험, 문제지, 답을 확인하는 함수, 그 답의 시험이 있습니다."""
    names = [f"exercises/{path.name}" for path in CHAPTERS]
    names += [f"{place}{number}.py" for place in ("tests/chapters/test_chapter_", "wi_check/ch") for number in NUMBERS]
    names += [f"tests/classroom/answers/ch{number}.py" for number in NUMBERS]
    missing = [name for name in names if not (ROOT / name).exists()]
    assert not missing, missing


def test_every_page_is_in_the_contents():
    pages = {page["file"] for part in TOC["parts"] for page in part["chapters"]}
    folders = ("chapters", "exercises", "instructors")
    files = [path for folder in folders for path in (ROOT / folder).iterdir() if path.suffix in (".ipynb", ".md")]
    unlisted = {path.relative_to(ROOT).with_suffix("").as_posix() for path in files} - pages
    assert not unlisted, unlisted


def test_every_widget_is_an_explorer():
    """위젯을 보이는 셀에는 "explorer" 꼬리표가 있어야 페이지의 시험이 그 실험을 움직여 봅니다."""
    untagged = [
        f"{path.name} {cell['id']}"
        for path in (ROOT / "intro.ipynb", ROOT / "lab.ipynb", *CHAPTERS)
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if "widget-view" in json.dumps(cell.get("outputs", "")) and "explorer" not in cell["metadata"].get("tags", [])
    ]
    assert not untagged, untagged
