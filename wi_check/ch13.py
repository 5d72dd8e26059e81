"""13장 연습: 배치 정규화의 학습과 시험, 크기를 타지 않는 가중치의 걸음, 정규화한 망에서 커지는 역전파 신호."""

from functools import cache

import numpy as np

import wi_lib
from wi_lib import layers, signals, theory

from . import norm_slips
from .answers import array, call, choice, close, integer, number, passed, require
from .trials import judge

# 가려진 망의 (활성화 함수, 정규화 층)과 모양. 둘째의 slope는 시드가 정합니다.
KINDS = (("relu", layers.BatchNorm), ("leaky_relu", layers.BatchNorm), ("relu", layers.LayerNorm))
DEPTH, WIDTH, BATCH = 30, 200, 128


def batch_norm(answer, *, seed):
    """1번. 학습할 때의 배치 정규화 batch_norm(z, gamma, beta, epsilon)."""
    rng, trials = np.random.default_rng(seed), []
    for _ in range(3):
        shape = int(rng.integers(6, 9)), int(rng.integers(3, 6))
        z = rng.uniform(0.5, 1.5, shape[1]) * rng.standard_normal(shape) + rng.uniform(1, 2, shape[1])
        gamma, beta = rng.uniform(0.6, 0.9, shape[1]), rng.uniform(1.2, 2, shape[1])
        epsilon = round(float(rng.uniform(0.1, 0.3)), 2)
        got = array("batch_norm의 결과", call(answer, z, gamma, beta, epsilon), shape)
        layer = _built(shape[1], epsilon=epsilon)
        layer.parameters[:] = gamma, beta
        trials.append((got, layer.forward(z, training=True)[0], norm_slips.of_one_batch(z, gamma, beta, epsilon)))
    judge("batch_norm의 결과", trials, relative=1e-4, absolute=1e-4)
    passed("1번")


def _built(units, **settings):
    layer = layers.BatchNorm(**settings)
    layer.build((units,), np.random.default_rng(0), np.dtype(np.float64))
    return layer


def after_training(answer, *, seed):
    """2번. 학습하며 batches를 본 층의, 시험할 때의 출력 after_training(x, batches, momentum, epsilon)."""
    rng = np.random.default_rng(seed)
    judge("after_training의 결과", [_tested(answer, size, rng) for size in (5, 3)], relative=1e-4, absolute=1e-4)
    # x가 하나뿐이면 여러 실수가 같은 값이 되거나 NaN이 되므로, 까닭은 여럿인 것에서 먼저 찾습니다.
    close("x가 하나뿐일 때 after_training의 결과", *_tested(answer, 1, rng), relative=1e-4, absolute=1e-4)
    passed("2번")


def _tested(answer, size, rng):
    """입력 size개를 시험할 때의 (답의 값, 기대하는 값, 흔한 실수의 목록)."""
    units, momentum = int(rng.integers(3, 6)), round(float(rng.uniform(0.2, 0.4)), 2)
    epsilon, spread = round(float(rng.uniform(0.1, 0.3)), 2), rng.uniform(1.5, 3, units)
    batches = [spread * rng.standard_normal((int(n), units)) + rng.uniform(1, 4, units) for n in rng.integers(4, 8, 3)]
    x = spread * rng.standard_normal((size, units)) + 2
    layer = _built(units, momentum=momentum, epsilon=epsilon)
    for batch in batches:
        layer.remember(layer.forward(batch, training=True)[1])
    given = [batch.copy() for batch in batches]
    got = array("after_training의 결과", call(answer, x, given, momentum, epsilon), x.shape)
    kept = len(given) == 3 and all(np.array_equal(*pair) for pair in zip(given, batches))
    require(kept, "`after_training`이 건네받은 batches를 고쳐 버립니다.")
    want = layer.forward(x, training=False)[0]
    return got, want, norm_slips.of_moving_averages(x, batches, momentum, epsilon)


def effective_rates(answer, *, seed):
    """3번. 크기를 타지 않는 W의 유효 학습률 effective_rates(length, gradient, rate, steps)."""
    rng, trials = np.random.default_rng(seed), []
    # 첫걸음이 W보다 긴 것과 짧은 것. 이어서 걷는 식으로 어림한 답은 앞의 것에서, 서두른 답은 뒤의 것에서 드러납니다.
    for low, high in ((0.3, 0.5), (1.2, 1.6)):
        length, gradient, rate = (round(float(rng.uniform(*ends)), 2) for ends in ((low, high), (1.5, 2.5), (0.4, 0.7)))
        given = length, gradient, rate, int(rng.integers(6, 13))
        asked = f"effective_rates{given}"
        got = call(answer, *given)
        root = not isinstance(got, np.ndarray) or got.dtype.kind != "f" or not np.isnan(got).any()
        require(root, f"`{asked}`에 NaN이 있습니다. 음수의 제곱근이 없는지, 옮긴 W가 더 긴지 짧은지 그려 보십시오.")
        got = array(asked, got, (given[-1] + 1,))
        trials.append((got, norm_slips.walk(*given), norm_slips.of_walks(*given), asked))
    judge("effective_rates의 결과", trials, relative=1e-4)
    passed("3번")


