"""4장 연습: 처음 보는 활성화 함수의 gain, sigmoid와 tanh의 관계, 깊은 망의 두 방향."""

from itertools import pairwise

import numpy as np

from wi_lib import activations, signals, theory

from .answers import Wrong, array, call, choice, number, passed, require
from .trials import centered, judge, same

# 그림 읽기의 답과 gain. 1에서 이만큼 떨어지면 100층에서 눈으로 구별됩니다.
GAINS = {"작다": 0.994, "같다": 1.0, "크다": 1.02}
# 흔한 잘못 넷이 서로, 그리고 정답과 5 % 넘게 다른 b만 씁니다.
BENDS = np.concatenate([np.arange(78, 89), np.arange(115, 133)]) / 100


def strange(rng):
    """시드에 따라 정해지는 낯선 활성화 함수 셋. 둘은 평균이 0이 아닙니다."""
    tall, low, small, shift = rng.uniform((1.5, 0.6, 0.5, 0.3), (2.5, 1.4, 0.9, 0.5))
    return [
        lambda z: tall * np.log1p(np.exp(z)),
        lambda z: low * np.divide(z, 1 + np.abs(z)),
        lambda z: small * np.tanh(z) + shift,
    ]


def measured_gain(answer, *, seed):
    """1번. 아무 활성화 함수의 gain을 재는 함수 measured_gain(f, rng=…)."""
    rng, trials = np.random.default_rng(seed), []
    for f in strange(rng):
        got = number("measured_gain(f)", call(answer, f, rng=np.random.default_rng(rng.integers(10**9))))
        z, weights = theory.nodes(1.0)
        mean, square = weights @ f(z), weights @ f(z) ** 2
        slope = weights @ ((f(z + 1e-6) - f(z - 1e-6)) / 2e-6) ** 2
        want = square**-0.5
        mistakes = [
            ((square - mean**2) ** -0.5, "평균을 빼고 쟀습니다. 다음 층의 분산을 무엇이 정하는지 다시 보십시오."),
            (1 / (weights @ np.abs(f(z))), "제곱의 평균이 아니라 절댓값의 평균으로 쟀습니다."),
            (1 / square, "제곱근을 빠뜨렸습니다. gain은 표준편차에 곱하는 수입니다."),
            (square**0.5, "거꾸로입니다. f가 신호를 줄일수록 gain은 커야 합니다."),
            (square, "gain이 아니라 제곱의 평균입니다."),
            (slope**-0.5, "f가 아니라 f'의 제곱 평균을 썼습니다. 그것은 역방향의 배율입니다."),
        ]
        trials.append((got, want, mistakes))
    judge("measured_gain(f)", trials, relative=0.03)
    passed("1번")


def forward(x, weights, biases, activation):
    """층마다의 값: 은닉층은 활성화값, 마지막은 활성화 함수가 없는 출력."""
    values, last = [x], len(weights) - 1
    with np.errstate(all="ignore"):
        for layer, (weight, bias) in enumerate(zip(weights, biases)):
            z = values[-1] @ weight + bias
            values.append(z if layer == last else activations.get(activation).apply(z))
    return values[1:]


def to_sigmoid(answer, *, seed):
    """2번. tanh 망과 같은 출력을 내는 sigmoid 망의 가중치와 편향 to_sigmoid(weights, biases)."""
    rng = np.random.default_rng(seed)
    for hidden in (1, 3):
        sizes = [int(n) for n in rng.permutation(np.arange(3, 14))[: hidden + 2]]
        weights = [rng.standard_normal(shape) / np.sqrt(shape[0]) for shape in pairwise(sizes)]
        biases = [rng.standard_normal(n) / 2 for n in sizes[1:]]
        kept = [array.copy() for array in (*weights, *biases)]
        given = list(weights), list(biases)
        new = call(answer, *given)
        same = len(given[0]) == len(given[1]) == len(weights)
        same = same and all(np.array_equal(a, b) for a, b in zip(kept, (*given[0], *given[1])))
        require(same, "건네받은 목록이나 배열을 고쳐 버립니다. 새 배열을 만들어 돌려주십시오.")
        x, made = rng.standard_normal((50, sizes[0])), checked(new, sizes)
        wanted, got = forward(x, weights, biases, "tanh"), forward(x, *made, "sigmoid")
        if not np.allclose(wanted[-1], got[-1], rtol=1e-3, atol=1e-3):
            layer = first_difference(wanted, got)
            raise Wrong(misread(layer, hidden, weights[layer], biases[layer], made[0][layer], made[1][layer]))
    passed("2번")


