"""8장 연습의 다른 옳은 답과 흔한 틀린 답."""

READ = """
gaussian = max(sizes, key=lambda label: sizes[label][0] / sizes[label][-1])
plain, other = sorted(set("가나다") - {gaussian}, key=lambda label: sizes[label][50])
per_layer = round(float(np.exp(np.log(sizes[other]).mean() / DEPTH)), 2)
lost = 100 - (sizes[gaussian] > 0.01).sum()
"""
SPARSE = "def sparse_init(shape, connections, *, rng):\n    k = min(connections, shape[0])\n"
EACH = (
    SPARSE
    + """
    W = np.zeros(shape)
    for unit in range(shape[1]):
        W[CHOICE, unit] = VALUES
    return W
"""
)
EVENLY, NORMAL = "rng.choice(shape[0], k, replace=False)", "rng.standard_normal(k) / np.sqrt(k)"
ORTHOGONAL = "def orthogonal_init(shape, *, rng):\n    n, m = shape\n    gain = max(1, m / n) ** 0.5\n"

RIGHT = [
    (1, "거듭제곱으로", "def kept_std(k):\n    return k ** (-1 / 2)"),
    (
        2,
        "순위로 고름",
        SPARSE
        + """
    rank = rng.random(shape).argsort(axis=0).argsort(axis=0)
    return np.where(rank < k, rng.standard_normal(shape) / np.sqrt(k), 0)
""",
    ),
    (2, "wi_lib로", SPARSE + "    return initializers.sparse(connections, std=k**-0.5)(shape, rng=rng)"),
    (2, "순열의 앞에서 고름", EACH.replace("CHOICE", "rng.permutation(shape[0])[:k]").replace("VALUES", NORMAL)),
    (
        3,
        "부호가 무작위인 순열",
        ORTHOGONAL
        + """
    W = np.zeros((max(shape), min(shape)))
    W[rng.permutation(max(shape))[: min(shape)], np.arange(min(shape))] = rng.choice([-1.0, 1.0], min(shape))
    return gain * (W if n >= m else W.T)
""",
    ),
    (
        3,
        "거울에 비춤(Householder)",
        ORTHOGONAL
        + """
    v = rng.standard_normal(max(shape))
    Q = np.eye(max(shape)) - 2 * np.outer(v, v) / (v @ v)
    return gain * Q[:n, :m]
""",
    ),
    (
        3,
        "단위행렬 가까이에서(Cayley)",
        ORTHOGONAL
        + """
    A = 0.1 * rng.standard_normal((max(shape), max(shape)))
    Q = np.linalg.solve(np.eye(max(shape)) + A - A.T, np.eye(max(shape)) - A + A.T)
    return gain * Q[:n, :m]
""",
    ),
    (
        3,
        "QR로",
        ORTHOGONAL
        + """
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    q = q * np.sign(np.diag(r))
    return (gain * (q if n >= m else q.T)).astype(np.float32)
""",
    ),
    (
        3,
        "SVD로",
        ORTHOGONAL
        + """
    u, _, v = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    return gain * u @ v
""",
    ),
    (
        3,
        "모양을 나누어",
        """
def orthogonal_init(shape, *, rng):
    W = initializers.orthogonal()(shape, rng=rng)
    return W * np.sqrt(shape[1] / shape[0]) if shape[1] > shape[0] else W
""",
    ),
    (4, "눈으로 읽어 둘째 자리까지", READ),
    (4, "조금 어긋나게 읽음", READ + "per_layer, lost = per_layer - 0.008, lost + 2"),
]

