"""10장 연습: 두 입력의 상관이 층을 지나며 바뀌는 모양, 낯선 망의 경계, 깊이의 눈금."""

import numpy as np

from wi_lib import activations, mean_field, signals, theory

from .answers import Wrong, array, call, choice, close, number, passed, require, weights
from .trials import judge, only_reason

KINDS = ["질서", "혼돈", "He", "LeCun"]
# 가려진 망의 σ_b²와, 번호마다의 σ_w². 질서의 ξ_c가 이웃한 번호끼리 20 % 넘게 달라 책의 답은 다른 번호에 맞지 않습니다.
HIDDEN_BIAS = 0.05
ORDERED = (0.96, 1.08, 1.165, 1.245, 1.31, 1.37)
CHAOTIC = (3.0, 4.0, 2.6, 3.4, 5.0, 2.8)
DEPTH = 40


def layers_until(answer, *, seed):
    """1번. 한 줄 채우기: 역전파 신호의 RMS가 left배가 될 때까지의 층의 수."""
    rng, signs, trials = np.random.default_rng(seed), np.array([-1, 1, -1, 1]), []
    chis = np.exp(signs * rng.uniform(0.03, 0.5, 4)).round(3)
    # 올림한 답과 내림한 답이 반올림한 답과 다르도록 층의 수의 소수 부분을 정합니다.
    lefts = chis ** ((rng.integers(4, 20, 4) + np.array([0.3, 0.3, 0.7, 0.7])) / 2)
    for sign, chi, left in zip(signs, chis, lefts):
        left = float(f"{left:.4g}")
        asked, want = f"layers_until({chi}, {left})", 2 * np.log(left) / np.log(chi)
        mistakes = [
            (want / 2, "χ는 신호의 분산에 곱해지는 배율입니다. 물은 것은 RMS입니다."),
            (want / 4, "제곱근을 거꾸로 셌습니다. RMS는 분산보다 천천히 바뀝니다."),
            (-want, "부호가 반대입니다. 층의 수는 양수입니다."),
            (sign * want, "chi가 1보다 작을 때의 부호가 반대입니다. 층의 수는 양수입니다."),
            (-sign * want, "chi가 1보다 클 때의 부호가 반대입니다. 층의 수는 양수입니다."),
            (-want / 2, "부호가 반대입니다. 층의 수는 양수입니다."),
            (1 / np.abs(np.log(chi)), "1/e배가 되는 층의 수입니다. left를 쓰지 않았습니다."),
            (2 / np.abs(np.log(chi)), "1/e배가 되는 층의 수입니다. left를 쓰지 않았습니다."),
            (np.round(want), "반올림하지 말고 실수 그대로 돌려주십시오."),
            (np.ceil(want), "올림하지 말고 실수 그대로 돌려주십시오."),
            (np.floor(want), "내림하지 말고 실수 그대로 돌려주십시오."),
        ]
        trials.append((number(asked, call(answer, float(chi), float(left))), want, mistakes, asked))
    judge("layers_until(chi, left)", trials, relative=1e-4)
    passed("1번")


def strange(rng):
    """시드에 따라 정해지는 낯선 활성화 함수 셋. 모두 평균이 0이 아닙니다. 여기서는 값만 쓰므로 도함수는 비워 둡니다."""
    tall, shift, bend = rng.uniform((1.2, 0.4, 0.8), (2.0, 0.7, 1.3))
    functions = (
        lambda z: tall * np.log1p(np.exp(z)),
        lambda z: np.tanh(z) + shift,
        lambda z: bend * np.abs(z),
    )
    return [(f, activations.Activation(f"strange {i}", f, np.ones_like, gain=1.0)) for i, f in enumerate(functions)]


