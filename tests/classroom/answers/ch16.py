"""16장 연습의 다른 옳은 답과 흔한 틀린 답."""

LOGIT = "def logit_std(width, heads, q_std, k_std, divided):\n    units = width // heads\n    return "
PLAIN, DIVIDED = "np.sqrt(units) * width * q_std * k_std", "width * q_std * k_std"
GPT = """
def gpt2_init(shapes, *, rng):
    blocks = len({name.split(".")[1] for name in shapes if name.startswith("h.")})
    values = {}
    for name, shape in shapes.items():
        std = WRITER if name.endswith("c_proj.weight") else 0.02
        if name.endswith("bias"):
            values[name] = np.zeros(shape)
        elif "ln_" in name:
            values[name] = np.ones(shape)
        else:
            values[name] = std * rng.standard_normal(shape)
    return values
"""
WRITER = "0.02 / np.sqrt(2 * blocks)"
LOSS = "def first_loss(vocabulary, width, std):\n    return "
LORA = """
def lora_gradients(x, W, A, B, alpha, delta):
    r = A.shape[1]
    s = alpha / r
    dA, dB = s * x.T @ delta @ B.T, s * (x @ A).T @ delta
    dx = delta @ W.T + s * delta @ B.T @ A.T
    CHANGE
    return dA, dB, dx
"""
READ = """
half = {n: 10 ** np.interp(-y[0] / 2, -y, np.log10(variances)) for n, y in lines.items()}
names = sorted(half, key=half.get)
kinds = [["나누지 않음", "√d로 나눔", "d로 나눔"][names.index(name)] for name in lines]
tokens, units = np.exp(lines["(가)"][0]), half[names[2]] / half[names[0]]
"""


def logit(plain=PLAIN, divided=DIVIDED):
    return f"{LOGIT}({divided}) if divided else ({plain})"


def both(result):
    return logit(result, f"({result}) / np.sqrt(units)")


def gpt(writer=WRITER, old="", new=""):
    return GPT.replace("WRITER", writer).replace(old, new) if old else GPT.replace("WRITER", writer)


def lora(change):
    return LORA.replace("CHANGE", change)


