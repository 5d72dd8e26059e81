"""15장 연습의 다른 옳은 답과 흔한 틀린 답."""

FACTORS = """
def signal_factors(shape, groups, stride, mode):
    k, _, inputs, outputs = shape
    counted = k * k * (inputs if mode == "fan_in" else outputs)
    fan_in, fan_out = k * k * inputs, k * k * outputs / groups / stride**2
    return AHEAD, BEHIND
"""
AHEAD, BEHIND = "fan_in / counted", "fan_out / counted"
MAP = """
def gradient_map(size, plan):
    steps, full = [], size
    for k, s, p in plan:
        out = (size + 2 * p - k) // s + 1
        A = np.zeros((out, size))
        for i in range(out):
            A[i, max(i * s - p, 0) : max(i * s - p + k, 0)] = 1 / k
        steps.append(A)
        size = out
    row = np.ones(size)
    for A in steps[::-1]:
        row = row @ A
    return RESULT
"""
STD = """
def kernel_std(x, kernel, padding):
    square = np.pad(VALUE, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(square, (kernel, kernel), axis=(1, 2))
    return RESULT
"""
ROOT = "np.mean(np.sum(seen, axis=(3, 4, 5))) ** -0.5"
DELTA = """
def delta_orthogonal(shape, *, rng):
    k, _, inputs, outputs = shape
    matrix = np.linalg.qr(rng.standard_normal((outputs, inputs)))[0].T
    kernel = np.zeros(shape)
    kernel[k // 2, k // 2] = matrix
    CHANGE
    return kernel
"""
READ = """
low, middle, high = sorted(lines, key=lambda name: lines[name][DEPTH])
nets = [{low: "묶음", middle: "맞음", high: "채널만"}[name] for name in lines]
kernel = int(round((lines[high][2] / lines[middle][2]) ** 0.25))
groups = int(round((lines[middle][3] / lines[low][3]) ** (1 / 3)))
corner = (kernel + 1) ** 2 / (4 * kernel**2)
"""


def factors(ahead=AHEAD, behind=BEHIND, *changes):
    code = FACTORS.replace("AHEAD", ahead).replace("BEHIND", behind)
    for old, new in changes:
        assert old in code, old
        code = code.replace(old, new)
    return code


def map_of(result="np.outer(row, row)"):
    return MAP.replace("RESULT", result)


def std(result=ROOT, value="x**2", pad="padding"):
    return STD.replace("RESULT", result).replace("VALUE", value).replace("PAD", pad)


def delta(change="pass", matrix=None):
    code = DELTA.replace("CHANGE", change)
    return code.replace("np.linalg.qr(rng.standard_normal((outputs, inputs)))[0].T", matrix) if matrix else code


