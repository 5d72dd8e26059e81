"""13장 연습의 다른 옳은 답과 흔한 틀린 답."""

NORMED = """
def batch_norm(z, gamma, beta, epsilon):
    mean, variance = z.mean(axis=0), z.var(axis=0)
    return RESULT
"""
SEEN = """
def after_training(x, batches, momentum, epsilon):
    mean, variance = np.zeros(x.shape[1]), np.ones(x.shape[1])
    for batch in batches:
        mean = (1 - momentum) * mean + momentum * batch.mean(axis=0)
        variance = (1 - momentum) * variance + momentum * batch.var(axis=0, ddof=1)
    return (x - mean) / np.sqrt(variance + epsilon)
"""
WALKED = """
def effective_rates(length, gradient, rate, steps):
    lengths = [length]
    for _ in range(steps):
        r = lengths[-1]
        lengths.append(np.sqrt(r**2 + (rate * gradient / r) ** 2))
    return rate / np.array(lengths) ** 2
"""
SOLVED = """
def slope_for(depth, times):
    s = np.linspace(0, 1, 10_001)
    square, mean = (1 + s**2) / 2, (1 - s) / np.sqrt(2 * np.pi)
    growth = np.sqrt(square / (square - mean**2))
    return s[np.argmin(abs(growth**depth - times))]
"""
READ = """
low_to_high = sorted(lines, key=lambda name: np.mean(np.log(lines[name])))
layer_norm, rest, relu = low_to_high
per_layer = round(float((lines[rest][4] / lines[rest][-1]) ** (1 / 25)), 3)
highest = max(i for i, value in enumerate(lines[relu], 1) if value > LIMIT)
"""


def changed(code, *changes):
    """옳은 답에서 몇 곳만 고친 것."""
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code


def normed(result):
    return NORMED.replace("RESULT", result)


RIGHT = [
    (1, "한 줄로 모음", normed("gamma / np.sqrt(variance + epsilon) * (z - mean) + beta")),
    (
        1,
        "유닛마다 되풀이하고 float32로 돌려줌",
        """
def batch_norm(z, gamma, beta, epsilon):
    y = np.empty_like(z)
    for j in range(z.shape[1]):
        centred = z[:, j] - sum(z[:, j]) / len(z)
        y[:, j] = gamma[j] * centred / (np.mean(centred**2) + epsilon) ** 0.5 + beta[j]
    return y.astype(np.float32)
""",
    ),
    (
        1,
        "wi_lib으로",
        """
def batch_norm(z, gamma, beta, epsilon):
    import wi_lib
    norm, units = layers.BatchNorm(epsilon=epsilon), z.shape[1:]
    net = wi_lib.Network([norm], input_shape=units, rng=np.random.default_rng(0), dtype=np.float64)
    net.layers[0].parameters[0][...] = gamma
    net.layers[0].parameters[1][...] = beta
    return net.forward(z, training=True)
""",
    ),
    (
        2,
        "차이의 momentum배만큼",
        """
def after_training(x, batches, momentum, epsilon):
    state = np.stack([np.zeros(x.shape[1]), np.ones(x.shape[1])])
    for batch in batches:
        n = len(batch)
        state += momentum * (np.stack([batch.mean(0), batch.var(0) * n / (n - 1)]) - state)
    return (x - state[0]) * (state[1] + epsilon) ** -0.5
""",
    ),
    (
        3,
        "제곱만 들고 감",
        WALKED.replace("lengths = [length]", "square = [length**2]").split("    for")[0]
        + """
    for _ in range(steps):
        square += [square[-1] + rate**2 * gradient**2 / square[-1]]
    return np.divide(rate, square)
""",
    ),
    (
        3,
        "유효 학습률끼리의 점화식",
        """
def effective_rates(length, gradient, rate, steps):
    e = np.empty(steps + 1)
    e[0] = rate / length**2
    for t in range(steps):
        e[t + 1] = e[t] / (1 + (e[t] * gradient) ** 2)
    return e
""",
    ),
    (
        3,
        "정말로 W를 옮겨 봄",
        """
def effective_rates(length, gradient, rate, steps):
    rng = np.random.default_rng(0)
    W, rates = np.full(4, length / 2), []
    for _ in range(steps + 1):
        rates.append(rate / (W @ W))
        g = rng.standard_normal(4)
        g -= W * (g @ W) / (W @ W)
        W = W - rate * gradient * g / np.linalg.norm(g) / np.linalg.norm(W)
    return np.array(rates)
""",
    ),
    (4, "격자에서 가장 가까운 것", SOLVED),
    (
        4,
        "wi_lib의 이론을 이분법으로",
        """
def slope_for(depth, times):
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        big = theory.normalized_growth(f"leaky_relu({middle})", "batch") ** depth > times
        low, high = (middle, high) if big else (low, middle)
    return middle
""",
    ),
    (
        4,
        "이차방정식의 근",
        """
def slope_for(depth, times):
    k = np.pi * (1 - times ** (-2 / depth))
    return (1 - np.sqrt(k * (2 - k))) / (1 - k)
""",
    ),
    (5, "눈으로 읽음", READ),
    (5, "한 층 어긋나게 읽음", READ + "highest, per_layer = float(highest - 1), per_layer + 0.005"),
]

