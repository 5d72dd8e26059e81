"""첫 손실과 되돌릴 신호가 수치 미분과 같고, 맞지 않는 레이블은 우리말로 거절합니다."""

import numpy as np
import pytest

from wi_lib.diagnosis.losses import top


def numeric(outputs, labels, rng):
    """손실의 수치 미분."""
    slope = np.zeros_like(outputs)
    for place in np.ndindex(*outputs.shape):
        moved = [outputs.copy(), outputs.copy()]
        moved[0][place] += 1e-5
        moved[1][place] -= 1e-5
        slope[place] = (top(moved[0], labels, rng)[0] - top(moved[1], labels, rng)[0]) / 2e-5
    return slope


CASES = {
    "교차 엔트로피": ((4, 3), np.array([0, 2, 1, 1])),
    "자리마다의 교차 엔트로피": ((2, 3, 4), np.array([[0, 1, 3], [2, 2, 0]])),
    "로지스틱": ((4, 1), np.array([0, 1, 1, 0])),
    "제곱 오차": ((4, 3), np.arange(12.0).reshape(4, 3)),
}


@pytest.mark.parametrize(("shape", "labels"), CASES.values(), ids=CASES)
def test_cotangent_is_the_derivative_of_the_loss(shape, labels):
    rng = np.random.default_rng(0)
    outputs = rng.standard_normal(shape)
    np.testing.assert_allclose(top(outputs, labels, rng)[2], numeric(outputs, labels, rng), atol=1e-8)


def test_probabilities_are_known_as_such():
    outputs = np.full((6, 4), 0.25)
    loss, expected, slope = top(outputs, np.array([0, 1, 2, 3, 0, 1]), np.random.default_rng(0))
    assert loss == pytest.approx(np.log(4))
    assert expected == pytest.approx(np.log(4))
    assert slope[0].tolist() == pytest.approx([-4 / 6, 0, 0, 0])


def test_one_output_is_a_probability_only_after_a_sigmoid():
    zero, labels, rng = np.zeros((4, 1)), np.array([0, 1, 1, 0]), np.random.default_rng(0)
    assert top(zero, labels, rng)[0] == pytest.approx(np.log(2))
    assert top(zero + 0.9, np.ones(4, int), rng)[0] == pytest.approx(np.log1p(np.exp(-0.9)))
    assert top(zero + 0.9, np.ones(4, int), rng, "sigmoid")[0] == pytest.approx(-np.log(0.9))


def test_knowing_nothing_costs_the_log_of_the_classes_or_half_the_variance():
    rng = np.random.default_rng(0)
    targets = np.array([[1.0], [3.0]])
    assert top(np.zeros((2, 7)), np.array([0, 1]), rng)[1] == pytest.approx(np.log(7))
    assert top(np.zeros((2, 1)), np.array([0, 1]), rng)[1] == pytest.approx(np.log(2))
    assert top(np.zeros((2, 1)), targets, rng)[1] == pytest.approx(0.5)


def test_without_labels_a_random_signal_of_unit_variance_goes_back():
    loss, expected, slope = top(np.zeros((200, 50)), None, np.random.default_rng(0))
    assert (loss, expected) == (None, None)
    assert slope.std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("shape", "labels", "said"),
    [
        ((4, 3), np.array([0, 1, 2, 3]), "0 이상 3 미만"),
        ((4, 3), np.array([0, 1, -1, 2]), "최솟값 -1"),
        ((4, 3), np.array([0, 1]), r"모양이 \(4,\)"),
        ((4, 3), np.zeros((4, 2)), r"\(4, 3\)"),
        ((4, 1), np.array([0, 1, 2, 1]), "0이나 1"),
        ((4, 1), np.array([0, 1]), "출력마다"),
        ((4, 3), np.array(["가", "나", "다", "라"]), "`labels`에는 정수나 실수"),
        ((4, 3), np.asarray({"y": 3}), "`labels`에는 정수나 실수"),
    ],
)
def test_labels_that_do_not_fit_are_refused(shape, labels, said):
    with pytest.raises((TypeError, ValueError), match=said):
        top(np.zeros(shape), labels, np.random.default_rng(0))


def test_true_and_false_are_two_classes():
    outputs, rng = np.random.default_rng(0).standard_normal((4, 2)), np.random.default_rng(0)
    assert top(outputs, np.array([True, False, True, True]), rng)[0] == top(outputs, np.array([1, 0, 1, 1]), rng)[0]


def test_a_model_that_answers_with_one_number_is_refused():
    with pytest.raises(ValueError, match="`model`"):
        top(np.float32(3), None, np.random.default_rng(0))


@pytest.mark.parametrize("labels", [[0, 1, 1, 0], [1, 1, 1, 1]])
def test_one_output_that_is_a_probability_is_taken_as_such(labels):
    p, labels = np.array([[0.2], [0.7], [0.5], [0.9]]), np.array(labels)
    loss, _, slope = top(p, labels, np.random.default_rng(0), "sigmoid")
    true = labels[:, None]
    assert loss == pytest.approx(-np.mean(true * np.log(p) + (1 - true) * np.log(1 - p)))
    np.testing.assert_allclose(slope, (p - true) / (p * (1 - p)) / 4)