RIGHT = [
    (
        1,
        "wi_lib의 층으로 이어진 수를 셈",
        """
def signal_factors(shape, groups, stride, mode):
    from wi_lib import initializers
    k, _, inputs, outputs = shape
    layer = layers.Conv2D(outputs, k, initializers.constant(1.0), stride=stride, groups=groups)
    side = k + 12 * stride
    layer.build((side, side, inputs * groups), np.random.default_rng(0), np.dtype(np.float64))
    y, memory = layer.forward(np.ones((1, side, side, inputs * groups)), training=False)
    back = layer.backward(memory, np.ones_like(y))[0][0]
    period = slice(k + (-k) % stride, k + (-k) % stride + stride)
    fans = initializers.fans(shape)[mode == "fan_out"]
    return y[0, 0, 0, 0] / fans, back[period, period].mean() / fans
""",
    ),
    (1, "배열로", factors().replace("return fan_in / counted, fan_out", "return np.array([fan_in, fan_out])")),
    (
        1,
        "약분해서",
        """
def signal_factors(shape, groups, stride, mode):
    ratio = shape[2] / shape[3]
    loss = 1 / (groups * stride * stride)
    return [1, loss / ratio] if mode == "fan_in" else [ratio, loss]
""",
    ),
    (2, "한 줄의 행렬을 거슬러", map_of("np.outer(row, row).astype(np.float32)")),
    (
        2,
        "자리마다 더하며",
        """
def gradient_map(size, plan):
    sizes = [size]
    for k, s, p in plan:
        sizes.append((sizes[-1] + 2 * p - k) // s + 1)
    back = np.ones((sizes[-1], sizes[-1]))
    for (k, s, p), side in zip(plan[::-1], sizes[-2::-1]):
        padded = np.zeros((side + 2 * p, side + 2 * p))
        for i in range(len(back)):
            for j in range(len(back)):
                padded[s * i : s * i + k, s * j : s * j + k] += back[i, j] / k**2
        back = padded[p : p + side, p : p + side]
    return back
""",
    ),
    (
        2,
        "wi_lib의 합성곱을 되돌려",
        """
def gradient_map(size, plan):
    from wi_lib import Network, initializers, observe
    body = [layers.Activate("identity")]
    for k, s, p in plan:
        body.append(layers.Conv2D(1, k, initializers.constant(k**-2.0), stride=s, padding=p))
    net = Network(body, input_shape=(size, size, 1), rng=np.random.default_rng(0), dtype=np.float64)
    x, memories = np.ones((1, size, size, 1)), []
    for layer in net.layers:
        x, memory = layer.forward(x, training=True)
        memories.append(memory)
    back = np.ones_like(x)
    for layer, memory in zip(net.layers[::-1], memories[::-1]):
        back = layer.backward(memory, back)[0]
    return back[0, ..., 0]
""",
    ),
    (3, "창마다 채널까지 더함", std()),
    (
        3,
        "칸마다 밀어서",
        """
def kernel_std(x, kernel, padding):
    total, square = 0.0, np.pad(np.sum(x * x, axis=-1), ((0, 0), (padding, padding), (padding, padding)))
    rows, columns = square.shape[1] - kernel + 1, square.shape[2] - kernel + 1
    for i in range(kernel):
        for j in range(kernel):
            total += square[:, i : i + rows, j : j + columns].mean()
    return np.float32(1 / np.sqrt(total))
""",
    ),
    (
        3,
        "wi_lib의 합성곱으로",
        """
def kernel_std(x, kernel, padding):
    from wi_lib import Network, initializers
    conv = layers.Conv2D(1, kernel, initializers.constant(1.0), padding=padding)
    net = Network([conv], input_shape=x.shape[1:], rng=np.random.default_rng(0))
    return float(np.mean(net.forward(x**2)) ** -0.5)
""",
    ),
    (
        3,
        "칸마다의 에너지로",
        """
def kernel_std(x, kernel, padding):
    rng, total, tries = np.random.default_rng(0), 0.0, 6000
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(1, 2))
    flat = seen.reshape(-1, x.shape[-1] * kernel**2)
    return 1 / np.sqrt(np.trace(flat.T @ flat) / len(flat))
""",
    ),
    (4, "wi_lib로", "from wi_lib import initializers\ndelta_orthogonal = initializers.delta_orthogonal()"),
    (
        4,
        "특잇값 분해로, float32",
        delta("kernel = kernel.astype(np.float32)", "np.linalg.svd(rng.standard_normal((inputs, outputs)), False)[2]"),
    ),
    (
        4,
        "행을 하나씩 직교화",
        """
def delta_orthogonal(shape, *, rng):
    rows = []
    for _ in range(shape[2]):
        v = rng.standard_normal(shape[3])
        for r in rows:
            v = v - (v @ r) * r
        rows.append(v / np.linalg.norm(v))
    kernel = np.zeros(shape)
    kernel[shape[0] // 2][shape[1] // 2] = rows
    return kernel
""",
    ),
    (
        4,
        "채널의 차례를 섞고 부호를 바꿈",
        delta(
            "matrix = np.eye(outputs)[rng.permutation(outputs)[:inputs]] * rng.choice([-1, 1], outputs)\n"
            "    kernel[k // 2, k // 2] = matrix"
        ),
    ),
    (5, "여러 층의 비에서", READ),
    (5, "배열과 실수로", READ + "nets, kernel, groups = np.array(nets), float(kernel), float(groups)"),
    (5, "모서리를 소수로 적음", READ + "corner = round(corner, 3)"),
]

