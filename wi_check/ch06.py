"""6장 연습: 첫 걸음의 크기, 공정한 비교, 승부의 판정, 손실 곡선 읽기."""

from dataclasses import replace
from functools import cache
from itertools import permutations

import numpy as np

import wi_lib
from wi_lib import datasets, initializers
from wi_lib.signals import rms
from wi_lib.training import smooth

from .answers import array, call, choice, close, integer, number, passed, require
from .duels import cases
from .trials import judge

DEEP = [64, 30, 30, 30, 30, 10]  # 4번의 그림에 쓰는 망
RUNS, WINDOW = 3, 30
CHOICES = {
    "표준편차 0.01": initializers.normal(0.01),
    "LeCun": initializers.lecun_normal(),
    "He": initializers.he_normal(),
}
# 자료를 여러 번 읽지 않습니다.
_digits = cache(datasets.load_digits)


def first_move(answer, *, sizes, seed):
    """1번. 첫 걸음에 층마다 가중치가 자기 크기의 몇 배만큼 움직이는지 재는 함수."""
    rng, trials = np.random.default_rng(seed), []
    data = _digits()
    for init, batch in (("he_normal", 40), (initializers.normal(0.05), 100)):
        net = wi_lib.MLP(sizes, "relu", init, rng=rng, dtype=np.float64)
        for bias in net.biases:
            bias += rng.normal(0, 0.1, bias.shape)
        rows, rate = rng.integers(len(data.x_train), size=batch), float(rng.uniform(0.02, 0.5))
        x, labels = data.x_train[rows].astype(float), data.y_train[rows]
        before = [parameter.copy() for parameter in net.parameters]
        got = call(answer, net, x, labels, rate)
        kept = all(np.array_equal(one, other) for one, other in zip(before, net.parameters))
        require(kept, "`first_move`가 망의 파라미터를 고쳐 버립니다. 걸음을 실제로 걷지는 마십시오.")
        listed = isinstance(got, (list, tuple, np.ndarray)) and np.ndim(got) == 1
        require(listed, "`first_move`는 층마다 수 하나씩을 목록이나 배열에 담아 돌려주어야 합니다.")
        trials.append(_moved(array("first_move의 결과", np.asarray(got), (len(net.weights),)), net, x, labels, rate))
    judge("first_move의 결과", trials, relative=1e-3)
    passed("1번")


def _moved(got, net, x, labels, rate):
    """first_move의 시험 하나: (답의 값, 기대하는 값, 흔한 실수의 목록)."""
    gradients = net.gradients(x, labels)
    steps, biases = ([rate * rms(g) for g in part] for part in (gradients.weights, gradients.biases))
    own = np.array([rms(W) for W in net.weights])
    want, squared = steps / own, "RMS의 비가 아니라 제곱 평균의 비입니다."
    centered = [rate * g.std() / W.std() for g, W in zip(gradients.weights, net.weights)]
    mean = [np.abs(g).mean() * rate / np.abs(W).mean() for g, W in zip(gradients.weights, net.weights)]
    return (
        got,
        want,
        [
            (want / rate, "학습률을 곱하지 않았습니다. 움직이는 것은 기울기가 아니라 학습률을 곱한 만큼입니다."),
            (1 / want, "거꾸로입니다. 움직인 크기를 가중치의 크기로 나누십시오."),
            (steps, "가중치의 크기로 나누지 않았습니다."),
            (want[::-1], "층의 차례가 거꾸로입니다. 첫 층부터 적으십시오."),
            (want**2, squared),
            (want**2 / rate, squared),
            (centered, "평균을 빼고 쟀습니다. RMS는 값을 그대로 제곱합니다."),
            (want / len(x), "배치의 크기로 한 번 더 나누었습니다. 손실은 이미 배치의 평균입니다."),
            (want * len(x), "배치에서 더한 기울기입니다. 손실은 배치의 평균입니다."),
            (mean, "RMS가 아니라 절댓값의 평균으로 쟀습니다."),
            (biases / own, "가중치가 아니라 편향의 기울기를 썼습니다."),
        ],
    )


def _floor(labels):
    """입력을 보지 않고 출력 편향만 레이블의 비율에 맞춘 망의 손실."""
    classes, indices, counts = np.unique(labels, return_inverse=True, return_counts=True)
    net = wi_lib.MLP([1, len(classes)], initializer="zeros", rng=np.random.default_rng(0), dtype=np.float64)
    net.biases[0][:] = np.log(counts / len(labels))
    return net.loss(np.zeros((len(labels), 1)), indices)


