"""11장 연습의 다른 옳은 답과 흔한 틀린 답."""

FANS = """
def conv_fans(shape, layout, groups=1):
    o, i, h, w = shape if layout == "torch" else (shape[3], shape[2], *shape[:2])
    return RESULT
"""

READ = """
end = {k: s.activations[-1].std() for k, (s, _) in nets.items()}
root5, one, zero = sorted(end, key=end.get)
layer = next(i + 1 for i, a in enumerate(nets[root5][0].activations) if a.std() < BELOW)
"""

RIGHT = [
    (1, "gain을 거쳐", "def kaiming_a(scale):\n    gain = scale**0.5\n    return float((2 / gain**2 - 1) ** 0.5)"),
    (1, "float32", "kaiming_a = lambda scale: np.float32(2 - scale) ** 0.5 / np.float32(scale) ** 0.5"),
    (
        2,
        "np.prod와 목록으로",
        """
def conv_fans(shape, layout, groups=1):
    if layout == "torch":
        shape = (shape[2], shape[3], shape[1], shape[0])
    total = np.prod(shape)
    return [total // shape[3], total / shape[2] / groups]
""",
    ),
    (2, "배열로 돌려줌", FANS.replace("RESULT", "np.array([i, o // groups]) * h * w")),
    (
        2,
        "이어진 것을 하나씩 셈",
        """
def conv_fans(shape, layout, groups=1):
    o, i, h, w = shape if layout == "torch" else (shape[3], shape[2], *shape[:2])
    joined = np.kron(np.eye(groups), np.ones((i, o // groups)))
    return int(joined[:, 0].sum()) * h * w, int(joined[0].sum()) * h * w
""",
    ),
    (
        3,
        "후보마다의 기대값과 견줌",
        """
def which(w):
    n, m = w.shape
    wants = {"torch": 1 / (3 * n), "keras": 2 / (n + m), "flax": 1 / n, "he": 2 / n}
    kurtosis = (w**4).mean() / w.var() ** 2
    tails = {"torch": 1.8, "keras": 1.8, "flax": 2.4, "he": 3}
    def far(name):
        return abs(np.log(w.var() / wants[name])) + abs(kurtosis - tails[name])
    return min(wants, key=far)
""",
    ),
    (
        4,
        "1층과 마지막 층의 비로",
        """
ratio = {k: s.activations[-1].std() / s.activations[0].std() for k, (s, _) in nets.items()}
root5, one, _ = sorted(ratio, key=ratio.get)
layer = np.int64(next(i + 1 for i, a in enumerate(nets[root5][0].activations) if a.std() < BELOW))
""",
    ),
]

WRONG = [
    (1, "제곱근을 빠뜨림", "def kaiming_a(scale):\n    return 2 / scale - 1", "제곱한 것까지만"),
    (1, "1을 빠뜨림", "def kaiming_a(scale):\n    return np.sqrt(2 / scale)", "더하는 수"),
    (1, "gain을 돌려줌", "def kaiming_a(scale):\n    return np.sqrt(2 / (1 + scale**2))", "거꾸로"),
    (1, "표준편차의 배율로 봄", "def kaiming_a(scale):\n    return np.sqrt(2 / scale**2 - 1)", "분산의 배율"),
    (1, "한계와 섞음", "def kaiming_a(scale):\n    return np.sqrt(6 / scale - 1)", "한계와 섞였습니다"),
    (1, "늘 √5", "def kaiming_a(scale):\n    return 5**0.5", "늘 √5"),
    (2, "fan을 뒤바꿈", FANS.replace("RESULT", "o // groups * h * w, i * h * w"), "뒤바뀌었습니다"),
    (2, "채널만 셈", FANS.replace("RESULT", "i, o // groups"), "채널만"),
    (2, "fan_out에서 넓이를 빠뜨림", FANS.replace("RESULT", "i * h * w, o // groups"), "여러 자리의 출력"),
    (2, "묶음을 세지 않음", FANS.replace("RESULT", "i * h * w, o * h * w"), "모든 출력 채널에"),
    (2, "입력까지 묶음으로 나눔", FANS.replace("RESULT", "i * h * w // groups, o * h * w // groups"), "이미 한 묶음"),
    (2, "모든 채널을 이음", FANS.replace("RESULT", "groups * i * h * w, o * h * w"), "묶음끼리는"),
    (
        2,
        "keras의 두 채널을 바꿈",
        """
def conv_fans(shape, layout, groups=1):
    o, i, h, w = shape if layout == "torch" else (shape[2], shape[3], *shape[:2])
    return i * h * w, o // groups * h * w
""",
        "바꾸어 읽었습니다",
    ),
    (
        2,
        "layout을 보지 않음",
        "def conv_fans(shape, layout, groups=1):\n    o, i, h, w = shape\n    return i * h * w, o // groups * h * w",
        'layout이 "keras"',
    ),
    (
        2,
        "groups를 받지 않음",
        "def conv_fans(shape, layout):\n    o, i, h, w = shape\n    return i * h * w, o * h * w",
        "TypeError",
    ),
    (
        3,
        "분산만 봄",
        """
def which(w):
    n, m = w.shape
    wants = {"torch": 1 / (3 * n), "keras": 2 / (n + m), "flax": 1 / n, "he": 2 / n}
    return min(wants, key=lambda name: abs(np.log(w.var() / wants[name])))
""",
        "정사각형일 때만",
    ),
    (
        3,
        "fan_out으로 셈",
        """
def which(w):
    m, n = w.shape
    reach = np.abs(w).max() / w.std()
    if reach < 2:
        return "torch" if abs(w.var() * n - 1 / 3) < 0.2 else "keras"
    return "flax" if reach < 2.6 else "he"
""",
        "이름마다 어디에",
    ),
    (3, "늘 같은 답", "def which(w):\n    return 'he'", "끝이 끊기는 자리"),
    (3, "모양을 세지 않음", "def which(w):\n    return ['keras', 'torch'][int(w.var() < 0.002)]", "끝이 끊기는 자리"),
    (4, "one과 root5를 뒤바꿈", READ + "one, root5 = root5, one", "뒤바뀌었습니다"),
    (4, "a가 0인 것을 one으로", READ + "one = zero", "선의 이름이 다릅니다"),
    (4, "층을 잘못 읽음", READ + "layer += 3", "layer가 그림과 다릅니다"),
    (
        4,
        "다른 선을 읽음",
        READ + "layer = 1 + sum(a.std() > BELOW for a in nets[one][0].activations)",
        "layer가 그림과 다릅니다",
    ),
    (4, "따옴표 없는 답", "one, root5, layer = 1, 2, 9", "따옴표로 묶어"),
]
