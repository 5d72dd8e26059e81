"""5장 연습의 다른 옳은 답과 흔한 틀린 답."""

RIGHT = [
    (1, "gain으로 씀", "def he_std(n):\n    return wi_lib.activations.get('relu').gain * n**-0.5"),
    (
        2,
        "균등분포",
        """
def leaky_init(shape, slope, *, rng):
    limit = (6 / ((1 + slope**2) * shape[0])) ** 0.5
    return rng.uniform(-limit, limit, size=shape)
""",
    ),
    (
        2,
        "wi_lib로 씀",
        """
def leaky_init(shape, slope, *, rng):
    return initializers.variance_scaling(2 / (1 + slope**2))(shape, rng=rng)
""",
    ),
    (
        3,
        "직교 행렬",
        """
def alive(shape, *, rng):
    return initializers.orthogonal(np.sqrt(2 / KEEP))(shape, rng=rng)
""",
    ),
    (
        3,
        "인자를 묶은 함수",
        """
import functools

def spread(keep, shape, *, rng):
    return np.sqrt(2 / keep / shape[0]) * rng.standard_normal(shape)

alive = functools.partial(spread, KEEP)
""",
    ),
    (3, "람다", "alive = lambda shape, *, rng: initializers.variance_scaling(2 / KEEP)(shape, rng=rng)"),
    (
        4,
        "눈으로 읽어 둘째 자리까지",
        """
std = [a.std() for a in s.activations]
per_layer = round(float(std[20] / std[0]) ** 0.05, 2)
first_layer = next(i for i, value in enumerate(std) if value < 0.01 * std[0])
""",
    ),
]

WRONG = [
    (1, "분산을 돌려줌", "def he_std(fan_in):\n    return 2 / fan_in", "분산"),
    (1, "2를 빠뜨림", "def he_std(fan_in):\n    return fan_in ** -0.5", "되찾지 않았습니다"),
    (1, "거꾸로", "def he_std(fan_in):\n    return np.sqrt(fan_in / 2)", "거꾸로 된 분수"),
    (1, "정수 나눗셈", "def he_std(fan_in):\n    return np.sqrt(2 // fan_in)", "작습니다"),
    (
        2,
        "fan_in과 fan_out을 바꿈",
        """
def leaky_init(shape, slope, *, rng):
    return np.sqrt(2 / (1 + slope**2) / shape[1]) * rng.standard_normal(shape)
""",
        "바꾸어 썼습니다",
    ),
    (
        2,
        "모양을 뒤집음",
        """
def leaky_init(shape, slope, *, rng):
    return np.sqrt(2 / (1 + slope**2) / shape[0]) * rng.standard_normal(shape[::-1])
""",
        "뒤바뀌지",
    ),
    (
        2,
        "전역 시드",
        """
def leaky_init(shape, slope, *, rng):
    np.random.seed(0)
    return np.sqrt(2 / (1 + slope**2) / shape[0]) * np.random.randn(*shape)
""",
        "전역 난수",
    ),
    (
        2,
        "함수 안에서 정한 시드",
        """
def leaky_init(shape, slope, *, rng):
    rng = np.random.default_rng(0)
    return np.sqrt(2 / (1 + slope**2) / shape[0]) * rng.standard_normal(shape)
""",
        "rng를 바꾸어도",
    ),
    (
        2,
        "slope를 제곱하지 않음",
        """
def leaky_init(shape, slope, *, rng):
    return np.sqrt(2 / (1 + slope) / shape[0]) * rng.standard_normal(shape)
""",
        "제곱으로",
    ),
    (
        2,
        "한계와 표준편차를 혼동",
        """
def leaky_init(shape, slope, *, rng):
    std = np.sqrt(2 / (1 + slope**2) / shape[0])
    return rng.uniform(-std, std, shape)
""",
        "균등분포",
    ),
    (
        2,
        "더한 다음에 제곱함",
        """
def leaky_init(shape, slope, *, rng):
    return np.sqrt(2 / (1 + slope) ** 2 / shape[0]) * rng.standard_normal(shape)
""",
        "더한 다음에",
    ),
    (
        2,
        "직교 행렬",
        """
def leaky_init(shape, slope, *, rng):
    return initializers.orthogonal((2 / (1 + slope**2)) ** 0.5)(shape, rng=rng)
""",
        "작습니다",
    ),
    (
        2,
        "ReLU의 식 그대로",
        "def leaky_init(shape, slope, *, rng):\n    return initializers.he_normal()(shape, rng=rng)",
        "slope를",
    ),
    (
        3,
        "He 그대로",
        "def alive(shape, *, rng):\n    return initializers.he_normal()(shape, rng=rng)",
        "꺼진 유닛의 몫을 되찾지",
    ),
    (
        3,
        "ReLU의 몫을 되찾지 않음",
        "def alive(shape, *, rng):\n    return initializers.variance_scaling(1 / KEEP)(shape, rng=rng)",
        "ReLU가 버리는 몫을 되찾지",
    ),
    (
        3,
        "거꾸로 셈",
        "def alive(shape, *, rng):\n    return initializers.variance_scaling(2 * KEEP)(shape, rng=rng)",
        "거꾸로 셌습니다",
    ),
    (
        3,
        "꺼질 확률로 봄",
        "def alive(shape, *, rng):\n    return initializers.variance_scaling(2 / (1 - KEEP))(shape, rng=rng)",
        "남을 확률",
    ),
    (
        3,
        "복소수",
        "def alive(shape, *, rng):\n    return np.sqrt(2 / KEEP / shape[0]) * rng.standard_normal(shape) + 0j",
        "실수 NumPy 배열",
    ),
    (
        3,
        "두 번 되찾음",
        "def alive(shape, *, rng):\n    return initializers.variance_scaling(2 / KEEP**2)(shape, rng=rng)",
        "두 번",
    ),
    (
        3,
        "넘침",
        "def alive(shape, *, rng):\n    return np.exp(1000 * rng.random(shape)).astype(np.float32)",
        "무한대",
    ),
    (4, "분산의 배율을 읽음", "per_layer = GAIN / 2\nfirst_layer = 15", "분산의 배율"),
    (4, "절반을 빠뜨림", "per_layer = np.sqrt(GAIN)\nfirst_layer = 15", "per_layer"),
    (4, "다른 판의 답", "per_layer = 0.95\nfirst_layer = 91", "per_layer"),
]