def next_pair(answer, *, seed):
    """2번. 난수로 푸는 점화식 next_pair(f, q, c, w, b, rng=…)."""
    rng, variances, correlations = np.random.default_rng(seed), [], []
    # 가까운 쌍은 f의 평균을, 먼 쌍은 편향을 잊은 답을 드러냅니다.
    for (f, activation), (low, high) in zip(strange(rng), ((-0.7, -0.5), (0.2, 0.4), (0.5, 0.7))):
        q, c = float(rng.uniform(1.6, 2.2)), float(rng.uniform(low, high))
        w, b = float(rng.uniform(1.6, 2.0)), float(rng.uniform(0.6, 0.9))
        draws = np.random.default_rng(rng.integers(10**9))
        before = _used(draws)
        pair = call(answer, f, q, c, w, b, rng=draws)
        two = isinstance(pair, (tuple, list, np.ndarray)) and len(pair) == 2
        require(two, "`next_pair`는 (q_next, c_next) 두 수를 돌려주어야 합니다.")
        q_next, c_next = number("q_next", pair[0]), number("c_next", pair[1])
        if not variances:
            # 난수를 쓰지 않은 적분은 매끄러운 f에서 아주 정확합니다.
            exact = abs(q_next - theory.next_variance(q, activation, w, b)) < 1e-4
            require(exact or _used(draws) != before, "건네받은 rng를 쓰지 않았습니다. 난수는 rng에서만 뽑으십시오.")
        variances.append((q_next, *_variance(activation, q, w, b)))
        correlations.append((c_next, *_correlation(activation, q, c, w, b)))
    judge("q_next", variances, relative=0.04)
    judge("c_next", correlations, relative=0, absolute=0.025)
    passed("2번")


def _used(rng):
    """rng에서 무엇을 뽑거나 갈라 낼 때마다 달라지는 것."""
    return repr(rng.bit_generator.state), rng.bit_generator.seed_seq.n_children_spawned


def _variance(activation, q, w, b):
    """(적분으로 구한 다음 층의 분산, 흔한 실수의 목록)."""
    mean, square, _ = theory.moments(q, activation)
    want = w * square + b
    return want, [
        (want - b, "편향을 빠뜨렸습니다."),
        (want - w * mean**2, "f(u)의 평균을 뺐습니다. 다음 층의 분산을 정하는 것은 제곱의 평균입니다."),
        (w * theory.moments(q**2, activation)[1] + b, "가중합의 표준편차가 q가 되었습니다. q는 분산입니다."),
        (w * theory.moments(1, activation)[1] + b, "u의 분산이 1입니다. q를 쓰지 않았습니다."),
        (w**2 * square + b**2, "w나 b를 제곱했습니다. 이미 분산입니다."),
        (np.sqrt(w) * square + np.sqrt(b), "w와 b의 제곱근을 곱하고 더했습니다. 분산은 분산끼리 셈합니다."),
        (np.sqrt(want), "분산이 아니라 표준편차를 돌려주고 있습니다."),
        (square, "w와 b를 쓰지 않았습니다."),
    ]


def _correlation(activation, q, c, w, b):
    """(적분으로 구한 다음 층의 상관, 흔한 실수의 목록)."""
    mean, square, _ = theory.moments(q, activation)
    cosine, want = mean_field.next_correlation(c, q, activation, 1.0), w * square + b
    product, unscaled = cosine * square, mean_field.next_correlation(c / q, q, activation, 1.0) * square
    return (w * product + b) / want, [
        (cosine, "활성화값의 코사인입니다. 다음 층의 편향까지 지나야 합니다."),
        (w * product / want, "분자에 편향을 빠뜨렸습니다. 편향은 두 입력에 똑같이 더해집니다."),
        ((w * product + b) / q, "이 층의 분산으로 나누었습니다. 상관은 다음 층의 분산으로 나눕니다."),
        ((w * (product - mean**2) + b) / want, "f의 평균을 뺐습니다. 점화식은 곱의 평균을 그대로 씁니다."),
        ((product - mean**2) / (square - mean**2), "np.corrcoef의 값입니다. 평균을 빼지 않고, 편향도 세어야 합니다."),
        (w * product + b, "두 가중합의 공분산입니다. 상관이 되도록 나누십시오."),
        ((w * mean**2 + b) / want, "u와 v가 서로 독립입니다. 둘의 상관은 c여야 합니다."),
        ((w * unscaled + b) / want, "u와 v의 공분산이 c입니다. c는 상관입니다."),
        ((w * _mixed(activation, q, c) + b) / want, "c와 1 − c로 섞었습니다. v의 분산도 q인지 재어 보십시오."),
        (1, "두 가중합이 같은 값입니다. 상관이 c인 서로 다른 두 수를 뽑으십시오."),
        (c, "c 그대로입니다. f와 다음 층을 지난 뒤의 상관이어야 합니다."),
    ]


