"""16장 연습: 로짓의 표준편차, GPT-2의 초깃값, 첫 손실, LoRA의 역전파, 이름이 가려진 세 어텐션."""

import numpy as np

from . import gpt2
from .answers import array, call, choice, close, number, passed, require
from .trials import judge

KINDS = ["나누지 않음", "√d로 나눔", "d로 나눔"]
# 5번의 가로축: q와 k의 원소의 분산.
VARIANCES = 10 ** np.linspace(-2.5, 2.5, 51)
LORA = ("A의 기울기", "B의 기울기", "x의 기울기")


def logit_std(answer, *, seed):
    """1번. 머리 하나의 로짓의 표준편차 logit_std(width, heads, q_std, k_std, divided)."""
    rng = np.random.default_rng(seed)
    for divided, kind in ((False, "나누지 않은 로짓의 표준편차"), (True, "나눈 로짓의 표준편차")):
        trials = []
        for heads, units in zip(rng.permutation([3, 5, 6, 8])[:3], rng.permutation([10, 18, 24, 40])):
            width = int(heads * units)
            given = width, int(heads), *(round(float(s), 4) for s in rng.uniform(0.01, 0.2, 2)), divided
            asked = f"logit_std{given}"
            want, mistakes = _logits(*given)
            trials.append((number(asked, call(answer, *given)), want, mistakes, asked))
        judge(kind, trials, relative=0.03)
    passed("1번")


def _logits(width, heads, q, k, divided):
    """(로짓의 표준편차, 흔한 실수의 목록)."""
    units = width // heads
    by = np.sqrt(units) if divided else 1
    plain = np.sqrt(units) * width * q * k
    few = "머리 하나의 q와 k에는 width가 아니라 width / heads개의 유닛이 있습니다."
    drawn = "q와 k는 x에 행렬을 곱한 것입니다. 그때 분산은 몇 배가 되는지 보십시오."
    mistakes = [
        (np.sqrt(width) * width * q * k / by, few),
        ((plain / by) ** 2, "분산이 아니라 표준편차를 물었습니다."),
        (np.sqrt(units) * q * k / by, drawn),
        (np.sqrt(units * width) * q * k / by, "q와 k는 저마다 행렬을 하나씩 지납니다. 둘 다 커집니다."),
        (plain * width / by, "행렬을 지나면 width배가 되는 것은 표준편차가 아니라 분산입니다."),
        (np.sqrt(units) * units * q * k / by, "q의 원소 하나는 머리가 아니라 x의 유닛 모두에서 옵니다."),
        (np.sqrt(units) * width * np.sqrt(q * k) / by, "q_std와 k_std는 분산이 아니라 표준편차입니다."),
        (np.sqrt(units) * width * q * q / by, "k_std를 쓰지 않았습니다."),
        (np.sqrt(units) * width * k * k / by, "q_std를 쓰지 않았습니다."),
    ]
    if divided:
        mistakes += [
            (plain, "나누지 않았습니다. divided가 True이면 무엇으로 나눕니까?"),
            (plain / np.sqrt(width), "나누는 수는 √width가 아닙니다. 머리 하나의 q와 k는 몇 차원입니까?"),
            (plain / units, "머리의 유닛 수가 아니라 그 제곱근으로 나눕니다."),
        ]
    else:
        mistakes += [
            (plain / np.sqrt(units), "divided가 False인데 나누었습니다."),
            (plain * np.sqrt(units), "유닛마다의 곱은 서로 상관이 없습니다. 표준편차가 아니라 분산을 더합니다."),
        ]
    return plain / by, mistakes


def gpt2_init(answer, *, width, seed):
    """2번. GPT-2의 초깃값 gpt2_init(shapes, rng=…)."""
    rng, found = np.random.default_rng(seed), []
    for blocks in (int(rng.integers(5, 8)), int(rng.integers(12, 15))):
        shapes = gpt2.shapes(blocks, width, vocabulary=int(rng.integers(400, 500)), tokens=int(rng.integers(250, 350)))
        found.append((blocks, gpt2.drawn(answer, shapes, seed=int(rng.integers(10**9)))))
    for _, arrays in found:
        gpt2.fixed(arrays)
        gpt2.apart(arrays)
    for ending, what in gpt2.DRAWN.items():
        trials = []
        for blocks, arrays in found:
            values = np.concatenate([a.ravel() for name, a in arrays.items() if name.endswith(ending)])
            require(
                abs(values.mean()) < 6 * values.std() / np.sqrt(values.size) + 1e-12,
                f"`{ending}`의 평균이 0이 아닙니다. 0을 중심으로 뽑으십시오.",
            )
            trials.append((float(values.std()), *gpt2.expected(ending, blocks), f"블록이 {blocks}개일 때의 {ending}"))
        judge(f"{ending}({what})의 표준편차", trials, relative=0.035)
    passed("2번")


