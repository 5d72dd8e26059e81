"""6장 연습의 다른 옳은 답과 흔한 틀린 답."""

COMPARE = """
def compare(choices, data, seeds, settings):
    losses = {}
    for name, init in choices.items():
        runs = []
        for seed in seeds:
            draw, batches = RNGS
            net = wi_lib.MLP(SIZES, "relu", init, rng=draw)
            runs.append(wi_lib.train(net, data, rng=batches, **settings).loss)
        losses[name] = RUNS
    return losses
"""


def compare(rngs, runs="np.array(runs)"):
    return COMPARE.replace("RNGS", rngs).replace("RUNS", runs)


MOVE = """
def first_move(net, x, labels, learning_rate):
    rms, g = wi_lib.signals.rms, net.gradients(x, labels)
    return [RATIO for d, b, W in zip(g.weights, g.biases, net.weights)]
"""


def move(ratio):
    return MOVE.replace("RATIO", ratio)


FAIR = "np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])"

WINNER = """
def winner(a, b):
    def row(accuracy):
        values, test = accuracy
        mean = MEAN
        if np.isnan(mean).all():
            return np.array([-np.inf])
        return test[np.nanargmax(mean)]
    a, b = row(a), row(b)
    DECIDE
"""


def winner(
    mean="values.mean(axis=1)", decide="return 'a' if a.min() > b.max() else 'b' if b.min() > a.max() else '모름'"
):
    return WINNER.replace("MEAN", mean).replace("DECIDE", decide)


# 고를 학습률이 없는 쪽을 먼저 가린 다음, 아래의 잘못된 판정으로 넘어갑니다.
NONE = """lost = np.isinf(a).any(), np.isinf(b).any()
    if any(lost):
        return '모름' if all(lost) else 'b' if lost[0] else 'a'
    """
MEANS = "'a' if a.mean() > b.mean() else 'b'"


READ = """
last = {k: runs[:, -50:].mean() for k, runs in losses.items()}
stuck, lecun, he = sorted(last, key=last.get, reverse=True)
line = {k: np.mean([plots.smooth(run, 30) for run in runs], axis=0) for k, runs in losses.items()}
plateau, he_step = last[stuck], int(np.argmax(line[he] < LEVEL))
"""

RIGHT = [
    (1, "노름의 비", move("learning_rate * np.linalg.norm(d) / np.linalg.norm(W)")),
    (
        1,
        "한 걸음 걷고 되돌림",
        """
def first_move(net, x, labels, learning_rate):
    old, moved = [W.copy() for W in net.weights], []
    for W, g in zip(net.weights, net.gradients(x, labels).weights):
        W -= learning_rate * g
    for W, before in zip(net.weights, old):
        moved.append((np.mean((W - before) ** 2) / np.mean(before**2)) ** 0.5)
        W[:] = before
    return np.array(moved, np.float32)
""",
    ),
    (2, "한 시드에서 rng 둘", compare(FAIR)),
    (2, "rng를 둘로 나눔", compare("np.random.default_rng(seed).spawn(2)")),
    (2, "두 rng의 시드가 같음", compare("np.random.default_rng(seed), np.random.default_rng(seed)")),
    (
        2,
        "train_together로",
        """
def compare(choices, data, seeds, settings):
    runs = []
    for seed in seeds:
        nets = {name: wi_lib.MLP(SIZES, "relu", init, rng=np.random.default_rng([2, seed]))
                for name, init in choices.items()}
        runs.append(wi_lib.train_together(nets, data, rng=np.random.default_rng([3, seed]), **settings))
    return {name: np.stack([run[name].loss for run in runs]) for name in choices}
""",
    ),
    (3, "nanargmax와 -inf", winner()),
    (
        3,
        "반복문으로",
        """
def winner(a, b):
    best = []
    for table in (a, b):
        low, high, mean = 0, -1, -1
        for valid, test in zip(*table):
            if not np.isnan(valid).any() and valid.sum() / valid.size > mean:
                low, high, mean = min(test), max(test), valid.sum() / valid.size
        best.append((low, high) if mean >= 0 else (-1, -1))
    if best[0][0] > best[1][1]:
        return "a"
    if best[1][0] > best[0][1]:
        return "b"
    return "모름"
""",
    ),
    (
        4,
        "눈으로 읽음",
        READ + "plateau, he_step = round(plateau, 1 if abs(plateau - round(plateau, 1)) < 0.02 else 2), he_step + 12",
    ),
]