def _mixed(activation, q, c):
    """v를 √(1 − c²) 대신 1 − c로 섞었을 때의 E[f(u)f(v)]. 까닭을 가릴 때만 쓰므로 적분은 성깁니다."""
    z, weight = np.polynomial.hermite_e.hermegauss(40)
    u, v = z[:, None] + 0 * z, c * z[:, None] + (1 - c) * z
    return weight @ (activation.apply(np.sqrt(q) * u) * activation.apply(np.sqrt(q) * v)) @ weight / weight.sum() ** 2


def sine_ends(matrices, biases, *, rng):
    """sin 망의 두 배율: 거의 같은 두 입력의 거리(1층에서 50층), 역전파 신호의 RMS(50층에서 1층)."""
    near, sums = rng.standard_normal((20, len(matrices[0]))), []
    # 뒤 절반은 앞 절반을 아주 조금 옮긴 것입니다.
    a = np.vstack([near, near + 1e-6 * rng.standard_normal(near.shape)])
    for weight, bias in zip(matrices, biases):
        sums.append(a @ weight + bias)
        a = np.sin(sums[-1])
    first, last = (signals.rms(z[20:] - z[:20]) for z in (sums[0], sums[-1]))
    delta = rng.standard_normal(near.shape) * np.cos(sums[-1][:20])
    top = signals.rms(delta)
    for weight, z in zip(matrices[:0:-1], sums[-2::-1]):
        delta = (delta @ weight.T) * np.cos(z[:20])
    return last / max(first, 1e-300), signals.rms(delta) / top


def sine_init(answer, *, bias_variance, width, seed, depth=50):
    """3번. 편향의 분산이 bias_variance인 sin 망 50층의 초기화 sine_init(shape, rng=…)."""
    rng, ends, sizes, shape = np.random.default_rng(seed), [], [], (width, width)
    weights("sine_init", answer, shape, int(seed))
    for _ in range(2):
        layers = [array("sine_init의 결과", call(answer, shape, rng=rng), shape) for _ in range(depth)]
        largest = max(float(np.abs(layer).max()) for layer in layers)
        require(largest < 100, "가중치가 100을 넘습니다. fan_in으로 나누었는지 보십시오.")
        sizes.append(width * np.var(layers))
        biases = np.sqrt(bias_variance) * rng.standard_normal((depth, width))
        ends.append(sine_ends(layers, biases, rng=rng))
    # 난수의 운은 곱으로 쌓이므로 기하평균을 냅니다.
    apart, back = np.exp(np.mean(np.log(np.maximum(ends, 1e-300)), axis=0))
    if max(apart, back) > 3 or min(apart, back) < 1 / 3:
        raise Wrong(_off_the_edge(apart, back, float(np.mean(sizes)), bias_variance))
    passed("3번")


