"""15장의 문제에서 기대하는 값과, 흔한 실수가 내는 값. 커널의 칸마다의 수는 `wi_lib`의 합성곱으로 셉니다."""

import numpy as np

from wi_lib import initializers, layers


def factors(shape, groups, stride, mode, back=None):
    """(앞의 배율, 뒤의 배율). ReLU가 남기는 절반과 He의 2가 서로 지웁니다. back은 뒤에서 이어진 수의 배율입니다."""
    area, (inputs, outputs) = shape[0] * shape[1], shape[2:]
    counted = area * (inputs if mode == "fan_in" else outputs)
    back = 1 / (groups * stride**2) if back is None else back
    return np.array([area * inputs / counted, area * outputs * back / counted])


@np.errstate(all="ignore")
def of_factors(shape, groups, stride, mode):
    """1번의 (흔한 실수의 값, 까닭)."""
    given = shape, groups, stride, mode
    want, torch = factors(*given), (shape[3], shape[2], shape[0], shape[1])
    ahead, behind = want
    apart = "커널 하나는 한 묶음의 채널만 봅니다. shape의 셋째 수가 이미 그 수입니다."
    twice = "He의 2와 ReLU가 남기는 절반은 서로 지웁니다."
    return [
        (
            factors(*given, back=1.0),
            "프레임워크가 센 fan_out을 이어진 수로 보았습니다. 입력 값 하나가 몇 번 쓰이는지 세십시오.",
        ),
        (factors(*given, back=stride**-2), "입력 값 하나는 자기 묶음의 출력 채널에만 이어집니다."),
        (factors(*given, back=1 / groups), "커널이 여러 칸씩 움직이면 입력 값 하나가 쓰이는 횟수가 줄어듭니다."),
        (factors(*given, back=1 / groups / stride), "커널은 가로와 세로 두 방향으로 stride칸씩 움직입니다."),
        (factors(*given, back=stride**2 / groups), "stride가 크면 출력의 화소가 줄어듭니다. 거꾸로 곱했습니다."),
        (factors(*given, back=groups / stride**2), "묶음이 많을수록 이어진 출력 채널은 적습니다."),
        ((ahead / groups, behind), apart),
        ((ahead * groups, behind), apart),
        ((ahead / stride**2, behind), "출력 값 하나에 더해지는 입력 값의 수는 stride와 상관없습니다."),
        ((behind, ahead), "앞의 배율과 뒤의 배율이 뒤바뀌었습니다."),
        (want * 2, twice),
        (want / 2, twice),
        (np.sqrt(want), "RMS의 배율입니다. 물은 것은 제곱 평균의 배율입니다."),
        (factors(torch, *given[1:]), "shape의 차례를 PyTorch의 것으로 읽었습니다."),
        (factors((*shape[:2], shape[3], shape[2]), *given[1:]), "입력 채널과 출력 채널을 바꾸어 읽었습니다."),
        (factors(shape, groups, stride, "fan_in"), "mode를 쓰지 않았습니다."),
        (factors(shape, groups, stride, "fan_out"), "mode를 쓰지 않았습니다."),
        ((1.0, 1.0), "He라고 해서 두 배율이 모두 1이지는 않습니다."),
    ]


def _seen(square, kernel, padding):
    """커널이 놓이는 자리마다 그 안의 값을 모두 더한 것. square는 (N, 높이, 너비, 채널)이고 밖에는 0을 덧댑니다."""
    layer = layers.Conv2D(1, kernel, initializers.constant(1.0), padding=padding)
    layer.build(square.shape[1:], np.random.default_rng(0), np.dtype(np.float64))
    return layer.forward(square, training=False)[0][..., 0]