WRONG = [
    (1, "분산을 돌려줌", "def kept_std(connections):\n    return 1 / connections", "분산을"),
    (1, "거꾸로", "def kept_std(connections):\n    return np.sqrt(connections)", "거꾸로"),
    (1, "ReLU의 2", "def kept_std(connections):\n    return np.sqrt(2 / connections)", "ReLU의 2"),
    (
        2,
        "행마다 고름",
        SPARSE
        + """
    rank = rng.random(shape).argsort(axis=1).argsort(axis=1)
    return np.where(rank < k, rng.standard_normal(shape) / np.sqrt(k), 0)
""",
        "나가는 연결",
    ),
    (
        2,
        "확률로 지움",
        SPARSE + "    return rng.standard_normal(shape) / np.sqrt(k) * (rng.random(shape) < k / shape[0])",
        "확률로 지우지",
    ),
    (
        2,
        "모두 같은 입력",
        SPARSE
        + """
    W = np.zeros(shape)
    W[rng.choice(shape[0], k, replace=False)] = rng.standard_normal((k, shape[1])) / np.sqrt(k)
    return W
""",
        "모든 유닛이 같은 입력",
    ),
    (
        2,
        "fan_in으로 나눔",
        SPARSE + "    return initializers.sparse(connections, std=shape[0]**-0.5)(shape, rng=rng)",
        "fan_in으로",
    ),
    (
        2,
        "늘 connections로 나눔",
        SPARSE + "    return initializers.sparse(connections, std=connections**-0.5)(shape, rng=rng)",
        "실제로 이은",
    ),
    (
        2,
        "복원 추출",
        EACH.replace("CHOICE", "rng.integers(shape[0], size=k)").replace("VALUES", NORMAL),
        "두 번 고르지",
    ),
    (
        2,
        "이웃한 입력을 돌아가며",
        EACH.replace("CHOICE", "(unit + np.arange(k)) % shape[0]").replace("VALUES", NORMAL),
        "똑같은 입력들을",
    ),
    (
        2,
        "잇는 입력만 정해진 시드로",
        EACH.replace("CHOICE", EVENLY.replace("rng", "np.random.default_rng(unit)")).replace("VALUES", NORMAL),
        "잇는 입력이 같습니다",
    ),
    (
        2,
        "균등분포",
        EACH.replace("CHOICE", EVENLY).replace("VALUES", "rng.uniform(-1, 1, k) * np.sqrt(3 / k)"),
        "정규분포를 따르지",
    ),
    (2, "평균이 0이 아님", EACH.replace("CHOICE", EVENLY).replace("VALUES", f"{NORMAL} + 0.1"), "평균이 0이"),
    (2, "분산을 넘김", EACH.replace("CHOICE", EVENLY).replace("VALUES", "rng.normal(0, 1 / k, k)"), "분산을 넘겼"),
    (
        3,
        "보통의 직교 초기화",
        "def orthogonal_init(shape, *, rng):\n    return initializers.orthogonal()(shape, rng=rng)",
        "더 많은 유닛이",
    ),
    (
        3,
        "좁아질 때도 너비의 비를 곱함",
        ORTHOGONAL + "    return initializers.orthogonal((m / n) ** 0.5)(shape, rng=rng)",
        "좁아지는 층에서 RMS가",
    ),
    (
        3,
        "거꾸로 된 비",
        ORTHOGONAL + "    return initializers.orthogonal(1 / gain)(shape, rng=rng)",
        "거꾸로",
    ),
    (
        3,
        "분산의 비를 곱함",
        ORTHOGONAL + "    return initializers.orthogonal(gain**2)(shape, rng=rng)",
        "길이의 제곱",
    ),
    (
        3,
        "부호를 맞추지 않음",
        ORTHOGONAL
        + """
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    return gain * (q if n >= m else q.T)
""",
        "부호가 늘 같습니다",
    ),
    (
        3,
        "가로로 긴 모양을 잊음",
        ORTHOGONAL
        + """
    q, r = np.linalg.qr(rng.standard_normal(shape))
    return gain * q * np.sign(np.diag(r))
""",
        "모양이",
    ),
    (
        3,
        "정규분포",
        "def orthogonal_init(shape, *, rng):\n    return initializers.lecun_normal()(shape, rng=rng)",
        "직교하지 않습니다",
    ),
    (4, "정규분포와 뒤바꿈", READ + "plain, gaussian = gaussian, plain", "gaussian이 다릅니다"),
    (4, "gain을 곱한 쪽과 뒤바꿈", READ + "plain = other", "plain이 다릅니다"),
    (4, "DEPTH층의 배율", READ + "per_layer = sizes[other][0]", "DEPTH층을 모두"),
    (4, "더해진다고 봄", READ + "per_layer = sizes[other][0] / DEPTH", "곱해집니다"),
    (4, "한 층씩 덜 셈", READ + "per_layer = sizes[other][0] ** (1 / (DEPTH // 2))", "per_layer"),
    (4, "잘린 것을 셈", READ + "lost = int(np.sum(sizes[gaussian] <= 1e-4))", "아래에 있는 방향"),
    (4, "다른 높이에서 셈", READ + "lost = int(np.sum(sizes[gaussian] < 0.1))", "lost"),
]
