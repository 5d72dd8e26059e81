"""17장 연습의 다른 옳은 답과 흔한 틀린 답."""

EXPONENTS = """
def step_exponents(output, rates, optimizer):
    back = output if optimizer == "sgd" else 0
    CHANGE
    return RESULT
"""
THREE = "rates[0] + back, rates[1] + back + 1, rates[2] + 1"
TRANSFER = """
def transfer(sizes, base, optimizer):
    grown = [size / small for size, small in zip(sizes, base)]
    m = next(r for r in grown if r != 1)
    initial, rates, sgd = [], [], optimizer == "sgd"
    for i, (r_in, r_out) in enumerate(zip(grown, grown[1:])):
        first, last = r_in == 1 != r_out, r_in != 1 == r_out
        hidden = r_in != 1 and r_out != 1
        INITIAL
        RATES
    return initial, rates
"""
INITIAL, RATES = "initial.append(m**-0.5 if last else 1)", "rates.append((r_out if sgd else 1) / r_in)"
CHECK = """
def coordinate_check(train, widths, x):
    moves = []
    for n in widths:
        before, after = train(n)
        a, b, sizes = x, x, []
        for old, new in zip(before, after):
            z, y = a @ old, b @ new
            sizes.append(SIZE)
            a, b = np.maximum(z, 0), np.maximum(y, 0)
        moves.append(sizes)
    return FIT
"""
SIZE, FIT = "np.sqrt(np.mean((y - z) ** 2))", "np.polyfit(np.log(widths), np.log(moves), 1)[0]"
KERNEL = """
def ntk(x, W, v):
    z = x @ W
    h, on = np.maximum(z, 0), z > 0
    back = v * on
    return RESULT
"""
SUM = "h @ h.T + (x @ x.T) * (back @ back.T)"
READ = """
names = sorted(lines, key=lambda name: -lines[name][-1])
nets = [dict(zip(names, ["표준", "μP", "1/n"]))[name] for name in lines]
plain, reduced = lines[names[0]], lines[names[2]]
exponent = np.polyfit(np.log(2.0**powers), np.log(plain), 1)[0]
far = reduced[-1] * (1024 / WIDE) ** 0.5
"""


def exponents(result=THREE, change=""):
    return EXPONENTS.replace("RESULT", result).replace("CHANGE", change)


def transfer(initial=INITIAL, rates=RATES):
    return TRANSFER.replace("INITIAL", initial).replace("RATES", rates)


def check(size=SIZE, fit=FIT):
    return CHECK.replace("SIZE", size).replace("FIT", fit)


def kernel(result):
    return KERNEL.replace("RESULT", result)


