"""12장 연습의 다른 옳은 답과 흔한 틀린 답."""


def factor(value):
    return f"def momentum_factor(beta, t, flips):\n    s = -beta if flips else beta\n    return {value}"


def needed(value):
    return f"def gradient_for(share, epsilon):\n    return {value}"


WALK = """
def step_ratios(net, batches, optimizer, learning_rate):
    rms, rows = signals.rms, []
    move = optimizer.start(net.parameters, learning_rate)
    for x, labels in batches:
        g = net.gradients(x, labels)
        d = [each.copy() for each in g.weights]
        old = [W.copy() for W in net.weights]
        move([*g.weights, *g.biases])
        rows.append([RATIO for W, b, d in zip(net.weights, old, d)])
    return np.array(rows)
"""


def walk(ratio="rms(W - b) / rms(b)", *changes):
    code = WALK.replace("RATIO", ratio)
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    return code


# 처음 가중치를 따로 간직해 두고 씁니다.
FIRST = [
    ("rms, rows = ", "first, rms, rows = [W.copy() for W in net.weights], "),
    ("for W, b, d in zip(net.weights, old, d)", "for W, b, S in zip(net.weights, old, first)"),
]

KEEPS = """
def keeps_symmetry(optimizer, steps):
    rng = np.random.default_rng(3)
    net = wi_lib.MLP([8, 6, 4], "relu", initializers.constant(0.05), rng=rng, dtype=np.float64)
    x, labels = rng.random((30, 8)), rng.integers(4, size=30)
    move = optimizer.start(net.parameters, 0.1)
    for _ in range(steps):
        g = net.gradients(x, labels)
        move([*g.weights, *g.biases])
    W, b, V = net.weights[0], net.biases[0], net.weights[1]
    return JUDGE
"""
COLUMNS, LEAVING = "np.allclose(W, W[:, :1], atol=1e-8)", "np.allclose(V, V[:1], atol=1e-8)"


def keeps(judge, *changes):
    code = KEEPS.replace("JUDGE", judge)
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    return code


READ = """
end = {k: line[-1] / line[0] for k, line in lines.items()}
momentum = max(end, key=end.get)
one, other = [k for k in lines if k != momentum]
sgd, adam = (one, other) if np.isclose(lines[one][0], lines[momentum][0]) else (other, one)
times = float(f"{end[momentum]:.2g}")
beta, adam_rate = round(1 - 1 / times, 3), float(f"{STD * lines[adam][0]:.1g}")
"""

RIGHT = [
    (1, "차례로 더함", factor("sum(s**k for k in range(t))")),
    (
        1,
        "걸어 봄",
        """
def momentum_factor(beta, t, flips):
    v, g = 0.0, 1.0
    for _ in range(t):
        v = beta * v + g
        g = -g if flips else g
    return np.float32(abs(v))
""",
    ),
    (
        1,
        "wi_lib로 걸어 봄",
        """
def momentum_factor(beta, t, flips):
    w, move = np.zeros(1), None
    move = optimizers.Momentum(beta).start([w], 1.0)
    for k in range(t):
        before = w.copy()
        move([np.array([(-1.0) ** k if flips else 1.0])])
    return abs(w - before)[0]
""",
    ),
    (2, "나누어 씀", needed("epsilon / (1 / share - 1)")),
    (
        2,
        "이분법으로",
        """
def gradient_for(share, epsilon):
    low, high = 1e-30, 1e3
    for _ in range(200):
        g = (low * high) ** 0.5
        low, high = (g, high) if g / (g + epsilon) < share else (low, g)
    return g
""",
    ),
    (3, "노름의 비", walk("np.linalg.norm(W - b) / np.linalg.norm(b)")),
    (3, "목록의 목록", walk("float(rms(W - b) / rms(b))", ("return np.array(rows)", "return rows"))),
    (
        3,
        "배치마다 모은 뒤에 셈함",
        """
def step_ratios(net, batches, optimizer, learning_rate):
    seen = [[W.copy() for W in net.weights]]
    move = optimizer.start(net.parameters, learning_rate)
    for x, labels in batches:
        g = net.gradients(x, labels)
        move(list(g.weights) + list(g.biases))
        seen.append([W.copy() for W in net.weights])
    return np.array([[np.sqrt(np.mean((b - a) ** 2) / np.mean(a**2)) for a, b in zip(*pair)]
                     for pair in zip(seen, seen[1:])], np.float32)
""",
    ),
    (4, "열과 행을 따로 견줌", keeps(f"{COLUMNS} and np.allclose(b, b[0], atol=1e-8) and {LEAVING}")),
    (4, "은닉층의 값과 나가는 가중치", keeps(f"bool(np.ptp(x @ W + b, axis=1).max() < 1e-8 and {LEAVING})")),
    (
        4,
        "모든 원소가 같은 기울기를 주어 봄",
        """
def keeps_symmetry(optimizer, steps):
    W, move = np.full((6, 6), 0.05), None
    move = optimizer.start([W], 0.1)
    for t in range(steps):
        move([np.full((6, 6), np.sin(t + 1))])
    return np.ptp(W) < 1e-8
""",
    ),
    (5, "눈으로 읽음", READ),
    (5, "수로 셈함", READ + "beta, adam_rate = 1 - lines[sgd][-1] / lines[momentum][-1], STD * lines[adam].mean()"),
]