def checked(new, sizes):
    """돌려준 것이 sizes에 맞는 (weights, biases)인지 봅니다."""
    require(
        isinstance(new, (tuple, list)) and len(new) == 2, "`to_sigmoid`는 (weights, biases) 둘을 돌려주어야 합니다."
    )
    layers = len(sizes) - 1
    for name, group in zip(("weights", "biases"), new):
        right = isinstance(group, (tuple, list)) and len(group) == layers
        require(right, f"새 `{name}`는 배열 {layers}개의 목록이어야 합니다.")
    weights = [array(f"새 weights[{i}]", w, shape) for i, (w, shape) in enumerate(zip(new[0], pairwise(sizes)))]
    return weights, [array(f"새 biases[{i}]", b, (n,)) for i, (b, n) in enumerate(zip(new[1], sizes[1:]))]


def first_difference(wanted, got):
    """tanh 망과 값이 처음 어긋나는 층의 번호. 은닉층이 모두 맞으면 출력층입니다."""
    hidden = zip(wanted[:-1], got[:-1])
    return next((i for i, (t, s) in enumerate(hidden) if not np.allclose(t, 2 * s - 1, atol=1e-3)), len(wanted) - 1)


def misread(layer, last, old_weight, old_bias, weight, bias):
    """layer층(0부터, last가 출력층)의 가중치와 편향이 어떻게 틀렸는지. 앞 층까지는 모두 맞습니다."""
    total = old_weight.sum(axis=0)
    scale, name = (1 if layer == last else 2), "출력층" if layer == last else f"{layer + 1}층"
    reads, shift = (1, 0 * total) if layer == 0 else (2, total)
    right = scale * reads * old_weight, scale * (old_bias - shift)

    def same(*pair):
        return all(np.allclose(one, other, rtol=1e-3, atol=1e-3) for one, other in zip((weight, bias), pair))

    if layer == 0 and (same(4 * old_weight, bias) or same(weight, 2 * (old_bias - total))):
        return "첫 은닉층부터 다릅니다. 첫 층에는 sigmoid를 지난 값이 아니라 입력이 그대로 들어옵니다."
    if layer == last and same(*(2 * part for part in right)):
        return "은닉층은 모두 맞지만 출력이 두 배입니다. 출력층에는 활성화 함수가 없습니다."
    if layer < last and same(*(part / 2 for part in right)):
        return f"{name}부터 다릅니다. 가중합이 절반입니다. tanh z를 sigmoid로 어떻게 쓰는지 다시 보십시오."
    if same(right[0], bias):
        return f"{name}부터 다릅니다. 가중치는 맞고 편향이 다릅니다. " + (
            "가중합을 바꾸려면 편향도 함께 바꾸어야 합니다."
            if layer == 0
            else "앞 층의 tanh를 새 망의 값으로 쓸 때 남는 상수가 편향에 얼마를 더합니까?"
        )
    if same(weight, right[1]):
        return f"{name}부터 다릅니다. 편향은 맞고 가중치가 다릅니다. 몇 배가 되어야 하는지 다시 보십시오."
    source = "입력이 그대로 들어올 때" if layer == 0 else "앞 층의 tanh를 새 망의 값으로 썼을 때"
    return f"{name}부터 다릅니다. {source} 가중합이 무엇이 되어야 하는지 식으로 쓰십시오."


def stretched(peak, stretch):
    """활성화 함수 peak · tanh(stretch · z)."""

    def apply(z):
        z *= stretch
        np.tanh(z, out=z)
        z *= peak
        return z

    slope = peak * stretch
    return activations.Activation(
        "stretched", apply, lambda a: slope * (1 - (a / peak) ** 2), gain=1 / slope, steepest=slope
    )


def fifty_layers(init, peak, stretch, width, *, rng, depth=50):
    """활성화 함수가 peak · tanh(stretch · z)인 50층 망을 init로 초기화해 잰 Signals."""
    shape = (width, width)
    layers = [array("초기화 함수의 결과", call(init, shape, rng=rng), shape) for _ in range(depth)]
    require(not np.array_equal(layers[0], layers[1]), "층마다 같은 가중치가 나옵니다. 건네받은 rng로 뽑으십시오.")
    x = rng.standard_normal((60, width))
    try:
        return signals.measure(x, layers, stretched(peak, stretch), rng=rng, dtype=np.float64)
    except ValueError:
        raise Wrong("신호가 넘칩니다. 가중치가 너무 큽니다.") from None


