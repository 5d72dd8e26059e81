"""3장 연습의 다른 옳은 답과 흔한 틀린 답."""

RIGHT = [
    (1, "표준편차를 거쳐", "limit_for = lambda factor, n: 3**0.5 * (factor / n) ** 0.5"),
    (
        1,
        "NumPy float32",
        "def limit_for(factor, fan_in):\n    return np.float32(np.sqrt(3 * factor)) / np.sqrt(np.float32(fan_in))",
    ),
    (
        2,
        "정규분포",
        """
def conv_init(shape, *, rng):
    return rng.standard_normal(shape, dtype=np.float32) / np.sqrt(np.prod(shape[1:]))
""",
    ),
    (
        2,
        "wi_lib로 행렬을 만들어 접음",
        """
def conv_init(shape, *, rng):
    fan_in = int(np.prod(shape[1:]))
    return initializers.lecun_uniform()((fan_in, shape[0]), rng=rng).T.reshape(shape)
""",
    ),
    (
        2,
        "가운데 칸만",
        """
def conv_init(shape, *, rng):
    w = np.zeros(shape)
    w[:, :, shape[2] // 2, shape[3] // 2] = rng.standard_normal(shape[:2]) / np.sqrt(shape[1])
    return w
""",
    ),
    (
        3,
        "부호를 섞은 자리바꿈",
        """
def residual_init(shape, *, rng):
    signs = rng.choice([-1, 1], shape[0])
    return np.sqrt(GROWTH ** (1 / DEPTH) - 1) * signs * np.eye(shape[0])[rng.permutation(shape[0])]
""",
    ),
    (
        3,
        "균등분포",
        """
def residual_init(shape, *, rng):
    limit = (3 * (GROWTH ** (1 / DEPTH) - 1) / WIDTH) ** 0.5
    return rng.uniform(-limit, limit, size=shape)
""",
    ),
    (
        3,
        "로그로 어림함",
        """
def residual_init(shape, *, rng):
    return initializers.variance_scaling(np.log(GROWTH) / DEPTH)(shape, rng=rng)
""",
    ),
    (
        3,
        "직교 행렬",
        """
def residual_init(shape, *, rng):
    return initializers.orthogonal((GROWTH ** (1 / DEPTH) - 1) ** 0.5)(shape, rng=rng)
""",
    ),
    (
        4,
        "목록으로, 눈으로 읽어 둘째 자리까지",
        """
rules = [rule for rule in ch03.order(SEED)]
std = list(nets.values())[rules.index("fan_avg")].activations
per_cycle = round(float(std[14].std() / std[2].std()) ** 0.25, 2)
""",
    ),
    (
        4,
        "이론으로 구함",
        """
rules = tuple(ch03.order(SEED))
a, b, c = cycle
rules = np.array(rules)
per_cycle = np.sqrt(2 * a / (a + b) * 2 * b / (b + c) * 2 * c / (c + a))
""",
    ),
]