RIGHT = [
    (
        1,
        "분산을 하나씩",
        """
def logit_std(width, heads, q_std, k_std, divided):
    head = width / heads
    query, key = width * q_std**2, width * k_std**2
    variance = sum(query * key for _ in range(int(head)))
    if divided:
        variance /= head
    return variance**0.5
""",
    ),
    (
        1,
        "뽑아서 잼",
        """
def logit_std(width, heads, q_std, k_std, divided):
    rng, units = np.random.default_rng(0), width // heads
    x, shape = rng.standard_normal((2, 300, width)), (width, 60 * units)
    q, k = (std * one @ rng.standard_normal(shape) for std, one in zip((q_std, k_std), x))
    logits = (q * k).reshape(300, 60, units).sum(axis=2)
    return logits.std() / (np.sqrt(units) if divided else 1)
""",
    ),
    (
        2,
        "블록을 번호로 세고 float32로",
        """
def gpt2_init(shapes, *, rng):
    L = 1 + max(int(name.split(".")[1]) for name in shapes if name.startswith("h."))
    values = {}
    for name in reversed(list(shapes)):
        kind = name.split(".")[-2:]
        if kind[1] == "bias" or kind[0].startswith("ln"):
            values[name] = np.full(shapes[name], kind[1] == "weight", dtype=np.float32)
            continue
        std = 0.02 * (2 * L) ** -0.5 if kind[0] == "c_proj" else 0.02
        values[name] = rng.normal(0, std, size=shapes[name]).astype(np.float32)
    return values
""",
    ),
    (
        2,
        "먼저 뽑고 나중에 줄임",
        """
def gpt2_init(shapes, *, rng):
    values = {n: rng.normal(scale=0.02, size=s) if len(s) > 1 else np.zeros(s) for n, s in shapes.items()}
    for name in values:
        if name.endswith("c_proj.weight"):
            values[name] /= np.sqrt(sum("c_proj.weight" in other for other in shapes))
        if "ln_" in name and "weight" in name:
            values[name] += 1
    return values
""",
    ),
    (
        2,
        "wi_lib의 초기화 함수로",
        "from wi_lib import initializers\n"
        + gpt(old="std * rng.standard_normal(shape)", new="initializers.normal(std)(shape, rng=rng)"),
    ),
    (3, "로짓의 표준편차에서", LOSS + "np.log(vocabulary) + (np.sqrt(width) * std) ** 2 / 2"),
    (
        3,
        "뽑아서 잼",
        """
def first_loss(vocabulary, width, std):
    rng = np.random.default_rng(1)
    z = rng.standard_normal((600, width)) @ (std * rng.standard_normal((vocabulary, width))).T
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z.mean(axis=1))
""",
    ),
    (
        3,
        "정답마다 손실을 잼",
        """
def first_loss(vocabulary, width, std):
    rng = np.random.default_rng(2)
    E, h = std * rng.standard_normal((vocabulary, width)), rng.standard_normal((300, width))
    p = np.exp(h @ E.T)
    return -np.mean(np.log(p / p.sum(axis=1, keepdims=True)))
""",
    ),
    (
        4,
        "합친 행렬로",
        """
def lora_gradients(x, W, A, B, alpha, delta):
    s = alpha / len(B)
    d = x.T @ delta
    return s * d @ B.T, s * A.T @ d, delta @ (W + s * A @ B).T
""",
    ),
    (
        4,
        "einsum으로",
        """
def lora_gradients(x, W, A, B, alpha, delta):
    s = alpha / A.shape[-1]
    return [
        s * np.einsum("ni,no,ro->ir", x, delta, B),
        s * np.einsum("ni,ir,no->ro", x, A, delta),
        np.einsum("no,io->ni", delta, W) + s * np.einsum("no,ro,ir->ni", delta, B, A),
    ]
""",
    ),
    (
        4,
        "입력마다 더함",
        """
def lora_gradients(x, W, A, B, alpha, delta):
    dA, dB, dx, s = np.zeros(A.shape), np.zeros(B.shape), [], alpha / A.shape[1]
    for row, d in zip(x, delta):
        dA += s * np.outer(row, B @ d)
        dB += s * np.outer(row @ A, d)
        dx.append(W @ d + s * A @ (B @ d))
    return dA, dB, np.array(dx)
""",
    ),
    (5, "눈으로 읽음", READ + "tokens, units = round(tokens), round(units, -1)"),
    (5, "이웃한 두 선에서", READ + "units = (half[names[1]] / half[names[0]]) ** 2"),
    (
        5,
        "다른 높이에서",
        READ
        + "kinds = np.array(kinds)\nat = [np.interp(-1.0, -lines[n], np.log10(variances)) for n in names]\n"
        + "units = 10 ** (at[2] - at[0])",
    ),
]

