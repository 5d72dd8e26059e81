"""16장의 견주는 문장. 시험 손실(nat)은 작을수록 낫습니다."""

import numpy as np

from tests.chapters import test_chapter_16 as measured
from tests.chapters.compared import Comparison
from tests.chapters.later import Later
from wi_lib import signals


def gap(a, b):
    """a의 시험 손실에서 b의 것을 뺀 차이, 시드마다."""
    return measured.chosen(a)[1] - measured.chosen(b)[1]


def last_gradient(kind):
    """LeCun으로 시작한 12블록에서 마지막 행렬이 받는 기울기의 로그, 시드마다."""
    data, found = measured.constitution(), []
    for seed in range(5):
        net = measured.gpt(kind, d=32, depth=12, seed=seed)
        found.append(signals.rms(net.gradients(data.x_train[:64], data.y_train[:64]).weights[-1]))
    return np.log(found)


# 앞 자모 하나만 보는 것과 자모의 비율만 아는 것의 시험 손실은 test_entropies_of_the_text가 잽니다.
PAIRS, ALONE = 2.08, 3.44
COMPARISONS = [
    Comparison(
        "마지막 블록의 기울기는 사후 정규화가 사전 정규화의 세 배이고",
        Later(lambda: last_gradient("post") - last_gradient("pre")),
        by=np.log(2),
    ),
    *(
        Comparison("**옆길의 몫만 줄이면 250걸음에 배웁니다.**", gap("post_adam", better), by=1)
        for better in ("post_scaled_adam", "post_small_adam", "post_base_adam")
    ),
    Comparison("SGD에서도 0.02의 사후 정규화는 2.29까지 배웠습니다", gap("post_sgd", "post_small_sgd"), by=1),
    Comparison("2.29에서 2.13으로 0.158 ± 0.015 nat 낮아져", gap("post_small_adam", "post_small_warm"), by=0.1),
    Comparison("LeCun의 사전 정규화보다도 조금 낮고", gap("pre_adam", "post_small_warm")),
    Comparison("0.02의 사전 정규화와는 가르지 못합니다", gap("pre_small_adam", "post_small_warm"), "unclear"),
    Comparison("Adam에서는 가르지 못하고(0.008 ± 0.037 nat)", gap("small_adam", "lecun_adam"), "unclear"),
    Comparison("SGD에서는 LeCun이 0.023 ± 0.019 nat 낮습니다", gap("small_sgd", "lecun_sgd")),
    *(Comparison("두 최적화기에서 모두 0.02보다 나쁩니다", gap(f"tiny_{o}", f"small_{o}")) for o in ("sgd", "adam")),
    Comparison("**임베딩**이 작은 탓이 큽니다", gap("tiny_adam", "tiny_embedding_adam"), by=0.1),
    Comparison("2.10(2.04–2.24)로, 0.02와 가르지 못합니다", gap("tiny_embedding_adam", "small_adam"), "unclear"),
    Comparison("자모 하나만 보는 것(2.08)보다 훨씬 나쁩니다", measured.chosen("large_adam")[1] - PAIRS, by=0.3),
    Comparison("(3.44)보다 조금 나을 뿐입니다", ALONE - measured.chosen("large_sgd")[1]),
    Comparison("나눈 것(2.03)보다 0.161 ± 0.033 nat 나쁩니다", gap("undivided_adam", "lecun_adam"), by=0.1),
    Comparison("SGD에서도 0.075 ± 0.027 nat 나쁩니다", gap("undivided_sgd", "lecun_sgd")),
    Comparison("LeCun보다 0.061 ± 0.033 nat 나쁩니다", gap("unscaled_adam", "lecun_adam")),
    *(
        Comparison("SGD로는 LeCun이 조금 나으며, 0.002와 0.5에서는 나빠집니다", gap(f"{cell}_{o}", f"small_{o}"))
        for cell in ("tiny", "large")
        for o in ("sgd", "adam")
    ),
]
