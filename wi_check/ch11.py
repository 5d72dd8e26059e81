"""11장 연습: kaiming_uniform_의 인자, 합성곱의 fan, 기본값을 알아맞히는 진단, 신호의 그림."""

import numpy as np

from wi_lib import activations, initializers

from .answers import Wrong, call, choice, close, integer, number, passed, require

DEFAULTS = {
    "torch": initializers.variance_scaling(1 / 3, "fan_in", "uniform"),
    "keras": initializers.xavier_uniform(),
    "flax": initializers.variance_scaling(1, "fan_in", "truncated_normal"),
    "he": initializers.he_normal(),
}


def kaiming_a(answer, *, seed):
    """1번. 분산이 scale/fan_in이 되게 하는 kaiming_uniform_의 인자 a."""
    for scale in (*np.random.default_rng(seed).uniform(0.1, 0.95, 5).round(2), 1 / 3, 1, 1.9):
        got = number("kaiming_a(scale)", call(answer, float(scale)))
        want = np.sqrt(2 / scale - 1)
        mistakes = [
            (-want, "a는 0 이상이어야 합니다."),
            (want**2, "a를 제곱한 것까지만 구했습니다."),
            (np.sqrt(2 / scale), "gain의 식의 분모에는 기울기 말고도 더하는 수가 있습니다."),
            (activations.leaky_relu(min(scale, 1)).gain, "gain을 돌려주고 있습니다. 거꾸로 푸십시오."),
            (np.sqrt(6 / scale - 1), "균등분포의 한계와 섞였습니다. scale은 한계가 아니라 분산에서 왔습니다."),
            (np.sqrt(max(2 / scale**2 - 1, 0)), "scale을 표준편차의 배율로 보았습니다. 분산의 배율입니다."),
        ]
        close("kaiming_a(scale)", got, want, mistakes, relative=1e-3)
    passed("1번")


def conv_fans(answer, *, seed):
    """2번. 두 가지 축의 차례와 묶음에서 합성곱의 fan_in과 fan_out."""
    rng = np.random.default_rng(seed)
    for layout in ("torch", "keras"):
        for groups in (1, int(rng.integers(2, 6))):
            # 서로 다른 소수이면 어느 축을 잘못 썼는지 가려집니다.
            inputs, each, height, width = (int(n) for n in rng.permutation([2, 3, 5, 7, 11, 13, 17])[:4])
            outputs, area = groups * each, height * width
            shape = (outputs, inputs, height, width) if layout == "torch" else (height, width, inputs, outputs)
            got = call(answer, shape, layout) if groups == 1 else call(answer, shape, layout, groups)
            two = isinstance(got, (tuple, list)) and len(got) == 2
            require(two, "`conv_fans`는 (fan_in, fan_out) 둘을 돌려주어야 합니다.")
            got = integer("fan_in", got[0]), integer("fan_out", got[1])
            want = inputs * area, each * area
            if got == want:
                continue
            said = {
                want[::-1]: "fan_in과 fan_out이 뒤바뀌었습니다.",
                (inputs, each): "채널만 세었습니다. 출력 값 하나에는 필터가 덮은 자리의 입력이 모두 더해집니다.",
                (inputs * area, each): "입력 값 하나는 필터가 움직이는 동안 여러 자리의 출력에 쓰입니다.",
                (inputs * area, outputs * area): "입력 값 하나가 모든 출력 채널에 이어지지는 않습니다.",
                (inputs * area // groups, each * area): "모양의 입력 채널은 이미 한 묶음의 것입니다.",
            }.get(got, "축마다의 뜻을 다시 보십시오.")
            raise Wrong(f'layout이 "{layout}"이고 groups가 {groups}일 때 값이 다릅니다. {said}')
    passed("2번")


def which(answer, *, seed):
    """3번. 가중치의 통계로 기본값을 알아맞히는 함수."""
    rng = np.random.default_rng(seed)
    square, long, short = rng.integers(150, 300), rng.integers(380, 450), rng.integers(130, 160)
    for shape in ((square, square), (short, long), (long, short)):
        shape = tuple(int(n) for n in shape)
        for name in rng.permutation(list(DEFAULTS)):
            init = DEFAULTS[name]
            got = choice("which(w)", call(answer, init(shape, rng=rng)), list(DEFAULTS))
            if got != name:
                kind = "정사각형인" if shape[0] == shape[1] else f"모양이 {shape}인"
                raise Wrong(
                    f"{kind} {name}의 가중치를 {got}(이)라고 했습니다. 분산과 끝이 끊기는 자리를 함께 보십시오."
                )
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
