"""9장 RBM의 학습 한 걸음(CD-1)을, 한 번의 실행 안에서 행렬 곱과 scikit-learn에 견줍니다.

`make bench`가 부릅니다. 재는 방법은 training_step.py와 같고, benchmarks/README.md에 있습니다.
"""

import warnings
from time import perf_counter, process_time

# training_step이 NumPy보다 먼저 BLAS의 스레드 수를 정합니다.
from benchmarks import training_step as bench  # isort: skip
import numpy as np
import sklearn
from sklearn.neural_network import BernoulliRBM

import wi_lib
from benchmarks.machine import machine
from wi_lib import pretraining

HIDDEN, LEARNING_RATE = 256, 0.05
STEPS = 20  # 토막마다


def matrix_products(x):
    """바닥: 미리 만든 float32 배열에 CD-1의 행렬 곱 다섯. v→h, h→v, v→h와 두 기울기."""
    rng = np.random.default_rng(0)
    weights = rng.standard_normal((x.shape[1], HIDDEN), dtype=np.float32) / 100
    v0, v1 = x[: bench.BATCH].copy(), np.empty((bench.BATCH, x.shape[1]), np.float32)
    h0, h1 = (np.empty((bench.BATCH, HIDDEN), np.float32) for _ in range(2))
    positive, negative = np.empty_like(weights), np.empty_like(weights)

    def run(steps):
        for _ in range(steps):
            np.matmul(v0, weights, out=h0)
            np.matmul(h0, weights.T, out=v1)
            np.matmul(v1, weights, out=h1)
            np.matmul(v0.T, h0, out=positive)
            np.matmul(v1.T, h1, out=negative)

    return run


def train_rbm(x):
    rbm, rng = pretraining.RBM(x.shape[1], HIDDEN, rng=np.random.default_rng(0)), np.random.default_rng(0)
    rbm.set_visible_bias(x)
    settings = {"learning_rate": LEARNING_RATE, "batch_size": bench.BATCH, "rng": rng}

    def run(steps):
        pretraining.train_rbm(rbm, x, iterations=steps, **settings)

    return run


def scikit_learn(x):
    """BernoulliRBM은 사슬을 이어 가는 PCD-1입니다: 양의 항에서 한 번, 음의 항에서 두 번 곱하고 기울기가 둘입니다."""
    model = BernoulliRBM(HIDDEN, learning_rate=LEARNING_RATE, batch_size=bench.BATCH, random_state=0)

    def run(steps):
        for batch in np.random.default_rng(0).integers(len(x), size=(steps, bench.BATCH)):
            model.partial_fit(x[batch])

    return run


def same_gradient(x):
    """견주기 전에 확인합니다: 같은 난수로 뽑은 CD-1 기울기가 배열식 그대로 옮긴 float64 계산과 같은가."""
    rbm = pretraining.RBM(x.shape[1], HIDDEN, rng=np.random.default_rng(0), std=0.1)
    (w, b, c), v0, rng = (p.astype(np.float64) for p in rbm.parameters), x[: bench.BATCH], np.random.default_rng(1)

    def sample(p):
        return rng.random(p.shape, dtype=np.float32) < p

    p0 = 1 / (1 + np.exp(-v0 @ w - c))
    v1 = sample(1 / (1 + np.exp(-(sample(p0) @ w.T) - b)))
    p1 = 1 / (1 + np.exp(-(v1 @ w) - c))
    expected = (v0.T @ p0 - v1.T @ p1) / len(v0)
    found = rbm.contrastive_divergence(v0, rng=np.random.default_rng(1)).weights
    # 확률과 난수가 float32의 마지막 자리에서 겹치면 유닛 하나의 표본이 달라질 수 있습니다.
    assert np.mean(np.abs(found - expected) > 1e-5) < 0.01


def main():
    warnings.simplefilter("error")
    data = wi_lib.datasets.load_mnist(fallback=True)
    x = data.x_train
    same_gradient(x)
    runs = {
        "행렬 곱만(바닥)": matrix_products(x),
        "**`wi_lib.pretraining.train_rbm`**": train_rbm(x),
        "scikit-learn `BernoulliRBM.partial_fit`": scikit_learn(x),
    }
    wall, cpu = perf_counter(), process_time()
    costs = bench.measure(runs, STEPS)
    print(f"RBM의 학습 한 걸음: {data.name}, {x.shape[1]} × {HIDDEN}유닛, 배치 {bench.BATCH}, CD-1\n")
    print(*bench.table(costs, "RBM의 학습 한 걸음", next(iter(runs))), sep="\n")
    waited = 1 - (process_time() - cpu) / (perf_counter() - wall)
    print(
        f"\n- 다른 작업에 밀려 기다린 시간: {waited:.0%}\n- {bench.ROUNDS}라운드, 라운드마다 {bench.SLICES * STEPS}걸음"
    )
    print(f"- {machine()}\n- NumPy {np.__version__}, {bench.blas()}, scikit-learn {sklearn.__version__}")


if __name__ == "__main__":
    main()
