"""한 묶음을 모으기: 여러 번 낸 답, 시각, 많은 파일, 찬 디스크, 끊긴 실행."""

import errno
import io
import os
import sys
import time
from datetime import UTC, datetime

import nbformat
import pytest

from classroom import __main__ as command
from classroom import collect
from classroom.files import readable
from tests.classroom.conftest import NAME
from tests.classroom.making import entry, packed
from tests.classroom.marking import filled, released
from tests.classroom.test_collecting import MARCH, collected

pytestmark = pytest.mark.xdist_group("collecting")
WHO = "20270001"


def answer(text):
    return nbformat.writes(filled(NAME, None, {1: f"# {text}"}))


def put(inbox, name, text, after=0):
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(answer(text), encoding="utf-8")
    os.utime(path, (MARCH + after, MARCH + after))


def kept(classroom, who=WHO):
    """받아 둔 첫 문제의 답."""
    notebook = nbformat.read(classroom / "submitted" / who / NAME / f"{NAME}.ipynb", as_version=4)
    return next(cell.source for cell in notebook.cells if cell.id == "answer-1")


@pytest.fixture
def inbox(classroom, tmp_path):
    folder = tmp_path / "받은 것"
    folder.mkdir()
    return folder


def test_the_newest_of_several_answers_wins(classroom, inbox, capsys):
    for name, text, after in (("a", "옛", 0), ("b", "새", 100), ("c", "새", 50), ("d", "옛", -5)):
        put(inbox, f"{WHO}_{name}.ipynb", text, after)
    collect.collect(inbox)
    results = [result for _, result in collected(classroom).values()]
    when = f"{datetime.fromtimestamp(MARCH + 100):%Y-%m-%d %H:%M:%S}"
    assert results == [
        f"더 새로운 다른 답을 받음: {WHO}_b.ipynb",
        f"받음 (함께 온 다른 답 2개 가운데 {when}의 것)",
        f"같은 내용의 파일을 받음: {WHO}_b.ipynb",
        f"더 새로운 다른 답을 받음: {WHO}_b.ipynb",
    ]
    assert kept(classroom) == "# 새"
    assert f"{WHO}_a.ipynb: 더 새로운 다른 답을 받음" in capsys.readouterr().out


def test_equal_times_are_told_and_chosen_by_name(classroom, inbox):
    """시각이 같으면 이름의 차례에서 뒤엣것이고, 다시 모아도 같습니다. 열 번째 사본은 아홉 번째의 뒤입니다."""
    for number in (2, 9, 10):
        put(inbox, f"{WHO} ({number}).ipynb", number)
    for _ in range(2):
        collect.collect(inbox)
        assert kept(classroom) == "# 10"
    rows = collected(classroom)
    assert rows[f"{WHO} (9).ipynb"][1].startswith("시각이 같은 다른 답이 있어")
    assert rows[f"{WHO} (10).ipynb"][1].startswith("이미 같은 답이 있음")


def test_checkpoints_never_beat_the_real_file(classroom, inbox):
    """저절로 저장된 것은 새것이어도 밀려나고, 그것만 있으면 받습니다."""
    put(inbox, f"{WHO}/a.ipynb", "낸 것")
    put(inbox, f"{WHO}/.ipynb_checkpoints/a-checkpoint.ipynb", "저장된 것", 900)
    put(inbox, f"{WHO}/.history/a_20270302120000.ipynb", "VS Code가 저장한 것", 900)
    put(inbox, "20270002/.ipynb_checkpoints/a-checkpoint.ipynb", "이것뿐", 900)
    for _ in range(2):
        collect.collect(inbox)
        assert (kept(classroom), kept(classroom, "20270002")) == ("# 낸 것", "# 이것뿐")
    (inbox / WHO / "a.ipynb").unlink()
    collect.collect(inbox)
    assert kept(classroom) == "# 낸 것"
    assert collected(classroom)[f"{WHO}/.ipynb_checkpoints/a-checkpoint.ipynb"][1].startswith("이미 더 새로운")


def test_untouched_sheets_are_not_answers(classroom, inbox):
    """받은 폴더를 통째로 압축해 내면 아직 풀지 않은 문제지까지 들어 있습니다. 먼저 낸 답을 밀어내지 않습니다."""
    put(inbox, f"{WHO}_a.ipynb", "답")
    collect.collect(inbox)
    blank = released(NAME, None)
    blank.cells[3].outputs = [nbformat.v4.new_output("stream", text="아직")]
    nbformat.write(blank, inbox / f"{WHO}_b.ipynb")
    collect.collect(inbox)
    assert collected(classroom)[f"{WHO}_b.ipynb"][1] == "거절: 받은 그대로이고 쓴 답이 없습니다."
    assert kept(classroom) == "# 답"


def test_names_are_readable():
    assert readable(os.fsdecode("홍길동.ipynb".encode("cp949"))) == "홍길동.ipynb"
    assert readable("\x1b[31m빨강\n") == "�[31m빨강�"


def test_ten_thousand_files(classroom, inbox):
    """파일이 만 개여도 줄도 만 개이고, 메모리에 쌓아 두지 않습니다."""
    files = [(f"{WHO}/{i}.ipynb", b"{}") for i in range(5000)] + [(f"{WHO}/v/{i}.py", b"") for i in range(5000)]
    (inbox / "all.zip").write_bytes(packed(*files, (f"{WHO}/답.ipynb", answer("찾음"))))
    began = time.process_time()
    collect.collect(inbox)
    assert time.process_time() - began < 30
    assert len(collected(classroom)) == 10_001
    assert kept(classroom) == "# 찾음"