WRONG = [
    (1, "나누지 않음", both(PLAIN).replace("/ np.sqrt(units)", ""), "나누지 않았습니다"),
    (1, "늘 나눔", logit(plain=DIVIDED), "False인데 나누었습니다"),
    (1, "√width로 나눔", logit(divided=PLAIN + " / np.sqrt(width)"), "√width가 아닙니다"),
    (1, "제곱근 없이 나눔", logit(divided=PLAIN + " / units"), "그 제곱근으로"),
    (1, "머리로 나누지 않음", both("np.sqrt(width) * width * q_std * k_std"), "width / heads개의"),
    (1, "분산", both(f"({PLAIN})**2"), "분산이 아니라"),
    (1, "행렬을 잊음", both("np.sqrt(units) * q_std * k_std"), "행렬을 곱한 것입니다"),
    (1, "행렬을 하나만", both("np.sqrt(units * width) * q_std * k_std"), "둘 다 커집니다"),
    (1, "표준편차가 width배", both(PLAIN + " * width"), "아니라 분산입니다"),
    (1, "fan_in을 머리로", both("np.sqrt(units) * units * q_std * k_std"), "유닛 모두에서"),
    (1, "표준편차끼리 더함", logit(plain="units * width * q_std * k_std"), "분산을 더합니다"),
    (1, "k를 쓰지 않음", both("np.sqrt(units) * width * q_std**2"), "k_std를 쓰지"),
    (1, "늘 1", LOGIT + "1.0", "값이 기대보다"),
    (2, "줄이지 않음", gpt("0.02"), "줄이지 않았습니다"),
    (2, "블록의 수로", gpt("0.02 / np.sqrt(blocks)"), "옆길의 수를 다시"),
    (2, "제곱근 없이", gpt("0.02 / (2 * blocks)"), "더해지는 것은 분산"),
    (2, "거꾸로", gpt("0.02 * np.sqrt(2 * blocks)"), "많을수록 작아야"),
    (2, "번호의 첫 글자만 셈", gpt(old='name.split(".")[1] for', new="name[2] for"), "두 자리"),
    (2, "가장 큰 번호를 셈", gpt("0.02 / np.sqrt(2 * blocks - 2)"), "0부터"),
    (2, "MLP는 그대로", gpt(old='name.endswith("c_proj', new='name.endswith("attn.c_proj'), "줄이지 않았습니다"),
    (2, "어텐션은 그대로", gpt(old='name.endswith("c_proj', new='name.endswith("mlp.c_proj'), "줄이지 않았습니다"),
    (2, "모두 줄임", gpt(old="else 0.02", new="else WRITER").replace("WRITER", WRITER), "쓰는 행렬이 아닙니다"),
    (
        2,
        "블록의 행렬을 모두 줄임",
        gpt(old='name.endswith("c_proj.weight")', new='name.startswith("h.")'),
        "쓰는 행렬이 아닙니다",
    ),
    (2, "0에서 시작", gpt("0"), "0에서 시작했습니다"),
    (2, "γ가 0", gpt(old="np.ones(shape)", new="np.zeros(shape)"), "γ는 1"),
    (2, "γ를 뽑음", gpt(old='elif "ln_" in name', new="elif False"), "γ는 1"),
    (2, "편향을 뽑음", gpt(old="np.zeros(shape)", new="0.02 * rng.standard_normal(shape)"), "편향과 β는"),
    (
        2,
        "배열마다 같은 난수",
        gpt(old="    for name, shape", new="    seed = rng.integers(10**9)\n    for name, shape").replace(
            "rng.standard", "np.random.default_rng(seed).standard"
        ),
        "새로 뽑으십시오",
    ),
    (
        2,
        "시드를 정함",
        gpt(old="    values = {}", new="    values, rng = {}, np.random.default_rng(0)"),
        "rng를 바꾸어도",
    ),
    (2, "전역 난수", gpt(old="rng.standard_normal(shape)", new="np.random.standard_normal(shape)"), "전역 난수"),
    (2, "균등분포의 한계를 0.02로", gpt(old="rng.standard_normal(shape)", new="rng.uniform(-1, 1, shape)"), "작습니다"),
    (2, "출력 행렬을 더함", gpt(old="return values", new='return {**values, "lm_head.weight": 0}'), "wte를 함께"),
    (2, "목록을 돌려줌", gpt(old="return values", new="return list(values.values())"), "사전을 돌려주어야"),
    (2, "하나를 빠뜨림", gpt(old="return values", new='values.pop("ln_f.bias")\n    return values'), "결과에 없습니다"),
    (2, "축이 뒤바뀜", gpt(old="normal(shape)", new="normal(shape[::-1])"), "축의 차례"),
    (2, "받은 사전을 고침", gpt(old="values = {}", new="values = shapes"), "고쳐 버립니다"),
    (2, "0이 아닌 평균", gpt(old="normal(shape)", new="normal(shape) + 0.01"), "평균이 0이 아닙니다"),
    (3, "ln V만", LOSS + "np.log(vocabulary)", "모두 0일 때의"),
    (3, "분산을 그대로", LOSS + "np.log(vocabulary) + width * std**2", "그대로 더해지지"),
    (3, "표준편차를 더함", LOSS + "np.log(vocabulary) + np.sqrt(width) * std", "로짓의 표준편차를"),
    (3, "너비를 잊음", LOSS + "np.log(vocabulary) + std**2 / 2", "width개의 곱을"),
    (3, "제곱을 잊음", LOSS + "np.log(vocabulary) + width * std / 2", "std를 제곱하지"),
    (3, "부호가 뒤바뀜", LOSS + "np.log(vocabulary) - width * std**2 / 2", "부호를"),
    (3, "ln V를 빠뜨림", LOSS + "width * std**2 / 2", "ln V를"),
    (3, "밑이 2", LOSS + "np.log2(vocabulary) + width * std**2 / 2", "밑이 e인"),
    (3, "표준편차를 너비로", LOSS + "np.log(vocabulary) + (width * std) ** 2 / 2", "분산을 더합니다"),
    (3, "배열을 돌려줌", LOSS + "np.log(np.full(3, vocabulary))", "수 하나여야"),
    (4, "배율을 빠뜨림", lora("dA, dB = dA / s, dB / s"), "곱하지 않았습니다"),
    (4, "r로 나누지 않음", lora("dA = dA * r"), "r로 나누지"),
    (4, "√r로 나눔", lora("dB = dB * np.sqrt(r)"), "제곱근으로"),
    (4, "alpha를 빠뜨림", lora("dB = dB / alpha"), "alpha를 곱하지"),
    (4, "W를 지나지 않음", lora("dx = dx - delta @ W.T"), "W를 지나"),
    (4, "A와 B를 지나지 않음", lora("dx = delta @ W.T"), "A와 B를 지나"),
    (4, "모두에 배율", lora("dx = s * (delta @ W.T + delta @ B.T @ A.T)"), "A와 B를 지나는 길에만"),
    (4, "배치로 나눔", lora("dA, dB, dx = dA / len(x), dB / len(x), dx / len(x)"), "이미 배치의"),
    (4, "차례가 뒤바뀜", lora("return dB, dA, dx"), "모양이"),
    (4, "W의 기울기까지", lora("return x.T @ delta, dA, dB, dx"), "셋을"),
    (4, "0으로 봄", lora("dB = 0 * dB"), "다릅니다"),
    (4, "delta를 고침", lora("delta *= s"), "고쳐 버립니다"),
    (
        5,
        "거꾸로",
        READ + "kinds = [dict(zip(['나누지 않음', 'd로 나눔'], ['d로 나눔', '나누지 않음'])).get(k, k) for k in kinds]",
        "2개가",
    ),
    (5, "셋이 같음", READ + 'kinds = ["나누지 않음"] * 3', "2개가"),
    (5, "엔트로피를 토큰 수로", READ + "tokens = np.log(tokens)", "엔트로피를 그대로"),
    (5, "2의 거듭제곱", READ + "tokens = 2 ** np.log(tokens)", "nat입니다"),
    (5, "이웃한 배수", READ + "units = half[names[1]] / half[names[0]]", "그 제곱근입니다"),
    (5, "먼 배수를 제곱", READ + "units = units**2", "제곱했습니다"),
    (5, "칸을 그대로", READ + "units = np.log10(units)", "배수로 되돌리"),
    (5, "보기에 없는 말", READ + 'kinds = ["나눔"] * 3', "가운데 하나를"),
    (5, "이름 하나", READ + 'kinds = "나누지 않음"', "이름 셋을"),
    (5, "적지 않음", READ + "units = ...", "아직 답을"),
]