WRONG = [
    (1, "둘 다 1", factors("1.0", "1.0"), "모두 1이지는"),
    (1, "프레임워크의 fan_out을 믿음", factors(behind="k * k * outputs / counted"), "센 fan_out을"),
    (1, "묶음을 잊음", factors(behind="fan_out * groups / counted"), "자기 묶음의"),
    (1, "stride를 잊음", factors(behind="fan_out * stride**2 / counted"), "여러 칸씩"),
    (1, "stride를 한 번만", factors(behind="fan_out * stride / counted"), "두 방향으로"),
    (1, "stride를 곱함", factors(behind="fan_out * stride**4 / counted"), "거꾸로"),
    (1, "묶음을 곱함", factors(behind="fan_out * groups**2 / counted"), "묶음이 많을수록"),
    (1, "fan_in도 묶음으로 나눔", factors("fan_in / groups / counted"), "이미 그 수"),
    (1, "fan_in에 묶음을 곱함", factors("fan_in * groups / counted"), "이미 그 수"),
    (1, "fan_in도 stride로 나눔", factors("fan_in / stride**2 / counted"), "stride와 상관없습니다"),
    (1, "앞뒤가 바뀜", factors(BEHIND, AHEAD), "뒤바뀌었습니다"),
    (1, "He의 2를 남김", factors("2 * fan_in / counted", "2 * fan_out / counted"), "서로 지웁니다"),
    (1, "RMS", factors("(fan_in / counted) ** 0.5", "(fan_out / counted) ** 0.5"), "RMS의"),
    (1, "mode를 쓰지 않음", factors().replace('mode == "fan_in"', "True"), "mode를"),
    (1, "출력과 입력을 바꿈", factors().replace("inputs, outputs = shape", "outputs, inputs = shape"), "바꾸어"),
    (1, "PyTorch의 차례", factors().replace("k, _, inputs, outputs", "outputs, inputs, k, _"), "PyTorch의"),
    (1, "하나만 돌려줌", factors().replace("fan_in / counted, ", ""), "둘을"),
    (2, "어디서나 1", map_of("np.ones((full, full))"), "덮은 커널마다"),
    (
        2,
        "스트라이드로만 나눔",
        map_of("np.full((full, full), np.prod([s**-2.0 for _, s, _ in plan]))"),
        "덮은 커널마다",
    ),
    (2, "평균만", map_of("np.full((full, full), np.mean(row) ** 2)"), "덮은 커널마다"),
    (2, "fan_out의 He", map_of("np.outer(row, row) * np.prod([s**2.0 for _, s, _ in plan])"), "fan_in의 He"),
    (2, "평균을 1로", map_of("np.outer(row, row) / np.mean(row) ** 2"), "fan_in의 He"),
    (2, "가장 큰 값을 1로", map_of("np.outer(row, row) / np.max(row) ** 2"), "가장 큰 값"),
    (2, "덮은 횟수", map_of().replace("1 / k", "1"), "fan_in으로 나누지"),
    (2, "변의 길이로 나눔", map_of().replace("1 / k", "k**-0.5"), "변의 길이"),
    (
        2,
        "앞으로 흘림",
        map_of("np.outer(row, row)")
        .replace("row @ A", "A @ row")
        .replace("steps[::-1]", "steps")
        .replace("np.ones(size)", "np.ones(full)"),
        "모양이",
    ),
    (2, "가로만", map_of("np.tile(row, (full, 1))"), "한 방향만"),
    (2, "세로만", map_of("np.tile(row[:, None], (1, full))"), "한 방향만"),
    (2, "RMS", map_of("np.sqrt(np.outer(row, row))"), "RMS입니다"),
    (2, "제곱", map_of("np.outer(row, row) ** 2"), "한 번 더"),
    (2, "ReLU의 절반", map_of("np.outer(row, row) / 2 ** len(plan)"), "서로 지웁니다"),
    (2, "He의 2", map_of("np.outer(row, row) * 2 ** len(plan)"), "서로 지웁니다"),
    (
        2,
        "패딩을 잊음",
        map_of().replace("for k, s, p in plan:", "for k, s, p in [(k, s, 0) for k, s, _ in plan]:"),
        "덧댄 0을 빠뜨",
    ),
    (
        2,
        "스트라이드를 잊음",
        map_of().replace("for k, s, p in plan:", "for k, s, p in [(k, 1, p) for k, _, p in plan]:"),
        "스트라이드를",
    ),
    (2, "첫 층만", map_of().replace("in plan:", "in plan[:1]:"), "첫 층만"),
    (2, "차례를 뒤집음", map_of().replace("in plan:", "in plan[::-1]:"), "뒤바뀌었습니다"),
    (2, "한 줄만 돌려줌", map_of("row"), "모양이"),
    (3, "화소가 고르다고 봄", std("(x.shape[-1] * kernel**2 * np.mean(x**2)) ** -0.5"), "같은 횟수로"),
    (3, "0만 세고 밝기는 평균", std(value="np.full_like(x, np.mean(x**2))"), "밝기가 같다고"),
    (3, "0을 덧대지 않음", std(pad="0"), "덧댄 0을"),
    (3, "분산을 씀", std("(x.shape[-1] * kernel**2 * np.var(x)) ** -0.5"), "평균을 뺐습니다"),
    (3, "채널마다의 분산", std(value="x.var(axis=(0, 1, 2)) + 0 * x"), "평균을 뺐습니다"),
    (3, "LeCun", std("(x.shape[-1] * kernel**2) ** -0.5"), "x의 크기를"),
    (3, "He", std("(2 / x.shape[-1] / kernel**2) ** 0.5"), "x의 크기를"),
    (3, "채널만 셈", std("(x.shape[-1] * np.mean(x**2)) ** -0.5"), "넓이를"),
    (3, "커널의 칸에서 평균", std("np.mean(np.mean(seen, axis=(4, 5)).sum(axis=3)) ** -0.5"), "넓이를"),
    (3, "채널에서 평균", std("np.mean(np.sum(seen, axis=(4, 5))) ** -0.5"), "채널을"),
    (3, "자리마다의 표준편차를 평균", std("np.mean(np.sum(seen, axis=(3, 4, 5)) ** -0.5)"), "제곱근을 낸 뒤에"),
    (3, "RMS를 평균", std("1 / np.mean(np.sqrt(np.sum(seen, axis=(3, 4, 5))))"), "제곱근을 낸 뒤에"),
    (3, "He의 2를 곱함", std("np.sqrt(2) * " + ROOT), "2를 곱했습니다"),
    (3, "분산을 돌려줌", std(ROOT.replace("-0.5", "-1.0")), "분산입니다"),
    (3, "거꾸로", std(ROOT.replace("-0.5", "0.5")), "거꾸로"),
    (3, "창의 분산", std(value="x", result="np.mean(np.sum(seen, axis=(3, 4, 5)) ** 2) ** -0.5"), "kernel이 3"),
    (
        4,
        "편 행렬이 직교",
        delta("kernel = np.linalg.qr(rng.standard_normal((k * k * inputs, outputs)))[0].reshape(shape)"),
        "자리에",
    ),
    (4, "모든 칸에 같은 행렬", delta("kernel[:] = matrix"), "9자리에"),
    (4, "첫 칸에", delta("kernel = np.roll(kernel, 1, axis=(0, 1))"), "한가운데인"),
    (4, "왼쪽 위 칸에", delta("kernel[k // 2, k // 2] = 0\n    kernel[0, 0] = matrix"), "한가운데인"),
    (4, "디랙", delta(matrix="np.eye(inputs, outputs)"), "rng를 바꾸어도"),
    (4, "정규분포", delta(matrix="rng.standard_normal((inputs, outputs)) / np.sqrt(outputs)"), "다르게 바뀝니다"),
    (
        4,
        "행의 길이만 1",
        delta(
            "kernel /= np.linalg.norm(kernel[k // 2, k // 2], axis=1)[:, None]",
            "rng.standard_normal((inputs, outputs))",
        ),
        "행끼리 수직이 아닙니다",
    ),
    (4, "He의 √2", delta("kernel *= np.sqrt(2)"), "1.41배"),
    (4, "칸의 수로 나눔", delta("kernel /= k"), "0.333배"),
    (4, "PyTorch의 차례", delta("kernel = kernel.transpose(3, 2, 0, 1)"), "모양이"),
    (4, "모두 0", delta("kernel *= 0"), "rng를 바꾸어도"),
    (4, "rng를 쓰지 않음", delta().replace("rng.st", "np.random.default_rng(0).st"), "rng를 바꾸어도"),
    (4, "전역 난수", delta().replace("rng.st", "np.random.st"), "전역 난수"),
    (
        5,
        "크기의 차례를 거꾸로",
        READ + 'nets = [{low: "채널만", middle: "맞음", high: "묶음"}[n] for n in lines]',
        "2개가",
    ),
    (
        5,
        "줄어드는 것은 맞음이 아니라고 봄",
        READ + 'nets = [{low: "맞음", middle: "묶음", high: "채널만"}[n] for n in lines]',
        "2개가",
    ),
    (5, "커널의 넓이", READ + "kernel = kernel**2", "넓이입니다"),
    (5, "묶음을 제곱", READ + "groups = groups**2", "제곱하지"),
    (5, "가장자리", READ + "corner = corner**0.5", "가장자리의 값"),
    (5, "잃은 몫", READ + "corner = 1 - corner", "남은 몫"),
    (5, "4분의 1", READ + "corner = 0.25", "가운데 줄은"),
    (5, "적지 않음", READ + "nets = ...", "아직 답을"),
    (5, "글 하나로", READ + 'nets = "맞음, 채널만, 묶음"', "이름 셋"),
    (5, "소수인 커널", READ + "kernel = 2.9", "정수여야"),
]