def stretched_init(answer, *, peak, stretch, width, seed):
    """3번. 늘인 tanh 50층에서 두 방향을 함께 지키는 초기화 함수 stretched_init(shape, rng=…)."""
    rng = np.random.default_rng(seed)
    ends = []
    for _ in range(2):
        s = fifty_layers(answer, peak, stretch, width, rng=rng)
        rms = signals.rms(s.deltas[0]), signals.rms(s.deltas[-1])
        ends.append((s.activations[-1].std() / peak, rms[0] / max(rms[1], 1e-300)))
    # 난수의 운은 곱으로 쌓이므로 기하평균을 냅니다.
    last, back = np.exp(np.mean(np.log(np.maximum(ends, 1e-300)), axis=0))
    drawn = array("stretched_init의 결과", call(answer, (width, width), rng=rng), (width, width))
    # 평균이 한쪽으로 치우치면 크기와 상관없이 모든 유닛이 함께 밀립니다.
    centered("stretched_init", drawn)
    if not (last > 0.05 and 0.05 < back < 50):
        # 기울기는 세었는데 크기를 잘못 옮긴 답에 기울기를 보라고 하지 않습니다.
        size, even = drawn.std() * peak * stretch, np.abs(drawn).max() < 2 * drawn.std()
        require(
            not (even and same(size, 1 / np.sqrt(3 * width), 0.03)), "균등분포의 한계 자리에 표준편차가 들어 있습니다."
        )
        require(
            not same(size, 1 / width, 0.05),
            "표준편차를 fan_in으로 나누었습니다. fan_in개를 더해 쌓이는 것은 분산입니다.",
        )
    require(
        last > 0.05, f"50층의 신호가 PEAK의 {last:.1g}배로 줄어 사라집니다. 원점에서 f의 기울기가 얼마인지 보십시오."
    )
    half = f"순방향 신호는 50층을 건너지만, 1층의 δ가 50층의 {back:.1g}배로"
    require(back < 50, f"{half} 커져 폭주합니다. 원점에서 f의 기울기를 세었는지, gain을 너무 키우지 않았는지 보십시오.")
    # 거의 모두 PEAK나 −PEAK이면 가중치가 커서 도함수가 0이 된 것입니다.
    why = "가중치가 너무 커서 유닛이 포화했습니다." if last > 0.5 else "가중치가 조금 작습니다."
    require(back > 0.05, f"{half} 줄어 사라집니다. {why}")
    passed("3번")


def hidden(seed):
    """그림 읽기의 답: 가려진 이름이 차례로 가리키는 gain과 b."""
    rng = np.random.default_rng(seed)
    return [str(word) for word in rng.permutation(list(GAINS))], float(rng.choice(BENDS))


def unnamed(*, seed, depth=100):
    """활성화 함수가 tanh(bz)/b인 세 망의 {가려진 이름: 층마다의 활성화값 분산의 역수}. 너비가 아주 클 때의 이론값."""
    words, b = hidden(seed)
    found = {}
    for name, word in zip("가나다", words):
        # u = bz로 두면 tanh 망이고, 활성화값은 tanh u를 b로 나눈 것입니다.
        prediction = theory.predict([1] * (depth + 1), [GAINS[word]] * depth, "tanh", input_mean_square=b**2)
        found[f"({name})"] = (b / prediction.std) ** 2
    return found


def reading(gains, b, *, seed):
    """4번. 그림 읽기: 가려진 세 망의 gain과, 활성화 함수의 휜 정도 b."""
    three = isinstance(gains, (tuple, list, np.ndarray)) and len(gains) == 3
    require(three, "`gains`에는 답 셋을 (가), (나), (다)의 차례로 적으십시오.")
    gains, b = [choice("gains", word, list(GAINS)) for word in gains], number("b", b)
    words, want = hidden(seed)
    wrong = sum(word != right for word, right in zip(gains, words))
    hint = "신호가 지수로 줄면 역수는 어떻게 되고, 분산이 어느 값에 머물면 어떻게 됩니까?"
    require(not wrong, f"gains 가운데 {wrong}개가 그림과 다릅니다. {hint}")
    mistakes = [
        (
            want * np.sqrt(2),
            "gain이 1인 망의 선에서 읽었는지, 4장의 2단계에서 tanh²을 전개할 때 나오는 계수를 썼는지 보십시오.",
        ),
        (2 * want**2, "선의 기울기를 그대로 적었습니다. 기울기가 b의 무엇인지 유도하십시오."),
        (want**2, "b를 제곱한 값입니다."),
        (1 / want, "b의 역수입니다."),
    ]
    judge("b", [(b, want, mistakes)], relative=0.05)
    passed("4번")
