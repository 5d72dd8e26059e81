"""고치는 코드: 아픈 망에 그대로 실행하면 그 탈이 사라지고, 읽기만 해서는 아무것도 바뀌지 않습니다."""

import ast

import numpy as np
import pytest

from tests.diagnosis.networks import convolution, digits, mlp, residual, rng
from wi_lib import Network, diagnose, initializers, layers, theory
from wi_lib.diagnosis.dialects import DIALECTS, LINES, SAID
from wi_lib.diagnosis.finding import Finding
from wi_lib.diagnosis.proposals import propose
from wi_lib.diagnosis.remedies import DATA, OWN_GAINS
from wi_lib.diagnosis.words import WORDS


def biased(layer, value):
    """한 층의 편향을 모두, 출력층이면 한 클래스의 것만 value로 바꾼 망."""
    net = mlp()
    net.biases[layer][: 1 if layer == 5 else None] = value
    return net


def shared():
    net = mlp()
    for i in (3, 4):
        net.weights[i][...] = net.weights[2]
    return net


def loud():
    net = mlp()
    net.weights[-1][...] *= 30
    return net


def kernels(std_from):
    """합성곱의 표준편차를 틀린 fan으로 정한 망."""
    net = convolution()
    for layer in net.layers:
        if isinstance(layer, layers.Conv2D):
            fan = std_from(layer.parameters[0].shape)
            layer.parameters[0][...] = np.sqrt(2 / fan) * rng(5).standard_normal(layer.parameters[0].shape)
    return net


SICK = {
    "symmetry": lambda: mlp(5, "tanh", "zeros"),
    "vanishing_forward": lambda: mlp(5, "relu", initializers.normal(0.01)),
    "exploding_forward": lambda: mlp(5, "relu", initializers.normal(3.0)),
    "default": lambda: mlp(24, "relu", "xavier_uniform"),
    "dead": lambda: biased(2, -50.0),
    "saturation": lambda: mlp(5, "tanh", initializers.normal(1.0)),
    "first_loss": lambda: biased(5, 30.0),
    "output_scale": loud,
    "shared_seed": shared,
    "wrong_fan": lambda: kernels(lambda shape: shape[2] * 3),
    "branch_scale": lambda: residual(20),
    "norm_hides": lambda: convolution(True, initializers.normal(30.0)),
}


@pytest.mark.parametrize("code", SICK)
def test_running_the_code_mends_the_network(code):
    net, (x, y) = SICK[code](), digits()
    report = diagnose(net, x, y)
    assert code in [finding.code for finding in report.findings]
    exec(report.fix(), {"model": net})
    assert diagnose(net, x, y).findings == []


def test_asking_for_the_code_changes_nothing():
    net, (x, y) = SICK["dead"](), digits()
    before = [array.copy() for array in net.state]
    diagnose(net, x, y).fix()
    for was, now in zip(before, net.state):
        np.testing.assert_array_equal(was, now)


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [
        ("input", lambda x: 100 * x + 3, lambda y: y),
        ("input", lambda x: x + 50, lambda y: y),
        ("label_order", lambda x: x, np.sort),
    ],
)
def test_lines_for_the_data_mend_the_batch(code, x, y):
    names = {"x": x(digits()[0]), "labels": y(digits()[1])}
    report = diagnose(mlp(), names["x"], names["labels"])
    assert code in [finding.code for finding in report.findings]
    exec(report.fix(), names)
    assert code not in [finding.code for finding in diagnose(mlp(), names["x"], names["labels"]).findings]


def test_lines_for_far_labels_mend_them():
    """출력층을 작게 하는 것으로는 평균이 200인 레이블에 다가가지 못합니다."""
    net = Network([layers.Dense(64, "he_normal"), layers.Activate("relu"), layers.Dense(1)], (64,), rng=rng())
    x = digits()[0]
    names = {"labels": 200 + 30 * x[:, 20:21]}
    report = diagnose(net, x, names["labels"])
    assert [(finding.code, finding.layer) for finding in report.findings] == [("label_scale", None)]
    exec(report.fix(), names)
    assert diagnose(net, x, names["labels"]).findings == []


