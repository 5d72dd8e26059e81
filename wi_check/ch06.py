"""6장 연습: 손실의 바닥, 공정한 비교, 승부의 판정, 손실 곡선 읽기."""

from dataclasses import replace
from functools import cache
from itertools import permutations

import numpy as np

import wi_lib
from wi_lib import datasets, initializers
from wi_lib.training import smooth

from .answers import array, call, choice, close, integer, number, passed, require

DEEP = [64, 30, 30, 30, 30, 10]  # 4번의 그림에 쓰는 망
RUNS, WINDOW = 3, 30
CHOICES = {
    "표준편차 0.01": initializers.normal(0.01),
    "LeCun": initializers.lecun_normal(),
    "He": initializers.he_normal(),
}
# 3번에서 경우마다, 판정이 틀렸을 때의 까닭.
MISJUDGED = (
    "두 쪽의 폭이 떨어져 있는데 이긴 쪽을 고르지 못합니다.",
    "검증 정확도와 시험 정확도를 쓰는 곳이 틀립니다. 무엇으로 고르고 무엇으로 판정하는지 보십시오.",
    "가장 좋은 학습률이 서로 다르면 판정이 틀립니다. 학습률은 초깃값마다 따로 고릅니다.",
    "시드의 폭이 겹치는데 승부를 줍니다. 평균의 차이만으로는 이겼다고 할 수 없습니다.",
    "발산한 시드가 있는 학습률을 다루는 곳이 틀립니다. NaN을 어떻게 세는지 보십시오.",
    "운 좋은 시드 하나 때문에 학습률을 잘못 고릅니다. 무엇이 가장 높은 학습률을 고르는지 보십시오.",
    "한쪽이 모든 학습률에서 시드 하나씩 발산했을 때의 판정이 틀립니다.",
    "둘 다 고를 학습률이 없을 때의 판정이 틀립니다.",
)
# 자료를 여러 번 읽지 않습니다.
_digits = cache(datasets.load_digits)