def _off_the_edge(apart, back, size, bias_variance):
    """경계에서 벗어난 망에 할 말. size는 fan_in을 곱한 가중치의 분산입니다."""
    measured = f"50층에서 두 입력의 거리가 {apart:.1g}배, 첫 층의 역전파 신호가 {back:.1g}배입니다."
    known = [
        (theory.edge_of_chaos("tanh", bias_variance), "tanh의 경계와 같은 값입니다. sin의 경계를 구하십시오."),
        (2 / (1 + np.exp(-2 * bias_variance)), "q를 BIAS로 둔 값과 같습니다. q는 편향과 가중치가 함께 정합니다."),
        (1.0, "편향이 없을 때의 경계와 같은 값입니다. 편향이 있으면 경계가 어느 쪽으로 움직이는지 보십시오."),
        (2.0, "ReLU에 쓰는 값과 같습니다. sin의 경계를 구하십시오."),
    ]
    general = "뜻한 값인지, 분산이 머무는 값 q가 편향 때문에 어떻게 바뀌는지 보십시오."
    hint = f"σ_w²(분산 × fan_in)이 {size:.2g}입니다. {only_reason([(size, known)], relative=0.004) or general}"
    if min(apart, back) > 1:
        return f"혼돈입니다. {measured} {hint}"
    return f"질서입니다. {measured} {hint}" if max(apart, back) < 1 else f"경계가 아닙니다. {measured}"


def hidden(which, seed):
    """가려진 망의 차례와 (활성화 함수, σ_w², σ_b²)."""
    nets = {
        "질서": ("tanh", ORDERED[which - 1], HIDDEN_BIAS),
        "혼돈": ("tanh", CHAOTIC[which - 1], HIDDEN_BIAS),
        "He": ("relu", 2.0, 0.0),
        "LeCun": ("tanh", 1.0, 0.0),
    }
    return [str(kind) for kind in np.random.default_rng(seed).permutation(KINDS)], nets


def unnamed(*, nets, seed):
    """{가려진 이름: 층마다의 1 − 코사인}. 코사인 0.9에서 출발한 두 입력의 이론값입니다."""
    order, settings = hidden(nets, seed)
    paths = [mean_field.trajectory(0.9, *settings[kind], depth=DEPTH) for kind in order]
    return {f"({name})": 1 - path.cosine for name, path in zip("가나다라", paths)}


def reading(nets, xi, limit, *, which, seed):
    """4번. 그림 읽기: 네 망의 이름, 질서의 깊이의 눈금, 혼돈에서 다가가는 코사인."""
    order, settings = hidden(which, seed)
    nets = nets.tolist() if isinstance(nets, np.ndarray) else nets
    four = isinstance(nets, (tuple, list)) and len(nets) == len(KINDS)
    require(nets is not ..., "`nets`에 아직 답을 쓰지 않았습니다.")
    require(four, "`nets`에는 이름 넷을 (가), (나), (다), (라)의 차례로 적으십시오.")
    nets = [choice("nets", kind, KINDS) for kind in nets]
    xi, limit = number("xi", xi), number("limit", limit)
    wrong = sum(kind != right for kind, right in zip(nets, order))
    hint = "지수로 줄어드는 선, 지수보다 느리게 줄어드는 선, 머무는 선, 올라가는 선을 가려 보십시오."
    require(not wrong, f"nets 가운데 {wrong}개가 그림과 다릅니다. {hint}")
    want = mean_field.fixed_point(*settings["질서"]).correlation_depth
    mistakes = [
        (want * np.log(10), "10분의 1이 되는 층의 수입니다. 깊이의 눈금은 어떤 배율로 정했습니까?"),
        (want / np.log(10), "자연로그와 상용로그가 섞이지 않았는지 보십시오."),
        (2 * want, "두 배입니다. 신호의 RMS가 아니라 코사인의 차이가 줄어드는 빠르기를 물었습니다."),
        (1 / want, "로그 축의 기울기입니다. 눈금은 층의 수입니다."),
        (np.exp(-1 / want), "층마다의 배율입니다. 눈금은 층의 수입니다."),
    ]
    close("xi", xi, want, mistakes, relative=0.08)
    end = mean_field.trajectory(0.9, *settings["혼돈"], depth=DEPTH).cosine[-1]
    mistakes = [(1 - end, "그림의 높이를 그대로 적지 않았는지 보십시오. 세로축은 1 − 코사인입니다.")]
    close("limit", limit, end, mistakes, relative=0, absolute=0.07)
    passed("4번")
