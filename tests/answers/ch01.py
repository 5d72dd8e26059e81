"""1장 연습의 다른 옳은 답과 흔한 틀린 답."""

READ = """
height = {label: loss.mean() for label, loss in losses.items()}
first, middle, same = sorted(height, key=height.get)
broken, rank = np.argmax(plots.smooth(losses[first]) < 1.4), 1
"""

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
        "편향을 실제로 학습",
        """
def settles_at(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    bias = np.log(counts / len(labels) + 1e-9)
    return float(np.mean(np.log(np.exp(bias).sum()) - bias[labels]))
""",
    ),
    (
        2,
        "거리의 행렬로",
        """
def distinct_units(W, tolerance):
    gaps = np.abs(W[:, :, None] - W[:, None, :]).max(axis=0)
    return int(sum(not (gaps[i, :i] <= tolerance).any() for i in range(W.shape[1])))
""",
    ),
    (
        3,
        "읽는 쪽은 평균, 나가는 쪽은 합",
        """
def fold(W1, b1, W2, b2):
    ones = np.ones((1, len(b1)))
    return [W1.mean(axis=1, keepdims=True), b1.mean(keepdims=True), ones @ W2, b2.copy()]
""",
    ),
    (4, "눈으로", READ + "broken = round(int(broken), -2)"),
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
    (2, "행을 셈", "def distinct_units(W, tolerance):\n    return len(np.unique(W, axis=0))", "행을 세고"),
    (
        2,
        "허용 오차를 보지 않음",
        "def distinct_units(W, tolerance):\n    return np.unique(W, axis=1).shape[1]",
        "허용 오차",
    ),
    (
        2,
        "첫 원소만 봄",
        """
def distinct_units(W, tolerance):
    kept = []
    for unit in W.T:
        if all(abs(unit[0] - other[0]) > tolerance for other in kept):
            kept.append(unit)
    return len(kept)
""",
        "원소 하나만",
    ),
    (
        2,
        "계수를 돌려줌",
        "def distinct_units(W, tolerance):\n    return wi_lib.signals.rank(W, 0.01)",
        "서로 다른 유닛입니다",
    ),
    (3, "나가는 가중치 하나만", "def fold(W1, b1, W2, b2):\n    return W1[:, :1], b1[:1], W2[:1], b2", "하나의 몫뿐"),
    (
        3,
        "평균",
        "def fold(W1, b1, W2, b2):\n    return W1[:, :1], b1[:1], W2.mean(axis=0, keepdims=True), b2",
        "평균했습니다",
    ),
    (
        3,
        "들어오는 쪽도 더함",
        "def fold(W1, b1, W2, b2):\n    return W1.sum(axis=1)[:, None], b1[:1], W2.sum(axis=0)[None], b2",
        "들어오는 가중치까지",
    ),
    (3, "축을 잃음", "def fold(W1, b1, W2, b2):\n    return W1[:, 0], b1[:1], W2.sum(axis=0), b2", "모양이"),
    (
        3,
        "편향도 곱함",
        "def fold(W1, b1, W2, b2):\n    return W1[:, :1], b1[:1], W2.sum(axis=0, keepdims=True), len(b1) * b2",
        "유닛의 수와 상관없습니다",
    ),
    (4, "뒤바꿈", READ + "same, first = first, same", "뒤바뀌었습니다"),
    (4, "계수를 유닛의 수로", READ + "rank = UNITS", "rank가 다릅니다"),
    (4, "걸음을 잘못 읽음", READ + "broken = 2000", "broken이 그림과"),
]
