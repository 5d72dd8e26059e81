"""experiments/results.py: 설정의 격자, 학습률 찾기, 저장."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from experiments import results
from wi_lib import MLP, datasets


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


# 학습률마다의 검증 정확도. 재는 것은 이 표에서 꺼내기만 하고, 사이의 학습률에서는 잇습니다. 표의 밖은 끝의 값입니다.
CURVES = {
    "안쪽": {0.01: 0.3, 0.1: 0.9, 1.0: 0.5},
    "위로": {0.01: 0.3, 0.1: 0.5, 1.0: 0.7, 10.0: 0.9, 100.0: 0.5},
    "아래로": {1e-5: 0.3, 1e-4: 0.9, 1e-3: 0.8, 0.01: 0.7, 0.1: 0.3, 1.0: np.nan},
    # 처음 잰 곳은 모두 발산하고, 발산을 면한 바로 아래에서는 찍는 수준입니다.
    "발산의 아래": {3e-5: 0.6, 1e-4: 0.8, 3e-4: 0.5, 1e-3: 0.12, 3e-3: 0.1, 0.01: np.nan},
    # 발산의 바로 아래에서 어쩌다 조금 배운 듯하고, 그 아래 한 자릿수 반에서는 찍는 수준입니다.
    "문턱의 위": {1e-4: 0.5, 3e-4: 0.8, 1e-3: 0.15, 3e-3: 0.12, 0.01: 0.15, 0.03: 0.22, 0.1: np.nan},
    # 같은 골짜기인데 발산의 아래에서도 문턱을 넘지 못합니다.
    "문턱의 아래": {1e-4: 0.5, 3e-4: 0.8, 1e-3: 0.12, 3e-3: 0.1, 0.01: 0.19, 0.03: 0.19, 0.1: np.nan},
    # 큰 학습률에서 발산하지 않고 포화해 찍는 수준입니다. 아래에서는 배웁니다.
    "포화": {1e-4: 0.5, 3e-4: 0.9, 1e-3: 0.8, 3e-3: 0.15, 0.01: 0.1, 0.1: 0.1},
}
START = [0.03, 0.1, 0.3]


def measured(curve, learning_rate, seed):
    known = sorted(CURVES[curve])
    value = np.interp(np.log(learning_rate), np.log(known), [CURVES[curve][rate] for rate in known])
    return {"validation": value, "accuracy": value - 0.01 * seed}


@pytest.fixture
def here(unfinished, monkeypatch):
    monkeypatch.setenv("SCHEDULER", "synchronous")


def searched(curve, start=START):
    """(잰 학습률, 그 시드 평균)."""
    rates, arrays = results.search("search", [{"curve": curve}], start, range(2), measured)
    assert arrays["measured"].all()
    return rates, arrays["validation"][0].mean(axis=-1)


@pytest.mark.parametrize("curve", CURVES)
def test_search_finds_the_best_rate_of_the_whole_curve(here, curve):
    """이 표의 어느 곡선에서나, 처음 잰 곳과 상관없이 곡선 전체에서 가장 좋은 학습률을 고릅니다."""
    rates, means = searched(curve)
    assert rates[np.nanargmax(means)] == max(
        results.RATES, key=lambda rate: np.nan_to_num(measured(curve, rate, 0)["validation"])
    )


def test_search_stops_where_the_best_is_inside(here):
    assert searched("안쪽")[0] == START
    assert searched("위로")[0] == [0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
    assert searched("아래로")[0] == [3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3]


def test_search_says_what_was_measured(here):
    """칸마다 잰 곳이 다르면, 재지 않은 자리는 NaN입니다."""
    rates, arrays = results.search("search", [{"curve": "안쪽"}, {"curve": "위로"}], START, range(2), measured)
    assert arrays["accuracy"].shape == (2, len(rates), 2)
    assert np.array(rates)[arrays["measured"][0]].tolist() == START
    assert np.isnan(arrays["validation"][~arrays["measured"]]).all()
    assert arrays["accuracy"][0, rates.index(0.1)].tolist() == pytest.approx([0.9, 0.89], rel=1e-6)


def test_again_measures_every_cell_at_its_own_rate(here):
    found = results.again("again", [{"curve": "안쪽"}, {"curve": "위로"}], [0.1, 10.0], range(5, 8), measured)
    assert found["accuracy"].shape == (2, 3)
    assert found["accuracy"].ravel().tolist() == pytest.approx(2 * [0.85, 0.84, 0.83], rel=1e-6)


def never(learning_rate, seed):
    """어디에서도 배우지 못하고, 시드 하나는 0.3부터, 둘 다 30부터 발산하는 망."""
    return {"validation": np.nan if learning_rate >= (0.3 if seed else 30) else 0.1}


def test_search_gives_up_two_decades_below(here):
    """배우지 못한 칸은 모두 발산할 때까지 위로, 처음 잰 것의 아래로 두 자릿수까지 봅니다."""
    rates, _ = results.search("never", [{}], [0.03, 0.1], range(2), never)
    assert (rates[0], rates[-1]) == (3e-4, 30.0)


def test_search_counts_below_the_lowest_divergence(here):
    """발산한 시드가 있는 학습률과 그 위는, 배우지 못하는 것을 확인한 것으로 치지 않습니다."""
    rates, _ = results.search("never", [{}], [1.0, 3.0], range(2), never)
    assert rates[0] == 3e-3


def test_saved_results_are_whole_and_clear_the_unfinished(unfinished, tmp_path, monkeypatch):
    (unfinished / f"square-{'0' * 16}").mkdir(parents=True)
    (unfinished / f"square-root-{'0' * 16}").mkdir()
    results.save("square", {"value": np.arange(3)}, {"seeds": [0]})
    assert [folder.name for folder in unfinished.iterdir()] == [f"square-root-{'0' * 16}"]
    assert "numpy" in json.loads((tmp_path / "square.json").read_text(encoding="utf-8"))["versions"]

    monkeypatch.setattr(Path, "replace", lambda self, target: full(self))
    with pytest.raises(OSError, match="꽉"):
        results.save("square", {"value": np.arange(5)}, {})
    with np.load(tmp_path / "square.npz") as stored:
        assert stored["value"].tolist() == [0, 1, 2]


def test_saving_beside_another_that_clears_the_same_folder(unfinished, monkeypatch):
    """둘이 함께 돌려 함께 끝나면, 지우던 것을 다른 쪽이 먼저 지우기도 합니다."""
    (unfinished / f"square-{'0' * 16}").mkdir(parents=True)
    (unfinished / f"square-{'0' * 16}" / "a.npz").touch()
    unlink = os.unlink

    def twice(path, **options):
        unlink(path, **options)
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", twice)
    results.save("square", {"value": np.arange(3)}, {})
    assert not list(unfinished.iterdir())


def test_search_measures_each_setting_once(here, monkeypatch):
    """넓힐 때마다 모두 다시 읽으면 오래 걸리고, 함께 돌리던 쪽이 먼저 끝나 지운 것을 다시 돕니다."""
    asked = []

    def counted(name, settings, run):
        asked.extend((each["learning_rate"], each["seed"]) for each in settings)
        return [run(**each) for each in settings]

    monkeypatch.setattr(results, "sweep", counted)
    results.search("never", [{}], [1.0, 3.0], range(2), never)
    assert len(asked) == len(set(asked)) > 4


def full(path):
    raise OSError(errno.ENOSPC, "No space left on device", str(path))