def test_images_are_normalised_by_channel():
    net = Network([layers.Conv2D(4, 3, "he_normal"), layers.Reshape(-1), layers.Dense(3)], (8, 8, 2), rng=rng())
    x = rng(1).standard_normal((32, 8, 8, 2)) * [100, 300]
    report = diagnose(net, x)
    names = {"x": x}
    exec(report.fix(), names)
    assert "axis=(0, 1, 2)" in report.fix()
    np.testing.assert_allclose(names["x"].std(axis=(0, 1, 2)), 1, rtol=1e-6)


def test_healthy_networks_need_nothing():
    code = diagnose(mlp(), *digits()).fix()
    assert code.startswith("# 고칠 것")
    assert ast.parse(code).body == []


def test_what_weights_cannot_mend_is_said():
    """sigmoid의 깊은 망은 크기를 맞추어도 신호가 줄어듭니다."""
    code = diagnose(mlp(15, "sigmoid", "xavier_normal"), *digits()).fix()
    assert "활성화 함수를 바꾸" in code
    assert "4장" in code
    assert ast.parse(code).body == []


def test_a_large_output_of_no_single_matrix_is_not_called_frozen():
    """활성화 함수를 빠뜨린 망: 어느 행렬도 크지 않은데 출력이 큽니다."""
    net = Network([layers.Dense(64, "he_normal") for _ in range(9)], (64,), rng=rng())
    report = diagnose(net, *digits())
    assert [(f.code, f.layer) for f in report.findings] == [("output_scale", None)]
    assert "얼린" not in report.fix()
    assert "활성화 함수를 빠뜨리지" in report.fix()
    assert ast.parse(report.fix()).body == []


@pytest.mark.parametrize("framework", DIALECTS)
@pytest.mark.parametrize("code", WORDS)
def test_every_proposal_is_python_that_says_why(code, framework):
    recording = diagnose(mlp(), *digits()).recording
    recording.framework = framework
    text = propose(recording, [Finding(code, "주의", None if code in DATA else "weights[5]", 0.5, 1.0)])
    ast.parse(text)
    assert WORDS[code].title in text
    assert max(map(len, text.split("\n"))) <= 120


def test_frozen_weights_are_left_alone():
    recording = diagnose(SICK["symmetry"](), *digits()).recording
    for layer in recording.layers:
        for weight in layer.weights.values():
            weight.trainable = False
    code = propose(recording, [Finding("symmetry", "오류", "weights[0]", 1, 64)])
    assert "얼린" in code
    assert ast.parse(code).body == []


def test_own_gains_keep_the_mean_square():
    def erf(z):
        """오차 함수: 정규분포의 누적합을 사다리꼴로."""
        grid = np.linspace(-12, 12, 20001)
        total = np.cumsum(np.exp(-(grid**2))) * (grid[1] - grid[0]) * 2 / np.sqrt(np.pi)
        return np.interp(z, grid, total) - 1

    softplus = lambda z: np.logaddexp(0, z)  # noqa: E731
    functions = {
        "gelu": lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
        "silu": lambda z: z / (1 + np.exp(-z)),
        "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        "softplus": softplus,
        "mish": lambda z: z * np.tanh(softplus(z)),
    }
    z, weights = theory.nodes(1.0)
    for name, f in functions.items():
        assert 1 / np.sqrt(weights @ f(z) ** 2) == pytest.approx(OWN_GAINS[name], abs=1e-3)
    assert set(functions) == set(OWN_GAINS)


def test_every_draw_is_explained():
    for dialect in DIALECTS.values():
        assert set(dialect.draws) <= set(SAID)
    assert set(DATA) < set(LINES)