def left(size, kernel, depth):
    """0을 덧댄 합성곱과 ReLU를 depth층 지난 뒤의, 자리마다의 제곱 평균. 처음은 1입니다."""
    left = np.ones((1, size, size, 1))
    for _ in range(depth):
        left = _seen(left, kernel, kernel // 2)[..., None] / kernel**2
    return left[0, :, :, 0]


def returned(size, plan):
    """맨 위 활성화값의 기울기의 제곱 평균이 1일 때, 입력의 자리마다 돌아온 것."""
    ones, rng, kind = initializers.constant(1.0), np.random.default_rng(0), np.dtype(np.float64)
    built, x = [], np.ones((1, size, size, 1))
    for kernel, stride, padding in plan:
        layer = layers.Conv2D(1, kernel, ones, stride=stride, padding=padding)
        layer.build(x.shape[1:], rng, kind)
        x, memory = layer.forward(x, training=True)
        built.append((layer, memory))
    back = np.ones(x.shape)
    for (layer, memory), (kernel, *_) in zip(reversed(built), reversed(plan)):
        back = layer.backward(memory, back)[0] / kernel**2
    return back[0, :, :, 0]


@np.errstate(all="ignore")
def of_maps(size, plan):
    """2번의 (흔한 실수의 값, 까닭)."""
    want = returned(size, plan)
    row = np.sqrt(np.diag(want))  # 지도는 가로의 몫과 세로의 몫의 곱입니다.
    area, steps = (float(np.prod([part[i] ** 2 for part in plan])) for i in (0, 1))
    one_way = "가로와 세로 가운데 한 방향만 셌습니다."
    halved = "ReLU가 남기는 절반과 He의 2는 서로 지웁니다."
    even = "자리마다 쓰이는 횟수가 다릅니다. 그 자리를 덮은 커널마다 돌아온 것을 더하십시오."
    scaled = "가중치는 fan_in의 He입니다. 건너뛴 만큼 돌아오는 신호가 줄어드는 것은 그대로 두십시오."
    return [
        (np.ones_like(want), even),
        (np.full_like(want, want.mean()), even),
        (np.full_like(want, 1 / steps), even),
        (np.full_like(want, want[size // 2, size // 2]), even),
        (want * steps, scaled),
        (want / want.mean(), scaled),
        (want / want.max(), "가장 큰 값으로 나누지 마십시오."),
        (want * area, "fan_in으로 나누지 않았습니다. 가중치의 분산은 커널이 넓을수록 작습니다."),
        (want * np.sqrt(area), "fan_in은 커널의 넓이입니다. 변의 길이로 나누었습니다."),
        (_if_it_fits(size, plan[::-1]), "층의 차례가 뒤바뀌었습니다. 기울기는 맨 위의 층부터 지납니다."),
        (_if_it_fits(size, [(k, s, 0) for k, s, _ in plan]), "덧댄 0을 빠뜨렸습니다. 커널은 그림 밖에서 시작합니다."),
        (_if_it_fits(size, [(k, 1, p) for k, _, p in plan]), "스트라이드를 쓰지 않았습니다."),
        (returned(size, plan[:1]), "첫 층만 지났습니다."),
        (np.tile(row, (size, 1)), one_way),
        (np.tile(row, (size, 1)).T, one_way),
        (np.sqrt(want), "RMS입니다. 물은 것은 제곱 평균입니다."),
        (want**2, "제곱 평균을 한 번 더 제곱했습니다."),
        (want / 2 ** len(plan), halved),
        (want * 2 ** len(plan), halved),
    ]


def _if_it_fits(size, plan):
    """다른 계획의 지도. 그림이 커널보다 작아지면 없습니다."""
    try:
        return returned(size, plan)
    except ValueError:
        return np.full((size, size), np.nan)


def std_for(square, kernel, padding):
    """출력의 모든 자리에서 평균한 가중합의 제곱 평균이 1이 되는 표준편차. square는 (N, 높이, 너비, 채널)입니다."""
    return 1 / np.sqrt(np.mean(_seen(square, kernel, padding)))


@np.errstate(all="ignore")
def of_stds(x, kernel, padding, want):
    """3번의 (흔한 실수의 값, 까닭)."""
    channels, square = x.shape[-1], np.mean(x**2)
    fan_in = channels * kernel**2
    even = np.full_like(x, square)
    varied = std_for(x.var(axis=(0, 1, 2), keepdims=True) + 0 * x, kernel, padding)
    used = "덧댄 0을 빠뜨렸습니다. 가장자리의 출력은 0을 봅니다."
    mean = "평균을 뺐습니다. 가중치의 평균이 0이면 z의 제곱 평균에는 x의 평균도 들어갑니다."
    ignored = "x의 크기를 쓰지 않았습니다."
    each, late = _seen(x**2, kernel, padding), "자리마다 제곱근을 낸 뒤에 평균했습니다. 제곱 평균부터 평균하십시오."
    return [
        ((fan_in * square) ** -0.5, "화소마다 같은 횟수로 쓰인다고 보았습니다. 커널이 놓이는 자리마다 더해 보십시오."),
        (
            std_for(even, kernel, padding),
            "화소마다 밝기가 같다고 보았습니다. 가장자리의 화소와 한가운데의 화소는 쓰이는 횟수가 다릅니다.",
        ),
        (std_for(x**2, kernel, 0), used),
        ((fan_in * np.var(x)) ** -0.5, mean),
        (varied, mean),
        (std_for((x - x.mean()) ** 2, kernel, padding), mean),
        (np.mean(each**-0.5), late),
        (1 / np.mean(each**0.5), late),
        (np.mean(1 / each) ** 0.5, late),
        (fan_in**-0.5, ignored),
        ((2 / fan_in) ** 0.5, ignored),
        ((channels * square) ** -0.5, "커널의 넓이를 세지 않았습니다."),
        (want * kernel, "커널의 넓이를 세지 않았습니다."),
        (want * np.sqrt(channels), "채널을 세지 않았습니다. 커널 하나는 모든 채널을 봅니다."),
        (want * np.sqrt(2), "2를 곱했습니다. 가중합의 제곱 평균을 1로 맞춥니다."),
        (want**2, "표준편차가 아니라 분산입니다."),
        (1 / want, "거꾸로입니다. 신호가 클수록 표준편차는 작아야 합니다."),
    ]