def floor(answer, *, seed):
    """1번. 레이블에서 손실의 바닥을 얻는 함수. 나오지 않는 클래스가 있는 자료로도 봅니다."""
    rng = np.random.default_rng(seed)
    for classes, missing in ((3, 0), (8, 2), (int(rng.integers(10, 14)), 0), (12, 5)):
        share = rng.dirichlet(np.full(classes, 2.0)) + 0.02
        # 가장 큰 번호는 남기고 중간의 클래스만 없앱니다.
        share[rng.choice(classes - 1, missing, replace=False)] = 0
        labels = rng.permutation(np.repeat(np.arange(classes), np.round(400 * share).astype(int)))
        got = number("floor(labels)", call(answer, labels))
        want, p = _floor(labels), np.bincount(labels) / len(labels)
        used = p[p > 0]
        mistakes = [
            (-want, "부호가 뒤집혔습니다."),
            (want / np.log(2), "밑이 2인 로그입니다. 이 책의 단위는 nat입니다."),
            (np.log(classes), "클래스가 고르게 나올 때의 값입니다. 레이블에서 클래스마다의 비율을 세십시오."),
            (np.log(len(used)), "클래스가 고르게 나올 때의 값입니다. 레이블에서 클래스마다의 비율을 세십시오."),
            (want / len(used), "클래스의 수로 한 번 더 나누었습니다. 비율이 이미 평균의 무게입니다."),
            (want / classes, "클래스의 수로 한 번 더 나누었습니다. 비율이 이미 평균의 무게입니다."),
            (1 - p.max(), "틀리는 비율입니다. 묻는 것은 손실(교차 엔트로피)입니다."),
            (-np.log(p.max()), "가장 흔한 클래스의 손실만 세었습니다. 나머지 클래스의 그림도 손실을 냅니다."),
        ]
        close("floor(labels)", got, want, mistakes, relative=1e-3)
    passed("1번")


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
    """2번. 추첨과 배치가 같은 비교 compare(choices, data, seeds, settings)."""
    rng = np.random.default_rng(seed)
    one, two = (int(s) for s in rng.choice(100_000, 2, replace=False))
    data, he = _digits(), initializers.he_normal()
    settings = {"learning_rate": round(rng.uniform(0.05, 0.2), 2), "batch_size": 16}
    settings["iterations"] = int(rng.integers(12, 20))
    # 그림이 한 장뿐인 자료에서는 배치의 운이 없습니다.
    row = rng.integers(len(data.x_train), size=1)
    single = replace(data, x_train=data.x_train[row], y_train=data.y_train[row])
    draws = _losses(answer, {"가": he, "나": _fixed, "다": he}, single, [one, two], settings)
    _check_training(draws["나"], single, sizes, settings)
    require(
        np.array_equal(draws["가"], draws["다"]),
        "같은 시드인데 초깃값마다 추첨이 다릅니다. 같은 초기화 함수를 두 이름으로 주었는데도 시작이 다릅니다.",
    )
    require(not np.allclose(draws["가"][0], draws["가"][1]), "시드가 달라도 추첨이 같습니다.")
    batches = _losses(answer, {"가": _fixed, "나": _fixed, "다": _hungry}, data, [one, two], settings)
    require(np.array_equal(batches["가"], batches["나"]), "같은 시드인데 초깃값마다 보는 배치가 다릅니다.")
    require(
        np.array_equal(batches["가"], batches["다"]),
        "초기화 함수가 난수를 더 쓰면 배치가 달라집니다. 추첨의 난수와 배치의 난수가 섞여 있습니다.",
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
    require(same, "`compare`는 choices와 이름이 같은 사전을 돌려주어야 합니다.")
    shape = (len(seeds), settings["iterations"])
    return {name: array(f"compare의 결과[{name!r}]", np.asarray(got[name]), shape) for name in choices}


def _check_training(got, data, sizes, settings):
    """배치의 운이 없는 자료와 정해진 초깃값에서는 손실이 하나로 정해집니다."""
    net = wi_lib.MLP(sizes, "relu", _fixed, rng=np.random.default_rng(0))
    want = wi_lib.train(net, data, rng=np.random.default_rng(0), **settings).loss
    right = np.allclose(got, want, rtol=0.02, atol=1e-3)
    require(right, "손실이 기대와 다릅니다. SIZES의 ReLU 망을 settings 그대로 학습시키는지 보십시오.")


def winner(answer, *, seed):
    """3번. 승부의 판정 winner(a, b). 경우마다 a와 b를 바꾸어서도 봅니다."""
    rng = np.random.default_rng(seed)
    other = {"a": "b", "b": "a", "모름": "모름"}
    for a, b, want, reason in _cases(rng):
        for first, second, right in ((a, b, want), (b, a, other[want])):
            # 두 쪽의 학습률은 같은 차례로, 시드는 저마다 섞습니다.
            rows = rng.permutation(first.shape[1])
            first, second = (rng.permutation(values[:, rows], axis=2) for values in (first, second))
            got = choice("winner의 결과", call(answer, first, second), ["a", "b", "모름"])
            require(got == right, reason)
    passed("3번")


def _runs(rng, *middles, test=None):
    """학습률마다 검증 정확도는 middles, 시험 정확도는 test(없으면 middles)가 가운데인 배열. 시드의 폭은 ±0.01입니다."""
    width = np.linspace(-0.01, 0.01, int(rng.integers(3, 7)))
    return np.array(
        [
            [rng.permutation(width) + middle + rng.uniform(-0.001, 0.001) for middle in part]
            for part in (middles, test or middles)
        ]
    )


def _diverged(rng, high):
    """학습률마다 시드 하나가 발산한 배열."""
    values = _runs(rng, *[high] * 5)
    values[:, np.arange(5), rng.integers(values.shape[2], size=5)] = np.nan
    return values


def _cases(rng):
    """(a, b, 판정, 틀렸을 때의 까닭)의 목록. 학습률은 다섯이고 시드의 수는 저마다 다릅니다."""
    high = float(rng.uniform(0.85, 0.95))
    broken = _runs(rng, 0.3, high - 0.08, high + 0.03, 0.2, 0.1)
    broken[:, 2, 0] = np.nan
    lucky = _runs(rng, 0.3, high, 0.5, 0.2, 0.1)
    lucky[0, 2, 0] = high + 0.04
    fitted = _runs(rng, 0.3, high, high - 0.05, 0.2, 0.1, test=(0.3, high - 0.05, high + 0.03, 0.2, 0.1))
    pairs = [
        (_runs(rng, 0.3, high, 0.5, 0.2, 0.1), _runs(rng, 0.2, high - 0.04, 0.5, 0.3, 0.1), "a"),
        (fitted, _runs(rng, 0.2, high - 0.01, 0.5, 0.3, 0.1), "b"),
        (_runs(rng, 0.3, high - 0.03, 0.8, 0.2, 0.1), _runs(rng, 0.2, high - 0.06, 0.4, 0.3, high), "b"),
        (_runs(rng, 0.3, high, 0.5, 0.2, 0.1), _runs(rng, 0.2, 0.5, high - 0.012, 0.3, 0.1), "모름"),
        (broken, _runs(rng, 0.2, 0.5, high, 0.3, 0.1), "b"),
        (lucky, _runs(rng, 0.2, high - 0.04, 0.5, 0.3, 0.1), "a"),
        (_diverged(rng, high), _runs(rng, 0.1, 0.12, 0.1, 0.1, 0.1), "b"),
        (_diverged(rng, high), np.full((2, 5, 3), np.nan), "모름"),
    ]
    return [(*pair, reason) for pair, reason in zip(pairs, MISJUDGED, strict=True)]


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
        require(abs(he_step - fall["LeCun"]) > 25, "he_step이 LeCun의 곡선에서 읽은 값입니다.")
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
