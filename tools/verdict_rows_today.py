"""셋째 부(오늘날의 망)의 판정 모음의 표. 장을 더하면 여기에 표를 하나 더합니다."""

from tools.verdict_rows import DIGITS, Row, Table, pair

TABLES = [
    Table(
        "optimizers",
        "12장 · 기울기의 크기를 지운 Adam",
        "ch-optimizers",
        f"{DIGITS}, 너비 100, 배치 32장, 600걸음, 64비트 소수",
        "30층의 표준편차 0.01은 ε을 없애 기울기의 크기를 모두 지워도 배우지 못합니다. 모멘텀은 7장의 서른다섯 칸에서 "
        "SGD와 같은 열일곱 칸을 배웁니다.",
        [
            Row(f"{net}, ε = {epsilon}", None, ("fine_", (k, e)))
            for k, net in enumerate(
                ["ReLU 8층, 0.01", "ReLU 30층, 0.01", "ReLU 30층, LeCun", "ReLU 30층, He", "sigmoid 20층, 4 × Xavier"]
            )
            for e, epsilon in enumerate(["10⁻⁸", "10⁻¹⁵⁰"])
        ],
    ),
    Table(
        "optimizers",
        "12장 · 작은 초깃값과 가중치 감쇠",
        "ch-optimizers",
        "MNIST 1,000장, ReLU 784-100-100-10, 배치 50장, 2,000걸음, 감쇠 λ는 SGD 0.001과 0.01, Adam 0.1과 1",
        "He보다 작게 시작해 얻은 것은 없습니다. 감쇠는 크게 시작한 망을 고칩니다.",
        [
            Row(f"He의 {scale}배, 감쇠 {decay}", ("decay_sgd_", (i, j)), ("decay_adam_", (i, j)))
            for i, scale in enumerate(["0.1", "0.3", "1", "3"])
            for j, decay in enumerate(["없음", "약함", "강함"])
        ],
    ),
    Table(
        "normalization",
        "13장 · 정규화와 초깃값의 크기, 깊이",
        "ch-normalization",
        "MNIST, ReLU, 너비 100, 배치 100장, 500걸음. 20층과 50층은 He",
        "배치 정규화한 5층에서는 학습률을 고르면 초깃값의 크기가 거의 상관없습니다. 50층의 ReLU에서는 배치 정규화가 "
        "정규화가 없는 He보다 못 배웁니다.",
        [
            *(
                pair(f"5층, {norm}, 표준편차 {std}", 4 * i + j, "five_")
                for i, norm in enumerate(["정규화 없음", "배치 정규화", "층 정규화"])
                for j, std in enumerate(["1", "0.1", "0.01", "0.0001"])
            ),
            *(
                pair(f"{depth}층, {text}", i, part)
                for depth, part in ((20, "deep_"), (50, "deeper_"))
                for i, text in enumerate(
                    ["ReLU, 정규화 없음", "ReLU, 배치 정규화", "ReLU, 층 정규화", "tanh, 배치 정규화"]
                )
                if i < 3 or depth == 50
            ),
        ],
    ),
    Table(
        "residual_depth",
        "14장 · 잔차 연결의 깊이",
        "ch-residual",
        "MNIST, ReLU, 너비 64, 블록마다 행렬 둘, 배치 64장, 300걸음, 예열 없음(학습률은 시드가 하나도 발산하지 않은 "
        "것 가운데 골랐고, 사후 정규화의 200블록은 정해 둔 학습률 넷에서만 쟀습니다)",
        "그대로 더하거나 사후 정규화하면 50블록에서 이미 선형 분류기에 못 미칩니다. 배율 1/√L이나 ReZero이면 200블록도 "
        "10블록만큼 배우지만, 가장 나은 200블록은 가장 나은 10블록과 같습니다.",
        [
            Row("블록 없음(선형 분류기)", ("0_sgd_", 0), ("0_adam_", 0)),
            Row("옆길만, 10블록", ("10_sgd_", 7), ("10_adam_", 7)),
            Row("옆길만, 50블록", ("stalled_50_sgd_", 0), ("stalled_50_adam_", 0)),
            Row("사후 정규화, 10블록", ("10_sgd_", 8), ("10_adam_", 8)),
            Row("사후 정규화, 50블록", ("stalled_50_sgd_", 1), ("stalled_50_adam_", 1)),
            Row("사후 정규화, 200블록", ("stalled_200_sgd_", ...), ("stalled_200_adam_", ...)),
            *(
                Row(f"{text}, {blocks}블록", (f"{blocks}_sgd_", i), (f"{blocks}_adam_", i))
                for i, text in (
                    (0, "그대로"),
                    (6, "사전 정규화"),
                    (1, "배율 1/√L"),
                    (2, "가중치 1/√(2L)"),
                    (3, "마지막 행렬 0"),
                    (4, "Fixup"),
                    (5, "ReZero"),
                )
                for blocks in (10, 50, 200)
            ),
        ],
    ),
    Table(
        "convolution",
        "15장 · 합성곱 50층",
        "ch-convolution",
        f"{DIGITS}, 8 × 8에 0을 한 줄 덧댄 3 × 3 합성곱 50층, 8채널, 배치 32장, 200걸음",
        "tanh에서는 델타 직교도, LeCun을 1.04배로 키운 것도 SGD로 배웁니다. ReLU에서는 디랙만 어느 시드에서나 "
        "배웁니다. 가장 나은 50층도 SGD로 배운 합성곱 한 층과 같습니다.",
        [
            Row("첫 합성곱뿐, tanh", ("none_sgd_", 0), ("none_adam_", 0)),
            *(
                Row(f"tanh, {text}", ("deep_tanh_sgd_", i), ("deep_tanh_adam_", i))
                for i, text in enumerate(["LeCun", "LeCun ÷ λ", "직교(편 것)", "델타 직교", "디랙"])
            ),
            *(
                Row(f"ReLU, {text}", ("deep_relu_sgd_", i), ("deep_relu_adam_", i))
                for i, text in enumerate(["He", "He ÷ λ", "√2 × 델타 직교", "디랙"])
            ),
        ],
    ),
    Table(
        "convolution",
        "15장 · 잘못 센 fan",
        "ch-convolution",
        "MNIST, 3 × 3 합성곱과 ReLU, 8채널, 앞의 두 층은 스트라이드 2, 배치 32장, 200걸음(10층의 표준편차 0.01은 정해 "
        "둔 학습률에서만 쟀습니다)",
        "3층에서는 fan을 잘못 세어도 조금 낮게 배우고, 10층에서는 두 최적화기 모두 제대로 센 He보다 50 %p쯤 낮습니다.",
        [
            *(
                Row(f"3층, {text}", ("mnist_3_sgd_", i), ("mnist_3_adam_", i))
                for i, text in enumerate(["표준편차 0.01", "fan_in을 채널의 수로 센 He", "He"])
            ),
            Row("10층, 표준편차 0.01", ("stalled_10_sgd_", ...), ("stalled_10_adam_", ...)),
            Row("10층, fan_in을 채널의 수로 센 He", ("wrong_10_sgd_", 0), ("wrong_10_adam_", 0)),
            Row("10층, He", ("mnist_10_sgd_", 0), ("mnist_10_adam_", 0)),
        ],
    ),
    Table(
        "attention",
        "16장 · 트랜스포머의 초깃값",
        "ch-attention",
        "대한민국헌법의 다음 자모, 토큰 32개, 배치 8창, 250걸음. 4블록은 너비 64에 줄기에 쓰는 행렬을 1/√(2L)배로 둔 "
        "사전 정규화, 12블록은 너비 32. 가장 흔한 자모만 찍으면 11 %(12블록의 LeCun 사후 정규화는 정해 둔 학습률 "
        "셋에서만 쟀습니다)",
        "사전 정규화의 0.02와 LeCun은 Adam으로는 가를 수 없고, SGD로는 LeCun이 1 %p쯤 낫습니다. 깊은 사후 정규화에서는 "
        "LeCun이 예열을 넣어도 이 걸음 수에 배우지 못하고(1,000걸음이면 배웁니다) 0.02는 배웁니다. 예열은 0.02에서 "
        "학습률을 키워 줍니다.",
        [
            *(
                Row(f"4블록, {text}", (f"{cell}_sgd_", ...), (f"{cell}_adam_", ...))
                for cell, text in (
                    ("tiny", "0.002"),
                    ("small", "0.02"),
                    ("lecun", "LeCun"),
                    ("large", "0.5"),
                    ("undivided", "LeCun, √d로 나누지 않음"),
                    ("embedding", "0.02, 임베딩만 1"),
                )
            ),
            Row("4블록, LeCun, 1/√(2L) 없이", None, ("unscaled_adam_", ...)),
            Row("4블록, 0.002, 임베딩만 0.02", None, ("tiny_embedding_adam_", ...)),
            Row("12블록, 사전 정규화, LeCun", None, ("pre_adam_", ...)),
            Row("12블록, 사전 정규화, 0.02", None, ("pre_small_adam_", ...)),
            Row("12블록, 사후 정규화, LeCun", ("post_sgd_", ...), ("post_adam_", ...)),
            Row("12블록, 사후 정규화, LeCun, 예열", None, ("post_warm_", ...)),
            Row("12블록, 사후 정규화, LeCun, 1/√(2L)", None, ("post_scaled_adam_", ...)),
            Row("12블록, 사후 정규화, 0.097(너비 768의 0.02와 같은 배율)", None, ("post_base_adam_", ...)),
            Row("12블록, 사후 정규화, 0.02", ("post_small_sgd_", ...), ("post_small_adam_", ...)),
            Row("12블록, 사후 정규화, 0.02, 예열", None, ("post_small_warm_", ...)),
        ],
    ),
    Table(
        "width_rates",
        "17장 · 너비와 학습률",
        "ch-width",
        f"{DIGITS}, 64-n-n-10, 배치 64장, 50걸음(학습률은 너비마다 다시 골랐는데, 정확도로는 잘 갈리지 않아 검증 "
        "자료의 정답에 준 확률로 골랐습니다. μP의 기준은 너비 64이므로 64에서는 표준과 같은 망입니다)",
        "학습률을 너비마다 다시 고르면 표준도 μP만큼 배웁니다. tanh에서 너비 64의 학습률을 그대로 쓰면 표준의 4,096은 "
        "SGD로 발산하고 Adam으로 덜 배우지만, μP의 4,096은 다시 고른 것과 가르지 못합니다.",
        [
            Row(
                f"{text}, {rule}, 너비 {n:,}",
                (f"{row}_{key}_sgd_", i),
                (f"{row}_{key}_adam_", i),
            )
            for text, cells in (
                ("tanh", [("tanh", 0, 64), ("tanh", 2, 256), ("tanh", 4, 1024), ("tanh_4096", 0, 4096)]),
                ("ReLU", [("relu", 0, 64), ("relu", 1, 256), ("relu", 2, 1024)]),
            )
            for rule, key in (("표준", "standard"), ("μP", "mup"))
            for row, i, n in cells
        ],
    ),
    Table(
        "first_batch",
        "18장 · 첫 배치가 아픈 망과 건강한 망",
        "ch-diagnosis",
        f"{DIGITS}, ReLU 64-100×6-10과 He, 배치 64장, 300걸음(괄호 안은 첫 손실. 뒤섞은 레이블은 검증 자료의 레이블도 "
        "뒤섞였으므로 고른 학습률에 뜻이 없습니다)",
        "첫 손실이 2.30인 다섯 망 가운데 출력층이 0인 것과 한 층이 작은 것만 배우고, 12에서 시작한 망은 건강한 망과 "
        "가르지 못합니다. 첫 배치가 건강해도 레이블을 뒤섞으면 찍는 수준이고 자료가 60장이면 건강한 망보다 20 %p쯤 "
        "낮습니다.",
        [
            Row(text, (f"{cell}_sgd_", 0), (f"{cell}_adam_", 0))
            for text, cell in (
                ("건강한 망(2.57)", "healthy"),
                ("출력층 0(2.30)", "output_0"),
                ("4층을 20분의 1로(2.31)", "small_4"),
                ("모두 표준편차 0.01(2.30)", "small"),
                ("3층의 편향 −3(2.30)", "dead_3"),
                ("5층과 6층의 유닛이 모두 같고 출력층 0(2.30)", "same_0"),
                ("5층과 6층의 유닛이 모두 같음(2.54)", "same"),
                ("출력층 10배(12)", "output_10"),
                ("화소 0–255(302)", "input_255"),
                ("건강한 망, 뒤섞은 레이블", "shuffled"),
                ("건강한 망, 학습 자료 60장", "few"),
                ("건강한 망, 레이블의 차례대로 학습", "sorted"),
                ("건강한 망, 3,000걸음", "healthy_3000"),
            )
        ],
    ),
]
