"""13장의 견주는 문장."""

import functools

import numpy as np

from tests.chapters import test_chapter_13 as measured
from tests.chapters.compared import Comparison, stored
from tests.chapters.later import Later
from wi_lib import at_best_rate, initializers, layers, linear_probe, train

ARRAYS, ABOUT = stored("normalization")
SEEDS = range(5)
# 교재의 그림: {정규화: (표준편차, 시드)}. 발산한 것은 장처럼 찍는 것(0.1)으로 셉니다.
BOOK = dict(zip(ABOUT["book"]["norm"], np.nan_to_num(ARRAYS["book_curve"][..., -1], nan=0.1)))


def trained(part):
    """칸마다 고른 학습률의 시험 정확도: (칸, 시드)."""
    return at_best_rate(ARRAYS[f"{part}_validation"], ARRAYS[f"{part}_accuracy"])[1]


def learned(norm):
    """시드마다, 학습 정확도가 80 %를 넘는 표준편차의 수."""
    return (BOOK[norm] > 0.8).sum(axis=0)


NONE, BATCH, LAYER = range(3)
FIVE = {name: trained(f"{name}_five").reshape(3, 4, -1) for name in ("sgd", "adam")}
DEEP = {name: trained(f"{name}_deep") for name in ("sgd", "adam")}
*PLAIN, TANH = trained("sgd_deeper")
PLAIN_ADAM = trained("adam_deeper")


def without_epsilon(rate):
    """ε을 없애고 표준편차 0.0001에서 시작한 망의 학습 정확도. 장과 다른 시드마다."""
    digits, found = measured.DIGITS, []
    for seed in range(11, 16):
        net = measured.net(layers.BatchNorm(1e-24), seed, init=initializers.normal(0.0001))
        rng = np.random.default_rng(seed)
        train(net, digits, learning_rate=rate, batch_size=100, iterations=191, rng=rng)
        found.append(net.accuracy(digits.x_train, digits.y_train))
    return np.array(found)


@functools.cache
def read(norm, activation):
    """학습하지 않은 20층에서 읽은 손글씨 숫자의 정확도, 시드마다."""
    digits, found = measured.DIGITS, []
    images, n = np.vstack([digits.x_train, digits.x_test]), len(digits.x_train)
    for seed in SEEDS:
        a = measured.net(norm, seed, 20, activation=activation, output=False).forward(images, training=True)
        found.append(linear_probe(a[:n], digits.y_train, a[n:], digits.y_test))
    return np.array(found)


def apart(batch):
    """배치의 통계로 잰 시험 정확도에서 이동 평균으로 잰 것을 뺀 차이, 시드마다."""
    digits, found = measured.DIGITS, []
    for seed in SEEDS:
        net, rng = measured.net("batch", seed), np.random.default_rng(seed)
        alone = train(net, digits, learning_rate=0.03, batch_size=batch, iterations=300, rng=rng).test_accuracy
        company = net.forward(digits.x_test, training=True).argmax(axis=1)
        found.append(np.mean(company == digits.y_test) - alone)
    return np.array(found)


def off_the_law(batch):
    """잰 배율이 식의 몇 배인지에서 1을 뺀 것, 시드마다."""
    law = np.sqrt(np.pi / (np.pi - 1) * (batch - 2) / (batch - 3))
    return np.array([measured.growth("batch", "relu", seed, batch=batch)[0] / law - 1 for seed in SEEDS])


@functools.cache
def with_noise(norm):
    """모두 같은 값에 작은 난수를 얹은 망을 SGD로 학습시킨 정확도, 시드마다."""
    return np.array([measured.nearly_alike(norm, 0.001, seed)[0] for seed in SEEDS])


