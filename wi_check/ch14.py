"""14장 연습: 줄기의 분산, 옆길의 배율, 옆길을 0에서 시작하기, 블록의 역전파, 이름이 가려진 네 줄기."""

import numpy as np

from wi_lib import Network, layers, theory

from .answers import array, call, choice, close, number, passed, require
from .branches import only_the_last, unseen, varied_net, whole
from .trials import judge

NETS = ["그대로", "축소", "사전 정규화", "0"]
KEPT = "학습하지 않는 scale이 0이면 옆길은 끝까지 쓰이지 않습니다."
IN_PLACE = "층이나 배열을 다른 것으로 갈아 끼우지 말고, 배열의 값을 제자리에서 고치십시오."
BLOCK = ("W1의 기울기", "W2의 기울기", "alpha의 기울기", "x의 기울기")


def stream_variance(answer, *, seed):
    """1번. 분산 1에서 출발한 줄기가 blocks개의 블록을 지난 뒤의 분산."""
    rng = np.random.default_rng(seed)
    for pre_norm, kind in ((False, "정규화가 없을 때의 분산"), (True, "사전 정규화일 때의 분산")):
        trials = []
        for blocks, scale, gain in zip(rng.integers(6, 30, 4), rng.uniform(0.2, 0.7, 4), rng.uniform(0.4, 1.7, 4)):
            blocks, scale, gain = int(blocks), round(float(scale), 3), round(float(gain), 3)
            asked = f"stream_variance({blocks}, {scale}, {gain}, {pre_norm})"
            want = float(theory.residual_variance(blocks, gain, scale, pre_norm)[-1])
            mistakes = _added(blocks, scale, gain) if pre_norm else _multiplied(blocks, scale, gain)
            mistakes.append((np.sqrt(want), "분산이 아니라 RMS를 돌려주고 있습니다."))
            trials.append((number(asked, call(answer, blocks, scale, gain, pre_norm)), want, mistakes, asked))
        judge(kind, trials, relative=1e-6)
    passed("1번")


def _multiplied(blocks, scale, gain):
    """정규화가 없을 때의 흔한 실수."""
    factor = 1 + scale**2 * gain
    return [
        (1 + blocks * scale**2 * gain, "더했습니다. 정규화가 없으면 옆길은 커진 줄기를 받으므로 블록마다 곱해집니다."),
        ((1 + scale * gain) ** blocks, "옆길에 scale을 곱하면 분산은 몇 배가 되는지 보십시오."),
        (
            (1 + scale * np.sqrt(gain)) ** (2 * blocks),
            "두 길의 신호는 서로 독립입니다. RMS가 아니라 분산끼리 더합니다.",
        ),
        ((1 + (scale * gain) ** 2) ** blocks, "gain은 이미 분산의 배율입니다. 제곱하지 마십시오."),
        ((1 + gain) ** blocks, "scale을 쓰지 않았습니다."),
        ((scale**2 * gain) ** blocks, "옆길을 거치지 않고 온 줄기를 빠뜨렸습니다."),
        ((1 + scale) ** (2 * blocks), "두 길의 신호는 서로 독립입니다. RMS가 아니라 분산끼리 더합니다."),
        (2.0**blocks, "scale과 gain을 쓰지 않았습니다."),
        *((factor ** (blocks + i), "블록의 수를 하나 잘못 셌습니다.") for i in (-1, 1)),
    ]