WRONG = [
    (1, "학습률을 빠뜨림", move("rms(d) / rms(W)"), "학습률을 곱하지"),
    (1, "가중치로 나누지 않음", move("learning_rate * rms(d)"), "나누지 않았습니다"),
    (1, "거꾸로", move("rms(W) / rms(d) / learning_rate"), "거꾸로입니다"),
    (1, "배치로 한 번 더 나눔", move("learning_rate * rms(d) / rms(W) / len(x)"), "한 번 더"),
    (1, "편향의 기울기", move("learning_rate * rms(b) / rms(W)"), "편향의 기울기"),
    (1, "절댓값의 평균", move("learning_rate * abs(d).mean() / abs(W).mean()"), "절댓값의 평균"),
    (1, "표준편차의 비", move("learning_rate * d.std() / W.std()"), "평균을 빼고"),
    (
        1,
        "첫 층만",
        move("learning_rate * rms(d) / rms(W)") + "first_move = (lambda f: lambda *a: f(*a)[0])(first_move)",
        "층마다 수 하나씩",
    ),
    (
        1,
        "망을 학습시킴",
        """
def first_move(net, x, labels, learning_rate):
    rms, old = wi_lib.signals.rms, [W.copy() for W in net.weights]
    for W, g in zip(net.weights, net.gradients(x, labels).weights):
        W -= learning_rate * g
    return [rms(W - before) / rms(before) for W, before in zip(net.weights, old)]
""",
        "고쳐 버립니다",
    ),
    (
        2,
        "동료의 코드 그대로",
        "rng = np.random.default_rng(0)\n" + compare("rng, rng"),
        "난수가 다릅니다",
    ),
    (2, "시드를 쓰지 않음", compare("np.random.default_rng(0), np.random.default_rng(1)"), "시드가 달라도 난수가"),
    (
        2,
        "배치의 시드를 쓰지 않음",
        compare("np.random.default_rng(seed), np.random.default_rng(1)"),
        "시드가 달라도 배치가",
    ),
    (
        2,
        "초깃값의 시드를 쓰지 않음",
        compare("np.random.default_rng(0), np.random.default_rng(seed)"),
        "시드가 달라도 난수가",
    ),
    (2, "rng 하나를 이어 씀", compare("[np.random.default_rng(seed)] * 2"), "섞여 있습니다"),
    (
        2,
        "차례로 시드를 정함",
        compare("np.random.default_rng([len(runs), 0]), np.random.default_rng([len(runs), 1])"),
        "다른 시드나",
    ),
    (
        2,
        "이름으로 배치를 정함",
        compare("np.random.default_rng(seed), np.random.default_rng([seed, len(losses)])"),
        "보는 배치가",
    ),
    (2, "평균만 돌려줌", compare(FAIR, "np.mean(runs, axis=0)"), "모양"),
    (
        2,
        "설정을 무시함",
        compare(FAIR).replace("**settings", "**(settings | dict(learning_rate=0.01))"),
        "settings 그대로",
    ),
    (
        2,
        "배치의 크기만 무시함",
        compare(FAIR).replace("**settings", "**(settings | dict(batch_size=32))"),
        "배치의 크기가",
    ),
    (2, "시드를 늘어놓음", compare(FAIR).replace("in seeds", "in sorted(seeds)"), "다른 시드나"),
    (2, "전역 난수", compare(FAIR).replace("losses = {}", "losses = {}\n    np.random.seed(seeds[0])"), "전역 난수"),
    (3, "발산한 시드를 빼고 평균", winner("np.nanmean(values, axis=1)"), "발산한 시드"),
    (3, "시험으로 고름", winner("test.mean(axis=1)"), "무엇으로 고르고"),
    (3, "검증으로 판정", winner().replace("return test[", "return values["), "무엇으로 고르고"),
    (3, "가장 운 좋은 시드로 고름", winner("values.max(axis=1)"), "운 좋은 시드"),
    (3, "가장 나쁜 시드로 고름", winner("values.min(axis=1)"), "학습률을 잘못 고릅니다"),
    (3, "중앙값으로 고름", winner("np.median(values, axis=1)"), "학습률을 잘못 고릅니다"),
    (
        3,
        "표준편차로 판정",
        winner(decide=NONE + "return '모름' if abs(a.mean() - b.mean()) <= a.std() + b.std() else " + MEANS),
        "폭이 겹치는데",
    ),
    (
        3,
        "표준편차의 두 배로 판정",
        winner(decide=NONE + "return '모름' if abs(a.mean() - b.mean()) <= 2 * (a.std() + b.std()) else " + MEANS),
        "떨어져 있는데",
    ),
    (
        3,
        "같아도 이김",
        winner(decide=NONE + "return 'a' if a.min() >= b.max() else 'b' if b.min() >= a.max() else '모름'"),
        "높지 않은데",
    ),
    (3, "평균만 견줌", winner(decide="return 'a' if a.mean() > b.mean() else 'b'"), "폭이 겹치는데"),
    (
        3,
        "학습률을 함께 고름",
        """
def winner(a, b):
    row = np.nanargmax(a[0].mean(axis=1) + b[0].mean(axis=1))
    a, b = a[1, row], b[1, row]
    return 'a' if a.min() > b.max() else 'b' if b.min() > a.max() else '모름'
""",
        "초깃값마다 따로",
    ),
    (
        3,
        "모두 발산하면 오류",
        """
def winner(a, b):
    a, b = (v[1, np.nanargmax(v[0].mean(axis=1))] for v in (a, b))
    return 'a' if a.min() > b.max() else 'b' if b.min() > a.max() else '모름'
""",
        "ValueError",
    ),
    (
        3,
        "하나라도 발산하면 짐",
        winner("np.where(np.isnan(values).any(), np.nan, values.mean(axis=1))"),
        "발산한 시드",
    ),
    (3, "모두 발산하면 모름", winner().replace("np.array([-np.inf])", "np.array([np.nan])"), "한쪽이 모든 학습률에서"),
    (3, "늘 모름", "def winner(a, b):\n    return '모름'", "떨어져 있는데"),
    (4, "점선을 읽음", READ + "plateau = 2.3", "점선의 높이"),
    (4, "LeCun의 걸음", READ + "he_step = int(np.argmax(line[lecun] < LEVEL))", "LeCun의 곡선"),
    (4, "LeCun과 He를 바꿈", READ + "he = lecun", "he가 다릅니다"),
    (4, "멈춘 것을 잘못 봄", READ + "stuck = lecun", "stuck이 다릅니다"),
    (4, "끝의 걸음", READ + "he_step = 499", "he_step이 그림과"),
]
