"""판정 모음의 표: 어느 저장한 결과의 어느 칸을 어떤 말로 적는지. 셋째 부의 표는 `verdict_rows_today`에 있습니다."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """줄 하나. `sgd`와 `adam`은 (배열 이름의 앞부분, 칸의 번호)이고, 재지 않았으면 None입니다."""

    text: str
    sgd: tuple | None
    adam: tuple | None


@dataclass(frozen=True)
class Table:
    """장 하나의 표: 저장한 결과의 이름, 제목, 장의 이름표, 조건, 판정, 줄."""

    data: str
    title: str
    label: str
    conditions: str
    verdict: str
    rows: list[Row]


def pair(text, index, part=""):
    """두 최적화기의 배열이 같은 모양인 줄."""
    return Row(text, (f"sgd_{part}", index), (f"adam_{part}", index))


DIGITS = "scikit-learn 손글씨 숫자"
TABLES = [
    Table(
        "symmetry",
        "1장 · 상수와 작은 난수",
        "ch-zero",
        f"{DIGITS}, ReLU 64-20-20-10, 배치 50장, 3,000걸음",
        "모두 같은 값이면 어느 최적화기로도 유닛 하나에 갇힙니다. 난수는 아주 작아도 대칭성을 깨지만, 0에 얹은 작은 "
        "난수로는 Adam만 배웁니다. Adam에서는 상수에 얹은 어느 난수보다 He가 앞섭니다.",
        [
            Row(text, ("many_sgd_", i), ("many_adam_", i))
            for i, text in enumerate(
                [
                    "상수 0.05",
                    "상수 0.05에 표준편차 0.0001인 난수",
                    "상수 0.05에 표준편차 0.001인 난수",
                    "상수 0.05에 표준편차 0.01인 난수",
                    "상수 0에 표준편차 0.001인 난수",
                    "He",
                ]
            )
        ],
    ),
    Table(
        "sigmoid_std",
        "2장 · sigmoid의 표준편차",
        "ch-sigmoid",
        f"{DIGITS}, sigmoid 다섯 층 × 100, 배치 50장, 2,000걸음",
        "표준편차 1에서는 배우지 못한다는 말은 틀립니다. 0.01과 1/√n은 SGD로만 배우지 못합니다.",
        [pair(f"표준편차 {std}", i) for i, std in enumerate(["0.01", "0.1(1/√n)", "0.2", "0.3", "1"])],
    ),
    Table(
        "sigmoid_tanh",
        "3–4장 · sigmoid와 tanh",
        "ch-tanh",
        f"{DIGITS}, 너비 100, 배치 32장, 500걸음",
        "sigmoid와 Xavier는 SGD로 배우지 못하고 Adam으로는 배웁니다. 다섯 층의 tanh는 gain을 바꾸어도 가를 수 "
        "없습니다.",
        [
            pair(text, i)
            for i, text in enumerate(
                [
                    "sigmoid 5층, 표준편차 0.01",
                    "sigmoid 5층, Xavier",
                    "sigmoid 5층, 4 × Xavier",
                    "sigmoid 5층, 표준편차 1",
                    "tanh 5층, gain 1",
                    "tanh 5층, gain 5/3",
                    "tanh 5층, 편향이 있는 혼돈의 가장자리",
                    "sigmoid 20층, 4 × Xavier",
                    "tanh 20층, gain 1",
                ]
            )
        ],
    ),
    Table(
        "relu_depth",
        "5장 · 깊은 ReLU",
        "ch-he",
        f"{DIGITS}, ReLU, 너비 100, 배치 32장, 600걸음",
        "30층의 Xavier(1/n)는 SGD로 배우지 못하고, Adam으로는 시드에 따라 배우되 He보다 낮습니다(다른 시드 열다섯에서 "
        "27 ± 10 %p). 5층의 Xavier와 He는 가를 수 없습니다. 표준편차 0.01은 5층이면 Adam으로 배우고, 30층이면 둘 다 "
        "배우지 못합니다.",
        [
            Row("5층, 표준편차 0.01", ("sgd_five_", 0), ("adam_five_", 0)),
            Row("5층, Xavier(1/n)", ("sgd_five_", 1), ("adam_five_", 1)),
            Row("5층, He", ("sgd_five_", 2), ("adam_five_", 2)),
            Row("6층, 표준편차 0.01", None, ("adam_deep_", 3)),
            Row("8층, 표준편차 0.01", None, ("adam_deep_", 4)),
            Row("30층, 표준편차 0.01", ("sgd_small_", 0), ("adam_deep_", 0)),
            Row("30층, Xavier(1/n)", ("sgd_small_", 1), ("adam_deep_", 1)),
            Row("30층, He", ("sgd_he_", 0), ("adam_deep_", 2)),
        ],
    ),
    Table(
        "mnist_comparison",
        "6장 · 교재의 비교",
        "ch-mnist",
        "MNIST, 784-100×4-10, 배치 128장, 2,000걸음",
        "표준편차 0.01의 ReLU 망은 SGD로만 배우지 못합니다. ReLU의 LeCun과 He는 어느 쪽에서도 가를 수 없습니다. tanh는 "
        "SGD에서 He가 0.3 %p 앞섭니다.",
        [
            Row(f"{f}, {init}", ("", (0, i, j)), ("", (1, i, j)))
            for i, f in enumerate(["ReLU", "tanh", "sigmoid"])
            for j, init in enumerate(["표준편차 0.01", "LeCun", "He"])
        ],
    ),
    Table(
        "matching",
        "7장 · 짝의 표",
        "ch-matching",
        "MNIST, 784-100×4-10, 배치 64장, 800걸음",
        "SGD에서 혼자 1등인 짝은 sigmoid와 4 × Glorot 하나입니다. 2,400걸음이면 Xavier와의 차이가 1.4 %p로 줄어듭니다. "
        "Adam은 너무 작은 신호를 고치지만 너무 큰 신호는 고치지 못합니다.",
        [
            pair(f"{f}, {init}", (i, j))
            for i, f in enumerate(["sigmoid", "tanh", "ReLU", "leaky ReLU", "SELU"])
            for j, init in enumerate(["표준편차 0.01", "표준편차 1", "LeCun", "Xavier", "He", "4 × Glorot", "직교"])
        ],
    ),
    Table(
        "orthogonal_depth",
        "8장 · 30층의 직교와 단위행렬",
        "ch-families",
        f"{DIGITS}, 너비 64인 은닉층 30개, 배치 32장, 500걸음",
        "30층 망 가운데 은닉층이 없는 망보다 나은 것은 없습니다. 얼린 직교(tanh)는 학습한 정규분포보다 잘 읽힙니다.",
        [
            pair("은닉층 없음(소프트맥스)", (), "softmax_"),
            *(
                pair(f"{f}, {init}{frozen}", (k, i, j), "deep_")
                for i, f in enumerate(["tanh", "ReLU"])
                for j, init in enumerate(["정규분포", "직교", "단위행렬 + 난수"])
                for k, frozen in enumerate(["", ", 은닉층을 얼림"])
            ),
        ],
    ),
    Table(
        "pretraining",
        "9장 · 사전 학습",
        "ch-pretraining",
        "MNIST, 784-128-128-10, 배치 32장, DBN은 미세 조정 2,000걸음, 나머지는 곱셈의 수를 맞추어 그 다섯 배쯤. "
        "학습률은 시드 0의 검증 자료로 고름",
        "레이블이 적을수록 DBN에서 시작한 망이 앞섭니다. 5,000장이면 SGD에서는 He와 가를 수 없고 Adam에서는 He가 "
        "앞섭니다.",
        [
            Row(f"레이블 {labels}장, {start}", ("labels_", (i, j, 0)), ("labels_", (i, j, 1)) if i != 3 else None)
            for j, labels in enumerate(["100", "1,000", "5,000"])
            for i, start in enumerate(["DBN", "섞은 DBN", "줄인 DBN", "Xavier(sigmoid)", "He(ReLU)"])
        ],
    ),
    Table(
        "depth_limit",
        "10장 · 지도 위의 학습",
        "ch-mean-field",
        f"{DIGITS}, tanh, 너비 100, 배치 32장, 10층과 40층은 편향의 분산 0.05, 100층은 σ_w² = 1에 편향 없음",
        "40층을 1,500걸음 학습시키면 SGD에서는 질서가, Adam에서는 혼돈이 가장 낮습니다. 100층의 직교 행렬은 정규분포"
        "보다 낫습니다.",
        [
            *(
                Row(f"{title}, {text}", (f"{part}_sgd_", i), (f"{part}_adam_", i))
                for part, title in (("shallow", "10층 600걸음"), ("short", "40층 600걸음"), ("long", "40층 1,500걸음"))
                for i, text in enumerate(["질서(σ_w² = 1)", "경계(1.76)", "혼돈(4)"])
            ),
            *(
                Row(f"100층 600걸음, {text}", ("deep_sgd_", i), ("deep_adam_", i))
                for i, text in enumerate(["정규분포(LeCun)", "직교"])
            ),
        ],
    ),
    Table(
        "framework_defaults",
        "11장 · 프레임워크의 기본값",
        "ch-frameworks",
        f"{DIGITS}, ReLU, 너비 100, 배치 32장, 600걸음",
        "10층의 PyTorch 기본값은 SGD로 배우지 못하고 Adam으로도 He보다 낮습니다.",
        [
            pair(f"{depth}층, {default}", (i, j))
            for j, depth in enumerate([5, 10])
            for i, default in enumerate(["PyTorch", "PyTorch(편향 0)", "Keras", "Flax", "He"])
        ],
    ),
]