def _added(blocks, scale, gain):
    """사전 정규화일 때의 흔한 실수."""
    step = scale**2 * gain
    return [
        ((1 + step) ** blocks, "곱했습니다. 옆길의 맨 앞에서 정규화하면 옆길이 받는 것의 분산은 얼마입니까?"),
        (blocks * step, "출발할 때의 분산 1을 빠뜨렸습니다."),
        (1 + step, "블록 하나를 지난 분산입니다."),
        (1 + blocks * scale * gain, "옆길에 scale을 곱하면 분산은 몇 배가 되는지 보십시오."),
        (1 + blocks * (scale * gain) ** 2, "gain은 이미 분산의 배율입니다. 제곱하지 마십시오."),
        (1 + blocks * gain, "scale을 쓰지 않았습니다."),
        (1 + blocks**2 * step, "블록마다 더하는 신호는 서로 독립입니다. 표준편차가 아니라 분산끼리 더합니다."),
        (1.0, "줄기는 정규화하지 않습니다. 옆길의 맨 앞에서만 정규화합니다."),
        *((1 + (blocks + i) * step, "블록의 수를 하나 잘못 셌습니다.") for i in (-1, 1)),
    ]


def branch_scale(answer, *, width, growth, seed):
    """2번. 낯선 옆길들의 줄기가 growth배가 되게 하는 배율 branch_scale(branches, width, growth, rng=…)."""
    rng, trials = np.random.default_rng(seed), []
    # 옆길의 크기가 저마다 달라야, 재지 않고 정한 배율이 맞지 않습니다.
    for blocks, size in zip(rng.integers([10, 16, 24], [14, 22, 30]), rng.permutation([0.6, 1.5, 2.2])):
        branches, gain = unseen(int(blocks), width, size, rng)
        got = call(answer, branches, width, growth, rng=np.random.default_rng(rng.integers(10**9)))
        want = np.sqrt((growth ** (1 / blocks) - 1) / gain)
        asked = f"옆길이 {blocks}개일 때의 배율"
        trials.append((number(asked, got), want, _scales(blocks, growth, gain), asked))
    judge("branch_scale의 결과", trials, relative=0.08, hint=0.04)
    passed("2번")


def _scales(blocks, growth, gain):
    """배율의 흔한 실수."""
    step, size = growth ** (1 / blocks) - 1, np.sqrt(gain)
    measured = "옆길의 배율을 재어 쓰지 않았습니다. 옆길마다 신호를 흘려 보내 제곱 평균이 몇 배가 되는지 재십시오."
    return [
        (
            np.sqrt((growth - 1) / blocks / gain),
            "늘어날 양을 블록의 수로 나누었습니다. 블록마다 커진 줄기에 곱해집니다.",
        ),
        (np.sqrt(growth / blocks / gain), "growth를 블록의 수로 나누었습니다. 블록마다 곱해집니다."),
        (step / gain, "분산에 곱해지는 것은 배율의 제곱입니다."),
        (np.sqrt(step) / gain, "잰 것이 분산의 배율이면 제곱근을 내서 나눕니다."),
        (np.sqrt(step / size), "잰 것이 RMS의 배율이면 제곱해서 씁니다."),
        (np.sqrt(step * gain), "옆길이 신호를 키울수록 배율은 작아져야 합니다."),
        (np.sqrt(step) * gain, "옆길이 신호를 키울수록 배율은 작아져야 합니다."),
        (np.sqrt((growth ** (2 / blocks) - 1) / gain), "growth는 RMS가 아니라 분산의 배율입니다."),
        (np.sqrt((growth ** (0.5 / blocks) - 1) / gain), "growth는 이미 분산의 배율입니다. 제곱근을 내지 마십시오."),
        (np.sqrt((step + 1) / gain), "옆길을 거치지 않고 온 줄기의 분산 1을 빼지 않았습니다."),
        (np.sqrt(step), measured),
        (blocks**-0.5, measured),
        ((2 * blocks) ** -0.5, measured),
        (np.sqrt((growth - 1) / blocks), measured),
    ]