def _fixed(shape, *, rng):
    """rng를 쓰지 않는 초기화: 배치의 운만 남습니다."""
    return initializers.he_normal()(shape, rng=np.random.default_rng(shape))


def _hungry(shape, *, rng):
    """결과는 `_fixed`와 같지만 난수를 더 써 버리는 초기화."""
    rng.random(7)
    return _fixed(shape, rng=rng)


def compare(answer, *, sizes, seed):
    """2번. 난수 표본과 배치가 같은 비교 compare(choices, data, seeds, settings)."""
    rng = np.random.default_rng(seed)
    # 큰 시드를 앞에 두어, 시드를 차례대로 늘어놓은 답을 가립니다.
    two, one = sorted(int(s) for s in rng.choice(100_000, 2, replace=False))
    data, he = _digits(), initializers.he_normal()
    settings = {"learning_rate": round(rng.uniform(0.05, 0.2), 2), "batch_size": 16}
    settings["iterations"] = int(rng.integers(12, 20))
    # 그림이 한 장뿐인 자료에서는 배치의 운이 없습니다.
    row = rng.integers(len(data.x_train), size=1)
    single = replace(data, x_train=data.x_train[row], y_train=data.y_train[row])
    draws = _losses(answer, {"가": he, "나": _fixed, "다": he}, single, [one, two], settings)
    _check_training(draws["나"], single, sizes, settings)
    _check_batch_size(answer, data, sizes, [one, two], settings)
    require(
        np.array_equal(draws["가"], draws["다"]),
        "같은 시드인데 초깃값마다 난수가 다릅니다. 같은 초기화 함수를 두 이름으로 주었는데도 처음 가중치가 다릅니다.",
    )
    require(not np.allclose(draws["가"][0], draws["가"][1]), "시드가 달라도 난수가 같습니다.")
    batches = _losses(answer, {"가": _fixed, "나": _fixed, "다": _hungry}, data, [one, two], settings)
    require(np.array_equal(batches["가"], batches["나"]), "같은 시드인데 초깃값마다 보는 배치가 다릅니다.")
    require(
        np.array_equal(batches["가"], batches["다"]),
        "초기화 함수가 난수를 더 쓰면 배치가 달라집니다. 초깃값의 난수와 배치의 난수가 섞여 있습니다.",
    )
    require(not np.allclose(batches["가"][0], batches["가"][1]), "시드가 달라도 배치가 같습니다.")
    both = _losses(answer, {"가": he, "나": _fixed}, data, [one, two], settings)
    alone = _losses(answer, {"가": he}, data, [two], settings)
    require(
        np.array_equal(both["가"][1], alone["가"][0]),
        "한 시드의 손실이 함께 준 다른 시드나 초깃값에 따라 달라집니다. 시드의 값만으로 정해져야 합니다.",
    )
    passed("2번")


def _losses(answer, choices, data, seeds, settings):
    """compare를 불러 이름마다 (시드 수, 걸음 수) 배열을 얻습니다."""
    got = call(answer, dict(choices), data, list(seeds), dict(settings))
    same = isinstance(got, dict) and set(got) == set(choices)
    require(same, "`compare`는 choices와 키가 같은 사전을 돌려주어야 합니다.")
    shape = (len(seeds), settings["iterations"])
    return {name: array(f"compare의 결과[{name!r}]", np.asarray(got[name]), shape) for name in choices}


def _check_training(got, data, sizes, settings):
    """배치의 운이 없는 자료와 정해진 초깃값에서는 손실이 하나로 정해집니다."""
    net = wi_lib.MLP(sizes, "relu", _fixed, rng=np.random.default_rng(0))
    want = wi_lib.train(net, data, rng=np.random.default_rng(0), **settings).loss
    right = np.allclose(got, want, rtol=0.02, atol=1e-3)
    require(right, "손실이 기대와 다릅니다. SIZES의 ReLU 망을 settings 그대로 학습시키는지 보십시오.")


def _check_batch_size(answer, data, sizes, seeds, settings):
    """그림이 두 장이고 배치가 한 장이면, 첫 손실은 두 장 가운데 하나의 손실입니다."""
    rows = [0, int(np.argmax(data.y_train != data.y_train[0]))]
    pair = replace(data, x_train=data.x_train[rows], y_train=data.y_train[rows])
    first = _losses(answer, {"나": _fixed}, pair, seeds, settings | {"batch_size": 1})["나"][:, 0]
    net = wi_lib.MLP(sizes, "relu", _fixed, rng=np.random.default_rng(0))
    each = [net.loss(pair.x_train[[i]], pair.y_train[[i]]) for i in (0, 1)]
    off = np.abs(first[:, None] - each).min(axis=1)
    require(off.max() < 1e-3, "배치의 크기가 settings와 다릅니다. settings를 그대로 넘기는지 보십시오.")


