"""18장 연습의 다른 옳은 답과 흔한 틀린 답."""

LOSSES = """
def expected_losses(labels, outputs):
    if labels.dtype.kind == "f":
        return NUMBERS
    counts = np.bincount(labels, minlength=outputs)
    p = counts[counts > 0] / len(labels)
    if outputs == 1:
        one = labels.mean()
        return BINARY
    return CLASSES
"""
NUMBERS = "np.mean(labels**2) / 2, np.mean(labels.var(axis=0)) / 2"
BINARY = "np.log(2), -one * np.log(one) - (1 - one) * np.log(1 - one)"
CLASSES = "np.log(outputs), -np.sum(p * np.log(p))"
EXAMINE = """
def examine(net, x, labels):
    g, a, rows = net.gradients(x, labels), x, []
    for i in range(len(net.weights) - 1):
        W, b, dW, db = net.weights[i], net.biases[i], g.weights[i], g.biases[i]
        z = a @ W + b
        a = np.maximum(z, 0)
        rows.append([SPREAD, DEAD, DISTINCT])
    return np.array(rows)

def count(*arrays):
    columns = np.vstack([p / (np.abs(p).max() or 1) for p in arrays]).T
    kept = []
    for column in columns:
        if all(np.abs(column - other).max() > 1e-5 for other in kept):
            kept.append(column)
    return len(kept)
"""
SPREAD, DEAD, DISTINCT = (
    "np.sqrt(np.mean((a - a.mean(axis=0)) ** 2))",
    "np.mean(a.max(axis=0) == 0)",
    "count(W, b, dW, db)",
)
RATIOS = """
def first_ratios(weights, gradients, learning_rate, optimizer):
    rms = lambda a: np.sqrt(np.mean(a**2))
    found = []
    for W, g in zip(weights, gradients):
        if optimizer == "sgd":
            found.append(SGD)
        else:
            found.append(ADAM)
    return found
"""
SGD, ADAM = "learning_rate * rms(g) / rms(W)", "learning_rate * rms(np.sign(g)) / rms(W)"
READ = """
faults, layers = [], []
for net in nets.values():
    rows = examine(net, x, labels)
    size = [np.sqrt(np.mean(W**2) * len(W) / 2) for W in net.weights]
    off = int(np.argmax(np.abs(np.log(size))))
    if rows[:, 2].min() < 48:
        faults.append("대칭")
        layers.append(int(np.argmin(rows[:, 2])) + 1)
    elif rows[:, 1].max() > 0.5:
        faults.append("꺼짐")
        layers.append(int(np.argmax(rows[:, 1])) + 1)
    else:
        faults.append("작음" if size[off] < 1 else "큼")
        layers.append(off + 1)
        factor, sick = 1 / size[off], net.weights[off]
"""
MEND = """
def mend(net, x, labels, *, rng):
    he, rows = initializers.get("he_normal"), examine(net, x, labels)
    for i, W in enumerate(net.weights):
        size = np.sqrt(np.mean(W**2) * len(W) / 2)
        off = not 1 / 4 < size < 4
        dead = i < len(rows) and rows[i, 1] > 0.5
        same = i < len(rows) and rows[i, 2] < W.shape[1]
        CURE
    return net
"""
NEW = "net.weights[i] = he(W.shape, rng=rng)"
ZERO = "net.biases[i][:] = 0"
CURE = f"if off or dead or same:\n            {NEW}\n            {ZERO}"


def losses(numbers=NUMBERS, binary=BINARY, classes=CLASSES):
    return LOSSES.replace("NUMBERS", numbers).replace("BINARY", binary).replace("CLASSES", classes)


def examine(spread=SPREAD, dead=DEAD, distinct=DISTINCT):
    return EXAMINE.replace("SPREAD", spread).replace("DEAD", dead).replace("DISTINCT", distinct)


def ratios(sgd=SGD, adam=ADAM):
    return RATIOS.replace("SGD", sgd).replace("ADAM", adam)


def mend(cure=CURE):
    return MEND.replace("CURE", cure)