RIGHT = [
    (1, "NumPy 배열로", exponents("np.array(rates) + back * np.array([1, 1, 0]) + [0, 1, 1]")),
    (
        1,
        "경우를 나누어",
        exponents(
            "[c1 + p, c2 + p + 1, c3 + 1] if optimizer == 'sgd' else [c1, c2 + 1, c3 + 1]",
            "p, (c1, c2, c3) = output, rates",
        ),
    ),
    (
        1,
        "모양만 같은 망을 재어",
        """
def step_exponents(output, rates, optimizer):
    # 두 너비에서 기울기의 크기를 모두 1로 보고, 더하는 항의 수만 센다.
    def sizes(n):
        delta = n**output if optimizer == "sgd" else 1.0
        return np.array([delta * n ** rates[0], n * delta * n ** rates[1], n * n ** rates[2]])
    return list(np.log2(sizes(2.0**9) / sizes(2.0**8)))
""",
    ),
    (
        2,
        "wi_lib로",
        """
def transfer(sizes, base, optimizer):
    from wi_lib import width
    nets = [MLP(n, initializer="zeros", rng=np.random.default_rng(0)) for n in (sizes, base)]
    return tuple(each[: len(sizes) - 1] for each in width.factors(*nets, optimizer))
""",
    ),
    (
        2,
        "네 종류의 표로",
        """
def transfer(sizes, base, optimizer):
    m = max(np.array(sizes) / base, key=lambda r: abs(np.log(r)))
    adam = optimizer == "adam"
    table = {(0, 0): (1, 1), (0, 1): (1, 1 if adam else m), (1, 1): (1, 1 / m if adam else 1),
             (1, 0): (m**-0.5, 1 / m)}
    grows = [int(a != b) for a, b in zip(sizes, base)]
    return np.array([table[pair] for pair in zip(grows, grows[1:])]).T
""",
    ),
    (
        2,
        "표 3을 두 망에서 적어 나눔",
        """
def transfer(sizes, base, optimizer):
    last = [a != c and b == d for a, b, c, d in zip(sizes, sizes[1:], base, base[1:])]
    def table(n):
        std = [n[i] ** (-1.0 if end else -0.5) for i, end in enumerate(last)]
        rate = [(n[i + 1] if optimizer == "sgd" else 1) / n[i] for i in range(len(last))]
        return np.array(std), np.array(rate)
    (std, rate), (std0, rate0) = table(sizes), table(base)
    he = np.sqrt(np.array(base[:-1]) / np.array(sizes[:-1]))
    return std / std0 / he, rate / rate0
""",
    ),
    (
        3,
        "식으로 기울기를 구함",
        check(
            fit="[np.cov(np.log(widths), np.log(m))[0, 1] / np.var(np.log(widths), ddof=1) "
            "for m in np.transpose(moves)]"
        ),
    ),
    (3, "밑이 2인 로그, RMS는 길이에서", check("np.linalg.norm(y - z) / np.sqrt(z.size)", FIT.replace("log", "log2"))),
    (
        3,
        "앞뒤를 따로 흘려 보냄",
        """
def coordinate_check(train, widths, x):
    def outputs(weights):
        zs = [x @ weights[0]]
        for w in weights[1:]:
            zs.append(zs[-1].clip(0) @ w)
        return zs
    table = []
    for n in widths:
        before, after = (outputs(weights) for weights in train(n))
        table.append([0.5 * np.log(((b - a) ** 2).mean()) for a, b in zip(before, after)])
    return [np.polyfit(np.log(widths), column, deg=1)[0] for column in zip(*table)]
""",
    ),
    (
        4,
        "기울기를 모두 모아 내적",
        """
def ntk(x, W, v):
    rows = []
    for row in x:
        z = row @ W
        rows.append(np.concatenate([np.outer(row, v * (z > 0)).ravel(), np.maximum(z, 0)]))
    return np.array(rows) @ np.array(rows).T
""",
    ),
    (
        4,
        "수치 미분으로",
        """
def ntk(x, W, v):
    f = lambda W, v: np.maximum(x @ W, 0) @ v
    columns = []
    for p in (W, v):
        for i in np.ndindex(*p.shape):
            up, down = p.copy(), p.copy()
            up[i] += 1e-6
            down[i] -= 1e-6
            pair = [(q, v) if p is W else (W, q) for q in (up, down)]
            columns.append((f(*pair[0]) - f(*pair[1])) / 2e-6)
    J = np.array(columns).T
    return J @ J.T
""",
    ),
    (4, "einsum으로", kernel("np.einsum('ik,jk->ij', h, h) + np.einsum('id,jd,ik,jk->ij', x, x, back, back)")),
    (
        5,
        "눈으로 읽음",
        READ
        + "exponent, far = round(exponent, 1), float(f'{far:.1g}')".replace(
            "float(f'{far:.1g}')", "float(f'{far:.2g}')"
        ),
    ),
    (5, "1번의 지수로", READ + "exponent, far = 0.5, reduced[0] * (64 / WIDE) ** 0.5"),
    (5, "맞춘 직선을 이음", READ + "far = np.exp(np.polyval(np.polyfit(powers, np.log(reduced), 1), np.log2(WIDE)))"),
]

