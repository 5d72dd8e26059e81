"""2장 연습의 다른 옳은 답과 흔한 틀린 답."""

READ = """
spread = {label: s.activations[-1].std() for label, (s, _) in nets.items()}
small, middle, large = sorted(spread, key=spread.get)
deltas = [wi_lib.signals.rms(d) for d in nets[small][0].deltas]
factor = (deltas[0] / deltas[-1]) ** (1 / 7)
"""

RIGHT = [
    (
        1,
        "z로 되돌려서",
        """
def saturated(a):
    e = np.abs(a - 0.5)
    return float((e > np.sqrt(0.25 - 0.0125)).mean())
""",
    ),
    (1, "wi_lib로", "def saturated(a):\n    return wi_lib.activations.get('sigmoid').saturated(a)"),
    (
        2,
        "노름으로",
        """
def backward_factor(weights, a):
    slope = a - a**2
    return np.linalg.norm(weights) / weights.shape[0] ** 0.5 * np.linalg.norm(slope) / slope.size**0.5
""",
    ),
    (
        2,
        "무작위 신호를 건너 보내 보기",
        """
def backward_factor(weights, a):
    delta = np.random.default_rng(0).standard_normal((len(a), weights.shape[1]))
    return wi_lib.signals.rms((delta @ weights.T) * a * (1 - a))
""",
    ),
    (
        3,
        "균등분포",
        """
def keeps_rms(shape, *, rng):
    limit = np.sqrt(108 * np.pi / shape[0])
    return rng.uniform(-limit, limit, shape)
""",
    ),
    (
        3,
        "어림수와 wi_lib",
        """
def keeps_rms(shape, *, rng):
    return initializers.variance_scaling(113)(shape, rng=rng).astype(np.float32)
""",
    ),
    (3, "직교 행렬", "keeps_rms = lambda shape, *, rng: initializers.orthogonal(10.6)(shape, rng=rng)"),
    (4, "식으로 어림", READ + "factor = round(WIDTH**0.5 * SMALL / 4, 3)"),
]

WRONG = [
    (1, "0.05와 견줌", "def saturated(a):\n    return np.mean(a * (1 - a) < 0.05)", "0.05와"),
    (1, "출력으로 셈", "def saturated(a):\n    return np.mean((a < 0.05) | (a > 0.95))", "도함수의 크기로"),
    (1, "틀린 축", "def saturated(a):\n    return np.mean(a * (1 - a) < 0.0125, axis=0)", "수 하나여야"),
    (
        1,
        "자료의 최댓값",
        "def saturated(a):\n    s = a * (1 - a)\n    return np.mean(s < 0.05 * s.max())",
        "가장 큰 도함수",
    ),
    (1, "백분율", "def saturated(a):\n    return 100 * np.mean(a * (1 - a) < 0.0125)", "백분율"),
    (1, "개수", "def saturated(a):\n    return np.sum(a * (1 - a) < 0.0125)", "개수가 아니라"),
    (
        2,
        "fan_in을 씀",
        """
def backward_factor(weights, a):
    return weights.shape[0] ** 0.5 * weights.std() * np.mean((a * (1 - a)) ** 2) ** 0.5
""",
        "fan_in과 fan_out을",
    ),
    (
        2,
        "도함수의 평균",
        """
def backward_factor(weights, a):
    return weights.shape[1] ** 0.5 * weights.std() * np.mean(a * (1 - a))
""",
        "평균이 아니라",
    ),
    (
        2,
        "분산의 배율",
        """
def backward_factor(weights, a):
    return weights.shape[1] * weights.var() * np.mean((a * (1 - a)) ** 2)
""",
        "분산의 배율",
    ),
    (
        2,
        "입력의 수를 셈",
        "def backward_factor(weights, a):\n    return (len(a) * weights.var() * np.mean((a * (1 - a)) ** 2)) ** 0.5",
        "입력들이 아니라",
    ),
    (
        2,
        "1/4로 봄",
        """
def backward_factor(weights, a):
    return weights.shape[1] ** 0.5 * weights.std() / 4
""",
        "최댓값으로",
    ),
    (
        2,
        "평균에서 한 번만",
        """
def backward_factor(weights, a):
    return weights.shape[1] ** 0.5 * weights.std() * a.mean() * (1 - a.mean())
""",
        "한 번만 구했습니다",
    ),
    (3, "표준편차 1", "def keeps_rms(shape, *, rng):\n    return rng.standard_normal(shape)", "사라집니다"),
    (3, "너비를 보지 않음", "def keeps_rms(shape, *, rng):\n    return 1.4 * rng.standard_normal(shape)", "폭주합니다"),
    (
        3,
        "도함수를 1/4로 봄",
        """
def keeps_rms(shape, *, rng):
    return 4 / np.sqrt(shape[0]) * rng.standard_normal(shape)
""",
        "최댓값으로",
    ),
    (
        3,
        "분산을 표준편차로",
        """
def keeps_rms(shape, *, rng):
    return 36 * np.pi / shape[0] * rng.standard_normal(shape)
""",
        "폭주합니다",
    ),
    (
        3,
        "1/√n",
        """
def keeps_rms(shape, *, rng):
    return initializers.lecun_normal()(shape, rng=rng)
""",
        "사라집니다",
    ),
    (
        3,
        "한계와 표준편차를 혼동",
        """
def keeps_rms(shape, *, rng):
    std = np.sqrt(36 * np.pi / shape[0])
    return rng.uniform(-std, std, shape)
""",
        "사라집니다",
    ),
    (
        3,
        "전역 난수",
        """
def keeps_rms(shape, *, rng):
    return np.sqrt(36 * np.pi / shape[0]) * np.random.standard_normal(shape)
""",
        "전역 난수",
    ),
    (
        3,
        "함수 안에서 정한 시드",
        """
def keeps_rms(shape, *, rng):
    rng = np.random.default_rng(1)
    return np.sqrt(36 * np.pi / shape[0]) * rng.standard_normal(shape)
""",
        "rng를 바꾸어도",
    ),
    (3, "0", "def keeps_rms(shape, *, rng):\n    return np.zeros(shape)", "rng를 바꾸어도"),
    (3, "아주 큼", "def keeps_rms(shape, *, rng):\n    return 1e200 * rng.standard_normal(shape)", "넘칩니다"),
    (
        3,
        "양수만",
        "def keeps_rms(shape, *, rng):\n    return 6 * np.sqrt(np.pi / shape[0]) * abs(rng.standard_normal(shape))",
        "평균이 0이 아닙니다",
    ),
    (
        3,
        "좁은 망에서만 4/√n",
        "def keeps_rms(shape, *, rng):\n    return 0.5 * rng.standard_normal(shape)",
        "모습을 다시",
    ),
    (
        3,
        "π를 빠뜨림",
        "def keeps_rms(shape, *, rng):\n    return 6 / np.sqrt(shape[0]) * rng.standard_normal(shape)",
        "모습은 맞으니",
    ),
    (4, "뒤바꿈", READ + "small, large = large, small", "뒤바뀌었습니다"),
    (4, "거꾸로", READ + "factor = 1 / factor", "거꾸로"),
    (4, "여러 층의 배율", READ + "factor = factor**7", "일곱 층"),
]
