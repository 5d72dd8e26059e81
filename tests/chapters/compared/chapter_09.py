"""9장의 미세 조정과 전이. 한 시드의 망은 같은 레이블과 같은 배치를 봅니다. 고른 학습률에서 발산한 시드는 없습니다."""

import functools

import numpy as np

from tests.chapters.compared import Comparison, each, stored
from tests.chapters.test_chapter_09 import BARS, kl, split
from wi_lib.pretraining import RBM, train_rbm

RESULTS = stored("pretraining")[0]
DBN, SHUFFLED, SCALED, XAVIER, HE = range(5)
SGD, ADAM = range(2)
ACCURACY = RESULTS["labels_accuracy"]
MOVED = RESULTS["transfer_accuracy"][0] - RESULTS["transfer_accuracy"][1]
# 잰 것마다 (시작, 시드, 은닉층).
_, _, _, DELTA, _, LOSS, PROBE = RESULTS["signals"].transpose(2, 0, 1, 3)
RATIO = DELTA[..., 0] / DELTA[..., 1]


def gain(other, labels, optimizer, start=DBN):
    return ACCURACY[start, labels, optimizer] - ACCURACY[other, labels, optimizer]


SOME, MANY = 1, 2
REST = [(i, o) for o in (SGD, ADAM) for i in range(5) if not (o == ADAM and i == XAVIER)]
BEST_OF_100 = [ACCURACY[DBN, 0, SGD] - ACCURACY[i, 0, o] for i, o in REST if (i, o) != (DBN, SGD)]
BEST_OF_5000 = [ACCURACY[HE, 2, ADAM] - ACCURACY[i, 2, o] for i, o in REST if (i, o) != (HE, ADAM)]
CHANGE = gain(HE, 0, SGD) - gain(HE, 0, ADAM)


@functools.cache
def stripes(k):
    """CD-k로 줄무늬를 배운 RBM 다섯의 (KL, 밖으로 샌 몫, 고르지 않은 몫, 재구성 오차). 페이지의 셀과 같습니다."""
    found = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        rbm = RBM(9, 8, rng=rng, dtype=np.float64)
        for _ in range(15):
            train_rbm(rbm, BARS, learning_rate=0.2, batch_size=14, iterations=200, rng=rng, steps=k)
        found.append([kl(rbm), *split(rbm), rbm.reconstruction_error(BARS)])
    return np.transpose(found)


def one_over_five():
    """CD-1에서 CD-5를 뺀 것."""
    return stripes(1) - stripes(5)