WRONG = [
    (1, "SGD에서 δ를 빠뜨림", exponents(change="back = 0"), "출력층의 행렬을 거슬러 온 것을"),
    (1, "Adam에도 δ를 곱함", exponents(change="back = output"), "크기가 남지 않습니다"),
    (1, "상관이 없다고 봄", exponents(THREE.replace("+ 1", "+ 0.5")), "한쪽으로 더해집니다"),
    (1, "유닛 하나의 몫", exponents(THREE.replace("+ 1", "")), "fan_in개를"),
    (1, "첫 층도 n개를 더함", exponents(THREE.replace("back,", "back + 1,", 1)), "첫 층이 더하는"),
    (1, "출력층에도 δ", exponents(THREE + " + back"), "출력층의 행렬은 들어 있지"),
    (1, "출력층에만 δ", exponents("rates[0], rates[1] + 1, rates[2] + 1 + back"), "출력층의 행렬은 들어 있지"),
    (
        1,
        "은닉 행렬도 거슬러 작아짐",
        exponents(THREE, 'rates = (rates[0] - 0.5 * (optimizer == "sgd"), *rates[1:])'),
        "유닛 n개의 신호가",
    ),
    (1, "거슬러 갈 때마다 n^p", exponents(THREE.replace("back", "2 * back", 1)), "한 번만"),
    (1, "1층의 δ를 빠뜨림", exponents(THREE.replace(" + back", "", 1)), "1층의 δ도"),
    (1, "p를 분산의 지수로", exponents(change="back = back / 2"), "표준편차의 지수"),
    (1, "p의 부호", exponents(change="back = -back"), "δ도 작습니다"),
    (1, "학습률의 부호", exponents(change="rates = [-c for c in rates]"), "부호를 보십시오"),
    (1, "학습률을 쓰지 않음", exponents(change="rates = 0, 0, 0"), "rates를 쓰지"),
    (1, "지수의 부호", exponents("[-r for r in (" + THREE + ")]"), "거꾸로입니다"),
    (1, "둘만", exponents("rates[1] + back + 1, rates[2] + 1"), "수 3개의"),
    (2, "학습률만 옮김", transfer("initial.append(1)"), "He보다 더 작게"),
    (2, "분산의 배율", transfer("initial.append(1 / m if last else 1)"), "제곱근을"),
    (2, "초깃값이 거꾸로", transfer("initial.append(m**0.5 if last else 1)"), "배율이 거꾸로"),
    (2, "은닉층도 줄임", transfer("initial.append(r_in**-0.5)"), "He가 이미"),
    (2, "첫 층을 줄임", transfer("initial.append(m**-0.5 if first else 1)"), "첫 층이 아니라"),
    (2, "은닉층만 줄임", transfer("initial.append(m**-0.5 if hidden else 1)"), "은닉층이 아니라"),
    (2, "마지막 자리만 줄임", transfer("initial.append(m**-0.5 if i == len(sizes) - 2 else 1)"), "자라는 변을"),
    (2, "학습률이 거꾸로", transfer(rates="rates.append(r_in / (r_out if sgd else 1))"), "배율이 거꾸로"),
    (2, "늘 Adam의 것", transfer(rates="rates.append(1 / r_in)"), "Adam의 학습률"),
    (2, "늘 SGD의 것", transfer(rates="rates.append(r_out / r_in)"), "SGD의 학습률"),
    (2, "모두 1/m", transfer(rates="rates.append(1 / m if first or hidden or last else 1)"), "모든 행렬의"),
    (2, "그대로 옮김", transfer(rates="rates.append(1)"), "그대로 옮겼습니다"),
    (2, "제곱근", transfer(rates="rates.append(((r_out if sgd else 1) / r_in) ** 0.5)"), "제곱근을 씌우지"),
    (
        2,
        "출력층은 그대로",
        transfer(rates="rates.append(1 if last else (r_out if sgd else 1) / r_in)"),
        "출력층의 학습률을",
    ),
    (
        2,
        "자리로 가름",
        transfer(
            rates="e = len(sizes) - 2\n        k = (m, 1, 1 / m) if sgd else (1, 1 / m, 1 / m)\n        "
            "rates.append(k[0] if i == 0 else k[2] if i == e else k[1])"
        ),
        "자리로 갈랐습니다",
    ),
    (2, "학습률만 돌려줌", transfer().replace("return initial, rates", "return rates"), "둘을"),
    (2, "배열 대신 수", transfer().replace("return initial, rates", "return m**-0.5, 1 / m"), "개의 목록"),
    (3, "활성화값을 잼", check("np.sqrt(np.mean((np.maximum(y, 0) - np.maximum(z, 0)) ** 2))"), "가중합 z"),
    (3, "RMS의 차이", check("abs(np.sqrt(np.mean(y**2)) - np.sqrt(np.mean(z**2)))"), "먼저 빼고"),
    (3, "길이", check("np.linalg.norm(y - z)"), "저절로 늘어나므로"),
    (3, "제곱 평균", check("np.mean((y - z) ** 2)"), "제곱근을"),
    (3, "처음 크기로 나눔", check(SIZE + " / np.sqrt(np.mean(z**2))"), "처음 크기로"),
    (3, "학습한 뒤의 크기", check("np.sqrt(np.mean(y**2))"), "앞뒤의 차이"),
    (3, "그 층의 행렬만 옮김", check().replace("b @ new", "a @ new"), "앞 층이 옮겨져"),
    (3, "가중치를 잼", check("np.sqrt(np.mean((new - old) ** 2))"), "가중치가 움직인"),
    (3, "로그 없이", check(fit="np.polyfit(widths, moves, 1)[0]"), "모두 로그를"),
    (3, "너비는 그대로", check(fit="np.polyfit(widths, np.log(moves), 1)[0]"), "모두 로그를"),
    (3, "RMS는 그대로", check(fit="np.polyfit(np.log(widths), moves, 1)[0]"), "모두 로그를"),
    (3, "밑이 다름", check(fit=FIT.replace("log(widths)", "log2(widths)")), "밑이"),
    (3, "거꾸로 맞춤", check(fit="-" + FIT), "부호가"),
    (3, "양 끝만", check(fit="np.log(np.divide(moves[-1], moves[0])) / np.log(widths[-1] / widths[0])"), "양 끝만"),
    (3, "한 층만", check(fit=FIT + "[-1:]"), "개의 목록"),
    (4, "첫 행렬을 빠뜨림", kernel("h @ h.T"), "첫 행렬의 몫을"),
    (4, "v를 빠뜨림", kernel("(x @ x.T) * (back @ back.T)"), "v의 몫을"),
    (4, "ReLU를 되돌리지 않음", kernel("h @ h.T + (x @ x.T) * (v @ v)"), "꺼진 유닛"),
    (4, "v를 한 번만", kernel("h @ h.T + (x @ x.T) * (back @ on.T)"), "v²"),
    (4, "v를 곱하지 않음", kernel("h @ h.T + (x @ x.T) * (on @ on.T.astype(float))"), "v를 빠뜨렸습니다"),
    (4, "x를 빠뜨림", kernel("h @ h.T + back @ back.T"), "입력 x를"),
    (4, "행렬 곱", kernel("h @ h.T + x @ x.T @ back @ back.T"), "자리마다의 곱"),
    (4, "두 몫을 곱함", kernel("(h @ h.T) * (x @ x.T) * (back @ back.T)"), "더해집니다"),
    (4, "유닛의 수로 나눔", kernel(f"({SUM}) / len(v)"), "유닛의 수로"),
    (4, "ReLU 앞의 값", kernel(SUM.replace("h @ h.T", "z @ z.T")), "ReLU를 지난"),
    (4, "출력의 곱", kernel("np.outer(h @ v, h @ v)"), "기울기를 곱하십시오"),
    (4, "유닛끼리", kernel("back.T @ back"), "모양이"),
    (5, "셋을 가리지 못함", READ + 'nets = ["μP"] * 3', "그림과 다릅니다"),
    (5, "1/n과 μP를 뒤바꿈", READ + 'nets = [{"1/n": "μP", "μP": "1/n"}.get(n, n) for n in nets]', "2개가"),
    (5, "두 배일 때의 배율", READ + "exponent = plain[1] / plain[0]", "지수로"),
    (5, "끝에서 끝까지", READ + "exponent = plain[-1] / plain[0]", "지수로"),
    (5, "밑이 다름", READ + "exponent = np.log10(plain[-1] / plain[0]) / 4", "밑이"),
    (5, "1/n의 지수", READ + "exponent = -exponent", "지수"),
    (5, "오른쪽 끝", READ + "far = reduced[-1]", "오른쪽 끝"),
    (5, "너비에 반비례", READ + "far = reduced[-1] * 1024 / WIDE", "반비례한다고"),
    (5, "커지는 쪽으로", READ + "far = reduced[-1] * (WIDE / 1024) ** 0.5", "‘표준’의 기울기"),
    (5, "표준의 값", READ + "far = plain[-1] * (WIDE / 1024) ** exponent", "‘표준’의 값"),
    (5, "μP의 값", READ + "far = lines[names[1]][-1]", "μP의"),
    (5, "이름을 글 하나로", READ + 'nets = "표준, 1/n, μP"', "이름 셋"),
    (5, "적지 않음", READ + "far = ...", "아직 답을"),
]
