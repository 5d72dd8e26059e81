"""11장 연습: kaiming_uniform_의 인자, 합성곱의 fan, 기본값을 알아맞히는 진단, 신호의 그림."""

import numpy as np

from wi_lib import initializers

from .answers import Wrong, call, choice, integer, number, passed, require
from .trials import judge, only_reason

DEFAULTS = {
    "torch": initializers.variance_scaling(1 / 3, "fan_in", "uniform"),
    "keras": initializers.xavier_uniform(),
    "flax": initializers.variance_scaling(1, "fan_in", "truncated_normal"),
    "he": initializers.he_normal(),
}


def kaiming_a(answer, *, seed):
    """1번. 분산이 scale/fan_in이 되게 하는 kaiming_uniform_의 인자 a."""
    rng = np.random.default_rng(seed)
    small, large = (rng.uniform(*ends, 4).round(2) for ends in ((0.1, 0.95), (1.2, 1.9)))
    # scale이 1보다 크면 흔한 실수의 값은 허수가 되므로, 작은 쪽에서 까닭부터 가립니다.
    for scales, mistakes in ((np.append(small, 1 / 3), _wrong_slopes), (large, lambda scale: ())):
        trials = []
        for scale in scales:
            asked = f"kaiming_a({scale:.4g})"
            got = number(asked, call(answer, float(scale)))
            trials.append((got, np.sqrt(2 / scale - 1), mistakes(scale), asked))
        judge("kaiming_a(scale)", trials, relative=1e-3)
    passed("1번")


def _wrong_slopes(scale):
    """scale이 1보다 작을 때 흔히 잘못 구하는 a와 그 까닭."""
    want = np.sqrt(2 / scale - 1)
    return [
        (-want, "a는 0 이상이어야 합니다."),
        (want**2, "a를 제곱한 것까지만 구했습니다."),
        (np.sqrt(2 / scale), "gain의 식의 분모에는 기울기 말고도 더하는 수가 있습니다."),
        (np.sqrt(2 / scale + 1), "gain의 식에서 1을 옮길 때의 부호를 보십시오."),
        (np.sqrt(2 / (1 + scale**2)), "scale을 a로 보고 gain을 돌려주고 있습니다. 거꾸로 푸십시오."),
        (np.sqrt(scale), "gain을 돌려주고 있습니다. gain에서 a를 되짚으십시오."),
        (np.sqrt(6 / scale - 1), "균등분포의 한계와 섞였습니다. scale은 한계가 아니라 분산에서 왔습니다."),
        (np.sqrt(2 / scale**2 - 1), "scale을 표준편차의 배율로 보았습니다. 분산의 배율입니다."),
        (np.sqrt(2 / np.sqrt(scale) - 1), "gain²의 자리에 gain을 썼습니다. 분산은 gain을 제곱한 것에서 옵니다."),
        (np.sqrt(5), "늘 √5를 돌려줍니다. scale을 쓰십시오."),
    ]


def conv_fans(answer, *, seed):
    """2번. 두 가지 축의 차례와 묶음에서 합성곱의 fan_in과 fan_out."""
    rng, got, asked = np.random.default_rng(seed), [], []
    for layout in ("torch", "keras"):
        for groups in (1, int(rng.choice([2, 3, 4, 6]))):
            # 서로 다른 소수이면 어느 축을 잘못 썼는지 가려집니다. 묶음의 수와도 다릅니다.
            inputs, each, height, width = (int(n) for n in rng.permutation([5, 7, 11, 13, 17])[:4])
            outputs = groups * each
            shape = (outputs, inputs, height, width) if layout == "torch" else (height, width, inputs, outputs)
            fans = call(answer, shape, layout) if groups == 1 else call(answer, shape, layout, groups)
            two = isinstance(fans, (tuple, list, np.ndarray)) and len(fans) == 2
            require(two, "`conv_fans`는 (fan_in, fan_out) 둘을 돌려주어야 합니다.")
            got.append((integer("fan_in", fans[0]), integer("fan_out", fans[1])))
            asked.append((shape, layout, groups))
    wrong = [i for i, case in enumerate(asked) if got[i] != _fans(*case)]
    if wrong:
        slips = [[(slip(*case), reason) for slip, reason in MISCOUNTS] for case in asked]
        shape, layout, groups = asked[wrong[0]]
        said = only_reason(list(zip(got, slips)), relative=0) or "축마다의 뜻을 다시 보십시오."
        raise Wrong(f'shape이 {shape}, layout이 "{layout}", groups가 {groups}일 때 값이 다릅니다. {said}')
    passed("2번")


def _axes(shape, layout):
    """(출력 채널, 묶음 하나의 입력 채널, 필터의 넓이)."""
    outputs, inputs, *filters = shape if layout == "torch" else (shape[3], shape[2], *shape[:2])
    return outputs, inputs, filters[0] * filters[1]


def _fans(shape, layout, groups):
    outputs, inputs, area = _axes(shape, layout)
    return inputs * area, outputs // groups * area


