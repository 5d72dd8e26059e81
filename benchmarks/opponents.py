"""학습 한 걸음을 견줄 상대: 바닥, `wi_lib.train`, PyTorch, scikit-learn, 평범한 반복문.

상대마다 (자료, 크기)를 받아, 걸음 수를 받는 함수를 돌려줍니다.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from sklearn.neural_network import MLPClassifier

import wi_lib
from benchmarks import plain

try:
    import torch
except ImportError:
    torch = None

BATCH, LEARNING_RATE = 128, 0.01


def draw_batches(data, steps, seed=0):
    """상대에게는 배치 번호를 미리 뽑아 줍니다. wi_lib.train은 재는 시간 안에서 스스로 뽑습니다."""
    return np.random.default_rng(seed).integers(len(data.x_train), size=(steps, BATCH))


def matrix_products(data, sizes, moments=0):
    """바닥: 미리 만든 float32 배열에 행렬 곱만. 순전파 5번, 가중치 기울기 5번, 역전파 4번.

    Adam의 바닥은 여기에, 파라미터와 모멘트(moments = 2)를 한 번씩 읽고 쓰는 것을 더합니다.
    """
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal(shape, dtype=np.float32) / 10 for shape in pairwise(sizes)]
    gradients = [np.empty_like(w) for w in weights]
    outputs = [data.x_train[:BATCH].copy(), *(np.empty((BATCH, n), np.float32) for n in sizes[1:])]
    deltas = [rng.standard_normal((BATCH, n), dtype=np.float32) for n in sizes]
    state = [(np.zeros_like(w), np.zeros_like(w)) for w in weights for _ in range(moments and 1 + moments)]

    def run(steps):
        for _ in range(steps):
            for kept, moved in state:
                np.copyto(kept, moved)
            for x, w, z in zip(outputs, weights, outputs[1:]):
                np.matmul(x, w, out=z)
            for layer in reversed(range(len(weights))):
                np.matmul(outputs[layer].T, deltas[layer + 1], out=gradients[layer])
                if layer:
                    np.matmul(deltas[layer + 1], weights[layer].T, out=deltas[layer])

    return run


def wi_lib_train(data, sizes, optimizer="sgd"):
    net, rng = wi_lib.MLP(sizes, rng=np.random.default_rng(0)), np.random.default_rng(0)
    # 시험 정확도는 호출마다 한 번 재는 것이라 걸음의 비용이 아닙니다. 시험 자료를 줄여 그 잡음을 덜어 냅니다.
    data = replace(data, x_test=data.x_test[:BATCH], y_test=data.y_test[:BATCH])

    settings = {"learning_rate": LEARNING_RATE, "batch_size": BATCH, "optimizer": optimizer}

    def run(steps):
        wi_lib.train(net, data, iterations=steps, rng=rng, **settings)

    return run


def torch_eager(data, sizes, optimizer="SGD"):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = [layer for shape in pairwise(sizes) for layer in (torch.nn.Linear(*shape), torch.nn.ReLU())]
    model, criterion = torch.nn.Sequential(*layers[:-1]), torch.nn.CrossEntropyLoss()
    optimizer = getattr(torch.optim, optimizer)(model.parameters(), lr=LEARNING_RATE)
    x_train, y_train = torch.from_numpy(data.x_train), torch.from_numpy(data.y_train)

    def run(steps):
        losses = np.empty(steps)
        for step, batch in enumerate(torch.from_numpy(draw_batches(data, steps))):
            optimizer.zero_grad()
            loss = criterion(model(x_train[batch]), y_train[batch])
            loss.backward()
            optimizer.step()
            losses[step] = loss.item()

    return run


def scikit_learn(data, sizes):
    model = MLPClassifier(
        sizes[1:-1], solver="sgd", momentum=0, alpha=0, batch_size=BATCH, learning_rate_init=LEARNING_RATE
    )
    classes = np.arange(sizes[-1])

    def run(steps):
        for batch in draw_batches(data, steps):
            model.partial_fit(data.x_train[batch], data.y_train[batch], classes=classes)

    return run


def plain_loop(data, sizes, loss_again):
    network = plain.Network(wi_lib.MLP(sizes, rng=np.random.default_rng(0)).weights)

    def run(steps):
        losses = np.empty(steps)
        for step, batch in enumerate(draw_batches(data, steps)):
            x, labels = data.x_train[batch], data.y_train[batch]
            losses[step] = network.step(x, labels, LEARNING_RATE)
            if loss_again:
                losses[step] = network.loss(x, labels)

    return run


def contestants(data, sizes):
    yield "행렬 곱만(바닥)", matrix_products(data, sizes)
    yield "**`wi_lib.train`**", wi_lib_train(data, sizes)
    if torch:
        yield "PyTorch CPU(eager)", torch_eager(data, sizes)
    yield "scikit-learn `partial_fit`", scikit_learn(data, sizes)
    yield "평범한 float64 반복문", plain_loop(data, sizes, loss_again=False)
    yield "평범한 float64 반복문 + 갱신 뒤 손실 다시 계산", plain_loop(data, sizes, loss_again=True)


def adam_contestants(data, sizes):
    yield "행렬 곱과 모멘트 읽고 쓰기(바닥)", matrix_products(data, sizes, moments=2)
    yield '**`wi_lib.train`**, `optimizer="adam"`', wi_lib_train(data, sizes, optimizer="adam")
    if torch:
        yield "PyTorch CPU(eager), `optim.Adam`", torch_eager(data, sizes, "Adam")
