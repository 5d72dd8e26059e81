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
    settings = {"iterations": 40, "block": 10, "learning_rate": rate, "batch_size": 16}
    found = results.fit(net, datasets.load_digits(), 0, validation=300, **settings)
    assert found["loss"].shape == (4,)
    assert np.isnan(found["loss"][-1]) == np.isnan(found["validation"]) == np.isnan(found["accuracy"]) == diverged


def test_fit_trains_without_the_validation_data():
    """떼어 둔 자료로는 배우지 않고, 검증 정확도는 그 자료의, 시험 정확도는 시험 자료의 것입니다."""
    data = datasets.load_digits()
    first, last = data.y_train[:1200], (data.y_train[1200:] + 1) % 10
    mixed = datasets.Dataset(data.x_train, np.concatenate([first, last]), data.x_test, data.y_test, "뒤섞인 검증 자료")
    net = MLP([64, 30, 10], rng=np.random.default_rng(0))
    settings = {"iterations": 400, "block": 400, "learning_rate": 0.3, "batch_size": 32}
    found = results.fit(net, mixed, 0, validation=300, **settings)
    # 떼어 둔 300개의 답만 모두 틀리게 바꾸었습니다.
    assert found["validation"] < 0.1
    assert found["accuracy"] > 0.85


# 학습률마다의 검증 정확도(시드 둘). 재는 것은 이 표에서 꺼내기만 합니다.
CURVES = {
    "안쪽": {0.01: 0.3, 0.1: 0.9, 1.0: 0.5},
    "위로": {0.01: 0.3, 0.1: 0.5, 1.0: 0.7, 10.0: 0.9},
    "아래로": {1e-5: 0.3, 1e-4: 0.9, 1e-3: 0.8, 0.01: 0.7, 0.1: 0.3, 1.0: np.nan},
    "못 배움": {1.0: 0.1, 10.0: 0.1, 30.0: np.nan},
}


def measured(cell, learning_rate, seed):
    known = sorted(CURVES[cell])
    value = np.interp(np.log(learning_rate), np.log(known), [CURVES[cell][rate] for rate in known])
    return {"validation": value, "accuracy": value - 0.01 * seed}


def test_search_widens_until_the_best_rate_is_inside(seen):
    cells = [{"cell": name} for name in CURVES]
    rates, arrays = results.search("square", cells, [0.03, 0.1, 0.3], range(2), measured)
    assert arrays["accuracy"].shape == (len(cells), len(rates), 2)
    where = [np.array(rates)[line] for line in arrays["measured"]]
    assert where[0].tolist() == [0.03, 0.1, 0.3]
    assert where[1].tolist() == [0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
    assert (where[2][0], where[2][-1]) == (3e-5, 0.3)
    # 모든 시드가 발산할 때까지 위로 갑니다.
    assert where[3][-1] == 30.0
    assert np.isnan(arrays["validation"][~arrays["measured"]]).all()
    assert arrays["accuracy"][0, rates.index(0.1)].tolist() == pytest.approx([0.9, 0.89], rel=1e-6)


def test_an_interrupted_sweep_goes_on(seen):
    (seen / "broken").touch()
    with pytest.raises(RuntimeError, match="끊김"):
        sweep(seen)
    (seen / "broken").unlink()
    assert [int(result["value"]) for result in sweep(seen)] == [0, 1, 4, 9, 16, 25]
    # 끊기기 전에 끝난 것은 다시 돌지 않습니다.
    assert not list(seen.glob("[0123]-1"))
    assert list(seen.glob("4-1"))


def narrow(learning_rate, seed):
    """0.0001에서 가장 좋고, 0.001에서는 찍는 수준이고, 그 위에서는 발산하는 망."""
    return {"validation": {1e-3: 0.12, 3e-4: 0.5, 1e-4: 0.8, 3e-5: 0.6}.get(learning_rate, np.nan)}


def test_search_goes_below_diverging_rates(seen):
    """처음 잰 학습률에서 모두 발산하면, 발산만 면한 0.001에서 멈추지 않고 가장 좋은 학습률을 지날 때까지 내려갑니다."""
    rates, found = results.search("narrow", [{}], [0.003, 0.01, 0.03], range(2), narrow)
    assert rates == [3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03]
    assert found["measured"].all()
    assert np.nanargmax(found["validation"].mean(axis=-1)) == 1


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
