"""7장 연습의 다른 옳은 답과 흔한 틀린 답."""

SEARCH = """
def matched_scale(activation, x, depth, width, *, rng):
    seed = int(rng.integers(2**31))
    def ratio(c):
        s = wi_lib.propagate(x, depth, width, activation, initializers.variance_scaling(c),
                             rng=np.random.default_rng(seed))
        return signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1])
    low, high = 0.05, 200
    for _ in range(14):
        middle = np.sqrt(low * high)
        if ratio(middle) < 1:
            low = middle
        else:
            high = middle
    return RESULT
"""

SEEDS = """
def seeds_needed(pairs, limit):
    n = 1
    while EXPECTED > limit:
        n += 1
    return n
"""

READ = """
sigmoid, tanh, relu, selu = np.round(100 * table).T
letter = lambda column: "가나다라마"[int(np.argmax(column))]
he, fooled = letter(relu), letter(sigmoid)
lecun = np.sort(relu)[-2]
selu_he, deeper = 100 / selu["가나다라마".index(he)], lecun / 2
"""

RIGHT = [
    (
        1,
        "분산에서",
        "def glorot_limit(shape, slope):\n    return math.sqrt(3 * 2 / (shape[0] + shape[1]) / slope**2)",
    ),
    (
        1,
        "wi_lib의 표준편차에서",
        """
def glorot_limit(shape, slope):
    c = 1 / slope**2
    fan = (shape[0] + shape[1]) / 2
    return np.float32(np.sqrt(3 * c / fan))
""",
    ),
    (2, "난수를 고정한 이분법", SEARCH.replace("RESULT", "np.float64(low)")),
    (
        2,
        "촘촘한 후보에서 고름",
        """
def matched_scale(activation, x, depth, width, *, rng):
    best = None
    for c in np.geomspace(0.05, 200, 60):
        s = wi_lib.propagate(x, depth, width, activation, initializers.variance_scaling(c), rng=rng)
        far = abs(np.log(signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1])))
        if best is None or far < best[0]:
            best = far, c
    return best[1]
""",
    ),
    (
        2,
        "잰 만큼 되풀이해 고침",
        """
def matched_scale(activation, x, depth, width, *, rng):
    c, seed = 1.0, int(rng.integers(2**31))
    for _ in range(30):
        draw = np.random.default_rng(seed)
        s = wi_lib.propagate(x, depth, width, activation, initializers.variance_scaling(c), rng=draw)
        c /= (signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1])) ** (1.5 / (depth - 1))
    return c
""",
    ),
    (
        3,
        "계승으로",
        """
def seeds_needed(pairs, limit):
    for n in range(1, 1000):
        ways = math.factorial(2 * n) / math.factorial(n) ** 2
        if 2 * pairs / ways <= limit:
            return np.int64(n)
""",
    ),
    (3, "실수 n", SEEDS.replace("EXPECTED", "pairs * 2 / math.comb(2 * n, n)").replace("return n", "return float(n)")),
    (
        3,
        "로그로 셈함",
        SEEDS.replace("EXPECTED", "pairs * 2 * math.exp(2 * math.lgamma(n + 1) - math.lgamma(2 * n + 1))"),
    ),
    (4, "표의 정수만 읽음", READ),
    (4, "층마다의 배율로", READ + "deeper = 100 * (lecun / 100) ** ((DEPTH + 1) / (DEPTH - 1))"),
    (4, "소수 첫째 자리로", READ + "selu_he, deeper = round(float(selu_he), 1), round(float(deeper), 1)"),
]