def slope_for(answer, *, seed):
    """4번. depth층을 거슬러 역전파 신호가 times배가 되는 leaky ReLU의 slope_for(depth, times)."""
    rng, trials = np.random.default_rng(seed), []
    for low, high in ((0.1, 0.25), (0.3, 0.5), (0.55, 0.7)):
        slope, depth = round(float(rng.uniform(low, high)), 3), int(rng.integers(12, 50))
        times = float(f"{theory.normalized_growth(f'leaky_relu({slope})', 'batch') ** depth:.6g}")
        asked = f"slope_for({depth}, {times})"
        trials.append((number(asked, call(answer, depth, times)), slope, norm_slips.of_slopes(depth, times), asked))
    judge("slope_for(depth, times)", trials, relative=0, absolute=0.002)
    passed("4번")


@cache
def _hidden(order, seed):
    """5번의 (이름표마다의 망의 번호, 역전파 신호의 RMS의 목록, leaky ReLU의 slope)."""
    rng, lines = np.random.default_rng(seed), []
    slope = round(float(rng.uniform(0.1, 0.35)), 2)
    for activation, norm in KINDS:
        name = f"{activation}({slope})" if activation == "leaky_relu" else activation
        blocks = [layers.Dense(WIDTH, "he_normal"), norm(), layers.Activate(name)] * DEPTH
        net = wi_lib.Network(blocks, input_shape=(WIDTH,), rng=rng)
        seen = wi_lib.observe(net, rng.standard_normal((BATCH, WIDTH)), rng=rng)
        lines.append([signals.rms(delta) for delta in seen.gradients[2::3]])
    return [int(i) for i in np.random.default_rng(order).permutation(3)], lines, slope


def unnamed(*, order, seed):
    """{가려진 이름: 층마다 그 층의 출력이 받는 역전파 신호의 RMS}. 맨 위 층에서 1입니다."""
    labels, lines, _ = _hidden(order, seed)
    return {name: np.array(lines[which]) for name, which in zip("가나다", labels)}


def reading(layer_norm, relu, per_layer, highest, *, limit, order, seed):
    """5번. 그림 읽기: 이름표를 가린 세 망, leaky ReLU의 층마다의 배율, ReLU의 신호가 limit보다 큰 맨 위의 층."""
    layer_norm, relu = (
        choice(name, value, list("가나다")) for name, value in (("layer_norm", layer_norm), ("relu", relu))
    )
    per_layer, highest = number("per_layer", per_layer), integer("highest", highest)
    labels, lines, _ = _hidden(order, seed)
    names = dict(zip(labels, "가나다"))
    require(
        layer_norm == names[2],
        "layer_norm이 다릅니다. ReLU를 지난 신호를 층 정규화가 무엇으로 나누는지, 그때 배율이 얼마인지 보십시오.",
    )
    require(relu == names[0], "relu가 다릅니다. 음수를 모두 버리는 쪽의 배율이 더 큽니까, 작습니까?")
    total = lines[1][0] / lines[1][-1]
    want = total ** (1 / (DEPTH - 1))
    mistakes = [
        (1 / want, "거꾸로 읽었습니다. 한 층 아래로 내려갈 때 몇 배가 되는지 적으십시오."),
        (want**2, "분산의 배율을 적었습니다. 그림의 세로축은 RMS입니다."),
        (total, "맨 위에서 맨 아래까지의 배율입니다. 층 하나의 배율로 되돌리십시오."),
        (total / (DEPTH - 1), "배율은 층마다 더해지지 않고 곱해집니다."),
        (1 + (total - 1) / (DEPTH - 1), "배율은 층마다 더해지지 않고 곱해집니다."),
        (theory.normalized_growth("relu", "batch"), "ReLU의 배율입니다. 나머지 하나의 기울기를 읽으십시오."),
    ]
    judge("per_layer", [(per_layer, want, mistakes)], relative=0.007, hint=0.015)
    above = [i for i, value in enumerate(lines[0], 1) if value > limit]
    hint = "그 높이를 로그 축에서 찾고, 층의 번호를 왼쪽에서부터 세었는지 보십시오."
    require(abs(highest - max(above)) <= 1, f"highest가 그림과 다릅니다. {hint}")
    passed("5번")
