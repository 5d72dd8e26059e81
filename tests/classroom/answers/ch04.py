"""4장 연습의 다른 옳은 답과 흔한 틀린 답."""

# 층마다 앞 층의 2σ − 1을 읽고, 은닉층이면 가중합을 두 배로 합니다.
MOVED = """
def to_sigmoid(weights, biases):
    new_W, new_b = [W.copy() for W in weights], [b.copy() for b in biases]
    for i, W in enumerate(weights[1:], start=1):
        new_W[i], new_b[i] = 2 * W, new_b[i] - W.sum(axis=0)
    for i in range(1, len(weights) - 1):
        new_W[i], new_b[i] = 2 * new_W[i], 2 * new_b[i]
    new_W[0], new_b[0] = 2 * new_W[0], 2 * new_b[0]
    return new_W, new_b
"""

RIGHT = [
    (
        1,
        "난수 없이 구적법으로",
        """
def measured_gain(f, *, rng):
    z, w = np.polynomial.hermite_e.hermegauss(80)
    return float((w @ f(z) ** 2 / w.sum()) ** -0.5)
""",
    ),
    (
        1,
        "20,000개만 뽑음",
        "measured_gain = lambda f, *, rng: np.mean(f(rng.standard_normal((200, 100))) ** 2) ** -0.5",
    ),
    (2, "은닉층과 출력층을 따로", MOVED),
    (
        2,
        "유닛의 부호를 뒤집음",
        """
def to_sigmoid(weights, biases):
    Ws, bs = [-2 * weights[0]], [-2 * biases[0]]
    for W, b in zip(weights[1:], biases[1:]):
        Ws.append(4 * W)
        bs.append(-2 * (b + W.sum(axis=0)))
    return [*Ws[:-1], Ws[-1] / -2], [*bs[:-1], bs[-1] / -2]
""",
    ),
    (
        2,
        "층의 종류를 나누어 씀",
        """
def to_sigmoid(weights, biases):
    middle = [(4 * W, 2 * b - 2 * W.sum(0)) for W, b in zip(weights[1:-1], biases[1:-1])]
    first, last = (2 * weights[0], 2 * biases[0]), (2 * weights[-1], biases[-1] - weights[-1].sum(0))
    new = [first, *middle, last]
    return tuple(W for W, _ in new), tuple(b for _, b in new)
""",
    ),
    (
        2,
        "float32",
        """
def to_sigmoid(weights, biases):
    Ws = [np.array(W * (2 if i == 0 else 4), np.float32) for i, W in enumerate(weights)]
    bs = [np.array(2 * b - (0 if i == 0 else 2 * weights[i].sum(0)), np.float32) for i, b in enumerate(biases)]
    return [*Ws[:-1], Ws[-1] / 2], [*bs[:-1], bs[-1] / 2]
""",
    ),
    (
        3,
        "균등분포",
        """
def stretched_init(shape, *, rng):
    limit = np.sqrt(3 / shape[0]) / (PEAK * STRETCH)
    return rng.uniform(-limit, limit, size=shape)
""",
    ),
    (
        3,
        "직교 행렬",
        "def stretched_init(shape, *, rng):\n    return initializers.orthogonal(1 / PEAK / STRETCH)(shape, rng=rng)",
    ),
    (
        3,
        "gain √2",
        "def stretched_init(shape, *, rng):\n    return initializers.he_normal()(shape, rng=rng) / PEAK / STRETCH",
    ),
    (
        3,
        "gain 1.1",
        """
def stretched_init(shape, *, rng):
    return initializers.variance_scaling((1.1 / (PEAK * STRETCH)) ** 2)(shape, rng=rng)
""",
    ),
    (
        4,
        "눈으로 읽어 둘째 자리까지",
        """
gains, _ = ch04.hidden(SEED)
line = nets[f"({'가나다'[gains.index('같다')]})"]
b = round(float(line[-1] / 200) ** 0.5, 2)
""",
    ),
]

# gain이 1보다 작은 망의 선에서 b를 읽은 답. 계수는 맞게 썼습니다.
OTHER_LINE = """
gains, _ = ch04.hidden(SEED)
line = list(nets.values())[gains.index("작다")]
b = np.sqrt((line[99] - line[19]) / 160)
"""