WRONG = [
    (1, "배열 전체의 평균", normed("gamma * (z - z.mean()) / np.sqrt(z.var() + epsilon) + beta"), "배열 전체"),
    (
        1,
        "층 정규화",
        normed("gamma * (z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + epsilon) + beta"),
        "층 정규화",
    ),
    (1, "N − 1로 나눔", normed("gamma * (z - mean) / np.sqrt(z.var(0, ddof=1) + epsilon) + beta"), "N − 1"),
    (1, "epsilon을 잊음", normed("gamma * (z - mean) / np.sqrt(variance) + beta"), "epsilon을 더하지"),
    (1, "epsilon을 제곱근 밖에", normed("gamma * (z - mean) / (z.std(0) + epsilon) + beta"), "제곱근 안"),
    (1, "분산으로 나눔", normed("gamma * (z - mean) / (variance + epsilon) + beta"), "제곱근을 씌우"),
    (1, "평균을 빼지 않음", normed("gamma * z / np.sqrt(variance + epsilon) + beta"), "평균을 빼지"),
    (1, "gamma와 beta를 잊음", normed("(z - mean) / np.sqrt(variance + epsilon)"), "gamma와 beta를"),
    (1, "gamma와 beta를 바꿈", normed("beta * (z - mean) / np.sqrt(variance + epsilon) + gamma"), "자리가"),
    (1, "괄호를 빠뜨림", normed("gamma * z - mean / np.sqrt(variance + epsilon) + beta"), "다릅니다"),
    (
        1,
        "z를 제자리에서 고침",
        """
def batch_norm(z, gamma, beta, epsilon):
    z -= z.mean(axis=0)
    return gamma * z / np.sqrt(z.var(axis=0) + epsilon) + beta
""",
        "배열을 고쳐",
    ),
    (1, "유닛마다의 값만", normed("gamma * mean / np.sqrt(variance + epsilon) + beta"), "모양이"),
    (2, "x의 통계", changed(SEEN, ("(x - mean)", "(x - x.mean(0))"), ("variance + eps", "x.var(0) + eps")), "x의 평균"),
    (2, "momentum을 거꾸로", changed(SEEN, ("mean, var", "momentum = 1 - momentum\n    mean, var")), "거꾸로"),
    (2, "N으로 나눈 분산", changed(SEEN, (", ddof=1", "")), "N − 1"),
    (2, "마지막 배치만", changed(SEEN, ("(1 - momentum) *", "0 *"), ("+ momentum *", "+ 1 *")), "마지막 배치"),
    (
        2,
        "고르게 평균",
        """
def after_training(x, batches, momentum, epsilon):
    mean = np.mean([b.mean(0) for b in batches], axis=0)
    return (x - mean) / np.sqrt(np.mean([b.var(0) for b in batches], axis=0) + epsilon)
""",
        "고르게 평균",
    ),
    (
        2,
        "이어 붙임",
        """
def after_training(x, batches, momentum, epsilon):
    seen = np.concatenate(batches)
    return (x - seen.mean(0)) / np.sqrt(seen.var(0) + epsilon)
""",
        "이어 붙였",
    ),
    (2, "분산도 0에서", changed(SEEN, ("np.ones", "np.zeros")), "1에서 시작"),
    (2, "표준편차를 평균", changed(SEEN, ("batch.var", "batch.std"), ("(variance +", "(variance**2 +")), "표준편차를"),
    (
        2,
        "첫 배치에서 시작",
        changed(
            SEEN, ("np.zeros(x.shape[1])", "batches[0].mean(0)"), ("np.ones(x.shape[1])", "batches[0].var(0, ddof=1)")
        ),
        "첫 배치에서",
    ),
    (2, "epsilon을 잊음", changed(SEEN, (" + epsilon", "")), "epsilon을 더하지"),
    (2, "batches를 비움", changed(SEEN, ("    return", "    batches.clear()\n    return")), "batches를 고쳐"),
    (3, "기울기를 그대로 둠", changed(WALKED, ("gradient / r", "gradient")), "그대로라고"),
    (3, "기울기가 길이에 비례", changed(WALKED, ("gradient / r", "gradient * r")), "비례한다고"),
    (
        3,
        "길이에 그대로 더함",
        changed(WALKED, ("np.sqrt(r**2 + (rate * gradient / r) ** 2)", "r + rate * gradient / r")),
        "이루는 각",
    ),
    (
        3,
        "길이에서 뺌",
        changed(WALKED, ("np.sqrt(r**2 + (rate * gradient / r) ** 2)", "r - rate * gradient / r")),
        "이루는 각",
    ),
    (3, "길이로 한 번만 나눔", changed(WALKED, ("np.array(lengths) ** 2", "np.array(lengths)")), "한 번만"),
    (3, "길이를 돌려줌", changed(WALKED, ("rate / np.array(lengths) ** 2", "np.array(lengths)")), "길이를 돌려주고"),
    (
        3,
        "자라지 않음",
        "def effective_rates(length, gradient, rate, steps):\n    return np.full(steps + 1, rate / length**2)",
        "길어지지",
    ),
    (
        3,
        "어림한 식",
        """
def effective_rates(length, gradient, rate, steps):
    return rate / np.sqrt(length**4 + 2 * (rate * gradient) ** 2 * np.arange(steps + 1))
""",
        "어림한 식",
    ),
    (3, "처음을 빠뜨림", changed(WALKED, ("np.array(lengths)", "np.array(lengths[1:])")), "모양이"),
    (
        3,
        "목록",
        changed(WALKED, ("return rate / np.array(lengths) ** 2", "return [rate / r**2 for r in lengths]")),
        "배열이어야",
    ),
    (
        4,
        "분산의 배율",
        changed(SOLVED, ("np.sqrt(square / (square - mean**2))", "square / (square - mean**2)")),
        "분산의 배율",
    ),
    (
        4,
        "더해진다고 봄",
        changed(SOLVED, ("growth**depth - times", "1 + depth * (growth - 1) - times")),
        "더해지지 않고",
    ),
    (4, "평균의 제곱을 잊음", changed(SOLVED, ("mean**2", "mean")), "평균의 제곱"),
    (4, "음수 쪽의 부호", changed(SOLVED, ("(1 - s)", "(1 + s)")), "옳게 뺐는지"),
    (4, "한 층 덜 셈", changed(SOLVED, ("**depth", "**(depth - 1)")), "한 번 덜"),
    (4, "층 정규화의 배율", changed(SOLVED, ("(square - mean**2)", "square")), "구간의 끝"),
    (
        4,
        "곧게 이음",
        """
def slope_for(depth, times):
    relu = np.sqrt(np.pi / (np.pi - 1))
    return (relu - times ** (1 / depth)) / (relu - 1)
""",
        "곧게 이었습니다",
    ),
    (4, "배율을 돌려줌", "def slope_for(depth, times):\n    return times ** (1 / depth)", "큽니다"),
    (5, "층 정규화와 뒤바꿈", READ + "layer_norm, rest = rest, layer_norm", "layer_norm이 다릅니다"),
    (5, "ReLU와 leaky ReLU를 뒤바꿈", READ + "relu = rest", "relu가 다릅니다"),
    (5, "분산의 배율", READ + "per_layer = per_layer**2", "분산의 배율"),
    (5, "거꾸로", READ + "per_layer = 1 / per_layer", "거꾸로"),
    (5, "모든 층의 배율", READ + "per_layer = lines[rest][0]", "맨 아래까지"),
    (5, "더해진다고 봄", READ + "per_layer = lines[rest][0] / 29", "더해지지 않고"),
    (5, "ReLU의 배율", READ + "per_layer = np.sqrt(np.pi / (np.pi - 1))", "ReLU의 배율"),
    (5, "위에서부터 셈", READ + "highest = 31 - highest", "왼쪽에서부터"),
    (5, "망의 이름을 적음", READ + "relu = 'ReLU'", "가운데 하나"),
]
