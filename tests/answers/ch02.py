"""2장 연습의 다른 옳은 답과 흔한 틀린 답."""

READ = """
spread = {label: s.activations[-1].std() for label, (s, _) in nets.items()}
small, middle, large = sorted(spread, key=spread.get)
deltas = [wi_lib.signals.rms(d) for d in nets[small][0].deltas]
factor = (deltas[0] / deltas[-1]) ** (1 / 7)
"""

RIGHT = [
    (1, "분산에서", "def spread_of_z(n, std, mean_square):\n    return (n * std**2 * mean_square) ** 0.5"),
    (
        2,
        "z로 되돌려서",
        "def saturated(a):\n    e = np.abs(a - 0.5)\n    return float((e > np.sqrt(0.25 - 0.0125)).mean())",
    ),
    (2, "wi_lib로", "def saturated(a):\n    return wi_lib.activations.get('sigmoid').saturated(a)"),
    (
        3,
        "노름으로",
        """
def backward_factor(weights, a):
    slope = a - a**2
    return np.linalg.norm(weights) / weights.shape[0] ** 0.5 * np.linalg.norm(slope) / slope.size**0.5
""",
    ),
    (
        3,
        "무작위 신호를 건너 보내 보기",
        """
def backward_factor(weights, a):
    delta = np.random.default_rng(0).standard_normal((len(a), weights.shape[1]))
    return wi_lib.signals.rms((delta @ weights.T) * a * (1 - a))
""",
    ),
    (4, "식으로 어림", READ + "factor = round(WIDTH**0.5 * SMALL / 4, 3)"),
]

WRONG = [
    (1, "분산을 돌려줌", "def spread_of_z(n, std, mean_square):\n    return n * std**2 * mean_square", "분산을"),
    (1, "n을 빠뜨림", "def spread_of_z(n, std, mean_square):\n    return std * mean_square**0.5", "빠뜨렸습니다"),
    (
        1,
        "n의 제곱근을 빠뜨림",
        "def spread_of_z(n, std, mean_square):\n    return n * std * mean_square**0.5",
        "제곱근을",
    ),
    (
        1,
        "제곱 평균을 또 제곱",
        "def spread_of_z(n, std, mean_square):\n    return n**0.5 * std * mean_square",
        "이미 제곱한",
    ),
    (2, "0.05와 견줌", "def saturated(a):\n    return np.mean(a * (1 - a) < 0.05)", "0.05와"),
    (2, "출력으로 셈", "def saturated(a):\n    return np.mean((a < 0.05) | (a > 0.95))", "도함수의 크기로"),
    (2, "틀린 축", "def saturated(a):\n    return np.mean(a * (1 - a) < 0.0125, axis=0)", "수 하나여야"),
    (2, "개수", "def saturated(a):\n    return np.sum(a * (1 - a) < 0.0125)", "개수가 아니라"),
    (
        3,
        "fan_in을 씀",
        "def backward_factor(weights, a):\n"
        "    return weights.shape[0] ** 0.5 * weights.std() * np.mean((a * (1 - a)) ** 2) ** 0.5",
        "fan_in과 fan_out을",
    ),
    (
        3,
        "도함수의 평균",
        "def backward_factor(weights, a):\n    return weights.shape[1] ** 0.5 * weights.std() * np.mean(a * (1 - a))",
        "평균이 아니라",
    ),
    (
        3,
        "분산의 배율",
        "def backward_factor(weights, a):\n    return weights.shape[1] * weights.var() * np.mean((a * (1 - a)) ** 2)",
        "분산의 배율",
    ),
    (
        3,
        "1/4로 봄",
        "def backward_factor(weights, a):\n    return weights.shape[1] ** 0.5 * weights.std() / 4",
        "최댓값으로",
    ),
    (4, "뒤바꿈", READ + "small, large = large, small", "뒤바뀌었습니다"),
    (4, "거꾸로", READ + "factor = 1 / factor", "거꾸로"),
    (4, "여러 층의 배율", READ + "factor = factor**7", "일곱 층"),
]
