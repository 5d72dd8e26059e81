"""9장 연습의 다른 옳은 답과 흔한 틀린 답."""

GAP = """
def gap(new, seen, weights, visible_bias, hidden_bias):
    def free(v):
        z = v @ weights + hidden_bias
        return FREE
    return RESULT
"""

START = """
def start(x, hidden, *, rng):
    p = np.clip(x.mean(axis=0), 0.01, 0.99)
    b, c = np.log(p / (1 - p)), np.log(ON / (1 - ON)) * np.ones(hidden)
    weights = rng.normal(0, 0.01, (x.shape[1], hidden))
    return RESULT
"""

CD1 = """
def cd1(v, weights, visible_bias, hidden_bias, *, rng):
    h0 = sigmoid(v @ weights + hidden_bias)
    h = (rng.random(h0.shape) < h0) * 1.0
    v1 = (rng.random(v.shape) < sigmoid(h @ weights.T + visible_bias)) * 1.0
    h1 = sigmoid(v1 @ weights + hidden_bias)
    return RESULT
"""

READ = """
height = {label: curves[label].mean() for label in "가나다"}
slow, _, fast = sorted(height, key=height.get)
step = steps[np.argmax(curves[fast] > LEVEL)]
kl = -curves[fast][-1] - np.log(14)
"""

FREE = "-v @ visible_bias - np.logaddexp(0, z).sum(axis=1)"
MEAN = "free(new).mean() - free(seen).mean()"


def gap(free=FREE, result=MEAN):
    return GAP.replace("FREE", free).replace("RESULT", result)


RIGHT = [
    (
        1,
        "행마다 되풀이",
        """
def gap(new, seen, weights, visible_bias, hidden_bias):
    def one(row):
        z = row @ weights + hidden_bias
        return -(row * visible_bias).sum() - np.sum(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))
    return sum(map(one, new)) / len(new) - sum(map(one, seen)) / len(seen)
""",
    ),
    (
        1,
        "wi_lib의 RBM으로",
        """
def gap(new, seen, weights, visible_bias, hidden_bias):
    rbm = RBM(*weights.shape, rng=np.random.default_rng(0), dtype=np.float64)
    for ours, given in zip(rbm.parameters, (weights, visible_bias, hidden_bias)):
        ours[...] = given
    return np.mean(rbm.free_energy(new)) - np.mean(rbm.free_energy(seen))
""",
    ),
    (
        2,
        "wi_lib의 RBM으로",
        """
def start(x, hidden, *, rng):
    rbm = RBM(x.shape[1], hidden, rng=rng)
    rbm.set_visible_bias(x)
    rbm.hidden_bias[:] = -np.log(1 / ON - 1)
    return rbm.parameters
""",
    ),
    (
        2,
        "무한대를 큰 수로",
        START.replace("np.clip(x.mean(axis=0), 0.01, 0.99)", "x.mean(axis=0)").replace(
            "RESULT", "weights, np.nan_to_num(b), c"
        ),
    ),
    (2, "목록으로 돌려줌", START.replace("RESULT", "[np.float32(weights), b, c]")),
    (
        3,
        "einsum과 binomial로",
        """
def cd1(v, weights, visible_bias, hidden_bias, *, rng):
    forward = lambda v: 1 / (1 + np.exp(-v @ weights - hidden_bias))
    h = rng.binomial(1, forward(v))
    v1 = rng.binomial(1, 1 / (1 + np.exp(-h @ weights.T - visible_bias)))
    return (np.einsum("ni,nj->nij", v, forward(v)) - np.einsum("ni,nj->nij", v1, forward(v1))).mean(axis=0)
""",
    ),
    (
        4,
        "눈으로 읽음",
        """
first = {label: np.argmax(np.append(curves[label], 0) > -5) for label in "가나다"}
slow, fast = max(first, key=first.get), min(first, key=first.get)
step = int(next(s for s, value in zip(steps, curves[fast]) if value > LEVEL)) + 50
kl = round(float(-2.64 - curves[fast][-1]), 1)
""",
    ),
]