RIGHT = [
    (1, "경우를 나누어", losses()),
    (
        1,
        "정의대로 손실을 평균함",
        """
def expected_losses(labels, outputs):
    if labels.ndim == 2:
        loss = lambda guess: 0.5 * ((guess - labels) ** 2).mean()
        return [loss(0), loss(labels.mean(axis=0))]
    classes = max(outputs, 2)
    share = np.array([(labels == c).mean() for c in range(classes)])
    return np.array([-np.log(1 / classes), -np.log(share[labels]).mean()])
""",
    ),
    (
        1,
        "세어 나눔",
        """
def expected_losses(labels, outputs):
    if labels.dtype == float:
        best = labels.sum(0) / len(labels)
        return (labels**2).sum() / labels.size / 2, ((labels - best) ** 2).sum() / labels.size / 2
    counts = np.unique(labels, return_counts=True)[1]
    floor = np.log(len(labels)) - (counts * np.log(counts)).sum() / len(labels)
    return np.array([np.log(outputs if outputs > 1 else 2), floor])
""",
    ),
    (2, "열을 하나씩 견주어", examine()),
    (
        2,
        "반올림해 np.unique로",
        examine(
            "np.linalg.norm(a.std(axis=0)) / np.sqrt(a.shape[1])",
            "1 - (a > 0).any(axis=0).mean()",
            "np.unique(np.vstack([np.round(p / (abs(p).max() + 1e-99), 6) + 0.0 for p in (W, dW)]), axis=1).shape[1]",
        ),
    ),
    (
        2,
        "signals로",
        """
def examine(net, x, labels):
    from wi_lib import signals
    g, rows = net.gradients(x, labels), []
    a = x
    for W, b, dW in zip(net.weights[:-1], net.biases, g.weights):
        a = np.maximum(a @ W + b, 0)
        joined = [p / max(np.abs(p).max(), 1e-300) for p in (W, dW)]
        n = signals.distinct_columns(np.vstack(joined), 1e-5)
        rows.append((signals.varying(a) * signals.rms(a), (a == 0).all(0).mean(), n))
    return rows
""",
    ),
    (3, "경우를 나누어", ratios()),
    (
        3,
        "식에 그대로, 배열로",
        """
def first_ratios(weights, gradients, learning_rate, optimizer):
    rms = lambda arrays: np.array([np.linalg.norm(a) / np.sqrt(a.size) for a in arrays])
    if optimizer == "adam":
        gradients = [g / (np.abs(g) + 1e-8) for g in gradients]
    return learning_rate * rms(gradients) / rms(weights)
""",
    ),
    (
        3,
        "최적화기를 한 걸음 돌려",
        """
def first_ratios(weights, gradients, learning_rate, optimizer):
    from wi_lib import optimizers, signals
    moved = [W.copy() for W in weights]
    optimizers.get(optimizer).start(moved, learning_rate)([g.copy() for g in gradients])
    return [signals.rms(a - b) / signals.rms(b) for a, b in zip(moved, weights)]
""",
    ),
    (
        3,
        "움직인 원소의 비율로",
        ratios(
            "learning_rate * np.sqrt((g**2).sum() / (W**2).sum())", "learning_rate * np.sqrt((g != 0).mean()) / rms(W)"
        ),
    ),
    (4, "행렬과 2번의 함수로", READ),
    (
        4,
        "튜플과 반올림한 수로",
        READ + "faults, layers, factor = tuple(faults), np.array(layers), float(f'{factor:.2g}')",
    ),
    (5, "탈이 난 층을 다시 뽑음", mend()),
    (
        5,
        "탈마다 따로",
        mend(
            f"if off:\n            net.weights[i] = W / np.float32(size)\n        if dead or same:\n            {NEW}\n"
            "            net.biases[i] = np.zeros_like(net.biases[i])"
        ),
    ),
    (
        5,
        "직교 행렬로",
        mend(CURE.replace("he(W.shape, rng=rng)", "initializers.orthogonal(gain=2**0.5)(W.shape, rng=rng)")),
    ),
    (
        5,
        "새 망에 옮겨 담음",
        """
def mend(net, x, labels, *, rng):
    fresh, rows = MLP(net.sizes, "relu", "he_uniform", rng=rng), examine(net, x, labels)
    ideal = [np.sqrt(2 / n) for n in net.sizes[:-1]]
    bad = [abs(np.log(W.std() / s)) > 1.5 for W, s in zip(net.weights, ideal)]
    for i, (spread, dead, distinct) in enumerate(rows):
        bad[i] = bad[i] or dead > 0.6 or distinct < 40
    fresh.weights = [new if b else old for new, old, b in zip(fresh.weights, net.weights, bad)]
    fresh.biases = [new if b else old for new, old, b in zip(fresh.biases, net.biases, bad)]
    return fresh
""",
    ),
    (
        5,
        "같은 유닛에는 큰 난수, 나가는 행렬도 되돌림",
        mend(
            f"if off or dead:\n            {NEW}\n            {ZERO}\n        if same:\n"
            "            net.weights[i] = (W + he(W.shape, rng=rng)) / np.float32(2**0.5)\n"
            "            net.weights[i + 1] = he(net.weights[i + 1].shape, rng=rng)"
        ),
    ),
]

