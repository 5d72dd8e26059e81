"""experiments/store.py: 열쇠는 설정과 코드와 판이고, 상한 파일은 없는 것이고, 합치기는 차례와 횟수에 상관없습니다."""

import functools
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments import store
from tests.experiments import runs
from tests.speaking import SPOKEN

ARRAYS = {"loss": np.arange(5, dtype=np.float32), "accuracy": np.array(0.5)}


def keep(path, value):
    store.keep(path, {"value": np.array(value)})


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.npz")}


def key(tmp_path, **setting):
    return store.Run(tmp_path, runs.square, setting).path


def test_a_key_is_the_function_and_its_setting(tmp_path):
    assert key(tmp_path, a=1, b=0.1) == key(tmp_path, b=0.1, a=1)
    assert key(tmp_path, a=1) != key(tmp_path, a=2)
    assert key(tmp_path, a=1) != key(tmp_path, b=1)
    assert store.Run(tmp_path, runs.held, {"a": 1}).path != key(tmp_path, a=1)


@pytest.mark.parametrize("value", [object(), np.arange(3.0), [np.arange(3.0)], {"a", "b"}, {"a": len}])
def test_a_setting_that_is_not_written_in_full_is_refused(tmp_path, value):
    """배열의 repr은 긴 것을 줄이고 끝자리를 버려, 다른 설정의 결과를 제 것으로 읽습니다."""
    with pytest.raises(ValueError, match="수와 글"):
        key(tmp_path, a=value)


def test_settings_that_differ_have_different_keys(tmp_path):
    values = [0.3, 0.1 + 0.2, "0.3", None, True, 1, 1.0, np.float32(0.3), np.float64(0.3), [1, 2], (1, 2), {"b": [0.3]}]
    assert len({key(tmp_path, a=value) for value in values}) == len(values)


@pytest.mark.parametrize("function", [lambda n: {}, functools.partial(runs.square, n=1), str.upper])
def test_a_function_other_processes_cannot_find_is_refused(tmp_path, function):
    with pytest.raises(ValueError, match="맨 바깥"):
        store.Run(tmp_path, function, {})


def test_a_written_result_is_read_back(tmp_path):
    path = tmp_path / "새 폴더" / "one.npz"
    assert store.read(path) is None
    store.keep(path, ARRAYS)
    found = store.read(path)
    assert {name: array.tobytes() for name, array in found.items()} == {k: v.tobytes() for k, v in ARRAYS.items()}
    assert list(path.parent.iterdir()) == [path]


def test_a_result_is_an_ordinary_npz(tmp_path):
    store.keep(tmp_path / "one.npz", ARRAYS)
    with np.load(tmp_path / "one.npz") as found:
        assert found["loss"].tolist() == ARRAYS["loss"].tolist()


def test_a_damaged_result_is_as_good_as_none(tmp_path):
    """어디에서 끊기거나 어느 바이트가 바뀌어도 압니다."""
    path = tmp_path / "one.npz"
    store.keep(path, ARRAYS)
    whole = path.read_bytes()
    cut = [whole[:i] for i in range(0, len(whole), 10)]
    flipped = [whole[:i] + bytes([whole[i] ^ 0x55]) + whole[i + 1 :] for i in range(0, len(whole), 3)]
    for content in cut + flipped:
        path.write_bytes(content)
        assert store.read(path) is None


def test_an_interrupted_write_keeps_what_was_there(tmp_path, monkeypatch):
    """이름을 바꾸기 전에 끊기면 이전 것이 남고 임시 파일은 남지 않습니다."""
    path = tmp_path / "one.npz"
    keep(path, 1)

    def fail(self, target):
        raise OSError("끊김")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="끊김"):
        keep(path, 2)
    assert store.read(path)["value"] == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def three(tmp_path):
    """설정이 겹치기도 하는 세 폴더. 셋 다 있는 c는 폴더마다 다른 값입니다."""
    for folder, names in {"A": "abc", "B": "bcd", "C": "ce"}.items():
        for name in names:
            keep(tmp_path / folder / "sweep-1" / f"{name}.npz", f"{folder}{name}")
    return tmp_path


def merged(root, target, *sources):
    """빈 폴더에 차례로 합친 것."""
    for source in sources:
        store.merge(root / source, root / target)
    return contents(root / target)


def test_merging_keeps_everything_once(three):
    found = merged(three, "all", "A", "B", "C")
    assert sorted(found) == [f"sweep-1/{name}.npz" for name in "abcde"]
    assert store.read(three / "all" / "sweep-1" / "c.npz")["value"] == "Ac"


def test_merging_is_idempotent(three):
    assert merged(three, "once", "A", "B") == merged(three, "twice", "A", "B", "A", "B", "B")
    assert store.merge(three / "once", three / "once") == (0, 0)