def first_loss(answer, *, seed):
    """3번. 출력 행렬이 임베딩의 전치일 때의 첫 손실 first_loss(vocabulary, width, std)."""
    rng, trials = np.random.default_rng(seed), []
    for vocabulary, width, variance in zip(
        rng.integers([500, 1500, 3000], [900, 2500, 4000]), rng.permutation([40, 75, 130]), rng.uniform(0.6, 1.5, 3)
    ):
        given = int(vocabulary), int(width), round(float(np.sqrt(variance / width)), 3)
        asked = f"first_loss{given}"
        trials.append((number(asked, call(answer, *given)), *_losses(*given), asked))
    # 잰 손실도 맞다고 하되, 까닭은 식의 값으로만 가립니다. 실수 몇은 서로 0.01도 다르지 않습니다.
    judge("first_loss의 결과", trials, relative=0.007, hint=1e-4)
    passed("3번")


def _losses(vocabulary, width, std):
    """(첫 손실, 흔한 실수의 목록)."""
    least, variance = np.log(vocabulary), width * std**2
    return least + variance / 2, [
        (least, "로짓이 모두 0일 때의 손실입니다. 로짓이 흩어지면 틀린 글자의 확률이 더 커지기도 합니다."),
        (least + variance, "지수의 평균 E[e^z]을 다시 보십시오. 로짓의 분산이 그대로 더해지지 않습니다."),
        (least + np.sqrt(variance), "로짓의 표준편차를 더했습니다. E[e^z]을 구해 보십시오."),
        (least + np.sqrt(variance) / 2, "로짓의 표준편차가 아니라 분산을 쓰십시오."),
        (least - variance / 2, "부호를 보십시오. 흩어진 로짓은 손실을 키웁니다."),
        (least + std**2 / 2, "로짓은 width개의 곱을 더한 것입니다. 그 분산을 구하십시오."),
        (least + width * std / 2, "std를 제곱하지 않았습니다. 더해지는 것은 분산입니다."),
        (least + width**2 * std**2 / 2, "유닛마다의 곱은 서로 상관이 없습니다. 표준편차가 아니라 분산을 더합니다."),
        (least + std / 2, "로짓은 width개의 곱을 더한 것입니다. 그 분산을 구하십시오."),
        (variance / 2, "ln V를 빠뜨렸습니다. 로짓이 모두 0이어도 손실은 0이 아닙니다."),
        (np.log2(vocabulary) + variance / 2, "밑이 e인 로그를 쓰십시오. 손실의 단위는 nat입니다."),
        (np.log10(vocabulary) + variance / 2, "밑이 e인 로그를 쓰십시오. 손실의 단위는 nat입니다."),
    ]


def lora_gradients(answer, *, seed):
    """4번. y = xW + (alpha/r)·xAB의 기울기 셋."""
    rng, found = np.random.default_rng(seed), [[] for _ in LORA]
    for start in ("보통", "B가 0", "A가 0", "둘 다 0"):
        count, width, outputs = (int(n) for n in rng.permutation(np.arange(5, 12))[:3])
        rank, alpha = int(rng.integers(2, 5)), round(float(rng.uniform(5, 9)), 1)
        x, delta = rng.standard_normal((count, width)), rng.standard_normal((count, outputs))
        W, A, B = (rng.standard_normal(shape) for shape in ((width, outputs), (width, rank), (rank, outputs)))
        A *= start not in ("A가 0", "둘 다 0")
        B *= start not in ("B가 0", "둘 다 0")
        parts = call(answer, x, W, A, B, alpha, delta)
        three = isinstance(parts, (tuple, list)) and len(parts) == 3
        require(three, "`lora_gradients`는 (dA, dB, dx) 셋을 돌려주어야 합니다. W는 얼렸으므로 그 기울기는 없습니다.")
        truths = _backward(x, W, A, B, alpha, delta)
        for name, part, cases, (right, mistakes) in zip(LORA, parts, found, truths):
            cases.append((array(name, part, right.shape), right, mistakes))
    for name, cases in zip(LORA, found):
        # 0인 기울기에서는 여러 실수가 구별되지 않으므로 까닭은 모든 경우를 함께 보고 가립니다.
        judge(name, cases, relative=1e-5, absolute=1e-9)
    passed("4번")


def _backward(x, W, A, B, alpha, delta):
    """기울기마다 (옳은 값, 흔한 실수의 목록)."""
    rank = A.shape[1]
    dA, dB, below, through = x.T @ (delta @ B.T), (x @ A).T @ delta, delta @ B.T @ A.T, delta @ W.T
    scale = alpha / rank
    slips = [
        (1, "alpha / r를 곱하지 않았습니다."),
        (alpha, "r로 나누지 않았습니다. LoRA의 배율은 alpha / r입니다."),
        (1 / rank, "alpha를 곱하지 않았습니다. LoRA의 배율은 alpha / r입니다."),
        (alpha / np.sqrt(rank), "r의 제곱근으로 나누었습니다. LoRA의 배율은 alpha / r입니다."),
        (scale**2, "alpha / r를 두 번 곱했습니다."),
    ]
    mean = "delta는 이미 배치의 평균까지 셈한 것입니다. 입력의 수로 나누지 마십시오."
    frozen = "W로 되돌아가는 신호를 빠뜨렸습니다. 얼린 것은 W의 값이고, 신호는 W를 지나 내려갑니다."
    return [
        *(
            (scale * right, [(c * right, why) for c, why in slips] + [(scale * right / len(x), mean)])
            for right in (dA, dB)
        ),
        (
            through + scale * below,
            [
                (scale * below, frozen),
                (through, "A와 B를 지나 되돌아가는 신호를 빠뜨렸습니다."),
                ((through + scale * below) / len(x), mean),
                (scale * (through + below), "alpha / r는 A와 B를 지나는 길에만 곱해집니다."),
                *((through + c * below, why) for c, why in slips),
            ],
        ),
    ]