def winner(answer, *, seed):
    """3번. 승부의 판정 winner(a, b). 경우마다 a와 b를 바꾸어서도 봅니다."""
    rng = np.random.default_rng(seed)
    other = {"a": "b", "b": "a", "모름": "모름"}
    for a, b, want, reason in cases(rng):
        for first, second, right in ((a, b, want), (b, a, other[want])):
            # 두 쪽의 학습률은 같은 차례로, 시드는 저마다 섞습니다.
            rows = rng.permutation(first.shape[1])
            first, second = (rng.permutation(values[:, rows], axis=2) for values in (first, second))
            got = choice("winner의 결과", call(answer, first, second), ["a", "b", "모름"])
            require(got == right, reason)
    passed("3번")


def uneven(*, common, every):
    """4번의 자료: 숫자 common은 모두, 나머지는 every장에 한 장꼴로 남긴 손글씨 숫자."""
    digits = _digits()
    keep = (digits.y_train == common) | (np.arange(len(digits.y_train)) % every == 0)
    return replace(digits, x_train=digits.x_train[keep], y_train=digits.y_train[keep])


def nameless(*, common, every, order, seed):
    """4번의 그림: 이름을 가린 세 초깃값의 손실. {"가": (시드 셋, 걸음 수) 배열, …}."""
    losses = _trained(common, every, seed)
    return {label: losses[name].copy() for label, name in zip("가나다", _hidden_names(order))}


def _hidden_names(order):
    """ "가", "나", "다"에 숨은 초깃값."""
    return list(permutations(CHOICES))[order]


@cache
def _trained(common, every, seed):
    """그림과 확인이 함께 쓰는 학습. {초깃값: (시드 셋, 걸음 수) 배열}."""
    data, losses = uneven(common=common, every=every), {name: [] for name in CHOICES}
    for run in range(RUNS):
        draws = [np.random.default_rng([seed, run, 0]) for _ in CHOICES]
        nets = {name: wi_lib.MLP(DEEP, "relu", CHOICES[name], rng=rng) for name, rng in zip(CHOICES, draws)}
        settings = {"learning_rate": 0.05, "batch_size": 32, "iterations": 500}
        for name, history in wi_lib.train_together(
            nets, data, rng=np.random.default_rng([seed, run, 1]), **settings
        ).items():
            losses[name].append(history.loss)
    return {name: np.array(runs) for name, runs in losses.items()}


def reading(stuck, he, plateau, he_step, *, level, common, every, order, seed):
    """4번. 그림 읽기: 멈춘 망과 He의 이름, 멈춘 손실, He가 level 아래로 내려가는 걸음."""
    stuck, he = (choice(name, value, list("가나다")) for name, value in (("stuck", stuck), ("he", he)))
    plateau, he_step = number("plateau", plateau), integer("he_step", he_step)
    labels = dict(zip(_hidden_names(order), "가나다"))
    require(
        stuck == labels["표준편차 0.01"], "stuck이 다릅니다. 표준편차 0.01의 첫 층이 움직일 수 있는지 생각해 보십시오."
    )
    require(he == labels["He"], "he가 다릅니다. 같은 학습률에서 신호가 큰 망의 걸음이 어떤지 생각해 보십시오.")
    want = _floor(uneven(common=common, every=every).y_train)
    mistakes = [
        (np.log(10), "점선의 높이입니다. 곡선은 그 아래에 머뭅니다."),
        (want / np.log(2), "밑이 2인 로그로 계산했습니다."),
    ]
    close("plateau", plateau, want, mistakes, relative=0, absolute=0.06)
    fall = _fall(common, every, seed, level)
    if abs(he_step - fall["He"]) > 25:
        lecun = fall.get("LeCun", np.inf)  # 끝까지 내려가지 않는 판도 있습니다.
        require(abs(he_step - lecun) > 25, "he_step은 LeCun의 곡선에서 읽은 값입니다.")
    require(
        abs(he_step - fall["He"]) <= 25, "he_step이 그림과 다릅니다. LEVEL의 높이에서 he의 선까지 옆으로 가 보십시오."
    )
    passed("4번")


def _fall(common, every, seed, level):
    """초깃값마다, 그림의 선이 level 아래로 처음 내려가는 걸음."""
    lines = {
        name: np.mean([smooth(run, WINDOW) for run in runs], axis=0)
        for name, runs in _trained(common, every, seed).items()
    }
    return {name: int(np.argmax(line < level)) for name, line in lines.items() if (line < level).any()}
