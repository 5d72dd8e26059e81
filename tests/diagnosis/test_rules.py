"""망가뜨린 망에서 그 탈을, 그 층에서 찾습니다. 건강한 망에서는 아무 말이 없습니다."""

import numpy as np
import pytest

from tests.diagnosis.networks import convolution, digits, mlp, residual, rng
from wi_lib import MLP, Network, datasets, diagnose, initializers, layers


def found(net, x=None, y=None):
    known = digits()
    report = diagnose(net, known[0] if x is None else x, known[1] if y is None else y)
    return [(finding.code, finding.layer) for finding in report.findings]


HEALTHY = {
    "얕은 망": lambda: mlp(1),
    "ReLU 30층": lambda: mlp(30),
    "tanh 30층": lambda: mlp(30, "tanh", "lecun_normal"),
    "직교": lambda: mlp(10, "tanh", "orthogonal"),
    "SELU": lambda: mlp(10, "selu", "lecun_normal"),
    "0에서 시작하는 옆길": lambda: residual(16, last="zeros"),
    "1/√(2L)배": lambda: residual(16, scale=32**-0.5),
    "합성곱": convolution,
    "배치 정규화": lambda: convolution(True),
}


@pytest.mark.parametrize("build", HEALTHY.values(), ids=HEALTHY)
def test_healthy_networks_are_left_in_peace(build):
    assert found(build()) == []


def test_a_zero_output_layer_is_healthy():
    net = mlp(5)
    net.weights[-1][...] = 0
    assert found(net) == []


def changed(change, **kind):
    net = mlp(**kind)
    change(net)
    return net


SICK = {
    "모두 0": (lambda: mlp(3, initializer="zeros"), "symmetry", "weights[0]"),
    "상수": (lambda: mlp(3, initializer=initializers.constant(0.1)), "symmetry", "weights[0]"),
    "한 층 × 0.01": (lambda: changed(lambda net: net.weights[2].__imul__(0.01)), "vanishing_forward", "weights[2]"),
    "한 층 × 100": (lambda: changed(lambda net: net.weights[2].__imul__(100)), "exploding_forward", "weights[2]"),
    "모두 0.01": (lambda: mlp(5, initializer=initializers.normal(0.01)), "vanishing_forward", "weights[0]"),
    "죽은 층": (lambda: changed(lambda net: net.biases[2].fill(-20)), "dead", "weights[2]"),
    "포화": (
        lambda: changed(lambda net: net.weights[2].__imul__(30), activation="tanh", initializer="xavier_normal"),
        "saturation",
        "weights[2]",
    ),
    "큰 로짓": (lambda: changed(lambda net: net.weights[5].__imul__(30)), "output_scale", "weights[5]"),
    "큰 출력 편향": (
        lambda: changed(lambda net: np.copyto(net.biases[5], rng().normal(0, 8, 10))),
        "first_loss",
        "weights[5]",
    ),
    "PyTorch의 기본값": (
        lambda: mlp(8, initializer=initializers.variance_scaling(1 / 3, "fan_in", "uniform")),
        "default",
        "weights[0]",
    ),
    "같은 시드": (
        lambda: changed(lambda net: np.copyto(net.weights[3], 0.9 * net.weights[2])),
        "shared_seed",
        "weights[3]",
    ),
    "옆길의 배율": (lambda: residual(16), "branch_scale", "layers[1].branch.layers[2]"),
}


@pytest.mark.parametrize(("build", "code", "layer"), SICK.values(), ids=SICK)
def test_a_planted_fault_is_found_where_it_is(build, code, layer):
    assert found(build())[0] == (code, layer)


def test_a_scale_that_batch_norm_hides_is_found():
    net = convolution(norm=True)
    net.weights[1][...] *= 1000
    assert found(net) == [("norm_hides", "layers[4]")]


def test_a_kernel_counted_by_its_channels_alone_is_found():
    def by_channels(shape, rng):
        return rng.standard_normal(shape) * np.sqrt(2 / shape[-2])

    assert found(convolution(initializer=by_channels))[0] == ("wrong_fan", "layers[3]")


@pytest.mark.parametrize(
    "change",
    [lambda x: 60 * x + 120, lambda x: x + 50, lambda x: x * np.where(np.arange(64) == 20, 1000, 1), lambda x: x / 500],
    ids=["0–255", "치우친", "특성 하나", "작은"],
)
def test_an_unnormalised_input_is_found(change):
    assert found(mlp(3), change(digits()[0]))[0] == ("input", None)


def test_missing_values_are_an_error():
    x = digits()[0].copy()
    x[0, 0] = np.nan
    with pytest.raises(ValueError, match="`x`"):
        found(mlp(3), x)


def test_missing_labels_are_an_error():
    targets = digits()[0][:, :10].copy()
    targets[3, 1] = np.nan
    assert found(mlp(3), y=targets) == [("loss_missing", None)]