def test_one_bad_file_stops_no_other(classroom, inbox, monkeypatch):
    """읽을 권한이 없는 파일, 도중에 사라진 파일, 뜻밖의 오류: 저마다 까닭이 적히고 나머지는 받습니다."""
    for number, name in enumerate("abc", 1):
        put(inbox, f"2027000{number}_.ipynb", name)
    names = sorted(path.name for path in inbox.iterdir())
    really, parsed = io.open, collect.parse

    def denied(path, *how):
        if os.path.basename(path) == names[0]:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, *how)

    monkeypatch.setattr("classroom.incoming.open", denied, raising=False)
    monkeypatch.setattr(collect, "parse", lambda size, read: 1 / 0 if b"# b" in read() else parsed(size, read))
    collect.collect(inbox)
    results = [result for _, result in collected(classroom).values()]
    assert results[0].startswith("거절: 파일을 읽을 수 없습니다(Permission denied)")
    assert results[1].startswith("거절: 읽는 도중에 오류가 났습니다(ZeroDivisionError")
    assert results[2] == "받음"


@pytest.mark.parametrize("when", range(4))
def test_a_full_disk_leaves_nothing_half_written(classroom, inbox, monkeypatch, when):
    """찬 디스크는 파일의 탓이 아니므로 거절하지 않고 멈추며, 자리를 비우고 다시 부르면 이어서 합니다."""
    for number in range(1, 4):
        put(inbox, f"2027000{number}_a.ipynb", number)
    really, calls = collect.write, []

    def full(notebook, path):
        calls.append(path)
        if len(calls) > when:
            raise OSError(errno.ENOSPC, "No space left on device")
        really(notebook, path)

    monkeypatch.setattr(collect, "write", full)
    if when < 3:
        with pytest.raises(SystemExit, match="디스크가 찼습니다"):
            collect.collect(inbox)
        assert not list(classroom.glob("submitted/*"))
    monkeypatch.setattr(collect, "write", really)
    collect.collect(inbox)
    assert [kept(classroom, f"2027000{number}") for number in (1, 2, 3)] == ["# 1", "# 2", "# 3"]
    assert not list(classroom.glob(".collecting-*"))


@pytest.mark.parametrize("when", range(7))
def test_interrupted_collecting_goes_on(classroom, inbox, monkeypatch, when):
    """파일을 옮기는 어느 순간에 끊겨도, 다시 부르면 새 답이 새 시각과 함께 놓입니다."""
    for number in range(1, 4):
        put(inbox, f"2027000{number}_a.ipynb", "옛")
    collect.collect(inbox)
    for number in range(1, 4):
        put(inbox, f"2027000{number}_b.ipynb", "새", 100)
    really, calls = type(inbox).replace, []

    def cut(self, target):
        calls.append(target)
        if len(calls) == when:
            raise KeyboardInterrupt
        # 반쯤 쓴 파일이 아니라 다 쓴 파일이 옮겨집니다.
        assert self.stat().st_size
        return really(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(type(inbox), "replace", cut)
        if when > 0:
            with pytest.raises(KeyboardInterrupt):
                collect.collect(inbox)
    collect.collect(inbox)
    for number in range(1, 4):
        assert kept(classroom, f"2027000{number}") == "# 새"
        stamp = (classroom / "submitted" / f"2027000{number}" / NAME / "timestamp.txt").read_text(encoding="utf-8")
        assert stamp == f"{datetime.fromtimestamp(MARCH + 100, UTC):%Y-%m-%d %H:%M:%S} UTC"


def test_names_are_no_formulas(classroom, inbox):
    """엑셀에서 열 표에 식처럼 생긴 이름이 그대로 들어가지 않고, 전원이 나가며 남긴 것은 지웁니다."""
    (classroom / ".collecting-x" / "1").mkdir(parents=True)
    put(inbox, f"=1+1_{WHO}.ipynb", "답")
    collect.collect(inbox)
    assert collected(classroom) == {f"./=1+1_{WHO}.ipynb": (WHO, "받음")}
    assert not list(classroom.glob(".collecting-*"))


def test_korean_console(classroom, inbox, monkeypatch):
    """한국어 Windows의 콘솔에 없는 글자가 파일의 이름에 있어도 끝까지 말합니다."""
    if sys.getfilesystemencoding() != "utf-8":
        pytest.skip("파일의 이름을 UTF-8로 적지 않는 로캘에는 없는 글자입니다.")
    (inbox / "𝒳é–😀.ipynb").write_text("x", encoding="utf-8")
    console = io.TextIOWrapper(io.BytesIO(), encoding="cp949")
    monkeypatch.setattr(sys, "stdout", console)
    command.main(["collect", str(inbox)])
    console.flush()
    assert "거절" in console.buffer.getvalue().decode("cp949")


def test_damaged_members_do_not_hide_the_rest(classroom, inbox):
    """zip 안의 파일 하나가 깨져도 나머지는 받습니다."""
    data = packed((entry(f"{WHO}/깨짐.ipynb"), answer("x")), (entry(f"{WHO}/온전.ipynb"), answer("온전")))
    at = data.index(b".ipynb") + 40
    (inbox / "a.zip").write_bytes(data[:at] + bytes(8) + data[at + 8 :])
    collect.collect(inbox)
    rows = collected(classroom)
    assert rows[f"a.zip/{WHO}/깨짐.ipynb"][1].startswith("거절: zip에서 꺼낼 수 없습니다")
    assert rows[f"a.zip/{WHO}/온전.ipynb"] == (WHO, "받음")