def zero_branches(answer, *, seed):
    """3번. 모든 옆길을 0에서 시작하게 하는 zero_branches(net)."""
    rng = np.random.default_rng(seed)
    for _ in range(2):
        net = varied_net(rng)
        given = [([p.copy() for p in layer.parameters], _scale(layer)) for layer in net.layers]
        changed = call(answer, net)
        require(isinstance(changed, Network), "`zero_branches`는 고친 net을 돌려주어야 합니다.")
        require(whole(changed, given), f"고친 net을 쓸 수 없습니다. {IN_PLACE}")
        for i, (layer, (before, scale)) in enumerate(zip(changed.layers, given), start=1):
            if isinstance(layer, layers.Residual):
                require(_scale(layer) == scale, f"{i}번째 층의 scale을 바꾸었습니다. {KEPT}")
                only_the_last(f"{i}번째 층의 옆길", layer.branch.layers, before)
            else:
                kept = all(np.array_equal(a, b) for a, b in zip(layer.parameters, before))
                require(kept, f"{i}번째 층은 옆길이 아닙니다. 옆길 밖의 파라미터는 그대로 두십시오.")
    passed("3번")


def _scale(layer):
    return float(np.ravel(layer.scale)[0]) if isinstance(layer, layers.Residual) else None


def block_gradients(answer, *, seed):
    """4번. 블록 y = x + alpha·relu(xW1)W2의 기울기 네 가지."""
    rng, found = np.random.default_rng(seed), [[] for _ in BLOCK]
    for start in ("보통", "음수", "alpha가 0", "W2가 0"):
        count, width, hidden = (int(n) for n in rng.permutation(np.arange(4, 12))[:3])
        x, delta = rng.standard_normal((2, count, width))
        W1, W2 = rng.standard_normal((width, hidden)), rng.standard_normal((hidden, width))
        alpha = {"보통": 0.7, "음수": -1.3, "alpha가 0": 0.0, "W2가 0": 0.6}[start]
        W2 *= start != "W2가 0"
        parts = call(answer, x, W1, W2, alpha, delta)
        four = isinstance(parts, (tuple, list)) and len(parts) == 4
        require(four, "`block_gradients`는 (dW1, dW2, dalpha, dx) 넷을 돌려주어야 합니다.")
        shapes = W1.shape, W2.shape, (), x.shape
        for name, part, shape, cases, truth in zip(BLOCK, parts, shapes, found, _backward(x, W1, W2, alpha, delta)):
            got = array(name, part, shape) if shape else number(name, part)
            cases.append((got, *truth))
    for name, cases in zip(BLOCK, found):
        # 0인 기울기에서는 여러 실수가 구별되지 않으므로 까닭은 모든 경우를 함께 보고 가립니다.
        judge(name, cases, relative=1e-5, absolute=1e-9)
    passed("4번")


def _backward(x, W1, W2, alpha, delta):
    """기울기마다 (옳은 값, 흔한 실수의 목록)."""
    z = x @ W1
    a, mask = np.maximum(z, 0), z > 0
    back, count = (delta @ W2.T) * mask, len(x)
    mean = "delta는 이미 배치의 평균까지 셈한 것입니다. 입력의 수로 나누지 마십시오."
    forgot, relu = "alpha를 빠뜨렸습니다.", "ReLU가 0인 유닛으로는 신호가 되돌아가지 않습니다."
    W1_right, W2_right, alpha_right = alpha * x.T @ back, alpha * a.T @ delta, float(np.sum(delta * (a @ W2)))
    return [
        (W1_right, [(x.T @ back, forgot), (alpha * x.T @ (delta @ W2.T), relu), (W1_right / count, mean)]),
        (
            W2_right,
            [
                (a.T @ delta, forgot),
                (alpha * z.T @ delta, "W2에 들어가는 것은 ReLU를 지난 값입니다."),
                (W2_right / count, mean),
            ],
        ),
        (
            alpha_right,
            [
                (alpha * alpha_right, "alpha로 미분한 식에는 alpha가 남지 않습니다."),
                (alpha_right / count, mean),
                (alpha_right / delta.size, "평균이 아니라 합입니다. alpha 하나가 모든 입력과 유닛에 곱해집니다."),
                (np.sum(delta * (x + alpha * a @ W2)), "alpha가 곱해지는 것은 y가 아니라 옆길의 출력입니다."),
                (np.sum(delta), "delta에 옆길의 출력을 곱한 뒤 더합니다."),
            ],
        ),
        (
            delta + alpha * back @ W1.T,
            [
                (alpha * back @ W1.T, "줄기로 곧장 되돌아오는 신호를 빠뜨렸습니다."),
                (delta + back @ W1.T, forgot),
                (delta + alpha * (delta @ W2.T) @ W1.T, relu),
                (alpha * (delta + back @ W1.T), "alpha는 옆길에만 곱해집니다."),
            ],
        ),
    ]