WRONG = [
    (
        1,
        "표준편차로 잼",
        "def measured_gain(f, *, rng):\n    return 1 / f(rng.standard_normal(10**5)).std()",
        "평균을 빼고",
    ),
    (
        1,
        "제곱근을 빠뜨림",
        "def measured_gain(f, *, rng):\n    return 1 / np.mean(f(rng.standard_normal(10**5)) ** 2)",
        "제곱근",
    ),
    (
        1,
        "거꾸로",
        "def measured_gain(f, *, rng):\n    return np.mean(f(rng.standard_normal(10**5)) ** 2) ** 0.5",
        "거꾸로",
    ),
    (
        1,
        "도함수로 잼",
        """
def measured_gain(f, *, rng):
    z = rng.standard_normal(10**5)
    return 1 / np.sqrt(np.mean(((f(z + 1e-4) - f(z - 1e-4)) / 2e-4) ** 2))
""",
        "역방향",
    ),
    (1, "표의 값", "def measured_gain(f, *, rng):\n    return 5 / 3", "measured_gain(f)"),
    (
        1,
        "전역 난수",
        "def measured_gain(f, *, rng):\n    return 1 / signals.rms(f(np.random.randn(10**5)))",
        "전역 난수",
    ),
    (
        1,
        "시드를 늘 같게",
        """
def measured_gain(f, *, rng):
    np.random.seed(0)
    return 1 / signals.rms(f(np.random.randn(10**5)))

measured_gain(np.tanh, rng=None)
""",
        "전역 난수",
    ),
    (
        2,
        "모두 네 배",
        """
def to_sigmoid(weights, biases):
    return [4 * W for W in weights], [2 * b - 2 * W.sum(0) for W, b in zip(weights, biases)]
""",
        "첫 은닉층부터",
    ),
    (
        2,
        "상수를 지우지 않음",
        """
def to_sigmoid(weights, biases):
    Ws = [2 * weights[0], *(4 * W for W in weights[1:-1]), 2 * weights[-1]]
    return Ws, [*(2 * b for b in biases[:-1]), biases[-1]]
""",
        "남는 상수",
    ),
    (
        2,
        "편향을 두 배로 하지 않음",
        """
def to_sigmoid(weights, biases):
    Ws = [2 * weights[0], *(4 * W for W in weights[1:-1]), 2 * weights[-1]]
    bs = [b - 2 * W.sum(0) for W, b in zip(weights[1:-1], biases[1:-1])]
    return Ws, [biases[0], *bs, biases[-1] - weights[-1].sum(0)]
""",
        "편향도 함께",
    ),
    (
        2,
        "출력층을 은닉층처럼",
        """
def to_sigmoid(weights, biases):
    Ws = [2 * weights[0], *(4 * W for W in weights[1:])]
    return Ws, [2 * biases[0], *(2 * b - 2 * W.sum(0) for W, b in zip(weights[1:], biases[1:]))]
""",
        "출력층에는",
    ),
    (2, "상수를 두 번 뺌", MOVED.replace("new_b[i] - W", "new_b[i] - 2 * W"), "남는 상수"),
    (2, "첫 층을 그대로 둠", MOVED.replace("new_W[0], new_b[0] = 2 * new_W[0], 2 * new_b[0]", "pass"), "절반입니다"),
    (
        2,
        "축을 바꾸어 더함",
        """
def to_sigmoid(weights, biases):
    return [2 * W for W in weights], [b - W.sum(axis=1) for W, b in zip(weights, biases)]
""",
        "ValueError",
    ),
    (
        2,
        "받은 배열을 고침",
        """
def to_sigmoid(weights, biases):
    for i, (W, b) in enumerate(zip(weights, biases)):
        if i:
            b -= W.sum(0)
            W *= 2
        if i < len(weights) - 1:
            b *= 2
            W *= 2
    return weights, biases
""",
        "고쳐 버립니다",
    ),
    (2, "가중치만 돌려줌", "def to_sigmoid(weights, biases):\n    return [2 * W for W in weights]", "weights"),
    (
        3,
        "Xavier 그대로",
        "def stretched_init(shape, *, rng):\n    return initializers.xavier_normal()(shape, rng=rng)",
        "50층",
    ),
    (
        3,
        "gain 5/3",
        """
def stretched_init(shape, *, rng):
    return initializers.variance_scaling((5 / 3 / (PEAK * STRETCH)) ** 2)(shape, rng=rng)
""",
        "폭주합니다",
    ),
    (
        3,
        "분산과 표준편차를 바꿈",
        """
def stretched_init(shape, *, rng):
    return rng.standard_normal(shape) / (PEAK * STRETCH) ** 2 / shape[0]
""",
        "사라집니다",
    ),
    (
        3,
        "기울기를 제곱하지 않음",
        """
def stretched_init(shape, *, rng):
    return initializers.variance_scaling(1 / (PEAK * STRETCH))(shape, rng=rng)
""",
        "50층",
    ),
    (
        3,
        "PEAK만 셈",
        "def stretched_init(shape, *, rng):\n    return rng.standard_normal(shape) / PEAK / np.sqrt(shape[0])",
        "50층",
    ),
    (
        3,
        "STRETCH만 셈",
        "def stretched_init(shape, *, rng):\n    return rng.standard_normal(shape) / STRETCH / np.sqrt(shape[0])",
        "폭주합니다",
    ),
    (
        3,
        "균등분포의 한계",
        """
def stretched_init(shape, *, rng):
    c = 1 / (PEAK * STRETCH * np.sqrt(shape[0]))
    return rng.uniform(-c, c, shape)
""",
        "균등분포의 한계",
    ),
    (
        3,
        "제곱근을 빠뜨림",
        "def stretched_init(shape, *, rng):\n    return rng.standard_normal(shape) / (PEAK * STRETCH * shape[0])",
        "fan_in으로 나누었습니다",
    ),
    (3, "모두 포화", "def stretched_init(shape, *, rng):\n    return 1e4 * rng.standard_normal(shape)", "포화했습니다"),
    (3, "넘침", "def stretched_init(shape, *, rng):\n    return 1e200 * rng.standard_normal(shape)", "넘칩니다"),
    (4, "셋을 가리지 못함", 'gains = ["크다", "크다", "작다"]\nb = 1.0', "그림과 다릅니다"),
    (4, "2를 빠뜨림", "gains, b = ch04.hidden(SEED)\nb *= 2**0.5", "계수"),
    (4, "다른 선에서 읽음", OTHER_LINE, "gain이 1인 망의 선"),
    (4, "기울기를 적음", "gains, b = ch04.hidden(SEED)\nb = 2 * b**2", "선의 기울기"),
    (4, "제곱을 적음", "gains, b = ch04.hidden(SEED)\nb **= 2", "제곱한 값"),
    (4, "역수", "gains, b = ch04.hidden(SEED)\nb = 1 / b", "`b`의 값이"),
    (4, "tanh로 봄", "gains, b = ch04.hidden(SEED)\nb = 1", "기대보다"),
]
