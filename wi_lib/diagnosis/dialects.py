"""프레임워크마다 고치는 줄을 적는 말. 고를 줄은 proposals.py가 고릅니다."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """프레임워크 하나의 말. {std}는 표준편차나 배율입니다.

    - `start`: 맨 앞의 줄들. `draws`: `Draw`의 이름 → 변수 weight 하나를 바꾸는 줄. `zero`: 변수 bias를 0으로 하는 줄.
    - `inside`: 모든 줄을 감싸는 줄. `bias`: (행렬의 식의 끝, 편향의 식의 끝). `slices`: 배열의 조각을 바꿀 수 있는지.
    """

    start: str
    draws: dict[str, str]
    zero: str
    bias: tuple[tuple[str, str], ...]
    inside: str = ""
    slices: bool = True


def _named(line: str, *inits: str) -> dict[str, str]:
    return {name: line.replace("INIT", init) for name, init in zip(("he", "lecun", "xavier", "normal"), inits)}


# 모델을 만든 시드와 같으면 같은 난수를 나누어 쓰게 되므로, 흔히 쓰지 않는 시드를 씁니다.
DIALECTS = {
    "wi_lib": Dialect(
        "import numpy as np\nimport wi_lib\n\nrng = np.random.default_rng(1729)",
        {
            **_named(
                "weight[...] = wi_lib.initializers.INIT(weight.shape, rng=rng)",
                *(f'get("{name}_normal")' for name in ("he", "lecun", "xavier")),
                "normal(std={std})",
            ),
            "scale": "weight *= {std}",
        },
        "bias[...] = 0",
        (("].parameters[0]", "].parameters[1]"),),
    ),
    "torch": Dialect(
        "import torch\nfrom torch import nn",
        {
            "he": 'nn.init.kaiming_normal_(weight, nonlinearity="relu")',
            "lecun": 'nn.init.kaiming_normal_(weight, nonlinearity="linear")',
            "xavier": "nn.init.xavier_normal_(weight)",
            "normal": "nn.init.normal_(weight, std={std})",
            "scale": "weight.mul_({std})",
        },
        "nn.init.zeros_(bias)",
        ((".weight", ".bias"),),
        "with torch.no_grad():",
    ),
    "keras": Dialect(
        "import keras\n\nseed = keras.random.SeedGenerator(1729)",
        {
            **_named(
                "weight.assign(keras.initializers.INITseed=seed)(weight.shape, weight.dtype))",
                *("HeNormal(", "LecunNormal(", "GlorotNormal(", "RandomNormal(stddev={std}, "),
            ),
            "scale": "weight.assign(weight * {std})",
        },
        "bias.assign(keras.ops.zeros(bias.shape, bias.dtype))",
        ((".kernel", ".bias"),),
        slices=False,
    ),
    "flax": Dialect(
        "from flax import nnx\n\nrngs = nnx.Rngs(1729)",
        {
            **_named(
                "weight[...] = nnx.initializers.INIT(rngs.params(), weight.shape, weight.dtype)",
                *("he_normal()", "lecun_normal()", "xavier_normal()", "normal({std})"),
            ),
            "scale": "weight[...] = weight[...] * {std}",
        },
        "bias[...] = 0 * bias[...]",
        ((".kernel", ".bias"),),
        slices=False,
    ),
}
SAID = {
    "he": "ReLU 앞이므로 He, 표준편차 √(2/fan_in)",
    "lecun": "뒤에 활성화 함수가 없거나 SELU이므로 LeCun, 표준편차 1/√fan_in",
    "xavier": "tanh나 sigmoid 앞이므로 Xavier, 표준편차 √(2/(fan_in + fan_out))",
    "normal": "활성화 함수의 gain과 옳은 fan_in으로 셈한 표준편차",
    "small": "출력층은 작게 시작해 처음에는 고르게 답하게 합니다",
    "again": "크기는 그대로 두고 난수만 새로 뽑습니다",
    "scale": "블록이 L개이면 옆길마다 1/√(2L)배",
}
# 같은 줄로 적는 것.
SAME = {"small": "normal", "again": "normal"}
# 자료의 탈은 배치에서만 보이므로, 고치는 줄은 자료 전체에 쓰라고 말합니다.
LINES = {
    "input": """\
# 평균과 표준편차는 학습 자료 전체에서 한 번 재어 두고, 시험 자료에도 그 값을 쓰십시오.
mean, std = x.mean({over}), x.std({over})
x = (x - mean) / (std + (std == 0))""",
    "missing": "# 유한하지 않은 값이 어디에서 왔는지 찾으십시오: np.argwhere(~np.isfinite(x))",
    "label_scale": """\
# 평균과 표준편차는 학습 자료 전체에서 한 번 재어 두고, 예측한 값은 그것으로 되돌리십시오.
mean, std = labels.mean(axis=0), labels.std(axis=0)
labels = (labels - mean) / std""",
    "loss_missing": "# 유한하지 않은 값이 레이블에 있는지 찾으십시오: np.argwhere(~np.isfinite(labels))",
    "label_order": """\
# 자료를 차례대로 읽고 있습니다. 배치를 나누기 전에 자료 전체를 섞으십시오{shuffle}.
import numpy as np

order = np.random.default_rng(0).permutation(len(labels))
x, labels = x[order], labels[order]""",
    "one_class": "# 이 배치를 섞어서는 낫지 않습니다. 배치를 나누기 전에 자료 전체를 섞으십시오{shuffle}.",
    "label_match": "# 코드로 고칠 수 없습니다. 입력과 레이블을 짝지은 곳을 눈으로 확인하십시오.",
    "underflow": "# 초깃값으로 고칠 수 없습니다. {scaling}",
}
SHUFFLE = {"torch": "(DataLoader(…, shuffle=True))", "keras": "(model.fit(…, shuffle=True))"}
SCALING = {
    "torch": "torch.amp.GradScaler를 쓰거나 torch.bfloat16으로 바꾸십시오.",
    "keras": "keras.optimizers.LossScaleOptimizer로 감싸거나 mixed_bfloat16을 쓰십시오.",
}