def hidden(seed):
    """가려진 세 어텐션의 (차례, 머리의 유닛 수, 토큰 수, {이름: 분산마다의 엔트로피})."""
    rng = np.random.default_rng(seed)
    order, units = [str(kind) for kind in rng.permutation(KINDS)], int(rng.choice([32, 48, 64, 80, 96, 128]))
    tokens = int(rng.integers(12, 61))
    q, k = rng.standard_normal((300, units)), rng.standard_normal((300, tokens, units))
    products = np.einsum("nu,ntu->nt", q, k)
    divisors = dict(zip(KINDS, (1, np.sqrt(units), units)))
    paths = {kind: _entropy(products, VARIANCES / by) for kind, by in divisors.items()}
    return order, units, tokens, paths


def _entropy(products, scales):
    """로짓이 scale·products일 때, 행마다의 소프트맥스의 엔트로피의 평균."""
    found = []
    for scale in scales:
        z = scale * (products - products.max(axis=1, keepdims=True))
        total = np.exp(z).sum(axis=1)
        found.append(np.mean(np.log(total) - (np.exp(z) * z).sum(axis=1) / total))
    return np.array(found)


def unnamed(*, seed):
    """{가려진 이름: q와 k의 분산(VARIANCES)마다의 어텐션의 엔트로피}."""
    order, _, _, paths = hidden(seed)
    return {f"({name})": paths[kind] for name, kind in zip("가나다", order)}


def reading(kinds, tokens, units, *, seed):
    """5번. 그림 읽기: 세 어텐션의 이름, 토큰의 수, 머리 하나의 유닛 수."""
    order, right, length, _ = hidden(seed)
    kinds = kinds.tolist() if isinstance(kinds, np.ndarray) else kinds
    require(kinds is not ..., "`kinds`에 아직 답을 쓰지 않았습니다.")
    three = isinstance(kinds, (tuple, list)) and len(kinds) == len(KINDS)
    require(three, "`kinds`에는 이름 셋을 (가), (나), (다)의 차례로 적으십시오.")
    kinds = [choice("kinds", kind, KINDS) for kind in kinds]
    tokens, units = number("tokens", tokens), number("units", units)
    wrong = sum(kind != true for kind, true in zip(kinds, order))
    hint = "덜 나눌수록 로짓이 커서, q와 k가 작을 때부터 한 토큰에 쏠립니다."
    require(not wrong, f"kinds 가운데 {wrong}개가 그림과 다릅니다. {hint}")
    mistakes = [
        (np.log(length), "엔트로피를 그대로 적었습니다. 모든 토큰의 확률이 같을 때의 엔트로피는 얼마입니까?"),
        (2 ** np.log(length), "엔트로피의 단위는 nat입니다. 2가 아니라 e의 거듭제곱으로 되돌리십시오."),
        (10 ** np.log(length), "엔트로피의 단위는 nat입니다. 10이 아니라 e의 거듭제곱으로 되돌리십시오."),
        (right, "머리의 유닛 수를 적었습니다. 토큰의 수는 왼쪽 끝의 높이에서 읽습니다."),
    ]
    close("tokens", tokens, length, mistakes, relative=0.05)
    mistakes = [
        (np.sqrt(right), "이웃한 두 선이 가로로 벌어진 배수는 유닛 수가 아니라 그 제곱근입니다."),
        (right**2, "가장 먼 두 선이 벌어진 배수를 제곱했습니다. 로짓의 분산이 아니라 q와 k의 분산을 읽은 것입니다."),
        (np.log10(right), "가로축은 로그입니다. 벌어진 칸을 배수로 되돌리십시오."),
        (np.log10(right) / 2, "가로축은 로그입니다. 벌어진 칸을 배수로 되돌리십시오."),
        (np.exp(np.log10(right)), "가로축은 밑이 10인 로그입니다."),
        (np.exp(np.log10(right) / 2) ** 2, "가로축은 밑이 10인 로그입니다."),
        (length, "토큰의 수를 적었습니다. 머리의 유닛 수는 선이 벌어진 거리에서 읽습니다."),
    ]
    close("units", units, right, mistakes, relative=0.15)
    passed("5번")