WRONG = [
    (
        1,
        "slope의 제곱",
        "def glorot_limit(shape, slope):\n    return np.sqrt(6 / sum(shape)) / slope**2",
        "늘어나는 것은 한계",
    ),
    (1, "늘 네 배", "def glorot_limit(shape, slope):\n    return 4 * np.sqrt(6 / sum(shape))", "늘 네 배"),
    (1, "slope를 곱함", "def glorot_limit(shape, slope):\n    return np.sqrt(6 / sum(shape)) * slope", "거꾸로"),
    (1, "표준편차", "def glorot_limit(shape, slope):\n    return np.sqrt(2 / sum(shape)) / slope", "표준편차를"),
    (1, "fan_in만", "def glorot_limit(shape, slope):\n    return np.sqrt(3 / shape[0]) / slope", "한쪽 fan만"),
    (1, "fan_out만", "def glorot_limit(shape, slope):\n    return np.sqrt(6 / shape[1]) / slope", "한쪽 fan만"),
    (
        1,
        "1/4일 때만 네 배",
        "def glorot_limit(shape, slope):\n    return np.sqrt(6 / sum(shape)) * (4 if slope == 0.25 else 1)",
        "기대보다",
    ),
    (1, "제곱근을 빠뜨림", "def glorot_limit(shape, slope):\n    return 6 / sum(shape) / slope", "제곱근"),
    (1, "3과 6을 혼동", "def glorot_limit(shape, slope):\n    return np.sqrt(3 / sum(shape)) / slope", "무엇과 짝"),
    (
        2,
        "gain을 믿음",
        "def matched_scale(activation, x, depth, width, *, rng):\n    return activation.gain**2",
        "1층까지 돌아온",
    ),
    (2, "늘 1", "def matched_scale(activation, x, depth, width, *, rng):\n    return 1", "1층까지 돌아온"),
    (2, "표준편차의 배율", SEARCH.replace("RESULT", "np.sqrt(middle)"), "분산의 배율"),
    (2, "역수", SEARCH.replace("RESULT", "1 / middle"), "거꾸로"),
    (
        2,
        "앞으로 가는 신호를 지킴",
        """
def matched_scale(activation, x, depth, width, *, rng):
    return wi_lib.theory.gain(activation) ** 2
""",
        "1층까지 돌아온",
    ),
    (
        2,
        "가중합이 0이라고 봄",
        """
def matched_scale(activation, x, depth, width, *, rng):
    c = 1 / wi_lib.theory.chi(1e-6, activation, 1.0)
    return c
""",
        "1층까지 돌아온",
    ),
    (
        2,
        "성긴 후보",
        """
def matched_scale(activation, x, depth, width, *, rng):
    def far(c):
        init = initializers.variance_scaling(c)
        s = wi_lib.propagate(x, depth, width, activation, init, rng=np.random.default_rng(0))
        return abs(np.log(signals.rms(s.deltas[0]) / signals.rms(s.deltas[-1])))
    return min((0.1, 1, 10, 100), key=far)
""",
        "1층까지 돌아온",
    ),
    (2, "이분법의 방향", SEARCH.replace("RESULT", "middle").replace("< 1", "> 1"), "1층까지 돌아온"),
    (
        2,
        "시드 없는 난수",
        SEARCH.replace("RESULT", "middle").replace("int(rng", "int(np.random.default_rng()"),
        "같은 시드의 rng",
    ),
    (
        2,
        "전역 난수",
        SEARCH.replace("RESULT", "middle").replace("int(rng", "np.random.randint(9) + int(rng"),
        "전역 난수",
    ),
    (3, "한쪽만 셈", SEEDS.replace("EXPECTED", "pairs / math.comb(2 * n, n)"), "두 쪽을"),
    (3, "짝의 수를 빠뜨림", SEEDS.replace("EXPECTED", "2 / math.comb(2 * n, n)"), "pairs를 쓰지"),
    (
        3,
        "하나 많음",
        SEEDS.replace("EXPECTED", "pairs * 2 / math.comb(2 * n, n)").replace("return n", "return n + 1"),
        "하나 많습니다",
    ),
    (3, "하나 모자람", SEEDS.replace("EXPECTED", "pairs * 2 / math.comb(2 * n + 2, n + 1)"), "모자랍니다"),
    (3, "짝지어 셈", SEEDS.replace("EXPECTED", "pairs * 2 / 2**n"), "둘씩 짝지어"),
    (3, "차례까지 셈", SEEDS.replace("EXPECTED", "pairs * 2 / math.perm(2 * n, n)"), "1/126인지"),
    (3, "3부터 셈", SEEDS.replace("EXPECTED", "pairs * 2 / math.comb(2 * n, n)").replace("n = 1", "n = 3"), "큽니다"),
    (3, "0부터 셈", SEEDS.replace("EXPECTED", "pairs * 2 / math.comb(2 * n, n)").replace("n = 1", "n = 0"), "1부터"),
    (3, "기댓값 대신 확률", SEEDS.replace("EXPECTED", "1 - (1 - 2 / math.comb(2 * n, n)) ** pairs"), "적어도 한 짝"),
    (3, "어림한 조합의 수", SEEDS.replace("EXPECTED", "pairs * 2 * math.sqrt(math.pi * n) / 4**n"), "작습니다"),
    (
        3,
        "같아도 넘었다고 봄",
        SEEDS.replace("EXPECTED > limit", "pairs * 2 / math.comb(2 * n, n) >= limit"),
        "꼭 같으면",
    ),
    (4, "배수의 방향", READ + "selu_he = 1 / selu_he", "r과 1/r 가운데"),
    (4, "칸의 수를 그대로", READ + "selu_he = 100 / selu_he", "칸의 수를 그대로"),
    (4, "4 × Glorot에 속음", READ + "fooled = '가나다라마'[int(np.argsort(sigmoid)[-2])]", "4 × Glorot입니다"),
    (4, "He와 LeCun을 바꿈", READ + "he = letter(tanh)", "he가 다릅니다"),
    (4, "한 층만 늘림", READ + "deeper = deeper * 2**0.5", "한 층을 늘렸을 때"),
    (4, "분산의 배율", READ + "deeper = deeper / 2", "혼동"),
    (4, "비율로 적음", READ + "deeper = deeper / 100", "퍼센트로"),
]
