"""8장 연습의 다른 옳은 답과 흔한 틀린 답."""

READ = """
slope = {label: v[0] / v[-1] for label, v in sizes.items()}
gaussian = max(slope, key=slope.get)
flat = sorted(set("가나다") - {gaussian}, key=lambda k: sizes[k][50])
plain, height = flat[0], sizes[flat[1]].mean()
"""
SPARSE = "def sparse_init(shape, connections, *, rng):\n    k = min(connections, shape[0])\n"
ORTHOGONAL = "def orthogonal_init(shape, gain, *, rng):\n"

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
    (3, "wi_lib로", ORTHOGONAL + "    return initializers.orthogonal(gain)(shape, rng=rng)"),
    (
        3,
        "SVD로",
        ORTHOGONAL
        + """
    u, _, v = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    return gain * u @ v
""",
    ),
    (4, "그림의 수로", READ),
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
        3,
        "가로로 긴 모양을 잊음",
        ORTHOGONAL
        + """
    q, r = np.linalg.qr(rng.standard_normal(shape))
    W = np.zeros(shape)
    W[:, :q.shape[1]] = gain * q * np.sign(np.diag(r))
    return W + 0.01 * rng.standard_normal(shape) * (shape[0] < shape[1])
""",
        "직교하지 않습니다",
    ),
    (
        3,
        "gain을 빠뜨림",
        ORTHOGONAL + "    return initializers.orthogonal()(shape, rng=rng)",
        "gain을 곱하지",
    ),
    (
        3,
        "부호를 맞추지 않음",
        ORTHOGONAL
        + """
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    return gain * (q if shape[0] >= shape[1] else q.T)
""",
        "부호가 늘 같습니다",
    ),
    (3, "정규분포", ORTHOGONAL + "    return gain * rng.standard_normal(shape) / np.sqrt(max(shape))", "직교하지"),
    (4, "정규분포와 뒤바꿈", READ + "plain, gaussian = gaussian, plain", "gaussian이 다릅니다"),
    (4, "한 층의 배율", READ + "height = GAIN", "층 하나의 배율"),
    (4, "더함", READ + "height = GAIN * DEPTH", "곱해집니다"),
]