HALF = "절반을 빠뜨렸습니다"
WRONG = [
    (1, "나온 클래스만", losses(classes=CLASSES.replace("np.log(outputs)", "np.log(len(p))")), "나온 클래스만"),
    (1, "가장 큰 번호까지만", losses(classes=CLASSES.replace("outputs", "(labels.max() + 1)")), "가장 큰 번호로"),
    (1, "밑이 2", losses(classes="np.log2(outputs), -np.sum(p * np.log2(p))"), "nat"),
    (1, "시작도 엔트로피", losses(classes="-np.sum(p * np.log(p)), -np.sum(p * np.log(p))"), "가장 작은 손실입니다"),
    (1, "바닥도 ln C", losses(classes="np.log(outputs), np.log(outputs)"), "비율을 쓰십시오"),
    (1, "바닥만 밑이 2", losses(classes="np.log(outputs), -np.sum(p * np.log2(p))"), "nat"),
    (1, "부호", losses(classes="np.log(1 / outputs), np.sum(p * np.log(p))"), "부호가"),
    (1, "가장 흔한 클래스", losses(classes="np.log(outputs), -np.log(p.max())"), "가장 흔한"),
    (1, "클래스마다 한 번", losses(classes="np.log(outputs), -np.mean(np.log(p))"), "비율을 곱합니다"),
    (1, "확률", losses(classes="1 / outputs, 1 - p.max()"), "확률입니다"),
    (1, "틀리는 비율", losses(classes="np.log(outputs), 1 - p.max()"), "틀리는 비율"),
    (
        1,
        "없는 클래스의 로그",
        losses(classes=CLASSES.replace("p * np.log(p)", "counts * np.log(counts / len(labels))")),
        "nan",
    ),
    (1, "출력 하나이면 ln 1", losses(binary="0.0, 0.0"), "답은 둘"),
    (1, "로지스틱의 바닥도 ln 2", losses(binary="np.log(2), np.log(2)"), "똑같이 나온다고"),
    (1, "1의 몫만", losses(binary="np.log(2), -one * np.log(one)"), "1인 자료의 몫뿐"),
    (1, "1의 손실만", losses(binary="np.log(2), -np.log(one)"), "1인 자료의 손실뿐"),
    (1, "제곱 오차로", losses(binary="np.log(2), one * (1 - one) / 2"), "제곱 오차로"),
    (1, "절반을 빠뜨림", losses("np.mean(labels**2), np.mean(labels.var(axis=0))"), HALF),
    (1, "바닥만 절반을 빠뜨림", losses("np.mean(labels**2) / 2, np.mean(labels.var(axis=0))"), HALF),
    (1, "출력끼리 더함", losses("np.sum(labels**2) / len(labels) / 2, labels.var(axis=0).sum() / 2"), "원소 모두에"),
    (1, "시작도 분산", losses("np.mean(labels.var(axis=0)) / 2, np.mean(labels.var(axis=0)) / 2"), "평균만큼 벗어난"),
    (1, "평균을 하나로", losses("np.mean(labels**2) / 2, labels.var() / 2"), "출력마다 따로"),
    (1, "바닥도 출력 0", losses("np.mean(labels**2) / 2, np.mean(labels**2) / 2"), "가장 좋은 값으로"),
    (1, "바닥이 0", losses("np.mean(labels**2) / 2, 0.0"), "0이 될 수 없습니다"),
    (1, "수 하나만", losses(classes="np.log(outputs)"), "수 2개의"),
    (2, "평균을 빼지 않음", examine("np.sqrt(np.mean(a**2))"), "평균을 먼저 빼십시오"),
    (2, "배열 전체의 표준편차", examine("a.std()"), "유닛마다 따로"),
    (2, "비율을 잼", examine("np.sqrt(np.mean((a - a.mean(axis=0)) ** 2) / (np.mean(a**2) or 1))"), "비율을 쟀습니다"),
    (2, "분산", examine("np.mean((a - a.mean(axis=0)) ** 2)"), "제곱근을"),
    (2, "표준편차의 평균", examine("a.std(axis=0).mean()"), "제곱을 평균한"),
    (2, "축이 바뀜", examine("np.sqrt(np.mean((a - a.mean(axis=1, keepdims=True)) ** 2))"), "입력이 행"),
    (2, "N − 1", examine("np.sqrt(a.var(axis=0, ddof=1).mean())"), "N − 1"),
    (2, "ReLU의 앞", examine("np.sqrt(z.var(axis=0).mean())"), "지나기 전"),
    (2, "0인 값의 비율", examine(dead="np.mean(a == 0)"), "0인 값의 비율"),
    (2, "한 번이라도 0", examine(dead="np.mean(a.min(axis=0) == 0)"), "한 입력에서라도"),
    (2, "유닛의 수", examine(dead="np.sum(a.max(axis=0) == 0)"), "수로 나누십시오"),
    (2, "퍼센트", examine(dead="100 * np.mean(a.max(axis=0) == 0)"), "퍼센트"),
    (2, "살아 있는 비율", examine(dead="np.mean(a.max(axis=0) > 0)"), "살아 있는"),
    (2, "입력마다", examine(dead="np.mean(a.max(axis=1) == 0)"), "입력의 비율"),
    (2, "가중치만", examine(distinct="count(W, b)"), "기울기를 보지"),
    (2, "행렬만", examine(distinct="count(W)"), "기울기를 보지"),
    (2, "기울기만", examine(distinct="count(dW, db)"), "가중치를 보지"),
    (2, "활성화값으로", examine(distinct="count(a)"), "활성화값을 견주었습니다"),
    (2, "같은 문턱으로", examine(distinct="count(np.vstack([W, dW]))"), "같은 문턱"),
    (2, "행을 셈", examine(distinct="count(W.T)"), "열 하나입니다"),
    (2, "모두 셈", examine(distinct="W.shape[1]"), "모두 셌습니다"),
    (2, "출력층까지", examine().replace("range(len(net.weights) - 1)", "range(len(net.weights))"), "모양이"),
    (2, "망을 고침", examine().replace("rows.append", "net.weights[i] *= 0; rows.append"), "다릅니다"),
    (3, "늘 SGD", ratios(adam=SGD), "기울기의 크기가 남지 않습니다"),
    (3, "늘 Adam", ratios(sgd=ADAM), "그대로 남습니다"),
    (3, "0인 기울기도 움직임", ratios(adam="learning_rate / rms(W)"), "움직이지 않습니다"),
    (3, "비율을 그대로", ratios(adam="learning_rate * (g != 0).mean() / rms(W)"), "제곱근을 씌웁니다"),
    (3, "치우침을 고치지 않음", ratios(adam=ADAM + " * 0.1 / 0.001**0.5"), "고치지 않았습니다"),
    (3, "ε 없이 나눔", ratios(adam="learning_rate * rms(g / np.abs(g)) / rms(W)"), "nan"),
    (3, "학습률을 빠뜨림", ratios("rms(g) / rms(W)", "rms(np.sign(g)) / rms(W)"), "학습률을 곱하지"),
    (3, "뒤집어 나눔", ratios("rms(W) / (learning_rate * rms(g))"), "뒤집어"),
    (3, "제곱", ratios("learning_rate**2 * np.mean(g**2) / np.mean(W**2)"), "제곱근을 씌우지"),
    (3, "나누지 않음", ratios("learning_rate * rms(g)"), "가중치의 크기로 나누지"),
    (3, "절댓값의 평균", ratios("learning_rate * np.abs(g).mean() / np.abs(W).mean()"), "절댓값을"),
    (3, "표준편차", ratios("learning_rate * g.std() / W.std()"), "표준편차로 쟀습니다"),
    (3, "가중치만 표준편차", ratios(adam="learning_rate * rms(np.sign(g)) / W.std()"), "가중치의 표준편차로"),
    (3, "한 층만", ratios().replace("return found", "return found[:1]"), "목록이어야"),
    (4, "다 대칭", READ + 'faults = ["대칭"] * 3', "2개가"),
    (
        4,
        "꺼짐과 대칭을 뒤바꿈",
        READ + 'faults = [{"대칭": "꺼짐", "꺼짐": "대칭"}.get(f, f) for f in faults]',
        "2개가",
    ),
    (4, "작음과 큼을 뒤바꿈", READ + 'faults = [{"작음": "큼", "큼": "작음"}.get(f, f) for f in faults]', "1개가"),
    (4, "파이썬의 번호", READ + "layers = [layer - 1 for layer in layers]", "1층부터"),
    (4, "한 층 뒤", READ + "layers = [layer + 1 for layer in layers]", "처음 나타나는"),
    (4, "거꾸로", READ + "factor = 1 / factor", "거꾸로입니다"),
    (4, "분산", READ + "factor = factor**2", "분산에"),
    (4, "제곱근", READ + "factor = factor**0.5", "제곱근을 씌웠습니다"),
    (4, "표준편차 1", READ + "factor = 1 / sick.std()", "`factor`의 값이 다릅니다"),
    (4, "LeCun에 맞춤", READ + "factor = 1 / sick.std() / np.sqrt(len(sick))", "ReLU입니다"),
    (4, "이름을 글 하나로", READ + 'faults = "대칭, 꺼짐, 큼"', "셋을"),
    (4, "없는 이름", READ + 'faults = ["대칭", "꺼짐", "폭주"]', "가운데 하나"),
    (4, "적지 않음", READ + "factor = ...", "아직 답을"),
    (5, "크기만 봄", mend(f"if off:\n            {NEW}"), "같은 유닛이"),
    (5, "꺼진 층을 두고 감", mend(f"if off or same:\n            {NEW}"), "꺼진 유닛이"),
    (5, "편향만 되돌림", mend(f"if off or same:\n            {NEW}\n        {ZERO}"), "꺼진 유닛이"),
    (5, "행렬만 되돌림", mend(f"if off or dead or same:\n            {NEW}"), "꺼진 유닛이"),
    (
        5,
        "같은 것을 조금만 흔듦",
        mend(
            CURE.replace("or same", "")
            + "\n        if same:\n            net.weights[i] = W + 0.001 * he(W.shape, rng=rng)"
        ),
        "거의 같은",
    ),
    (5, "작은 것을 두고 감", mend(CURE.replace("off", "size > 4")), "훨씬 작습니다"),
    (5, "큰 것을 두고 감", mend(CURE.replace("off", "size < 1 / 4")), "훨씬 큽니다"),
    (5, "은닉층만 고침", mend(CURE.replace("off", "i < len(rows) and off")), "첫 손실이"),
    (
        5,
        "출력층을 0으로",
        mend(CURE + "\n            if i == len(rows):\n                net.weights[i] *= 0"),
        "출력층이 너무",
    ),
    (5, "모두 새로 뽑음", mend(f"{NEW}\n        {ZERO}"), "건강한 망"),
    (
        5,
        "하나라도 아프면 모두",
        """
def mend(net, x, labels, *, rng):
    rows = examine(net, x, labels)
    size = [np.mean(W**2) * len(W) / 2 for W in net.weights]
    off = min(size) < 1 / 16 or max(size) > 16
    if off or rows[:, 1].max() > 0.5 or rows[:, 2].min() < 48:
        return MLP(net.sizes, rng=rng)
    return net
""",
        "층의 행렬까지",
    ),
    (5, "편향은 모두", mend(CURE + "\n        net.biases[i] = net.biases[i] + np.float32(0.01)"), "건강한 망"),
    (5, "돌려주지 않음", mend().replace("return net", "return None"), "아무것도 돌려주지"),
    (5, "행렬만 돌려줌", mend().replace("return net", "return net.weights"), "고친 net"),
    (5, "모양이 뒤바뀜", mend(CURE.replace("he(W.shape, rng=rng)", "he(W.shape[::-1], rng=rng)")), "모양이 다르거나"),
    (
        5,
        "전역 난수",
        mend(CURE.replace("he(W.shape, rng=rng)", "(np.random.randn(*W.shape) * 0.2).astype('float32')")),
        "전역 난수",
    ),
]
