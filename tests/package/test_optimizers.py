"""최적화기: 알려진 값 하나씩, 상태, 그리고 torch가 있으면 걸음마다 torch와 같은지(`make parity`).

여러 걸음을 논문의 식과 견주는 시험은 test_training.py에 있습니다.
"""

import copy
import dataclasses
import pickle

import numpy as np
import pytest

from wi_lib import optimizers

STEPS, SHAPES = 200, [(5, 4), (4,), (4, 3), (3,)]


def parameters_and_gradients(dtype=np.float64):
    """처음 파라미터와, 걸음마다의 기울기. 크기는 1e-6에서 1e2까지 파라미터마다 다릅니다."""
    rng = np.random.default_rng(0)
    start = [rng.standard_normal(shape).astype(dtype) for shape in SHAPES]
    sizes = [1e-6, 1e-2, 1.0, 1e2]
    return start, [[(c * rng.standard_normal(s)).astype(dtype) for c, s in zip(sizes, SHAPES)] for _ in range(STEPS)]


def walk(optimizer, start, gradients, rate):
    """걸음마다의 파라미터."""
    w = copy.deepcopy(start)
    step, path = optimizer.start(w, rate), []
    for g in copy.deepcopy(gradients):
        assert step(g) is None
        path.append(copy.deepcopy(w))
    return path


def test_the_first_step_of_adam_is_the_rate():
    """첫 걸음은 기울기의 크기와 상관없이 부호 × 학습률입니다. 기울기가 ε만큼 작으면 절반입니다."""
    start, [first, *_] = parameters_and_gradients()
    for w, moved, g in zip(start, walk(optimizers.Adam(epsilon=1e-30), start, [first], 0.01)[0], first):
        np.testing.assert_allclose(moved - w, -0.01 * np.sign(g), rtol=1e-9)
    [[half]] = walk(optimizers.Adam(), [np.zeros(1)], [[np.array([1e-8])]], 0.01)
    assert half == pytest.approx([-0.005], rel=1e-9)


def test_momentum_reaches_ten_times_the_step_of_sgd():
    gradients = [[np.ones(1)]] * 200
    path = np.ravel(walk(optimizers.Momentum(beta=0.9), [np.zeros(1)], gradients, 0.01))
    assert path[1] == pytest.approx(-0.029)
    assert path[-2] - path[-1] == pytest.approx(0.01 / (1 - 0.9))


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_weight_decay_alone_shrinks_by_the_same_factor(name):
    """기울기가 0이면 어느 최적화기에서나 걸음마다 1 − ηλ배입니다: 감쇠는 기울기의 평균에 섞이지 않습니다."""
    start, _ = parameters_and_gradients()
    still = [[np.zeros(shape) for shape in SHAPES]] * 3
    path = walk(optimizers.OPTIMIZERS[name](weight_decay=0.5), start, still, 0.1)
    for w, moved in zip(start, path[-1]):
        np.testing.assert_allclose(moved, 0.95**3 * w, rtol=1e-12)


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_settings_are_plain_values(name):
    optimizer = optimizers.get(name)
    assert optimizers.get(optimizer) is optimizer
    assert pickle.loads(pickle.dumps(optimizer)) == optimizer
    assert all(type(value) is float for value in vars(optimizer).values())
    with pytest.raises(dataclasses.FrozenInstanceError):
        optimizer.weight_decay = 0.1


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_float32_parameters_stay_float32(name):
    start, gradients = parameters_and_gradients(np.float32)
    assert {w.dtype for step in walk(optimizers.get(name), start, gradients, 0.01) for w in step} == {np.dtype("f4")}


TORCH = {
    "SGD": (optimizers.SGD(), lambda torch, p: torch.optim.SGD(p, lr=0.1)),
    # SGD의 감쇠는 손실에 더한 것과 같고, 그것이 torch의 weight_decay입니다.
    "SGD, 감쇠": (optimizers.SGD(0.1), lambda torch, p: torch.optim.SGD(p, lr=0.1, weight_decay=0.1)),
    "Momentum": (optimizers.Momentum(), lambda torch, p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    "Adam": (optimizers.Adam(), lambda torch, p: torch.optim.Adam(p, lr=0.1)),
    "Adam, 감쇠": (optimizers.Adam(weight_decay=0.1), lambda torch, p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.1)),
    "Adam, 다른 값": (
        optimizers.Adam(0.5, 0.9, 1e-3),
        lambda torch, p: torch.optim.Adam(p, lr=0.1, betas=(0.5, 0.9), eps=1e-3),
    ),
}


@pytest.mark.parametrize("name", TORCH)
def test_torch_takes_the_same_steps(name):
    torch = pytest.importorskip("torch")
    ours, make = TORCH[name]
    start, gradients = parameters_and_gradients()
    theirs = [torch.nn.Parameter(torch.from_numpy(w.copy())) for w in start]
    optimizer = make(torch, theirs)
    for step, (path, grads) in enumerate(zip(walk(ours, start, gradients, 0.1), gradients)):
        for p, g in zip(theirs, grads):
            p.grad = torch.from_numpy(g.copy())
        optimizer.step()
        for mine, p in zip(path, theirs):
            np.testing.assert_allclose(mine, p.detach().numpy(), rtol=1e-10, atol=1e-12, err_msg=f"{step}걸음")


@pytest.mark.parametrize("name", optimizers.OPTIMIZERS)
def test_one_rate_for_each_parameter(name):
    """파라미터 하나씩을 저마다의 학습률로 따로 옮긴 것과 같고, 배율이 0이면 그대로입니다."""
    start, gradients = parameters_and_gradients()
    factors = [1, 0.25, 0, 3.0]
    together = walk(optimizers.PerParameter(name, factors), start, gradients, 0.01)[-1]
    for i, factor in enumerate(factors):
        if not factor:
            assert (together[i] == start[i]).all()
            continue
        alone = walk(optimizers.get(name), [start[i]], [[g[i]] for g in gradients], 0.01 * factor)[-1]
        assert (together[i] == alone[0]).all()
    with pytest.raises(ValueError, match=r"`factors`에는 파라미터의 수와 같은 4개인"):
        optimizers.PerParameter(name, [1, 1]).start(start, 0.01)
    with pytest.raises(TypeError, match="`factors`에는"):
        optimizers.PerParameter(name, np.array(0.5))
