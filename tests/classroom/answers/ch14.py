"""14장 연습의 다른 옳은 답과 흔한 틀린 답."""

VARIANCE = "def stream_variance(blocks, scale, gain, pre_norm):\n    "
BOTH = VARIANCE + "return (PRE) if pre_norm else (PLAIN)"
PRE, PLAIN = "1 + blocks * scale**2 * gain", "(1 + scale**2 * gain) ** blocks"
SCALE = """
def branch_scale(branches, width, growth, *, rng):
    x, L = rng.standard_normal((100, width)), len(branches)
    gain = np.mean([np.mean(branch(x) ** 2) for branch in branches])
    return RESULT
"""
RATE = "np.sqrt((growth ** (1 / L) - 1) / gain)"
ZERO = """
def zero_branches(net):
    for layer in net.layers:
        if isinstance(layer, layers.Residual):
            branch = layer.branch.layers
            DO
    return net
"""
BLOCK = """
def block_gradients(x, W1, W2, alpha, delta):
    z = x @ W1
    a, back = np.maximum(z, 0), (delta @ W2.T) * (z > 0)
    dW1, dW2, dalpha = alpha * x.T @ back, alpha * a.T @ delta, np.sum(delta * (a @ W2))
    dx = delta + alpha * back @ W1.T
    CHANGE
    return dW1, dW2, dalpha, dx
"""
READ = """
names = sorted(lines, key=lambda name: lines[name][-1])
nets = [dict(zip(names, ["0", "축소", "사전 정규화", "그대로"]))[name] for name in lines]
normed, plain = lines[names[2]], lines[names[3]]
gain = plain[1] - 1
share = gain / normed[-1]
"""


def variance(pre=PRE, plain=PLAIN):
    return BOTH.replace("PRE", pre, 1).replace("PLAIN", plain)


def scale(result):
    return SCALE.replace("RESULT", result)


def zero(do):
    return ZERO.replace("DO", do)


def block(change):
    return BLOCK.replace("CHANGE", change)


RIGHT = [
    (
        1,
        "블록을 하나씩 지나며",
        VARIANCE
        + """
    V = 1.0
    for _ in range(blocks):
        V += scale**2 * gain * (1 if pre_norm else V)
    return V
""",
    ),
    (
        1,
        "wi_lib로",
        "from wi_lib import theory\n" + variance(*["theory.residual_variance(blocks, gain, scale, pre_norm)[-1]"] * 2),
    ),
    (
        2,
        "배율을 이분법으로",
        """
def branch_scale(branches, width, growth, *, rng):
    x = rng.standard_normal((80, width))
    low, high = 0.0, 2.0
    for _ in range(12):
        s, h = (low + high) / 2, x
        for branch in branches:
            h = h + s * branch(h)
        low, high = (low, s) if np.mean(h**2) > growth * np.mean(x**2) else (s, high)
    return s
""",
    ),
    (
        2,
        "로그로 평균하고 float32로",
        """
def branch_scale(branches, width, growth, *, rng):
    x = rng.standard_normal((100, width)).astype(np.float32)
    gain = np.exp(np.mean([np.log(np.var(branch(x)) / np.var(x)) for branch in branches]))
    return np.float32(np.sqrt(np.expm1(np.log(growth) / len(branches)) / gain))
""",
    ),
    (2, "크기가 다른 입력으로", scale(RATE).replace("np.mean(branch(x) ** 2)", "np.mean(branch(7 * x) ** 2) / 49")),
    (
        3,
        "사본을 고쳐 돌려줌",
        "import copy\n"
        + zero("[p for p in branch if p.parameters][-1].parameters[0] *= 0").replace(
            "for", "net = copy.deepcopy(net)\n    for", 1
        ),
    ),
    (
        3,
        "뒤에서부터 찾음",
        zero("next(p for p in reversed(branch) if p.parameters).parameters[0].fill(0)"),
    ),
    (
        3,
        "배열을 바꾸어 끼움",
        zero("branch[-1].parameters[0] = np.zeros_like(branch[-1].parameters[0])"),
    ),
    (
        4,
        "원소마다 더함",
        """
def block_gradients(x, W1, W2, alpha, delta):
    dW1, dW2, dalpha, dx = np.zeros(W1.shape), np.zeros(W2.shape), 0.0, delta.copy()
    for row, d, out in zip(x, delta, dx):
        a = np.maximum(row @ W1, 0)
        below = alpha * (W2 @ d) * np.sign(a)
        dW1 += np.outer(row, below)
        dW2 += alpha * np.outer(a, d)
        dalpha += d @ (a @ W2)
        out += W1 @ below
    return [dW1, dW2, np.array(dalpha), dx]
""",
    ),
    (
        4,
        "einsum으로",
        """
def block_gradients(x, W1, W2, alpha, delta):
    on = (x @ W1 > 0).astype(float)
    a = on * (x @ W1)
    back = alpha * on * np.einsum("nd,hd->nh", delta, W2)
    return np.einsum("nd,nh->dh", x, back), alpha * np.einsum("nh,nd->hd", a, delta), np.einsum(
        "nh,hd,nd->", a, W2, delta), delta + np.einsum("nh,dh->nd", back, W1)
""",
    ),
    (5, "눈으로 읽음", READ + "gain, share = round(gain, 2), round(share, 3)"),
    (5, "곧은 선의 기울기에서", READ + "gain = np.expm1(np.log(plain[10] / plain[4]) / 6)"),
    (5, "마지막 블록이 더한 것을 지나기 전의 분산으로 나눔", READ + "share = (normed[-1] - normed[-2]) / normed[-2]"),
]

