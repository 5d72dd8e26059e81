"""문제지의 첫 셀: 이미 있으면 아무 일도 하지 않고, 없으면 곁이나 책의 주소에서 설치하고, 못 하면 할 일을 말합니다.

아무것도 없는 곳에서 정말 설치하는지는 tests/publish/test_edition.py가 봅니다.
"""

import importlib.metadata
import subprocess
from types import SimpleNamespace

import pytest

from classroom import handout, prepare

WHEEL, ADDRESS = prepare.wheel_name(), f"https://example.org/{prepare.wheel_name()}"


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """pip을 부르지 않고 부른 것을 적는 곳. `works`인 자리에서만 설치됩니다."""
    asked = SimpleNamespace(places=[], works=(), version="0.0.9")

    def run(command, **options):
        asked.places.append(command[-1])
        return SimpleNamespace(returncode=command[-1] not in asked.works, stderr="경고\nERROR: 닿지 않습니다")

    folder = tmp_path / "내 과제" / "exercises"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(importlib.metadata, "distributions", lambda name: [SimpleNamespace(version=asked.version)])
    return asked


@pytest.mark.parametrize("version", [WHEEL.split("-")[1], "10.0.0"])
def test_nothing_happens_where_the_package_is(machine, capsys, version):
    machine.version = version
    exec(prepare.cell("https://example.org/").source, {})
    assert machine.places == []
    assert capsys.readouterr().out == ""


def test_an_old_package_is_renewed_from_the_nearest_place(machine, capsys, tmp_path):
    """zip에서는 위 폴더의 꾸러미를, 그것으로 안 되면 책의 주소에서 받습니다."""
    near = tmp_path / "내 과제" / WHEEL
    near.touch()
    machine.works = (ADDRESS,)
    exec(prepare.cell("https://example.org/").source, {})
    assert machine.places == [str(near), ADDRESS]
    assert "설치했습니다." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("packages", "says"),
    [(None, f"{WHEEL} 파일을 이 노트북과 같은 폴더에"), ("https://example.org/", "인터넷.*ERROR: 닿지 않습니다")],
)
def test_failing_says_what_to_do(machine, packages, says):
    """인터넷이 없거나 꾸러미를 받을 곳을 모르면, 긴 Traceback 없이 할 일만 말합니다."""
    with pytest.raises(ImportError, match=f"설치하지 못했습니다.*{says}.*다시 실행하십시오") as error:
        exec(prepare.cell(packages).source, {})
    assert error.value._render_traceback_() == [str(error.value)]


def test_the_wheel_has_the_name_that_sheets_ask_for(tmp_path):
    assert handout.wheel(tmp_path) == tmp_path / WHEEL