WRONG = [
    (1, "끝의 배율", factor("1 / (1 - s)"), "끝없이 걸은 뒤"),
    (1, "끝의 배율만 앎", factor("1 / (1 - beta)"), "끝없이 걸은 뒤"),
    (1, "뒤집힘을 빠뜨림", factor("(1 - beta**t) / (1 - beta)"), "뒤집힐 때를"),
    (1, "짝수와 홀수", factor("(1 - beta**t) / (1 - s)"), "홀수 걸음과 짝수 걸음"),
    (1, "하나 많음", factor("sum(s**k for k in range(t + 1))"), "한 걸음 많이"),
    (1, "하나 모자람", factor("sum(s**k for k in range(1, t))"), "기대보다"),
    (1, "t를 0부터 셈", factor("(1 - s ** (t - 1)) / (1 - s)"), "한 걸음 모자랍니다"),
    (1, "이동 평균", factor("(1 - beta) * (1 - s**t) / (1 - s)"), "g를 그대로 더합니다"),
    (1, "부호까지", factor("(-1) ** (flips * (t - 1)) * (1 - s**t) / (1 - s)"), "0보다 큽니다"),
    (1, "마지막 몫", factor("s ** (t - 1)"), "모두 더하십시오"),
    (1, "걸은 거리", factor("sum((1 - s**k) / (1 - s) for k in range(1, t + 1))"), "t번째 걸음 하나"),
    (2, "분모를 빠뜨림", needed("epsilon * share"), "분모에도"),
    (2, "거꾸로", needed("epsilon * (1 - share) / share"), "거꾸로입니다"),
    (2, "나눔", needed("epsilon / share"), "거꾸로입니다"),
    (2, "share를 빠뜨림", needed("epsilon / (1 - share)"), "share를 빠뜨렸습니다"),
    (2, "제곱근 안의 ε", needed("share * np.sqrt(epsilon / (1 - share**2))"), "제곱근 안에"),
    (2, "제곱해서 더함", needed("share * epsilon / np.sqrt(1 - share**2)"), "제곱해서"),
    (2, "ε 그대로", needed("epsilon"), "share를 쓰지"),
    (2, "늘 1e-8", needed("1e-8 * share / (1 - share)"), "늘 1e-8"),
    (2, "바로잡지 않음", needed("share * epsilon / (0.1 - share * np.sqrt(0.001))"), "바로잡지"),
    (3, "학습률과 기울기", walk("learning_rate * rms(d) / rms(b)"), "기울기만큼 옮겼습니다"),
    (
        3,
        "손으로 걸음",
        walk(
            "rms(W - b) / rms(b)",
            (
                "move([*g.weights, *g.biases])",
                "[p.__isub__(learning_rate * q) for p, q in zip(net.parameters, [*g.weights, *g.biases])]",
            ),
        ),
        "기울기만큼 옮겼습니다",
    ),
    (3, "처음 가중치로 나눔", walk("rms(W - b) / rms(S)", *FIRST), "처음 가중치로"),
    (3, "절댓값의 평균", walk("abs(W - b).mean() / abs(b).mean()"), "절댓값의 평균"),
    (3, "표준편차의 비", walk("(W - b).std() / b.std()"), "평균을 빼고"),
    (
        3,
        "길이가 다른 줄",
        walk("rms(W - b) / rms(b)", ("return np.array(rows)", "return [rows[0], *rows[0]]")),
        "배열을",
    ),
    (3, "나중의 가중치", walk("rms(W - b) / rms(W)"), "옮기기 **전의**"),
    (3, "나누지 않음", walk("rms(W - b)"), "나누지 않았습니다"),
    (3, "거꾸로", walk("rms(b) / rms(W - b)"), "거꾸로입니다"),
    (3, "제곱 평균의 비", walk("np.mean((W - b) ** 2) / np.mean(b**2)"), "제곱 평균의 비"),
    (3, "복사하지 않음", walk("rms(W - b) / rms(b)", ("[W.copy() for W in net.weights]", "net.weights")), "복사해"),
    (
        3,
        "걸음마다 새로 시작",
        walk(
            "rms(W - b) / rms(b)",
            ("move([*g", "optimizer.start(net.parameters, learning_rate)([*g"),
        ),
        "새로 시작합니다",
    ),
    (
        3,
        "편향을 빠뜨림",
        walk("rms(W - b) / rms(b)", ("net.parameters", "net.weights"), ("[*g.weights, *g.biases]", "g.weights")),
        "편향이 움직이지",
    ),
    (3, "처음부터의 거리", walk("rms(W - b) / rms(b)", ("old = [", "old = old if rows else [")), "처음부터 움직인"),
    (3, "층의 차례", walk("rms(W - b) / rms(b)", ("np.array(rows)", "np.array(rows)[:, ::-1]")), "층의 차례"),
    (3, "축의 차례", walk("rms(W - b) / rms(b)", ("np.array(rows)", "np.array(rows).T")), "모양이"),
    (3, "첫 걸음만", walk("rms(W - b) / rms(b)", ("np.array(rows)", "np.array(rows)[0]")), "(걸음 수, 층 수)"),
    (
        3,
        "파라미터의 차례",
        walk(
            "rms(W - b) / rms(b)", ("[*g.weights, *g.biases]", "[p for pair in zip(g.weights, g.biases) for p in pair]")
        ),
        "ValueError",
    ),
    (
        3,
        "망을 되돌림",
        walk("rms(W - b) / rms(b)").replace(
            "    rms, rows", "    import copy\n    net = copy.deepcopy(net)\n    rms, rows"
        ),
        "학습된 채로",
    ),
    (4, "늘 지킴", keeps("True"), "어느 최적화기에나"),
    (4, "늘 깨뜨림", keeps("False"), "어느 최적화기에나"),
    (
        4,
        "들어오는 가중치만",
        """
def keeps_symmetry(optimizer, steps):
    rng, W = np.random.default_rng(0), np.full((6, 4), 0.05)
    move = optimizer.start([W], 0.1)
    for _ in range(steps):
        move([np.repeat(rng.standard_normal((6, 1)), 4, axis=1)])
    return np.ptp(W, axis=1).max() < 1e-8
""",
        "나가는 가중치",
    ),
    (4, "망에서 들어오는 가중치만", keeps(COLUMNS), "나가는 가중치"),
    (4, "한 걸음만", keeps(f"{COLUMNS} and {LEAVING}", ("range(steps)", "range(1)")), "steps걸음을"),
    (4, "비트까지 같기를 바람", keeps("np.ptp(W, axis=1).max() == 0 and np.ptp(V, axis=0).max() == 0"), "반올림"),
    (4, "난수로 시작", keeps(f"{COLUMNS} and {LEAVING}", ("constant(0.05)", "normal(0.05)")), "어느 최적화기에나"),
    (
        4,
        "이름으로 가림",
        "def keeps_symmetry(optimizer, steps):\n    return type(optimizer).__name__ in ('SGD', 'Momentum', 'Adam')",
        "깨뜨린다고 합니다",
    ),
    (
        4,
        "되풀이하면 같은지",
        """
def keeps_symmetry(optimizer, steps):
    ends = []
    for _ in range(2):
        w = np.full(4, 0.05)
        move = optimizer.start([w], 0.1)
        for _ in range(steps):
            move([np.ones(4)])
        ends.append(w)
    return np.array_equal(*ends)
""",
        "어느 최적화기에나",
    ),
    (5, "모멘텀과 SGD를 바꿈", READ + "momentum = sgd", "momentum이 다릅니다"),
    (5, "Adam과 SGD를 바꿈", READ + "adam = sgd", "adam이 다릅니다"),
    (5, "배율을 적음", READ + "beta = times", "몇 배가 되었는지가"),
    (5, "배율의 역수", READ + "beta = 1 / times", "역수는"),
    (5, "흔히 쓰는 0.9", READ + "beta = 0.9", "기대보다"),
    (5, "비를 그대로", READ + "adam_rate = lines[adam][0]", "그대로 적었습니다"),
    (5, "한 번 더 나눔", READ + "adam_rate = lines[adam][0] / STD", "한 번 더"),
    (5, "SGD의 학습률", READ + "adam_rate = STD * lines[sgd][0]", "기대보다"),
]