COMPARISONS = [
    Comparison("배우는 범위는 넓어졌지만 양쪽 끝은 42 %와 48 %에 그칩니다", learned("book") - learned("none"), by=5),
    *(
        Comparison(
            "가장 잘 배우는 곳도 He가 아니라 그 10분의 1인 0.014의 언저리이고", BOOK["book"][7] - BOOK["book"][i]
        )
        for i in (3, 4)
    ),
    Comparison("기본값 $10^{-5}$으로 바꾸면 0.0001은 14 %가 되고", BOOK["book"][-1] - BOOK["batch"][-1], by=0.2),
    Comparison("바꾸면 배우는 표준편차가 다섯으로 줍니다", learned("book") - learned("keras")),
    Comparison(
        "없어도 무너지고, **걸음을 줄이면 배웁니다.**",
        Later(lambda: without_epsilon(0.00003) - without_epsilon(0.01)),
    ),
    *(
        Comparison("표준편차 1이 SGD에서 조금 뒤지는(0.1보다 3.7 ± 1.0 %p) 까닭은", other - FIVE["sgd"][BATCH, 0])
        for other in FIVE["sgd"][BATCH, 1:]
    ),
    Comparison("층 정규화는 이만큼 넉넉하지 않습니다", FIVE["sgd"][BATCH, 0] - FIVE["sgd"][LAYER, 0], by=0.05),
    *(
        Comparison(
            "칸마다 고르면 배치 정규화에 남는 차이는 SGD에서 4 %p, Adam에서 1 %p쯤입니다",
            FIVE[name][BATCH, 1] - FIVE[name][BATCH, 0],
        )
        for name in ("sgd", "adam")
    ),
    *(
        Comparison("배치 8장부터 잰 것과 3 % 안에서 맞고", Later(functools.partial(off_the_law, batch)), "alike", 0.03)
        for batch in (8, 32, 512)
    ),
    Comparison(
        "정규화가 없는 He와 층 정규화는 그만큼 빨리 잃지 않습니다",
        Later(lambda: read("layer", "relu") - read("batch", "relu")),
        by=0.2,
    ),
    Comparison(
        "정규화가 없는 He와 층 정규화는 그만큼 빨리 잃지 않습니다",
        Later(lambda: read("none", "relu") - read("batch", "relu")),
        by=0.2,
    ),
    Comparison(
        "정규화가 없는 LeCun은 20층에서도 0.8을 읽는데, 층 정규화를 넣으면 0.5",
        Later(lambda: read("none", "tanh") - read("layer", "tanh")),
        by=0.1,
    ),
    Comparison(
        "층 정규화를 넣으면 0.5, 배치 정규화를 넣으면 0.4로 내려갑니다",
        Later(lambda: read("layer", "tanh") - read("batch", "tanh")),
    ),
    *(
        Comparison(
            "93 %로 비슷하고(차이의 구간이 모두 ±1.3 %p 안입니다)", DEEP["adam"][i] - DEEP["adam"][j], "alike", 0.013
        )
        for i, j in ((BATCH, NONE), (LAYER, NONE), (BATCH, LAYER))
    ),
    Comparison("SGD에서는 배치 정규화가 2.7 ± 1.8 %p 앞섭니다", DEEP["sgd"][BATCH] - DEEP["sgd"][NONE]),
    *(
        Comparison("한참 못 미칩니다. SGD에서도 차례로 27 %, 41 %, 56 %입니다", nets[i] - nets[BATCH], by=0.05)
        for nets in (PLAIN, PLAIN_ADAM)
        for i in (NONE, LAYER)
    ),
    *(
        Comparison("1.21배인 ReLU가 1.085배인 tanh보다 훨씬 못 배웠습니다", nets[-1] - nets[BATCH], by=0.4)
        for nets in ((*PLAIN, TANH), PLAIN_ADAM)
    ),
    Comparison("배율이 1인데도 SGD에서 tanh의 배치 정규화보다 낮습니다", TANH - PLAIN[NONE], by=0.3),
    *(
        Comparison("정규화가 없는 He보다 SGD에서도 Adam에서도 못 배웠습니다", nets[NONE] - nets[BATCH])
        for nets in (PLAIN, PLAIN_ADAM)
    ),
    *(
        Comparison("나머지는 0.1입니다", Later(lambda norm=norm: with_noise("layer") - with_noise(norm)), by=0.7)
        for norm in ("batch", "rms")
    ),
    *(
        Comparison("32장부터는 둘이 3 %p 안에서 나란합니다", Later(functools.partial(apart, batch)), "alike", 0.03)
        for batch in (32, 100)
    ),
]