WRONG = [
    (
        1,
        "표준편차를 한계로",
        "def limit_for(factor, fan_in):\n    return np.sqrt(factor / fan_in)",
        "표준편차를 그대로",
    ),
    (1, "√3을 거꾸로", "def limit_for(factor, fan_in):\n    return np.sqrt(factor / fan_in / 3)", "거꾸로"),
    (1, "분산을 돌려줌", "def limit_for(factor, fan_in):\n    return factor / fan_in", "가중치의 분산"),
    (1, "루트를 빠뜨림", "def limit_for(factor, fan_in):\n    return 3 * factor / fan_in", "그 제곱"),
    (
        1,
        "표준편차의 배율로 봄",
        "def limit_for(factor, fan_in):\n    return factor * np.sqrt(3 / fan_in)",
        "분산의 배율",
    ),
    (1, "Xavier의 √6", "def limit_for(factor, fan_in):\n    return np.sqrt(6 * factor / fan_in)", "fan_out"),
    (2, "동료의 함수 그대로", "conv_init = colleague_init", "고친 것이 없습니다"),
    (
        2,
        "칸을 세지 않음",
        "def conv_init(shape, *, rng):\n    return rng.standard_normal(shape) / np.sqrt(shape[1])",
        "높이와 너비",
    ),
    (
        2,
        "채널을 바꿈",
        """
def conv_init(shape, *, rng):
    fan_in = shape[0] * shape[2] * shape[3]
    return rng.standard_normal(shape) / np.sqrt(fan_in)
""",
        "들어오는 채널과",
    ),
    (
        2,
        "한계에 표준편차를 씀",
        """
def conv_init(shape, *, rng):
    std = 1 / np.sqrt(np.prod(shape[1:]))
    return rng.uniform(-std, std, size=shape)
""",
        "한계 자리에",
    ),
    (
        2,
        "Xavier",
        """
def conv_init(shape, *, rng):
    out, channels, height, width = shape
    return np.sqrt(2 / ((out + channels) * height * width)) * rng.standard_normal(shape)
""",
        "fan_out",
    ),
    (
        2,
        "나가는 채널까지 셈",
        "def conv_init(shape, *, rng):\n    return rng.standard_normal(shape) / np.sqrt(np.prod(shape))",
        "나가는 채널까지",
    ),
    (
        2,
        "He",
        "def conv_init(shape, *, rng):\n    return rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))",
        "두 배입니다",
    ),
    (
        2,
        "분산을 씀",
        "def conv_init(shape, *, rng):\n    return rng.standard_normal(shape) / np.prod(shape[1:])",
        "분산을 썼습니다",
    ),
    (
        2,
        "표의 모양에만 맞춤",
        """
def conv_init(shape, *, rng):
    return rng.standard_normal(shape) / np.sqrt(CHANNELS * 9)
""",
        "표준편차",
    ),
    (
        2,
        "시드를 안에서 정함",
        """
def conv_init(shape, *, rng):
    rng = np.random.default_rng(SEED)
    return rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
""",
        "rng를 바꾸어도",
    ),
    (
        3,
        "LeCun 그대로",
        "def residual_init(shape, *, rng):\n    return initializers.lecun_normal()(shape, rng=rng)",
        "두 배쯤",
    ),
    (
        3,
        "지름길의 몫을 빼지 않음",
        """
def residual_init(shape, *, rng):
    return np.sqrt(GROWTH ** (1 / DEPTH) / shape[0]) * rng.standard_normal(shape)
""",
        "두 배쯤",
    ),
    (
        3,
        "층의 수로 나눔",
        """
def residual_init(shape, *, rng):
    return np.sqrt((GROWTH - 1) / DEPTH / shape[0]) * rng.standard_normal(shape)
""",
        "더해지지 않고",
    ),
    (
        3,
        "층마다 GROWTH배보다 큼",
        "def residual_init(shape, *, rng):\n    return np.sqrt((GROWTH + 1) / shape[0]) * rng.standard_normal(shape)",
        "DEPTH번 곱하면",
    ),
    (
        3,
        "표준편차의 배율로 봄",
        """
def residual_init(shape, *, rng):
    return np.sqrt((GROWTH ** (0.5 / DEPTH) - 1) / shape[0]) * rng.standard_normal(shape)
""",
        "분산의 배율",
    ),
    (
        3,
        "표준편차 자리에 분산",
        """
def residual_init(shape, *, rng):
    return (GROWTH ** (1 / DEPTH) - 1) / shape[0] * rng.standard_normal(shape)
""",
        "분산이 들어 있습니다",
    ),
    (
        3,
        "단위행렬의 곁",
        """
def residual_init(shape, *, rng):
    return (GROWTH ** (0.5 / DEPTH) - 1) * np.eye(shape[0]) + 1e-6 * rng.standard_normal(shape)
""",
        "평균이 0이 아닙니다",
    ),
    (
        3,
        "fan_in으로 나누지 않음",
        "def residual_init(shape, *, rng):\n    return np.sqrt(GROWTH ** (1 / DEPTH) - 1) * rng.standard_normal(shape)",
        "나누지 않았습니다",
    ),
    (3, "다 0", "def residual_init(shape, *, rng):\n    return np.zeros(shape)", "같은 가중치"),
    (4, "가림을 풀지 못함", 'rules = ("fan_avg", "fan_avg", "fan_in")\nper_cycle = 0.7', "그림과 다릅니다"),
    (4, "이름을 잘못 씀", 'rules = ("LeCun", "Xavier", "fan_out")\nper_cycle = 0.7', "따옴표"),
    (
        4,
        "분산의 배율",
        """
rules = tuple(ch03.order(SEED))
std = [a.std() for a in list(nets.values())[rules.index("fan_avg")].activations]
per_cycle = (std[17] / std[2]) ** (2 / 5)
""",
        "분산의 배율",
    ),
    (
        4,
        "한 층의 배율",
        """
rules = tuple(ch03.order(SEED))
std = [a.std() for a in list(nets.values())[rules.index("fan_avg")].activations]
per_cycle = (std[17] / std[2]) ** (1 / 15)
""",
        "한 층의 배율",
    ),
    (4, "규칙만 맞힘", "rules = tuple(ch03.order(SEED))\nper_cycle = 0.95", "값이"),
]
