"""experiments/results.py: 끊긴 실험은 이어서 돌고, 저장하다 끊겨도 이전 결과가 남습니다."""

import json

import numpy as np
import pytest

from experiments import results
from wi_lib import MLP, datasets

SETTINGS = [{"n": n} for n in range(6)]


def square(n, seen):
    """부를 때마다 seen 폴더에 흔적을 남깁니다."""
    (seen / f"{n}-{len(list(seen.glob(f'{n}-*')))}").touch()
    if (seen / "broken").exists() and n == 4:
        raise RuntimeError("끊김")
    return {"value": n**2}


@pytest.fixture
def seen(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "UNFINISHED", tmp_path / "unfinished")
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    (tmp_path / "seen").mkdir()
    return tmp_path / "seen"


def sweep(seen):
    return results.sweep("square", [{**setting, "seen": seen} for setting in SETTINGS], square)


def test_stacked_results_are_where_their_settings_say():
    axes, seeds = {"a": [1, 2, 3], "b": ["x", "y"]}, range(4)
    settings = results.grid(axes, seeds, fixed=7)
    assert settings[0] == {"a": 1, "b": "x", "seed": 0, "fixed": 7}
    found = [{"value": s["a"] + 10 * s["seed"], "pair": [len(s["b"]), s["a"]]} for s in settings]
    arrays = results.stack(found, axes, seeds)
    assert arrays["value"].shape == (3, 2, 4)
    assert arrays["value"][2, 0, 3] == 33
    assert arrays["pair"][1, 1, 0].tolist() == [1, 2]


@pytest.mark.parametrize(("rate", "diverged"), [(0.1, False), (1e6, True)])
def test_a_diverged_run_is_nan(rate, diverged):
    net = MLP([64, 20, 10], "identity", rng=np.random.default_rng(0))
    found = results.fit(net, datasets.load_digits(), 0, iterations=40, block=10, learning_rate=rate, batch_size=16)
    assert found["loss"].shape == (4,)
    assert np.isnan(found["loss"][-1]) == np.isnan(found["accuracy"]) == diverged


def test_an_interrupted_sweep_goes_on(seen):
    (seen / "broken").touch()
    with pytest.raises(RuntimeError, match="끊김"):
        sweep(seen)
    (seen / "broken").unlink()
    assert [int(result["value"]) for result in sweep(seen)] == [0, 1, 4, 9, 16, 25]
    # 끊기기 전에 끝난 것은 다시 돌지 않습니다.
    assert not list(seen.glob("[0123]-1"))
    assert list(seen.glob("4-1"))


def change_numpy(monkeypatch, sources):
    monkeypatch.setattr(results.np, "__version__", "0")


def change_library(monkeypatch, sources):
    (sources / "wi_lib" / "training.py").write_text("LEARNING_RATE = 0.2")


def change_experiment(monkeypatch, sources):
    (sources / "experiments" / "square.py").write_text("SEEDS = range(20)")


def change_another_experiment(monkeypatch, sources):
    (sources / "experiments" / "cube.py").write_text("SEEDS = range(20)")


@pytest.mark.parametrize(
    ("change", "again"),
    [(change_numpy, True), (change_library, True), (change_experiment, True), (change_another_experiment, False)],
)
def test_changed_code_starts_again(seen, tmp_path, monkeypatch, change, again):
    """이 실험의 코드, wi_lib, NumPy의 판 가운데 하나라도 바뀌면 처음부터 다시 돌고, 다른 실험이 바뀌면 그대로입니다."""
    sources = tmp_path / "sources"
    for folder in ("wi_lib", "experiments"):
        (sources / folder).mkdir(parents=True)
    monkeypatch.setattr(results, "ROOT", sources)
    sweep(seen)
    change(monkeypatch, sources)
    sweep(seen)
    assert {(seen / f"{setting['n']}-1").exists() for setting in SETTINGS} == {again}


def test_saved_results_are_whole_and_clear_the_unfinished(seen, tmp_path, monkeypatch):
    sweep(seen)
    results.save("square", {"value": np.arange(3)}, {"seeds": [0]})
    assert not list(results.UNFINISHED.glob("square-*"))
    assert "numpy" in json.loads((tmp_path / "square.json").read_text(encoding="utf-8"))["versions"]

    def fail(path, **arrays):
        path.write_bytes(b"half")
        raise OSError("디스크가 꽉 참")

    monkeypatch.setattr(results.np, "savez_compressed", fail)
    with pytest.raises(OSError, match="꽉"):
        results.save("square", {"value": np.arange(5)}, {})
    with np.load(tmp_path / "square.npz") as stored:
        assert stored["value"].tolist() == [0, 1, 2]