def test_a_batch_of_one_class_is_found():
    assert found(mlp(3), y=np.full(128, 3)) == [("one_class", None)]


def test_a_sorted_batch_is_found():
    x, y = digits()
    order = np.argsort(y, kind="stable")
    assert found(mlp(3), x[order], y[order]) == [("label_order", None)]


def test_labels_of_other_inputs_are_noted():
    assert found(mlp(3), y=rng(3).permutation(digits()[1])) == [("label_match", None)]


def test_the_cause_is_told_and_not_its_consequences():
    """모두 0인 ReLU 망은 유닛이 모두 죽었고 기울기도 없지만, 까닭은 대칭성입니다."""
    assert [code for code, _ in found(mlp(3, initializer="zeros"))] == ["symmetry"]


def test_findings_come_from_the_worst():
    net = mlp(5)
    net.weights[2][...] *= 0.01
    x, y = digits()
    report = diagnose(net, x, rng(3).permutation(y))
    assert [finding.severity for finding in report.findings] == ["오류", "참고"]


def test_an_unseen_class_of_a_zero_output_layer_is_healthy():
    """클래스가 64개인 망의 0인 출력층: 배치에 없는 클래스끼리는 기울기가 같지만, 다음 배치에서 갈라집니다."""
    net = MLP([64, 64, 64], "relu", "he_normal", rng=rng())
    net.weights[-1][...] = 0
    assert found(net) == []


def test_a_small_output_layer_is_a_choice():
    net = mlp(5)
    net.weights[-1][...] *= 1e-4
    assert found(net) == []


def test_a_small_last_branch_is_not_an_explosion():
    """LayerScale처럼 옆길의 배율이 아주 작으면 그 안의 δ만 작습니다."""
    branch = [layers.LayerNorm(), layers.Dense(64, "he_normal"), layers.Activate("relu"), layers.Dense(64)]
    parts = [
        layers.Dense(64, "lecun_normal"),
        *[layers.Residual(branch, scale=1e-6)] * 4,
        layers.Dense(10, "lecun_normal"),
    ]
    assert found(Network(parts, (64,), rng=rng())) == []


def test_what_shrinks_before_a_norm_is_restored():
    """층마다 0.3배인 tanh 망도 정규화가 되돌립니다."""
    body = [part for _ in range(6) for part in (layers.Dense(64, initializers.normal(0.04)), layers.Activate("tanh"))]
    top = [layers.Dense(64, "lecun_normal"), layers.Activate("tanh"), layers.Dense(10, "lecun_normal")]
    net = Network([*body, layers.LayerNorm(), *top], (64,), rng=rng())
    assert "vanishing_forward" not in [code for code, _ in found(net)]
    assert "vanishing_forward" in [code for code, _ in found(Network([*body, *top], (64,), rng=rng()))]


def test_a_layer_that_is_large_below_is_not_blamed_on_the_output():
    net = mlp(5)
    net.weights[2][...] *= 6
    assert found(net) == [("output_scale", None)]


@pytest.mark.parametrize("size", [5, 6, 7])
def test_a_large_first_loss_from_below_is_not_blamed_on_the_output(size):
    """평균을 빼지 않은 입력에서는 로짓이 입력마다 그리 다르지 않습니다. 그래도 편향이 민 것이 아닙니다."""
    net = MLP([64, *[100] * 6, 10], "relu", "he_normal", rng=np.random.default_rng([0, 0]))
    net.weights[2] *= size
    data = datasets.load_digits()
    ((code, layer),) = found(net, data.x_train[:64], data.y_train[:64])
    assert (code in ("first_loss", "output_scale"), layer) == (True, None)


def test_a_fan_out_kernel_is_a_choice():
    def by_fan_out(shape, rng):
        return rng.standard_normal(shape) * np.sqrt(2 / initializers.fans(shape)[1])

    assert found(convolution(True, by_fan_out)) == []


def test_units_without_input_are_not_dead():
    """0에서 시작하는 층이 비운 옆길의 ReLU는 첫 걸음 뒤에 켜집니다."""
    branch = [layers.Dense(64, "zeros"), layers.Dense(64, "he_normal"), layers.Activate("relu")]
    net = Network([layers.Residual(branch), layers.Dense(10, "lecun_normal")], (64,), rng=rng())
    assert "dead" not in [code for code, _ in found(net)]


def test_a_few_half_dead_layers_do_not_explain_a_signal_lost_everywhere():
    """기본값으로 깊이 쌓은 망에서는 입력들이 서로 닮아 몇 층의 유닛이 죽지만, 그 층들의 탓이 아닙니다."""
    net = mlp(60, initializer=initializers.variance_scaling(1 / 3, "fan_in", "uniform"))
    net.biases[30][:48] = -20
    codes = [code for code, _ in found(net)]
    assert "dead" in codes
    assert "default" in codes
