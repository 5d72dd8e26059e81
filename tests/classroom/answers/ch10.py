"""10장 연습의 다른 옳은 답과 흔한 틀린 답."""

MIXED = """
def next_pair(f, q, c, w, b, *, rng):
    first, other = rng.standard_normal((2, 200_000))
    u, v = np.sqrt(q) * first, np.sqrt(q) * (c * first + OTHER)
    q_next = w * np.mean(f(u) ** 2) + b
    return q_next, (w * np.mean(f(u) * f(v)) + b) / q_next
"""


def next_pair(*changes, other="np.sqrt(1 - c**2) * other"):
    """옳은 답에서 몇 곳만 고친 것."""
    code = MIXED.replace("OTHER", other)
    for old, new in changes:
        code = code.replace(old, new)
    return code


RIGHT = [
    (
        1,
        "깊이의 눈금으로",
        "def layers_until(chi, left):\n    xi = -1 / np.log(chi)\n    return -2 * xi * np.log(left)",
    ),
    (1, "√χ를 밑으로 하는 로그", "import math\nlayers_until = lambda chi, left: math.log(left, math.sqrt(chi))"),
    (
        2,
        "다변량 정규분포로 뽑음",
        """
def next_pair(f, q, c, w, b, *, rng):
    z = rng.multivariate_normal([0, 0], [[q, c * q], [c * q, q]], size=200_000)
    (uu, uv), (_, vv) = np.array(f(z)).T @ f(z) / len(z)
    size = w * (uu + vv) / 2 + b
    return [size, (w * uv + b) / size]
""",
    ),
    (
        2,
        "난수 없이 구적법으로",
        """
def next_pair(f, q, c, w, b, *, rng):
    z, p = np.polynomial.hermite_e.hermegauss(80)
    p = np.outer(p, p) / p.sum() ** 2
    u = f(np.sqrt(q) * (z[:, None] + 0 * z))
    v = f(np.sqrt(q) * (c * z[:, None] + np.sqrt(1 - c**2) * z))
    q_next = w * np.sum(p * u**2) + b
    return np.array([q_next, (w * np.sum(p * u * v) + b) / q_next])
""",
    ),
    (
        2,
        "두 입력의 분산을 따로 재고 float32로 돌려줌",
        """
def next_pair(f, q, c, w, b, *, rng):
    first, other = np.sqrt(q) * rng.standard_normal((2, 200, 1000))
    u, v = f(first), f(c * first + np.sqrt(1 - c**2) * other)
    k = [w * np.mean(x * y) + b for x, y in ((u, u), (u, v), (v, v))]
    return np.float32(k[0]), np.float32(k[1] / np.sqrt(k[0] * k[2]))
""",
    ),
    (
        3,
        "경계를 이분법으로 찾고 균등분포로 뽑음",
        """
def excess(w):
    q = 1.0
    for _ in range(500):
        q = w * (1 - np.exp(-2 * q)) / 2 + BIAS
    return w * (1 + np.exp(-2 * q)) / 2 - 1

low, high = 1.0, 3.0
for _ in range(40):
    middle = (low + high) / 2
    low, high = (low, middle) if excess(middle) > 0 else (middle, high)

def sine_init(shape, *, rng):
    limit = np.sqrt(3 * high / shape[0])
    return rng.uniform(-limit, limit, shape)
""",
    ),
    (
        3,
        "직교 행렬",
        """
qs = np.linspace(0.01, 3, 3000)
edge = 2 / (1 + np.exp(-2 * qs))
w = np.interp(BIAS, qs - edge * (1 - np.exp(-2 * qs)) / 2, edge)

def sine_init(shape, *, rng):
    return initializers.orthogonal(np.sqrt(w))(shape, rng=rng)
""",
    ),
    (2, "각도로 섞음", next_pair(other="np.sin(np.arccos(c)) * other")),
    (2, "갈라 낸 rng로", next_pair(("rng.st", "rng.spawn(1)[0].st"))),
    (
        3,
        "기댓값을 난수로 어림",
        """
z = np.random.default_rng(0).standard_normal(20_000)
qs = np.linspace(0.05, 2, 100)
weight = np.array([1 / np.mean(np.cos(np.sqrt(q) * z) ** 2) for q in qs])
bias = qs - weight * np.array([np.mean(np.sin(np.sqrt(q) * z) ** 2) for q in qs])
w = weight[np.argmin(abs(bias - BIAS))]

def sine_init(shape, *, rng):
    return initializers.variance_scaling(w)(shape, rng=rng)
""",
    ),
    (
        4,
        "눈으로 읽음",
        """
nets = tuple(ch10.hidden(NETS, SEED)[0])
line = dict(zip(nets, lines.values()))
xi = round(float(25 / np.log(line["질서"][10] / line["질서"][35])), 1)
limit = round(float(1 - line["혼돈"][35]), 2)
""",
    ),
]