WRONG = [
    (1, "넘침", gap("-v @ visible_bias - np.log(1 + np.exp(z)).sum(axis=1)"), "넘치거나"),
    (1, "자르고 계산", gap("-v @ visible_bias - np.log(1 + np.exp(np.clip(z, -30, 30))).sum(axis=1)"), "기대보다"),
    (1, "부호", gap(FREE.replace("-", "+", 1).replace(" - ", " + ")), "부호가 뒤집혔습니다"),
    (1, "거꾸로 뺌", gap(result="free(seen).mean() - free(new).mean()"), "부호가 뒤집혔습니다"),
    (1, "절댓값", gap(result=f"abs({MEAN})"), "부호를 버렸습니다"),
    (1, "부호도 다르고 넘침", gap("v @ visible_bias + np.log(1 + np.exp(z)).sum(axis=1)"), "부호가 뒤집혔습니다"),
    (1, "보이는 편향을 빠뜨림", gap("-np.logaddexp(0, z).sum(axis=1)"), "편향이 빠졌습니다"),
    (1, "합", gap(result="free(new).sum() - free(seen).sum()"), "평균해야 합니다"),
    (1, "은닉 유닛의 평균", gap(FREE.replace("sum", "mean")), "모두 더해야"),
    (2, "0으로 시작", START.replace("RESULT", "np.zeros_like(weights), b, c"), "똑같은 은닉 유닛"),
    (2, "은닉 편향이 0", START.replace("RESULT", "weights, b, 0 * c"), "은닉 유닛이 평균"),
    (2, "목표를 그대로 편향에", START.replace("RESULT", "weights, b, ON + 0 * c"), "은닉 유닛이 평균"),
    (2, "큰 가중치", START.replace("RESULT", "100 * weights, b, c"), "가중치의 크기"),
    (2, "비율을 그대로 편향에", START.replace("RESULT", "weights, x.mean(axis=0), c"), "비율을 그대로"),
    (2, "보이는 편향이 0", START.replace("RESULT", "weights, 0 * b, c"), "되돌아온 화소"),
    (
        2,
        "너무 안쪽에서 자름",
        START.replace("0.01, 0.99", "0.08, 0.92").replace("RESULT", "weights, b, c"),
        "언제나 꺼지거나",
    ),
    (2, "자르지 않음", START.replace("0.01, 0.99", "0, 1").replace("RESULT", "weights, b, c"), "무한대나 NaN"),
    (
        2,
        "무한대를 0으로",
        START.replace("0.01, 0.99", "0, 1").replace("RESULT", "weights, np.where(np.isfinite(b), b, 0), c"),
        "그 화소의 편향",
    ),
    (2, "모양을 뒤집음", START.replace("RESULT", "weights.T, b, c"), "뒤바뀌지"),
    (
        2,
        "함수 안의 시드",
        START.replace("rng.normal", "np.random.default_rng(0).normal").replace("RESULT", "weights, b, c"),
        "rng를 바꾸어도",
    ),
    (3, "부호", CD1.replace("RESULT", "(v1.T @ h1 - v.T @ h0) / len(v)"), "부호가 뒤집혔습니다"),
    (3, "합", CD1.replace("RESULT", "v.T @ h0 - v1.T @ h1"), "행마다의 합"),
    (3, "처음의 h를 다시 씀", CD1.replace("RESULT", "(v.T @ h0 - v1.T @ h) / len(v)"), "처음에 뽑은 h"),
    (3, "처음의 확률을 다시 씀", CD1.replace("RESULT", "(v.T @ h0 - v1.T @ h0) / len(v)"), "처음의 확률입니다"),
    (3, "자료의 h도 뽑음", CD1.replace("RESULT", "(v.T @ h - v1.T @ h1) / len(v)"), "확률을 쓰십시오"),
    (
        3,
        "다녀온 h도 뽑음",
        CD1.replace("RESULT", "(v.T @ h0 - v1.T @ (rng.random(h1.shape) < h1)) / len(v)"),
        "확률을 쓰십시오",
    ),
    (
        3,
        "시드 없는 난수",
        CD1.replace("rng.random", "np.random.default_rng().random").replace(
            "RESULT", "(v.T @ h0 - v1.T @ h1) / len(v)"
        ),
        "같은 시드의 rng",
    ),
    (3, "자료의 항만", CD1.replace("RESULT", "v.T @ h0 / len(v)"), "rng를 바꾸어도"),
    (
        3,
        "아무것도 뽑지 않음",
        CD1.replace("rng.random(h0.shape)", "0.5")
        .replace("rng.random(v.shape)", "0.5")
        .replace("RESULT", "(v.T @ h0 - v1.T @ h1) / len(v)"),
        "rng를 바꾸어도",
    ),
    (
        3,
        "v1을 뽑지 않음",
        CD1.replace("(rng.random(v.shape) < ", "(").replace("RESULT", "(v.T @ h0 - v1.T @ h1) / len(v)"),
        "v1을 0이나 1로",
    ),
    (
        3,
        "전역 난수",
        CD1.replace("rng.random(h0.shape)", "np.random.rand(*h0.shape)").replace("RESULT", "v.T @ h0"),
        "전역 난수",
    ),
    (
        3,
        "h를 뽑지 않음",
        CD1.replace("* 1.0\n", "* 0 + h0\n", 1).replace("RESULT", "(v.T @ h0 - v1.T @ h1) / len(v)"),
        "h를 0이나",
    ),
    (3, "축", CD1.replace("RESULT", "(h0.T @ v - h1.T @ v1) / len(v)"), "모양이"),
    (4, "뒤바꿈", READ + "slow, fast = fast, slow", "뒤바뀌었습니다"),
    (4, "가운데를 slow로", READ + "slow = _", "이름이 다릅니다"),
    (4, "걸음을 잘못 읽음", READ + "step = step + 300", "step이 그림과 다릅니다"),
    (4, "KL의 부호", READ + "kl = -kl", "0보다 작을 수 없습니다"),
    (4, "q를 빠뜨림", READ + "kl = -curves[fast][-1]", "자료의 분포 q"),
    (4, "모든 그림과 견줌", READ + "kl = np.log(512) + curves[fast][-1]", "자료의 분포 q"),
]
