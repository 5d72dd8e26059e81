"""1장 연습의 다른 옳은 답과 흔한 틀린 답."""

READ = """
height = {label: loss.mean() for label, loss in losses.items()}
largest, middle, constant = sorted(height, key=height.get)
early, late = (int(np.argmax(plots.smooth(losses[label]) < 1.4)) for label in (largest, middle))
"""

FOLD = """
def fold(W1, b1, W2, b2):
    seen = {}
    for j in range(len(b1)):
        seen.setdefault((*W1[:, j], b1[j]), []).append(j)
    first = [members[0] for members in seen.values()]
    out = np.stack([OUT for members in seen.values()])
    return W1[:, first], b1[first], out, b2
"""
SUM = FOLD.replace("OUT", "W2[members].sum(axis=0)")

RIGHT = [
    (
        1,
        "되풀이로",
        """
def settles_at(counts):
    total, loss = sum(counts), 0.0
    for n in counts:
        if n:
            loss += n / total * np.log(total / n)
    return loss
""",
    ),
    (
        1,
        "자료마다의 손실을 평균",
        """
def settles_at(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    bias = np.log(counts / len(labels) + 1e-9)
    return float(np.mean(np.log(np.exp(bias).sum()) - bias[labels]))
""",
    ),
    (2, "사전에 모음", SUM),
    (
        2,
        "번호로 더함, float32",
        """
def fold(W1, b1, W2, b2):
    reads, group = np.unique(np.vstack([W1, b1]).T, axis=0, return_inverse=True)
    out = np.zeros((len(reads), len(b2)))
    np.add.at(out, group.ravel(), W2)
    return [p.astype(np.float32) for p in (reads[:, :-1].T, reads[:, -1], out, b2)]
""",
    ),
    (
        3,
        "대각선 옆을 줄여 감, float32",
        """
def break_symmetry(units):
    W = np.full((units, units), 0.05, np.float32)
    for j in range(1, units):
        W[j - 1, j] -= 0.001 * (1 + j * 15 / units)
    return W
""",
    ),
    (
        3,
        "자리마다 난수",
        """
def break_symmetry(units):
    rng = np.random.default_rng(7)
    W = np.full((units, units), 0.05)
    W[np.arange(units), rng.permutation(units)] += rng.choice([-1, 1], units) * rng.uniform(0.001, 0.02, units)
    return W
""",
    ),
    (4, "눈으로", READ + "early, late = round(early, -2), round(late, -2) + 0.0"),
]

WRONG = [
    (1, "ln 클래스 수", "def settles_at(counts):\n    return np.log(len(counts))", "고를 때만"),
    (
        1,
        "0의 로그",
        "def settles_at(counts):\n    p = counts / counts.sum()\n    return -np.sum(p * np.log(p))",
        "nan",
    ),
    (
        1,
        "부호",
        "def settles_at(counts):\n    p = counts[counts > 0] / counts.sum()\n    return np.sum(p * np.log(p))",
        "부호",
    ),
    (
        1,
        "밑이 2",
        "def settles_at(counts):\n    p = counts[counts > 0] / counts.sum()\n    return -np.sum(p * np.log2(p))",
        "밑이 2",
    ),
    (1, "가장 흔한 클래스만", "def settles_at(counts):\n    return -np.log(counts.max() / counts.sum())", "가장 흔한"),
    (2, "나가는 가중치 하나만", FOLD.replace("OUT", "W2[members[0]]"), "하나의 몫뿐"),
    (2, "평균", FOLD.replace("OUT", "W2[members].mean(axis=0)"), "평균했습니다"),
    (2, "편향을 보지 않음", SUM.replace(", b1[j])", ",)"), "다른 유닛까지"),
    (2, "출력층의 편향을 버림", SUM.replace("out, b2\n", "out, 0 * b2\n"), "빠졌습니다"),
    (
        2,
        "이웃한 유닛만 견줌",
        """
def fold(W1, b1, W2, b2):
    reads = np.vstack([W1, b1])
    starts = np.flatnonzero(np.r_[True, (reads[:, 1:] != reads[:, :-1]).any(axis=0)])
    return W1[:, starts], b1[starts], np.add.reduceat(W2, starts), b2
""",
        "남아 있습니다",
    ),
    (2, "합으로 견줌", SUM.replace("(*W1[:, j], b1[j])", "round(W1[:, j].sum() + b1[j], 6)"), "다른 유닛까지"),
    (2, "반올림해 견줌", SUM.replace("(*W1[:, j], b1[j])", "(*W1[:, j].round(1), b1[j].round(1))"), "다른 유닛까지"),
    (
        2,
        "겹친 유닛을 모두 지움",
        SUM.replace("seen.values()]", "seen.values() if len(members) == 1]", 1).replace(
            "first], out,", "first], W2[first],"
        ),
        "하나도 없습니다",
    ),
    (2, "행을 견줌", "def fold(W1, b1, W2, b2):\n    return np.unique(W1, axis=0), b1, W2, b2", "행인지 열인지"),
    (
        2,
        "모두 하나로",
        "def fold(W1, b1, W2, b2):\n    return W1[:, :1], b1[:1], W2.sum(axis=0, keepdims=True), b2",
        "다른 유닛까지",
    ),
    (2, "축을 잃음", "def fold(W1, b1, W2, b2):\n    return W1[:, 0], b1[:1], W2.sum(axis=0), b2", "모양이"),
    (3, "대각선에 같은 값", "def break_symmetry(units):\n    return 0.05 + 0.01 * np.eye(units)", "번호를 함께"),
    (
        3,
        "한 행만",
        "def break_symmetry(units):\n    W = np.full((units, units), 0.05)\n"
        "    W[0] += np.linspace(0.001, 0.02, units)\n    return W",
        "1층의 유닛은 학습한 뒤에도 2가지",
    ),
    (
        3,
        "한 열만",
        "def break_symmetry(units):\n    W = np.full((units, units), 0.05)\n"
        "    W[:, 0] += np.linspace(0.001, 0.02, units)\n    return W",
        "2층의 유닛은 학습한 뒤에도 2가지",
    ),
    (
        3,
        "모두 무작위",
        "def break_symmetry(units):\n    return 0.05 + np.random.default_rng(0).uniform(0.001, 0.02, (units, units))",
        "바꾼 원소가",
    ),
    (3, "상수 그대로", "def break_symmetry(units):\n    return np.full((units, units), 0.05)", "하나도 없습니다"),
    (3, "단위행렬", "def break_symmetry(units):\n    return np.eye(units)", "바꾼 원소가"),
    (
        3,
        "너무 작은 변화",
        "def break_symmetry(units):\n    return 0.05 + np.diag(np.linspace(1e-5, 1e-4, units))",
        "0.001 이상",
    ),
    (
        3,
        "전역 난수",
        "def break_symmetry(units):\n    return 0.05 + np.diag(np.random.uniform(0.001, 0.02, units))",
        "전역 난수",
    ),
    (4, "뒤바꿈", READ + "constant, largest = largest, constant", "뒤바뀌었습니다"),
    (4, "가운데 망을 상수로", READ + "constant = middle", "이름이 다릅니다"),
    (4, "내려가기 시작한 때", READ + "early -= 150", "`early`의 값"),
    (4, "두 망을 바꾸어 읽음", READ + "late = early", "`late`의 값"),
    (4, "두 걸음을 뒤바꿈", READ + "early, late = late, early", "뒤바뀌었습니다"),
    (4, "천 단위로 반올림", READ + "late = 1000", "`late`의 값"),
]