WRONG = [
    (1, "분산의 배율로 봄", "def layers_until(chi, left):\n    return np.log(left) / np.log(chi)", "분산에 곱해지는"),
    (1, "제곱근을 거꾸로", "def layers_until(chi, left):\n    return np.log(left) / np.log(chi**2)", "제곱근을 거꾸로"),
    (1, "부호", "def layers_until(chi, left):\n    return -2 * np.log(left) / np.log(chi)", "부호"),
    (
        1,
        "한쪽만 부호",
        "def layers_until(chi, left):\n    return 2 * np.log(left) / abs(np.log(chi))",
        "1보다 작을 때의 부호",
    ),
    (1, "올림", "def layers_until(chi, left):\n    return np.ceil(2 * np.log(left) / np.log(chi))", "올림하지"),
    (1, "깊이의 눈금만", "def layers_until(chi, left):\n    return 1 / abs(np.log(chi))", "left를 쓰지"),
    (
        2,
        "f의 평균을 뺌",
        """
def next_pair(f, q, c, w, b, *, rng):
    z = rng.multivariate_normal([0, 0], [[q, c * q], [c * q, q]], size=200_000)
    k = w * np.cov(f(z).T) + b
    return k[0, 0], k[0, 1] / k[0, 0]
""",
        "평균을 뺐습니다",
    ),
    (
        2,
        "corrcoef를 씀",
        """
def next_pair(f, q, c, w, b, *, rng):
    z = rng.multivariate_normal([0, 0], [[q, c * q], [c * q, q]], size=200_000)
    return w * np.mean(f(z) ** 2) + b, np.corrcoef(f(z).T)[0, 1]
""",
        "np.corrcoef",
    ),
    (2, "상관에 편향을 빠뜨림", next_pair((" + b) / q_next", ") / q_next")), "분자에 편향"),
    (2, "분산에 편향을 빠뜨림", next_pair((" + b", "")), "편향을 빠뜨렸습니다"),
    (2, "q를 표준편차로 봄", next_pair(("np.sqrt(q)", "q")), "q는 분산입니다"),
    (2, "앞 층의 분산으로 나눔", next_pair(("/ q_next", "/ q")), "다음 층의 분산으로"),
    (2, "u와 v를 따로 뽑음", next_pair(("c * first", "0"), other="other"), "서로 독립"),
    (2, "c와 1 − c로 섞음", next_pair(other="(1 - c) * other"), "c와 1 − c로"),
    (2, "c의 절댓값", next_pair(("c * first", "abs(c) * first")), "큽니다"),
    (
        2,
        "공분산에 c",
        next_pair(("c * first", "c / q * first"), other="np.sqrt(1 - (c / q) ** 2) * other"),
        "공분산이 c",
    ),
    (2, "함수 안의 시드", next_pair(("rng.st", "np.random.default_rng(0).st")), "rng를 쓰지 않았습니다"),
    (2, "전역 난수", next_pair(("rng.st", "np.random.st")), "전역 난수"),
    (2, "하나만 돌려줌", "def next_pair(f, q, c, w, b, *, rng):\n    return w * q + b", "두 수"),
    (
        3,
        "LeCun 그대로",
        "def sine_init(shape, *, rng):\n    return initializers.lecun_normal()(shape, rng=rng)",
        "질서",
    ),
    (3, "He 그대로", "def sine_init(shape, *, rng):\n    return initializers.he_normal()(shape, rng=rng)", "혼돈"),
    (
        3,
        "tanh의 경계",
        """
from wi_lib import theory
edge = theory.edge_of_chaos("tanh", BIAS)

def sine_init(shape, *, rng):
    return initializers.variance_scaling(edge)(shape, rng=rng)
""",
        "tanh의 경계와 같은",
    ),
    (
        3,
        "BIAS를 q로 봄",
        """
def sine_init(shape, *, rng):
    return initializers.variance_scaling(2 / (1 + np.exp(-2 * BIAS)))(shape, rng=rng)
""",
        "q를 BIAS로",
    ),
    (3, "넘침", "def sine_init(shape, *, rng):\n    return 1e200 * rng.standard_normal(shape)", "100을 넘습니다"),
    (
        3,
        "시드를 함수 안에서 정함",
        """
def sine_init(shape, *, rng):
    return initializers.variance_scaling(1.6)(shape, rng=np.random.default_rng(0))
""",
        "rng를 바꾸어도",
    ),
    (4, "넷을 가리지 못함", 'nets = ["질서"] * 4\nxi, limit = 5, 0.3', "그림과 다릅니다"),
    (
        4,
        "10분의 1이 되는 층",
        """
nets, line = ch10.hidden(NETS, SEED)[0], min(lines.values(), key=lambda values: values[-1])
xi, limit = 20 / np.log10(line[19] / line[39]), 0.3
""",
        "10분의 1이",
    ),
    (
        4,
        "역전파 신호의 눈금",
        """
nets, line = ch10.hidden(NETS, SEED)[0], min(lines.values(), key=lambda values: values[-1])
xi, limit = 40 / np.log(line[19] / line[39]), 0.3
""",
        "코사인의 차이가",
    ),
    (
        4,
        "그림의 높이를 적음",
        """
nets, line = ch10.hidden(NETS, SEED)[0], min(lines.values(), key=lambda values: values[-1])
xi = 20 / np.log(line[19] / line[39])
limit = max(values[-1] for values in lines.values())
""",
        "높이를 그대로",
    ),
]