WRONG = [
    (1, "사전 정규화도 곱함", variance(pre=PLAIN), "옆길이 받는 것의 분산은"),
    (1, "정규화가 없어도 더함", variance(plain=PRE), "커진 줄기를"),
    (
        1,
        "scale을 제곱하지 않음",
        variance(PRE.replace("**2", ""), PLAIN.replace("scale**2", "scale")),
        "scale을 곱하면",
    ),
    (1, "gain까지 제곱", variance(plain="(1 + (scale * gain) ** 2) ** blocks"), "제곱하지 마십시오"),
    (1, "RMS끼리 더함", variance(plain="(1 + scale * np.sqrt(gain)) ** (2 * blocks)"), "분산끼리"),
    (1, "줄기를 빠뜨림", variance(plain="(scale**2 * gain) ** blocks"), "온 줄기를"),
    (1, "출발할 때의 분산을 빠뜨림", variance(pre="blocks * scale**2 * gain"), "분산 1을"),
    (1, "줄기도 정규화한다고 봄", variance(pre="1.0"), "줄기는 정규화하지"),
    (1, "RMS를 돌려줌", variance(plain=PLAIN + " ** 0.5").replace("blocks ** 0.5", "(blocks / 2)"), "RMS를"),
    (1, "늘 두 배", VARIANCE + "return 2.0**blocks", "쓰지 않았습니다"),
    (1, "하나 덜 셈", variance(plain="(1 + scale**2 * gain) ** (blocks - 1)"), "하나 잘못"),
    (2, "책의 1/√L", scale("L**-0.5"), "재어 쓰지"),
    (2, "옆길의 배율을 1로 봄", scale(RATE.replace("/ gain", "")), "재어 쓰지"),
    (2, "늘어날 양을 나눔", scale("np.sqrt((growth - 1) / L / gain)"), "커진 줄기에"),
    (2, "제곱근을 빠뜨림", scale("(growth ** (1 / L) - 1) / gain"), "배율의 제곱"),
    (2, "RMS를 배율로", scale(RATE).replace("np.mean(branch(x) ** 2)", "branch(x).std()"), "제곱해서"),
    (2, "분산의 배율로 나눔", scale("np.sqrt(growth ** (1 / L) - 1) / gain"), "제곱근을 내서"),
    (2, "거꾸로", scale(RATE.replace("/ gain", "* gain")), "작아져야"),
    (2, "growth를 RMS로 봄", scale(RATE.replace("1 / L", "2 / L")), "RMS가 아니라"),
    (2, "1을 빼지 않음", scale("np.sqrt(growth ** (1 / L) / gain)"), "빼지 않았습니다"),
    (2, "평균을 잼", scale(RATE).replace("branch(x) ** 2", "branch(x)").replace("/ gain", "/ abs(gain)"), "배율"),
    (2, "전역 난수", scale(RATE).replace("rng.st", "np.random.st"), "전역 난수"),
    (3, "늘 마지막 행렬", zero("[p for p in branch if isinstance(p, layers.Dense)][-1].parameters[0][...] = 0"), "√ε"),
    (3, "첫 행렬", zero("[p for p in branch if p.parameters][0].parameters[0][...] = 0"), "앞쪽의 층이 0"),
    (3, "모든 행렬", zero("[p.parameters[0].fill(0) for p in branch if p.parameters]"), "앞쪽의 층까지"),
    (
        3,
        "망의 모든 행렬",
        "def zero_branches(net):\n    for w in net.weights:\n        w[...] = 0\n    return net",
        "옆길이 아닙니다",
    ),
    (3, "scale을 0으로", zero("layer.scale[...] = 0"), "scale을"),
    (
        3,
        "γ만",
        zero("[p.parameters[0].fill(0) for p in branch[-1:] if not isinstance(p, layers.Dense)]"),
        "0에서 시작하지",
    ),
    (3, "아주 작게", zero("branch[-1].parameters[0] *= 1e-8"), "0에서 시작하지"),
    (
        3,
        "β를 1로",
        zero(
            "branch[-1].parameters[0][...] = 0\n            for p in branch[-1].parameters[1:]:\n                p += 1"
        ),
        "γ가 아닌 것도",
    ),
    (3, "배열 대신 수", zero("branch[-1].parameters[0] = 0"), "갈아 끼우지"),
    (3, "만들지 않은 층을 끼움", zero("branch[-1] = layers.Dense(9, 'zeros')"), "갈아 끼우지"),
    (3, "scale에 수", zero("layer.scale = 0"), "scale을"),
    (3, "돌려주지 않음", "def zero_branches(net):\n    net.layers[1].branch", "아무것도 돌려주지"),
    (3, "행렬을 돌려줌", "def zero_branches(net):\n    return net.weights", "고친 net을"),
    (4, "줄기를 빠뜨림", block("dx = dx - delta"), "곧장 되돌아오는"),
    (4, "alpha를 빠뜨림", block("dW1, dW2 = x.T @ back, a.T @ delta"), "alpha를 빠뜨렸습니다"),
    (4, "ReLU를 되돌리지 않음", block("dW1 = alpha * x.T @ (delta @ W2.T)"), "ReLU가 0인"),
    (4, "ReLU 앞의 값을 씀", block("dW2 = alpha * z.T @ delta"), "ReLU를 지난"),
    (4, "배치로 나눔", block("dW1, dW2 = dW1 / len(x), dW2 / len(x)"), "이미 배치의"),
    (4, "alpha를 평균함", block("dalpha = np.mean(delta * (a @ W2))"), "합입니다"),
    (4, "alpha에 y를 씀", block("dalpha = np.sum(delta * (x + alpha * a @ W2))"), "옆길의 출력입니다"),
    (4, "줄기에도 alpha", block("dx = alpha * (delta + back @ W1.T)"), "옆길에만"),
    (4, "축이 뒤바뀜", block("dW1 = dW1.T"), "축의 차례"),
    (4, "셋만 돌려줌", block("return dW1, dW2, dalpha"), "넷을"),
    (4, "delta를 고침", block("delta += alpha * back @ W1.T"), "고쳐 버립니다"),
    (5, "넷을 가리지 못함", READ + 'nets = ["0"] * 4', "그림과 다릅니다"),
    (
        5,
        "축소와 사전 정규화를 뒤바꿈",
        READ + 'nets = [{"축소": "사전 정규화", "사전 정규화": "축소"}.get(n, n) for n in nets]',
        "2개가",
    ),
    (5, "블록 하나의 배율", READ + "gain = plain[1]", "옆길이 더한 것만"),
    (5, "기울기를 그대로", READ + "gain = np.log(plain[1])", "ln(1 + gain)"),
    (5, "축소인 망에서 잼", READ + "gain = lines[names[1]][1] - 1", "배율이 1인"),
    (5, "더한 분산", READ + "share = gain", "몫으로"),
    (5, "블록의 수로 나눔", READ + "share = 1 / BLOCKS", "출발할 때부터"),
    (5, "그대로인 망의 몫", READ + "share = gain / plain[1]", "그대로인 망의"),
    (5, "백분율", READ + "share = 100 * share", "백분율"),
    (5, "이름을 글 하나로", READ + 'nets = "그대로, 축소, 사전 정규화, 0"', "이름 넷"),
    (5, "적지 않음", READ + "share = ...", "아직 답을"),
]