def hidden(blocks, seed):
    """가려진 네 줄기의 차례, 옆길의 배율, {이름: 블록마다의 분산}."""
    rng = np.random.default_rng(seed)
    order, gain = [str(kind) for kind in rng.permutation(NETS)], float(rng.uniform(0.25, 0.4))
    paths = {
        "그대로": theory.residual_variance(blocks, gain),
        "축소": theory.residual_variance(blocks, gain, blocks**-0.5),
        "사전 정규화": theory.residual_variance(blocks, gain, pre_norm=True),
        "0": theory.residual_variance(blocks, gain, 0.0),
    }
    return order, gain, paths


def unnamed(*, blocks, seed):
    """{가려진 이름: 블록마다의 줄기의 분산}."""
    order, _, paths = hidden(blocks, seed)
    return {f"({name})": paths[kind] for name, kind in zip("가나다라", order)}


def reading(nets, gain, share, *, blocks, seed):
    """5번. 그림 읽기: 네 줄기의 이름, 옆길의 배율, 사전 정규화의 마지막 블록이 더한 몫."""
    order, right, paths = hidden(blocks, seed)
    nets = nets.tolist() if isinstance(nets, np.ndarray) else nets
    require(nets is not ..., "`nets`에 아직 답을 쓰지 않았습니다.")
    four = isinstance(nets, (tuple, list)) and len(nets) == len(NETS)
    require(four, "`nets`에는 이름 넷을 (가), (나), (다), (라)의 차례로 적으십시오.")
    nets = [choice("nets", kind, NETS) for kind in nets]
    gain, share = number("gain", gain), number("share", share)
    wrong = sum(kind != true for kind, true in zip(nets, order))
    hint = "로그 축에서 곧은 선은 블록마다 곱해지는 것이고, 휘어 눕는 선은 블록마다 더해지는 것입니다."
    require(not wrong, f"nets 가운데 {wrong}개가 그림과 다릅니다. {hint}")
    mistakes = [
        (1 + right, "블록 하나를 지난 분산의 배율입니다. 그 가운데 옆길이 더한 것만 gain입니다."),
        (np.log(1 + right), "기울기를 배율로 되돌리십시오. ln(1 + gain)을 적었습니다."),
        (np.log10(1 + right), "기울기를 배율로 되돌리십시오. log10(1 + gain)을 적었습니다."),
        (np.sqrt(right), "gain은 RMS가 아니라 분산의 배율입니다."),
        ((paths["그대로"][-1] - 1) / blocks, "그대로인 망에서는 더해지지 않고 곱해집니다."),
        (right / blocks, "배율이 1인 망에서 재십시오."),
    ]
    close("gain", gain, right, mistakes, relative=0.06)
    end, before = paths["사전 정규화"][-1:-3:-1]
    mistakes = [
        (right, "마지막 블록이 더한 분산입니다. 줄기의 분산에서 차지하는 몫으로 바꾸십시오."),
        (1 / blocks, "출발할 때부터 있던 분산을 빠뜨렸습니다."),
        (right / (1 + right), "그대로인 망의 몫입니다. 사전 정규화의 선에서 재십시오."),
        (np.sqrt((end - before) / end), "RMS가 아니라 분산의 몫입니다."),
        (1 - (end - before) / end, "줄기에 이미 있던 몫입니다."),
        (100 * (end - before) / end, "백분율이 아니라 0과 1 사이의 수로 적으십시오."),
    ]
    close("share", share, (end - before) / end, mistakes, relative=0.08)
    passed("5번")