def _miscount(count):
    """채널과 넓이로 적은 흔한 실수를 (shape, layout, groups)의 함수로 바꿉니다. each는 묶음 하나의 출력 채널입니다."""

    def slip(shape, layout, groups):
        outputs, inputs, area = _axes(shape, layout)
        return count(inputs, outputs // groups, area, groups)

    return slip


def _swapped(shape, layout, groups):
    """keras의 입력 채널과 출력 채널을 바꾸어 읽은 fan."""
    return (
        _fans(shape, layout, groups) if layout == "torch" else _fans((*shape[:2], shape[3], shape[2]), layout, groups)
    )


# (틀리게 센 fan, 그 까닭). 네 번의 답을 모두 설명하는 것만 말합니다.
MISCOUNTS = [
    (_miscount(lambda i, each, area, groups: (each * area, i * area)), "fan_in과 fan_out이 뒤바뀌었습니다."),
    (
        _miscount(lambda i, each, area, groups: (i, each)),
        "채널만 세었습니다. 출력 값 하나에는 필터가 덮은 자리의 입력이 모두 더해집니다.",
    ),
    (
        _miscount(lambda i, each, area, groups: (i * area, each)),
        "입력 값 하나는 필터가 움직이는 동안 여러 자리의 출력에 쓰입니다.",
    ),
    (
        _miscount(lambda i, each, area, groups: (i * area, groups * each * area)),
        "입력 값 하나가 모든 출력 채널에 이어지지는 않습니다.",
    ),
    (
        _miscount(lambda i, each, area, groups: (i * area // groups, each * area)),
        "shape에 적힌 입력 채널은 이미 한 묶음의 것입니다.",
    ),
    (
        _miscount(lambda i, each, area, groups: (i * area * groups, each * area)),
        "출력 값 하나가 모든 입력 채널에 이어지지는 않습니다.",
    ),
    (
        _miscount(lambda i, each, area, groups: (i * area * groups, each * area * groups)),
        "묶음끼리는 이어지지 않습니다. 모든 채널이 이어진 것처럼 세었습니다.",
    ),
    (
        lambda shape, layout, groups: _fans(shape, "torch", groups),
        'layout이 "keras"일 때도 "torch"의 차례로 읽었습니다.',
    ),
    (
        lambda shape, layout, groups: _fans(shape, "keras", groups),
        'layout이 "torch"일 때도 "keras"의 차례로 읽었습니다.',
    ),
    (_swapped, 'layout이 "keras"일 때 입력 채널과 출력 채널을 바꾸어 읽었습니다.'),
]


def which(answer, *, seed):
    """3번. 가중치의 통계로 기본값을 알아맞히는 함수."""
    rng, wrong = np.random.default_rng(seed), []
    square, long, short = rng.integers(150, 220, 5), rng.integers(470, 510), rng.integers(130, 140)
    # 길쭉한 것은 네 배에 가까워야 fan을 바꾼 답이, 정사각형은 여럿이어야 분산이 같은 둘을 찍은 답이 드러납니다.
    for shape in (*((n, n) for n in square), (short, long), (long, short)):
        shape = tuple(int(n) for n in shape)
        for name in rng.permutation(list(DEFAULTS)):
            got = choice("which(w)", call(answer, DEFAULTS[name](shape, rng=rng)), list(DEFAULTS))
            if got != name:
                wrong.append((shape, name, got))
    if wrong:
        shape, name, got = wrong[0]
        kinds = {one[0] == one[1] for one, *_ in wrong}
        hint = {
            frozenset({True}): "정사각형일 때만 틀립니다. 정사각형이면 분산이 같아지는 것이 있는지 보십시오.",
            frozenset({False}): "길쭉할 때만 틀립니다. fan_in과 fan_out이 이름마다 어디에 들어가는지 보십시오.",
        }.get(frozenset(kinds), "분산과 끝이 끊기는 자리를 함께 보십시오.")
        raise Wrong(f"모양이 {shape}인 {name}의 가중치를 {got}(이)라고 했습니다. {hint}")
    passed("3번")


def reading(one, root5, layer, *, order, below, width, seed):
    """4번. 그림 읽기: a가 1인 선, √5인 선, √5의 선이 below 아래로 내려가는 첫 층."""
    labels = dict(zip(np.random.default_rng(order).permutation(3), "가나다"))
    one, root5 = (choice(name, value, list("가나다")) for name, value in (("one", one), ("root5", root5)))
    layer = integer("layer", layer)
    require((one, root5) != (labels[2], labels[1]), "one과 root5가 뒤바뀌었습니다. a가 크면 가중치는 어떻게 됩니까?")
    require((one, root5) == (labels[1], labels[2]), "선의 이름이 다릅니다. a마다 한 층의 배율을 먼저 계산해 보십시오.")
    require(
        abs(layer - _first_below(below, width, seed)) <= 1,
        "layer가 그림과 다릅니다. 세로축의 눈금에서 BELOW의 높이를 다시 찾으십시오.",
    )
    passed("4번")


def _first_below(below, width, seed):
    """문제지의 그림에서 a가 √5인 망의 활성화값의 표준편차가 below 아래인 첫 층."""
    a, rng, layer = np.random.default_rng(seed).standard_normal((300, width)), np.random.default_rng(seed + 1), 0
    while a.std() >= below:
        a, layer = np.maximum(a @ DEFAULTS["torch"]((width, width), rng=rng), 0), layer + 1
    return layer