def test_merging_is_associative(three):
    for a, b, c in itertools.permutations("ABC"):
        left = merged(three, f"{a}{b}{c} left", a, b, c)
        merged(three, f"{a}{b}{c} inner", b, c)
        assert left == merged(three, f"{a}{b}{c} right", a, f"{a}{b}{c} inner")


def test_merging_leaves_the_damaged_behind(three):
    (three / "B" / "sweep-1" / "d.npz").write_bytes(b"half")
    (three / "A" / "sweep-1" / "c.npz").write_bytes(b"half")
    (three / "B" / "sweep-1" / ".0123.npz").write_bytes(b"half")
    assert store.merge(three / "B", three / "A") == (1, 1)
    assert store.read(three / "A" / "sweep-1" / "c.npz")["value"] == "Bc"


def test_the_command_merges_into_the_unfinished(three, unfinished, monkeypatch, capsys):
    from experiments import merge

    monkeypatch.setattr(sys, "argv", ["merge", str(three / "A")])
    merge.main()
    assert contents(unfinished) == contents(three / "A")
    assert "3개를 합쳤습니다." in capsys.readouterr().out


def command(folder):
    started = [sys.executable, "-m", "experiments.merge", str(folder)]
    return subprocess.run(started, cwd=store.ROOT, capture_output=True, encoding=SPOKEN)


@pytest.mark.parametrize("wrong", ["없는 폴더", "tests/experiments", store.UNFINISHED])
def test_the_command_asks_for_a_folder_of_results(wrong):
    done = command(wrong)
    assert done.returncode == 1
    assert "합칠 폴더를 하나" in done.stderr


def test_the_command_tells_results_of_other_code(three, unfinished, monkeypatch, capsys):
    from experiments import merge

    folder = f"sweep-{store.fingerprint('experiments.depth_map')}"
    keep(three / "A" / folder / "a.npz", 1)
    monkeypatch.setattr(sys, "argv", ["merge", str(three / "A")])
    merge.main()
    said = capsys.readouterr().out.splitlines()
    assert said[1].endswith("쓰이지 않습니다: sweep-1")


def test_versions_follow_what_the_experiment_calls():
    named = set(store.versions("experiments.optimizers"))
    assert {"NumPy", "experiments/matching.py", "experiments/results.py", "wi_lib/training.py"} <= named
    assert "experiments/attention.py" not in named
    assert not [name for name in named if name.startswith("wi_lib/figures")]


def test_versions_follow_packages_of_experiments():
    named = set(store.versions("experiments.diagnosis"))
    assert {"experiments/clinic/examining.py", "experiments/clinic/specs.py", "wi_lib/diagnosis/report.py"} <= named


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """실험 둘과 wi_lib이 있는 작은 저장소. square는 shared를, 점으로 beside와 near를 부릅니다."""
    for path, text in {
        "wi_lib/training.py": "RATE = 0.1",
        "experiments/shared.py": "DEPTH = 5",
        "experiments/square.py": "from experiments import shared\nfrom .beside import A\nfrom . import near",
        "experiments/beside.py": "A = 1",
        "experiments/near.py": "A = 1",
        "experiments/cube.py": "import wi_lib",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.setattr(store, "ROOT", tmp_path)
    monkeypatch.setattr(store.importlib.util, "find_spec", lambda name: Spec(tmp_path / f"{name.replace('.', '/')}.py"))
    forget()
    yield tmp_path
    forget()


class Spec:
    def __init__(self, path):
        self.origin = str(path)


def forget():
    store.fingerprint.cache_clear()
    store.file_digest.cache_clear()
    store.experiments_in.cache_clear()


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("wi_lib/training.py", True),
        ("experiments/square.py", True),
        ("experiments/shared.py", True),
        ("experiments/beside.py", True),
        ("experiments/near.py", True),
        ("experiments/cube.py", False),
    ],
)
def test_changed_code_is_another_key(sources, changed, again):
    """이 실험의 코드, 그것이 부르는 실험, wi_lib이 바뀌면 처음부터 다시 돌고, 다른 실험이 바뀌면 그대로입니다."""
    before = store.fingerprint("experiments.square")
    with open(sources / changed, "a", encoding="utf-8") as file:
        file.write("\n# 바뀜\n")
    forget()
    assert (store.fingerprint("experiments.square") != before) == again


def test_another_numpy_is_another_key(sources, monkeypatch):
    before = store.fingerprint("experiments.square")
    forget()
    monkeypatch.setattr(store.np, "__version__", "0")
    assert store.fingerprint("experiments.square") != before


def test_line_ends_do_not_change_the_key(sources):
    (sources / "experiments" / "square.py").write_bytes(b"from experiments import shared\nA = 1\n")
    before = store.fingerprint("experiments.square")
    (sources / "experiments" / "square.py").write_bytes(b"from experiments import shared\r\nA = 1\r\n")
    forget()
    assert store.fingerprint("experiments.square") == before