COMPARISONS = [
    Comparison("같은 시드끼리 빼면 CD-1이 0.3 ± 0.1 nat 높습니다", lambda: one_over_five()[0]),
    Comparison("나아진 크기가 크게 다릅니다", lambda: one_over_five()[2] - one_over_five()[1]),
    Comparison("시드 다섯으로는 어느 쪽이 작은지 가를 수 없는데", lambda: one_over_five()[3], "unclear"),
    *each("둘 다 못 미친다. 줄인 쪽이 섞은 쪽보다 낫다.", [gain(i, 0, SGD) for i in (SCALED, SHUFFLED)]),
    Comparison("SGD에서는 방향을 남긴 쪽이 3.4 %p 높습니다.", gain(SHUFFLED, 0, SGD, SCALED)),
    Comparison("비슷하다. 3 %p 넘게 바뀌지 않는다.", CHANGE, "alike", 0.03),
    Comparison("5.6 %p가 되고, 둘은 가를 수 없습니다.", CHANGE, "unclear"),
    Comparison("He(ReLU)보다 6.4 ± 1.1 %p", gain(HE, 0, SGD)),
    Comparison("Xavier(sigmoid)보다 9.0 ± 1.1 %p 높습니다.", gain(XAVIER, 0, SGD)),
    *each("1.2 ± 0.5 %p와 2.4 ± 0.5 %p로 줄고", [gain(i, 0, SGD) - gain(i, 1, SGD) for i in (HE, XAVIER)]),
    Comparison("5,000개에서는 He와의 차이의 구간이 0을 품고", gain(HE, 2, SGD), "unclear"),
    Comparison("0.5 %p 안에 들어 비긴 것으로 읽어야 합니다.", gain(HE, 2, SGD), "alike", 0.005),
    Comparison("DBN보다 6.6 ± 1.8 %p 낮습니다.", gain(SHUFFLED, 0, SGD)),
    Comparison("Xavier보다 나은 것이 2.5 ± 1.4 %p밖에", gain(XAVIER, 0, SGD, SHUFFLED)),
    Comparison("DBN보다 3.2 ± 1.1 %p 낮고", gain(SCALED, 0, SGD)),
    Comparison("섞은 DBN보다 3.4 ± 1.6 %p 높습니다.", gain(SHUFFLED, 0, SGD, SCALED)),
    Comparison("5,000개에서는 줄인 DBN과 DBN을 가를 수 없습니다.", gain(SCALED, 2, SGD), "unclear"),
    Comparison("DBN이 He보다 5.6 ± 1.8 %p 높은 것은 SGD와 비슷합니다.", gain(HE, 0, ADAM)),
    Comparison("1,000개에서는 둘을 가를 수 없고", gain(HE, 1, ADAM), "unclear"),
    Comparison("5,000개에서는 거꾸로 He가 0.6 %p 높습니다.", gain(DBN, 2, ADAM, HE)),
    Comparison("섞은 DBN의 74.3 %와 가를 수 없습니다.", gain(SHUFFLED, 0, ADAM, SCALED), "unclear"),
    Comparison(
        "SGD에서 절반쯤 남았던 방향의 이득이 Adam에서는 남지 않았습니다.",
        gain(SHUFFLED, 0, SGD, SCALED) - gain(SHUFFLED, 0, ADAM, SCALED),
    ),
    *each("두 최적화기를 통틀어 가장 높은 것은 100개에서는 SGD로 미세 조정한 DBN(80.1 %)", BEST_OF_100),
    *each("5,000개에서는 Adam으로 배운 He(95.6 %)입니다.", BEST_OF_5000),
    Comparison("DBN 0.23배, Xavier 0.24배로 거의 같습니다.", RATIO[XAVIER] - RATIO[DBN], "alike", 0.01),
    *each("손실로 재면 두 층 모두 DBN이 Xavier보다 작고", (LOSS[XAVIER] - LOSS[DBN]).T),
    Comparison("섞은 DBN의 1층은 DBN의 세 배가 넘습니다.", LOSS[SHUFFLED, :, 0] - 3 * LOSS[DBN, :, 0]),
    *each("Xavier의 83 %와 83 %에서 2 %p 안입니다.", (PROBE[SHUFFLED] - PROBE[XAVIER]).T, "alike", 0.02),
    *each("레이블 없는 그림에서 찾은 것은 신호의 크기가 아니라", (PROBE[DBN] - PROBE[SHUFFLED]).T, by=0.04),
    *each("200걸음에서 2.0 ± 1.1 %p, 2,000걸음에서도 2.4 ± 1.7 %p 높습니다.", MOVED[0, :, SGD]),
    *each("5,000개에서는 200걸음에도 2,000걸음에도 가를 수 없습니다.", MOVED[SOME, :, SGD], "unclear"),
    Comparison("24,000개를 2,000걸음 배우면 0.3 ± 0.2 %p입니다", MOVED[MANY, 1, SGD]),
    *each("구간이 0을 품어 이득이라고 말할 수 없습니다.", MOVED[0, :, ADAM], "unclear"),
    *each("200걸음에 0.7 ± 0.2 %p, 2,000걸음에도 1.0 ± 0.3 %p 높습니다.", MOVED[MANY, :, ADAM]),
    Comparison("24,000개의 이득은 같은 시드의 SGD보다 0.7 ± 0.2 %p", MOVED[MANY, 1, ADAM] - MOVED[MANY, 1, SGD]),
    Comparison(
        "50개의 이득은 어느 최적화기에서 더 큰지 가를 수 없습니다", MOVED[0, 1, SGD] - MOVED[0, 1, ADAM], "unclear"
    ),
    *each("5,000개에서는 두 최적화기 모두 가를 수 없습니다.", MOVED[SOME, 1], "unclear"),
    Comparison(
        "가중치를 섞으면 SGD에서는 이득의 절반 넘게 사라집니다.", gain(SHUFFLED, 0, SGD) - gain(XAVIER, 0, SGD) / 2
    ),
]
